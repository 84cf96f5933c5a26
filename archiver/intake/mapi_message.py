"""From MAPI properties to the record of a message, for .msg and TNEF alike ([MS-OXOMSG], [MS-OXOCAL])."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from archiver.findings import Finding, Severity
from archiver.intake import headers, mapi, rtf
from archiver.intake.encoded_words import header_text
from archiver.intake.language import guess_language
from archiver.intake.protocol import Limits
from archiver.model import Address, Attachment, Body, EmailMessage, Span

_CID = re.compile(r"cid:([^\"'\s)>]{1,300})", re.IGNORECASE)
_UNSENT = 0x8  # bit of the message flags
_REF = 0x4  # bit of the attachment flags: used by the HTML body
_RTF_NATIVE, _HTML_NATIVE = 2, 3
_APPOINTMENT = "0220060000000000c000000000000046"
_TASK = "0320060000000000c000000000000046"
_PLAIN_CLASSES = ("", "IPM.NOTE")
# OIDs of CMS content: what a smime.p7m is.
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_ENVELOPED_DATA = (
    bytes.fromhex("06092a864886f70d010703"),
    bytes.fromhex("060b2a864886f70d0109100117"),
)


def build(
    properties: mapi.Properties,
    table: Sequence[mapi.Properties],
    attachments: list[Attachment],
    findings: list[Finding],
    names: Mapping[tuple[str, int], int],
    *,
    cms: frozenset[str] = frozenset(),
    format: str,
    limits: Limits,
) -> EmailMessage:
    """Make the record; span, size and hash are zero and for the caller to fill in.

    `names` gives the numbers of named properties, `findings` is added to, `cms` says what the
    CMS files among the attachments hold (`cms_kind`).
    """
    raw_header = mapi.transport_headers(properties)
    fields = headers.read_fields(raw_header, 0, len(raw_header), limits) if raw_header else None
    item_class = properties.text(mapi.CLASS)
    known = mapi.smtp_by_exchange(properties, table)
    people = mapi.recipients(table, fields, known)
    sender = mapi.sender(properties, fields, known)
    date, date_raw, received = _times(properties, fields, findings)
    plain = properties.text(mapi.PLAIN)
    html = properties.html()
    packed = properties.binary(mapi.RTF)
    attachments[:] = _inline(attachments, html)
    _note_class(properties, item_class, names, findings)
    if plain is None and html is None and packed is not None:
        findings.append(Finding("msg.alleen_rtf", severity=Severity.INFO))
    if sender is None and (item_class or "").upper() in _PLAIN_CLASSES and not _draft(properties):
        findings.append(Finding("mail.afzender_ontbreekt"))
    strange = [sender, *people[1], *people[2], *people[3]]
    x500 = sum(mapi.is_x500(a.address) for a in strange if a is not None)
    if x500:
        findings.append(Finding("msg.adres_zonder_smtp", {"n": x500}))
    _note_on_behalf(properties, sender, findings)
    signed, encrypted = _protection(item_class, attachments, cms)
    if encrypted:
        findings.append(Finding("mail.versleuteld"))
    undecodable = properties.undecodable + sum(row.undecodable for row in table)
    if undecodable:
        findings.append(Finding("mail.onleesbare_tekens", {"n": undecodable}))
    text = plain or ""
    subject = _subject(properties, fields, findings)
    return EmailMessage(
        format=format,
        index=0,
        span=Span(0, 0),
        size=0,
        sha256="",
        message_id=_identifier(properties, mapi.MESSAGE_ID, fields, b"message-id"),
        subject=subject,
        sender=sender,
        to=people[1],
        cc=people[2],
        bcc=people[3],
        date=date,
        date_raw=date_raw,
        received=received,
        in_reply_to=_identifier(properties, mapi.IN_REPLY_TO, fields, b"in-reply-to"),
        references=_references(properties, fields),
        attachments=tuple(attachments),
        body=Body(
            hashlib.sha256(text.encode("utf-8", "replace")).hexdigest() if plain else None,
            len(text),
            html is not None or (packed is not None and _html_in_rtf(properties, packed)),
        ),
        signed=signed,
        encrypted=encrypted,
        language=guess_language(text),
        parts=1 + len(attachments),
        undecodable=undecodable,
        item_class=item_class or None,
        thread_index=_thread_index(properties, fields),
        findings=tuple(findings),
    )


def codepage_finding(code: str | None, codec: str) -> list[Finding]:
    """Say that the code page was chosen or guessed; nothing when the message itself tells it."""
    if code is None:
        return []
    severity = Severity.INFO if code == mapi.CHOSEN else Severity.LET_OP
    return [Finding(code, {"codepagina": codec}, severity=severity)]


def attachment_names(properties: mapi.Properties) -> tuple[str | None, str, str | None]:
    """Give name, media type and Content-ID of an attachment."""
    name = (
        properties.text(mapi.ATTACH_LONG)
        or properties.text(mapi.ATTACH_SHORT)
        or properties.text(mapi.DISPLAY_NAME)
    )
    media_type = (properties.text(mapi.ATTACH_MIME) or "").strip().lower()
    content_id = (properties.text(mapi.ATTACH_CID) or "").strip().strip("<>")
    return name or None, media_type or "application/octet-stream", content_id or None


def hidden(properties: mapi.Properties) -> bool:
    """Tell whether Outlook keeps an attachment out of its list because the body shows it."""
    if properties.integer(mapi.HIDDEN):
        return True
    has_id = bool(properties.text(mapi.ATTACH_CID))
    return has_id and bool((properties.integer(mapi.ATTACH_FLAGS) or 0) & _REF)


def wants_names(properties: mapi.Properties) -> bool:
    """Tell whether this item has facts under named properties: a meeting or a task."""
    return (
        (properties.text(mapi.CLASS) or "")
        .upper()
        .startswith(("IPM.APPOINTMENT", "IPM.SCHEDULE", "IPM.TASK"))
    )


def _subject(
    properties: mapi.Properties, fields: headers.Fields | None, findings: list[Finding]
) -> str | None:
    subject = properties.text(mapi.SUBJECT)
    if subject is None:
        rest = properties.text(mapi.SUBJECT_REST)
        if rest is not None:
            return (properties.text(mapi.SUBJECT_PREFIX) or "") + rest
        raw = fields.first(b"subject") if fields is not None else None
        if raw is not None:
            return header_text(raw)
        topic = properties.text(mapi.TOPIC)
        if topic:
            findings.append(Finding("msg.onderwerp_uit_gesprek", severity=Severity.INFO))
        return topic or None
    return subject


def _times(
    properties: mapi.Properties, fields: headers.Fields | None, findings: list[Finding]
) -> tuple[str | None, str | None, str | None]:
    """Give sent, sent as written, and received. The sender's zone is only in the internet header."""
    delivered = properties.time(mapi.DELIVERED)
    submitted = properties.time(mapi.SUBMITTED)
    raw = fields.first(b"date") if fields is not None else None
    if raw is not None:
        date, trouble = headers.date(raw)
        if date is not None:
            if trouble is not None:
                findings.append(trouble)
            top = headers.received(fields) if fields is not None else None
            return date, header_text(raw), top or delivered
    if submitted is not None:
        return submitted, None, delivered
    if delivered is not None:
        findings.append(Finding("msg.datum_uit_aflevering", severity=Severity.INFO))
        return delivered, None, delivered
    findings.append(Finding("mail.datum_ontbreekt"))
    return None, None, None


