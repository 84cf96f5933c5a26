"""The bytes of a message that is no slice of its container: which module makes them, by the place.

A place is a scheme and what the module itself wrote behind it: ``pst:0x200024``.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Protocol, cast

from archiver.errors import InputRefused

_MODULES = {
    "pst": "archiver.intake.pst",
    "olm": "archiver.intake.olm",
    "zip": "archiver.intake.zip_of_mail",
}


class Container(Protocol):
    """A parser module whose messages have a place."""

    @staticmethod
    def message_bytes(path: Path, place: str) -> bytes:
        """Give the bytes of the message at this place, the same as at intake."""


def message_bytes(path: Path, place: str) -> bytes:
    """Give the bytes of the message at `place` of the container `path`.

    Raises `InputRefused` when the container has no such message, and OSError.
    """
    name = _MODULES.get(place.partition(":")[0])
    if name is None:
        raise InputRefused("container.plaats_onbekend", {"plaats": place})
    return cast("Container", importlib.import_module(name)).message_bytes(path, place)
