"""Change what a person may change of secured items: title, dossier, metadata values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from archiver.identity import new_id
from archiver.model import Changes, Dossier, Item, ItemStatus, Value
from archiver.progress import Progress, check_cancelled
from archiver.services.appraise import needs_review, propose_for
from archiver.services.archive import Archive
from archiver.services.conversation_parts import APART
from archiver.services.teams_conversation import has_others, with_whole
from archiver.store import audit, dossiers, items
from archiver.store.database import Tx


@dataclass(frozen=True, slots=True)
class Edit:
    """The command: only the fields that are not None change; `values` by the name of the field.

    The dossier of an export, or of one message of a chat, is that of its whole conversation, unless
    `alone`: then it is an exception.
    """

    ids: tuple[str, ...]
    title: str | None = None
    dossier: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    reason: str | None = None
    alone: bool = False


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
        named = frozenset(command.ids)
        ids = _with_parts(tx, command, named) if dossier is not None else command.ids
        for done, item_id in enumerate(ids):
            check_cancelled(progress)
            progress.step(done, len(ids), "")
            item = items.get(tx, item_id)
            values = dict(item.values)
            # The other parts of a conversation follow in the dossier and in nothing else.
            given = command if item_id in named else Edit((item_id,))
            if given.title is not None:
                values["naam"] = Value(given.title, "medewerker")
            if dossier is not None:
                values["dossier"] = Value(dossier.naam, "medewerker")
                values.pop(APART, None)
                if command.alone and has_others(item):
                    values[APART] = Value(dossier.naam, "medewerker")
            for name, value in given.values.items():
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
                title=given.title,
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
                        "title": given.title if given.title is not None else item.title,
                        "dossier_id": dossier.id if dossier else None,
                        "values": dict(given.values),
                        "token": token,
                    },
                    reason=command.reason,
                ),
            )
    return Changes("items", ids, token)


def _with_parts(tx: Tx, command: Edit, named: frozenset[str]) -> tuple[str, ...]:
    """Add what belongs to the same conversations, but for those that are an exception or have left."""
    if command.alone:
        return command.ids
    return tuple(
        item_id
        for item_id in with_whole(tx, command.ids)
        if item_id in named or _follows(items.get(tx, item_id))
    )


def _follows(item: Item) -> bool:
    return APART not in item.values and item.status is not ItemStatus.VERPAKT
