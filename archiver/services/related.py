"""What belongs to a message in the register: its thread, its copies, the same bytes elsewhere.

Only what messages say themselves joins them (`archiver.services.threads`). Nothing is dropped: a copy
of the receiver and one of the sender are two items that know of each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from archiver.links import keys_of, known_as, piece_of
from archiver.model import EmailMessage
from archiver.services.appraise import sender_of, title_of
from archiver.services.archive import Archive
from archiver.services.threads import Place, Thread, entry_of, threads_of
from archiver.store import items, links
from archiver.store.database import Tx
from archiver.store.links import LinkedRow

_MOST = 1_000  # messages of one thread that are looked at
_NOT_STORED = ""  # the key of a message that is not in the register


@dataclass(frozen=True, slots=True)
class Relative:
    """One message of a thread. `container` is the name of the file it came in, `owner` of whom.

    `parent` is the id of what it answers and `basis` who says so (in_reply_to, references,
    thread_index, chat); `missing` is the Message-ID of what it answers when that is not here.
    """

    id: str
    title: str
    sender: str | None
    date: str | None
    owner: str | None
    container: str
    parent: str | None = None
    basis: str | None = None
    missing: str | None = None
    loop: bool = False


@dataclass(frozen=True, slots=True)
class Related:
    """All that belongs to one message, each list oldest first.

    `thread` is the other messages of its thread, each message once; `copies` have its Message-ID and
    other bytes; `duplicates` its bytes; `pieces` are the other pieces of the message it is a piece of.
    `gaps` are Message-IDs that are named and not here. `more`: the thread is larger than we looked.
    """

    self_: Relative
    thread: tuple[Relative, ...] = ()
    copies: tuple[Relative, ...] = ()
    duplicates: tuple[Relative, ...] = ()
    pieces: tuple[Relative, ...] = ()
    gaps: tuple[str, ...] = ()
    more: bool = False

    @property
    def alone(self) -> bool:
        """True when nothing belongs to it."""
        return not (self.thread or self.copies or self.duplicates or self.pieces or self.gaps)


def related(archive: Archive, item_id: str) -> Related | None:
    """Give what belongs to a stored item; None for a conversation. Raises `RuleRefused`: no such id."""
    with archive.register.read() as tx:
        record = items.get(tx, item_id).record
        if not isinstance(record, EmailMessage):
            return None
        found, more = _near(tx, record)
        rows = links.read(tx, {*found, item_id})
    return _related(rows, item_id, record, more)


def related_to(archive: Archive, record: EmailMessage) -> Related:
    """Give what belongs to a message that is not stored: a copy may be here already."""
    with archive.register.read() as tx:
        found, more = _near(tx, record)
        rows = links.read(tx, found)
    return _related(rows, _NOT_STORED, record, more)


def _near(tx: Tx, record: EmailMessage) -> tuple[set[str], bool]:
    found, more = links.kin(tx, keys_of(record), _MOST)
    return found | set(links.same_bytes(tx, record.sha256, _MOST)), more


def _related(rows: Sequence[LinkedRow], key: str, record: EmailMessage, more: bool) -> Related:
    entries = [entry_of(row.id, row.record) for row in rows]
    if key == _NOT_STORED:
        entries.append(entry_of(key, record))
    thread = next(t for t in threads_of(entries) if any(p.key == key for p in t.places))
    places = {place.key: place for place in thread.places}
    shown = {row.id: _relative(row, places.get(row.id), thread) for row in rows}
    own = next((row for row in rows if row.id == key), None)
    known = known_as(record)
    same = [row for row in rows if row.id != key and row.sha256 == record.sha256]
    copies = [
        row
        for row in rows
        if row.id != key and row.sha256 != record.sha256 and known and known_as(row.record) == known
    ]
    aside = {key, *(row.id for row in (*same, *copies))}
    piece = piece_of(record)
    pieces = [
        row
        for row in rows
        if piece and row.id not in aside and (piece_of(row.record) or ("",))[0] == piece[0]
    ]
    aside |= {row.id for row in pieces}
    return Related(
        shown[key] if own else _unstored(record, places[key], thread),
        tuple(shown[row.id] for row in _once(rows) if row.id in places and row.id not in aside),
        tuple(shown[row.id] for row in copies),
        tuple(shown[row.id] for row in same),
        tuple(shown[row.id] for row in pieces),
        thread.gaps,
        more,
    )


def _once(rows: Iterable[LinkedRow]) -> list[LinkedRow]:
    """Give each message once, whatever the number of copies: the first of them."""
    found: dict[str, LinkedRow] = {}
    for row in rows:
        found.setdefault(known_as(row.record) or row.sha256, row)
    return list(found.values())


def _relative(row: LinkedRow, place: Place | None, thread: Thread) -> Relative:
    at = place or Place(row.id)
    return Relative(
        id=row.id,
        title=row.title,
        sender=row.sender,
        date=row.date,
        owner=row.owner,
        container=row.path.replace("\\", "/").rsplit("/", 1)[-1],
        parent=at.parent,
        basis=at.basis,
        missing=at.missing,
        loop=row.id in thread.loops,
    )


def _unstored(record: EmailMessage, at: Place, thread: Thread) -> Relative:
    return Relative(
        id=_NOT_STORED,
        title=title_of(record),
        sender=sender_of(record),
        date=record.date,
        owner=None,
        container="",
        parent=at.parent,
        basis=at.basis,
        missing=at.missing,
        loop=at.key in thread.loops,
    )
