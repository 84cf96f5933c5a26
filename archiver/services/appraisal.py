"""Decisions about appraisal: accept a proposal or depart from it with a reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from archiver.errors import RuleRefused
from archiver.identity import new_id
from archiver.model import Changes, Decision, Item, ItemStatus
from archiver.progress import Progress, check_cancelled
from archiver.services.archive import Archive, now
from archiver.services.intake import decision_from
from archiver.services.teams_conversation import has_others, whole_of
from archiver.store import audit, decisions, items
from archiver.store.database import Tx
from selectielijst.dates import end_date, parse_duration
from selectielijst.errors import ListError

_Make = Callable[[Item], Decision | None]


@dataclass(frozen=True, slots=True)
class Decide:
    """The command: this appraisal for these items. `reason` is needed when departing from a proposal.

    `waardering` is B, V or N; `termijn` an ISO 8601 duration, only with V. A decision about an export
    or about one message of a chat holds for the whole conversation, unless `alone`: then it is an exception.
    """

    ids: tuple[str, ...]
    waardering: str
    reason: str
    termijn: str | None = None
    categorie: str | None = None
    alone: bool = False


def accept(archive: Archive, ids: tuple[str, ...], reason: str, progress: Progress) -> Changes:
    """Decide as proposed for every item that has a proposal B or V; the others stay for review.

    A frozen item keeps its value but cannot be destroyed: the hold is looked at again at that moment.
    """
    return _write(
        archive,
        ids,
        lambda item: (
            decision_from(archive, item.proposal, reason)
            if item.proposal.get("waardering") in ("B", "V")
            else None
        ),
        progress,
    )


def decide(archive: Archive, command: Decide, progress: Progress) -> Changes:
    """Decide by hand. Raises `RuleRefused` when a departure has no reason or V has no term."""
    if command.waardering not in ("B", "V", "N"):
        raise RuleRefused("waardering_onbekend", {"waardering": command.waardering})

    def make(item: Item) -> Decision:
        departs = item.proposal.get("waardering") != command.waardering or (
            command.termijn is not None and command.termijn != item.proposal.get("termijn")
        )
        if departs and not command.reason.strip():
            raise RuleRefused("reden_nodig", place=item.id)
        proposed = decision_from(archive, item.proposal, command.reason)
        if command.waardering != "V":
            return replace(
                proposed,
                waardering=command.waardering,
                termijn=None,
                startdatum=None,
                einddatum=None,
                trigger=None,
                categorie=command.categorie or proposed.categorie,
            )
        termijn = command.termijn or proposed.termijn
        if termijn is None:
            raise RuleRefused("termijn_nodig", place=item.id)
        start = proposed.startdatum or (item.date or "")[:10] or None
        return replace(
            proposed,
            waardering="V",
            termijn=termijn,
            startdatum=start,
            einddatum=_end(start, termijn, item.id),
            categorie=command.categorie or proposed.categorie,
        )

    return _write(archive, command.ids, make, progress, alone=command.alone)


def _end(start: str | None, termijn: str, item_id: str) -> str | None:
    """Give the last day of a term; refuses what is no term, and a term of nothing."""
    try:
        if parse_duration(termijn).length == 0:
            raise RuleRefused("termijn_nodig", place=item_id)
        return end_date(start, termijn) if start else None
    except ListError as error:
        raise RuleRefused(error.code, error.params, item_id) from error


def _write(
    archive: Archive,
    ids: tuple[str, ...],
    make: _Make,
    progress: Progress,
    *,
    alone: bool = False,
) -> Changes:
    token = new_id()
    changed: dict[str, None] = {}
    with archive.register.write() as tx:
        for done, item_id in enumerate(ids):
            check_cancelled(progress)
            progress.step(done, len(ids), "")
            if item_id in changed:
                continue
            whole = (items.get(tx, item_id),) if alone else _whole(tx, item_id)
            decision = _one_decision(whole, make)
            if decision is None:
                continue
            decision = replace(decision, alleen=alone and has_others(whole[0]))
            for item in whole:
                _record(archive, tx, item, decision, token)
                changed[item.id] = None
    return Changes("items", tuple(changed), token if changed else None)


def _whole(tx: Tx, item_id: str) -> tuple[Item, ...]:
    """Give the parts of a conversation for which a decision about this one holds too: all but the exceptions.

    What was packaged already stays as it left, unless it is the one that is decided about.
    """
    return tuple(
        part
        for part in whole_of(tx, item_id)
        if part.id == item_id
        or not (
            part.status is ItemStatus.VERPAKT
            or (part.decision is not None and part.decision.alleen)
        )
    )


def _one_decision(whole: Sequence[Item], make: _Make) -> Decision | None:
    """Decide once for a conversation: by its latest export, and a term runs from its last message."""
    latest = sorted(whole, key=lambda item: item.date or "", reverse=True)
    decision = next((made for item in latest if (made := make(item)) is not None), None)
    if decision is None or len(whole) == 1 or not (decision.startdatum and decision.termijn):
        return decision
    start = max(decision.startdatum, (latest[0].date or "")[:10])
    return replace(
        decision, startdatum=start, einddatum=_end(start, decision.termijn, latest[0].id)
    )


def _record(archive: Archive, tx: Tx, item: Item, decision: Decision, token: str) -> None:
    decisions.add(tx, item.id, decision)
    items.update(tx, item.id, status=ItemStatus.BESLOTEN)
    audit.append(
        tx,
        archive.event(
            "besluit",
            f"item:{item.id}",
            before={"status": item.status.value, "token": token},
            after={
                "waardering": decision.waardering,
                "termijn": decision.termijn,
                "categorie": decision.categorie,
                "lijst": decision.lijst,
                "lijst_versie": decision.lijst_versie,
                "alleen": decision.alleen,
                "at": now(),
                "token": token,
            },
            reason=decision.reason,
        ),
    )
