"""Which sealed backups can be opened, with which secret, and the opening itself.

The secret is the answer to an open question, like a date order, but never kept: it lives in memory,
goes to the child process over its standard input, and is not shown, logged, stored or packaged.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from archiver.errors import InputRefused
from archiver.intake.chat import (
    open_signal_android,
    open_signal_desktop,
    open_signal_local,
    open_threema,
    open_whatsapp,
)
from archiver.intake.chat.sealed import kind_of
from archiver.intake.protocol import Limits

_OPEN: dict[str, Callable[[Path, str, Path, Limits], None]] = {
    "whatsapp_crypt": open_whatsapp.unseal,
    "signal_backup": open_signal_android.unseal,
    "signal_map": open_signal_local.unseal,
    "signal_desktop": open_signal_desktop.unseal,
    "threema_backup": open_threema.unseal,
}


def can_open(path: Path) -> str | None:
    """Give the kind of a sealed file that a key can open; None for anything else. Raises OSError."""
    with path.open("rb") as stream:
        kind = kind_of(path, stream.read(65_536))
    return kind if kind in _OPEN else None


def unseal(path: Path, key: str, target: Path, limits: Limits) -> None:
    """Write the content of a sealed file as a derived zip to the new file `target`.

    Raises `InputRefused` (the key has the wrong form or is wrong, the file is damaged or unknown) and
    OSError. Nothing is left at `target` then.
    """
    kind = can_open(path)
    if kind is None:
        raise InputRefused("chat.verzegeld_onbekend", {"naam": path.name}, path.name)
    _OPEN[kind](path, key, target, limits)
