"""What the window and the command line may know of the register: counts, rows, one item, history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archiver.model import AuditEntry, Dossier, Item, ItemStatus, Source
from archiver.services.archive import Archive
from archiver.services.pieces import pieces_of
from archiver.services.reading import Reading, read_mail
from archiver.services.teams_conversation import read_post
from archiver.store import audit, dossiers, items, packages, sources
from archiver.store.items import ItemRow as ItemRow
from archiver.store.packages import PackageRow


def counts(archive: Archive) -> Mapping[ItemStatus, int]:
    """Give the number of items per queue; every queue is there."""
    with archive.register.read() as tx:
        found = items.counts(tx)
    return {status: found.get(status, 0) for status in ItemStatus}


def item_ids(
    archive: Archive,
    queue: ItemStatus | None = None,
    search: str | None = None,
    dossier_id: str | None = None,
    since: str | None = None,
    until: str | None = None,
    sender: str | None = None,
) -> list[str]:
    """Give the ids of a queue, newest message first; `search` looks in title, sender, dossier.

    `since` and `until` are days (ISO, both included), `sender` part of the sender as lists show it.
    """
    with archive.register.read() as tx:
        return items.ids(
            tx,
            status=queue,
            search=search or None,
            dossier_id=dossier_id,
            since=since,
            until=until,
            sender=sender,
        )


def item_rows(archive: Archive, ids: Sequence[str]) -> list[ItemRow]:
    """Give light rows for a list, in the order of `ids`."""
    with archive.register.read() as tx:
        return items.rows(tx, ids)


def item(archive: Archive, item_id: str) -> Item:
    """Give everything about one item."""
    with archive.register.read() as tx:
        return items.get(tx, item_id)


def source(archive: Archive, source_id: str) -> Source:
    """Give the source an item came from."""
    with archive.register.read() as tx:
        return sources.get(tx, source_id)


def reading(archive: Archive, item_id: str) -> Reading:
    """Open an item in the reader: a piece of a message as the whole text when all pieces are here, a message
    of a chat among those around it.
    """
    found = item(archive, item_id)
    pieces = pieces_of(archive, found)
    if pieces is None or pieces[1] is None:
        return read_post(archive, found)
    return read_mail(pieces[1].record, pieces[1].raw)


def history(archive: Archive, item_id: str) -> list[AuditEntry]:
    """Give what happened to an item and to its source, oldest first."""
    with archive.register.read() as tx:
        found = items.get(tx, item_id)
        entries = [
            *audit.entries(tx, object=f"source:{found.source_id}"),
            *audit.entries(tx, object=f"item:{item_id}"),
        ]
    return sorted(entries, key=lambda e: e.seq)


def all_dossiers(archive: Archive) -> list[Dossier]:
    """Give every dossier by name, those in the register first, then the announced ones."""
    with archive.register.read() as tx:
        return dossiers.all(tx)


def all_packages(archive: Archive) -> list[PackageRow]:
    """Give the packages that were made, newest first."""
    with archive.register.read() as tx:
        return packages.all(tx)
