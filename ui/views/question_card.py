"""What is open about a conversation, one question at a time, as a calm card above it.

Never a dialog and never a must: what nobody answers stays unknown. Whose phone or account it was, in
which time zone, and which order day and month have; only what the export does not say is asked. Of an
original that nobody reads only a person can tell the app, the title, the people and the period.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from archiver.findings import Finding
from ui import a11y
from ui.models.row import Row
from ui.theme import META, px
from ui.views.controls import Button, Card, Mark, Pane, Text
from ui.views.reader import FlowLayout
from ui.words import day_heading, t, zone_word

DATE_ORDER = "chat.datumvolgorde_vragen"
_MOST = 4
_PROGRAMS = {
    "whatsapp": "WhatsApp",
    "signal": "Signal",
    "telegram": "Telegram",
    "teams": "Teams",
}
_REASONS = ("vraag.reason.app", "vraag.reason.weg", "vraag.reason.zo")


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: its name, its words, the answers to choose from and whether another may be typed."""

    name: str
    title: str
    words: str
    choices: tuple[tuple[str, str], ...]  # answer and word
    other: str = ""


class QuestionCard(Pane):
    """`answered` carries the question and the answer: ``date_order``, ``dmy``."""

    answered = Signal(str, str)

    def __init__(self) -> None:
        super().__init__("base")
        self.asked: tuple[Asked, ...] = ()
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
        head = QHBoxLayout()
        self._title = Text("", weight=600, wrap=True)
        self._count = Text("", ratio=META, ink="secondary")
        head.addWidget(self._title, 1)
        head.addWidget(self._count)
        column.addLayout(head)
        self._words = Text("", wrap=True)
        column.addWidget(self._words)
        column.addSpacing(px(6))
        column.addWidget(self._answers())
        column.addSpacing(px(4))
        self._later = Text(t("vraag.later"), ratio=META, ink="secondary", wrap=True)
        column.addWidget(self._later)
        row.addLayout(column, 1)
        self.hide()

    def _answers(self) -> QWidget:
        made = QWidget()
        flow = FlowLayout(px(8))
        made.setLayout(flow)
        self.choices = tuple(Button("") for _ in range(_MOST))
        for place, button in enumerate(self.choices):
            button.clicked.connect(lambda _=False, p=place: self._answer(p))
            flow.addWidget(button)
        self.other = QLineEdit()
        self.other.setFixedSize(px(190), px(32))
        self.other.setMaxLength(120)
        self.other.returnPressed.connect(self._typed)
        flow.addWidget(self.other)
        return made

    def show_for(self, row: Row | None) -> None:
        """Show the first open question about a line that is not stored; else stay away."""
        self.asked = open_about(row)
        self.setVisible(bool(self.asked))
        if not self.asked:
            return
        first = self.asked[0]
        self._title.setText(first.title)
        many = len(self.asked) > 1
        self._count.setText(t("vraag.van", n=1, totaal=len(self.asked)) if many else "")
        self._words.setText(first.words)
        for place, button in enumerate(self.choices):
            word = first.choices[place][1] if place < len(first.choices) else ""
            button.setText(word)
            button.setVisible(bool(word))
        self.other.clear()
        self.other.setVisible(bool(first.other))
        self.other.setFixedWidth(px(190) if first.choices else px(320))
        self.other.setPlaceholderText(first.other)
        a11y.name(self.other, first.other)
        self.setAccessibleName(f"{first.title} {first.words}")

    def focus(self) -> None:
        """Take the focus on the first answer."""
        first = self.choices[0] if self.asked and self.asked[0].choices else self.other
        first.setFocus(Qt.FocusReason.ShortcutFocusReason)
        a11y.announce(self, self.accessibleName())

    def _answer(self, place: int) -> None:
        first = self.asked[0]
        self.hide()
        self.answered.emit(first.name, first.choices[place][0])

    def _typed(self) -> None:
        words, name = " ".join(self.other.text().split()), self.asked[0].name
        if name == "period" and not _is_period(words):
            self._words.setText(t("vraag.period.fout"))
            a11y.announce(self, self._words.text())
        elif words:
            self.hide()
            self.answered.emit(name, words)


def _is_period(words: str) -> bool:
    from archiver.services.questions import period  # loaded when somebody answers

    return period(words) is not None


def open_about(row: Row | None) -> tuple[Asked, ...]:
    """Give every open question about a line, the order of day and month first."""
    if row is None or row.preview is None or row.begun or row.in_vault:
        return ()
    dates = tuple(_dates(f) for f in row.findings if f.code == DATE_ORDER)[:1]
    return dates + tuple(_MAKERS[q.name](q.options) for q in row.preview.questions)


def _dates(asked: Finding) -> Asked:
    orders = ((asked.params.get(f"volgorde_{n}"), asked.params.get(f"lezing_{n}")) for n in (1, 2))
    return Asked(
        "date_order",
        t("vraag.datumvolgorde.kop"),
        t("vraag.datumvolgorde.uitleg", voorbeeld=asked.params["voorbeeld"]),
        tuple((str(order), day_heading(str(reading))) for order, reading in orders if order),
    )


def _owner(names: Sequence[str]) -> Asked:
    choices = tuple((name, name) for name in names)
    return Asked(
        "owner",
        t("vraag.eigenaar.kop"),
        t("vraag.eigenaar.uitleg"),
        choices[:_MOST],
        t("vraag.eigenaar.anders"),
    )


def _zone(zones: Sequence[str]) -> Asked:
    return Asked(
        "zone",
        t("vraag.tijdzone.kop"),
        t("vraag.tijdzone.uitleg"),
        tuple((zone, zone_word(zone)) for zone in zones[:_MOST]),
    )


def _typed(name: str) -> Callable[[Sequence[str]], Asked]:
    """What only a person can tell of an original that nobody reads."""
    return lambda _: Asked(
        name,
        t(f"vraag.{name}.kop"),
        t("vraag.niet_geduid.uitleg"),
        (),
        t(f"vraag.{name}.voorbeeld"),
    )


def _platform(programs: Sequence[str]) -> Asked:
    return Asked(
        "platform",
        t("vraag.platform.kop"),
        t("vraag.niet_geduid.uitleg"),
        tuple((name, _PROGRAMS.get(name, name)) for name in programs[:_MOST]),
        t("vraag.platform.anders"),
    )


def _reason(_: Sequence[str]) -> Asked:
    """Why a file is kept that nobody reads; what is chosen is kept as the words that stand here."""
    return Asked(
        "reason",
        t("vraag.reason.kop"),
        t("vraag.reason.uitleg"),
        tuple((words, words) for words in map(t, _REASONS)),
        t("vraag.reason.anders"),
    )


_MAKERS: dict[str, Callable[[Sequence[str]], Asked]] = {
    "owner": _owner,
    "zone": _zone,
    "reason": _reason,
    "platform": _platform,
    "title": _typed("title"),
    "participants": _typed("participants"),
    "period": _typed("period"),
}
