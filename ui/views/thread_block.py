"""Gesprek: what belongs to the message that is shown. Compact; a line goes to the message it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QHBoxLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ui import a11y
from ui.theme import BODY, META, font, px, theme
from ui.views.controls import Button, Mark, Text, clear
from ui.words import moment, n, t, tip

if TYPE_CHECKING:
    from archiver.services.pieces import Pieces
    from archiver.services.related import Related, Relative

_MOST_SHOWN = 50
_MOST_COPIES = 3


class MessageLine(QAbstractButton):
    """One line that goes to the message it names; it ends in … when it does not fit."""

    def __init__(self, words: str, ratio: float = BODY) -> None:
        super().__init__()
        self.setText(words)
        self.setFont(font(ratio))
        a11y.name(self, t("samenhang.ga_naar", bericht=words))
        self.setToolTip(tip(words))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """As high as the smallest target."""
        return QSize(px(120), px(24))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes there as the space bar does."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The words in the colour of a link, underlined under the pointer, and the focus."""
        now = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        used = self.font()
        used.setUnderline(self.underMouse())
        painter.setFont(used)
        painter.setPen(QColor(now.accent))
        room = self.rect().adjusted(px(4), 0, -px(4), 0)
        fits = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, fits)
        if self.hasFocus():
            painter.setPen(QPen(QColor(now.accent), 2))
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), px(5), px(5))
        painter.end()


class ThreadBlock(QWidget):
    """Not there when nothing belongs to the message. `wanted` carries the id of a message to go to."""

    wanted = Signal(str)

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
        self._messages.setContentsMargins(px(20), 0, px(8), px(4))
        self._messages.setSpacing(0)
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
        lines = (w for w in self.findChildren(QWidget) if isinstance(w, Text | MessageLine))
        return tuple(line.text() for line in lines if line.isVisibleTo(self))

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
            words = t(key, naam=copy.owner or copy.container)
            self._lines.addWidget(_Line("persoon", words, go=self._link(copy, words)))
        if (rest := len(related.copies) - _MOST_COPIES) > 0:
            self._lines.addWidget(_Line("persoon", n("samenhang.kopieen", rest)))
        if related.duplicates:
            names = ", ".join(dict.fromkeys(d.container for d in related.duplicates[:_MOST_COPIES]))
            words = t("samenhang.dubbel", naam=names)
            one = related.duplicates[0] if len(related.duplicates) == 1 else None
            go = self._link(one, words) if one is not None else None
            self._lines.addWidget(_Line("dossier", words, go=go))
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
                self._messages.addWidget(self._link(one, _words(one), META))
            if (rest := len(thread) - _MOST_SHOWN) > 0:
                self._messages.addWidget(Text(n("samenhang.te_veel", rest), ink="secondary"))
        self._show_open()
        if self._open:
            a11y.announce(self, " ".join(self.words))

    def _link(self, one: Relative, words: str, ratio: float = BODY) -> MessageLine:
        made = MessageLine(words, ratio)
        made.clicked.connect(lambda _=False, id_=one.id: self.wanted.emit(id_))
        return made

    def _show_open(self) -> None:
        self._list.setVisible(self._open)
        self.button.setText(t("samenhang.verbergen" if self._open else "samenhang.tonen"))


class _Line(QWidget):
    """An icon and a sentence, or a line that goes to a message."""

    def __init__(
        self, icon: str, words: str, ink: str = "secondary", *, go: MessageLine | None = None
    ) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, px(8), 0)
        row.setSpacing(px(8))
        mark = Mark(icon, ink, 16)
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        if go is not None:
            row.setSpacing(px(4))
            row.setAlignment(mark, Qt.AlignmentFlag.AlignVCenter)
            row.addWidget(go, 1)
            return
        self.words = Text(words, wrap=True)
        row.addWidget(self.words, 1)


def _words(one: Relative) -> str:
    who = one.sender or t("lijst.geen_afzender")
    title = one.title or t("lijst.geen_onderwerp")
    return t("samenhang.regel", wanneer=moment(one.date, year=True), wie=who, titel=title)


def _piece_line(pieces: Pieces) -> _Line:
    of = pieces.total if pieces.total is not None else "?"
    words = t(
        f"samenhang.stuk_{pieces.state}", nummer=pieces.number, totaal=of, er=len(pieces.present)
    )
    icon, ink = ("besloten", "ok") if pieces.whole else ("uitzondering", "warn")
    return _Line(icon, words, ink)
