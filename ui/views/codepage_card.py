"""The question in which characters an old Outlook message was written, as a calm card above it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from archiver.findings import Finding
from ui import a11y
from ui.models.row import Row
from ui.theme import META, px
from ui.views.choice import Choice
from ui.views.controls import Button, Card, Mark, Pane, Text
from ui.words import t

GUESSED, CHOSEN = "msg.codepagina_geraden", "msg.codepagina_gekozen"
# The code pages of Outlook as people call them; the order is that of the list.
PAGES = (
    ("cp1252", "west"),
    ("cp1250", "midden"),
    ("cp1251", "cyrillisch"),
    ("cp1253", "grieks"),
    ("cp1254", "turks"),
    ("cp1255", "hebreeuws"),
    ("cp1256", "arabisch"),
    ("cp1257", "baltisch"),
    ("cp932", "japans"),
    ("cp936", "chinees_nieuw"),
    ("cp950", "chinees_oud"),
    ("cp949", "koreaans"),
)


class CodepageCard(Pane):
    """`answered` carries the question and the answer: ``codepage``, ``cp1251``."""

    answered = Signal(str, str)

    def __init__(self) -> None:
        super().__init__("base")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(px(20), px(14), px(20), 0)
        card = Card("soft2", "line")
        outer.addWidget(card)
        row = QHBoxLayout(card)
        row.setContentsMargins(px(16), px(12), px(14), px(12))
        row.setSpacing(px(12))
        row.addWidget(Mark("waarom", "accent", 18), 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(px(4))
        self._title = Text("", weight=600, wrap=True)
        self._words = Text("", wrap=True)
        column.addWidget(self._title)
        column.addWidget(self._words)
        column.addSpacing(px(6))
        choose = QHBoxLayout()
        choose.setSpacing(px(8))
        self.page = Choice()
        self.page.setFixedHeight(px(32))
        a11y.name(self.page, t("vraag.tekenset.keuze"))
        for code, word in PAGES:
            self.page.addItem(t(f"vraag.tekenset.{word}"), code)
        self.button = Button(t("vraag.tekenset.lees"))
        self.button.clicked.connect(self._answer)
        choose.addWidget(self.page, 1)
        choose.addWidget(self.button)
        column.addLayout(choose)
        column.addWidget(Text(t("vraag.tekenset.later"), ratio=META, ink="secondary", wrap=True))
        row.addLayout(column, 1)
        self.hide()

    def show_for(self, row: Row | None) -> None:
        """Show the question about a line when it is open: the page is a guess, or chosen and not stored."""
        asked = _asked(row)
        self.setVisible(asked is not None)
        if asked is not None:
            self._show(asked)

    def ask(self, row: Row) -> bool:
        """Ask anyway, and take the focus; gives whether the line may be read in another way."""
        if not _may_change(row):
            return False
        found = next((f for f in row.findings if f.code in (GUESSED, CHOSEN)), None)
        if found is not None:
            self._show(found)
        else:
            self._title.setText(t("vraag.tekenset.kop"))
            self._words.setText(t("vraag.tekenset.zelf"))
            self.setAccessibleName(f"{self._title.text()} {self._words.text()}")
        self._fit()
        self.show()
        self.page.setFocus(Qt.FocusReason.ShortcutFocusReason)
        return True

    def _show(self, asked: Finding) -> None:
        used = str(asked.params.get("codepagina", ""))
        place = self.page.findData(used)
        if place >= 0:
            self.page.setCurrentIndex(place)
        word = self.page.itemText(place) if place >= 0 else used
        chosen = asked.code == CHOSEN
        self._title.setText(t("vraag.tekenset.gekozen" if chosen else "vraag.tekenset.kop"))
        self._words.setText(t("vraag.tekenset.uitleg", tekenset=word))
        self.setAccessibleName(f"{self._title.text()} {self._words.text()}")
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Be as high as the words ask at this width: the pane around it looks at the hint only."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.setMinimumHeight(max(0, self.heightForWidth(self.width())))

    def _answer(self) -> None:
        self.answered.emit("codepage", str(self.page.currentData()))


def _asked(row: Row | None) -> Finding | None:
    if row is None or not _may_change(row):
        return None
    stored = isinstance(row.key, str)
    codes = (GUESSED,) if stored else (GUESSED, CHOSEN)
    return next((f for f in row.findings if f.code in codes), None)


def _may_change(row: Row) -> bool:
    return not row.in_vault and row.status != "verpakt"
