"""Reader of the HTML export of Telegram Desktop: one page ``messages.html``, ``messages2.html``, …

The page is cut at the bytes where a message begins; a message that follows one of the same sender
("joined") has no name of its own and gets the name above it, as the page shows it. The time stands
in a title, ``dd.mm.yyyy hh:mm:ss UTC+01:00``; older versions leave the zone out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from lxml import etree, html

from archiver.findings import Finding, Severity
from archiver.intake.body_text import html_to_text
from archiver.intake.chat import exports, media
from archiver.intake.protocol import Head, ParseContext
from archiver.model import ChatAttachment, ChatMessage, Record, Span

FORMAT = "telegram-html"
PLATFORM = "telegram"
_START = re.compile(rb'<div class="message (default|service)[^"]*" id="message(-?\d+)"')
_MAX = 4 * 1024 * 1024  # bytes of one message
_TITLE = re.compile(r"(\d\d)\.(\d\d)\.(\d{4}) (\d\d:\d\d:\d\d)(?: UTC([+-]\d\d:\d\d))?", re.ASCII)
_SPACE = re.compile(r"[ \t]*\n[ \t]*")


def _wanted(name: str) -> bool:
    return re.fullmatch(r"messages\d*\.html", name.rpartition("/")[2]) is not None


def _score_text(data: bytes) -> int:
    page = b'class="page_body chat_page"' in data or b'class="history"' in data
    return 95 if page and _START.search(data) else 0


def score(head: Head) -> int:
    """Say how sure the bytes make it: the page of a chat with a message in it."""
    return _score_text(head.data)


def score_path(path: Path, head: Head) -> int:
    """As `score`, but looks into a zip for ``messages.html``."""
    return exports.score(path, head, _wanted, _score_text)


def parse(path: Path, context: ParseContext) -> Iterator[Record]:
    """Read a page: one `Conversation`, then its messages in source order."""
    return exports.guarded(path, lambda: _parse(path, context))


def member_bytes(path: Path, name: str, context: ParseContext | None = None) -> Iterator[bytes]:
    """Give the bytes of a medium by its `ChatAttachment.path`. InputRefused when absent."""
    return media.member_bytes(path, name, (context or ParseContext()).limits)


def _parse(path: Path, context: ParseContext) -> Iterator[Record]:
    index = 0
    for source in exports.texts(path, context, _wanted):
        if chat := _chat(source):
            yield from exports.conversations(source, PLATFORM, [chat], index, format=FORMAT)
            index += 1


def _chat(source: exports.Text) -> exports.Chat | None:
    buffer = source.text.buffer
    starts = [(m.start(), m[1] == b"service", int(m[2])) for m in _START.finditer(buffer)]
    if not starts:
        return None
    ends = [start for start, _, _ in starts[1:]] + [len(buffer)]
    skipped = [("page", Span(0, starts[0][0]))] if starts[0][0] else []
    skipped += [
        ("day_mark", Span(start, end))
        for (start, service, number), end in zip(starts, ends, strict=True)
        if service and number < 0
    ]

    def read(identity: str) -> Iterator[ChatMessage]:
        sender: str | None = None
        index = 0
        for (start, service, number), end in zip(starts, ends, strict=True):
            if service and number < 0:
                continue  # a day or a page mark that the page shows, not a message
            found = _message(source, identity, index, Span(start, end), sender)
            yield found
            sender = found.sender if not service else sender
            index += 1

    page = re.search(r"messages(\d+)\.html", source.place)
    found: tuple[Finding, ...] = ()
    if page:
        params: dict[str, str | int] = {"nummer": int(page[1])}
        found = (Finding("chat.vervolgpagina", params, source.place, Severity.INFO),)
    return exports.Chat(
        _page_title(buffer[: min(starts[0][0], 65_536)]), read, (), tuple(skipped), found
    )


def _page_title(head: bytes) -> str | None:
    found = re.search(rb'<div class="page_header.*?<div class="text bold">(.*?)</div>', head, re.S)
    return (html_to_text(found[1].decode("utf-8", "replace")) or None) if found else None


def _message(
    source: exports.Text, identity: str, index: int, span: Span, above: str | None
) -> ChatMessage:
    raw = source.text.buffer[span.start : min(span.end, span.start + _MAX)]
    findings: tuple[Finding, ...] = ()
    if span.end - span.start > _MAX:
        findings = (Finding("chat.bericht_te_groot"),)
    block = _block(raw.decode("utf-8", "replace"))
    if block is None:
        unreadable = (Finding("chat.bericht_onleesbaar"),)
        return ChatMessage(identity, index, span, type="unknown", findings=unreadable)
    service = "service" in (block.get("class") or "")
    if service:
        text = _words(_first(block, "body details"))
        return ChatMessage(
            identity, index, span, id=_id(block), text=text, type="system", findings=findings
        )
    forward = _first(block, "forwarded body")
    if forward is not None and (name := _words(_first(forward, "from_name"))):
        findings += (Finding("chat.doorgestuurd", {"van": name}, severity=Severity.INFO),)
    own = _first(block, "from_name", forward)
    text = _words(_first(block, "text"))
    files = tuple(_files(source, block))
    date = _first(block, "date details")
    stamp = date.get("title") if date is not None else None
    return ChatMessage(
        identity,
        index,
        span,
        id=_id(block),
        sender=_words(own) or above,
        sent=_time(stamp),
        sent_raw=stamp,
        precision="second" if _time(stamp) else None,
        text=text,
        type="media" if files and not text else "text",
        attachments=files,
        reply_to=_reply(block),
        reactions=tuple(
            {"emoji": _words(r) or ""} for r in block.xpath(".//*[contains(@class, 'emoji')]")[:100]
        ),
        findings=findings,
    )


def _block(page: str) -> html.HtmlElement | None:
    """Give the element of a message from a piece of a page; None when there is none to be made of it."""
    try:
        # Not fragment_fromstring: that fails on a piece that has a body of its own.
        return next(html.document_fromstring(page).iter("div"), None)
    except (etree.ParserError, ValueError):
        return None


def _first(
    node: html.HtmlElement | None, name: str, outside: html.HtmlElement | None = None
) -> html.HtmlElement | None:
    if node is None:
        return None
    wanted = set(name.split())
    for found in node.iter("div"):
        inside = outside is not None and outside in found.iterancestors()
        if not inside and wanted <= set((found.get("class") or "").split()):
            return found
    return None


def _id(block: html.HtmlElement) -> str | None:
    return (block.get("id") or "").removeprefix("message") or None


def _words(node: html.HtmlElement | None) -> str | None:
    """Give the words of a node as the page shows them: white space of the source is no text."""
    if node is None:
        return None
    parts: list[str] = []
    for piece in node.iter():
        if piece.tag == "br":
            parts.append("\0")
        if piece.text and isinstance(piece.tag, str):
            parts.append(piece.text)
        if piece is not node and piece.tail:
            parts.append(piece.tail)
    text = _SPACE.sub("\n", "".join(parts)).strip().replace("\n", " ")
    return text.replace(" \0", "\0").replace("\0 ", "\0").replace("\0", "\n") or None


def _time(stamp: str | None) -> str | None:
    found = _TITLE.fullmatch(stamp or "")
    return f"{found[3]}-{found[2]}-{found[1]}T{found[4]}{found[5] or ''}" if found else None


def _reply(block: html.HtmlElement) -> str | None:
    reply = _first(block, "reply_to details")
    for link in reply.iter("a") if reply is not None else ():
        found = re.search(r"#go_to_message(\d+)", link.get("href") or "")
        if found:
            return found[1]
    return None


def _files(source: exports.Text, block: html.HtmlElement) -> Iterator[ChatAttachment]:
    for node in block.iter("a", "div"):
        names = (node.get("class") or "").split()
        if not {"media", "photo_wrap", "video_file_wrap", "sticker_wrap", "animated_wrap"} & set(
            names
        ):
            continue
        href = node.get("href")
        if href and "://" not in href:
            yield source.shelf.find(unquote(href))
        elif node.tag == "div" and not href:
            title = _words(_first(node, "title")) or ""
            yield ChatAttachment(title, False, absent_because="left_out")
