"""Reader of WhatsApp "Export chat" files: a text (with media beside it) or a zip.

No norm exists; the layout is that of real exports (Android and iOS, 2016-2026). A file is read
twice: first as a whole (people, dates, media), then message by message, in the order of the source.
Spans count bytes of the export text; all spans plus `Conversation.skipped` are the whole text,
which `unaccounted` checks. Times are wall clock of the phone that exported, without zone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path, PurePosixPath
from zipfile import ZipFile, ZipInfo

from archiver.errors import InputRefused
from archiver.findings import Finding, Severity
from archiver.intake.chat import media
from archiver.intake.chat.export_text import ExportText, as_utf8, from_chunks, from_file
from archiver.intake.chat.whatsapp_dates import Decision, Evidence, clock, day, fields
from archiver.intake.chat.whatsapp_lines import BOM, headers, layout_of, lines
from archiver.intake.chat.whatsapp_summary import MAX_BODY, Reader, Summary, findings, summarise
from archiver.intake.chat.whatsapp_system import TEXT, Kind, visible, without_edit_mark
from archiver.intake.protocol import Head, ParseContext
from archiver.model import (
    ChatAttachment,
    ChatMessage,
    Conversation,
    Record,
    Span,
    Unreadable,
)

FORMAT = "whatsapp"
_HEAD = 65_536
_LARGE = 4 * 1024 * 1024  # bytes of text that take so long that the first lines are given before
_MAX_TEXTS = 50  # text members of a zip that are looked into
_TITLES = (
    re.compile(r"WhatsApp[ -]chat (?:met|with) (.+)", re.I),
    re.compile(r"WhatsApp Chat - (.+)", re.I),
    re.compile(r"WhatsApp-Chat mit (.+)", re.I),
    re.compile(r"(?:Discussion|Chat) WhatsApp (?:avec|con) (.+)", re.I),
)


def score(head: Head) -> int:
    """Say how sure the bytes make it: lines with WhatsApp headers. A zip may be one (30)."""
    if head.data[:4] == b"PK\x03\x04":
        return 30
    return _score_text(head.data)


def score_path(path: Path, head: Head) -> int:
    """As `score`, but looks into a zip for a chat text."""
    if head.data[:4] != b"PK\x03\x04":
        return score(head)
    try:
        with media.open_zip(path, ParseContext().limits) as archive:
            return 95 if _texts(archive) else 0
    except InputRefused:
        return 0


def _score_text(data: bytes) -> int:
    text = as_utf8(data[:_HEAD])
    layout = layout_of(text)
    if layout is None:
        return 0
    first = next(lines(text, layout))
    if text[: first.start].strip().strip(BOM):
        return 20  # something else stands before the first header
    if b"WhatsApp" in text or b"\xe2\x80\x8e" in text or headers(text, layout, _HEAD) > 1:
        return 95
    return 75


def parse(path: Path, context: ParseContext) -> Iterator[Record]:
    """Read an export: per chat text one `Conversation`, then its messages in source order."""
    try:
        with path.open("rb") as stream:
            magic = stream.read(4)
        if magic == b"PK\x03\x04":
            with media.open_export(path, context.limits) as archive:
                yield from _parse_zip(path, archive, context)
        else:
            text = from_file(path)
            shelf = media.folder_shelf(path, context.limits)
            yield from _conversation(path, context, text, shelf, (0, None, None), text.sha256)
    except InputRefused as refused:
        yield Unreadable((refused.as_finding(),))
    except OSError as error:
        kind = type(error).__name__
        yield Unreadable((Finding("chat.niet_te_lezen", {"fout": kind}, path.name, Severity.FOUT),))


def beginning(path: Path, context: ParseContext) -> Conversation | None:
    """Give what the first lines of a large export tell; None when it is read in no time anyway.

    Counts, people, first and last are of those lines only, and no finding is given: `parse` gives the
    conversation. The order of day and month may still be open, and is then asked of nobody yet.
    """
    try:
        data, size, member = _first_bytes(path, context)
    except (InputRefused, OSError):
        return None  # parse says it
    if size < _LARGE:
        return None
    text = as_utf8(data)
    layout = layout_of(text)
    if layout is None:
        return None
    text = text[: max(line.start for line in lines(text, layout)) or len(text)]
    head = ExportText(text, "", len(text))
    none = media.known_shelf((), context.limits)
    for record in _conversation(
        path, replace(context, messages=False), head, none, (0, member, None), ""
    ):
        if isinstance(record, Conversation):
            return replace(
                record, id=f"{FORMAT}-begin", text_sha256="", media=(), findings=(), counts={}
            )
    return None


def is_beginning(record: Conversation) -> bool:
    """Tell whether this is what `beginning` gave: the hash of the whole text is not known yet."""
    return record.format == FORMAT and record.text_sha256 == ""


def _first_bytes(
    path: Path, context: ParseContext, member: str | None = None
) -> tuple[bytes, int, str | None]:
    """Give the first bytes of the chat text, its whole size, and its name when it is in a zip.

    `member` is the text of a zip that is meant; without it the first one.
    """
    with path.open("rb") as stream:
        data = stream.read(_HEAD)
    if data[:4] != b"PK\x03\x04":
        return data, path.stat().st_size, None
    with media.open_zip(path, context.limits) as archive:
        for found in _texts(archive) if member is None else archive.infolist():
            if member is not None and found.filename != member:
                continue
            data = next(media.chunks(archive, found), b"")[:_HEAD]
            return data, found.file_size, found.filename
    return b"", 0, None


def member_bytes(path: Path, name: str, context: ParseContext | None = None) -> Iterator[bytes]:
    """Give the bytes of a medium by its `ChatAttachment.path`. InputRefused when absent."""
    return media.member_bytes(path, name, (context or ParseContext()).limits)


def messages(path: Path, record: Conversation, context: ParseContext) -> Iterator[ChatMessage]:
    """Give the messages of a conversation that was read before, without looking at the whole first.

    The order of day and month, the title and the media are those of `record`, so the first page is
    there at once. InputRefused or OSError when the file cannot be opened.
    """
    if is_beginning(record):
        data, _, _ = _first_bytes(path, context)
        yield from _again(from_chunks([as_utf8(data)[: record.text_size]]), record, context)
        return
    if record.text_member is None:
        yield from _again(from_file(path), record, context)
        return
    with media.open_zip(path, context.limits) as archive:
        for member in archive.infolist():
            if member.filename == record.text_member:
                text = from_chunks(media.chunks(archive, member))
                yield from _again(text, record, context)
                return


def first_messages(
    path: Path, record: Conversation, context: ParseContext
) -> tuple[ChatMessage, ...]:
    """Give the messages that the first 64 kB hold whole, however large the export is.

    They are those that `messages` begins with. InputRefused or OSError when it cannot be opened.
    """
    data, size, _ = _first_bytes(path, context, record.text_member)
    found = tuple(_again(from_chunks([data]), record, context))
    return found if len(data) >= size else found[:-1]  # the last may go on behind these bytes


def _again(text: ExportText, record: Conversation, context: ParseContext) -> Iterator[ChatMessage]:
    layout = layout_of(text.buffer, len(text.buffer)) if text.size else None
    if layout is None:
        return
    shelf = media.known_shelf(record.media, context.limits)
    reader = Reader(text, layout, visible(record.title) if record.title else None)
    summary = Summary(Decision(record.date_order, record.date_order_basis), Evidence())
    first = next(lines(text.buffer, layout))
    summary.first_start = first.start
    yield from _messages(record, reader, summary, shelf)


def companions(path: Path) -> Iterator[Path]:
    """Give the media beside a chat text that it names: they belong to it, not to themselves."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    if _score_text(head) >= 60:
        yield from media.named_beside(path, ParseContext().limits)


