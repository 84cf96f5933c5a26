"""The audit trail: one canonical JSON line per change, chained by SHA-256.

Each entry's hash covers its own canonical JSON (sorted keys, UTF-8, no spaces), in which the hash of the
entry before it stands. The head (number of entries and last hash) is also written to a file beside the
register, so that cutting off the tail is noticed. Fields as BIO2 8.15.01 asks.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select

from archiver.findings import Finding, Severity
from archiver.model import AuditEntry, AuditEvent
from archiver.store.database import Tx
from archiver.store.schema import AuditTable

GENESIS = hashlib.sha256(b"archiefklaar audit 1").hexdigest()
HEAD_FILE = "spoor-stand.txt"
_T = AuditTable.__table__


def append(tx: Tx, event: AuditEvent) -> AuditEntry:
    """Write one entry at the end of the chain."""
    return append_many(tx, (event,))[0]


def append_many(tx: Tx, events: Iterable[AuditEvent]) -> list[AuditEntry]:
    """Write entries in order; they become durable with the transaction."""
    seq, previous = _head(tx)
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
        tx.after_commit.append(lambda: _write_head(tx.folder, seq, previous))
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
        query = select(AuditTable).order_by(_T.c.seq.desc()).limit(200)
        if before is not None:
            query = query.where(_T.c.seq < before)
        page = tx.connection.execute(query).fetchall()
        for row in page:
            yield _entry(row)
        if len(page) < 200:
            return
        before = page[-1].seq


def count(tx: Tx) -> int:
    """Give the number of entries."""
    return tx.connection.execute(select(func.count()).select_from(AuditTable)).scalar_one()


def verify(tx: Tx) -> Iterator[Finding]:
    """Follow the chain and name each entry that was changed, removed or inserted, by number."""
    expected_seq, previous = 1, GENESIS
    seq = 0
    for row in tx.connection.execute(select(AuditTable).order_by(_T.c.seq)):
        seq = row.seq
        if row.seq != expected_seq:
            missing = range(expected_seq, row.seq)
            yield _broken("spoor.ontbreekt", missing.start, {"tot": missing.stop - 1})
        elif row.previous != previous:
            yield _broken("spoor.sluit_niet_aan", row.seq)
        if not _sound(row):
            yield _broken("spoor.veranderd", row.seq)
        expected_seq, previous = row.seq + 1, row.hash
    head = _read_head(tx.folder)
    if head is None:
        if seq:
            yield _broken("spoor.stand_ontbreekt", seq)
    elif head[0] > seq:
        yield _broken("spoor.ontbreekt", seq + 1, {"tot": head[0]})
    elif head[0] == seq and head[1] != previous:
        yield _broken("spoor.veranderd", seq)


def _sound(row: Any) -> bool:
    if hashlib.sha256(row.entry.encode("utf-8")).hexdigest() != row.hash:
        return False
    try:
        data = json.loads(row.entry)
    except ValueError:
        return False
    return bool(
        data["seq"] == row.seq and data["previous"] == row.previous and data["object"] == row.object
    )


def _broken(code: str, seq: int, params: dict[str, str | int] | None = None) -> Finding:
    return Finding(code, {"nr": seq, **(params or {})}, f"spoor:{seq}", Severity.FOUT)


def _head(tx: Tx) -> tuple[int, str]:
    row = tx.connection.execute(
        select(_T.c.seq, _T.c.hash).order_by(_T.c.seq.desc()).limit(1)
    ).first()
    return (row.seq, row.hash) if row is not None else (0, GENESIS)


def _canonical(seq: int, time: str, event: AuditEvent, previous: str) -> str:
    data = {
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
    return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _entry(row: Any) -> AuditEntry:
    data = json.loads(row.entry)
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


def _write_head(folder: Path, seq: int, digest: str) -> None:
    """Write the head after the commit: a crash in between leaves an older head, never a newer one."""
    target = folder / HEAD_FILE
    temporary = target.with_suffix(".nieuw")
    with temporary.open("w", encoding="ascii") as stream:
        stream.write(f"archiefklaar-spoor\n{seq}\n{digest}\n")
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(temporary, target)


def _read_head(folder: Path) -> tuple[int, str] | None:
    try:
        lines = (folder / HEAD_FILE).read_text(encoding="ascii").split("\n")
        return int(lines[1]), lines[2]
    except (OSError, ValueError, IndexError, UnicodeDecodeError):
        return None
