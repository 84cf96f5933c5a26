"""The order of day and month of one export from another export of the same chat.

A message that says enough and stands in both was written on one day. When several such messages can
only be of that day under one order, and none under another, that is the order. The other export was
secured before, or lies in the same drop. Without such messages nothing is decided, and the user is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import Protocol

from archiver.errors import KnownError
from archiver.findings import Finding, Severity
from archiver.intake.chat import whatsapp
from archiver.intake.chat.whatsapp_dates import ALL, day, fields
from archiver.model import ChatMessage, Conversation, Identification, ItemKind
from archiver.services.archive import Archive
from archiver.services.chat_keys import folded
from archiver.services.spool import Spool
from archiver.store import items

BASIS = "other_export"
ORDER, ORDER_BASIS = "date_order", "date_order_basis"  # the answers with which a file is read again
SAID = "chat.datumvolgorde_andere_export"
ASKED = "chat.datumvolgorde_vragen"
_LONG = 10  # characters; a shorter text is said on many days
_ENOUGH = 2  # messages that must agree
_MOST_MESSAGES = 20_000
_MOST_EXPORTS = 20

Export = tuple[Conversation, Path]


def is_open(record: object) -> bool:
    """Tell whether the order of day and month of an export is not known."""
    return (
        isinstance(record, Conversation)
        and record.format == whatsapp.FORMAT
        and record.date_order is None
        and any(f.code == ASKED for f in record.findings)
    )


def order_from(undecided: Sequence[ChatMessage], known: Sequence[ChatMessage]) -> str | None:
    """Give the order under which the same texts are of the same days; None when that is not certain."""
    days: dict[str, set[str]] = {}
    for message in known:
        if message.sent and message.text and len(words := folded(message.text)) >= _LONG:
            days.setdefault(words, set()).add(message.sent[:10])
    votes = dict.fromkeys(ALL, 0)
    for message in undecided:
        there = days.get(folded(message.text or ""))
        found = fields((message.sent_raw or "").split(" ")[0].rstrip(",").encode())
        if not there or found is None:
            continue
        readings = {order: day(found, order) for order in ALL}
        if len(set(readings.values()) - {None}) > 1:
            for order, reading in readings.items():
                votes[order] += reading in there
    agreed = [order for order, count in votes.items() if count]
    return agreed[0] if len(agreed) == 1 and votes[agreed[0]] >= _ENOUGH else None


def settled(
    archive: Archive, record: Conversation, path: Path, drop: Sequence[Export]
) -> Conversation:
    """Decide an open order from another export, with that as basis; else give the record as it is."""
    if not is_open(record):
        return record
    undecided: tuple[ChatMessage, ...] | None = None
    for other, where in islice(chain(drop, _secured(archive)), _MOST_EXPORTS * 10):
        if other.date_order is None or not _alike(record, other):
            continue
        try:
            if undecided is None:
                undecided = _messages(record, path)
            order = order_from(undecided, _messages(other, where))
        except (KnownError, OSError):
            continue  # a file that cannot be read decides nothing
        if order is not None:
            return _with_order(record, path, order, other)
    return record


class DroppedExport(Protocol):
    """A file that is taken in: what was read of it, and what another export decided."""

    path: Path
    identification: Identification
    spool: Spool
    settled: dict[int, Conversation]


def settle(archive: Archive, group: Iterable[DroppedExport]) -> None:
    """Decide the open orders of files that are taken in together."""
    chats = [r for r in group if r.identification.format == whatsapp.FORMAT]
    drop = [(c, r.path) for r in chats for c in r.spool if isinstance(c, Conversation)]
    for reading in chats:
        for one in (c for c, path in drop if path == reading.path and is_open(c)):
            reading.settled[one.index] = settled(archive, one, reading.path, drop)


def _alike(one: Conversation, other: Conversation) -> bool:
    """Tell whether two may be the same chat: by title, or by two people of both."""
    if one.title and other.title and folded(one.title) == folded(other.title):
        return True
    names = {p.name for p in one.participants} & {p.name for p in other.participants}
    return len(names) > 1


def _secured(archive: Archive) -> Iterator[Export]:
    with archive.register.read() as tx:
        ids = items.ids(tx, kind=ItemKind.CONVERSATION)
        found = [items.get(tx, item_id) for item_id in ids]
    for item in found:
        if isinstance(item.record, Conversation) and item.record.format == whatsapp.FORMAT:
            yield item.record, archive.vault.path(item.source_sha256)


def _read(record: Conversation, path: Path) -> Iterator[ChatMessage]:
    # Here, because a drop of mail loads this module and need not load the readers.
    from archiver.services.reading import chat_messages

    return chat_messages(record, path)


def _messages(record: Conversation, path: Path) -> tuple[ChatMessage, ...]:
    return tuple(islice(_read(record, path), _MOST_MESSAGES))


def _with_order(record: Conversation, path: Path, order: str, other: Conversation) -> Conversation:
    found = replace(record, date_order=order, date_order_basis=BASIS)
    times = [m.sent for m in _read(found, path) if m.sent]
    told = Finding(SAID, {"titel": other.title or ""}, severity=Severity.INFO)
    return replace(
        found,
        first=min(times, default=None),
        last=max(times, default=None),
        findings=(*(f for f in record.findings if f.code != ASKED), told),
    )


def said(record: Conversation) -> Finding:
    """Give what was said about the order of a conversation that `settled` decided."""
    return next(f for f in record.findings if f.code == SAID)
