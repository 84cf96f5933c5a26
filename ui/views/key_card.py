"""The question for the key of a sealed chat backup, as a calm card above it.

The key is typed unseen, handed over once and wiped from the field at that moment. Never a must: the
backup can be kept without it. Of one that is in the vault the card is one line until somebody opens it.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

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
    """`given` carries the key as a `Secret`, `without` asks to keep it sealed, `others` what else is open.

    `stopped` asks to stop opening.
    """

    given = Signal(object)
    stopped = Signal()
    without = Signal()
    others = Signal()

    def __init__(self) -> None:
        super().__init__("base")
        self.asked: Finding | None = None
        self._path = ""
        self._busy = False
        self._unfolded = False
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
        self._title = Text("", weight=600, wrap=True)
        column.addWidget(self._title)
        self.unfold = Button(t("sleutel.openen_met"))
        self.unfold.clicked.connect(self._unfold)
        column.addWidget(self.unfold, 0, Qt.AlignmentFlag.AlignLeft)
        self._question = QWidget()
        inside = QVBoxLayout(self._question)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(px(4))
        self.words = Text("", wrap=True)
        inside.addWidget(self.words)
        inside.addSpacing(px(6))
        inside.addLayout(self._field())
        inside.addSpacing(px(2))
        inside.addLayout(self._ways())
        self._foot = Text("", ratio=META, ink="secondary", wrap=True)
        inside.addWidget(self._foot)
        column.addWidget(self._question)
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
        self.open.clicked.connect(self._open_or_stop)
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
        self,
        asked: Finding | None,
        path: str,
        said: str,
        *,
        busy: bool,
        more: bool,
        in_vault: bool = False,
        folded: bool = False,
    ) -> None:
        """Ask for the key of the backup at `path`; stay away when nothing is asked.

        `said` is why the last key did not open it. What is being typed stays while its line stays.
        `in_vault` tells that it is secured already; `folded` that nobody asked to open it yet.
        """
        if asked is None or path != self._path:
            self._wipe()
            self._unfolded = False
        self.asked, self._path, self._busy = asked, path if asked else "", busy
        self.setVisible(asked is not None)
        if asked is None:
            return
        whole = not folded or self._unfolded or busy or bool(said)
        self._question.setVisible(whole)
        self.unfold.setVisible(not whole)
        self._title.setText(t("sleutel.kop" if whole else "sleutel.vastgelegd"))
        self._foot.setText(t("sleutel.kluis" if in_vault else "sleutel.nergens"))
        self.seal.setVisible(not in_vault)
        self.seal.setEnabled(not busy)
        self.open.setText(t("sleutel.stoppen" if busy else "sleutel.openen"))
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
        self.setAccessibleName(f"{self._title.text()} {words if whole else ''}")

    def focus(self) -> None:
        """Take the focus in the field, or on the one button while the card is one line."""
        first = self.key if self.unfold.isHidden() else self.unfold
        first.setFocus(Qt.FocusReason.ShortcutFocusReason)
        a11y.announce(self, self.accessibleName())

    def _show(self, shown: bool) -> None:
        mode = QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password
        self.key.setEchoMode(mode)
        self.key.setInputMethodHints(_HINTS if shown else _HINTS | Qt.InputMethodHint.ImhHiddenText)
        self.show_key.setText(t("sleutel.verberg" if shown else "sleutel.toon"))

    def _wipe(self) -> None:
        self.key.setText("")  # unlike `clear`, this empties what undo would bring back too
        self.show_key.setChecked(False)

    def _unfold(self) -> None:
        self._unfolded = True
        self._question.show()
        self.unfold.hide()
        self._title.setText(t("sleutel.kop"))
        self.focus()

    def _open_or_stop(self) -> None:
        if self._busy:
            self.stopped.emit()
        else:
            self._give()

    def _give(self) -> None:
        from archiver.services.answers import Secret  # loaded when somebody answers

        if self._busy:
            return
        key = Secret(self.key.text())
        self._wipe()
        if key:
            self.given.emit(key)
        self.key.setFocus(Qt.FocusReason.OtherFocusReason)
