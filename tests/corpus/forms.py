"""Bring what a peer states and what we say to one form, so that only a difference of meaning is left.

Message ids are compared without angle brackets: one peer strips them, we keep them.
An absent name or address is "" for one peer and null for us.
The text is compared by its hash; CRLF and LF are the same, no text is the hash of nothing.
A folded header line is compared unfolded, with white space made one blank.
Dates of tika are in UTC: the moments are compared. Of all others the offset counts too.
A time without any zone is their date and our `date_local`.
What counts as an attachment differs: for imap_tools and stalwart theirs is counted by their own rule.
Files of stalwart's made from a copy with LF line ends are laid beside such a copy.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from archiver.intake.body_text import text_parts
from archiver.intake.mbox import slots
from archiver.intake.mime import part_bytes

Line = Mapping[str, Any]
Pairs = Iterator[tuple[str, object, object]]


def row(attachment: Mapping[str, Any], data: bytes | None = None) -> dict[str, Any]:
    """Give the compared facts of an attachment, of other bytes (the peer's form) when given."""
    found = {"naam": attachment["name"], "type": attachment["media_type"]}
    if data is None:
        return found | {"grootte": attachment["size"], "sha256": attachment["sha256"]}
    return found | {"grootte": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def attachments(theirs: list[dict[str, object]], own: list[dict[str, Any]]) -> Pairs:
    yield "aantal bijlagen", len(theirs), len(own)
    for number, one in enumerate(theirs):
        match = same(one, own)
        if match is not None:
            own.remove(match)
        for key, value in one.items():
            yield f"bijlage {number} {key}", value, match and match[key]


def same(one: Mapping[str, object], own: list[dict[str, Any]]) -> dict[str, Any] | None:
    for key in ("sha256", "naam"):
        for candidate in own:
            if one.get(key) and candidate[key] == one[key]:
                return candidate
    return own[0] if own else None


def names(theirs: Sequence[str], own: Sequence[str]) -> Pairs:
    """Their tests look whether a name is there, not whether it is the only one."""
    for number, name in enumerate(theirs):
        yield f"bijlage {number} naam", name, name if name in own else ", ".join(own)


def mailbox_of(address: Mapping[str, Any]) -> list[str]:
    return [address.get("name") or "", address.get("address") or ""]


def text_like(theirs: str, raw: bytes, line: Line, *, walk: bool = False) -> str:
    """Give the hash of our text; of the same text with the other line ends when that is theirs.

    `walk`: the text of attached messages is theirs too.
    """
    if line.get("format") == "mbox":
        slot = next(slots(raw))
        raw = raw[slot.start : slot.end]
    text = "".join(text_parts(raw)[0])
    assert line.get("body") is None or line["body"]["text_sha256"] in (None, sha256(text))
    for whole in (text, text + inner_text(raw, line)) if walk else (text,):
        plain = whole.replace("\r\n", "\n")
        for form in (plain, plain.replace("\n", "\r\n")):
            if sha256(form) == theirs:
                return theirs
    return sha256(text)


def inner_text(raw: bytes, line: Line) -> str:
    text = ""
    for attachment in line.get("attachments", ()):
        if "message" in attachment:
            data = part_bytes(raw, attachment["part"])
            text += "".join(text_parts(data)[0]) + inner_text(data, attachment["message"])
    return text


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def bare(text: str | None) -> str:
    return (text or "").strip().strip("<>")


def utc(text: str | None) -> str:
    if text is None:
        return ""
    moment = datetime.fromisoformat(text)
    return str(moment.timestamp()) if moment.tzinfo else text
