"""The question for the key of a sealed chat backup, as a calm card above it.

The key is typed unseen, handed over once and wiped from the field at that moment. Never a must: the
backup can be kept without it.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout

from archiver.findings import Finding
from ui import a11y
from ui.theme import META, px
from ui.views.controls import Button, Card, Mark, Pane, Text
from ui.words import t

_LONGEST = 512  # characters; a password of Threema is the longest that people choose
_HINTS = (
    Qt.InputMethodHint.ImhSensitiveData
    | Qt.InputMethodHint.ImhNoPredictiveText
    | Qt.InputMethodHint.ImhNoAutoUppercase
)


class KeyCard(Pane):
    """`given` carries the key as a `Secret`, `without` asks to keep it sealed, `others` what else is open."""

    given = Signal(object)
    without = Signal()
    others = Signal()

    def __init__(self) -> None:
        super().__init__("base")
        self.asked: Finding | None = None
        self._path = ""
        self._busy = False
        outer = QVBoxLayout(self)
        outer.setContentsMargins(px(20), px(14), px(20), 0)
        self._card = Card("soft2", "line")
        outer.addWidget(self._card)
        row = QHBoxLayout(self._card)
        row.setContentsMargins(px(16), px(12), px(14), px(12))
        row.setSpacing(px(12))
        self._mark = Mark("waarom", "accent", 18)
        row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(px(4))
        column.addWidget(Text(t("sleutel.kop"), weight=600, wrap=True))
        self.words = Text("", wrap=True)
        column.addWidget(self.words)
        column.addSpacing(px(6))
        column.addLayout(self._field())
        column.addSpacing(px(2))
        column.addLayout(self._ways())
        column.addWidget(Text(t("sleutel.nergens"), ratio=META, ink="secondary", wrap=True))
        row.addLayout(column, 1)
        self.hide()

    def _field(self) -> QHBoxLayout:
        made = QHBoxLayout()
        made.setSpacing(px(8))
        self.key = QLineEdit()
        self.key.setMaxLength(_LONGEST)
        self.key.setFixedHeight(px(32))
        self.key.setInputMethodHints(_HINTS)
        self.key.returnPressed.connect(self._give)
        self.show_key = Button(t("sleutel.toon"), "quiet")
        self.show_key.setCheckable(True)
        self.show_key.toggled.connect(self._show)
        made.addWidget(self.key, 1)
        made.addWidget(self.show_key)
        self._show(False)
        return made

    def _ways(self) -> QVBoxLayout:
        made = QVBoxLayout()
        made.setSpacing(px(4))
        row = QHBoxLayout()
        row.setSpacing(px(8))
        self.open = Button(t("sleutel.openen"))
        self.open.clicked.connect(self._give)
        self.seal = Button(t("sleutel.zonder"))
        self.seal.clicked.connect(self.without)
        row.addWidget(self.open)
        row.addWidget(self.seal)
        row.addStretch(1)
        made.addLayout(row)
        self.else_ = Button(t("sleutel.anders"), "quiet", height=28)
        self.else_.clicked.connect(self.others)
        made.addWidget(self.else_, 0, Qt.AlignmentFlag.AlignLeft)
        return made

    def show_for(
        self, asked: Finding | None, path: str, said: str, *, busy: bool, more: bool
    ) -> None:
        """Ask for the key of the backup at `path`; stay away when nothing is asked.

        `said` is why the last key did not open it. What is being typed stays while its line stays.
        """
        if asked is None or path != self._path:
            self._wipe()
        self.asked, self._path, self._busy = asked, path if asked else "", busy
        self.setVisible(asked is not None)
        if asked is None:
            return
        kind = str(asked.params.get("soort", ""))
        hint = t(f"sleutel.soort.{kind}")
        words = t("sleutel.bezig") if busy else said or t("sleutel.uitleg", wat=hint)
        wrong = bool(said) and not busy
        self._card.change("warn_fill" if wrong else "soft2", "warn" if wrong else "line")
        self._mark.change("uitzondering" if wrong else "waarom", "warn" if wrong else "accent")
        if words != self.words.text():
            self.words.setText(words)
            a11y.announce(self, words, urgent=wrong)
        self.key.setPlaceholderText(hint)
        a11y.name(self.key, hint, words)
        self.else_.setVisible(more)
        self.setAccessibleName(f"{t('sleutel.kop')} {words}")

    def focus(self) -> None:
        """Take the focus in the field."""
        self.key.setFocus(Qt.FocusReason.ShortcutFocusReason)
        a11y.announce(self, self.accessibleName())

    def _show(self, shown: bool) -> None:
        mode = QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password
        self.key.setEchoMode(mode)
        self.key.setInputMethodHints(_HINTS if shown else _HINTS | Qt.InputMethodHint.ImhHiddenText)
        self.show_key.setText(t("sleutel.verberg" if shown else "sleutel.toon"))

    def _wipe(self) -> None:
        self.key.setText("")  # unlike `clear`, this empties what undo would bring back too
        self.show_key.setChecked(False)

    def _give(self) -> None:
        from archiver.services.answers import Secret  # loaded when somebody answers

        if self._busy:
            return
        key = Secret(self.key.text())
        self._wipe()
        if key:
            self.given.emit(key)
        self.key.setFocus(Qt.FocusReason.OtherFocusReason)
