"""Packages in the register: what left, when, with which hash and which items."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import insert, select

from archiver.store.database import Tx
from archiver.store.schema import PackageTable

_T = PackageTable.__table__


@dataclass(frozen=True, slots=True)
class PackageRow:
    """One package as the register keeps it."""

    id: str
    path: str
    profile: str
    made_at: str
    actor: str
    package_hash: str
    informatieobjecten: int
    bestanden: int
    bytes: int
    item_ids: tuple[str, ...]


def add(tx: Tx, row: PackageRow) -> None:
    """Write one package."""
    content = asdict(row)
    content["item_ids"] = list(row.item_ids)
    tx.connection.execute(insert(PackageTable), {"id": row.id, "content": content})


def all(tx: Tx) -> list[PackageRow]:
    """Give every package, newest first."""
    rows = tx.connection.execute(select(_T.c.content).order_by(_T.c.id.desc())).scalars()
    return [PackageRow(**{**c, "item_ids": tuple(c["item_ids"])}) for c in rows]
