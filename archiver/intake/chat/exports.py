"""What all readers of structured exports share: opening, counting, and the proof that all was read.

A reader opens a file (or the members of a zip that it wants), says which chats stand in it, and
gives for each a function that reads its messages. Messages are read twice: once to know the
conversation as a whole, once to hand them over; so none has to be kept in memory.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import ZipFile, ZipInfo

from archiver.errors import InputRefused
from archiver.findings import Finding, Severity
from archiver.intake.chat import derived_zip, media
from archiver.intake.chat.export_text import CHUNK, ExportText, from_chunks, from_file
from archiver.intake.chat.values import moment
from archiver.intake.protocol import Head, ParseContext
from archiver.model import (
    ChatAttachment,
    ChatMessage,
    Conversation,
    Participant,
    Record,
    Span,
    Unreadable,
)

ZIP = b"PK\x03\x04"
MAX_PEOPLE = 10_000
MAX_MEDIA = 20_000


@dataclass(frozen=True, slots=True)
class Text:
    """One text to read: a file, or a member of a zip, with the media that go along.

    `sha256` is of the file as a whole, `text.sha256` of the text.
    """

    path: Path
    member: str | None
    text: ExportText
    shelf: media.Shelf
    sha256: str
    context: ParseContext

    @property
    def place(self) -> str:
        """The name to put into findings."""
        return self.member or self.path.name


@dataclass(slots=True)
class Chat:
    """One chat of an export. `read` gets the id of the conversation and gives its messages anew.

    `participants` are those the export names; who is seen to speak is added. `forward` is False for
    exports that are not in order of time. `member` overrules the name of the text: "" says that
    media stand inside the file itself.
    """

    title: str | None
    read: Callable[[str], Iterator[ChatMessage]]
    participants: tuple[Participant, ...] = ()
    skipped: tuple[tuple[str, Span], ...] = ()
    findings: tuple[Finding, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    forward: bool = True
    member: str | None = None


def texts(path: Path, context: ParseContext, wanted: Callable[[str], bool]) -> Iterator[Text]:
    """Open the file, or every member of a zip that `wanted` accepts by name.

    Raises InputRefused when the zip is broken, OSError as the system gives it.
    """
    with path.open("rb") as stream:
        magic = stream.read(4)
    if magic != ZIP:
        text = from_file(path)
        _only_utf8(text, path.name)
        shelf = media.folder_shelf(path, context.limits)
        yield Text(path, None, text, shelf, text.sha256, context)
        return
    with media.open_export(path, context.limits) as archive:
        chosen = [m for m in archive.infolist() if media.usable(m) and wanted(m.filename)]
        names = frozenset(m.filename for m in chosen)
        digest = file_hash(path)
        for member in chosen:
            base = member.filename.rpartition("/")[0]
            shelf = media.zip_shelf(archive, names, context.limits, base)
            text = member_text(archive, member)
            yield Text(path, member.filename, text, shelf, digest, context)


def member_text(archive: ZipFile, member: ZipInfo) -> ExportText:
    """Open the text of a member. Raises InputRefused when it is broken or no UTF-8."""
    text = from_chunks(media.chunks(archive, member))
    _only_utf8(text, member.filename)
    return text


def _only_utf8(text: ExportText, name: str) -> None:
    """Refuse what no app writes: byte ranges would not be those of the file."""
    if text.encoding != "utf-8":
        raise InputRefused("chat.codering_niet_gelezen", {"codering": text.encoding}, name)


def skip_name(name: str) -> str:
    """Give a word of the file as the name of a skip: before a # stands the member of a zip."""
    return name[:40].replace("#", " ")


