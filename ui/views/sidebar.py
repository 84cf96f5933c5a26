"""The queues with their counts, the button that adds messages, and the state of the vault."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ui import icons
from ui.operations.core import QUEUES, State
from ui.shortcuts import key_of
from ui.theme import BODY, META, font, px, theme
from ui.views.controls import Button, Mark, Pane, Text
from ui.words import n, number, t


@dataclass(frozen=True, slots=True)
class Place:
    """One line of the sidebar."""

    name: str
    icon: str
    key: str


QUEUE_PLACES = tuple(
    Place(queue, icon, f"queue_{at}")
    for at, (queue, icon) in enumerate(
        zip(QUEUES, ("nieuw", "label", "beoordelen", "besloten", "pakket"), strict=True), 1
    )
)
FIND_PLACES = (Place("zoeken", "zoeken", "search_all"),)


class SidebarItem(QAbstractButton):
    """A place to go to: icon, word and count; in the rail the icon above the count."""

    def __init__(self, place: Place, word: str) -> None:
        super().__init__()
        self.place, self._word, self._count, self._rail = place, word, -1, False
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setToolTip(f"{word} ({key_of(place.key)})")
        self.setText(word)
        self.setAccessibleName(word)

    def set_count(self, count: int) -> None:
        """Show a number; a screen reader hears it with the word."""
        self._count = count
        self.setAccessibleName(f"{self._word}, {n('zijbalk.berichten', count)}")
        self.update()

    def set_rail(self, rail: bool) -> None:
        """Be narrow or wide."""
        self._rail = rail
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """34 high, 48 in the rail."""
        high = 48 if self._rail and self._count >= 0 else (44 if self._rail else 34)
        return QSize(px(56), px(high))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint bar, icon, word, count and focus."""
        now = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect())
        here = self.isChecked()
        if here or self.underMouse():
            painter.fillRect(box, QColor(now.soft if here else now.hover))
        if here:
            painter.fillRect(QRectF(0, 0, 3, box.height()), QColor(now.accent))
        ink = now.accent if here else now.secondary
        self._paint_rail(painter, box, ink) if self._rail else self._paint_wide(painter, box, ink)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(now.accent), 2))
            painter.drawRect(box.adjusted(1, 1, -1, -1))
        painter.end()

    def _paint_wide(self, painter: QPainter, box: QRectF, ink: str) -> None:
        now, size = theme(), px(18)
        here = self.isChecked()
        mark = QRectF(px(20), (box.height() - size) / 2, size, size)
        icons.paint(painter, self.place.icon, ink, mark)
        painter.setPen(QColor(now.text))
        painter.setFont(font(BODY, 600 if here else 400))
        left = mark.right() + px(10)
        words = QRectF(left, 0, box.width() - left - px(16), box.height())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self._word)
        if self._count >= 0:
            painter.setPen(QColor(now.text if here else now.secondary))
            painter.setFont(font(BODY if here else META, 600 if here else 400, tabular=True))
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(words, flags, number(self._count))

    def _paint_rail(self, painter: QPainter, box: QRectF, ink: str) -> None:
        now, size = theme(), px(18)
        top = px(6) if self._count >= 0 else (box.height() - size) / 2
        mark = QRectF((box.width() - size) / 2, top, size, size)
        icons.paint(painter, self.place.icon, ink, mark)
        if self._count >= 0:
            painter.setPen(QColor(now.text if self.isChecked() else now.secondary))
            painter.setFont(font(META, 600 if self.isChecked() else 400, tabular=True))
            under = QRectF(0, px(26), box.width(), px(18))
            painter.drawText(under, Qt.AlignmentFlag.AlignCenter, number(self._count))