def _identifier(
    properties: mapi.Properties, number: int, fields: headers.Fields | None, name: bytes
) -> str | None:
    text = (properties.text(number) or "").strip()
    if text:
        return headers.message_id(text.encode("utf-8", "replace"))
    return headers.message_id(fields.first(name)) if fields is not None else None


def _references(properties: mapi.Properties, fields: headers.Fields | None) -> tuple[str, ...]:
    text = properties.text(mapi.REFERENCES)
    if text:
        return headers.message_ids([text.encode("utf-8", "replace")])
    return headers.message_ids(fields.every(b"references")) if fields is not None else ()


def _thread_index(properties: mapi.Properties, fields: headers.Fields | None) -> str | None:
    data = properties.binary(mapi.CONVERSATION_INDEX)
    if data:
        return data.hex()
    return headers.thread_index(fields.first(b"thread-index")) if fields is not None else None


def _note_class(
    properties: mapi.Properties,
    item_class: str | None,
    names: Mapping[tuple[str, int], int],
    findings: list[Finding],
) -> None:
    kind = (item_class or "").upper()
    if kind in _PLAIN_CLASSES or kind.startswith("IPM.NOTE.SMIME"):
        return
    findings.append(Finding("msg.soort", {"soort": item_class or ""}, severity=Severity.INFO))

    def time(which: str, identifier: int, plain: int) -> str:
        number = names.get((which, identifier))
        found = properties.time(number) if number is not None else None
        return found or properties.time(plain) or ""

    if kind.startswith(("IPM.APPOINTMENT", "IPM.SCHEDULE")):
        place = names.get((_APPOINTMENT, 0x8208))
        facts = {
            "begin": time(_APPOINTMENT, 0x820D, mapi.START),
            "eind": time(_APPOINTMENT, 0x820E, mapi.END),
            "plaats": (properties.text(place) or "") if place is not None else "",
        }
        findings.append(Finding("agenda.afspraak", facts, severity=Severity.INFO))
    elif kind.startswith("IPM.TASK"):
        facts = {
            "begin": time(_TASK, 0x8104, mapi.START),
            "eind": time(_TASK, 0x8105, mapi.END),
        }
        findings.append(Finding("agenda.taak", facts, severity=Severity.INFO))


