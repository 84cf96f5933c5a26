"""Check the whole register: the file itself, every row, the audit trail, and that these agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import select

from archiver.findings import Finding, Severity
from archiver.store import audit, rows, sqlite
from archiver.store.schema import DecisionTable, PackageTable, SourceTable
from archiver.store.transaction import Tx

_ACTIONS = {"opname": "source", "pakket": "package", "besluit": "item"}
"""Action in the trail that must have left a row -> the kind of its object."""


def verify(tx: Tx) -> Iterator[Finding]:
    """Name everything in the register that is not as it was written; nothing means sound."""
    for problem in sqlite.integrity(tx.connection):
        yield _finding("register.bestand_beschadigd", "register", melding=problem)
    yield from rows.verify(tx)
    yield from audit.verify(tx)
    yield from _compare(tx)


def _compare(tx: Tx) -> Iterator[Finding]:
    """Name rows that the trail knows and the register not, and the other way round."""
    told = Counter(
        place
        for action, place, result in audit.told(tx)
        if result not in ("geweigerd", "afgekeurd") and place.startswith(f"{_ACTIONS.get(action)}:")
    )
    kept: Counter[str] = Counter()
    for kind, column in (
        ("source", SourceTable.id),
        ("package", PackageTable.id),
        ("item", DecisionTable.item_id),
    ):
        kept.update(f"{kind}:{key}" for key in tx.connection.execute(select(column)).scalars())
    for place in sorted((told - kept).keys()):
        yield _finding("register.rij_ontbreekt", place)
    for place in sorted((kept - told).keys()):
        # Decisions made at intake stand in the trail with the source.
        if not place.startswith("item:"):
            yield _finding("register.rij_zonder_spoor", place)


def _finding(code: str, place: str, **params: str) -> Finding:
    return Finding(code, {"wat": place, **params}, place, Severity.FOUT)
