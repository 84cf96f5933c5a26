"""Read the old Outlook text of secured messages with another code page: the bytes stay, what is read changes.

What a person typed stays. Each change stands in the audit trail with the pages and can be undone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from archiver.errors import RuleRefused
from archiver.findings import Finding
from archiver.identity import new_id
from archiver.intake import codepages
from archiver.intake.charsets import codec_for
from archiver.intake.protocol import Limits
from archiver.ledger import count
from archiver.model import AuditEvent, Changes, Conversation, EmailMessage, Item, ItemStatus, Value
from archiver.progress import Progress, check_cancelled
from archiver.services.appraise import date_of, needs_review, propose_for, sender_of, title_of
from archiver.services.archive import Archive
from archiver.store import audit, items, sources
from archiver.store.database import Tx

ACTION = "tekenset"


@dataclass(frozen=True, slots=True)
class ReadWith:
    """The command: read these messages with this code page ("cp1251")."""

    ids: tuple[str, ...]
    codepage: str


def asked_about(record: EmailMessage | Conversation) -> Finding | None:
    """Give what was chosen or guessed for old text in a message or in what is attached to it."""
    return codepages.finding_of(record) if isinstance(record, EmailMessage) else None


def read_with(archive: Archive, command: ReadWith, progress: Progress) -> Changes:
    """Read and describe the messages again, in one transaction and one undo step.

    Raises `RuleRefused` when a message was packaged, or has no text that a code page could change.
    """
    token = new_id()
    with archive.register.write() as tx:
        for done, item_id in enumerate(command.ids):
            check_cancelled(progress)
            progress.step(done, len(command.ids), "")
            item = items.get(tx, item_id)
            before = _chosen(item)
            if item.status is ItemStatus.VERPAKT:
                raise RuleRefused("al_verpakt", place=item_id)
            if not _change(archive, tx, item, command.codepage):
                raise RuleRefused("geen_oude_tekst", place=item_id)
            after = {"codepage": codec_for(command.codepage), "token": token}
            audit.append(
                tx,
                archive.event(
                    ACTION,
                    f"item:{item_id}",
                    before={"codepage": before, "token": token},
                    after=after,
                ),
            )
    return Changes("items", command.ids, token)


def restore(archive: Archive, tx: Tx, item: Item, page: str | None) -> None:
    """Read a message as it was read before: with this page, or as its own bytes say."""
    _change(archive, tx, item, page)


def chosen_at_intake(archive: Archive, item: Item) -> tuple[AuditEvent, ...]:
    """Give what the trail says of a page that was chosen before the message was secured."""
    page = _chosen(item)
    if page is None:
        return ()
    return (archive.event(f"{ACTION}_opname", f"item:{item.id}", after={"codepage": page}),)


def _chosen(item: Item) -> str | None:
    return codepages.chosen(item.record) if isinstance(item.record, EmailMessage) else None


def _change(archive: Archive, tx: Tx, item: Item, page: str | None) -> bool:
    """Read the item again and write it; gives whether a page was or is at work in it."""
    old = item.record
    if not isinstance(old, EmailMessage) or not codepages.has_outlook(old):
        return False
    # Here, because a drop of mail loads this module and need not load the readers.
    from archiver.services.reading import message_bytes

    record = codepages.read_with(old, message_bytes(archive, item), page, Limits())
    if page is not None and codepages.chosen(record) is None:
        return False
    values = dict(item.values)
    title = item.title
    if item.title == title_of(old):
        title = title_of(record)
        if (name := values.get("naam")) is not None and name.source != "medewerker":
            values["naam"] = Value(title, name.source)
    if (language := values.get("taal")) is not None and language.source == "voorgesteld":
        values.pop("taal")
        if record.language:
            values["taal"] = Value(record.language, "voorgesteld")
    proposal: dict[str, Any] = dict(item.proposal)
    status = item.status
    if item.decision is None:
        made = propose_for(archive, record, owner=item.owner, dossier=item.dossier)
        proposal = made.to_json()
        if status in (ItemStatus.GETAGD, ItemStatus.TE_BEOORDELEN):
            review = needs_review(proposal)
            status = ItemStatus.TE_BEOORDELEN if review else ItemStatus.GETAGD
    items.rewrite(
        tx,
        replace(
            item,
            record=record,
            title=title,
            sender=sender_of(record),
            date=date_of(record),
            values=values,
            proposal=proposal,
            status=status,
            findings=record.findings,
        ),
    )
    lost = count(record).undecodable_characters - count(old).undecodable_characters
    if lost:  # what was counted at intake is about the text as it was read then
        source = sources.get(tx, item.source_id)
        total = source.ledger.undecodable_characters + lost
        ledger = replace(source.ledger, undecodable_characters=total)
        sources.update(tx, source.id, ledger, source.findings)
    return True