class Sidebar(Pane):
    """The left pane. `chosen` gives the name of a place."""

    chosen = Signal(str)
    add = Signal()

    def __init__(self) -> None:
        super().__init__("window")
        self.setAccessibleName(t("zijbalk.naam"))
        self._items: dict[str, SidebarItem] = {}
        self._heads: list[Text] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, px(14), 0, px(16))
        self._column.setSpacing(px(1))
        self._add = Button(t("actie.toevoegen"), "main", "toevoegen")
        self._add.setToolTip(f"{t('actie.toevoegen')} ({key_of('add_files')})")
        self._add.clicked.connect(self.add)
        self._top = QHBoxLayout()
        self._top.addWidget(self._add, 1)
        self._column.addLayout(self._top)
        self._section("zijbalk.berichten_kop", QUEUE_PLACES)
        self._section("zijbalk.vinden", FIND_PLACES)
        self._column.addStretch(1)
        self._shield = Mark("kluis", "ok", 18)
        self._vault = Text(t("status.kluis_leeg"), weight=600)
        self._checked = Text(t("zijbalk.klaar"), ratio=META, ink="secondary")
        self._words = QWidget()
        lines = QVBoxLayout(self._words)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(px(1))
        lines.addWidget(self._vault)
        lines.addWidget(self._checked)
        self._foot = QHBoxLayout()
        self._foot.setContentsMargins(px(20), 0, px(12), 0)
        self._foot.setSpacing(px(10))
        self._foot.addWidget(self._shield)
        self._foot.addWidget(self._words, 1)
        self._column.addLayout(self._foot)
        self.set_rail(False)
        self.go("nieuw")

    def _section(self, head: str, places: tuple[Place, ...]) -> None:
        title = Text(t(head), ratio=META, weight=600, ink="secondary")
        title.setContentsMargins(px(20), px(12), px(8), px(4))
        self._heads.append(title)
        self._column.addWidget(title)
        for place in places:
            item = SidebarItem(place, t(_WORDS.get(place.name, f"wachtrij.{place.name}")))
            item.clicked.connect(lambda _=False, p=place.name: self.chosen.emit(p))
            item.installEventFilter(self)
            self._items[place.name] = item
            self._column.addWidget(item)

    def set_rail(self, rail: bool) -> None:
        """Switch between 224 wide and the rail of icons."""
        self.setFixedWidth(px(56 if rail else 224))
        side = px(8 if rail else 16)
        self._top.setContentsMargins(side, 0, side, px(6 if rail else 0))
        self._add.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._add.setText("" if rail else t("actie.toevoegen"))
        self._add.setAccessibleName(t("actie.toevoegen"))
        for head in self._heads:
            head.setVisible(not rail)
        for item in self._items.values():
            item.set_rail(rail)
        self._words.setVisible(not rail)
        self._foot.setContentsMargins(px(19 if rail else 20), 0, px(12), 0)

    def go(self, name: str) -> None:
        """Mark a place as the one that is shown."""
        if name in self._items:
            self._items[name].setChecked(True)

    def show_state(self, state: State) -> None:
        """Show counts and the vault."""
        for name, item in self._items.items():
            if name in state.counts:
                item.set_count(state.counts[name])
        vault = state.vault
        self._vault.setText(t(f"status.kluis_{vault.state}"))
        self._shield.change("kluis" if _INK[vault.state] == "ok" else "mislukt", _INK[vault.state])
        if vault.checked:
            self._checked.setText(t("zijbalk.gecontroleerd", tijd=vault.checked))
        else:
            self._checked.setText(t(_UNDER[vault.state]))
        self._shield.setToolTip(f"{self._vault.text()}. {self._checked.text()}")
        self._shield.setAccessibleName(self._shield.toolTip())

    def focus(self) -> None:
        """Put the focus on the place that is shown."""
        for item in self._items.values():
            if item.isChecked():
                item.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Let Up and Down walk through the places."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
            step = steps.get(Qt.Key(event.key()))
            order = list(self._items.values())
            if step and watched in order:
                order[(order.index(watched) + step) % len(order)].setFocus()
                return True
        return super().eventFilter(watched, event)  # type: ignore[arg-type]


_WORDS = {"zoeken": "actie.zoeken"}
_INK = {"leeg": "ok", "ok": "ok", "fout": "error", "dicht": "error"}
_UNDER = {
    "leeg": "zijbalk.klaar",
    "ok": "zijbalk.niet_gecontroleerd",
    "fout": "zijbalk.niet_gecontroleerd",
    "dicht": "zijbalk.dicht",
}
