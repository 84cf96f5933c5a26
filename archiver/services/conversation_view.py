"""One conversation out of all its exports: each message once, with the exports that have it.

A view that is made when asked. No export is changed, and what differs stays visible: an entry holds the
place of the message in every export, never one text in place of another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from string import ascii_uppercase

from archiver.model import ChatMessage
from archiver.progress import Progress, check_cancelled
from archiver.services import people
from archiver.services.archive import Archive
from archiver.services.chat_align import gaps, rising
from archiver.services.chat_match import Kind, Presence, compare
from archiver.services.comparison import Export, export_of
from archiver.services.conversation_parts import parts_of

Pairs = Sequence[tuple[str, str]]
BEYOND = frozenset({"earlier", "later"})  # before an export begins or after it ends: no difference


@dataclass(frozen=True, slots=True)
class Witness:
    """Where a message stands: the number of the export, its place there, how it differs (or None).

    `differs` is a reason of `archiver.services.chat_match.Row`, against what came before it.
    """

    export: int
    place: int
    differs: str | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """An export that does not have a message, and the likely reason as in `chat_match.Row`."""

    export: int
    reason: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of the conversation as the first export has it, with all exports that have it.

    `missing` are the exports that do not have it. `differs` tells whether the exports do not agree: other
    words in one, or absent where it should be. Before an export begins or after it ends is no difference.
    """

    message: ChatMessage
    witnesses: tuple[Witness, ...]
    missing: tuple[Missing, ...] = ()

    @property
    def differs(self) -> bool:
        """Tell whether the exports do not agree about this message."""
        return any(w.differs for w in self.witnesses) or any(
            m.reason not in BEYOND for m in self.missing
        )


@dataclass(frozen=True, slots=True)
class Share:
    """What one export adds: its messages, those that an earlier export has, and those it alone has.

    `continues` is the export that stops where this one goes on, with `new` messages after its end; None
    when there is no such export.
    """

    export: int
    total: int
    earlier: int
    alone: int
    continues: int | None = None
    new: int = 0


@dataclass(frozen=True, slots=True)
class ConversationView:
    """All exports of a conversation, the earliest first, and its messages, each once."""

    exports: tuple[Export, ...]
    entries: tuple[Entry, ...]

    def shares(self) -> tuple[Share, ...]:
        """Count per export what it has in common with the earlier ones and what it alone has."""
        seen, alone = Counter[int](), Counter[int]()
        after = Counter[tuple[int, int]]()  # (export that ended, export that goes on)
        for entry in self.entries:
            seen.update(witness.export for witness in entry.witnesses[1:])
            if len(entry.witnesses) == 1:
                alone[entry.witnesses[0].export] += 1
            after.update(
                (gone.export, witness.export)
                for gone in entry.missing
                if gone.reason == "later"
                for witness in entry.witnesses
            )
        return tuple(
            Share(
                number, len(export.messages), seen[number], alone[number], *_before(after, number)
            )
            for number, export in enumerate(self.exports)
        )


def letter(export: int) -> str:
    """Give the letter of an export by its number: A to Z, then AA, AB."""
    first, last = divmod(export, len(ascii_uppercase))
    return (letter(first - 1) if first else "") + ascii_uppercase[last]


def conversation_view(archive: Archive, item_id: str, progress: Progress) -> ConversationView:
    """Give the conversation of this item out of every export that a person linked to it."""
    with archive.register.read() as tx:
        parts = parts_of(tx, item_id)
    exports = []
    for done, part in enumerate(parts):
        check_cancelled(progress)
        progress.step(done, len(parts), part.title)
        exports.append(export_of(archive, part, progress))
    entries = joined(
        [export.messages for export in exports],
        lambda left, right: people.pairs(exports[left].people, exports[right].people),
    )
    return ConversationView(tuple(exports), explained(entries, exports))


def joined(
    exports: Sequence[Sequence[ChatMessage]],
    who: Callable[[int, int], Pairs] = lambda left, right: (),
) -> tuple[Entry, ...]:
    """Lay exports over each other, one after the other; the order of each is kept where they agree.

    `who` gives the labels that are one person, of two exports by number.
    """
    entries: list[Entry] = []
    for number, messages in enumerate(exports):
        known = [entry.message for entry in entries]
        pairs = [pair for earlier in range(number) for pair in who(earlier, number)]
        entries = list(_laid_over(entries, known, number, messages, pairs))
    return tuple(entries)


def _laid_over(
    entries: Sequence[Entry],
    known: Sequence[ChatMessage],
    number: int,
    messages: Sequence[ChatMessage],
    pairs: Pairs,
) -> Iterator[Entry]:
    for row in compare(known, messages, pairs).rows:
        if row.left is None:
            assert row.right is not None
            yield Entry(messages[row.right], (Witness(number, row.right),))
        elif row.right is None:
            yield entries[row.left]
        else:
            differs = row.reason if row.kind is Kind.DIFFERS else None
            witness = Witness(number, row.right, differs)
            entry = entries[row.left]
            yield replace(entry, witnesses=(*entry.witnesses, witness))


def explained(entries: Sequence[Entry], exports: Sequence[Export]) -> tuple[Entry, ...]:
    """Add to every entry which exports do not have it, and why, by the lines round its place there."""
    missing: list[tuple[Missing, ...]] = [()] * len(entries)
    known: dict[tuple[int, str], Missing] = {}
    for number, export in enumerate(exports):
        extract = export.conversation.extract
        presence = Presence(export.messages, extract.total if extract is not None else None)
        places = {
            at: witness.place
            for at, entry in enumerate(entries)
            for witness in entry.witnesses
            if witness.export == number
        }
        backbone = rising(list(places.items()))
        for first, last, start, end in gaps(backbone, len(entries), len(export.messages)):
            for at in range(first, last):
                if at not in places:
                    reason = presence.reason(start, end, entries[at].message)
                    found = known.setdefault((number, reason), Missing(number, reason))
                    missing[at] = (*missing[at], found)
    return tuple(
        replace(entry, missing=gone) if gone else entry
        for entry, gone in zip(entries, missing, strict=True)
    )


def _before(after: Counter[tuple[int, int]], number: int) -> tuple[int | None, int]:
    """Give the export that this one continues, the one that ends last, and how many come after it.

    Of those that end together it is the earliest.
    """
    ended = [other for other, this in after if this == number and not after[number, other]]
    for other in sorted(ended):
        if not any(after[other, one] for one in ended):
            return other, after[other, number]
    return None, 0
