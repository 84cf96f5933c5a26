"""One conversation out of all its exports: each message once, with the exports that have it.

A view that is made when asked. No export is changed, and what differs stays visible: an entry holds the
place of the message in every export, never one text in place of another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from archiver.model import ChatMessage
from archiver.progress import Progress, check_cancelled
from archiver.services import people
from archiver.services.archive import Archive
from archiver.services.chat_match import Kind, compare
from archiver.services.comparison import Export, export_of
from archiver.services.conversation_parts import parts_of

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Witness:
    """Where a message stands: the number of the export, its place there, how it differs (or None).

    `differs` is a reason of `archiver.services.chat_match.Row`, against what came before it.
    """

    export: int
    place: int
    differs: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of the conversation as the first export has it, with all exports that have it."""

    message: ChatMessage
    witnesses: tuple[Witness, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """What one export adds: its messages, those that an earlier export has, and those it alone has."""

    export: int
    total: int
    earlier: int
    alone: int


@dataclass(frozen=True, slots=True)
class ConversationView:
    """All exports of a conversation, the earliest first, and its messages, each once."""

    exports: tuple[Export, ...]
    entries: tuple[Entry, ...]

    def shares(self) -> tuple[Share, ...]:
        """Count per export what it has in common with the earlier ones and what it alone has."""
        seen, alone = Counter[int](), Counter[int]()
        for entry in self.entries:
            seen.update(witness.export for witness in entry.witnesses[1:])
            if len(entry.witnesses) == 1:
                alone[entry.witnesses[0].export] += 1
        return tuple(
            Share(number, len(export.messages), seen[number], alone[number])
            for number, export in enumerate(self.exports)
        )


def conversation_view(archive: Archive, item_id: str, progress: Progress) -> ConversationView:
    """Give the conversation of this item out of every export that a person linked to it."""
    with archive.register.read() as tx:
        parts = parts_of(tx, item_id)
    exports = []
    for done, part in enumerate(parts):
        check_cancelled(progress)
        progress.step(done, len(parts), part.title)
        exports.append(export_of(archive, part))
    entries = joined(
        [export.messages for export in exports],
        lambda left, right: people.pairs(exports[left].people, exports[right].people),
    )
    return ConversationView(tuple(exports), entries)


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
