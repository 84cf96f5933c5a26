"""One conversation out of all its exports as the window shows it; made in a worker thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archiver.progress import Progress

if TYPE_CHECKING:
    from archiver.services.archive import Archive
    from archiver.services.conversation_parts import PartState
    from archiver.services.conversation_view import ConversationView, Entry, Share


@dataclass(frozen=True, slots=True)
class ShownExport:
    """One export for the legend: its letter, whose it is, and what it shares with the others."""

    letter: str
    state: PartState
    share: Share


@dataclass(frozen=True, slots=True)
class Passage:
    """Before a message: numbers of the exports that begin there, and of those that ended."""

    begins: tuple[int, ...]
    ended: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class WholeConversation:
    """A conversation with the places of its differences and where exports begin and end."""

    id: str
    title: str
    view: ConversationView
    exports: tuple[ShownExport, ...]
    different: tuple[int, ...]
    passages: Mapping[int, Passage]


def whole_conversation(archive: Archive, item_id: str, progress: Progress) -> WholeConversation:
    """Read every export of the conversation of this item and lay them over each other."""
    from archiver.services import overview
    from archiver.services.conversation_parts import parts_states
    from archiver.services.conversation_view import conversation_view, letter

    view = conversation_view(archive, item_id, progress)
    states = {state.id: state for state in parts_states(archive, item_id)}
    exports = tuple(
        ShownExport(letter(share.export), states[view.exports[share.export].name], share)
        for share in view.shares()
    )
    return WholeConversation(
        item_id,
        overview.item(archive, item_id).title,
        view,
        exports,
        tuple(place for place, entry in enumerate(view.entries) if entry.differs),
        passages(view.entries),
    )


def passages(entries: Sequence[Entry]) -> dict[int, Passage]:
    """Give by place where exports begin or have ended; the first message is where it all begins."""
    from archiver.services.conversation_view import BEYOND

    found: dict[int, Passage] = {}
    before: frozenset[int] | None = None
    for place, entry in enumerate(entries):
        here = frozenset(
            (
                *(witness.export for witness in entry.witnesses),
                *(gone.export for gone in entry.missing if gone.reason not in BEYOND),
            )
        )
        if before is not None and here != before:
            found[place] = Passage(tuple(sorted(here - before)), tuple(sorted(before - here)))
        before = here
    return found
