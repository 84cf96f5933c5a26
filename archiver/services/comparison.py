"""Compare exports of one conversation: find them and lay them side by side.

Comparing reads only. That two exports belong together is recorded by a person, with
`archiver.services.conversation_parts`. The exports themselves are never merged or changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from archiver.errors import InputRefused, RuleRefused
from archiver.intake.pool import Finished, Parsed, read_sources
from archiver.intake.protocol import ParseContext
from archiver.model import ChatMessage, Conversation, Item, ItemKind
from archiver.progress import Progress, check_cancelled
from archiver.services import people
from archiver.services.archive import Archive
from archiver.services.chat_keys import folded
from archiver.services.chat_match import Comparison, Overlap, compare, overlap
from archiver.services.conversation_parts import conversation_of, parts_of
from archiver.services.reading import chat_messages
from archiver.store import items

CANDIDATES = 40  # conversations that are read to find other exports
PAUSE = 200  # messages between two looks at whether to stop


@dataclass(frozen=True, slots=True)
class Export:
    """One export of a conversation with all its messages; `name` is a file name or an item id.

    `people` are its participants with who they are; empty for a file.
    """

    name: str
    conversation: Conversation
    messages: tuple[ChatMessage, ...]
    people: tuple[people.Seen, ...] = ()


@dataclass(frozen=True, slots=True)
class FileConversation:
    """A conversation of a file that is not secured, as it was looked at (`preview`)."""

    path: Path
    record: Conversation


Subject = str | FileConversation
"""What is compared: the id of a secured conversation, a file name, or a conversation of a file."""


@dataclass(frozen=True, slots=True)
class Recognition:
    """Why two exports are, or are not, of one conversation.

    `people` counts labels on both sides of the smaller number; contact names differ by phone, so
    none in common proves nothing. What decides is what was said: `overlap`. Two that have no day in
    common (`apart`: one per quarter, say) can share nothing; then title and people must be the same.
    """

    platform: bool
    title: bool
    people: tuple[int, int]
    overlap: Overlap
    apart: bool = False

    @property
    def same(self) -> bool:
        """Tell whether they are taken for one conversation."""
        return self.platform and (self.overlap.same or self.follows)

    @property
    def follows(self) -> bool:
        """Tell whether one looks like a later part of the other: same name, same people, other days."""
        shared, of = self.people
        return self.apart and self.title and shared > 0 and 2 * shared >= of


@dataclass(frozen=True, slots=True)
class Compared:
    """Two exports side by side."""

    left: Export
    right: Export
    recognition: Recognition
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class OtherExport:
    """A secured conversation that looks like another export of the one that was asked about."""

    id: str
    title: str
    owner: str | None
    secured_at: str
    recognition: Recognition


@dataclass(frozen=True, slots=True)
class CompareExports:
    """The command: each side is a file, a conversation of one, or the id of a secured conversation.

    `people` are labels, left and right, that a person linked; `answers` are those of intake.
    """

    left: Subject
    right: Subject
    people: tuple[tuple[str, str], ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)


def compare_exports(
    open_: Callable[[], Archive], command: CompareExports, progress: Progress
) -> tuple[Compared, ...]:
    """Compare two files or items; of files with many conversations every pair that belongs together.

    One conversation on each side is always compared, also when it is not recognised as the same:
    `Compared.recognition` tells. `open_` gives the work folder and is called for an item only. Raises
    `InputRefused` for a file without a conversation and `RuleRefused` when no pair belongs together.
    """
    left = _exports(open_, command.left, command.answers, progress)
    right = _exports(open_, command.right, command.answers, progress)
    pairs = [(a, b, recognise(a, b)) for a, b in product(left, right)]
    if len(pairs) > 1:
        pairs = [pair for pair in pairs if pair[2].same]
    if not pairs:
        raise RuleRefused("vergelijk_geen_paar", {"links": len(left), "rechts": len(right)})
    return tuple(
        Compared(a, b, seen, _compared(a, b, (*command.people, *_decided(a, b))))
        for a, b, seen in pairs
    )


def _compared(left: Export, right: Export, who: tuple[tuple[str, str], ...]) -> Comparison:
    a, b = (e.conversation.extract for e in (left, right))
    totals = (a.total if a is not None else None, b.total if b is not None else None)
    return compare(left.messages, right.messages, who, totals)


def _decided(left: Export, right: Export) -> tuple[tuple[str, str], ...]:
    """Give who is who as someone decided it once; of files that are not secured nothing is known."""
    return people.pairs(left.people, right.people)


def recognise(left: Export, right: Export) -> Recognition:
    """Tell whether two exports are of one conversation, and by what."""
    a, b = left.conversation, right.conversation
    here, there = ({folded(p.name) for p in c.participants} for c in (a, b))
    return Recognition(
        platform=a.platform == b.platform,
        title=_same_title(a, b),
        people=(len(here & there), min(len(here), len(there))),
        overlap=overlap(left.messages, right.messages),
        apart=_touch(a, b) is False,
    )


def other_exports(
    archive: Archive, subject: Subject, progress: Progress
) -> tuple[OtherExport, ...]:
    """Find the secured conversations that may be other exports of this one; most shared first.

    Only conversations of the same platform whose time or title touches are read, at most `CANDIDATES`,
    those with the same title and people first. What is linked already is left out. Nothing is recorded.
    A conversation of a file is read only when there is something to compare it with.
    """
    known: set[str] = set()
    with archive.register.read() as tx:
        if isinstance(subject, FileConversation):
            own = subject.record
        else:
            own = conversation_of(items.get(tx, subject))
            known = {part.id for part in parts_of(tx, subject)}
        ids = items.ids(tx, kind=ItemKind.CONVERSATION)
        others = [items.get(tx, other) for other in ids if other not in known]
    likely = [
        (other, record)
        for other in others
        if isinstance(record := other.record, Conversation) and _may_be(own, record)
    ]
    names = {folded(p.name) for p in own.participants}
    likely.sort(
        key=lambda pair: (
            not _same_title(own, pair[1]),
            -len(names & {folded(p.name) for p in pair[1].participants}),
        )
    )
    likely = likely[:CANDIDATES]
    if not likely:
        return ()
    (export,) = _exports(lambda: archive, subject, {}, progress)
    found = []
    for done, (other, _) in enumerate(likely):
        check_cancelled(progress)
        progress.step(done, len(likely), other.title)
        seen = recognise(export, export_of(archive, other, progress))
        if seen.same:
            found.append(OtherExport(other.id, other.title, other.owner, other.secured_at, seen))
    return tuple(sorted(found, key=lambda one: -one.recognition.overlap.shared))


def _may_be(one: Conversation, other: Conversation) -> bool:
    """Tell cheaply, without reading messages, whether two may be the same conversation."""
    if one.platform != other.platform:
        return False
    return _same_title(one, other) or _touch(one, other) is not False


def _same_title(one: Conversation, other: Conversation) -> bool:
    return bool(one.title and other.title) and folded(one.title or "") == folded(other.title or "")


def _touch(one: Conversation, other: Conversation) -> bool | None:
    """Tell whether they have a day in common; None when that is not known."""
    if not (one.first and one.last and other.first and other.last):
        return None
    return one.first[:10] <= other.last[:10] and other.first[:10] <= one.last[:10]


def _exports(
    open_: Callable[[], Archive], named: Subject, answers: Mapping[str, str], progress: Progress
) -> Sequence[Export]:
    if isinstance(named, FileConversation):
        messages = _read(named.record, named.path, progress)
        return (Export(named.path.name, named.record, messages),)
    path = Path(named)
    if not path.exists():
        archive = open_()
        with archive.register.read() as tx:
            item = items.get(tx, named)
        return (export_of(archive, item, progress),)
    found = tuple(_of_file(path, answers, progress))
    if not found:
        raise InputRefused("vergelijk_geen_gesprek", {"bestand": path.name}, place=path.name)
    return found


def _of_file(path: Path, answers: Mapping[str, str], progress: Progress) -> Iterator[Export]:
    """Read every conversation of a file; a place that cannot be read is told by `inspect`."""
    context = ParseContext(answers=answers, messages=True)
    open_: Conversation | None = None
    messages: list[ChatMessage] = []
    for event in read_sources((path,), context, progress):
        if isinstance(event, Parsed) and isinstance(event.record, ChatMessage):
            messages.append(event.record)
        elif isinstance(event, Parsed) and isinstance(event.record, Conversation):
            if open_ is not None:
                yield Export(path.name, open_, tuple(messages))
            open_, messages = event.record, []
        elif isinstance(event, Finished) and open_ is not None:
            yield Export(path.name, open_, tuple(messages))
            open_, messages = None, []


def export_of(archive: Archive, item: Item, progress: Progress) -> Export:
    """Read all messages of a secured conversation. Raises `RuleRefused` for anything else."""
    record = conversation_of(item)
    found = _read(record, archive.vault.path(item.source_sha256), progress)
    with archive.register.read() as tx:
        return Export(item.id, record, found, people.participants(tx, item))


def _read(record: Conversation, path: Path, progress: Progress) -> tuple[ChatMessage, ...]:
    found: list[ChatMessage] = []
    for message in chat_messages(record, path):
        if not len(found) % PAUSE:
            check_cancelled(progress)
        found.append(message)
    return tuple(found)
