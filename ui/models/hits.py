"""The rows of a list that hold what is looked for, found a few milliseconds at a time."""

from __future__ import annotations

import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator

from PySide6.QtCore import QObject, QTimer, Signal

_SLICE_SECONDS = 0.01  # a window that has 100 ms stays smooth; a short list is done in one slice


class Hits(QObject):
    """`rows` rise. `found` tells that every row was looked at; a new question drops the old one."""

    found = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.rows: list[int] = []
        self._left: Iterator[int] = iter(())
        self._holds: Callable[[int], bool] = bool
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._slice)

    @property
    def busy(self) -> bool:
        """Tell whether there are rows left to look at."""
        return self._timer.isActive()

    def look(self, count: int, holds: Callable[[int], bool]) -> None:
        """Look at the first `count` rows; `holds` tells of a row whether it is a hit."""
        self.rows, self._left, self._holds = [], iter(range(count)), holds
        self._timer.start()
        self._slice()

    def stop(self) -> None:
        """Look no further."""
        self._timer.stop()

    def _slice(self) -> None:
        end = time.monotonic() + _SLICE_SECONDS
        for row in self._left:
            if self._holds(row):
                self.rows.append(row)
            if time.monotonic() >= end:
                return
        self._timer.stop()
        self.found.emit()

    def near(self, row: int, step: int) -> int | None:
        """Give the next (1) or previous (-1) hit, round the end; None when there is none."""
        if not self.rows:
            return None
        at = bisect_right(self.rows, row) if step > 0 else bisect_left(self.rows, row) - 1
        return self.rows[at % len(self.rows)]

    def number_of(self, row: int) -> int:
        """Give the number of the hit in a row, from 1; 0 when it is none."""
        at = bisect_left(self.rows, row)
        return at + 1 if at < len(self.rows) and self.rows[at] == row else 0
