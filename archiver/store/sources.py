"""Sources in the register: every occurrence of a dropped file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from sqlalchemy import func, insert, select

from archiver.errors import BugError
from archiver.findings import Finding
from archiver.model import Identification, Ledger, Source, SourceStatus
from archiver.store.database import Tx
from archiver.store.schema import SourceTable

_T = SourceTable.__table__


def add(tx: Tx, source: Source) -> None:
    """Write one source."""
    identification = asdict(source.identification)
    identification["findings"] = [f.as_json() for f in source.identification.findings]
    tx.connection.execute(
        insert(SourceTable),
        {
            "id": source.id,
            "batch": source.batch,
            "path": source.path,
            "sha256": source.sha256,
            "size": source.size,
            "identification": identification,
            "status": source.status.value,
            "taken_in_at": source.taken_in_at,
            "actor": source.actor,
            "owner": source.owner,
            "ledger": asdict(source.ledger),
            "findings": [f.as_json() for f in source.findings],
            "duplicate_of": source.duplicate_of,
        },
    )


def get(tx: Tx, source_id: str) -> Source:
    """Give one source. Raises `BugError` when nobody made that id."""
    row = tx.connection.execute(select(SourceTable).where(_T.c.id == source_id)).first()
    if row is None:
        raise BugError("bron_onbekend", {"id": source_id})
    return _source(row)


def by_sha256(tx: Tx, sha256: str) -> Source | None:
    """Give the first source with these bytes that was taken in, if any."""
    query = (
        select(SourceTable)
        .where(_T.c.sha256 == sha256, _T.c.status == SourceStatus.OPGENOMEN.value)
        .order_by(_T.c.id)
        .limit(1)
    )
    row = tx.connection.execute(query).first()
    return _source(row) if row is not None else None


def all(tx: Tx) -> list[Source]:
    """Give every source, oldest first."""
    return [_source(r) for r in tx.connection.execute(select(SourceTable).order_by(_T.c.id))]


def blobs(tx: Tx) -> Iterator[tuple[str, int]]:
    """Give (sha256, size) of every blob that a source names, each once."""
    query = select(_T.c.sha256, func.max(_T.c.size)).group_by(_T.c.sha256)
    for sha256, size in tx.connection.execute(query):
        yield sha256, size


def _source(row: Any) -> Source:
    data = dict(row.identification)
    findings = tuple(Finding.from_json(f) for f in data.pop("findings"))
    return Source(
        id=row.id,
        batch=row.batch,
        path=row.path,
        sha256=row.sha256,
        size=row.size,
        identification=Identification(**data, findings=findings),
        status=SourceStatus(row.status),
        taken_in_at=row.taken_in_at,
        actor=row.actor,
        owner=row.owner,
        ledger=Ledger(**row.ledger),
        findings=tuple(Finding.from_json(f) for f in row.findings),
        duplicate_of=row.duplicate_of,
    )
