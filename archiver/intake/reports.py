"""What a report says, in facts for who reads it: not delivered to whom and why, read by whom, content where.

RFC 3464 (delivery), RFC 8098 (reading), RFC 2046 section 5.2.3 (content elsewhere), RFC 5965 (complaints).
Made each time a message is read and never kept: addresses have no place in findings of the register.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice

from archiver.findings import Finding, Severity
from archiver.intake import content
from archiver.intake.encoded_words import header_text
from archiver.intake.notices import DELIVERY, READING
from archiver.intake.parts import structure
from archiver.intake.protocol import Limits
from archiver.model import Attachment, EmailMessage

_MOST = 20  # recipients of one report; a list of thousands is in the report itself
_LONGEST = 400  # characters of one value
_BYTES = 256 * 1024
_COMPLAINT, _ELSEWHERE = "message/feedback-report", "message/external-body"
_ACTIONS = {"5.": "failed", "4.": "delayed", "2.": "delivered"}  # by the class of the status
_BLOCK = re.compile(rb"(?:\r?\n[ \t]*){2,}")
_FIELD = re.compile(
    rb"(?m)^([A-Za-z][A-Za-z0-9-]{0,60})[ \t]*:[ \t]*([^\r\n]*(?:\r?\n[ \t]+[^\r\n]+)*)"
)
_FILES = (
    re.compile(r"(?ms)^=ybegin [^\n]* name=([^\r\n]{1,255})\r?\n.*?^=yend[^\n]*(?:\n|\Z)"),
    re.compile(r"(?ms)^begin [0-7]{3,4} ([^\r\n]{1,255})\r?\n.*?^end[ \t]*\r?(?:\n|\Z)"),
)


def said(record: EmailMessage, raw: bytes, limits: Limits) -> tuple[Finding, ...]:
    """Give what the parts of a message report; nothing for one that is no report."""
    found = [_info("rapport.versleuteld")] if record.encrypted else []
    for attachment in record.attachments:
        kind = attachment.media_type
        if kind not in (*DELIVERY, *READING, _COMPLAINT):
            continue
        data = content.part_bytes(raw, attachment.part)[:_BYTES]
        if kind in DELIVERY:
            found += islice(_delivery(data), _MOST)
        elif kind in READING:
            found += _reading(data)
        else:
            found.append(_info("rapport.klacht", soort=_fields(data).get("feedback-type", "?")))
    if any(a.media_type == _ELSEWHERE for a in record.attachments):
        leaves = structure(raw, limits).leaves
        found += [_elsewhere(leaf.params) for leaf in leaves if leaf.media_type == _ELSEWHERE]
    return tuple(found)


def without_files(text: str, attachments: tuple[Attachment, ...]) -> str:
    """Give a text with the name in the place of each file that was written in it (uuencode, yEnc)."""
    if not any("!" in a.part for a in attachments):
        return text
    for pattern in _FILES:
        text = pattern.sub(lambda match: f"[{match[1].strip()}]\n", text)
    return text


def _delivery(data: bytes) -> Iterator[Finding]:
    for block in _BLOCK.split(data):
        fields = _fields(block)
        status = fields.get("status", "")
        action = fields.get("action", "").lower() or _ACTIONS.get(status[:2], "")
        address = _typed(fields.get("original-recipient") or fields.get("final-recipient", ""))
        if not action or not address:
            continue
        reason = _typed(fields.get("diagnostic-code", "")) or status
        if action == "failed":
            yield _info("rapport.niet_bezorgd", adres=address, reden=reason or "?")
        elif action == "delayed":
            yield _info("rapport.vertraagd", adres=address, reden=reason or "?")
        else:
            yield _info("rapport.bezorgd", adres=address)


def _reading(data: bytes) -> Iterator[Finding]:
    fields = _fields(data)
    address = _typed(fields.get("final-recipient", "")) or "?"
    outcome = fields.get("disposition", "").rpartition(";")[2].strip().lower().partition("/")[0]
    code = {"displayed": "rapport.gelezen", "deleted": "rapport.ongelezen_gewist"}.get(outcome)
    yield _info(code or "rapport.ontvangen", adres=address)


def _elsewhere(params: Mapping[str, str]) -> Finding:
    """Give the place as the message has it; nothing is fetched."""
    place = params.get("url", "")
    if not place:
        pieces = [params.get(key, "").strip("/") for key in ("site", "directory", "name")]
        place = "/".join(piece for piece in pieces if piece) or params.get("server", "")
    return _info("rapport.elders", plaats=_short(place or params.get("access-type", "")) or "?")


def _fields(block: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    for match in _FIELD.finditer(block):
        name = match[1].decode("ascii").lower()
        found.setdefault(name, _short(header_text(match[2][:2_000])))
    return found


def _typed(value: str) -> str:
    """Take off the type before a value: "rfc822; jan@voorbeeld.nl"."""
    kind, semicolon, rest = value.partition(";")
    typed = semicolon and re.fullmatch(r"[A-Za-z0-9-]{1,30}", kind.strip())
    return (rest if typed else value).strip().strip("<>")


def _short(value: str) -> str:
    words = " ".join(value.split())
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"


def _info(code: str, **params: str) -> Finding:
    return Finding(code, dict(params), severity=Severity.INFO)
