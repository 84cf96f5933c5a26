"""The attachments of a message as buttons; opening one asks first, in place, and never in a dialog."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QHBoxLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from archiver.model import Attachment
from ui import a11y
from ui.theme import META, font, px, theme
from ui.views.controls import Button, Card, Chip, Mark, Text, clear, paint_chip
from ui.views.flow import FlowLayout
from ui.words import size, t, tip

_MOST_CHIPS = 12


def name_of(attachment: Attachment) -> str:
    """Give what people call it: its name, the subject of a message, else what sort of part it is."""
    inner = attachment.message
    name = attachment.name or (inner.subject if inner is not None else None)
    if name:
        return name
    for word in (attachment.media_type, attachment.kind):
        key = f"bijlage.soort.{word.replace('/', '_')}"
        if (found := t(key)) != key:
            return found
    return attachment.media_type


class AttachmentChip(QAbstractButton):
    """An attachment that can be opened."""

    def __init__(self, attachment: Attachment) -> None:
        super().__init__()
        name = name_of(attachment)
        self._shown = f"{name}  {size(attachment.size)}"
        if attachment.inline:
            self._shown = t("bijlage.in_tekst", naam=self._shown)
        a11y.name(self, t("bijlage.open", naam=self._shown))
        self.setToolTip(tip(t("bijlage.open", naam=name)))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        """Fit icon, words and padding."""
        width = QFontMetricsF(font(META, 500)).horizontalAdvance(self._shown)
        return QSize(round(width) + px(37) + 2, px(24))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens as the space bar does."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The chip, and its focus."""
        now = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect())
        fill = "soft" if self.underMouse() else "neutral_fill"
        paint_chip(painter, box, "bijlage", self._shown, "text", fill)
        if self.hasFocus():
            painter.setPen(QPen(QColor(now.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), px(5), px(5))
        painter.end()


class AttachmentRow(QWidget):
    """`wanted` carries the attachment that the user does want to open."""

    wanted = Signal(object)
    resized = Signal()  # a question came or went

    def __init__(self) -> None:
        super().__init__()
        self._asked: Attachment | None = None
        self._from: QWidget | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(8))
        chips = QWidget()
        self._flow = FlowLayout(px(8))
        chips.setLayout(self._flow)
        column.addWidget(chips)
        column.addWidget(self._question())

    def _question(self) -> QWidget:
        self.card = Card("warn_fill", "warn")
        row = QHBoxLayout(self.card)
        row.setContentsMargins(px(14), px(10), px(14), px(10))
        row.setSpacing(px(10))
        row.addWidget(Mark("uitzondering", "warn", 18), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(px(4))
        self._head = Text("", weight=600, wrap=True)
        self._about = Text("", wrap=True)
        words.addWidget(self._head)
        words.addWidget(self._about)
        buttons = QHBoxLayout()
        buttons.setSpacing(px(8))
        self.no = Button(t("bijlage.niet_openen"))
        self.yes = Button("")
        self.no.clicked.connect(self.leave)
        self.yes.clicked.connect(self._open)
        buttons.addWidget(self.no)
        buttons.addWidget(self.yes)
        buttons.addStretch(1)
        words.addSpacing(px(4))
        words.addLayout(buttons)
        row.addLayout(words, 1)
        self.card.hide()
        return self.card

    def show_attachments(self, attachments: Sequence[Attachment]) -> None:
        """Show these; a question that stood there goes."""
        self.card.hide()
        self._asked = self._from = None
        clear(self._flow)
        for attachment in attachments[:_MOST_CHIPS]:
            chip = AttachmentChip(attachment)
            chip.clicked.connect(lambda _=False, a=attachment, c=chip: self.ask(a, c))
            self._flow.addWidget(chip)
            chip.show()  # a layout leaves out what is not shown yet, and the height is asked at once
        if len(attachments) > _MOST_CHIPS:
            self._flow.addWidget(Chip("", t("lezer.meer", n=len(attachments) - _MOST_CHIPS)))
        self.setVisible(bool(attachments))

    def wanted_height(self, width: int) -> int:
        """Tell how high it wants to be."""
        if not self._flow.count():
            return 0
        high = self._flow.heightForWidth(width) + px(8)
        if self.card.isHidden():
            return high
        return high + max(self.card.heightForWidth(width), self.card.sizeHint().height()) + px(8)

    def take_focus(self) -> bool:
        """Go to the first attachment; gives whether there is one."""
        first = self._flow.itemAt(0)
        widget = first.widget() if first is not None else None
        if widget is None or self.isHidden():
            return False
        widget.setFocus(Qt.FocusReason.ShortcutFocusReason)
        return True

    def ask(self, attachment: Attachment, chip: QWidget) -> None:
        """Say what opening can do; nothing is opened yet. The safe answer has the focus."""
        from archiver.services.attachment_copy import Risk, risk_of  # loaded when one was read

        name = name_of(attachment)
        risk = risk_of(attachment.name)
        self._asked, self._from = attachment, chip
        self._head.setText(t("bijlage.kop", naam=name))
        if risk is Risk.PROGRAMMA:
            self._about.setText(t("fout.bijlage.programma", naam=name))
        else:
            self._about.setText(t(f"bijlage.waarschuwing.{risk}"))
        self.yes.setVisible(risk is not Risk.PROGRAMMA)
        self.yes.setText(t("bijlage.toch_openen" if risk is Risk.RISKANT else "bijlage.openen"))
        fill = ("error_fill", "error") if risk is Risk.PROGRAMMA else ("warn_fill", "warn")
        self.card.change(*fill)
        self.card.setAccessibleName(f"{self._head.text()} {self._about.text()}")
        self.card.show()
        self.resized.emit()
        self.no.setFocus(Qt.FocusReason.OtherFocusReason)
        a11y.announce(self.card, self.card.accessibleName(), urgent=True)

    def leave(self) -> None:
        """Do not open it."""
        self.card.hide()
        self.resized.emit()
        if self._from is not None:
            self._from.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc is no."""
        if event.key() == Qt.Key.Key_Escape and not self.card.isHidden():
            self.leave()
        else:
            super().keyPressEvent(event)

    def _open(self) -> None:
        asked = self._asked
        self.leave()
        if asked is not None:
            self.wanted.emit(asked)
