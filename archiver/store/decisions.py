"""Decisions in the register: kept for ever, withdrawn by undo, the newest one counts."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import select

from archiver.model import Decision
from archiver.store import rows
from archiver.store.schema import DecisionTable
from archiver.store.transaction import Tx

_T = DecisionTable.__table__


def add(tx: Tx, item_id: str, decision: Decision) -> None:
    """Write a decision; earlier ones of the item stay in the history."""
    row = {"item_id": item_id, "withdrawn": False, "content": asdict(decision)}
    rows.insert(tx, DecisionTable, (row,))


def current(tx: Tx, item_id: str) -> Decision | None:
    """Give the decision that counts now."""
    counting = [decision for decision, withdrawn in history(tx, item_id) if not withdrawn]
    return counting[-1] if counting else None


def history(tx: Tx, item_id: str) -> list[tuple[Decision, bool]]:
    """Give every decision, oldest first, with whether it was withdrawn."""
    found = rows.read(tx, DecisionTable, _T.c.item_id == item_id, order=_T.c.id)
    return [(Decision(**row["content"]), row["withdrawn"]) for row in found]


def withdraw(tx: Tx, item_id: str) -> None:
    """Withdraw the decision that counts now; the one before it counts again."""
    newest = (
        select(_T.c.id)
        .where(_T.c.item_id == item_id, _T.c.withdrawn.is_(False))
        .order_by(_T.c.id.desc())
        .limit(1)
    )
    key = tx.connection.execute(newest).scalar()
    if key is not None:
        rows.change(tx, DecisionTable, key, {"withdrawn": True})
