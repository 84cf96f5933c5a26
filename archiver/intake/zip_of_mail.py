"""A zip with mail in it: .eml, .msg, winmail.dat, .emlx, .ics and mailboxes; each message gets a place.

A place is "zip:", the number of the member in the directory of the zip, its name, and for a message that is a
slice of its member the byte range: "zip:3:map/postvak.mbox#120-4096". Nothing is unpacked to disk.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path, PurePosixPath

from archiver.errors import InputRefused
from archiver.findings import Finding
from archiver.intake import codepages, emlx, ics, mbox, msg, tnef
from archiver.intake.attached import TNEF
from archiver.intake.compound import MAGIC as COMPOUND
from archiver.intake.eml import score as eml_score
from archiver.intake.mail_folders import MOST_LABELS, gmail_labels, in_folder
from archiver.intake.mime import read_message
from archiver.intake.protocol import Head, Limits, ParseContext
from archiver.intake.pst_store import MAGIC as STORE
from archiver.intake.zip_members import MAGIC, Member, Members, members_of
from archiver.model import EmailMessage, Record, Span, Unreadable

FORMAT = "zip"
SCHEME = "zip:"
_MAIL_NAMES = (".eml", ".msg", ".mbox", ".mbx", ".emlx", ".ics")
_OTHER_FORMATS = re.compile(
    r"\[Content_Types\]\.xml|mimetype|META-INF/.*|.*com\.microsoft\.__Messages/.*"
)
_PLACE = re.compile(r"zip:(\d{1,9}):(.*?)(?:#(\d{1,12})-(\d{1,12}))?", re.DOTALL)
_LOOKED_AT = 25  # members whose first bytes decide what the zip is
_MEMBER_BYTES = 256 * 1024 * 1024  # one member is held in memory
_HEAD = 16_384


def score(head: Head) -> int:
    """Zero: only the members tell."""
    return 0


def score_path(path: Path, head: Head) -> int:
    """Tell by content whether there is mail in the zip; documents and other archives are left alone."""
    if not head.data.startswith(MAGIC):
        return 0
    try:
        with members_of(path, Limits()) as members:
            if any(_OTHER_FORMATS.fullmatch(member.name) for member in members.files):
                return 0
            named = [m for m in members.files if m.name.lower().endswith(_MAIL_NAMES)]
            others = [m for m in members.files if m not in named][:_LOOKED_AT]
            for member in [*named[:_LOOKED_AT], *others]:
                with suppress(InputRefused):
                    if _kind(members, member) is not None:
                        return 65 if named else 55
    except (InputRefused, OSError):
        return 0
    return 0


def parse(path: Path, context: ParseContext) -> Iterator[Record]:
    """Read member by member in the order of the zip; what is no mail is left to `remarks`."""
    index = 0
    try:
        with members_of(path, context.limits) as members:
            whole = Span(0, path.stat().st_size)
            for member in members.files:
                try:
                    kind = _kind(members, member)
                    if kind is None:
                        continue
                    for record in _read(members, member, kind, context, whole, index):
                        yield record
                        index += 1
                except InputRefused as refused:
                    finding = replace(refused.as_finding(), place=member.name[-200:])
                    yield Unreadable((finding,), index)
                    index += 1
    except InputRefused as refused:
        yield Unreadable((refused.as_finding(),), index)


def remarks(path: Path, context: ParseContext) -> tuple[Finding, ...]:
    """Say which members are no mail: they stay in the zip and are not read."""
    try:
        with members_of(path, context.limits) as members:
            rest: list[str] = []
            for member in members.files:
                with suppress(InputRefused):  # `parse` has said which ones cannot be read
                    if _kind(members, member) is None:
                        rest.append(member.name)
    except InputRefused:
        return ()  # `parse` has said it
    if not rest:
        return ()
    names = ", ".join(name[-80:] for name in rest[:5])
    return (Finding("zip.geen_mail", {"n": len(rest), "namen": names}),)


def folders(path: Path, limits: Limits) -> Iterator[tuple[str, ...]]:
    """Give where every message is by the names in the zip; only mailboxes in it are read.

    Raises `InputRefused` and OSError. A member that turns out to be no mail is not known here yet.
    """
    with members_of(path, limits) as members:
        for member in members.files:
            name = PurePosixPath(member.name)
            if name.suffix.lower() in (".mbox", ".mbx"):
                with suppress(InputRefused):
                    raw = members.read(member, min(_MEMBER_BYTES, limits.message_bytes))
                    for slot in mbox.slots(raw):
                        labels = gmail_labels(raw[slot.start : slot.end])
                        yield labels[:MOST_LABELS] if labels else (_box_name(member),)
            elif name.suffix.lower() in _MAIL_NAMES:
                yield (_folder(member),)


def _folder(member: Member) -> str:
    folder = str(PurePosixPath(member.name).parent)
    return "" if folder == "." else folder


def _box_name(member: Member) -> str:
    return f"{_folder(member)}/{PurePosixPath(member.name).name}".lstrip("/")


def message_bytes(path: Path, place: str) -> bytes:
    """Give the bytes of a message in the zip. Raises `InputRefused` when it is not there."""
    match = _PLACE.fullmatch(place)
    limits = Limits()
    with members_of(path, limits) as members:
        number = int(match[1]) if match else -1
        for member in members.files:
            if match is not None and member.number == number:
                raw = members.read(member, _MEMBER_BYTES)
                return raw[int(match[3]) : int(match[4])] if match[3] else raw
    raise InputRefused("zip.geen_bericht", {"plaats": place})


def _kind(members: Members, member: Member) -> str | None:
    """Say what a member is by its first bytes; None when it is no mail. Raises `InputRefused`."""
    head = members.head(member, _HEAD)
    suffix = PurePosixPath(member.name).suffix.lower()
    probe = Head(head, member.size, PurePosixPath(member.name).name)
    if head.startswith(COMPOUND):
        return "msg" if suffix in (".msg", ".oft") or msg.score(probe) else None
    if head.startswith(TNEF):
        return "tnef"
    if head.startswith(STORE):
        return "pst"
    if head.startswith(MAGIC):
        return "zip" if suffix in (".zip", ".olm") else None
    if ics.score(probe):
        return "ics"
    if emlx.score(probe):
        return "emlx"
    if mbox.score(probe) >= 80:
        return "mbox"
    least = 30 if suffix in _MAIL_NAMES else 70
    return "eml" if eml_score(probe) >= least else None


def _read(
    members: Members, member: Member, kind: str, context: ParseContext, whole: Span, index: int
) -> Iterator[EmailMessage]:
    limits = context.limits
    if kind in ("pst", "zip"):
        raise InputRefused("zip.eerst_uitpakken", {"bestand": member.name[-200:]})
    raw = members.read(member, min(_MEMBER_BYTES, limits.message_bytes))
    place = f"{SCHEME}{member.number}:{member.name}"
    folder = _folder(member)
    if kind == "mbox":
        name = _box_name(member)
        for slot in mbox.slots(raw):
            piece = raw[slot.start : slot.end]
            if piece.strip():
                one = read_message(piece, format="mbox", index=index, span=whole, limits=limits)
                where = f"{place}#{slot.start}-{slot.end}"
                one = replace(in_folder(one, name, piece), place=where)
                page = codepages.page_for(context.answers, index)
                yield codepages.read_with(one, piece, page, limits) if page else one
                index += 1
        return
    piece = raw
    if kind == "emlx":
        part = emlx.layout(raw)
        piece = raw[part.start : part.end]
        one = read_message(piece, format=kind, index=index, span=whole, limits=limits)
        place = f"{place}#{part.start}-{part.end}"
    elif kind == "msg":
        one = msg.read_message(raw, limits=limits)
    elif kind == "ics":
        invitation = ics.read_message(raw, limits) if len(raw) <= ics.MOST else None
        if invitation is None:
            raise InputRefused("zip.lid_beschadigd", {"bestand": member.name[-200:]})
        one = invitation
    elif kind == "tnef":
        one = tnef.read_message(raw, limits=limits)
    else:
        one = read_message(raw, format="eml", index=index, span=whole, limits=limits)
    if page := codepages.page_for(context.answers, index):
        one = codepages.read_with(one, piece, page, limits)
    notes = one.findings
    if kind == "emlx" and emlx.has_parts_elsewhere(raw):
        notes = (*notes, Finding("emlx.bijlage_ontbreekt", {"naam": member.name[-200:]}))
    yield replace(
        one,
        format=kind,
        index=index,
        span=whole,
        place=place,
        folder=folder or None,
        findings=notes,
    )
