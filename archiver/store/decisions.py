"""Decisions in the register: kept for ever, withdrawn by undo, the newest one counts."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import insert, select, update

from archiver.model import Decision
from archiver.store.database import Tx
from archiver.store.schema import DecisionTable

_T = DecisionTable.__table__


def add(tx: Tx, item_id: str, decision: Decision) -> None:
    """Write a decision; earlier ones of the item stay in the history."""
    tx.connection.execute(
        insert(DecisionTable),
        {"item_id": item_id, "withdrawn": False, "content": asdict(decision)},
    )


def current(tx: Tx, item_id: str) -> Decision | None:
    """Give the decision that counts now."""
    query = (
        select(_T.c.content)
        .where(_T.c.item_id == item_id, _T.c.withdrawn.is_(False))
        .order_by(_T.c.id.desc())
        .limit(1)
    )
    content = tx.connection.execute(query).scalar()
    return Decision(**content) if content is not None else None


def history(tx: Tx, item_id: str) -> list[tuple[Decision, bool]]:
    """Give every decision, oldest first, with whether it was withdrawn."""
    query = select(_T.c.content, _T.c.withdrawn).where(_T.c.item_id == item_id).order_by(_T.c.id)
    return [(Decision(**r.content), r.withdrawn) for r in tx.connection.execute(query)]


def withdraw(tx: Tx, item_id: str) -> None:
    """Withdraw the decision that counts now; the one before it counts again."""
    newest = (
        select(_T.c.id)
        .where(_T.c.item_id == item_id, _T.c.withdrawn.is_(False))
        .order_by(_T.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    tx.connection.execute(update(DecisionTable).where(_T.c.id == newest).values(withdrawn=True))
