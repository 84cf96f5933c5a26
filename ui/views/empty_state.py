"""The first start: a drop target, what you can add, three steps, and help with Outlook."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ui import a11y
from ui.shortcuts import key_of
from ui.theme import META, SECTION, WELCOME, font, px, theme
from ui.views.controls import Button, Card, Chip, KeyCap, Mark, Pane, Text
from ui.words import t

FORMATS = (
    ("mail", "formaat.email"),
    ("mail", "formaat.mailbox"),
    ("chat", "formaat.whatsapp"),
    ("chat", "formaat.signal"),
    ("chat", "formaat.telegram"),
    ("chat", "formaat.teams"),
)


class DropTarget(QWidget):
    """The visible place to drop; the whole window takes drops, this only shows it."""

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumHeight(px(260))
        self.setMaximumHeight(px(332))
        column = QVBoxLayout(self)
        column.setSpacing(px(8))
        column.addStretch(1)
        mark = Mark("inname", "accent", 56)
        column.addWidget(mark, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(px(8))
        self.title = Text(t("leeg.sleep"), ratio=1.7, weight=600)
        self.title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.title)
        self.sub = Text(t("leeg.sleep_uitleg"), ratio=1.07, ink="secondary", wrap=True)
        self.sub.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.sub)
        column.addSpacing(px(8))
        self.files = Button(t("actie.bestanden_kiezen"), "main", height=40)
        self.folder = Button(t("actie.map_kiezen"), height=40)
        row = QHBoxLayout()
        row.setSpacing(px(12))
        row.addStretch(1)
        row.addWidget(self.files)
        row.addWidget(self.folder)
        row.addStretch(1)
        column.addLayout(row)
        keys = QHBoxLayout()
        keys.setSpacing(px(6))
        keys.addStretch(1)
        for action, word in (("add_files", "leeg.bestanden"), ("add_folder", "leeg.map")):
            keys.addWidget(KeyCap(key_of(action)))
            keys.addWidget(Text(t(word), ratio=META, ink="secondary"))
            keys.addSpacing(px(10))
        keys.addStretch(1)
        column.addLayout(keys)
        column.addStretch(1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Dashed frame on a soft ground."""
        now = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(QColor(now.accent), 1.5)
        pen.setDashPattern([6, 4])
        painter.setPen(pen)
        painter.setBrush(QColor(now.soft2))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), px(12), px(12))
        painter.end()


class Number(QWidget):
    """A number in a ring of 28."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = str(number)
        self.setFixedSize(px(28), px(28))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ring and number."""
        now = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(now.accent), 2))
        painter.drawEllipse(QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5))
        painter.setFont(font(1.0, 600))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._number)
        painter.end()


