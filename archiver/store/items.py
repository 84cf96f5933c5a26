"""Items in the register: messages and conversations, their attachments, queues and counts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import case, delete, func, or_, select

from archiver.errors import StoreDamaged
from archiver.model import (
    Conversation,
    EmailMessage,
    Item,
    ItemKind,
    ItemStatus,
    Ledger,
    Span,
    Value,
)
from archiver.store import decisions, dossiers, links
from archiver.store import rows as sealed
from archiver.store.canonical import date_key, fold, from_json_text, storable
from archiver.store.schema import (
    AttachmentTable,
    DossierTable,
    ItemTable,
    LinkTable,
    SourceTable,
)
from archiver.store.transaction import Tx
from archiver.wire import from_wire, to_wire

CHUNK = 500
UNSET: Final[Any] = object()
_I, _A, _D, _S = (
    ItemTable.__table__,
    AttachmentTable.__table__,
    DossierTable.__table__,
    SourceTable.__table__,
)


@dataclass(frozen=True, slots=True)
class ItemRow:
    """What a list shows of an item."""

    id: str
    kind: str
    title: str
    sender: str | None
    date: str | None
    status: str
    dossier: str | None
    waardering: str
    proposal: Mapping[str, Any]
    attachment_count: int
    finding_count: int


def add_many(tx: Tx, items: Iterable[Item], blobs: Collection[str] = ()) -> int:
    """Write items from a stream in chunks, so that memory stays flat; gives how many.

    `blobs` are the SHA-256 of attachments that stand in the vault as files of their own: the vault
    keeps a blob only when the register says so.
    """
    rows: list[dict[str, Any]] = []
    parts: list[dict[str, Any]] = []
    named: list[dict[str, Any]] = []
    total = 0

    def flush() -> None:
        sealed.insert(tx, ItemTable, rows)
        sealed.insert(tx, AttachmentTable, parts)
        sealed.insert(tx, LinkTable, named)
        for written in (rows, parts, named):
            written.clear()

    for item in items:
        total += 1
        rows.append(_row(item))
        parts.extend({**r, "in_vault": r["sha256"] in blobs} for r in _attachment_rows(item))
        if isinstance(item.record, EmailMessage):
            named.extend(links.rows_of(item.id, item.record))
        if len(rows) >= CHUNK:
            flush()
    flush()
    return total


def get(tx: Tx, item_id: str) -> Item:
    """Give everything about one item. Raises `RuleRefused` when nobody made that id."""
    found = next(sealed.read(tx, ItemTable, _I.c.id == storable(item_id)), None)
    if found is None:
        raise sealed.unknown(tx, item_id)
    record = from_wire(found["record"])
    assert isinstance(record, EmailMessage | Conversation)
    query = select(_S.c.sha256).where(_S.c.id == found["source_id"])
    source_sha256 = tx.connection.execute(query).scalar()
    if source_sha256 is None:
        raise sealed.unknown(tx, found["source_id"])
    return Item(
        id=found["id"],
        kind=ItemKind(found["kind"]),
        source_id=found["source_id"],
        source_sha256=source_sha256,
        index=found["position"],
        span=Span(found["span_start"], found["span_end"]),
        sha256=found["sha256"],
        title=found["title"],
        sender=found["sender"],
        date=found["date"],
        status=ItemStatus(found["status"]),
        record=record,
        values={k: Value(v[0], v[1]) for k, v in found["meta"].items()},
        proposal=found["proposal"],
        dossier=dossiers.get(tx, found["dossier_id"]) if found["dossier_id"] else None,
        decision=decisions.current(tx, item_id),
        owner=found["owner"],
        secured_at=found["secured_at"],
        findings=record.findings,
    )


def ids(
    tx: Tx,
    *,
    status: ItemStatus | None = None,
    kind: ItemKind | None = None,
    search: str | None = None,
    dossier_id: str | None = None,
    source_id: str | None = None,
    since: str | None = None,
    until: str | None = None,
    sender: str | None = None,
) -> list[str]:
    """Give ids, newest message first; `search` finds part of title, sender or dossier name.

    `since` and `until` are dates (both days included), by the moment in UTC; a message without a date
    is in no period. `sender` is part of the sender as lists show it.
    """
    query = select(_I.c.id).order_by(_I.c.date_key.desc(), _I.c.id)
    if status is not None:
        query = query.where(_I.c.status == status.value)
    if kind is not None:
        query = query.where(_I.c.kind == kind.value)
    if dossier_id is not None:
        query = query.where(_I.c.dossier_id == dossier_id)
    if source_id is not None:
        query = query.where(_I.c.source_id == source_id).order_by(None).order_by(_I.c.position)
    if search:
        wanted = fold(search)
        named = [d.id for d in dossiers.all(tx) if wanted in fold(d.naam)]
        query = query.where(
            or_(_I.c.fold.contains(wanted, autoescape=True), _I.c.dossier_id.in_(named))
        )
    if since is not None:
        query = query.where(_I.c.date_key >= since, _I.c.date_key != "")
    if until is not None:
        query = query.where(_I.c.date_key < f"{until}\uffff", _I.c.date_key != "")
    if sender is not None:
        query = query.where(_I.c.sender.icontains(sender, autoescape=True))
    return list(tx.connection.execute(query).scalars())


def rows(tx: Tx, wanted: Sequence[str]) -> list[ItemRow]:
    """Give list rows in the order of `wanted`; an id that is gone is left out."""
    attached = (
        select(func.count()).where(_A.c.item_id == _I.c.id, _A.c.parent.is_(None)).scalar_subquery()
    )
    found: dict[str, ItemRow] = {}
    for start in range(0, len(wanted), CHUNK):
        query = (
            select(
                _I.c.id,
                _I.c.kind,
                _I.c.title,
                _I.c.sender,
                _I.c.date,
                _I.c.status,
                _D.c.naam,
                _I.c.proposal,
                attached.label("attachments"),
                _I.c.findings,
            )
            .outerjoin(_D, _D.c.id == _I.c.dossier_id)
            .where(_I.c.id.in_([storable(i) for i in wanted[start : start + CHUNK]]))
        )
        for r in tx.connection.execute(query):
            proposal = from_json_text(r.proposal)
            found[r.id] = ItemRow(
                id=r.id,
                kind=r.kind,
                title=r.title,
                sender=r.sender,
                date=r.date,
                status=r.status,
                dossier=r.naam,
                waardering=str(proposal.get("waardering", "N")),
                proposal=proposal,
                attachment_count=r.attachments,
                finding_count=r.findings,
            )
    return [found[i] for i in wanted if i in found]


def counts(tx: Tx) -> dict[ItemStatus, int]:
    """Give the number of items per status."""
    query = select(_I.c.status, func.count()).group_by(_I.c.status)
    found = {status: n for status, n in tx.connection.execute(query)}
    if not found.keys() <= {status.value for status in ItemStatus}:
        raise StoreDamaged("register_beschadigd", place="item")
    return {ItemStatus(status): n for status, n in found.items()}


def count(tx: Tx) -> int:
    """Give the number of items."""
    return tx.connection.execute(select(func.count()).select_from(ItemTable)).scalar_one()


def update(
    tx: Tx,
    item_id: str,
    *,
    title: str | None = None,
    dossier_id: str | None = UNSET,
    values: Mapping[str, Value] | None = None,
    proposal: Mapping[str, Any] | None = None,
    status: ItemStatus | None = None,
) -> None:
    """Change what is given; the rest stays. Raises `RuleRefused` when nobody made that id."""
    change: dict[str, Any] = {}
    if title is not None:
        change["title"] = title
    if dossier_id is not UNSET:
        change["dossier_id"] = dossier_id
    if values is not None:
        change["meta"] = {k: [v.value, v.source] for k, v in values.items()}
    if proposal is not None:
        change["proposal"] = dict(proposal)
    if status is not None:
        change["status"] = status.value
    if title is not None:
        sender = tx.connection.execute(
            select(_I.c.sender).where(_I.c.id == storable(item_id))
        ).scalar()
        change["fold"] = fold(title, sender)
    if change:
        sealed.change(tx, ItemTable, item_id, change)


def rewrite(tx: Tx, item: Item) -> None:
    """Write an item whose bytes were read in another way; where it stands in its source stays.

    Raises `RuleRefused` when nobody made that id.
    """
    row = _row(item)
    fixed = ("id", "kind", "source_id", "position", "span_start", "span_end", "sha256")
    sealed.change(tx, ItemTable, item.id, {name: row[name] for name in row if name not in fixed})
    beside = select(_A.c.sha256).where(_A.c.item_id == item.id, _A.c.in_vault)
    blobs = set(tx.connection.execute(beside).scalars())
    tx.connection.execute(delete(AttachmentTable).where(_A.c.item_id == item.id))
    tx.connection.execute(delete(LinkTable).where(LinkTable.__table__.c.item_id == item.id))
    parts = ({**r, "in_vault": r["sha256"] in blobs} for r in _attachment_rows(item))
    sealed.insert(tx, AttachmentTable, parts)
    if isinstance(item.record, EmailMessage):
        sealed.insert(tx, LinkTable, links.rows_of(item.id, item.record))


def positions(tx: Tx, sha256: str) -> set[int]:
    """Give which messages of these bytes are items, whatever source they came with."""
    return set(each_position(tx, sha256))


def each_position(tx: Tx, sha256: str, kind: ItemKind = ItemKind.EMAIL) -> Iterator[int]:
    """Do the same one at a time, in no order: a large mailbox has a million.

    A mailbox that was kept whole unread is an item too, of another kind: no message of it is.
    """
    query = select(_I.c.position).join(_S, _S.c.id == _I.c.source_id)
    query = query.where(_S.c.sha256 == sha256, _I.c.kind == kind.value)
    return iter(tx.connection.execute(query).scalars())


def by_message_ids(tx: Tx, wanted: Sequence[str]) -> dict[str, list[str]]:
    """Give the items that carry these Message-IDs: two copies of one mail share one."""
    found: dict[str, list[str]] = {}
    for start in range(0, len(wanted), CHUNK):
        query = select(_I.c.message_id, _I.c.id).where(
            _I.c.message_id.in_(wanted[start : start + CHUNK])
        )
        for message_id, item_id in tx.connection.execute(query):
            found.setdefault(message_id, []).append(item_id)
    return found


def ledger(tx: Tx, source_id: str) -> Ledger:
    """Count what the register holds of a source, by the rules of `archiver.ledger.count`."""
    return _ledgers(tx, _I.c.source_id == source_id).get(source_id, Ledger())


def ledgers(tx: Tx, source_ids: Sequence[str] | None = None) -> dict[str, Ledger]:
    """Do the same for these sources, or for every source, in one go; without items: left out."""
    return _ledgers(tx) if source_ids is None else _ledgers(tx, _I.c.source_id.in_(source_ids))


def _ledgers(tx: Tx, *where: Any) -> dict[str, Ledger]:
    def total(value: Any) -> Any:
        return func.coalesce(func.sum(value), 0)

    own = select(_I.c.source_id, total(_I.c.messages), total(_I.c.parts), total(_I.c.undecodable))
    nested = select(
        _I.c.source_id,
        func.count(),
        total(case((_A.c.kind == "message", 1), else_=0)),
        total(_A.c.parts),
        total(_A.c.undecodable),
    ).join(_A, _A.c.item_id == _I.c.id)
    inside = {
        source_id: rest
        for source_id, *rest in tx.connection.execute(nested.where(*where).group_by(_I.c.source_id))
    }
    found: dict[str, Ledger] = {}
    for source_id, messages, parts, undecodable in tx.connection.execute(
        own.where(*where).group_by(_I.c.source_id)
    ):
        attachments, attached, inner_parts, inner_undecodable = inside.get(source_id, (0,) * 4)
        found[source_id] = Ledger(
            messages=messages,
            parts=parts + inner_parts,
            attachments=attachments,
            attached_messages=attached,
            undecodable_characters=undecodable + inner_undecodable,
        )
    return found


def _row(item: Item) -> dict[str, Any]:
    record = item.record
    if isinstance(record, EmailMessage):
        counts = (record.message_id, 1, record.parts, record.undecodable)
    else:
        counts = (None, record.message_count, 0, record.counts.get("undecodable", 0))
    message_id, messages, parts, undecodable = counts
    return {
        "id": item.id,
        "kind": item.kind.value,
        "source_id": item.source_id,
        "position": item.index,
        "span_start": item.span.start,
        "span_end": item.span.end,
        "sha256": item.sha256,
        "title": item.title,
        "sender": item.sender,
        "date": item.date,
        "date_key": date_key(item.date),
        "fold": fold(item.title, item.sender),
        "message_id": message_id,
        "status": item.status.value,
        "record": to_wire(record),
        "meta": {k: [v.value, v.source] for k, v in item.values.items()},
        "proposal": dict(item.proposal),
        "dossier_id": item.dossier.id if item.dossier else None,
        "owner": item.owner,
        "secured_at": item.secured_at,
        "messages": messages,
        "parts": parts,
        "undecodable": undecodable,
        "findings": len(item.findings),
    }


def _attachment_rows(item: Item) -> Iterator[dict[str, Any]]:
    if isinstance(item.record, Conversation):
        present = (medium for medium in item.record.media if medium.present)
        for position, medium in enumerate(present):
            yield {
                "item_id": item.id,
                "position": position,
                "parent": None,
                "part": medium.path or "",
                "name": medium.name,
                "media_type": medium.media_type,
                "size": medium.size,
                "sha256": medium.sha256,
                "kind": "media",
                "parts": 0,
                "undecodable": 0,
            }
        return
    position = 0
    waiting: list[tuple[Any, int | None]] = [(a, None) for a in reversed(item.record.attachments)]
    while waiting:
        attachment, parent = waiting.pop()
        inner = attachment.message
        yield {
            "item_id": item.id,
            "position": position,
            "parent": parent,
            "part": attachment.part,
            "name": attachment.name,
            "media_type": attachment.media_type,
            "size": attachment.size,
            "sha256": attachment.sha256,
            "kind": attachment.kind,
            "parts": inner.parts if inner is not None else 0,
            "undecodable": inner.undecodable if inner is not None else 0,
        }
        if inner is not None:
            waiting.extend((a, position) for a in reversed(inner.attachments))
        position += 1
