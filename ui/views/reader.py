"""The reader: title, sender, attachments and the text. Nothing in it can reach the network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, Qt, QTimer, QUrl
from PySide6.QtGui import QImage, QTextCursor, QTextDocument, QTextOption
from PySide6.QtWidgets import QHBoxLayout, QTextBrowser, QVBoxLayout

from ui import a11y
from ui.models.proposal import viewer
from ui.theme import PANE, px, theme
from ui.views.attachment_row import AttachmentRow
from ui.views.controls import ElidedText, Pane, Text
from ui.views.flow import FlowLayout as FlowLayout
from ui.views.said import SaidLines
from ui.words import moment, n, t

if TYPE_CHECKING:
    from archiver.services.reading import Reading


_LEAST_TEXT = 40
_PIECE = 30_000  # characters of HTML that Qt lays out in some milliseconds; more than a screen
_NOTHING = " \t\n\u00a0\ufffc\u200b"  # white space, and the place of a picture that is not shown


class SafeBrowser(QTextBrowser):
    """Shows sanitised HTML and loads nothing: a remote image would be a read receipt."""

    def __init__(self) -> None:
        super().__init__()
        self._nothing = QImage(1, 1, QImage.Format.Format_ARGB32)
        self._nothing.fill(Qt.GlobalColor.transparent)
        self.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setUndoRedoEnabled(False)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabChangesFocus(True)
        self.document().setDocumentMargin(0)
        self.viewport().setAutoFillBackground(False)
        self._rest: Iterator[str] = iter(())
        self._more = QTimer(self)
        self._more.setInterval(0)
        self._more.timeout.connect(self._append)
        a11y.name(self, t("lezer.tekst"))

    def show_paragraphs(self, paragraphs: Iterable[str]) -> None:
        """Show HTML: the first screens at once, the rest in between, so that the window goes on."""
        self._rest = _pieces(paragraphs)
        self.setHtml(next(self._rest, ""))
        self._more.start()

    def _append(self) -> None:
        piece = next(self._rest, None)
        if piece is None:
            self._more.stop()
            return
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertBlock()
        cursor.insertHtml(piece)

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Load nothing, whatever the message asks for.

        The answer must not be empty: Qt then opens the address as a file of its own accord, and
        ``file://server/share`` is a network address on Windows.
        """
        if kind == QTextDocument.ResourceType.ImageResource.value:
            return self._nothing
        return QByteArray(b" ")


def _pieces(paragraphs: Iterable[str]) -> Iterator[str]:
    piece, size = [], 0
    for paragraph in paragraphs:
        piece.append(paragraph)
        size += len(paragraph)
        if size >= _PIECE:
            yield "".join(piece)
            piece, size = [], 0
    if piece:
        yield "".join(piece)


_HERE = "hier"  # anchor of the message that was opened