def unaccounted(conversation: Conversation, messages: Iterable[ChatMessage]) -> tuple[Span, ...]:
    """Prove that nothing was lost: the byte ranges of the text that no span and no skip covers.

    Ranges covered twice are given as well. Empty means that the text is whole.
    """
    taken = [(m.span.start, m.span.end) for m in messages]
    taken += [(s.start, s.end) for _, s in conversation.skipped]
    wrong: list[Span] = []
    at = 0
    for start, end in sorted(taken):
        if start != at:
            wrong.append(Span(min(start, at), max(start, at)))
        at = max(at, end)
    if at != conversation.text_size:
        wrong.append(Span(min(at, conversation.text_size), max(at, conversation.text_size)))
    return tuple(wrong)


def _texts(archive: ZipFile) -> list[ZipInfo]:
    """Find the chat texts of a zip; a text that is sent as an attachment ranks below the chat."""
    found: list[tuple[int, ZipInfo]] = []
    names = [m for m in archive.infolist() if m.filename.casefold().endswith(".txt")]
    for member in [m for m in names if media.usable(m)][:_MAX_TEXTS]:
        try:
            head = next(media.chunks(archive, member), b"")
        except InputRefused:
            continue
        if _score_text(head) >= 60:
            name = PurePosixPath(member.filename).name
            known = name == "_chat.txt" or name.startswith("WhatsApp")
            found.append((int(known), member))
    best = max((rank for rank, _ in found), default=0)
    return [member for rank, member in found if rank == best]


