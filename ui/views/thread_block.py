"""Gesprek: what belongs to the message that is shown. Compact; the messages themselves open in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui import a11y
from ui.theme import META, px
from ui.views.controls import Button, ElidedText, Mark, Text, clear
from ui.words import moment, n, t

if TYPE_CHECKING:
    from archiver.services.pieces import Pieces
    from archiver.services.related import Related, Relative

_MOST_SHOWN = 50
_MOST_COPIES = 3


class ThreadBlock(QWidget):
    """Not there when nothing belongs to the message. `show_related` fills it."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, px(14), 0, 0)
        column.setSpacing(px(6))
        head = QHBoxLayout()
        head.addWidget(Text(t("samenhang.kop"), weight=600))
        head.addStretch(1)
        self.button = Button(t("samenhang.tonen"), "quiet")
        self.button.clicked.connect(self.toggle)
        head.addWidget(self.button)
        column.addLayout(head)
        self._count = _Line("mail", "")
        column.addWidget(self._count)
        self._list = QWidget()
        self._messages = QVBoxLayout(self._list)
        self._messages.setContentsMargins(px(24), 0, px(8), px(4))
        self._messages.setSpacing(px(4))
        column.addWidget(self._list)
        self._lines = QVBoxLayout()
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(px(6))
        column.addLayout(self._lines)
        self._open = False
        self._related: Related | None = None
        self.show_related(None)

    @property
    def words(self) -> tuple[str, ...]:
        """The lines as they are spoken."""
        return tuple(label.text() for label in self.findChildren(Text) if label.isVisibleTo(self))

    def show_related(self, related: Related | None, pieces: Pieces | None = None) -> None:
        """Show what belongs to the message; nothing at all when nothing does."""
        self._related = related
        self._open = False
        clear(self._lines)
        clear(self._messages)
        shown = related is not None and (not related.alone or pieces is not None)
        self.setVisible(shown)
        if related is None or not shown:
            return
        thread = related.thread
        if thread:
            key = "samenhang.reeks_meer" if related.more else "samenhang.reeks"
            words = t(key, n=len(thread)) if related.more else n(key, len(thread))
            self._count.words.setText(words)
        self._count.setVisible(bool(thread))
        for copy in related.copies[:_MOST_COPIES]:
            key = "samenhang.kopie" if copy.owner else "samenhang.kopie_in"
            self._lines.addWidget(_Line("persoon", t(key, naam=copy.owner or copy.container)))
        if (rest := len(related.copies) - _MOST_COPIES) > 0:
            self._lines.addWidget(_Line("persoon", n("samenhang.kopieen", rest)))
        if related.duplicates:
            names = ", ".join(dict.fromkeys(d.container for d in related.duplicates[:_MOST_COPIES]))
            self._lines.addWidget(_Line("dossier", t("samenhang.dubbel", naam=names)))
        if related.gaps:
            self._lines.addWidget(_Line("onbekend", n("samenhang.ontbreekt", len(related.gaps))))
        if pieces is not None:
            self._lines.addWidget(_piece_line(pieces))
        self.button.setVisible(bool(thread))
        self._show_open()

    def toggle(self) -> None:
        """Show or hide the messages of the conversation."""
        self._open = not self._open
        if self._open and not self._messages.count() and self._related is not None:
            thread = self._related.thread
            for one in thread[:_MOST_SHOWN]:
                self._messages.addWidget(_message(one))
            if (rest := len(thread) - _MOST_SHOWN) > 0:
                self._messages.addWidget(Text(n("samenhang.te_veel", rest), ink="secondary"))
        self._show_open()
        if self._open:
            a11y.announce(self, " ".join(self.words))

    def _show_open(self) -> None:
        self._list.setVisible(self._open)
        self.button.setText(t("samenhang.verbergen" if self._open else "samenhang.tonen"))


class _Line(QWidget):
    """An icon and a sentence."""

    def __init__(self, icon: str, words: str, ink: str = "secondary") -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, px(8), 0)
        row.setSpacing(px(8))
        row.addWidget(Mark(icon, ink, 16), 0, Qt.AlignmentFlag.AlignTop)
        self.words = Text(words, wrap=True)
        row.addWidget(self.words, 1)


def _message(one: Relative) -> ElidedText:
    who = one.sender or t("lijst.geen_afzender")
    title = one.title or t("lijst.geen_onderwerp")
    words = ElidedText("", ratio=META)
    words.setText(t("samenhang.regel", wanneer=moment(one.date, year=True), wie=who, titel=title))
    return words


def _piece_line(pieces: Pieces) -> _Line:
    of = pieces.total if pieces.total is not None else "?"
    words = t(
        f"samenhang.stuk_{pieces.state}", nummer=pieces.number, totaal=of, er=len(pieces.present)
    )
    icon, ink = ("besloten", "ok") if pieces.whole else ("uitzondering", "warn")
    return _Line(icon, words, ink)