class EmptyState(Pane):
    """Screen a."""

    add_files = Signal()
    add_folder = Signal()
    practise = Signal()
    skip = Signal()

    def __init__(self, actor: str) -> None:
        super().__init__("base")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        a11y.name(area, t("leeg.naam"))
        area.viewport().setAutoFillBackground(False)
        inner = Pane("base")
        area.setWidget(inner)
        outer.addWidget(area)
        middle = QHBoxLayout(inner)
        middle.setContentsMargins(px(24), px(24), px(24), px(24))
        middle.addStretch(1)
        page = QWidget()
        page.setMaximumWidth(px(912 + 16))
        middle.addWidget(page, 100)
        middle.addStretch(1)
        whole = QVBoxLayout(page)
        whole.setContentsMargins(0, px(36), 0, 0)
        whole.setSpacing(0)
        column = QVBoxLayout()
        column.setContentsMargins(px(8), 0, px(8), 0)
        column.setSpacing(0)
        whole.addLayout(column, 100)
        self.welcome = Text("", ratio=WELCOME, weight=600)
        self.set_actor(actor)
        column.addWidget(self.welcome)
        column.addSpacing(px(4))
        column.addWidget(Text(t("leeg.drie_stappen"), ratio=SECTION, ink="secondary"))
        column.addSpacing(px(20))
        self.target = DropTarget()
        self.target.files.clicked.connect(self.add_files)
        self.target.folder.clicked.connect(self.add_folder)
        column.addWidget(self.target, 100)
        column.addSpacing(px(12))
        column.addLayout(self._formats())
        column.addSpacing(px(30))
        column.addLayout(self._steps())
        column.addSpacing(px(24))
        column.addWidget(self._outlook())
        whole.addSpacing(px(20))
        whole.addLayout(self._foot())  # its quiet buttons line up with the text, 8 px outside
        whole.addStretch(3)

    def set_actor(self, actor: str) -> None:
        """Greet by first name."""
        first = actor.split()[0] if actor.strip() else ""
        self.welcome.setText(t("leeg.welkom", naam=first) if first else t("leeg.welkom_zonder"))

    def _formats(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(px(8))
        row.addWidget(Text(t("leeg.toevoegen"), ratio=META, ink="secondary"))
        row.addSpacing(px(6))
        for icon, word in FORMATS:
            row.addWidget(Chip(icon, t(word)))
        row.addStretch(1)
        return row

    def _steps(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(px(40))
        for number in (1, 2, 3):
            step = QVBoxLayout()
            step.setSpacing(px(6))
            head = QHBoxLayout()
            head.setSpacing(px(10))
            head.addWidget(Number(number))
            head.addWidget(Text(t(f"leeg.stap.{number}"), ratio=SECTION, weight=600), 1)
            step.addLayout(head)
            step.addWidget(Text(t(f"uitleg.{number}"), ink="secondary", wrap=True))
            step.addStretch(1)
            row.addLayout(step, 1)
        return row

    def _outlook(self) -> Card:
        card = Card("alt")
        row = QHBoxLayout(card)
        row.setContentsMargins(px(20), px(14), px(16), px(14))
        row.setSpacing(px(16))
        row.addWidget(Mark("waarom", "accent", 18))
        words = QVBoxLayout()
        words.setSpacing(px(2))
        words.addWidget(Text(t("leeg.outlook"), weight=600))
        words.addWidget(Text(t("leeg.outlook_uitleg"), ink="secondary", wrap=True))
        row.addLayout(words, 1)
        return card

    def _foot(self) -> QHBoxLayout:
        row = QHBoxLayout()
        practise = Button(t("actie.oefenen"), "quiet")
        practise.clicked.connect(self.practise)
        skip = Button(t("actie.overslaan"), "quiet")
        skip.clicked.connect(self.skip)
        row.addWidget(practise)
        row.addSpacing(px(8))
        row.addWidget(skip)
        row.addStretch(1)
        row.addWidget(Text(t("leeg.voorbeelden"), ratio=META, ink="secondary"))
        row.addSpacing(px(8))
        return row


class Nothing(Pane):
    """An empty queue: one icon, one sentence, one button with its key. Focusable."""

    act = Signal()

    def __init__(self) -> None:
        super().__init__("base")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        column = QVBoxLayout(self)
        column.setSpacing(px(12))
        column.addStretch(1)
        self._mark = Mark("nieuw", "secondary", 32)
        column.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignHCenter)
        self._sentence = Text("", ink="secondary", wrap=True)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._sentence.setContentsMargins(px(24), 0, px(24), 0)
        column.addWidget(self._sentence)
        self._button = Button("")
        self._button.clicked.connect(self.act)
        column.addWidget(self._button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(2)

    def show_for(self, icon: str, sentence: str, action: str = "") -> None:
        """Choose icon, sentence and, when there is one, the next step."""
        self._mark.change(icon, "secondary")
        self._sentence.setText(sentence)
        self.setAccessibleName(sentence)
        self._button.setText(action)
        self._button.setVisible(bool(action))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground, and the focus."""
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self)
            painter.setPen(QPen(QColor(theme().accent), 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
            painter.end()
