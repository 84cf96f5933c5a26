"""From a record to its proposal: the facts that the rules of `selectielijst` look at."""

from __future__ import annotations

from typing import Any

from archiver.model import Address, Conversation, Dossier, EmailMessage
from archiver.services.archive import Archive
from archiver.services.dossier_hints import DossierHint, suggest
from selectielijst.proposal import Facts, Proposal, propose


def title_of(record: EmailMessage | Conversation) -> str:
    """Give the title as the source has it, of one message of a chat that of the chat; empty when none."""
    title = record.subject if isinstance(record, EmailMessage) else record.title
    if not title and isinstance(record, EmailMessage) and record.post is not None:
        title = record.post.title
    return (title or "").strip()


def sender_of(record: EmailMessage | Conversation) -> str | None:
    """Give who sent it, name before address; for a chat the title of the conversation."""
    if isinstance(record, Conversation):
        return record.title
    return _label(record.sender)


def date_of(record: EmailMessage | Conversation) -> str | None:
    """Give the moment that counts: sending for a mail, the last message for a conversation."""
    return record.date if isinstance(record, EmailMessage) else record.last


def participants_of(record: EmailMessage | Conversation) -> tuple[str, ...]:
    """Give the names and addresses of everyone in it, sender first."""
    if isinstance(record, Conversation):
        return tuple(p.name for p in record.participants)
    people = ((record.sender,) if record.sender else ()) + record.to + record.cc + record.bcc
    return tuple(part for p in people for part in (p.name, p.address) if part)


def hint_for(archive: Archive, record: EmailMessage | Conversation) -> DossierHint | None:
    """Suggest a dossier for this record."""
    return suggest(archive.hints, title_of(record), participants_of(record))


def propose_for(
    archive: Archive,
    record: EmailMessage | Conversation,
    *,
    owner: str | None,
    dossier: Dossier | DossierHint | None,
) -> Proposal:
    """Apply the rules; never a decision."""
    return propose(
        Facts(
            kind="email" if isinstance(record, EmailMessage) else "chat",
            date=date_of(record),
            owner=owner,
            title=title_of(record),
            participants=participants_of(record),
            dossier=dossier.naam if dossier else None,
            proces=dossier.proces if dossier else None,
        ),
        archive.policy,
    )


def needs_review(proposal: dict[str, Any]) -> bool:
    """Tell whether a records manager must look: unknown, low confidence or frozen."""
    return bool(
        proposal.get("waardering") == "N"
        or proposal.get("zekerheid") == "laag"
        or proposal.get("frozen")
    )


def _label(address: Address | None) -> str | None:
    return (address.name or address.address) if address else None
