"""Where the differences of a long list are, and which of its places are shown when it is filtered."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(slots=True)
class Differences:
    """`places` are those of the differences, rising, in a list of `total`; `only` shows these alone.

    A *place* is one in the whole list, a *row* one in what is shown.
    """

    total: int = 0
    places: Sequence[int] = ()
    only: bool = False

    @property
    def rows(self) -> int:
        """Count what is shown."""
        return len(self.places) if self.only else self.total

    def place(self, row: int) -> int:
        """Give the place that is shown in a row."""
        return self.places[row] if self.only else row

    def row(self, place: int) -> int | None:
        """Give the row of a place, the nearest after it when it is filtered out; None when empty."""
        if not self.only:
            return place
        at = min(bisect_left(self.places, place), len(self.places) - 1)
        return at if at >= 0 else None

    def next(self, row: int, step: int) -> int | None:
        """Give the row of the next (1) or previous (-1) difference; None at the end."""
        if self.only:
            found = row + step
            return found if 0 <= found < len(self.places) else None
        at = bisect_right(self.places, row) if step > 0 else bisect_left(self.places, row) - 1
        return self.places[at] if 0 <= at < len(self.places) else None

    def number_of(self, row: int) -> int:
        """Give the number of the difference in a row, from 1; 0 when it is none."""
        if not 0 <= row < self.rows:
            return 0
        if self.only:
            return row + 1
        at = bisect_left(self.places, row)
        here = at < len(self.places) and self.places[at] == row
        return at + 1 if here else 0