def file_hash(path: Path) -> str:
    """Give the SHA-256 of a file. Raises OSError."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        for chunk in iter(lambda: stream.read(CHUNK), b""):
            digest.update(chunk)
    return digest.hexdigest()


def score(
    path: Path, head: Head, wanted: Callable[[str], bool], by_text: Callable[[bytes], int]
) -> int:
    """Score a file by its first bytes, or a zip by those of the first member that is wanted."""
    if head.data[:4] != ZIP:
        return by_text(head.data)
    try:
        with media.open_zip(path, ParseContext().limits) as archive:
            for member in archive.infolist():
                if media.usable(member) and wanted(member.filename):
                    return by_text(next(media.chunks(archive, member), b"")[:65_536])
    except InputRefused:
        return 0
    return 0


def guarded(path: Path, read: Callable[[], Iterator[Record]]) -> Iterator[Record]:
    """Turn what a reader refuses into `Unreadable`, and a file without chats as well."""
    given = False
    try:
        for record in read():
            given = True
            yield record
    except InputRefused as refused:
        given = True
        yield Unreadable((refused.as_finding(),))
    except OSError as error:
        given = True
        kind = type(error).__name__
        yield Unreadable((Finding("chat.niet_te_lezen", {"fout": kind}, path.name, Severity.FOUT),))
    if not given:
        finding = Finding("chat.geen_gesprekken", {"naam": path.name}, path.name, Severity.FOUT)
        yield Unreadable((finding,))


def conversations(
    source: Text, platform: str, chats: Iterable[Chat], first: int = 0, **known: Any
) -> Iterator[Record]:
    """Give every chat of a text as `Conversation` followed by its messages.

    `first` is the index of the first chat in the file; `known` are further fields of `Conversation`
    (``format``, ``zone_basis``).
    """
    for index, chat in enumerate(chats, first):
        identity = f"{platform}-{source.text.sha256[:16]}-{index}"
        seen = _Seen()
        for message in chat.read(identity):
            seen.see(message)
        people = {p.id: p for p in chat.participants}
        for name, participant in seen.people.items():
            people.setdefault(name, participant)
        found = [*chat.findings, *seen.findings(source.place, chat.forward)]
        if index == first:
            found += source.shelf.findings
        found += derived_zip.findings(source.path)
        yield Conversation(
            id=identity,
            platform=platform,
            index=index,
            size=source.path.stat().st_size,
            sha256=source.sha256,
            title=chat.title,
            participants=tuple(people.values()),
            message_count=seen.count,
            first=seen.first,
            last=seen.last,
            media=tuple(seen.media.values()),
            text_member=source.member if chat.member is None else chat.member,
            text_sha256=source.text.sha256,
            text_size=source.text.size,
            skipped=chat.skipped,
            counts={k: v for k, v in sorted((seen.counts + Counter(chat.counts)).items()) if v},
            findings=tuple(found),
            **{"format": platform, "zone_basis": "stated", **known},
        )
        if source.context.messages:
            yield from chat.read(identity)


@dataclass(slots=True)
class _Seen:
    """What the messages of one chat say together."""

    count: int = 0
    first: str | None = None
    last: str | None = None
    ends: list[Any] = field(default_factory=lambda: [None, None, None])  # first, last, previous
    people: dict[str, Participant] = field(default_factory=dict)
    media: dict[tuple[str, str | None], ChatAttachment] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)

    def see(self, message: ChatMessage) -> None:
        """Take one message."""
        self.count += 1
        self.counts[message.type] += 1
        if message.type == "system":
            self.counts[f"system.{message.system}" if message.system else "system_unknown"] += 1
        self.counts["deleted"] += bool(message.deleted)
        self.counts["edited"] += bool(message.edited)
        who = message.sender_id or message.sender
        if who is not None and message.type != "system" and len(self.people) < MAX_PEOPLE:
            self.people.setdefault(who, Participant(who, message.sender or who))
        for medium in message.attachments:
            if medium.name and len(self.media) < MAX_MEDIA:
                self.media.setdefault((medium.name, medium.path), medium)
            self.counts["absent"] += not medium.present
        for finding in message.findings:
            if finding.severity is not Severity.INFO:
                self.codes[finding.code] += 1
        at = moment(message)
        if at is None:
            self.counts["time_invalid"] += 1
            return
        earliest, latest, previous = self.ends
        if earliest is None or at < earliest:
            self.ends[0], self.first = at, message.sent
        if latest is None or latest < at:
            self.ends[1], self.last = at, message.sent
        # Wall clock and UTC in one source cannot be compared to the hour, so nothing is said of it.
        same = previous is not None and previous.absolute == at.absolute
        self.counts["time_back"] += same and at < previous
        self.ends[2] = at

    def findings(self, place: str, forward: bool) -> list[Finding]:
        """Say what a person must know of this chat."""
        # A code chat.bericht_… is said of one message, chat.berichten_… of all of them together.
        found = [
            Finding(code.replace("bericht_", "berichten_", 1), {"aantal": n}, place)
            for code, n in sorted(self.codes.items())
        ]
        simple = {
            "media_ontbreekt": self.counts["absent"],
            "tijd_onmogelijk": self.counts["time_invalid"],
            "tijd_terug": self.counts["time_back"] if forward else 0,
            "berichten_niet_geduid": self.counts["unknown"],
        }
        found += [Finding(f"chat.{c}", {"aantal": n}, place) for c, n in simple.items() if n]
        if len(self.people) >= MAX_PEOPLE:
            found.append(Finding("chat.deelnemers_afgekapt", {"aantal": MAX_PEOPLE}, place))
        return found


def beside(source: Text, belonging: Iterable[Path]) -> tuple[Finding, ...]:
    """Say how many files lie in the folders that belong to an export: those named are taken in."""
    if source.member is not None:
        return ()
    limit = source.context.limits.zip_members
    files = (f for folder in belonging for f in folder.rglob("*") if f.is_file())
    count = sum(1 for _ in islice(files, limit))
    if not count:
        return ()
    return (Finding("chat.bestanden_ernaast", {"aantal": count}, source.place, Severity.INFO),)


def unaccounted(records: Iterable[Record], sizes: Mapping[str, int]) -> dict[str, tuple[Span, ...]]:
    """Prove that nothing was lost: per text the byte ranges that are covered never or twice.

    `sizes` gives the length of each text by its name in the zip ("" for a file by itself). Empty
    means that every byte belongs to exactly one message or named skip.
    """
    taken: dict[str, list[tuple[int, int]]] = {name: [] for name in sizes}
    member = ""
    for record in records:
        if isinstance(record, Conversation):
            member = record.text_member or ""
            for name, span in record.skipped:
                where = name.rpartition("#")[0] or member
                taken.setdefault(where, []).append((span.start, span.end))
        elif isinstance(record, ChatMessage):
            where = (record.place or "").rpartition("#")[0] or member
            taken.setdefault(where, []).append((record.span.start, record.span.end))
    wrong = {name: _gaps(found, sizes.get(name, 0)) for name, found in taken.items()}
    return {name: spans for name, spans in wrong.items() if spans}


def _gaps(taken: list[tuple[int, int]], size: int) -> tuple[Span, ...]:
    found: list[Span] = []
    at = 0
    for start, end in sorted(taken):
        if start != at:
            found.append(Span(min(start, at), max(start, at)))
        at = max(at, end)
    if at != size:
        found.append(Span(min(at, size), max(at, size)))
    return tuple(found)
