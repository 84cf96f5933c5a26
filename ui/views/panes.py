"""F6: round the parts of the window, and back with Shift."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QApplication, QWidget

Stop = tuple[QWidget, Callable[[], None]]  # a part of the window, and how it takes the focus


def go_round(stops: Sequence[Stop], step: int) -> None:
    """Give the focus to the next (1) or previous (-1) part, seen from where it is now."""
    focus = QApplication.focusWidget()
    inside = [
        (_depth(pane, focus), place)
        for place, (pane, _) in enumerate(stops)
        if focus is not None and (pane is focus or pane.isAncestorOf(focus))
    ]
    here = min(inside)[1] if inside else 0
    stops[(here + step) % len(stops)][1]()


def _depth(pane: QWidget, focus: QWidget | None) -> int:
    """Count the steps up: of parts that lie in each other the inner one counts."""
    steps = 0
    while focus is not None and focus is not pane:
        focus, steps = focus.parentWidget(), steps + 1
    return steps
