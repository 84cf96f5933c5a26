"""Undo: a compensating entry in the audit trail, never an erasure. Works after a restart too."""

from __future__ import annotations

from typing import Any

from archiver.errors import RuleRefused
from archiver.model import AuditEntry, Changes, ItemStatus, Value
from archiver.services import codepage, people
from archiver.services.archive import Archive
from archiver.store import audit, decisions, items
from archiver.store.database import Tx

_UNDOABLE = ("wijziging", "besluit", "persoon", codepage.ACTION)


def undo_label(archive: Archive) -> str | None:
    """Give the action that `undo` would take back (wijziging, besluit, persoon, tekenset), or None."""
    entries = _last_step(archive)
    return entries[0].event.action if entries else None


def undo(archive: Archive) -> Changes:
    """Take back the last change or decision by anyone on this archive.

    Taking in, packaging and destroying cannot be undone. Raises `RuleRefused` when nothing is left
    to undo or when an item was packaged in the meantime.
    """
    entries = _last_step(archive)
    if not entries:
        raise RuleRefused("niets_ongedaan")
    changed: list[str] = []
    with archive.register.write() as tx:
        for entry in entries:
            if entry.event.action == "persoon":
                people.restore(tx, (entry.event.before or {})["labels"])
                changed.append(_taken_back(archive, tx, entry))
                continue
            item_id = entry.event.object.removeprefix("item:")
            before: dict[str, Any] = dict(entry.event.before or {})
            item = items.get(tx, item_id)
            if item.status is ItemStatus.VERPAKT:
                raise RuleRefused("al_verpakt", place=item_id)
            if entry.event.action == "besluit":
                decisions.withdraw(tx, item_id)
                items.update(tx, item_id, status=ItemStatus(str(before["status"])))
            elif entry.event.action == codepage.ACTION:
                codepage.restore(archive, tx, item, before["codepage"])
            else:
                items.update(
                    tx,
                    item_id,
                    title=str(before["title"]),
                    dossier_id=before["dossier_id"],
                    values={k: Value(v[0], v[1]) for k, v in before["values"].items()},
                    proposal=before["proposal"],
                    status=ItemStatus(str(before["status"])),
                )
            changed.append(_taken_back(archive, tx, entry))
    return Changes("items", tuple(changed))


def _taken_back(archive: Archive, tx: Tx, entry: AuditEntry) -> str:
    """Add the compensating entry; gives the id of what was changed back."""
    event = entry.event
    audit.append(
        tx,
        archive.event(
            "ongedaan",
            event.object,
            before=dict(event.after or {}),
            after={"undoes": entry.seq, "token": (event.before or {}).get("token")},
        ),
    )
    return event.object.partition(":")[2]


def _last_step(archive: Archive) -> list[AuditEntry]:
    """Find the entries of the newest step that was not undone yet."""
    with archive.register.read() as tx:
        undone: set[Any] = set()
        step: list[AuditEntry] = []
        token: Any = None
        for entry in audit.newest(tx):
            found = (entry.event.after or {}).get("token")
            if entry.event.action == "ongedaan":
                undone.add(found)
            elif entry.event.action in _UNDOABLE and found not in undone:
                if token is None:
                    token = found
                if found != token:
                    break
                step.append(entry)
            elif token is not None:
                break
    return step
