"""Keep Python's memory from stopping the window.

A full collection walks every object while no thread can do anything: 130 ms with 12,000 messages on
the desk, measured, and growing with them. The lines of the list hold no cycles, so nothing is lost by
leaving them out (`gc.freeze`); young objects are collected as always, in a few milliseconds.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable

from PySide6.QtCore import QObject, QTimer

_PORTION = 1_000
_YOUNG, _MIDDLE, _NEVER = 2_000, 10, 1_000_000_000


def quiet() -> None:
    """Leave out what is loaded at the start, and never walk everything by itself."""
    if gc.get_threshold()[2] != _NEVER:
        gc.freeze()
        gc.set_threshold(_YOUNG, _MIDDLE, _NEVER)


def settle() -> None:
    """Collect what is young, then leave out what is still there: many lines came, or work ended."""
    gc.collect(1)
    gc.freeze()


class Settler:
    """Settles each time enough lines have come."""

    def __init__(self) -> None:
        self._new = 0

    def grew(self, count: int) -> None:
        """Tell that lines came."""
        self._new += count
        if self._new >= _PORTION:
            self._new = 0
            settle()


class Retired(QObject):
    """Gives the memory of lines back bit by bit: 100,000 at once would stop the window."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._held: list[object] = []
        self._timer = QTimer(self)
        self._timer.setInterval(5)
        self._timer.timeout.connect(self._drop)

    def take(self, lines: Iterable[object]) -> None:
        """Hold these until their turn comes."""
        self._held.extend(lines)
        self._timer.start()

    @property
    def empty(self) -> bool:
        """Tell whether all is given back."""
        return not self._held

    def _drop(self) -> None:
        del self._held[-_PORTION:]
        if not self._held:
            self._timer.stop()
