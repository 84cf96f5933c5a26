"""The text of a message for reading and search: plain text as it is, or made from sanitised HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

import nh3

from archiver.intake.charsets import decode_body
from archiver.intake.parts import Part, is_attachment, plain_line_ends, structure

MAX_HTML = 4 * 1024 * 1024  # characters
MAX_DEPTH = 1_000  # blocks in blocks; nh3 is quadratic in depth, so a bomb must not reach it
_BREAKS = frozenset(
    [
        "address",
        "article",
        "blockquote",
        "br",
        "dd",
        "div",
        "dl",
        "dt",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "li",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tr",
        "ul",
    ]
)
_CODE = ("script", "style", "title", "template")
_CODE_END = {name: re.compile(f"</{name}\\b", re.IGNORECASE) for name in _CODE}
# A tag ends before the next "<", so that no stretch is scanned twice.
_TAG = re.compile(r"""<(/?)([a-zA-Z][a-zA-Z0-9:]{0,30})(?:[^<>"']|"[^"<]*"|'[^'<]*')*+>""")
_CONTAINER = re.compile(
    r"<(/?)(?:address|article|aside|blockquote|center|details|dialog|dir|div|dl|fieldset|figure|footer"
    r"|form|header|hgroup|main|menu|nav|ol|pre|section|summary|table|ul|h[1-6])\b",
    re.IGNORECASE,
)
_TAGS = frozenset(
    [
        "a",
        "abbr",
        "b",
        "big",
        "blockquote",
        "br",
        "caption",
        "center",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "div",
        "dl",
        "dt",
        "em",
        "font",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "ins",
        "li",
        "ol",
        "p",
        "pre",
        "q",
        "s",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "tt",
        "u",
        "ul",
    ]
)


@dataclass(frozen=True, slots=True)
class Readable:
    """The text of a message; `html` is as the message has it, not safe to show."""

    plain: str
    html: str | None


def readable(raw: bytes) -> Readable:
    """Give the text of a message: its text/plain parts, else text made from its HTML."""
    plain: list[str] = []
    found: list[str] = []
    for leaf, text in _text_leaves(raw):
        if leaf.media_type == "text/html":
            found.append(text)
        elif leaf.params.get("format", "").casefold() == "flowed":
            plain.append(unflowed(text, leaf.params.get("delsp", "").casefold() == "yes"))
        else:
            plain.append(text)
    html = "\n".join(found) if found else None
    if any(text.strip() for text in plain):
        return Readable("\n".join(text for text in plain if text.strip()), html)
    return Readable(html_to_text(html) if html else "", html)


def text_parts(raw: bytes) -> tuple[list[str], list[str]]:
    """Give the decoded text/plain and text/html parts that are no attachment, in order, as they are."""
    plain: list[str] = []
    html: list[str] = []
    for leaf, text in _text_leaves(raw):
        (html if leaf.media_type == "text/html" else plain).append(text)
    return plain, html


def unflowed(text: str, delete_space: bool = False) -> str:
    """Join the lines that a mail program broke for width (RFC 3676, format=flowed).

    A space at the end of a line says that the paragraph goes on; quoting marks stay, signatures too.
    """
    out: list[str] = []
    goes_on: int | None = None  # the quoting depth of the paragraph that is not finished
    for line in text.replace("\r\n", "\n").split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")
        if goes_on == depth and content != "-- ":
            out[-1] += content
        else:
            out.append(f"{'>' * depth} {content}" if depth else content)
        flows = content.endswith(" ") and content != "-- "
        if flows and delete_space:
            out[-1] = out[-1][:-1]
        goes_on = depth if flows else None
    return "\n".join(out)


def _text_leaves(raw: bytes) -> Iterator[tuple[Part, str]]:
    raw = plain_line_ends(raw)
    for leaf in structure(raw).leaves:
        if not is_attachment(leaf):
            yield leaf, decode_body(leaf.decoded(raw)[0], leaf.params.get("charset"))[0]


def safe_html(html: str) -> str:
    """Keep structure and text only: no scripts, forms, styles, images or anything that loads.

    Links keep their target as text to hover over; nothing is fetched, because a fetch tells the sender
    that the message was read. HTML that is too large or nested too deep is shown as text.
    """
    if len(html) > MAX_HTML or _too_deep(html):
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
    """Make plain text out of HTML, in one pass: hostile HTML costs no more than its length.

    The standard library's parser is not used: 450 kB of open tags cost it minutes.
    """
    pieces: list[str] = []
    for text in _texts(html):
        pieces.append(text if text == "\n" else unescape(text).replace("\n", " "))
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    out: list[str] = []
    for line in lines:
        if line or (out and out[-1]):
            out.append(line)
    return "\n".join(out).strip()


def _texts(html: str) -> Iterator[str]:
    """Give the stretches between the tags, a line end where a block starts or ends."""
    position = 0
    unclosed: set[str] = set()
    while (start := html.find("<", position)) >= 0:
        yield html[position:start]
        tag = _TAG.match(html, start)
        if tag is None:
            position = _after_declaration(html, start)
            if position == start:
                yield "<"
                position = start + 1
            continue
        position, name = tag.end(), tag[2].casefold()
        if name in _BREAKS:
            yield "\n"
        elif name in ("td", "th"):
            yield " "
        elif name in _CODE and not tag[1] and name not in unclosed:
            end = _CODE_END[name].search(html, position)
            if end is None:
                # What is never closed does not eat the rest; it is not looked for again.
                unclosed.add(name)
            else:
                position = end.start()
    yield html[position:]


def _after_declaration(html: str, start: int) -> int:
    """Give where a comment or declaration ends; `start` itself when none begins here."""
    if html.startswith("<!--", start):
        end = html.find("-->", start + 4)
        return end + 3 if end >= 0 else len(html)
    if html.startswith(("<!", "<?"), start):
        end = html.find(">", start)
        return end + 1 if end >= 0 else len(html)
    return start


def _too_deep(html: str) -> bool:
    depth = 0
    for match in _CONTAINER.finditer(html):
        depth = max(depth - 1, 0) if match[1] else depth + 1
        if depth > MAX_DEPTH:
            return True
    return False
