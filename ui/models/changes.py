"""What a change of the user makes of a line that is not stored yet."""

from __future__ import annotations

from dataclasses import replace

from ui.models.row import Row
from ui.operations.core import Change


def changed(row: Row, change: Change) -> Row:
    """Give the line as it is shown after the change; an appraisal becomes a decision."""
    appraisal = dict(row.appraisal)
    if change.waardering:
        appraisal |= {
            "waardering": change.waardering,
            "termijn": change.termijn,
            "einddatum": None,
            "besluit": True,
            "reden": change.reason,
        }
    return replace(
        row,
        title=change.title or row.title,
        dossier=change.dossier or row.dossier,
        appraisal=appraisal,
    )


def merged(old: Change | None, new: Change) -> Change:
    """Lay a later change over an earlier one of the same line."""
    if old is None:
        return new
    return Change(
        title=new.title or old.title,
        dossier=new.dossier or old.dossier,
        waardering=new.waardering or old.waardering,
        termijn=new.termijn if new.waardering else old.termijn,
        reason=new.reason or old.reason,
    )