def _parse_zip(path: Path, archive: ZipFile, context: ParseContext) -> Iterator[Record]:
    texts = _texts(archive)
    if not texts:
        raise InputRefused("chat.geen_chattekst", {"naam": path.name}, path.name)
    shelf = media.zip_shelf(archive, frozenset(t.filename for t in texts), context.limits)
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        for chunk in iter(lambda: stream.read(media.CHUNK), b""):
            digest.update(chunk)
    for index, member in enumerate(texts):
        try:
            text = from_chunks(media.chunks(archive, member))
        except InputRefused as refused:
            yield Unreadable((refused.as_finding(),), index)
            continue
        where = (index, member.filename, _zip_day(member))
        yield from _conversation(path, context, text, shelf, where, digest.hexdigest())


def _zip_day(member: ZipInfo) -> str | None:
    """Give the last day a message can be of: that of the text in the zip, and one to spare."""
    try:
        packed = date(*member.date_time[:3])
    except ValueError:
        return None
    return (packed + timedelta(days=1)).isoformat() if packed.year > 1980 else None


def title_of(path: Path, member: str | None) -> str | None:
    """Read the name of the chat from a file name: "WhatsApp-chat met Team.txt" gives "Team"."""
    for name in (path.stem, PurePosixPath(member).stem if member else ""):
        for pattern in _TITLES:
            found = pattern.fullmatch(name)
            if found:
                return found[1].strip()
    return None


def _conversation(
    path: Path,
    context: ParseContext,
    text: ExportText,
    shelf: media.Shelf,
    where: tuple[int, str | None, str | None],
    sha256: str,
) -> Iterator[Record]:
    index, member, zip_day = where
    layout = layout_of(text.buffer, len(text.buffer)) if text.size else None
    if layout is None:
        raise InputRefused("chat.geen_chattekst", {"naam": member or path.name}, path.name)
    title = title_of(path, member)
    reader = Reader(text, layout, visible(title) if title else None)
    answer = context.answers.get("date_order")
    summary = summarise(reader, shelf, zip_day, answer, context.limits.zip_members)
    if summary.decision.basis == "user" and "date_order_basis" in context.answers:
        basis = context.answers["date_order_basis"]  # another export answered, and not a person
        summary.decision = replace(summary.decision, basis=basis)
    skipped = _skipped(text, summary)
    found = list(findings(summary, member or path.name, title)) + list(shelf.findings)
    if any(name == "before_first_message" for name, _ in skipped):
        found.append(Finding("chat.tekst_voor_eerste", {}, member or path.name))
    held = {a.path: a for a in shelf.by_name.values()} if member else {}
    named = [a for a in summary.named.values() if a.path not in held]
    conversation = Conversation(
        id=f"{FORMAT}-{text.sha256[:16]}",
        format=FORMAT,
        platform=FORMAT,
        index=index,
        size=path.stat().st_size,
        sha256=sha256,
        title=title,
        participants=summary.participants,
        message_count=summary.count,
        first=summary.first,
        last=summary.last,
        media=(*held.values(), *named),
        text_member=member,
        text_sha256=text.sha256,
        text_size=text.size,
        encoding=text.encoding,
        date_order=summary.decision.order,
        date_order_basis=summary.decision.basis,
        skipped=skipped,
        counts={k: v for k, v in sorted(summary.counts.items()) if v},
        findings=tuple(found),
    )
    yield conversation
    if context.messages:
        yield from _messages(conversation, reader, summary, shelf)


