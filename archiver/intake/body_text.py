"""The text of a message for reading and search: plain text as it is, or made from sanitised HTML."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser

import nh3

from archiver.intake.charsets import decode
from archiver.intake.mime import is_attachment, plain_line_ends, structure

MAX_HTML = 4 * 1024 * 1024  # characters; nh3 is quadratic in depth, so a bomb must not reach it
_BREAKS = frozenset(
    ["address", "article", "blockquote", "br", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "section", "table", "tr", "ul"]
)
_SKIP = frozenset({"script", "style", "head", "title", "template"})
_TAGS = frozenset(
    ["a", "abbr", "b", "big", "blockquote", "br", "caption", "center", "code", "col", "colgroup", "dd", "del", "div", "dl", "dt", "em", "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "ins", "li", "ol", "p", "pre", "q", "s", "small", "span", "strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul"]
)


@dataclass(frozen=True, slots=True)
class Readable:
    """The text of a message; `html` is as the message has it, not safe to show."""

    plain: str
    html: str | None


def readable(raw: bytes) -> Readable:
    """Give the text of a message: its text/plain parts, else text made from its HTML."""
    plain, found = text_parts(raw)
    html = "\n".join(found) if found else None
    if any(text.strip() for text in plain):
        return Readable("\n".join(text for text in plain if text.strip()), html)
    return Readable(html_to_text(html) if html else "", html)


def text_parts(raw: bytes) -> tuple[list[str], list[str]]:
    """Give the decoded text/plain and text/html parts that are no attachment, in order."""
    raw = plain_line_ends(raw)
    plain: list[str] = []
    html: list[str] = []
    for leaf in structure(raw).leaves:
        if not is_attachment(leaf):
            text, _ = decode(leaf.decoded(raw)[0], leaf.params.get("charset"))
            (html if leaf.media_type == "text/html" else plain).append(text)
    return plain, html


def safe_html(html: str) -> str:
    """Keep structure and text only: no scripts, forms, styles, images or anything that loads.

    Links keep their target as text to hover over; nothing is fetched, because a fetch tells the sender
    that the message was read. HTML beyond `MAX_HTML` characters is shown as text.
    """
    if len(html) > MAX_HTML or html.count("<div") > 5_000:
        return f"<pre>{nh3.clean_text(html_to_text(html[:MAX_HTML]))}</pre>"
    return nh3.clean(
        html,
        tags=set(_TAGS),
        attributes={
            "a": {"href", "title"},
            "td": {"colspan", "rowspan", "align"},
            "th": {"colspan", "rowspan", "align", "scope"},
            "ol": {"start"},
        },
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
    )


def html_to_text(html: str) -> str:
    """Make plain text out of HTML; deep nesting costs no stack."""
    reader = _Text()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.pieces).split("\n"))
    out: list[str] = []
    for line in lines:
        if line or (out and out[-1]):
            out.append(line)
    return "\n".join(out).strip()


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._skipping: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._skipping is None and tag in _SKIP:
            self._skipping = tag
        elif tag in _BREAKS:
            self.pieces.append("\n")
        elif tag in ("td", "th"):
            self.pieces.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._skipping or tag == "body":
            self._skipping = None
        elif tag in _BREAKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if self._skipping is None:
            self.pieces.append(data.replace("\n", " "))
