"""What became of each message of a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum


class Fate(StrEnum):
    """What became of one message."""

    OPGENOMEN = "opgenomen"
    EERDER = "eerder"
    NIET_GEKOZEN = "niet_gekozen"
    GEWEIGERD = "geweigerd"


_FATES = tuple(Fate)
_CODES = {fate: code for code, fate in enumerate(_FATES, 1)}


class Fates(Mapping[int, Fate]):
    """The fate of every message of one file by its index: one byte for each, of a million too."""

    def __init__(self) -> None:
        self._codes = bytearray()

    def note(self, index: int, fate: Fate) -> None:
        """Write down the fate of a message; a later one takes its place."""
        if index >= len(self._codes):
            self._codes.extend(bytes(index + 1 - len(self._codes)))
        self._codes[index] = _CODES[fate]

    def count(self, fate: Fate) -> int:
        """Count the messages with this fate."""
        return self._codes.count(_CODES[fate])

    def __getitem__(self, index: int) -> Fate:
        code = self._codes[index] if 0 <= index < len(self._codes) else 0
        if not code:
            raise KeyError(index)
        return _FATES[code - 1]

    def __iter__(self) -> Iterator[int]:
        return (index for index, code in enumerate(self._codes) if code)

    def __len__(self) -> int:
        return len(self._codes) - self._codes.count(0)
