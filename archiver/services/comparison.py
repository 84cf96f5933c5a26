"""Compare exports of one conversation: find them, lay them side by side, record that they belong.

Comparing reads only. Recording is done by a person: it writes a value on both items and an entry in
the audit trail, and can be undone. The exports themselves are never merged or changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from archiver.errors import InputRefused, RuleRefused
from archiver.identity import new_id
from archiver.intake.pool import Finished, Parsed, read_sources
from archiver.intake.protocol import ParseContext
from archiver.model import Changes, ChatMessage, Conversation, Item, Value
from archiver.progress import Progress, check_cancelled
from archiver.services.archive import Archive
from archiver.services.chat_keys import folded
from archiver.services.chat_match import Comparison, Overlap, compare, overlap
from archiver.services.reading import chat_messages
from archiver.store import audit, items

LINKED = "gekoppeld"  # value of an item: ids of other exports of its conversation, with spaces


@dataclass(frozen=True, slots=True)
class Export:
    """One export of a conversation with all its messages; `name` is a file name or an item id."""

    name: str
    conversation: Conversation
    messages: tuple[ChatMessage, ...]


@dataclass(frozen=True, slots=True)
class Recognition:
    """Why two exports are, or are not, of one conversation.

    `people` counts labels on both sides of the smaller number; contact names differ by phone, so
    none in common proves nothing. What decides is what was said: `overlap`.
    """

    platform: bool
    title: bool
    people: tuple[int, int]
    overlap: Overlap

    @property
    def same(self) -> bool:
        """Tell whether they are taken for one conversation."""
        return self.platform and self.overlap.same


@dataclass(frozen=True, slots=True)
class Compared:
    """Two exports side by side."""

    left: Export
    right: Export
    recognition: Recognition
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class CompareExports:
    """The command: each side is a file or the id of a secured conversation.

    `people` are labels, left to right, that a person linked; `answers` are those of intake.
    """

    left: str
    right: str
    people: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LinkExports:
    """The command: these two items are exports of one conversation, says a person, because."""

    left: str
    right: str
    reason: str


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
        Compared(a, b, seen, compare(a.messages, b.messages, command.people))
        for a, b, seen in pairs
    )


def recognise(left: Export, right: Export) -> Recognition:
    """Tell whether two exports are of one conversation, and by what."""
    a, b = left.conversation, right.conversation
    here, there = ({folded(p.name) for p in c.participants} for c in (a, b))
    return Recognition(
        platform=a.platform == b.platform,
        title=bool(a.title and b.title) and folded(a.title or "") == folded(b.title or ""),
        people=(len(here & there), min(len(here), len(there))),
        overlap=overlap(left.messages, right.messages),
    )


def other_exports(
    archive: Archive, item_id: str, progress: Progress
) -> tuple[tuple[str, Recognition], ...]:
    """Find the secured conversations that may be other exports of this one; most shared first.

    Only conversations of the same platform whose time or title touches are read. Nothing is recorded.
    """
    with archive.register.read() as tx:
        item = items.get(tx, item_id)
        others = [items.get(tx, other) for other in items.ids(tx) if other != item_id]
    export = _of_item(archive, item)
    wanted = [o for o in others if _may_be(export.conversation, o.record)]
    found = []
    for done, other in enumerate(wanted):
        check_cancelled(progress)
        progress.step(done, len(wanted), other.title)
        seen = recognise(export, _of_item(archive, other))
        if seen.same:
            found.append((other.id, seen))
    return tuple(sorted(found, key=lambda pair: -pair[1].overlap.shared))


def link_exports(archive: Archive, command: LinkExports, progress: Progress) -> Changes:
    """Record that two items are exports of one conversation; undone with the ordinary undo.

    Raises `RuleRefused` for one item twice, something that is no conversation, another platform, no
    reason, or a link that stands already. An item may be linked to many.
    """
    if command.left == command.right:
        raise RuleRefused("koppel_zichzelf", place=command.left)
    if not command.reason.strip():
        raise RuleRefused("koppel_zonder_reden")
    check_cancelled(progress)
    token = new_id()
    with archive.register.write() as tx:
        pair = (items.get(tx, command.left), items.get(tx, command.right))
        platforms = {_conversation(item).platform for item in pair}
        if len(platforms) > 1:
            raise RuleRefused("koppel_ander_platform", {"platforms": ", ".join(sorted(platforms))})
        if pair[1].id in linked(pair[0]):
            raise RuleRefused("koppel_staat_al", place=command.left)
        for item, other in (pair, pair[::-1]):
            value = " ".join([*linked(item), other.id])
            values = {**item.values, LINKED: Value(value, "medewerker")}
            items.update(tx, item.id, values=values)
            audit.append(
                tx,
                archive.event(
                    "wijziging",
                    f"item:{item.id}",
                    before={
                        "title": item.title,
                        "dossier_id": item.dossier.id if item.dossier else None,
                        "values": {k: [v.value, v.source] for k, v in item.values.items()},
                        "proposal": dict(item.proposal),
                        "status": item.status.value,
                        "token": token,
                    },
                    after={
                        "title": item.title,
                        "dossier_id": item.dossier.id if item.dossier else None,
                        "values": {LINKED: value},
                        "relation": "andere_export_van_hetzelfde_gesprek",
                        "token": token,
                    },
                    reason=command.reason,
                ),
            )
    return Changes("items", (command.left, command.right), token)


def linked(item: Item) -> tuple[str, ...]:
    """Give the items that a person linked to this one as exports of the same conversation."""
    value = item.values.get(LINKED)
    return tuple(value.value.split()) if value else ()


def _may_be(one: Conversation, other: object) -> bool:
    """Tell cheaply, without reading messages, whether two may be the same conversation."""
    if not isinstance(other, Conversation) or one.platform != other.platform:
        return False
    if one.title and other.title and folded(one.title) == folded(other.title):
        return True
    if not (one.first and one.last and other.first and other.last):
        return True
    return one.first[:10] <= other.last[:10] and other.first[:10] <= one.last[:10]


def _exports(
    open_: Callable[[], Archive], named: str, answers: Mapping[str, str], progress: Progress
) -> Sequence[Export]:
    path = Path(named)
    if not path.exists():
        archive = open_()
        with archive.register.read() as tx:
            item = items.get(tx, named)
        return (_of_item(archive, item),)
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


def _of_item(archive: Archive, item: Item) -> Export:
    record = _conversation(item)
    found = tuple(chat_messages(record, archive.vault.path(item.source_sha256)))
    return Export(item.id, record, found)


def _conversation(item: Item) -> Conversation:
    if not isinstance(item.record, Conversation):
        raise RuleRefused("koppel_geen_gesprek", place=item.id)
    return item.record