def _skipped(text: ExportText, summary: Summary) -> tuple[tuple[str, Span], ...]:
    named: list[tuple[str, Span]] = []
    at = text.lead
    if text.lead:
        named.append(("bom", Span(0, text.lead)))
    begin = 0
    if text.buffer[:3] == BOM and summary.first_start >= 3:
        begin = 3
        size = text.length(0, 3)
        named.append(("bom", Span(at, at + size)))
        at += size
    if summary.first_start > begin:
        size = text.length(begin, summary.first_start)
        named.append(("before_first_message", Span(at, at + size)))
    if text.tail:
        named.append(("odd_byte", Span(text.size - text.tail, text.size)))
    return tuple(named)


def _messages(
    conversation: Conversation, reader: Reader, summary: Summary, shelf: media.Shelf
) -> Iterator[ChatMessage]:
    text, order = reader.text, conversation.date_order
    wide = text.encoding != "utf-8"
    at = text.lead + (text.length(0, summary.first_start) if wide else summary.first_start)
    held: tuple[bytes, bytes] = (b"", b"")
    sent: str | None = None
    raw = ""
    precision: str | None = None
    identity = conversation.id
    for index, line in enumerate(lines(text.buffer, reader.layout)):
        sender, kind, body = reader.read(line)
        if (line.date, line.time) != held:
            held = (line.date, line.time)
            sent, precision = _sent(line.date, line.time, order)
            raw = f"{line.date.decode('utf-8', 'replace')} {line.time.decode('utf-8', 'replace')}"
        end = at + (text.length(line.start, line.stop) if wide else line.stop - line.start)
        if kind is TEXT:
            too_large = not body and line.end - line.body > MAX_BODY
            yield ChatMessage(
                identity,
                index,
                Span(at, end),
                None,
                sender,
                sent,
                raw,
                precision,
                None if too_large else body.decode("utf-8", "replace"),
                findings=(Finding("chat.bericht_te_groot"),) if too_large else (),
            )
        else:
            words = body.decode("utf-8", "replace")
            yield ChatMessage(
                identity,
                index,
                Span(at, end),
                None,
                sender,
                sent,
                raw,
                precision,
                without_edit_mark(words) if kind.edited else words,
                kind.type,
                kind.system,
                _attachments(kind, summary, shelf),
                edited=True if kind.edited else None,
                deleted=True if kind.deleted else None,
            )
        at = end


def _attachments(kind: Kind, summary: Summary, shelf: media.Shelf) -> tuple[ChatAttachment, ...]:
    if kind.left_out:
        return (ChatAttachment("", False, absent_because="left_out"),)
    if kind.name is None:
        return ()
    return (summary.named.get(kind.name) or shelf.find(kind.name),)


def _sent(raw_date: bytes, raw_time: bytes, order: str | None) -> tuple[str | None, str | None]:
    found, at = fields(raw_date), clock(raw_time)
    if found is None or at is None:
        return None, None
    on = day(found, order)
    return (on + at[0], at[1]) if on else (None, at[1])
