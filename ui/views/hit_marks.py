"""How words that were found are marked: a tint with a line under it, in what is painted and what is read."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QFontMetricsF, QPainter
from PySide6.QtWidgets import QTextBrowser

from archiver.folding import spans
from ui.theme import px, theme

HIT = "treffer"  # the class of what was found, and its name to scroll to
_BEFORE = (16, 8, 0)  # characters that stay in sight before a hit, as many as there is room for
Spans = Sequence[tuple[int, int]]


def in_lines(lines: Sequence[str], folded: str) -> list[Spans]:
    """Give per line where what was found stands; it may go on in the next line."""
    found = spans(" ".join(lines), folded)
    made: list[Spans] = []
    start = 0
    for line in lines:
        end = start + len(line)
        here = [(max(a, start) - start, min(b, end) - start) for a, b in found if a < end]
        made.append([(a, b) for a, b in here if b > a])
        start = end + 1
    return made


def paint_marks(painter: QPainter, box: QRectF, text: str, found: Spans) -> None:
    """Paint the ground of what was found in a line of text at the left of `box`; the text comes after."""
    if not found:
        return
    metrics, now = QFontMetricsF(painter.font()), theme()
    high = metrics.height()
    for start, end in found:
        left = box.left() + metrics.horizontalAdvance(text[:start])
        if left >= box.right():
            break
        wide = box.left() + metrics.horizontalAdvance(text[:end]) - left
        place = QRectF(left - 1, box.center().y() - high / 2, wide + 2, high)
        ground = place.intersected(box.adjusted(-1, 0, 0, 0)).toAlignedRect()
        painter.fillRect(ground, QColor(now.warn_fill))
        ground.setTop(ground.bottom() - px(2) + 1)
        painter.fillRect(ground, QColor(now.warn))


def from_hit(text: str, folded: str, metrics: QFontMetricsF, width: float) -> str:
    """Give the text from just before what was found, when that would not be seen otherwise."""
    found = spans(text, folded)
    if not found:
        return text
    start, end = found[0]
    for before in (start, *_BEFORE):
        begin = max(0, start - before)
        mark = "…" if begin else ""
        if metrics.horizontalAdvance(f"{mark}{text[begin:end]}…") <= width:
            break
    return mark + text[begin:]


def html_of(text: str, found: Spans) -> str:
    """Give a text as HTML in which what was found is marked, in the style of `html_style`."""
    made, end = [], 0
    for start, after in found:
        hit = f"<a name='{HIT}'></a><span class='{HIT}'>{escape(text[start:after])}</span>"
        made += [escape(text[end:start]), hit]
        end = after
    return "".join((*made, escape(text[end:]))).replace("\n", "<br>")


def html_style() -> str:
    """Give the style of what was found, as HTML writes it."""
    now = theme()
    return (
        f".{HIT} {{ background-color: {now.warn_fill}; color: {now.text};"
        " text-decoration: underline; }"
    )


def to_hit(browser: QTextBrowser) -> None:
    """Scroll to the first that was found, with what stands just above it in sight."""
    browser.scrollToAnchor(HIT)
    bar = browser.verticalScrollBar()
    bar.setValue(bar.value() - px(48))
