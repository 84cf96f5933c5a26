"""Dossiers in the register."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select

from archiver.model import Dossier
from archiver.store.database import Tx
from archiver.store.schema import DossierTable

_T = DossierTable.__table__


def add(tx: Tx, dossier: Dossier) -> None:
    """Write one dossier; its name must be new."""
    tx.connection.execute(
        insert(DossierTable),
        {
            "id": dossier.id,
            "naam": dossier.naam,
            "proces": dossier.proces,
            "afgesloten": dossier.afgesloten,
        },
    )


def get(tx: Tx, dossier_id: str) -> Dossier | None:
    """Give one dossier."""
    row = tx.connection.execute(select(DossierTable).where(_T.c.id == dossier_id)).first()
    return _dossier(row) if row is not None else None


def find_by_name(tx: Tx, naam: str) -> Dossier | None:
    """Give the dossier with exactly this name."""
    row = tx.connection.execute(select(DossierTable).where(_T.c.naam == naam)).first()
    return _dossier(row) if row is not None else None


def all(tx: Tx) -> list[Dossier]:
    """Give every dossier by name."""
    return [_dossier(r) for r in tx.connection.execute(select(DossierTable).order_by(_T.c.naam))]


def _dossier(row: Any) -> Dossier:
    return Dossier(row.id, row.naam, row.proces, row.afgesloten)
