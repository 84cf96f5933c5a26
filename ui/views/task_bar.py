"""The bar at the foot of the window: what happened last, what runs now, which keys help."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QSizePolicy, QWidget

from ui import a11y
from ui.theme import META, font, px, theme
from ui.views.controls import Button, ElidedText, Mark, Pane, Text
from ui.words import number, t


class Bar(QProgressBar):
    """A thin bar that moves by value and never by itself; its text is spoken, not drawn."""

    def __init__(self, high: int = 6) -> None:
        super().__init__()
        self.setFixedHeight(px(high))
        self.setTextVisible(False)
        self.setRange(0, 1000)
        self.setAccessibleName(t("taak.voortgang"))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Track and fill."""
        now = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        box = QRectF(self.rect())
        radius = box.height() / 2
        painter.setBrush(QColor(now.line))
        painter.drawRoundedRect(box, radius, radius)
        share = self.value() / max(1, self.maximum())
        if share > 0:
            painter.setBrush(QColor(now.accent_frame))
            width = max(box.height(), box.width() * share)
            painter.drawRoundedRect(QRectF(0, 0, width, box.height()), radius, radius)
        painter.end()


class TaskBar(Pane):
    """Always there, 32 high."""

    open_tasks = Signal()

    def __init__(self) -> None:
        super().__init__("window")
        self._compact, self._mode = False, ""
        self.setFixedHeight(px(33))
        self.setAccessibleName(t("taak.balk"))
        column = QHBoxLayout(self)
        column.setContentsMargins(px(16), 1, px(16), 0)
        column.setSpacing(px(10))
        self._mark = Mark("besloten", "ok", 16)
        self._said = ElidedText(t("melding.lokaal"), ratio=META, ink="secondary")
        self._said.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._work = QWidget()
        work = QHBoxLayout(self._work)
        work.setContentsMargins(0, 0, 0, 0)
        work.setSpacing(px(10))
        self._name = Text("", ratio=META, weight=600)
        self._bar = Bar()
        self._bar.setFixedWidth(px(160))
        self._file = ElidedText("", ratio=META, ink="secondary")
        self._file.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        for part in (self._name, self._bar):
            work.addWidget(part)
        work.addWidget(self._file, 1)
        self._stop = Button(t("actie.stoppen"), "quiet", height=24)
        self._stop.setFont(font(META, 500))
        work.addWidget(self._stop)
        self._tasks = Button(t("taak.tonen"), "quiet", height=24, name=t("taak.tonen"))
        self._tasks.setFont(font(META, 500))
        self._tasks.setToolTip(t("taak.tonen"))
        self._tasks.clicked.connect(self.open_tasks)
        self._keys = Text(t("taak.toetsen"), ratio=META, ink="secondary")
        column.addWidget(self._mark)
        column.addWidget(self._said, 1)
        column.addWidget(self._work, 1)
        column.addWidget(self._tasks)
        column.addWidget(self._keys)
        self._work.hide()

    @property
    def stop(self) -> Button:
        """The button that stops the work."""
        return self._stop

    def say(self, sentence: str, icon: str = "besloten", ink: str = "ok") -> None:
        """Say what happened, here and to a screen reader; it stays until the next event."""
        self._said.setText(sentence)
        self._mark.change(icon, ink)
        a11y.announce(self, sentence, urgent=ink == "error")

    @property
    def said(self) -> str:
        """The last sentence."""
        return self._said.text()

    def work(self, name: str, done: int, total: int | None, what: str) -> None:
        """Show work that runs."""
        self._said.hide()
        self._work.show()
        self._mark.change("opnieuw", "accent")
        if total:
            share = min(1.0, done / total)
            self._bar.setValue(round(share * 1000))
            self._name.setText(f"{name}: {round(share * 100)}%")
        else:
            self._bar.setValue(0)
            self._name.setText(f"{name}: {number(done)}")
        self._file.setText(what)

    def rest(self) -> None:
        """Show no work any more."""
        self._work.hide()
        self._said.show()

    def set_compact(self, compact: bool) -> None:
        """Leave out keys of the window when there is little room."""
        self._compact = compact
        self.show_keys(self._mode)

    def show_keys(self, key: str = "") -> None:
        """Show the keys of a mode; without one those of the window."""
        self._mode = key
        usual = "taak.toetsen_kort" if self._compact else "taak.toetsen"
        self._keys.setText(t(key or usual))

    def focus(self) -> None:
        """Take the focus for F6."""
        self._tasks.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground and the line on top."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.fillRect(0, 0, self.width(), 1, QColor(theme().line))
        painter.end()
