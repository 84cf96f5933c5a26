"""Sources in the register: every occurrence of a dropped file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Text, cast, func, select

from archiver.findings import Finding
from archiver.model import Identification, Ledger, Source, SourceStatus
from archiver.store import rows
from archiver.store.canonical import storable
from archiver.store.schema import AttachmentTable, SourceTable
from archiver.store.transaction import Tx

CHUNK = 500
UNFINISHED = (
    "postvak.niet_af"  # the finding of a source that is taken in piece by piece, until the last
)
_T, _A = SourceTable.__table__, AttachmentTable.__table__


def add(tx: Tx, source: Source) -> None:
    """Write one source."""
    add_many(tx, (source,))


def add_many(tx: Tx, sources: Iterable[Source]) -> None:
    """Write sources in this order."""
    rows.insert(tx, SourceTable, [_row(source) for source in sources])


def _row(source: Source) -> dict[str, Any]:
    identification = asdict(source.identification)
    identification["findings"] = [f.as_json() for f in source.identification.findings]
    return {
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
    }


def update(tx: Tx, source_id: str, ledger: Ledger, findings: Iterable[Finding]) -> None:
    """Write how far a mailbox is that is taken in piece by piece. Raises `RuleRefused`."""
    change = {"ledger": asdict(ledger), "findings": [f.as_json() for f in findings]}
    rows.change(tx, SourceTable, source_id, change)


def get(tx: Tx, source_id: str) -> Source:
    """Give one source. Raises `RuleRefused` when nobody made that id."""
    for row in rows.read(tx, SourceTable, _T.c.id == storable(source_id)):
        return _source(row)
    raise rows.unknown(tx, source_id)


def by_sha256(tx: Tx, sha256: str) -> Source | None:
    """Give the first source with these bytes that was taken in, if any."""
    taken_in = _T.c.status == SourceStatus.OPGENOMEN.value
    for row in rows.read(tx, SourceTable, _T.c.sha256 == sha256, taken_in, order=_T.c.id):
        return _source(row)
    return None


def first_by_sha256(tx: Tx, wanted: Sequence[str]) -> dict[str, str]:
    """Give, of each of these bytes that was taken in before, the id of the first source."""
    found: dict[str, str] = {}
    taken_in = _T.c.status == SourceStatus.OPGENOMEN.value
    for start in range(0, len(wanted), CHUNK):
        query = select(_T.c.sha256, _T.c.id).where(
            _T.c.sha256.in_(wanted[start : start + CHUNK]), taken_in
        )
        for sha256, source_id in tx.connection.execute(query.order_by(_T.c.id)):
            found.setdefault(sha256, source_id)
    return found


def incomplete(tx: Tx, wanted: Sequence[str]) -> set[str]:
    """Give those of these bytes of which no source has everything: a part was chosen, or it was stopped."""
    taken_in = _T.c.status == SourceStatus.OPGENOMEN.value
    found: dict[str, bool] = {}
    for start in range(0, len(wanted), CHUNK):
        some = _T.c.sha256.in_(wanted[start : start + CHUNK])
        for row in rows.read(tx, SourceTable, some, taken_in):
            source = _source(row)
            stopped = any(f.code == UNFINISHED for f in source.findings)
            whole = source.ledger.not_chosen == 0 and not stopped
            found[source.sha256] = found.get(source.sha256, False) or whole
    return {sha256 for sha256, whole in found.items() if not whole}


def unfinished(tx: Tx) -> list[Source]:
    """Give the sources that were stopped half way, oldest first."""
    said = cast(_T.c.findings, Text).contains(f'"{UNFINISHED}"', autoescape=True)
    return [_source(row) for row in rows.read(tx, SourceTable, said, order=_T.c.id)]


def all(tx: Tx) -> list[Source]:
    """Give every source, oldest first."""
    return list(each(tx))


def each(tx: Tx) -> Iterator[Source]:
    """Give every source, oldest first, one at a time."""
    return (_source(row) for row in rows.read(tx, SourceTable, order=_T.c.id))


def blobs(tx: Tx) -> Iterator[tuple[str, int]]:
    """Give (sha256, size) of every blob that the register names, each once.

    Those are the sources, and the files that stood beside a chat text or a partial mail.
    """
    sources = select(_T.c.sha256, func.max(_T.c.size)).group_by(_T.c.sha256)
    media = select(_A.c.sha256, func.max(_A.c.size)).where(_A.c.in_vault).group_by(_A.c.sha256)
    found: dict[str, int] = {}
    for sha256, size in (*tx.connection.execute(media), *tx.connection.execute(sources)):
        if sha256 is not None:
            found[sha256] = size if size is not None else -1
    yield from found.items()


def _source(row: dict[str, Any]) -> Source:
    data = row["identification"]
    findings = tuple(Finding.from_json(f) for f in data.pop("findings"))
    return Source(
        id=row["id"],
        batch=row["batch"],
        path=row["path"],
        sha256=row["sha256"],
        size=row["size"],
        identification=Identification(**data, findings=findings),
        status=SourceStatus(row["status"]),
        taken_in_at=row["taken_in_at"],
        actor=row["actor"],
        owner=row["owner"],
        ledger=Ledger(**row["ledger"]),
        findings=tuple(Finding.from_json(f) for f in row["findings"]),
        duplicate_of=row["duplicate_of"],
    )
