"""Dit neem je op: the numbers, the period and the senders, what happens with the rest, the main action."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from ui import a11y
from ui.models.mailbox import Mailbox
from ui.shortcuts import key_of
from ui.theme import META, PANE, WELCOME, px
from ui.views.chat_find import day_of
from ui.views.controls import Button, KeyCap, Line, Mark, Pane, Text
from ui.words import n, number, t


class MailboxSide(Pane):
    """`secure` asks to secure what is chosen."""

    secure = Signal()

    def __init__(self, mailbox: Mailbox) -> None:
        super().__init__("base")
        self.setMinimumWidth(px(400))
        self._mailbox = mailbox
        outer = QVBoxLayout(self)  # the quiet button reaches 8 outside the text edge
        outer.setContentsMargins(px(16), px(16), px(16), px(12))
        outer.setSpacing(0)
        column = _inner(outer)
        column.addWidget(Text(t("postvak.dit_neem_je_op"), ratio=PANE, weight=600))
        column.addSpacing(px(6))
        column.addLayout(self._counts())
        self._partly = Text("", ratio=META, ink="secondary", wrap=True)
        column.addWidget(self._partly)
        column.addSpacing(px(16))
        column.addWidget(Line())
        column.addSpacing(px(16))
        column.addLayout(self._period())
        column.addSpacing(px(14))
        column.addLayout(self._people())
        self.complaint = Text("", ratio=META, ink="error", wrap=True)
        column.addWidget(self.complaint)
        self.clear_filter = Button(t("postvak.filter_wissen"), "quiet", height=28)
        self.clear_filter.clicked.connect(self.empty_filter)
        wipe = QHBoxLayout()
        wipe.setContentsMargins(0, px(4), 0, 0)
        wipe.addWidget(self.clear_filter)
        wipe.addStretch(1)
        outer.addLayout(wipe)
        outer.addStretch(1)
        column = _inner(outer)
        self._about_labels = _about("dossier", "postvak.uitleg.labels")
        column.addWidget(self._about_labels)
        for icon, key in (
            ("kluis", "postvak.uitleg.geheel"),
            ("besloten", "postvak.uitleg.rest"),
            ("prive", "postvak.uitleg.prive"),
        ):
            column.addWidget(_about(icon, key))
        column.addSpacing(px(8))
        foot = QHBoxLayout()
        foot.setSpacing(px(8))
        foot.addStretch(1)
        self.main = Button("", "main", "kluis", height=36)
        self.main.clicked.connect(self.secure)
        foot.addWidget(self.main)
        foot.addWidget(KeyCap(key_of("secure")))
        column.addLayout(foot)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(200)
        self._wait.timeout.connect(self.apply)
        mailbox.changed.connect(self.show_counts)
        self.clear_filter.hide()

    def _counts(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(px(28))
        self._numbers: list[tuple[Text, Text]] = []
        for key, ink in (
            ("postvak.gaan_mee", "text"),
            ("postvak.blijven_achter", "warn"),
            ("postvak.al_vastgelegd", "secondary"),
            ("postvak.in_totaal", "secondary"),
        ):
            part = QVBoxLayout()
            part.setSpacing(0)
            shown = Text("0", ratio=WELCOME, weight=600, ink=ink)
            label = Text(t(key), ratio=META, ink="secondary")
            self._numbers.append((shown, label))
            part.addWidget(shown)
            part.addWidget(label)
            row.addLayout(part)
        row.addStretch(1)
        return row

    def _period(self) -> QVBoxLayout:
        part = QVBoxLayout()
        part.setSpacing(px(4))
        part.addWidget(Text(t("postvak.periode"), ratio=META, weight=500, ink="secondary"))
        row = QHBoxLayout()
        row.setSpacing(px(8))
        self.since, self.until = QLineEdit(), QLineEdit()
        for field, key in ((self.since, "postvak.van"), (self.until, "postvak.tot")):
            label = Text(t(key), ratio=META, ink="secondary")
            a11y.buddy(label, field)
            field.setPlaceholderText(t("prive.datum_vorm"))
            field.setFixedHeight(px(32))
            field.textChanged.connect(lambda _: self._wait.start())
            row.addWidget(label)
            row.addWidget(field, 1)
        part.addLayout(row)
        return part

    def _people(self) -> QVBoxLayout:
        part = QVBoxLayout()
        part.setSpacing(px(4))
        label = Text(t("postvak.afzenders"), ratio=META, weight=500, ink="secondary")
        self.senders = QLineEdit()
        self.senders.setPlaceholderText(t("postvak.afzenders_vorm"))
        self.senders.setFixedHeight(px(32))
        self.senders.textChanged.connect(lambda _: self._wait.start())
        a11y.buddy(label, self.senders)
        part.addWidget(label)
        part.addWidget(self.senders)
        part.addWidget(Text(t("postvak.afzenders_uitleg"), ratio=META, ink="secondary", wrap=True))
        return part

    def begin(self) -> None:
        """Begin with an empty period and no senders."""
        for field in (self.since, self.until, self.senders):
            field.clear()
        self.apply()

    def empty_filter(self) -> None:
        """Ask no period and no sender any more."""
        self.begin()
        self.since.setFocus(Qt.FocusReason.OtherFocusReason)

    def apply(self) -> None:
        """Take over what was typed; a date that is none is said and nothing changes."""
        self._wait.stop()
        days = [day_of(field.text()) for field in (self.since, self.until)]
        wrong = any(day is None for day in days)
        self.complaint.setText(t("prive.datum_fout") if wrong else "")
        self.complaint.setVisible(wrong)
        if wrong:
            a11y.announce(self.complaint, self.complaint.text())
        else:
            people = tuple(p.strip() for p in self.senders.text().split(",") if p.strip())
            self._mailbox.set_filter(days[0] or "", days[1] or "", people)
        self.clear_filter.setVisible(self._mailbox.filtered or wrong)
        self.show_counts()

    def settled(self) -> bool:
        """Tell whether what was typed is what is counted; else take it over first."""
        if self._wait.isActive():
            self.apply()
        return not self.complaint.text()

    def show_counts(self) -> None:
        """Write the numbers again."""
        mailbox = self._mailbox
        numbers = mailbox.numbers()
        for (shown, _), value in zip(self._numbers, numbers, strict=True):
            shown.setText(number(value))
        for part in self._numbers[2]:
            part.setVisible(numbers[2] > 0)
        self._about_labels.setVisible(mailbox.labelled)
        partly = "" if mailbox.whole else "postvak.nog_lezen"
        if partly and mailbox.filtered:
            partly = "postvak.nog_lezen_filter"
        self._partly.setText(t(partly, n=len(mailbox.mails), totaal=numbers[3]) if partly else "")
        self._partly.setVisible(bool(partly))
        done = bool(mailbox.fates) and numbers[0] == 0
        self.main.setText(t("postvak.klaar") if done else n("postvak.vastleggen", numbers[0]))
        self.main.set_icon("besloten" if done else "kluis")
        # With a filter that is not counted yet the number may be 0 and still grow.
        self.main.setEnabled(done or numbers[0] > 0 or (mailbox.filtered and not mailbox.whole))


def _about(icon: str, key: str) -> QWidget:
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, px(6))
    row.setSpacing(px(8))
    row.addWidget(Mark(icon, "accent", 14), 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(Text(t(key), ratio=META, wrap=True), 1)
    return made


def _inner(outer: QVBoxLayout) -> QVBoxLayout:
    made = QVBoxLayout()
    made.setContentsMargins(px(8), 0, px(8), 0)
    made.setSpacing(0)
    outer.addLayout(made)
    return made
