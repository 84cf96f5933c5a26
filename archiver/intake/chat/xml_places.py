"""Where the messages stand in an XML document, in bytes: the elements of given names.

The document is cut on its tags, not parsed as a whole: exports of phones hold character references
that XML forbids (half of an emoji), and one such reference must not cost the other messages. Each
element is then parsed by itself, without entities and without network.
"""

from __future__ import annotations

import mmap
import re
from array import array
from dataclasses import dataclass, field

from lxml import etree

from archiver.model import Span

Buffer = bytes | mmap.mmap
_PAIR = re.compile(
    rb"&#(?:x([dD][89abAB][0-9a-fA-F]{2})|(5[5-6]\d{3}));&#(?:x([dD][c-fC-F][0-9a-fA-F]{2})|(5[6-7]\d{3}));"
)
_HALF = re.compile(rb"&#(?:x[dD][89a-fA-F][0-9a-fA-F]{2}|5[5-7]\d{3}|0|x0+);")


@dataclass(slots=True)
class Cut:
    """The elements of a document: `groups` per container (0 when there is none), starts and ends.

    `heads` are the bytes of a container before its first element, `names` the tags per group.
    """

    buffer: Buffer
    groups: dict[int, array[int]] = field(default_factory=dict)
    heads: dict[int, bytes] = field(default_factory=dict)
    whole: bool = True

    def spans(self, group: int) -> list[Span]:
        """Give the byte ranges of the elements of one container."""
        found = self.groups[group]
        return [Span(found[i], found[i + 1]) for i in range(0, len(found), 2)]

    def around(self) -> tuple[tuple[str, Span], ...]:
        """Give the bytes between and around the elements."""
        left: list[tuple[str, Span]] = []
        at = 0
        for start, end in sorted((s.start, s.end) for g in self.groups for s in self.spans(g)):
            if start > at:
                left.append(("frame", Span(at, start)))
            at = end
        if at < len(self.buffer):
            left.append(("frame", Span(at, len(self.buffer))))
        return tuple(left)


def cut(buffer: Buffer, names: tuple[str, ...], container: str | None = None) -> Cut:
    """Cut the elements called `names`, grouped by the `container` element they stand in.

    White space after an element belongs to it, so that the frame stays small.
    """
    wanted = "|".join(names).encode()
    tag = re.compile(
        rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<(/?)("
        + wanted
        + (rb"|" + container.encode() if container else b"")
        + rb")(?=[\s>/])((?:[^<>\"']++|\"[^\"]*\"|'[^']*')*+)>",
        re.DOTALL,
    )
    space = re.compile(rb"\s*")
    found = Cut(buffer)
    group, start, open_name = 0, 0, b""
    head_at: int | None = None
    for hit in tag.finditer(buffer):
        name = hit[2]
        if name is None:
            continue
        closing, empty = hit[1] == b"/", hit[3].endswith(b"/")
        if container is not None and name == container.encode():
            if not closing:
                group, head_at = group + 1, hit.start()
            continue
        if not open_name:
            if closing:
                continue
            if head_at is not None:
                found.heads[group] = buffer[head_at : hit.start()]
                head_at = None
            start = hit.start()
            if not empty:
                open_name = name
                continue
        elif not closing or name != open_name:
            continue
        after = space.match(buffer, hit.end())
        end = after.end() if after else hit.end()
        found.groups.setdefault(group, array("Q")).extend((start, end))
        open_name = b""
    found.whole = not open_name
    return found


def parse(raw: bytes) -> tuple[etree._Element | None, str | None]:
    """Parse one element; second is how it had to be repaired ("hersteld", "onleesbaar") or None."""
    mended = _HALF.sub(b"&#xFFFD;", _PAIR.sub(_whole, raw))
    try:
        return etree.fromstring(mended, _parser(recover=False)), None
    except (etree.XMLSyntaxError, ValueError):
        pass
    try:
        node = etree.fromstring(mended, _parser(recover=True))
    except (etree.XMLSyntaxError, ValueError):
        node = None
    return (node, "hersteld") if node is not None else (None, "onleesbaar")


def _whole(found: re.Match[bytes]) -> bytes:
    high = int(found[1], 16) if found[1] else int(found[2])
    low = int(found[3], 16) if found[3] else int(found[4])
    if not (0xD800 <= high < 0xDC00 <= low < 0xE000):
        return found[0]
    return f"&#{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)};".encode()


def _parser(recover: bool) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        recover=recover,
        huge_tree=True,
        remove_comments=True,
    )
