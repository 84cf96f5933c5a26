"""Change what a person may change of secured items: title, dossier, metadata values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from archiver.identity import new_id
from archiver.model import Changes, Dossier, ItemStatus, Value
from archiver.progress import Progress, check_cancelled
from archiver.services.appraise import needs_review, propose_for
from archiver.services.archive import Archive
from archiver.store import audit, dossiers, items


@dataclass(frozen=True, slots=True)
class Edit:
    """The command: only the fields that are not None change; `values` by the name of the field."""

    ids: tuple[str, ...]
    title: str | None = None
    dossier: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    reason: str | None = None


def edit(archive: Archive, command: Edit, progress: Progress) -> Changes:
    """Change the items in one transaction; one audit entry each, one undo step for all."""
    token = new_id()
    with archive.register.write() as tx:
        dossier = None
        if command.dossier:
            dossier = dossiers.find_by_name(tx, command.dossier)
            if dossier is None:
                dossier = Dossier(new_id(), command.dossier)
                dossiers.add(tx, dossier)
        for done, item_id in enumerate(command.ids):
            check_cancelled(progress)
            progress.step(done, len(command.ids), "")
            item = items.get(tx, item_id)
            values = dict(item.values)
            if command.title is not None:
                values["naam"] = Value(command.title, "medewerker")
            if dossier is not None:
                values["dossier"] = Value(dossier.naam, "medewerker")
            for name, value in command.values.items():
                values[name] = Value(value, "medewerker")
            proposal = dict(item.proposal)
            status = item.status
            if dossier is not None and item.decision is None:
                proposal = propose_for(
                    archive, item.record, owner=item.owner, dossier=dossier
                ).to_json()
                if status in (ItemStatus.GETAGD, ItemStatus.TE_BEOORDELEN):
                    review = needs_review(proposal)
                    status = ItemStatus.TE_BEOORDELEN if review else ItemStatus.GETAGD
            items.update(
                tx,
                item_id,
                title=command.title,
                dossier_id=dossier.id if dossier else item.dossier.id if item.dossier else None,
                values=values,
                proposal=proposal,
                status=status,
            )
            audit.append(
                tx,
                archive.event(
                    "wijziging",
                    f"item:{item_id}",
                    before={
                        "title": item.title,
                        "dossier_id": item.dossier.id if item.dossier else None,
                        "values": {k: [v.value, v.source] for k, v in item.values.items()},
                        "proposal": dict(item.proposal),
                        "status": item.status.value,
                        "token": token,
                    },
                    after={
                        "title": command.title if command.title is not None else item.title,
                        "dossier_id": dossier.id if dossier else None,
                        "values": dict(command.values),
                        "token": token,
                    },
                    reason=command.reason,
                ),
            )
    return Changes("items", command.ids, token)
