"""The hidden folder beside a target in which one process writes a delivery.

Its name is new for every run, so that two work folders with one target do not meet. Its owner holds
an operating-system lock in it, which goes away with the process, also after kill -9: what has no owner
any more is swept by the next run with that target, what has one is left alone.
"""

from __future__ import annotations

import contextlib
import errno
import secrets
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

if sys.platform != "win32":
    import fcntl
else:
    import msvcrt

SUFFIX = ".bezig"
CONTENT, LOCK = "pakket", "slot"
_TRIES = 10
_HELD = frozenset({errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK, errno.EDEADLK})


@dataclass(frozen=True, slots=True)
class Hidden:
    """A hidden folder of ours; `content` is where the delivery is written."""

    base: Path
    content: Path
    lock: BinaryIO


def take(target: Path) -> Hidden:
    """Sweep what was left behind for this target and make a place of our own. Raises OSError."""
    if not target.parent.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
    _sweep(target)
    for _ in range(_TRIES):
        base = target.with_name(f".{target.name}.{secrets.token_hex(4)}{SUFFIX}")
        base.mkdir()
        try:
            lock = (base / LOCK).open("xb")
        except FileNotFoundError:
            continue  # swept by another run between these two lines
        try:
            if _locked(lock) is False:
                lock.close()  # likewise: it holds the lock and takes the folder away
                continue
            (base / CONTENT).mkdir()
        except OSError:
            lock.close()
            continue
        return Hidden(base, base / CONTENT, lock)
    raise OSError(errno.EBUSY, "no place of our own", str(target))


def give_back(hidden: Hidden) -> None:
    """Take away our own hidden folder with all that is still in it."""
    shutil.rmtree(hidden.content, ignore_errors=True)
    hidden.lock.close()  # Windows keeps a file that is open
    shutil.rmtree(hidden.base, ignore_errors=True)


def _sweep(target: Path) -> None:
    start, middle = f".{target.name}.", 2 * 4
    for base in target.parent.iterdir():
        own = base.name.removeprefix(start).removesuffix(SUFFIX)
        if base.name == f"{start}{own}{SUFFIX}" and len(own) == middle and not base.is_symlink():
            # A folder that goes away meanwhile was swept by somebody else.
            with contextlib.suppress(OSError):
                _sweep_one(base)


def _sweep_one(base: Path) -> None:
    try:
        lock = (base / LOCK).open("r+b")
    except FileNotFoundError:
        base.rmdir()  # made and not filled: only when it is empty
        return
    with lock:
        if not _locked(lock):
            return  # somebody is at work there, or nobody can tell
        shutil.rmtree(base / CONTENT, ignore_errors=True)
    shutil.rmtree(base, ignore_errors=True)


def _locked(stream: BinaryIO) -> bool | None:
    """Lock, without waiting. False when another holds it, None where the disk knows no locks."""
    try:
        if sys.platform != "win32":
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
    except OSError as error:
        return False if error.errno in _HELD else None
    return True
