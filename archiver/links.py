"""By which keys the register finds messages that belong together: computed from the record alone.

A message has a key for its own Message-ID, for every id it answers or names, for its Outlook
conversation, and for the message it is a piece of (message/partial). One message of a chat has the key of
the chat it names instead of the Outlook conversation. Two messages with a key in common are candidates;
`archiver.services.threads` says how they stand to each other. A subject is never a key. Keys are hashes,
because an id in a hostile message may have any length.
"""

from __future__ import annotations

import hashlib
from typing import Final

from archiver.model import EmailMessage, Item

ROOT_HEX: Final = 44
"""Hex digits of a Thread-Index (22 bytes) that name the conversation ([MS-OXOMSG] 2.2.1.3)."""

LINKED: Final = "gekoppeld"
"""Value of an item: the ids of other exports of its conversation, with spaces, as a person linked them."""

PIECE: Final = "mail.deel_van_bericht"
_FIRST, _LAST = 10, 40  # of a list of References: what began it, and what came just before


def keys_of(record: EmailMessage) -> tuple[str, ...]:
    """Give the keys of a message, its own first, each once; at most 53, each 32 hex digits."""
    named = [f"id:{one}" for one in (bare(record.message_id), answered(record.in_reply_to)) if one]
    ids = record.references
    nearest = ids if len(ids) <= _FIRST + _LAST else (*ids[:_FIRST], *ids[-_LAST:])
    named += [f"id:{one}" for one in map(bare, nearest) if one]
    if chat := chat_of(record):
        named.append(f"chat:{chat}")
    elif record.thread_index is not None and len(record.thread_index) >= ROOT_HEX:
        named.append(f"index:{record.thread_index[:ROOT_HEX]}")
    if piece := piece_of(record):
        named.append(f"stuk:{piece[0]}")
    return tuple(map(key, dict.fromkeys(named)))


def chat_of(record: EmailMessage) -> str:
    """Give the chat that a message names itself; empty when it is no message of a chat or names none."""
    return (record.post.thread or "") if record.post is not None else ""


def known_as(record: EmailMessage) -> str:
    """Give what a message is called in every copy: its number in its chat, else its Message-ID."""
    if record.post is not None and record.post.thread and record.post.id:
        return f"{record.post.thread}/{record.post.id}"
    return bare(record.message_id)


def key(name: str) -> str:
    """Give the key of a name such as ``id:1@voorbeeld.nl``."""
    return hashlib.blake2b(name.encode("utf-8", "backslashreplace"), digest_size=16).hexdigest()


def piece_of(record: EmailMessage) -> tuple[str, int, int | None] | None:
    """Tell of which message this is a piece, which number, and of how many (None: it does not say).

    The message is named by a hash of its ``id`` (RFC 2046 section 5.2.2).
    """
    for finding in record.findings:
        if finding.code == PIECE and (name := str(finding.params.get("sleutel", ""))):
            number, total = str(finding.params["nummer"]), str(finding.params["totaal"])
            if number.isascii() and number.isdigit() and len(number) < 6:
                whole = total.isascii() and total.isdigit() and len(total) < 6
                return name, int(number), int(total) if whole else None
    return None


def answered(value: str | None) -> str:
    """Give the id that In-Reply-To names; "Your message of Tuesday" stands there too and is none."""
    if value is None or " " in value or not ("@" in value or value.startswith("<")):
        return ""
    return bare(value)


def bare(value: str | None) -> str:
    """Give an id without its angle brackets; empty when there is none."""
    return (value or "").strip().strip("<>")


def linked(item: Item) -> tuple[str, ...]:
    """Give the items that a person linked to this one as exports of the same conversation."""
    value = item.values.get(LINKED)
    return tuple(value.value.split()) if value else ()
