"""Dit blijft over: the counts, the strip, the reason, a preview of what is stored, the main action."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui import a11y, icons
from ui.models.chat_messages import ChatMessages, Gap, reason_word
from ui.operations.chat_choices import REASONS
from ui.shortcuts import key_of
from ui.theme import META, PANE, WELCOME, px, theme
from ui.views.chat_strip import Strip
from ui.views.choice import Choice
from ui.views.controls import Button, Card, Mark, Pane, Text
from ui.views.reader import SafeBrowser
from ui.words import clock, moment, n, number, size, t

_AROUND = 60  # messages of the preview before and after the one that is read
_MOST_TEXT = 4_000


class Side(Pane):
    """`reason_chosen` carries a reason for the chosen messages, or for the next ones."""

    reason_chosen = Signal(str)
    put_all_back = Signal()
    secure = Signal()

    def __init__(self, model: ChatMessages) -> None:
        super().__init__("base")
        self.setMinimumWidth(px(400))
        self._model = model
        self._around = 0
        column = QVBoxLayout(self)
        column.setContentsMargins(px(24), px(16), px(24), px(12))
        column.setSpacing(0)
        column.addWidget(Text(t("prive.blijft_over"), ratio=PANE, weight=600))
        column.addSpacing(px(6))
        column.addLayout(self._counts())
        column.addSpacing(px(6))
        self.strip = Strip(model)
        column.addWidget(self.strip)
        column.addSpacing(px(4))
        ends = QHBoxLayout()
        self._first, self._last = (Text("", ratio=META, ink="secondary") for _ in range(2))
        ends.addWidget(self._first)
        ends.addStretch(1)
        ends.addWidget(self._last)
        column.addLayout(ends)
        column.addSpacing(px(10))
        column.addLayout(self._reason())
        column.addSpacing(px(12))
        column.addWidget(Text(t("prive.voorbeeld"), ratio=META, weight=500, ink="secondary"))
        column.addSpacing(px(5))
        column.addWidget(self._preview(), 1)
        column.addSpacing(px(10))
        for icon, key in (("besloten", "prive.uitleg"), ("kluis", "prive.bewijs")):
            row = QHBoxLayout()
            row.setSpacing(px(8))
            row.addWidget(Mark(icon, "accent", 14), 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(Text(t(key), ratio=META, wrap=True), 1)
            column.addLayout(row)
            column.addSpacing(px(4))
        column.addWidget(self._question())
        column.addSpacing(px(4))
        column.addLayout(self._actions())
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(40)  # a key that is held down must not draw the preview each time
        self._wait.timeout.connect(self.show_preview)
        model.out_changed.connect(self.show_counts)

    # --- parts -----------------------------------------------------------------------------------

    def _counts(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(px(40))
        self._numbers: list[Text] = []
        for key, ink in (
            ("prive.blijven", "text"),
            ("prive.gaan_eruit", "warn"),
            ("prive.in_totaal", "secondary"),
        ):
            part = QVBoxLayout()
            part.setSpacing(0)
            shown = Text("0", ratio=WELCOME, weight=600, ink=ink)
            self._numbers.append(shown)
            part.addWidget(shown)
            part.addWidget(Text(t(key), ratio=META, ink="secondary"))
            row.addLayout(part)
        row.addStretch(1)
        return row

    def _reason(self) -> QVBoxLayout:
        part = QVBoxLayout()
        part.setSpacing(px(5))
        label = Text(t("prive.reden"), ratio=META, weight=500, ink="secondary")
        self.reason = Choice()
        self.reason.setFixedHeight(px(32))
        for place, reason in enumerate(REASONS, 1):
            self.reason.addItem(f"{reason_word(reason)} ({place})", reason)
        self.reason.activated.connect(self._chosen)
        a11y.buddy(label, self.reason)
        self._about = Text("", ratio=META, ink="secondary", wrap=True)
        part.addWidget(label)
        part.addWidget(self.reason)
        part.addWidget(self._about)
        return part

    def _preview(self) -> QWidget:
        card = Card()
        inner = QVBoxLayout(card)
        inner.setContentsMargins(px(16), px(10), px(8), px(10))
        self.preview = SafeBrowser()
        a11y.name(self.preview, t("prive.voorbeeld"))
        inner.addWidget(self.preview)
        card.setMinimumHeight(px(80))
        return card

    def _question(self) -> QWidget:
        self.question = Card("warn_fill", "warn")
        row = QHBoxLayout(self.question)
        row.setContentsMargins(px(12), px(8), px(12), px(8))
        row.setSpacing(px(8))
        row.addWidget(Mark("uitzondering", "warn", 16), 0, Qt.AlignmentFlag.AlignTop)
        self._asked = Text("", wrap=True)
        row.addWidget(self._asked, 1)
        self.question.hide()
        return self.question

    def _actions(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(px(10))
        self._others = Text("", ratio=META, ink="secondary", wrap=True)
        row.addWidget(self._others, 1)
        self.all_back = Button(t("actie.alles_terugzetten"))
        self.all_back.clicked.connect(self.put_all_back)
        self.main = Button("", "main", "kluis")
        self.main.setToolTip(key_of("secure"))
        self.main.clicked.connect(self.secure)
        row.addWidget(self.all_back)
        row.addWidget(self.main)
        return row

    # --- what is shown ---------------------------------------------------------------------------

    def begin(self, others: int) -> None:
        """Begin a conversation; `others` are the other conversations of the same file."""
        self._others.setText(n("prive.ook_andere", others) if others else "")
        self._around = 0
        self.ask(False)
        self.show_counts()

    def show_counts(self) -> None:
        """Count again."""
        total, out = self._model.rowCount(), len(self._model.out)
        for shown, value in zip(self._numbers, (total - out, out, total), strict=True):
            shown.setText(number(value))
        words = t("prive.strip", n=total - out, m=out)
        a11y.name(self.strip, words)
        self.strip.setToolTip(words)
        dated = [m.sent for m in self._model.messages[:1] + self._model.messages[-1:] if m.sent]
        self._first.setText(short_day(dated[0]) if dated else "")
        self._last.setText(short_day(dated[-1]) if dated else "")
        self.all_back.setEnabled(out > 0)
        self.main.setEnabled(total > 0)
        self._name_main()
        self._wait.start()

    def _name_main(self) -> None:
        stay = self._model.rowCount() - len(self._model.out)
        key = "actie.vastleggen_rest" if self.question.isHidden() else "prive.ja"
        self.main.setText(t(key, n=stay))

    def ask(self, asking: bool) -> None:
        """Show or take away the question whether it is sure."""
        self.question.setVisible(asking)
        if asking:
            self._asked.setText(n("prive.zeker", len(self._model.out)))
            a11y.announce(self, self._asked.text(), urgent=True)
        self._name_main()

    @property
    def asking(self) -> bool:
        """Tell whether the question stands there."""
        return not self.question.isHidden()

    def show_reason(self, rows: list[int], coming: str) -> None:
        """Show the reason of the chosen messages that go out; without those the one to come."""
        messages, out = self._model.messages, self._model.out
        mine = [out[messages[row].index] for row in rows if messages[row].index in out]
        every = set(mine) or set(out.values())
        if len(every) > 1:
            count = len(mine) or len(out)
            self.reason.setPlaceholderText(t("prive.reden.verschilt", n=count))
            self.reason.setCurrentIndex(-1)
        else:
            self.reason.setCurrentIndex(REASONS.index(mine[0] if mine else coming))
        self._about.setText(n("prive.reden.nu", len(mine)) if mine else t("prive.reden.straks"))

    def _chosen(self, place: int) -> None:
        self.reason_chosen.emit(REASONS[place])

    def go_to(self, row: int) -> None:
        """Let the preview show what stands around a row."""
        self._around = row
        self._wait.start()

    def show_preview(self) -> None:
        """Write what is stored, as it is now."""
        browser, now = self.preview, theme()
        document = browser.document()
        document.setDefaultStyleSheet(
            f".wie {{ font-weight: 600; }} .laat {{ color: {now.secondary}; }}"
        )
        mark = icons.pixmap("prive", now.neutral, px(14), browser.devicePixelRatioF())
        parts = []
        for part in self._model.remains(self._around - _AROUND, self._around + _AROUND):
            parts.append(
                _gap(part, now.neutral_fill, now.neutral)
                if isinstance(part, Gap)
                else self._line(part)
            )
        if 0 < self._model.rowCount() <= len(self._model.out):
            parts.append(f"<p class='laat'>{escape(t('prive.voorbeeld_leeg'))}</p>")
        browser.setHtml("".join(parts))
        document.addResource(
            QTextDocument.ResourceType.ImageResource.value, QUrl("teken:prive"), mark.toImage()
        )
        browser.scrollToAnchor("hier")

    def _line(self, row: int) -> str:
        message = self._model.messages[row]
        who = t("prive.jij") if self._model.own(row) else message.sender or t("prive.systeem")
        text = escape((message.text or "")[:_MOST_TEXT]).replace("\n", "<br>")
        files = "".join(
            f"<br><span class='laat'>{escape(a.name)} {size(a.size) if a.size else ''}</span>"
            for a in message.attachments[:6]
        )
        here = "<a name='hier'></a>" if row >= self._around else ""
        return (
            f"<p style='margin:0 0 6px 0'>{here}<span class='wie'>{escape(who)}</span>"
            f"&nbsp; <span class='laat'>{clock(message.sent)}</span><br>{text}{files}</p>"
        )


def _gap(gap: Gap, fill: str, ink: str) -> str:
    words = [reason_word(reason).lower() for reason in gap.reasons]
    joined = f" {t('prive.en')} ".join([", ".join(words[:-1])] * (len(words) > 1) + words[-1:])
    said = escape(t("prive.gat", n=gap.count, redenen=joined))
    return (
        f"<table width='100%' cellpadding='4' cellspacing='0' style='margin:4px 0 10px 0'>"
        f"<tr><td bgcolor='{fill}'><img src='teken:prive' width='14' height='14'>&nbsp; "
        f"<span style='color:{ink}'>{said}</span></td></tr></table>"
    )


def short_day(iso: str) -> str:
    """9 nov, for the ends of the strip."""
    return moment(iso, time=False).partition(" ")[2]
