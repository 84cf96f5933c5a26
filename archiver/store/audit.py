"""The audit trail: one canonical JSON line per change, chained by SHA-256.

Each entry's hash covers its own canonical JSON, in which the hash of the entry before it stands.
The ends of the chain are also written to a text file beside the register (`archiver.store.trail`),
so that cutting off the tail and making a whole new chain are noticed. Fields as BIO2 8.15.01 asks.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import func, insert, select

from archiver.errors import StoreDamaged
from archiver.findings import Finding, Severity
from archiver.model import AuditEntry, AuditEvent
from archiver.store.canonical import from_json_text, json_text
from archiver.store.schema import AuditTable
from archiver.store.transaction import Tx

GENESIS: Final = hashlib.sha256(b"archiefklaar audit 1").hexdigest()
_PAGE = 200
_TAIL = 4096  # bytes of the file with the ends: some twenty lines
_T = AuditTable.__table__


def append(tx: Tx, event: AuditEvent) -> AuditEntry:
    """Write one entry at the end of the chain."""
    return append_many(tx, (event,))[0]


def append_many(tx: Tx, events: Iterable[AuditEvent]) -> list[AuditEntry]:
    """Write entries in order; they become durable with the transaction."""
    seq, previous = tx.head or _head(tx)
    written: list[AuditEntry] = []
    rows: list[dict[str, Any]] = []
    for event in events:
        seq += 1
        time = datetime.now(UTC).isoformat(timespec="microseconds")
        line = _canonical(seq, time, event, previous)
        digest = hashlib.sha256(line.encode("utf-8")).hexdigest()
        rows.append(
            {
                "seq": seq,
                "object": event.object,
                "entry": line,
                "previous": previous,
                "hash": digest,
            }
        )
        written.append(AuditEntry(seq, time, event, previous, digest))
        previous = digest
    if rows:
        tx.connection.execute(insert(AuditTable), rows)
        tx.head = (seq, previous)
    return written


def entries(tx: Tx, object: str | None = None) -> list[AuditEntry]:
    """Give the entries, oldest first; with `object` only those about it."""
    query = select(AuditTable).order_by(_T.c.seq)
    if object is not None:
        query = query.where(_T.c.object == object)
    return [_entry(r) for r in tx.connection.execute(query)]


def newest(tx: Tx) -> Iterator[AuditEntry]:
    """Give the entries newest first, as far as the caller wants."""
    before: int | None = None
    while True:
        query = select(AuditTable).order_by(_T.c.seq.desc()).limit(_PAGE)
        if before is not None:
            query = query.where(_T.c.seq < before)
        page = tx.connection.execute(query).fetchall()
        for row in page:
            yield _entry(row)
        if len(page) < _PAGE:
            return
        before = page[-1].seq


def count(tx: Tx) -> int:
    """Give the number of entries."""
    return tx.connection.execute(select(func.count()).select_from(AuditTable)).scalar_one()


def told(tx: Tx) -> Iterator[tuple[str, str, str]]:
    """Give (action, object, result) of every entry that is as it was written."""
    for row in tx.connection.execute(select(AuditTable).order_by(_T.c.seq)):
        if _sound(row):
            data = json.loads(row.entry)
            yield str(data.get("action")), str(data.get("object")), str(data.get("result"))


def verify(tx: Tx) -> Iterator[Finding]:
    """Follow the chain and name each entry that was changed, removed or inserted, by number.

    Where entry n does not fit on the one before it, either of the two was changed: both are named.
    """
    expected, previous = 1, GENESIS
    ends = tx.trail.read()
    promised = dict.fromkeys(ends.confirmed)
    for row in tx.connection.execute(select(AuditTable).order_by(_T.c.seq)):
        if row.seq < expected:
            yield _broken("spoor.ingevoegd", row.seq)
            continue
        if row.seq > expected:
            yield _broken("spoor.ontbreekt", expected, tot=row.seq - 1)
        elif row.previous != previous:
            yield _broken("spoor.sluit_niet_aan", row.seq, vorige=row.seq - 1)
        if not _sound(row):
            yield _broken("spoor.veranderd", row.seq)
        promised.pop((row.seq, row.hash), None)
        expected, previous = row.seq + 1, row.hash
    last = expected - 1
    for size, _ in promised:
        if size <= last:
            yield _broken("spoor.anders_dan_stand", size)
    yield from _verify_end(ends.confirmed, (last, previous) in ends.intended, last, previous)
    for line in ends.unreadable:
        yield Finding("spoor.stand_onleesbaar", {"regel": line}, "spoor", Severity.FOUT)


def _verify_end(
    confirmed: tuple[tuple[int, str], ...], intended: bool, last: int, digest: str
) -> Iterator[Finding]:
    highest = max((size for size, _ in confirmed), default=0)
    if highest > last:
        yield _broken("spoor.ontbreekt", last + 1, tot=highest)
    elif last and not confirmed and not intended:
        yield _broken("spoor.stand_ontbreekt", last)
    elif last > highest and not intended:
        yield _broken("spoor.toegevoegd", highest + 1, tot=last)


def check_end(tx: Tx) -> None:
    """Raise `StoreDamaged` when the register is older than its trail: put back, or cut off.

    Only the last confirmed end is looked at, so that opening stays quick; when that one is wrong the
    error names all that `verify` finds: `nr` the first, `regels` the numbers.
    """
    confirmed = tx.trail.read(_TAIL).confirmed
    if not confirmed:
        return
    size, digest = confirmed[-1]
    found = tx.connection.execute(select(_T.c.hash).where(_T.c.seq == size)).scalar()
    if found == digest:
        return
    params = [finding.params for finding in verify(tx)]
    numbers = sorted(
        {int(p[name]) for p in params for name in ("nr", "tot", "vorige") if name in p}
    )
    last, _ = _head(tx)
    raise StoreDamaged(
        "spoor_achter" if last < size else "spoor",
        {"nr": numbers[0], "tot": numbers[-1], "regels": ", ".join(map(str, numbers[:100]))},
        place="spoor",
    )


def _sound(row: Any) -> bool:
    if not isinstance(row.entry, str):
        return False
    if hashlib.sha256(row.entry.encode("utf-8", "surrogateescape")).hexdigest() != row.hash:
        return False
    try:
        data = json.loads(row.entry)
    except (ValueError, RecursionError):
        return False
    return isinstance(data, dict) and (
        (data.get("seq"), data.get("previous"), data.get("object"))
        == (row.seq, row.previous, row.object)
    )


def _broken(code: str, seq: int, **params: int) -> Finding:
    return Finding(code, {"nr": seq, **params}, f"spoor:{seq}", Severity.FOUT)


def _head(tx: Tx) -> tuple[int, str]:
    row = tx.connection.execute(
        select(_T.c.seq, _T.c.hash).order_by(_T.c.seq.desc()).limit(1)
    ).first()
    return (row.seq, row.hash) if row is not None else (0, GENESIS)


def _canonical(seq: int, time: str, event: AuditEvent, previous: str) -> str:
    return json_text(
        {
            "seq": seq,
            "time": time,
            "actor": event.actor,
            "origin": event.origin,
            "action": event.action,
            "object": event.object,
            "result": event.result,
            "before": event.before,
            "after": event.after,
            "reason": event.reason,
            "previous": previous,
        }
    )


def _entry(row: Any) -> AuditEntry:
    """Read an entry. Raises `StoreDamaged` when it is not the one that was written."""
    if not _sound(row):
        raise StoreDamaged("spoor", {"nr": row.seq}, place=f"spoor:{row.seq}")
    data = from_json_text(row.entry)
    event = AuditEvent(
        action=data["action"],
        object=data["object"],
        result=data["result"],
        actor=data["actor"],
        origin=data["origin"],
        before=data["before"],
        after=data["after"],
        reason=data["reason"],
    )
    return AuditEntry(row.seq, data["time"], event, row.previous, row.hash)
