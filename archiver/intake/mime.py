"""Read one message over its raw bytes: attachments with exact bytes, text, people, times, findings.

An attached message is one part (`archiver.intake.parts`); its own attachments are addressed inside its own
bytes (`part_bytes` twice). Messages in messages are read with a stack of our own. Follows RFC 5322 and what
mail programs really write.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from archiver.findings import Finding, Severity
from archiver.intake import headers
from archiver.intake.charsets import decode_body
from archiver.intake.encoded_words import header_text
from archiver.intake.fallback import header_only
from archiver.intake.language import guess_language
from archiver.intake.notices import name_notice, notices
from archiver.intake.parts import (
    NOTHING,
    Encoded,
    Structure,
    is_attachment,
    plain_line_ends,
    structure,
)
from archiver.intake.protocol import Limits
from archiver.intake.uuencode import Hidden, uuencoded
from archiver.intake.yenc import yencoded
from archiver.model import Attachment, Body, EmailMessage, Span

_CID = re.compile(r"cid:([^\"'\s)>]{1,300})", re.IGNORECASE)
_PGP_SIGNED = "-----BEGIN PGP SIGNED MESSAGE-----"
_PGP_MESSAGE = "-----BEGIN PGP MESSAGE-----"
_DEFAULT = Limits()
_NOT_MIME = (b"\xd0\xcf\x11\xe0", b"\x78\x9f\x3e\x22")  # Outlook item (OLE2), TNEF


@dataclass(slots=True)
class _Draft:
    """A message being put together while the messages attached to it are read."""

    message: EmailMessage
    attachments: list[Attachment]
    parent: _Draft | None
    slot: int


# A message, its attachments, and the messages inside it as (slot of the attachment, bytes).
_Read = tuple[EmailMessage, list[Attachment], list[tuple[int, bytes]]]


def read_message(
    raw: bytes,
    *,
    format: str,
    index: int,
    span: Span,
    limits: Limits = _DEFAULT,
    encoded: Encoded = NOTHING,
) -> EmailMessage:
    """Read a message and the messages attached to it. Never raises on any bytes.

    `encoded` are the bytes of its base64 as far as they are known already; the record is the same without.
    """
    message, attachments, nested = _one(raw, limits, format, index, span, encoded)
    if not nested:
        return message
    drafts: list[_Draft] = []
    waiting: list[tuple[bytes, _Draft | None, int, int]] = [(raw, None, 0, 0)]
    while waiting:
        data, parent, slot, depth = waiting.pop()
        if parent is not None and data[:4] in _NOT_MIME:
            inside = replace(limits, depth=limits.depth - depth + 1)
            message, attachments, nested = _other(parent.attachments[slot], data, inside)
        elif parent is not None:
            span = Span(0, len(data))
            message, attachments, nested = _one(data, limits, "eml", 0, span, NOTHING)
        draft = _Draft(message, attachments, parent, slot)
        drafts.append(draft)
        for position, inner in nested:
            if depth + 1 >= limits.depth:
                draft.message = replace(
                    draft.message,
                    findings=(
                        *draft.message.findings,
                        Finding("mail.te_diep", {"grens": limits.depth}),
                    ),
                )
            else:
                waiting.append((inner, draft, position, depth + 1))
    finished = drafts[0].message
    for draft in reversed(drafts):
        finished = replace(draft.message, attachments=tuple(draft.attachments))
        if draft.parent is not None:
            outer = draft.parent.attachments
            outer[draft.slot] = replace(outer[draft.slot], message=finished)
    return finished


def part_bytes(raw: bytes, part: str) -> bytes:
    """Give the decoded bytes of the part with this address. KeyError when there is no such part."""
    raw = plain_line_ends(raw)
    address, _, hidden = part.partition("!")
    for leaf in _last_structure(raw).leaves:
        if leaf.address != address:
            continue
        data = leaf.decoded(raw)[0]
        if not hidden:
            return data
        for number, one in enumerate(_hidden_files(data), 1):
            if str(number) == hidden:
                return one.data
    raise KeyError(part)


@functools.lru_cache(maxsize=1)
def _last_structure(raw: bytes) -> Structure:
    """Remember the message read last: its parts are fetched one after the other, all of them."""
    return structure(raw)


def _one(
    raw: bytes, limits: Limits, format: str, index: int, span: Span, encoded: Encoded
) -> _Read:
    """Read one message without the messages inside it; a mistake of ours leaves its header."""
    try:
        return _whole(raw, limits, format, index, span, encoded)
    except MemoryError:
        raise
    except Exception as error:  # the finding names its type; the rest of the mailbox goes on
        found = header_only(raw, format=format, index=index, span=span, error=error)
        return found, [], []


def _whole(
    raw: bytes, limits: Limits, format: str, index: int, span: Span, encoded: Encoded
) -> _Read:
    original = raw
    raw = plain_line_ends(raw)
    shape = structure(raw, limits)
    fields, findings = shape.fields, shape.findings
    plain: list[str] = []
    html: str | None = None
    undecodable = 0
    attachments: list[Attachment] = []
    nested: list[tuple[int, bytes]] = []
    for leaf in shape.leaves:
        if not is_attachment(leaf):
            data, broken = leaf.decoded(raw, encoded)
            piece, bad, guess = decode_body(data, leaf.params.get("charset"))
            undecodable += bad
            if guess is not None:
                params: dict[str, str | int] = {"deel": leaf.address, "tekenset": guess}
                findings.append(Finding("mail.tekenset_geraden", params, severity=Severity.INFO))
            if broken:
                findings.append(Finding("mail.codering_stuk", {"deel": leaf.address}))
            if leaf.media_type == "text/html":
                html = piece if html is None else html + piece
                continue
            for number, hidden in enumerate(_hidden_files(data), 1):
                attachments.append(_hidden_attachment(f"{leaf.address}!{number}", hidden))
                if hidden.broken:
                    findings.append(Finding("mail.codering_stuk", {"deel": leaf.address}))
            plain.append(piece)
            continue
        data, broken = leaf.decoded(raw, encoded)
        if broken:
            findings.append(Finding("mail.codering_stuk", {"deel": leaf.address}))
        if leaf.name and (misleads := name_notice(leaf.name, leaf.address)) is not None:
            findings.append(misleads)
        if leaf.media_type.startswith("message/"):
            findings.extend(notices(leaf.media_type, leaf.params, data))
        kind = leaf.kind
        if data[:4] in _NOT_MIME or kind == "calendar":
            from archiver.intake import attached  # reads with this module what it finds inside

            kind = attached.kind_of(leaf.name, leaf.media_type, data)
            findings.extend(attached.calendar_findings(kind, data, leaf.address))
        if kind == "message" or (kind == "tnef" and data[:4] in _NOT_MIME):
            nested.append((len(attachments), data))
        attachments.append(
            Attachment(
                name=leaf.name,
                media_type=leaf.media_type,
                size=len(data),
                sha256=hashlib.sha256(data).hexdigest(),
                part=leaf.address,
                inline=leaf.disposition == "inline" and leaf.content_id is not None,
                kind=kind,
                content_id=leaf.content_id,
            )
        )
    if html is not None and any(a.content_id for a in attachments):
        used = {c.casefold() for c in _CID.findall(html)}
        attachments = [
            replace(a, inline=True)
            if a.content_id is not None and a.content_id.casefold() in used
            else a
            for a in attachments
        ]
    if undecodable:
        findings.append(Finding("mail.onleesbare_tekens", {"n": undecodable}))
    date, trouble = headers.date(fields.first(b"date"))
    if trouble is not None:
        findings.append(trouble)
    raw_date = fields.first(b"date")
    sender = headers.addresses(fields.every(b"from")) or headers.addresses(fields.every(b"sender"))
    if not sender:
        findings.append(Finding("mail.afzender_ontbreekt"))
    subject = fields.first(b"subject")
    text = "".join(plain)
    signed, encrypted = shape.signed, shape.encrypted
    if text and "-----BEGIN PGP" in text:
        signed = signed or ("pgp" if _PGP_SIGNED in text else None)
        encrypted = encrypted or ("pgp" if _PGP_MESSAGE in text else None)
    if encrypted:
        findings.append(Finding("mail.versleuteld"))
    message = EmailMessage(
        format=format,
        index=index,
        span=span,
        size=len(original),
        sha256=hashlib.sha256(original).hexdigest(),
        message_id=headers.message_id(fields.first(b"message-id")),
        subject=header_text(subject) if subject is not None else None,
        sender=sender[0] if sender else None,
        to=headers.addresses(fields.every(b"to")),
        cc=headers.addresses(fields.every(b"cc")),
        bcc=headers.addresses(fields.every(b"bcc")),
        date=date,
        date_raw=header_text(raw_date) if raw_date is not None else None,
        received=headers.received(fields),
        in_reply_to=headers.message_id(fields.first(b"in-reply-to")),
        references=headers.message_ids(fields.every(b"references")),
        attachments=tuple(attachments),
        body=Body(
            hashlib.sha256(text.encode("utf-8", "replace")).hexdigest() if plain else None,
            len(text),
            html is not None,
        ),
        signed=signed,
        encrypted=encrypted,
        language=guess_language(text),
        parts=shape.parts,
        undecodable=undecodable,
        authentication=headers.authentication(fields.first(b"authentication-results")),
        thread_index=headers.thread_index(fields.first(b"thread-index")),
        findings=tuple(findings),
    )
    return message, attachments, nested


def _other(attachment: Attachment, data: bytes, limits: Limits) -> _Read:
    """Read what is inside an Outlook item or TNEF; nothing of it waits to be read."""
    from archiver.intake import attached

    message = attached.read_further(attachment.kind, attachment.media_type, data, limits)
    assert message is not None, "kind_of said that it can be read"
    return message, list(message.attachments), []


def _hidden_files(text: bytes) -> Iterator[Hidden]:
    yield from uuencoded(text)
    yield from yencoded(text)


def _hidden_attachment(part: str, hidden: Hidden) -> Attachment:
    return Attachment(
        name=hidden.name,
        media_type="application/octet-stream",
        size=len(hidden.data),
        sha256=hashlib.sha256(hidden.data).hexdigest(),
        part=part,
    )
