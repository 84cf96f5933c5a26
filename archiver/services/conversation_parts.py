"""Exports that a person linked as parts of one conversation: of several phones, or of several moments.

A link is a value on both items and an entry in the audit trail with the reason; nothing is merged, and
every original stays what it is. What is linked through another part belongs together too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from archiver.errors import RuleRefused
from archiver.identity import new_id
from archiver.links import LINKED as LINKED
from archiver.links import linked as linked
from archiver.model import Changes, Conversation, Item, ItemKind, Value
from archiver.progress import Progress, check_cancelled
from archiver.services.archive import Archive
from archiver.store import audit, items, sources
from archiver.store.database import Tx

APART = "dossier_apart"  # value of an export that stands in another dossier than its conversation


@dataclass(frozen=True, slots=True)
class LinkExports:
    """The command: these two items are exports of one conversation, says a person, because."""

    left: str
    right: str
    reason: str


@dataclass(frozen=True, slots=True)
class UnlinkExports:
    """The command: these two items are not exports of one conversation after all, because."""

    left: str
    right: str
    reason: str


@dataclass(frozen=True, slots=True)
class PartState:
    """How one export of a conversation stands. `exception`: decided or filed apart from the rest.

    `file` is the name of the file it came in as, without its folders.
    """

    id: str
    owner: str | None
    first: str | None
    last: str | None
    dossier: str | None
    waardering: str | None
    exception: bool
    file: str = ""
    secured_at: str = ""


def parts_of(tx: Tx, item_id: str) -> tuple[Item, ...]:
    """Give all exports of the conversation of this item, itself included, the earliest first.

    Earliest by the first message, then by when it was secured. A mail is its own only part.
    """
    found: dict[str, Item] = {}
    waiting = [item_id]
    while waiting:
        wanted = waiting.pop()
        if wanted not in found:
            found[wanted] = items.get(tx, wanted)
            waiting += linked(found[wanted])
    return tuple(sorted(found.values(), key=_place))


def with_parts(tx: Tx, ids: Sequence[str]) -> tuple[str, ...]:
    """Add to these items the other exports of their conversations; each once, in order."""
    found: dict[str, None] = {}
    for item_id in ids:
        if item_id not in found:
            found[item_id] = None
            found.update(dict.fromkeys(part.id for part in parts_of(tx, item_id)))
    return tuple(found)


def parts_states(archive: Archive, item_id: str) -> tuple[PartState, ...]:
    """Give how every export of a conversation stands: what is decided, and what is an exception."""
    with archive.register.read() as tx:
        return tuple(
            PartState(
                part.id,
                part.owner,
                conversation_of(part).first,
                conversation_of(part).last,
                part.dossier.naam if part.dossier else None,
                part.decision.waardering if part.decision else None,
                bool(part.decision and part.decision.alleen) or APART in part.values,
                PurePath(sources.get(tx, part.source_id).path).name,
                part.secured_at,
            )
            for part in parts_of(tx, item_id)
        )


def parts_ids(archive: Archive, item_id: str) -> tuple[str, ...]:
    """Give the ids of all exports of the conversation of this item, itself included."""
    with archive.register.read() as tx:
        return tuple(part.id for part in parts_of(tx, item_id))


def conversations_of(archive: Archive, platform: str) -> tuple[Item, ...]:
    """Give all conversations of a platform, the latest first; reads no messages."""
    with archive.register.read() as tx:
        found = [items.get(tx, one) for one in items.ids(tx, kind=ItemKind.CONVERSATION)]
    return tuple(item for item in found if conversation_of(item).platform == platform)


def conversations_beside(archive: Archive, item_id: str) -> tuple[Item, tuple[Item, ...]]:
    """Give a conversation and all others of its platform, the latest first; reads no messages."""
    with archive.register.read() as tx:
        own = items.get(tx, item_id)
    others = conversations_of(archive, conversation_of(own).platform)
    return own, tuple(other for other in others if other.id != item_id)


def link_exports(archive: Archive, command: LinkExports, progress: Progress) -> Changes:
    """Record that two items are exports of one conversation; undone with the ordinary undo.

    Raises `RuleRefused` for one item twice, something that is no conversation, another platform, no
    reason, or a link that stands already. An item may be linked to many.
    """
    check_cancelled(progress)
    with archive.register.write() as tx:
        pair = _pair(tx, command.left, command.right, command.reason)
        platforms = {conversation_of(item).platform for item in pair}
        if len(platforms) > 1:
            raise RuleRefused("koppel_ander_platform", {"platforms": ", ".join(sorted(platforms))})
        if pair[1].id in linked(pair[0]):
            raise RuleRefused("koppel_staat_al", place=command.left)
        return _write(archive, tx, pair, command.reason, together=True)


def unlink_exports(archive: Archive, command: UnlinkExports, progress: Progress) -> Changes:
    """Take a link away; undone with the ordinary undo. Raises `RuleRefused` as `link_exports` does."""
    check_cancelled(progress)
    with archive.register.write() as tx:
        pair = _pair(tx, command.left, command.right, command.reason)
        if pair[1].id not in linked(pair[0]):
            raise RuleRefused("koppel_staat_niet", place=command.left)
        return _write(archive, tx, pair, command.reason, together=False)


def conversation_of(item: Item) -> Conversation:
    """Give the conversation that an item is. Raises `RuleRefused` for anything else."""
    if not isinstance(item.record, Conversation):
        raise RuleRefused("koppel_geen_gesprek", place=item.id)
    return item.record


def _place(item: Item) -> tuple[str, str, str]:
    first = item.record.first if isinstance(item.record, Conversation) else item.record.date
    return first or "", item.secured_at, item.id


def _pair(tx: Tx, left: str, right: str, reason: str) -> tuple[Item, Item]:
    if left == right:
        raise RuleRefused("koppel_zichzelf", place=left)
    if not reason.strip():
        raise RuleRefused("koppel_zonder_reden")
    pair = (items.get(tx, left), items.get(tx, right))
    for item in pair:
        conversation_of(item)
    return pair


def _write(
    archive: Archive, tx: Tx, pair: tuple[Item, Item], reason: str, *, together: bool
) -> Changes:
    token = new_id()
    for item, other in (pair, pair[::-1]):
        others = [found for found in linked(item) if found != other.id]
        others += [other.id] if together else []
        values = {name: value for name, value in item.values.items() if name != LINKED}
        if others:
            values[LINKED] = Value(" ".join(others), "medewerker")
        items.update(tx, item.id, values=values)
        audit.append(
            tx,
            archive.event(
                "wijziging",
                f"item:{item.id}",
                before=before(item, token),
                after={
                    "title": item.title,
                    "dossier_id": item.dossier.id if item.dossier else None,
                    "values": {LINKED: " ".join(others)},
                    "relation": "andere_export_van_hetzelfde_gesprek",
                    "token": token,
                },
                reason=reason,
            ),
        )
    return Changes("items", tuple(item.id for item in pair), token)


def before(item: Item, token: str) -> dict[str, object]:
    """Give what `archiver.services.undo` needs to put an item back as it was."""
    return {
        "title": item.title,
        "dossier_id": item.dossier.id if item.dossier else None,
        "values": {k: [v.value, v.source] for k, v in item.values.items()},
        "proposal": dict(item.proposal),
        "status": item.status.value,
        "token": token,
    }
