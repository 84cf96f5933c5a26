"""Archives of Outlook for Mac: .olm, a zip with a small XML per message and its attachments beside it.

An .olm keeps no original message, so each gives a derived .eml, as a .pst does. The moments in it carry no
zone; they are UTC, as comparing one mailbox in both forms shows. A place is "olm:", the number of the member
in the directory of the zip, and the number of the message in it: "olm:12#0".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from lxml import etree

from archiver.errors import InputRefused
from archiver.findings import Finding, Severity
from archiver.intake import derived_mail as mail
from archiver.intake.mime import read_message
from archiver.intake.protocol import Head, Limits, ParseContext
from archiver.intake.zip_members import MAGIC, Member, Members, members_of
from archiver.model import Address, Record, Span, Unreadable

FORMAT = "olm"
SCHEME = "olm:"
_MESSAGES = "com.microsoft.__Messages"
_ATTACHMENTS = "com.microsoft.__Attachments/"
_XML_BYTES = 64 * 1024 * 1024
_TIMES = (
    25  # a mailbox of 100,000 messages is ordinary, and every message and attachment is a member
)
_PLACE = re.compile(r"olm:(\d{1,9})#(\d{1,9})")


@dataclass(frozen=True, slots=True)
class _Archive:
    """The zip with its members by name; the last one of equal names counts, as for any zip reader."""

    members: Members
    by_name: dict[str, Member]
    limits: Limits

    @classmethod
    def of(cls, members: Members, limits: Limits) -> _Archive:
        return cls(members, {m.name: m for m in members.files}, limits)

    def mails(self) -> Iterator[Member]:
        for member in self.members.files:
            name = PurePosixPath(member.name)
            if (
                _MESSAGES in name.parts
                and name.suffix == ".xml"
                and _ATTACHMENTS not in member.name
            ):
                yield member


def score(head: Head) -> int:
    """Zero: only the names in the zip tell."""
    return 0


def score_path(path: Path, head: Head) -> int:
    """Certain when the zip has the message folders of Outlook for Mac."""
    if not head.data.startswith(MAGIC):
        return 0
    try:
        with members_of(path, Limits(), _TIMES) as members:
            return 92 if any(f"{_MESSAGES}/" in m.name for m in members.files) else 0
    except (InputRefused, OSError):
        return 0


def parse(path: Path, context: ParseContext) -> Iterator[Record]:
    """Read message by message in the order of the zip."""
    index = 0
    try:
        with members_of(path, context.limits, _TIMES) as members:
            archive = _Archive.of(members, context.limits)
            whole = Span(0, path.stat().st_size)
            for member in archive.mails():
                try:
                    for number, element in enumerate(_elements(archive, member)):
                        if index >= context.start.index:
                            yield _record(archive, member, number, element, whole, index)
                        index += 1
                except InputRefused as refused:
                    finding = replace(refused.as_finding(), place=member.name[-200:])
                    yield Unreadable((finding,), index)
                    index += 1
    except InputRefused as refused:
        yield Unreadable((refused.as_finding(),), index)


def remarks(path: Path, context: ParseContext) -> tuple[Finding, ...]:
    """Say how many contacts, appointments and so on the archive has, and attachments of nobody."""
    try:
        with members_of(path, context.limits, _TIMES) as members:
            archive = _Archive.of(members, context.limits)
            mails = {member.number for member in archive.mails()}
            others = [
                m.name
                for m in members.files
                if m.number not in mails and m.name.endswith(".xml") and _ATTACHMENTS not in m.name
            ]
            loose = _unclaimed(archive)
    except InputRefused:
        return ()  # `parse` has said it
    found: list[Finding] = []
    if others:
        names = ", ".join(sorted({name[-60:] for name in others})[:5])
        params: dict[str, str | int] = {"n": len(others), "namen": names}
        found.append(Finding("olm.andere_items", params, severity=Severity.INFO))
    if loose:
        found.append(Finding("olm.losse_bijlagen", {"n": loose}))
    return tuple(found)


def folders(path: Path, limits: Limits) -> Iterator[str]:
    """Give the folder of every message by the names in the zip. Raises `InputRefused`, OSError."""
    with members_of(path, limits, _TIMES) as members:
        for member in _Archive.of(members, limits).mails():
            yield _folder(member)


def _folder(member: Member) -> str:
    folder = str(PurePosixPath(member.name).parent)
    return "/".join(part for part in folder.split("/") if part != _MESSAGES)


def message_bytes(path: Path, place: str) -> bytes:
    """Make the derived .eml of a message again. Raises `InputRefused` when it is not there."""
    match = _PLACE.fullmatch(place)
    limits = Limits()
    with members_of(path, limits, _TIMES) as members:
        archive = _Archive.of(members, limits)
        for member in members.files:
            if match is not None and member.number == int(match[1]):
                for number, element in enumerate(_elements(archive, member)):
                    if number == int(match[2]):
                        return mail.compose(_draft(archive, element, [])).raw
    raise InputRefused("olm.geen_bericht", {"plaats": place})


def _record(
    archive: _Archive,
    member: Member,
    number: int,
    element: etree._Element,
    whole: Span,
    index: int,
) -> Record:
    notes = [Finding("olm.afgeleid", severity=Severity.INFO)]
    derived = mail.compose(_draft(archive, element, notes))
    message = read_message(
        derived.raw,
        format=FORMAT,
        index=index,
        span=whole,
        limits=archive.limits,
        encoded=derived.encoded,
    )
    delivered = _moment(element, "OPFMessageCopyReceivedTime")
    return replace(
        message,
        folder=_folder(member) or None,
        place=f"{SCHEME}{member.number}#{number}",
        received=delivered.isoformat() if delivered else message.received,
        findings=(*message.findings, *notes),
    )


def _elements(archive: _Archive, member: Member) -> Iterator[etree._Element]:
    raw = archive.members.read(member, min(_XML_BYTES, archive.limits.message_bytes))
    # No entities, no network, no DTD; what is no XML in places is read as far as it goes.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=True
    )
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        raise InputRefused("zip.lid_beschadigd", {"bestand": member.name[-200:]})
    yield from root.iter("email")


def _draft(archive: _Archive, element: etree._Element, notes: list[Finding]) -> mail.Draft:
    body, html = _text(element, "OPFMessageCopyBody"), _text(element, "OPFMessageCopyHTMLBody")
    if not html and body.lstrip()[:5].lower() == "<html":
        html = body
    plain = body if body and body != html else None
    return mail.Draft(
        fields=list(_fields(element)),
        kept=_text(element, "OPFMessageCopySource"),
        plain=plain,
        html=(html.encode("utf-8", "replace"), "utf-8") if html else None,
        pieces=list(_pieces(archive, element, html, notes)),
    )


def _fields(element: etree._Element) -> Iterator[tuple[str, str]]:
    sent = _moment(element, "OPFMessageCopySentTime") or _moment(
        element, "OPFMessageCopyReceivedTime"
    )
    if sent is not None:
        yield "Date", mail.date_field(sent)
    author = _people(element, "OPFMessageCopyFromAddresses")
    sender = _people(element, "OPFMessageCopySenderAddress")
    if author or sender:
        yield "From", mail.address_field(author or sender)
    if author and sender and author[0].address != sender[0].address:
        yield "Sender", mail.address_field(sender)
    for name, tag in (
        ("To", "OPFMessageCopyToAddresses"),
        ("Cc", "OPFMessageCopyCCAddresses"),
        ("Bcc", "OPFMessageCopyBCCAddresses"),
        ("Reply-To", "OPFMessageCopyReplyToAddresses"),
    ):
        if people := _people(element, tag):
            yield name, mail.address_field(people)
    yield "Subject", mail.text_field(_text(element, "OPFMessageCopySubject"))
    for name, tag in (
        ("Message-ID", "OPFMessageCopyMessageID"),
        ("In-Reply-To", "OPFMessageCopyInReplyTo"),
        ("References", "OPFMessageCopyReferences"),
    ):
        ids = _text(element, tag).split()
        yield name, mail.clean(" ".join(i if i.startswith("<") else f"<{i}>" for i in ids))
    yield "Thread-Topic", mail.text_field(_text(element, "OPFMessageCopyThreadTopic"))
    yield "Thread-Index", mail.clean(_text(element, "OPFMessageCopyThreadIndex"))
    yield "X-Derived-From", "Outlook for Mac archive"


def _pieces(
    archive: _Archive, element: etree._Element, html: str, notes: list[Finding]
) -> Iterator[mail.Piece]:
    spent = 0
    for item in element.iterfind("OPFMessageCopyAttachmentList/messageAttachment"):
        name = item.get("OPFAttachmentName") or None
        member = archive.by_name.get(item.get("OPFAttachmentURL") or "")
        content_id = (item.get("OPFAttachmentContentID") or "").strip("<>") or None
        data = b""
        if member is None:
            notes.append(Finding("olm.bijlage_ontbreekt", {"naam": name or ""}))
        else:
            data = archive.members.read(member, archive.limits.message_bytes - spent)
            spent += len(data)
        yield mail.Piece(
            data,
            name,
            mail.media_type_of(name, item.get("OPFAttachmentContentType"), data),
            content_id,
            inline=content_id is not None and f"cid:{content_id}" in html,
        )


def _unclaimed(archive: _Archive) -> int:
    claimed: set[str] = set()
    for member in archive.mails():
        try:
            for element in _elements(archive, member):
                for item in element.iterfind("OPFMessageCopyAttachmentList/messageAttachment"):
                    claimed.add(item.get("OPFAttachmentURL") or "")
        except InputRefused:
            continue
    return sum(_ATTACHMENTS in name and name not in claimed for name in archive.by_name)


def _people(element: etree._Element, tag: str) -> list[Address]:
    found: list[Address] = []
    for item in element.iterfind(f"{tag}/emailAddress"):
        address = (item.get("OPFContactEmailAddressAddress") or "").strip()
        name = (item.get("OPFContactEmailAddressName") or "").strip().strip("'\"")
        known = address if "@" in address else None
        shown = name if name != known else ""
        if known or shown or address:
            found.append(Address(shown or (None if known else address), known))
    return found


def _text(element: etree._Element, tag: str) -> str:
    found = element.find(tag)
    return "".join(map(str, found.itertext())) if found is not None else ""


def _moment(element: etree._Element, tag: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(_text(element, tag).strip())
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
