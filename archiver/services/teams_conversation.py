"""A chat whose messages came in one by one, as mail items (Teams in Exchange): shown and decided as one.

Every message stays the item it is, with its own original. What holds them together is only the chat that each
of them names itself (`ChatPost.thread`); the same chat out of another mailbox belongs to it too. A message
that names no chat stays by itself: what the conversation index of Outlook joins is shown, never decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from archiver.errors import KnownError
from archiver.findings import Finding
from archiver.links import chat_of, key, known_as
from archiver.model import ChatAttachment, ChatMessage, ChatPost, EmailMessage, Item, Span
from archiver.services import reading
from archiver.services.archive import Archive
from archiver.services.conversation_parts import linked, parts_of
from archiver.store import items, links
from archiver.store.database import Tx

AROUND = 60  # messages before and after the one that is read
_ALL = 2**31
Findings = tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat by its items, oldest first. `copies` have the number of an earlier one: from another mailbox."""

    title: str
    posts: tuple[Item, ...]
    copies: int = 0


def chat_with(archive: Archive, item: Item) -> Chat | None:
    """Give the chat that an item is a message of; None when it is none or names none."""
    if not _thread(item):
        return None
    with archive.register.read() as tx:
        posts = whole_of(tx, item.id)
    titles = (post.title for item in reversed(posts) if (post := _post(item)) and post.title)
    return Chat(next(titles, ""), posts, len(posts) - len(once(posts, item)))


def whole_of(tx: Tx, item_id: str) -> tuple[Item, ...]:
    """Give everything that one decision about this item is about, itself included, the earliest first.

    Of a message of a chat all messages of that chat, of an export the other exports of its conversation,
    of anything else itself.
    """
    item = items.get(tx, item_id)
    if not (chat := _thread(item)):
        return parts_of(tx, item_id)
    found = (items.get(tx, one) for one in links.holding(tx, key(f"chat:{chat}"), _ALL))
    return tuple(sorted(found, key=lambda one: (one.date or "", one.id)))


def with_whole(tx: Tx, ids: Sequence[str]) -> tuple[str, ...]:
    """Add to these items what is decided with them; each once, in order."""
    found: dict[str, None] = {}
    for item_id in ids:
        if item_id not in found:
            found[item_id] = None
            found.update(dict.fromkeys(one.id for one in whole_of(tx, item_id)))
    return tuple(found)


def has_others(item: Item) -> bool:
    """Tell whether a decision about this item can be an exception: there is a conversation it is part of."""
    return bool(linked(item) or _thread(item))


def read_post(archive: Archive, item: Item) -> reading.Reading:
    """Open a message of a chat for reading with those around it; any other item by itself."""
    alone = reading.read_item(archive, item)
    chat = chat_with(archive, item)
    if chat is None:
        return alone
    posts = once(chat.posts, item)
    at = next(n for n, post in enumerate(posts) if post.id == item.id)
    shown = posts[max(0, at - AROUND) : at + AROUND + 1]
    messages = tuple(message_of(archive, post, n) for n, post in enumerate(shown))
    people = dict.fromkeys(m.sender for m in messages if m.sender)
    return replace(
        alone,
        title=chat.title or alone.title,
        to=tuple(people),
        chat=messages,
        chat_total=len(posts),
        chat_at=shown.index(item),
    )


def once(posts: Iterable[Item], wanted: Item) -> list[Item]:
    """Give every message of a chat once: of copies the one that is asked for, else the first."""
    found: dict[str, Item] = {}
    for post in posts:
        assert isinstance(post.record, EmailMessage)
        called = known_as(post.record) or post.id
        if called not in found or post.id == wanted.id:
            found[called] = post
    return list(found.values())


def message_of(archive: Archive, item: Item, index: int) -> ChatMessage:
    """Read an item as a message of its chat; `place` is the item it is."""
    record, post = item.record, _post(item)
    assert isinstance(record, EmailMessage)
    assert post is not None
    text, findings = _text(archive, item, record)
    system = "SYSTEM" in (record.item_class or "").upper()
    return ChatMessage(
        conversation=post.thread or "",
        index=index,
        span=Span(0, 0),
        id=post.id,
        sender=item.sender,
        sent=record.date,
        text=text,
        type="system" if system else "text",
        attachments=tuple(
            ChatAttachment(a.name or a.part, True, media_type=a.media_type, size=a.size)
            for a in record.attachments
        ),
        reply_to=post.parent if post.parent != post.id else None,
        sender_id=post.sender_id,
        place=item.id,
        findings=findings,
    )


def _text(archive: Archive, item: Item, record: EmailMessage) -> tuple[str | None, Findings]:
    try:
        return reading.mail_text(reading.message_bytes(archive, item), record), ()
    except KnownError as error:  # of one message: the others can be read
        return None, (error.as_finding(),)


def _post(item: Item) -> ChatPost | None:
    return item.record.post if isinstance(item.record, EmailMessage) else None


def _thread(item: Item) -> str:
    return chat_of(item.record) if isinstance(item.record, EmailMessage) else ""
