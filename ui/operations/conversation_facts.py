"""What the inspector says of a conversation in several parts: how many, and which are an exception."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.model import EmailMessage, Item
from ui.operations.core import Fact
from ui.words import moment, n, t

if TYPE_CHECKING:
    from archiver.services.archive import Archive
    from archiver.services.conversation_parts import PartState

MOST = 6  # exports that are named one by one


def parts_facts(archive: Archive, item: Item) -> tuple[tuple[Fact, ...], int]:
    """Give the lines for Gegevens, and how many parts the conversation has (1 for anything else)."""
    from archiver.services.conversation_parts import linked, parts_states

    if isinstance(item.record, EmailMessage):
        return _post_facts(archive, item)
    if not linked(item):
        return (), 1
    states = parts_states(archive, item.id)
    words = [n("gegeven.delen.aantal", len(states))]
    words += [_words(state) for state in states[:MOST] if state.id != item.id]
    own = next(state for state in states if state.id == item.id)
    mark = t("gegeven.delen.uitzondering") if own.exception else ""
    return (Fact("gegeven.delen", "\n".join(words), mark),), len(states)


def _post_facts(archive: Archive, item: Item) -> tuple[tuple[Fact, ...], int]:
    from archiver.services.teams_conversation import chat_with

    chat = chat_with(archive, item)
    if chat is None:
        return (), 1
    words = [
        n("gegeven.chat.aantal", len(chat.posts), titel=chat.title or t("gegeven.chat.naamloos"))
    ]
    if chat.copies:
        words.append(n("gegeven.chat.kopieen", chat.copies))
    if apart := sum(bool(post.decision and post.decision.alleen) for post in chat.posts):
        words.append(n("gegeven.chat.apart", apart))
    return (Fact("gegeven.chat", "\n".join(words), t("bron.bericht")),), len(chat.posts)


def _words(state: PartState) -> str:
    who = state.owner or t("vergelijk.eigenaar_onbekend")
    last = moment(state.last, time=False) if state.last else "?"
    decided = t(f"gegeven.delen.{state.waardering or 'open'}")
    words = t("gegeven.delen.deel", wie=who, dag=last, besluit=decided)
    return f"{words} ({t('gegeven.delen.uitzondering')})" if state.exception else words
