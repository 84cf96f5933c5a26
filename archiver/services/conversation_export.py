"""Export one secured conversation for use elsewhere: JSON, HTML, PDF, RSMF 2.0 or vCon.

An export is a copy to work with, not a delivery: the package is made by `packaging_run`. Everything
is made from what is secured, so a message that was taken out before securing can be in none of them.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from archiver.errors import DiskFull, KnownError, RuleRefused
from archiver.export import gesprek_html, gesprek_pdf, gesprek_rsmf, gesprek_vcon, hidden
from archiver.export.kopregels import gesprek
from archiver.export.naming import extension, safe
from archiver.findings import Finding, Severity
from archiver.model import Changes, ChatMessage, Conversation, Item
from archiver.progress import Progress, check_cancelled
from archiver.services import reading
from archiver.services.archive import Archive, now
from archiver.store import audit, items, sources

FORMATS = ("json", "html", "pdf", "rsmf", "vcon")
_NO_ROOM = {28, 122}  # ENOSPC, EDQUOT


@dataclass(frozen=True, slots=True)
class ExportConversation:
    """The command: one item, in one of `FORMATS`, into the new folder `target`.

    `moment` (dateTime with offset) is when it is said to be made: the same gives the same bytes.
    """

    item_id: str
    format: str
    target: Path
    moment: str | None = None


@dataclass(frozen=True, slots=True)
class ExportedConversation:
    """What was written: the files, in order, and what the format could not hold."""

    files: tuple[Path, ...]
    findings: tuple[Finding, ...]
    changes: Changes


def export_conversation(
    archive: Archive, command: ExportConversation, progress: Progress
) -> ExportedConversation:
    """Write the files of one conversation and note it in the audit trail.

    Raises `RuleRefused` (not a conversation, the folder is in use), `StoreDamaged`, `DiskFull`,
    `Cancelled`; after any of them nothing is left at `target`.
    """
    with archive.register.read() as tx:
        item = items.get(tx, command.item_id)
        source = sources.get(tx, item.source_id)
    if not isinstance(item.record, Conversation):
        raise RuleRefused("export_geen_gesprek", {"id": command.item_id})
    if command.format not in FORMATS:
        raise RuleRefused("export_formaat", {"formaten": ", ".join(FORMATS)})
    if command.target.exists():
        raise RuleRefused("pakket_map_bezet", {"pad": str(command.target)})
    work = _Work(archive, item, item.record, archive.vault.path(source.sha256), command)
    try:
        place = hidden.take(command.target)
        try:
            written = [
                (name, _write(place.content / name, content, progress))
                for name, content in work.files()
            ]
            place.content.rename(command.target)
        finally:
            hidden.give_back(place)
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise DiskFull("schijf_vol", {"ruimte": "1 GB"}) from error
        raise KnownError("export_map", {"pad": str(command.target)}) from error
    after = {"formaat": command.format, "bestanden": {n: h for n, h in written[:1_000]}}
    with archive.register.write() as tx:
        audit.append(tx, archive.event("uitvoer", f"item:{item.id}", after=after))
    paths = tuple(command.target / name for name, _ in written)
    return ExportedConversation(paths, tuple(_said(item.record, command.format)), Changes("items"))


@dataclass(frozen=True, slots=True)
class _Work:
    """One conversation and where its messages and media come from."""

    archive: Archive
    item: Item
    record: Conversation
    original: Path
    command: ExportConversation

    def messages(self) -> Iterable[ChatMessage]:
        return reading.chat_messages(self.record, self.original)

    def medium(self, place: str) -> BinaryIO:
        return io.BytesIO(reading.part_bytes(self.archive, self.item, (place,)))

    def files(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Give every file with its content; each is written before the next is asked."""
        record, kind = self.record, self.command.format
        stem = safe(self.item.title, "gesprek")
        moment = self.command.moment or now()
        if kind == "rsmf":
            made = gesprek_rsmf.files(record, self.messages(), self.medium, self.item.owner)
            many = gesprek_rsmf.count(record) > 1
            for number, content in enumerate(made, 1):
                yield (f"{stem}-{number:03d}.rsmf" if many else f"{stem}.rsmf"), content
        elif kind == "vcon":
            yield (
                f"{stem}.vcon",
                gesprek_vcon.document(record, self.messages, self.medium, self.item.id, moment),
            )
        elif kind == "pdf":
            copy = gesprek_pdf.Copy(record, self.messages, {}, self.item.secured_at, self.medium)
            total = gesprek_pdf.parts(record)
            if total == 0:
                params = {"n": record.message_count, "grens": gesprek_pdf.MOST}
                raise RuleRefused("export_te_lang", params)
            for number in range(total):
                name = f"{stem}-{number + 1:02d}.pdf" if total > 1 else f"{stem}.pdf"
                yield name, iter((copy.part(number),))
        else:
            media = self._media()
            if kind == "html":
                yield f"{stem}.html", gesprek_html.page(record, self.messages(), media)
            else:
                yield f"{stem}.json", gesprek(record, self.messages())
            for place, name in media.items():
                yield name, _pieces(self.medium(place))

    def _media(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for medium in self.record.media:
            if medium.present and medium.path is not None and medium.path not in found:
                stem = safe(medium.name.rpartition(".")[0] or medium.name, "bijlage")
                suffix = extension(medium.name, "bin")
                found[medium.path] = f"media/{len(found) + 1:05d}-{stem}.{suffix}"
        return found


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    with stream:
        yield from iter(lambda: stream.read(1 << 20), b"")


def _write(path: Path, content: Iterator[bytes], progress: Progress) -> str:
    digest = hashlib.sha256()
    path.parent.mkdir(exist_ok=True)
    progress.step(0, None, path.name)
    with path.open("xb") as out:
        for piece in content:
            check_cancelled(progress)
            digest.update(piece)
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest()


def _said(record: Conversation, kind: str) -> Iterator[Finding]:
    if record.extract is not None and record.extract.left_out:
        n = sum(record.extract.left_out.values())
        yield Finding("export.zonder_weggelaten", {"n": n}, severity=Severity.INFO)
    if kind == "vcon" and record.zone_basis in ("unknown", "assumed", "user"):
        yield Finding("export.zonder_zone")
