"""Dossiers in the register."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from archiver.model import Dossier
from archiver.store import rows
from archiver.store.canonical import storable
from archiver.store.schema import DossierTable
from archiver.store.transaction import Tx

_T = DossierTable.__table__


def add(tx: Tx, dossier: Dossier) -> None:
    """Write one dossier; its name must be new."""
    rows.insert(tx, DossierTable, (asdict(dossier),))


def get(tx: Tx, dossier_id: str) -> Dossier | None:
    """Give one dossier."""
    return _first(tx, _T.c.id == dossier_id)


def find_by_name(tx: Tx, naam: str) -> Dossier | None:
    """Give the dossier with exactly this name."""
    return _first(tx, _T.c.naam == storable(naam))


def all(tx: Tx) -> list[Dossier]:
    """Give every dossier by name."""
    return [_dossier(row) for row in rows.read(tx, DossierTable, order=_T.c.naam)]


def _first(tx: Tx, where: Any) -> Dossier | None:
    return next((_dossier(row) for row in rows.read(tx, DossierTable, where)), None)


def _dossier(row: dict[str, Any]) -> Dossier:
    return Dossier(row["id"], row["naam"], row["proces"], row["afgesloten"])