class Reader(Pane):
    """Shows one message or conversation, or a sentence when there is none."""

    def __init__(self) -> None:
        super().__init__("base")
        self.setAccessibleName(t("lezer.naam"))
        column = QVBoxLayout(self)
        column.setContentsMargins(px(24), px(16), px(24), px(14))
        column.setSpacing(px(4))
        self.title = Text("", ratio=PANE, weight=600, wrap=True)
        column.addWidget(self.title)
        people = QHBoxLayout()
        people.setSpacing(px(5))
        self.author = Text("", weight=600)
        self.addressed = ElidedText("")
        self.sent = Text("", ink="secondary")
        people.addWidget(self.author)
        people.addWidget(self.addressed, 1)
        people.addSpacing(px(7))
        people.addWidget(self.sent)
        column.addLayout(people)
        self.attachments = AttachmentRow()
        self.attachments.setContentsMargins(0, px(4), 0, 0)
        column.addWidget(self.attachments)
        self.said = SaidLines()
        column.addWidget(self.said)
        column.addSpacing(px(8))
        self.browser = SafeBrowser()
        self.browser.setMinimumHeight(px(_LEAST_TEXT))
        column.addWidget(self.browser, 1)
        self.sentence = Text("", ink="secondary", wrap=True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(self.sentence, 1)
        self.clear()

    def hasHeightForWidth(self) -> bool:
        """It scrolls: a layout with little room may make it lower than its text."""
        return False

    def clear(self, sentence: str = "") -> None:
        """Show a sentence in place of a message."""
        self.sentence.setText(sentence or t("leeg.keuze"))
        for label in (self.title, self.author, self.addressed, self.sent):
            label.setText("")
        self.attachments.show_attachments(())
        self.said.show_said(())
        self.browser.show_paragraphs(())
        self._show_sentence(True)

    def _show_sentence(self, shown: bool) -> None:
        self.sentence.setVisible(shown)
        for part in (self.title, self.author, self.addressed, self.sent, self.browser):
            part.setVisible(not shown)

    def show_reading(self, reading: Reading) -> None:
        """Show what the core made readable."""
        self._show_sentence(False)
        self.title.setText(reading.title or t("lijst.geen_onderwerp"))
        self.author.setText(reading.sender or (t("lezer.gesprek") if reading.chat else ""))
        self.addressed.setText(_receivers(reading))
        self.sent.setText(moment(reading.date, year=True))
        self.attachments.show_attachments(sorted(reading.attachments, key=lambda a: a.inline))
        self.said.show_said(reading.said)
        self.browser.document().setDefaultStyleSheet(_style())
        if reading.chat:
            whole = reading.chat_at is not None  # it is scrolled to, and there are few around it
            paragraphs = _chat_html(reading)
            self.browser.show_paragraphs(("".join(paragraphs),) if whole else paragraphs)
        elif reading.html:
            self.browser.show_paragraphs((reading.html,))
        else:
            self.browser.show_paragraphs(_plain_html(reading.text))
        text = self.browser.toPlainText() if reading.html else reading.text
        silent = not reading.chat and not text.strip(_NOTHING)
        if silent and all(finding.code != "rapport.versleuteld" for finding in reading.said):
            self.browser.show_paragraphs((f"<p class='laat'>{escape(t('lezer.geen_tekst'))}</p>",))
        self.browser.verticalScrollBar().setValue(0)
        if reading.chat_at is not None:
            self.browser.scrollToAnchor(_HERE)

    def content_height(self) -> int:
        """Tell how high the reader wants to be at its width, for the 45 % rule."""
        inner = max(px(100), self.width() - px(48))
        document = self.browser.document()
        used = document.textWidth()
        document.setTextWidth(inner)
        head = px(16 + 4 + 4 + 8 + 4) + self.title.heightForWidth(inner)
        chips = self.attachments.wanted_height(inner)
        self.attachments.setMinimumHeight(chips)
        chips += self.said.wanted_height(inner)
        text = max(document.size().height() + px(4), px(_LEAST_TEXT))
        document.setTextWidth(used)  # the browser gave it the width beside its scroll bar
        return round(head + self.author.sizeHint().height() + chips + text) + px(20)


def _receivers(reading: Reading) -> str:
    people = reading.to + reading.cc
    if reading.chat:
        return n("lezer.deelnemers", len(people))
    if not people:
        return ""
    me = viewer().casefold()
    first = t("lezer.jou") if me and me in (p.casefold() for p in reading.to) else people[0]
    if len(people) == 1:
        return t("lezer.aan", naam=first)
    return n("lezer.aan_anderen", len(people) - 1, naam=first)


def _style() -> str:
    now = theme()
    return (
        f"p, div, li, td {{ line-height: 140%; }} a {{ color: {now.accent}; }}"
        f" .wie {{ font-weight: 600; }} .laat {{ color: {now.secondary}; }}"
        f" .hier {{ color: {now.accent}; margin: 10px 0 0 0; }}"
    )


def _plain_html(text: str) -> Iterator[str]:
    lines = escape(text.rstrip()).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return (f"<p style='margin:0'>{line or '&nbsp;'}</p>" for line in lines[:20_000])


def _chat_html(reading: Reading) -> Iterator[str]:
    if reading.begun:
        yield f"<p class='laat'>{escape(t('lezer.rest_wordt_gelezen'))}</p>"
    for place, message in enumerate(reading.chat):
        if place == reading.chat_at:
            yield f"<p class='hier'><a name='{_HERE}'>{escape(t('lezer.dit_bericht'))}</a></p>"
        when = escape(moment(message.sent)) if message.sent else ""
        text = escape(message.text or "").replace("\n", "<br>")
        media = "".join(f"<br><i>{escape(a.name)}</i>" for a in message.attachments)
        if message.type == "system":
            yield f"<p class='laat' style='margin:6px 0'>{text} {when}</p>"
            continue
        yield (
            f"<p style='margin:8px 0 0 0'><span class='wie'>{escape(message.sender or '')}</span>"
            f" <span class='laat'>{when}</span><br>{text}{media}</p>"
        )
    if reading.chat_total > len(reading.chat):
        key = "lezer.eerste" if reading.chat_at is None else "lezer.eromheen"
        words = t(key, n=len(reading.chat), totaal=reading.chat_total)
        yield f"<p class='laat'>{escape(words)}</p>"
