"""Packages in the register: what left, when, with which hash and which items."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from archiver.store import rows
from archiver.store.schema import PackageTable
from archiver.store.transaction import Tx

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
    rows.insert(tx, PackageTable, ({"id": row.id, "content": asdict(row)},))


def all(tx: Tx) -> list[PackageRow]:
    """Give every package, newest first."""
    found = (row["content"] for row in rows.read(tx, PackageTable, order=_T.c.id.desc()))
    return [PackageRow(**{**c, "item_ids": tuple(c["item_ids"])}) for c in found]
