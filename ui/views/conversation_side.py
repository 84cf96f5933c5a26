"""Beside the whole conversation: the exports with their letters, and the message as each has it."""

from __future__ import annotations

from html import escape

from PySide6.QtWidgets import QVBoxLayout

from archiver.folding import spans
from ui import a11y
from ui.models.comparison_rows import said
from ui.models.conversation_rows import ConversationRows, Presence, whose
from ui.operations.conversation_core import ShownExport
from ui.theme import SECTION, px, theme
from ui.views.controls import Line, Pane, Text
from ui.views.hit_marks import html_of, html_style, to_hit
from ui.views.reader import SafeBrowser
from ui.words import breakable, moment, n, t

_MOST_TEXT = 8_000


class ConversationSide(Pane):
    """Follows the model; both parts scroll and take the focus."""

    def __init__(self, model: ConversationRows) -> None:
        super().__init__("base")
        self.setMinimumWidth(px(400))
        self._model = model
        column = QVBoxLayout(self)
        column.setContentsMargins(px(24), px(16), px(24), px(12))
        column.setSpacing(px(8))
        column.addWidget(Text(t("gesprek.legenda"), ratio=SECTION, weight=600))
        self.legend = SafeBrowser()
        a11y.name(self.legend, t("gesprek.legenda"))
        column.addWidget(self.legend, 4)
        column.addWidget(Line())
        column.addSpacing(px(4))
        column.addWidget(Text(t("gesprek.bericht"), ratio=SECTION, weight=600))
        self.each = SafeBrowser()
        a11y.name(self.each, t("gesprek.bericht"))
        column.addWidget(self.each, 5)

    def show_exports(self) -> None:
        """Show the exports: whose, which days, what is new in them, and how they were decided."""
        self.legend.document().setDefaultStyleSheet(_style())
        self.legend.setHtml("".join(self._export(export) for export in self._model.exports))

    def _export(self, export: ShownExport) -> str:
        state, share = export.state, export.share
        first, last = (moment(day, year=True, time=False) for day in (state.first, state.last))
        key = "gesprek.dag" if first == last else "gesprek.periode"
        period = t(key, van=first, n=share.total, **({} if first == last else {"tot": last}))
        lines = [f"<span class='wie'>{escape(whose(export))}</span>", escape(period)]
        if share.continues is not None:
            earlier = self._model.exports[share.continues].letter
            goes_on = n("gesprek.gaat_verder", share.new, eerder=earlier)
            lines.append(f"<span class='verder'>{escape(goes_on)}</span>")
        if share.export:
            lines.append(escape(t("gesprek.ook_eerder", n=share.earlier, m=share.alone)))
        lines.append(f"<span class='laat'>{escape(breakable(state.file))}</span>")
        decided = t(f"gegeven.delen.{state.waardering or 'open'}")
        if state.exception:
            decided = f"{decided} ({t('gegeven.delen.uitzondering')})"
        day = moment(state.secured_at, year=True, time=False)
        secured = t("gesprek.vastgelegd", dag=day, besluit=decided)
        lines.append(f"<span class='laat'>{escape(secured)}</span>")
        return _beside(export.letter, Presence.HAS, "<br>".join(lines))

    def show_row(self, row: int) -> None:
        """Show one message as every export has it; of what lacks it the reason."""
        shown = 0 <= row < self._model.rowCount()
        self.each.setVisible(shown)
        if not shown:
            return
        self.each.document().setDefaultStyleSheet(_style())
        entry = self._model.entry(row)
        why = {gone.export: gone.reason for gone in entry.missing}
        parts: list[str] = []
        for number, (export, how) in enumerate(
            zip(self._model.exports, self._model.presence(row), strict=True)
        ):
            message = self._model.message_in(row, number)
            if message is None:
                words = t(f"gesprek.mist_kort.{why[number]}")
                body = f"<span class='laat'>{escape(words[:1].upper() + words[1:])}</span>"
                parts.append(_beside(export.letter, how, body))
                continue
            who = self._marked(message.sender) if message.sender else escape(t("vergelijk.app"))
            when = escape(moment(message.sent, year=True)) if message.sent else ""
            words = self._marked(said(message)[:_MOST_TEXT])
            ink = "anders" if how is Presence.OTHER else "tekst"
            body = (
                f"<span class='wie'>{who}</span>&nbsp; <span class='laat'>{when}</span><br>"
                f"<span class='{ink}'>{words}</span>"
            )
            parts.append(_beside(export.letter, how, body))
        self.each.setHtml("".join(parts))
        if self._model.marked:
            to_hit(self.each)

    def _marked(self, text: str) -> str:
        return html_of(text, spans(text, self._model.marked))


def _style() -> str:
    now = theme()
    return (
        f".wie {{ font-weight: 600; }} .laat {{ color: {now.secondary}; }}"
        f" .anders {{ background-color: {now.warn_fill}; color: {now.warn}; }}"
        f" .verder {{ color: {now.accent}; font-weight: 600; }} {html_style()}"
    )


def _beside(letter: str, how: Presence, body: str) -> str:
    """Put a letter in a block beside the words, as in the list."""
    now = theme()
    ink, fill = {
        Presence.HAS: (now.accent, now.soft),
        Presence.OTHER: (now.warn, now.warn_fill),
    }.get(how, (now.secondary, now.base))
    return (
        "<table cellspacing='0' cellpadding='0' style='margin-bottom: 12px'><tr>"
        f"<td width='{px(26)}'><span style='background-color: {fill}; color: {ink};"
        f" font-weight: 600'>&nbsp;{escape(letter)}&nbsp;</span></td>"
        f"<td>{body}</td></tr></table>"
    )
