"""What the inspector says of a conversation in several exports: how many, and which are an exception."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.model import Conversation, Item
from ui.operations.core import Fact
from ui.words import moment, n, t

if TYPE_CHECKING:
    from archiver.services.archive import Archive
    from archiver.services.conversation_parts import PartState

MOST = 6  # exports that are named one by one


def parts_facts(archive: Archive, item: Item) -> tuple[tuple[Fact, ...], int]:
    """Give the lines for Gegevens, and how many exports the conversation has (1 for anything else)."""
    from archiver.services.conversation_parts import linked, parts_states

    if not isinstance(item.record, Conversation) or not linked(item):
        return (), 1
    states = parts_states(archive, item.id)
    words = [n("gegeven.delen.aantal", len(states))]
    words += [_words(state) for state in states[:MOST] if state.id != item.id]
    own = next(state for state in states if state.id == item.id)
    mark = t("gegeven.delen.uitzondering") if own.exception else ""
    return (Fact("gegeven.delen", "\n".join(words), mark),), len(states)


def _words(state: PartState) -> str:
    who = state.owner or t("vergelijk.eigenaar_onbekend")
    last = moment(state.last, time=False) if state.last else "?"
    decided = t(f"gegeven.delen.{state.waardering or 'open'}")
    words = t("gegeven.delen.deel", wie=who, dag=last, besluit=decided)
    return f"{words} ({t('gegeven.delen.uitzondering')})" if state.exception else words
