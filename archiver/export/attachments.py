"""The parts of an item as package objects of their own: attachments, attached messages, chat media.

An attached message is an Archiefstuk with its exact bytes; its own attachments lie below it. Below
`NESTED` levels they lie beside each other, so that no path grows too long for the receiver.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from archiver.export import describe
from archiver.export.describe import Context
from archiver.export.model import PackageFile, PackageObject
from archiver.export.naming import derived_urn, extension, safe
from archiver.model import Attachment, ChatAttachment, Conversation, EmailMessage

if TYPE_CHECKING:
    from archiver.export.compose import PackageItem, PartPath

NESTED = 5
EMPTY = "leeg"  # a file of zero bytes is refused by receivers
_SUFFIXES = {
    "message/rfc822": "eml",
    "text/calendar": "ics",
    "text/html": "html",
    "text/plain": "txt",
    "message/delivery-status": "txt",
    "application/pdf": "pdf",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
}
ABSENT = "ontbreekt"  # named in the chat, not in the export


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A part that is not in the package as a file; `reden` is `EMPTY` or `ABSENT`."""

    naam: str
    plaats: str
    reden: str
    soort: str


@dataclass(frozen=True, slots=True)
class Parts:
    """What becomes of the parts of one item.

    `keys` maps the place of a part to its folder, `paths` to its file, from the folder of the item.
    """

    children: tuple[PackageObject, ...]
    left_out: tuple[LeftOut, ...]
    keys: dict[str, str]
    paths: dict[str, str]


def sizes(record: EmailMessage | Conversation) -> Iterator[int]:
    """Give the size of every part that becomes a file; bytes."""
    if isinstance(record, Conversation):
        yield from (medium.size or 0 for medium in record.media if _reason(medium) is None)
        return
    for attachment in record.attachments:
        if attachment.size:
            yield attachment.size
        if attachment.message is not None:
            yield from sizes(attachment.message)


def _reason(medium: ChatAttachment) -> str | None:
    """Say why a medium has no file; None when it has one."""
    if not medium.present or medium.path is None or medium.sha256 is None:
        return ABSENT
    return None if medium.size else EMPTY


def parts_of(given: PackageItem, key: str, context: Context) -> Parts:
    """Make the objects for every attachment or medium of an item."""
    builder = _Builder(given, key, context)
    record = given.item.record
    if isinstance(record, EmailMessage):
        children = tuple(builder.attachments(record, (), 1))
    else:
        children = tuple(builder.media(record.media))
    named = {child.key: f"{child.key}/{child.files[0].name}" for child in children}
    paths = {place: named[key] for place, key in builder.keys.items() if key in named}
    return Parts(children, tuple(builder.left_out), builder.keys, paths)


class _Builder:
    def __init__(self, given: PackageItem, key: str, context: Context) -> None:
        self._given = given
        self._key = key
        self._context = context
        self._numbers = count(1)
        self.left_out: list[LeftOut] = []
        self.keys: dict[str, str] = {}

    def attachments(
        self, message: EmailMessage, path: PartPath, depth: int
    ) -> Iterator[PackageObject]:
        for attachment in message.attachments:
            place = (*path, attachment.part)
            made = self._attachment(attachment, place)
            inner = attachment.message
            below = tuple(self.attachments(inner, place, depth + 1)) if inner else ()
            if made is None:
                yield from below
            elif depth < NESTED:
                yield PackageObject(made.informatieobject, made.key, made.files, below)
            else:
                yield made
                yield from below

    def media(self, media: tuple[ChatAttachment, ...]) -> Iterator[PackageObject]:
        for medium in media:
            name = medium.name or "medium"
            reason = _reason(medium)
            if reason is not None:
                place = "" if reason == ABSENT else medium.path or ""
                self.left_out.append(LeftOut(name, place, reason, "file"))
            else:
                assert medium.path is not None
                assert medium.sha256 is not None
                yield self._object(
                    (medium.path,),
                    name,
                    medium.media_type,
                    medium.size or 0,
                    medium.sha256,
                    "Chatbijlage",
                )

    def _attachment(self, attachment: Attachment, place: PartPath) -> PackageObject | None:
        if attachment.size == 0:
            name = attachment.name or attachment.media_type
            self.left_out.append(LeftOut(name, "/".join(place), EMPTY, attachment.kind))
            return None
        if attachment.kind == "message":
            made = self._object(
                place,
                attachment.name,
                attachment.media_type,
                attachment.size,
                attachment.sha256,
                "",
            )
            kenmerk = made.informatieobject.identificatie[0].identificatieKenmerk
            obj = describe.attached_message(kenmerk, attachment, self._given.item, self._context)
            return PackageObject(obj, made.key, made.files)
        return self._object(
            place,
            attachment.name,
            attachment.media_type,
            attachment.size,
            attachment.sha256,
            "E-mailbijlage",
        )

    def _object(
        self,
        place: PartPath,
        name: str | None,
        media_type: str | None,
        size: int,
        sha256: str,
        kind: str,
    ) -> PackageObject:
        number = next(self._numbers)
        key = f"{self._key}-B{number:02d}"
        where = "/".join(place)
        self.keys[where] = key
        item = self._given.item
        known = self._given.identify(place)
        suffix = extension(name, _SUFFIXES.get(media_type or "", "bin"))
        stem = safe((name or "").rsplit(".", 1)[0], "", 30)
        file = PackageFile(
            f"{key}-{stem}.{suffix}" if stem else f"{key}.{suffix}",
            size,
            sha256,
            self._given.part(place),
            known.puid if known else None,
            known.format_name if known else None,
            (known.media_type if known else media_type) or "application/octet-stream",
            "bijlage",
            derived_urn(item.id, f"bestand:deel:{where}"),
            known.basis if known else "inlezen",
        )
        obj = describe.part_object(
            derived_urn(item.id, f"deel:{where}"),
            name,
            kind or "E-mailbijlage",
            item,
            self._context,
        )
        return PackageObject(obj, key, (file,))
