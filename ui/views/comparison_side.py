"""Beside the comparison: the row that is read in full, why it is one conversation, and linking."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout

from archiver.folding import spans
from archiver.model import ChatMessage
from ui import a11y
from ui.models.comparison_rows import Column, ComparisonRows, kind_word, reason_words, said
from ui.operations.comparison_core import Candidate
from ui.shortcuts import key_of
from ui.theme import META, WELCOME, font, px, theme
from ui.views.comparison_delegate import LOOKS
from ui.views.controls import Button, Chip, Line, Mark, Pane, Text
from ui.views.hit_marks import html_of, html_style, in_lines, to_hit
from ui.views.reader import SafeBrowser
from ui.words import moment, n, number, size, t

if TYPE_CHECKING:
    from archiver.services.comparison import Compared

_MOST_TEXT = 8_000
_INKS = {"match": "text", "differs": "warn", "only_left": "accent", "only_right": "accent"}
_MOST_WORDS = 600  # of a text of which the words are compared


class Side(Pane):
    """`link` carries the reason and whether they must be linked (or taken apart)."""

    link = Signal(str, bool)
    people = Signal()

    def __init__(self, model: ComparisonRows) -> None:
        super().__init__("base")
        self.setMinimumWidth(px(400))
        self._model = model
        self._linked = False
        self._files = 0  # how many of the two are not secured yet
        column = QVBoxLayout(self)
        column.setContentsMargins(px(24), px(16), px(24), px(12))
        column.setSpacing(0)
        column.addLayout(self._counts())
        column.addSpacing(px(12))
        column.addWidget(Line())
        column.addSpacing(px(12))
        self.chip = Chip("", "")
        top = QHBoxLayout()
        top.addWidget(self.chip)
        top.addStretch(1)
        column.addLayout(top)
        column.addSpacing(px(6))
        self.reason = Text("", weight=600, wrap=True)
        column.addWidget(self.reason)
        column.addSpacing(px(8))
        self.both = SafeBrowser()
        a11y.name(self.both, t("vergelijk.lezen"))
        column.addWidget(self.both, 1)
        column.addSpacing(px(8))
        column.addWidget(Line())
        column.addSpacing(px(10))
        column.addLayout(self._basis())
        column.addSpacing(px(8))
        column.addLayout(self._linking())

    def _counts(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(px(28))
        self._numbers: dict[str, Text] = {}
        for kind, ink in _INKS.items():
            part = QVBoxLayout()
            part.setSpacing(0)
            shown = Text("0", ratio=WELCOME, weight=600, ink=ink)
            self._numbers[kind] = shown
            part.addWidget(shown)
            part.addWidget(Text(t(f"vergelijk.soort.{kind}"), ratio=META, ink="secondary"))
            row.addLayout(part)
        row.addStretch(1)
        return row

    def _basis(self) -> QVBoxLayout:
        part = QVBoxLayout()
        part.setSpacing(px(4))
        head = QHBoxLayout()
        head.setSpacing(px(8))
        self._mark = Mark("waarom", "accent", 16)
        head.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        self.basis = Text("", wrap=True)
        head.addWidget(self.basis, 1)
        part.addLayout(head)
        self.names = Text("", ratio=META, ink="secondary", wrap=True)
        self.names.setContentsMargins(px(24), 0, 0, 0)
        part.addWidget(self.names)
        row = QHBoxLayout()
        row.setContentsMargins(px(16), 0, 0, 0)
        self.who = Button(t("menu.personen"), "quiet", "persoon", height=28)
        self.who.clicked.connect(self.people)
        row.addWidget(self.who)
        row.addStretch(1)
        part.addLayout(row)
        return part

    def _linking(self) -> QVBoxLayout:
        part = QVBoxLayout()
        part.setSpacing(px(4))
        self._label = Text("", ratio=META, weight=500, ink="secondary")
        self.why = QLineEdit()
        self.why.setFont(font())
        self.why.setFixedHeight(px(32))
        self.why.setPlaceholderText(t("vergelijk.reden_voorbeeld"))
        self.why.textChanged.connect(lambda _: self._name_main())
        self.why.returnPressed.connect(self.act)
        a11y.buddy(self._label, self.why, t("vergelijk.reden_koppel"))
        part.addWidget(self._label)
        part.addWidget(self.why)
        self.complaint = Text("", ratio=META, ink="secondary", wrap=True)
        part.addWidget(self.complaint)
        foot = QHBoxLayout()
        foot.setSpacing(px(10))
        foot.addWidget(
            Text(t("vergelijk.niets_samengevoegd"), ratio=META, ink="secondary", wrap=True), 1
        )
        self.main = Button(t("vergelijk.koppelen"), "main", "label")
        self.main.setToolTip(key_of("secure"))
        self.main.clicked.connect(self.act)
        foot.addWidget(self.main, 0, Qt.AlignmentFlag.AlignBottom)
        part.addLayout(foot)
        return part

    # --- what is shown ---------------------------------------------------------------------------

    def show_comparison(
        self, compared: Compared | None, own: Candidate | None, other: Candidate | None
    ) -> None:
        """Show the counts, why it is one conversation and who is who."""
        for kind, shown in self._numbers.items():
            count = self._model.counts[kind]
            shown.setText(number(count))
            shown.set_ink(_INKS[kind] if count else "secondary")
        self._linked = other is not None and other.how == "gekoppeld"
        self._files = sum(one is not None and one.how == "bestand" for one in (own, other))
        for part in (self.why, self.main):
            part.setEnabled(compared is not None and self._files < 2)
        self.who.setEnabled(compared is not None and not self._files)
        self.basis.setText(_basis(compared) if compared is not None else "")
        self._mark.setVisible(compared is not None)
        doubt = compared is not None and not compared.recognition.same
        self._mark.change(*(("uitzondering", "warn") if doubt else ("waarom", "accent")))
        self.names.setText(_people(compared) if compared is not None else "")
        self.names.setVisible(bool(self.names.text()))
        self.why.clear()
        self._name_main()
        if compared is None:
            self.show_row(-1)

    def _name_main(self) -> None:
        words = "vergelijk.losmaken" if self._linked else "vergelijk.koppelen"
        if self._files:
            words = "vergelijk.vastleggen_koppelen"
        self._label.setText(t("vergelijk.reden_los" if self._linked else "vergelijk.reden_koppel"))
        self.main.setText(t(words))
        ready = bool(self.why.text().strip()) and self.why.isEnabled()
        self.main.setEnabled(ready)
        needed = "vergelijk.eerst_vastleggen" if self._files > 1 else "vergelijk.reden_nodig"
        self.complaint.setText("" if ready else t(needed))

    def act(self) -> None:
        """Link, or take the link away; without a reason the field gets the focus."""
        if not self.why.text().strip():
            self.why.setFocus(Qt.FocusReason.OtherFocusReason)
            a11y.announce(self, t("vergelijk.reden_nodig"))
            return
        if self.main.isEnabled():
            self.link.emit(self.why.text().strip(), not self._linked)

    def show_row(self, place: int) -> None:
        """Show one row in full; what differs in the words stands out."""
        shown = 0 <= place < self._model.rowCount()
        for part in (self.chip, self.reason, self.both):
            part.setVisible(shown)
        if not shown:
            return
        row = self._model.row(place)
        icon, ink, fill = LOOKS[str(row.kind)]
        self.chip.change(icon, kind_word(row), ink, fill or "neutral_fill")
        self.reason.setText(reason_words(row))
        left = self._model.message(place, Column.LEFT)
        right = self._model.message(place, Column.RIGHT)
        now = theme()
        self.both.document().setDefaultStyleSheet(
            f".wie {{ font-weight: 600; }} .laat {{ color: {now.secondary}; }}"
            f" .anders {{ background-color: {now.warn_fill}; color: {now.warn}; font-weight: 600; }}"
            f" {html_style()}"
        )
        differs = left is not None and right is not None and row.kind == "differs"
        marked = self._model.marked
        words = (
            _different(said(left), said(right), marked)
            if differs
            else tuple(_marked(said(one)[:_MOST_TEXT], marked) for one in (left, right))
        )
        parts = [
            _block(name, message, text, marked)
            for name, message, text in zip(self._model.names, (left, right), words, strict=True)
        ]
        self.both.setHtml("".join(parts))
        if self._model.marked:
            to_hit(self.both)


def _basis(compared: Compared) -> str:
    seen = compared.recognition
    if seen.same and not seen.overlap.shared:
        return t("vergelijk.basis_later")
    key = "vergelijk.basis" if seen.same else "vergelijk.basis_niet"
    words = t(key, gedeeld=seen.overlap.shared, van=seen.overlap.of)
    if seen.title:
        words = f"{words} {t('vergelijk.basis_titel')}"
    return words


def _people(compared: Compared) -> str:
    """Say which labels are one person, and on what that rests; the same label twice is no news."""
    lines = [
        n(
            f"vergelijk.persoon_{link.basis}",
            link.shared,
            links=link.left,
            rechts=link.right,
            van=link.of,
        )
        for link in compared.comparison.people
        if link.left != link.right
    ]
    return "\n".join(lines[:6])


def _marked(text: str, marked: str) -> str:
    return html_of(text, spans(text, marked))


def _different(left: str, right: str, marked: str) -> tuple[str, str]:
    """Let the words stand out that the other side does not have; `marked` is what is looked for."""
    a, b = (text[:_MOST_TEXT].split(" ")[:_MOST_WORDS] for text in (left, right))
    here: list[tuple[str, bool]] = []
    there: list[tuple[str, bool]] = []
    for what, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        for words, made in ((a[i:j], here), (b[k:m], there)):
            if words:
                made.append((" ".join(words), what != "equal"))
    return _standing_out(here, marked), _standing_out(there, marked)


def _standing_out(parts: Sequence[tuple[str, bool]], marked: str) -> str:
    found = in_lines([text for text, _ in parts], marked)
    shown = [html_of(text, hits) for (text, _), hits in zip(parts, found, strict=True)]
    return " ".join(
        f"<span class='anders'>{html}</span>" if differs else html
        for html, (_, differs) in zip(shown, parts, strict=True)
    )


def _block(name: str, message: ChatMessage | None, words: str, marked: str) -> str:
    head = f"<p style='margin:0 0 2px 0' class='laat'>{escape(name)}</p>"
    if message is None:
        return f"{head}<p class='laat' style='margin:0 0 16px 0'>{escape(t('vergelijk.niet_hier'))}</p>"
    who = _marked(message.sender, marked) if message.sender else escape(t("vergelijk.app"))
    when = escape(moment(message.sent, year=True)) if message.sent else ""
    files = "".join(
        f"<br><span class='laat'>{_marked(a.name, marked)} {size(a.size) if a.size else ''}</span>"
        for a in message.attachments[:6]
    )
    return (
        f"{head}<p style='margin:0 0 16px 0'><span class='wie'>{who}</span>"
        f"&nbsp; <span class='laat'>{when}</span><br>{words}{files}</p>"
    )
