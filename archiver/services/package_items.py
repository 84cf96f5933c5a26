"""The items of a package as they are asked for: one at a time, from one view of the register."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import lru_cache, partial
from typing import BinaryIO

from archiver.export.compose import PackageItem, PartPath
from archiver.export.model import Opener
from archiver.export.plan import Plan, contained
from archiver.intake.identify_child import Identifier
from archiver.model import Conversation, EmailMessage, Identification, Item, Source
from archiver.progress import Progress, check_cancelled
from archiver.services import authenticity, reading
from archiver.services.archive import Archive
from archiver.services.conversation_account import account_of
from archiver.services.pieces import pieces_of
from archiver.store import items, sources
from archiver.store.database import Tx
from archiver.vault import disk

_SOURCES = 256  # that are kept at hand


class Reader:
    """Reads items and where they came from. `identifier` and `examiner` look at what is in them."""

    def __init__(
        self,
        archive: Archive,
        tx: Tx,
        identifier: Identifier,
        examiner: authenticity.Examiner,
        progress: Progress,
    ) -> None:
        self._archive = archive
        self._tx = tx
        self._identifier = identifier
        self._examiner = examiner
        self._progress = progress
        self._many: dict[str, int] = {}  # by source, when more than one item came from it
        self._source: Callable[[str], Source] = lru_cache(_SOURCES)(partial(sources.get, tx))

    def item(self, item_id: str) -> tuple[Item, Source, int]:
        """Give an item, its source, and how many items came from that source."""
        check_cancelled(self._progress)
        item = items.get(self._tx, item_id)
        siblings = self._many.get(item.source_id)
        if siblings is None:
            siblings = len(items.ids(self._tx, source_id=item.source_id))
            if siblings > 1:
                self._many[item.source_id] = siblings
        return item, self._source(item.source_id), siblings

    def package_item(self, item_id: str, plan: Plan) -> PackageItem:
        """Give an item with everything that is needed to deliver it."""
        item, source, siblings = self.item(item_id)
        archive, record = self._archive, item.record
        names = _part_names(item)

        def part(place: PartPath) -> Opener:
            return lambda: io.BytesIO(reading.part_bytes(archive, item, place))

        def identify(place: PartPath) -> Identification | None:
            check_cancelled(self._progress)
            data = (
                reading.part_bytes(archive, item, place)
                if place
                else reading.message_bytes(archive, item)
            )
            try:
                return self._identifier.identify(data, names.get(place))
            except OSError as error:  # its temporary file in the work folder
                raise disk.failure(error, len(data)) from error

        whole = self._blob(source.sha256) if contained(item, source, siblings) else None
        if isinstance(record, Conversation):
            return PackageItem(
                item,
                source,
                original=self._blob(source.sha256),
                original_size=source.size,
                part=part,
                identify=identify,
                messages=lambda: reading.chat_messages(record, archive.vault.path(source.sha256)),
                account=lambda: account_of(archive, item, self._progress),
                container=whole,
                siblings=siblings,
            )
        return PackageItem(
            item,
            source,
            original=lambda: io.BytesIO(reading.message_bytes(archive, item)),
            original_size=record.size,
            part=part,
            identify=identify,
            headers=lambda: reading.mail_headers(reading.message_bytes(archive, item), record),
            text=lambda: self._text(item, record, plan),
            authenticity=lambda: self._examiner.account(
                record, reading.message_bytes(archive, item)
            ),
            container=whole,
            siblings=siblings,
        )

    def _text(self, item: Item, record: EmailMessage, plan: Plan) -> str:
        """Give the text for the reading copy: of a piece that of the whole, when every piece goes along.

        What was not chosen must not leave in the text of another.
        """
        found = pieces_of(self._archive, item)
        if found is not None and found[1] is not None and plan.holds(found[0].items):
            return reading.mail_text(found[1].raw, found[1].record)
        return reading.mail_text(reading.message_bytes(self._archive, item), record)

    def _blob(self, sha256: str) -> Callable[[], BinaryIO]:
        return lambda: self._archive.vault.open_verified(sha256)


def _part_names(item: Item) -> dict[PartPath, str | None]:
    record = item.record
    if isinstance(record, Conversation):
        return {(m.path,): m.name for m in record.media if m.path is not None}
    found: dict[PartPath, str | None] = {}
    waiting: list[tuple[PartPath, EmailMessage]] = [((), record)]
    while waiting:
        path, message = waiting.pop()
        for attachment in message.attachments:
            found[(*path, attachment.part)] = attachment.name
            if attachment.message is not None:
                waiting.append(((*path, attachment.part), attachment.message))
    return found
