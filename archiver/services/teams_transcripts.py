"""Web pages of one Teams conversation, about one a day: the load file says which belong together.

Purview gives all pages of a conversation the same Conversation_ID ("Document metadata fields in eDiscovery").
That is shown; a person links them, all at once, and undoes it at once. No page is changed or merged.
"""

from __future__ import annotations

from dataclasses import dataclass

from archiver.errors import RuleRefused
from archiver.identity import new_id
from archiver.links import LINKED, linked
from archiver.model import Changes, Conversation, Item, Value
from archiver.progress import Progress, check_cancelled
from archiver.services.archive import Archive
from archiver.services.conversation_parts import before, conversation_of, conversations_of, parts_of
from archiver.store import audit, items

_SAID = "teams.laadbestand"


@dataclass(frozen=True, slots=True)
class LinkTranscripts:
    """The command: all pages of the conversation of this one are its parts, because."""

    id: str
    reason: str


def same_conversation(archive: Archive, item_id: str) -> tuple[Item, ...]:
    """Give the pages of the same conversation by their load file that are not linked yet, oldest first."""
    with archive.register.read() as tx:
        known = parts_of(tx, item_id)
    own = next(item for item in known if item.id == item_id)
    said = _conversation_id(conversation_of(own))
    if not said:
        return ()
    parts = {item.id for item in known}
    others = conversations_of(archive, conversation_of(own).platform)
    found = (item for item in others if item.id not in parts)
    same = [item for item in found if _conversation_id(conversation_of(item)) == said]
    return tuple(sorted(same, key=lambda item: (item.date or "", item.id)))


def link_transcripts(archive: Archive, command: LinkTranscripts, progress: Progress) -> Changes:
    """Link them in one step, undone with the ordinary undo.

    Raises `RuleRefused` without a reason, or when there is nothing to link.
    """
    if not command.reason.strip():
        raise RuleRefused("koppel_zonder_reden")
    others = same_conversation(archive, command.id)
    if not others:
        raise RuleRefused("koppel_niets_zelfde", place=command.id)
    token = new_id()
    with archive.register.write() as tx:
        own = items.get(tx, command.id)
        pairs = [(own, tuple(other.id for other in others))]
        pairs += [(items.get(tx, other.id), (own.id,)) for other in others]
        for item, more in pairs:
            check_cancelled(progress)
            ids = " ".join(dict.fromkeys((*linked(item), *more)))
            values = {**item.values, LINKED: Value(ids, "medewerker")}
            items.update(tx, item.id, values=values)
            after = {
                "title": item.title,
                "dossier_id": item.dossier.id if item.dossier else None,
                "values": {LINKED: ids},
                "relation": "zelfde_gesprek_volgens_laadbestand",
                "token": token,
            }
            made = archive.event(
                *("wijziging", f"item:{item.id}"),
                before=before(item, token),
                after=after,
                reason=command.reason,
            )
            audit.append(tx, made)
    return Changes("items", tuple(item.id for item, _ in pairs), token)


def _conversation_id(record: Conversation) -> str:
    said = (f.params.get("gesprek", "") for f in record.findings if f.code == _SAID)
    return str(next(said, ""))