def _note_on_behalf(
    properties: mapi.Properties, sender: Address | None, findings: list[Finding]
) -> None:
    writer = properties.text(mapi.SENDER_NAME)
    named = properties.text(mapi.FROM_NAME)
    if sender is not None and writer and named and writer != named:
        params = {"verzender": writer, "namens": named}
        findings.append(Finding("msg.namens", params, severity=Severity.INFO))


def _draft(properties: mapi.Properties) -> bool:
    return bool((properties.integer(mapi.FLAGS) or 0) & _UNSENT)


def _html_in_rtf(properties: mapi.Properties, packed: bytes) -> bool:
    native = properties.integer(mapi.NATIVE_BODY)
    if native in (_RTF_NATIVE, _HTML_NATIVE):
        return native == _HTML_NATIVE
    return b"\\fromhtml" in rtf.decompress(packed, most=400)


def _inline(attachments: list[Attachment], html: str | None) -> list[Attachment]:
    if html is None or not any(a.content_id for a in attachments):
        return attachments
    used = {c.casefold() for c in _CID.findall(html)}
    return [
        replace(a, inline=True) if a.content_id and a.content_id.casefold() in used else a
        for a in attachments
    ]


def _protection(
    item_class: str | None, attachments: Sequence[Attachment], cms: frozenset[str]
) -> tuple[str | None, str | None]:
    kind = (item_class or "").upper()
    if kind.endswith("SMIME.MULTIPARTSIGNED"):
        return "smime", None
    signed = "smime" if "signed" in cms else None
    encrypted = "smime" if "enveloped" in cms else None
    if any((a.name or "").lower() == "message.rpmsg" for a in attachments):
        encrypted = encrypted or "irm"
    if kind.startswith("IPM.NOTE.SMIME") and not cms:
        encrypted = encrypted or "smime"
    return signed, encrypted


def cms_kind(data: bytes) -> str | None:
    """Say what a CMS file holds, from the object identifier at its start: signed or enveloped."""
    start = data[:40]
    if _SIGNED_DATA in start:
        return "signed"
    return "enveloped" if any(oid in start for oid in _ENVELOPED_DATA) else None
