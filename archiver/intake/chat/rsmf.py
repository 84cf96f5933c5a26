"""Reader of RSMF 2.0 (Relativity Short Message Format), the container of e-discovery.

An RFC 5322 file with ``X-RSMF-`` headers and an attachment ``rsmf.zip`` that holds
``rsmf_manifest.json``: participants, conversations, events. The zip or the manifest by itself is
read as well. Schema: rsmf_schema 2.0.0. Times are ISO 8601 as the manifest has them.
"""

from __future__ import annotations

import email
import email.policy
import io
import re
import zipfile
from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from archiver.errors import InputRefused
from archiver.findings import Finding, Severity
from archiver.intake.chat import exports, media
from archiver.intake.chat.export_text import ExportText
from archiver.intake.chat.json_places import Document, cut, load, trouble
from archiver.intake.chat.values import iso, items, label, number, table, text_of, words
from archiver.intake.protocol import Head, ParseContext
from archiver.model import ChatAttachment, ChatMessage, Participant, Record, Span

FORMAT = "rsmf"
MANIFEST = "rsmf_manifest.json"
_HEADER = re.compile(rb"^X-RSMF-(?:Version|Generator|EventCount)\s*:", re.MULTILINE | re.IGNORECASE)
_SYSTEM = {"join": "joined", "leave": "left", "disclaimer": "disclaimer", "history": "history"}
_TYPES = ("text", "media", "system", "call", "poll", "location", "contact", "unknown")
_OWN = "archiefklaar:"  # what `archiver.export.gesprek_rsmf` adds, because RSMF has no field for it
_MARKS = tuple(
    re.compile(rb'"' + name + rb'"\s*:\s*' + begin)
    for name, begin in (
        (b"version", rb'"\d'),
        (b"participants", rb"\["),
        (b"conversations", rb"\["),
    )
)


def score(head: Head) -> int:
    """Say how sure the bytes make it: RSMF headers, or a manifest. More than plain mail."""
    block = head.data.partition(b"\r\n\r\n")[0].partition(b"\n\n")[0]
    if _HEADER.search(block):
        return 100
    start = head.data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    return 90 if start == b"{" and all(m.search(head.data) for m in _MARKS) else 0


def score_path(path: Path, head: Head) -> int:
    """As `score`, but looks into a zip for the manifest."""
    if head.data[:4] != exports.ZIP:
        return score(head)
    try:
        with media.open_zip(path, ParseContext().limits) as archive:
            return 96 if MANIFEST in archive.namelist() else 0
    except InputRefused:
        return 0


def parse(path: Path, context: ParseContext) -> Iterator[Record]:
    """Read a container: per conversation a `Conversation`, then its events in source order."""
    return exports.guarded(path, lambda: _parse(path, context))


def member_bytes(path: Path, name: str, context: ParseContext | None = None) -> Iterator[bytes]:
    """Give the bytes of a file in the inner zip by its path. InputRefused when absent."""
    limits = (context or ParseContext()).limits
    if zipfile.is_zipfile(path):
        yield from media.member_bytes(path, name, limits)
        return
    raw = _inner(path, limits.message_bytes)
    try:
        with zipfile.ZipFile(io.BytesIO(raw or b"")) as archive:
            yield from media.chunks(archive, archive.getinfo(name))
    except (KeyError, zipfile.BadZipFile) as error:
        raise InputRefused("chat.media_niet_gevonden", {"naam": name}, path.name) from error


def _inner(path: Path, limit: int) -> bytes | None:
    """Give the bytes of the zip inside the mail; None when there is none."""
    if path.stat().st_size > limit:
        raise InputRefused("chat.bericht_te_groot", {}, path.name)
    mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.compat32)
    for part in mail.walk():
        if (part.get_filename() or "").casefold().endswith(".zip"):
            found = part.get_payload(decode=True)
            return found if isinstance(found, bytes) else None
    return None


def _parse(path: Path, context: ParseContext) -> Iterator[Record]:
    with path.open("rb") as stream:
        start = stream.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] == b"{":
        for source in exports.texts(path, context, lambda name: False):
            yield from _records(source)
        return
    if start[:4] == exports.ZIP:
        with media.open_export(path, context.limits) as archive:
            yield from _from_zip(path, archive, context)
        return
    raw = _inner(path, context.limits.message_bytes)
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw or b""))
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise InputRefused("chat.zip_beschadigd", {"naam": "rsmf.zip"}, path.name) from error
    with archive:
        if sum(m.file_size for m in archive.infolist()) > context.limits.zip_bytes:
            params: dict[str, str | int] = {"leden": len(archive.infolist()), "bytes": 0}
            raise InputRefused("chat.zip_te_groot", params, path.name)
        yield from _from_zip(path, archive, context)


def _from_zip(path: Path, archive: zipfile.ZipFile, context: ParseContext) -> Iterator[Record]:
    if MANIFEST not in archive.namelist():
        raise InputRefused("chat.geen_gesprekken", {"naam": path.name}, path.name)
    shelf = media.zip_shelf(archive, frozenset({MANIFEST}), context.limits)
    text: ExportText = exports.member_text(archive, archive.getinfo(MANIFEST))
    digest = exports.file_hash(path)
    yield from _records(exports.Text(path, MANIFEST, text, shelf, digest, context))


def _records(source: exports.Text) -> Iterator[Record]:
    document = cut(source.text.buffer, (("events", None),))
    chats = _Manifest(source, document).chats()
    if chats:
        chats[0].skipped = document.around()
        if not document.whole:
            chats[0].findings += (Finding("chat.export_onvolledig", {}, source.place),)
    yield from exports.conversations(source, FORMAT, chats)


@dataclass(slots=True)
class _Manifest:
    """What the manifest says about people and conversations, and where the events stand."""

    source: exports.Text
    document: Document
    people: dict[str, Participant] = field(default_factory=dict)
    nameless: int = 0

    def chats(self) -> list[exports.Chat]:
        """Give every conversation that has events."""
        frame = table(self.document.frame)
        for one in (table(p) for p in items(frame.get("participants"))):
            key = label(one.get("id"))
            shown = text_of(one.get("display")) or label(one.get("email")) or key or ""
            if key is None:
                self.nameless += 1
                continue
            self.people[key] = Participant(key, shown)
        known = {
            label(table(c).get("id")) or "": table(c) for c in items(frame.get("conversations"))
        }
        places: dict[str, array[int]] = {}
        for count, span in enumerate(self.document.spans(("events",))):
            value, _ = load(self.document.buffer[span.start : span.end])
            key = label(table(value).get("conversation")) or ""
            places.setdefault(key, array("Q")).extend((span.start, span.end, count))
        found = [self._chat(known.get(key, {}), at) for key, at in places.items()]
        if found and self.nameless:
            params: dict[str, str | int] = {"aantal": self.nameless}
            found[0].findings = (Finding("chat.rsmf_zonder_id", params, self.source.place),)
        return found

    def _chat(self, data: Mapping[str, Any], places: array[int]) -> exports.Chat:
        ids = [label(p) or "" for p in items(data.get("participants"))]
        members = tuple(self.people.get(i, Participant(i, i)) for i in ids if i)
        title = text_of(data.get("display")) or label(data.get("id"))
        return exports.Chat(title, self._reader(places), members)

    def _reader(self, places: array[int]) -> Callable[[str], Iterator[ChatMessage]]:
        def read(identity: str) -> Iterator[ChatMessage]:
            for index in range(len(places) // 3):
                start, end, count = places[3 * index : 3 * index + 3]
                value, how = load(self.document.buffer[start:end])
                place = f"{self.source.member or ''}#/events/{count}"
                yield self._message(
                    identity, index, Span(start, end), table(value), trouble(how), place
                )

        return read

    def _message(
        self,
        identity: str,
        index: int,
        span: Span,
        data: Mapping[str, Any],
        findings: tuple[Finding, ...],
        place: str,
    ) -> ChatMessage:
        who = label(data.get("participant"))
        person = self.people.get(who or "")
        kind_of = words(data.get("type"))
        text = text_of(data.get("body"))
        files = tuple(self._file(table(a)) for a in items(data.get("attachments")))
        own = _own(data)
        kind = "system" if kind_of in _SYSTEM else "text" if kind_of == "message" else "unknown"
        kind = own["type"] if own.get("type") in _TYPES else kind
        sent = iso(data.get("timestamp"))
        for edit in items(data.get("edits"))[:50]:
            if before := text_of(table(edit).get("previous")):
                params: dict[str, str | int] = {"tekst": before[:2_000]}
                findings += (Finding("chat.bericht_eerder", params, severity=Severity.INFO),)
        return ChatMessage(
            identity,
            index,
            span,
            id=label(data.get("id")),
            sender=own.get("sender") or (person.name if person else who),
            sent=sent,
            sent_raw=own.get("sent_raw") or label(data.get("timestamp")),
            precision=own.get("precision", "second") if sent else None,
            text=text,
            type="media" if files and not text and kind == "text" else kind,
            system=own.get("system") or _SYSTEM.get(kind_of),
            attachments=files,
            reply_to=label(data.get("parent")),
            edited=True if items(data.get("edits")) else None,
            deleted=True if data.get("deleted") is True else None,
            reactions=tuple(self._reactions(data)),
            findings=findings,
            sender_id=who,
            place=place,
        )

    def _file(self, data: Mapping[str, Any]) -> ChatAttachment:
        shown = words(data["display"]) if "display" in data else words(data.get("id"))
        found = self.source.shelf.find(words(data.get("id")) or shown)
        if found.present:
            return replace(found, name=shown or found.name)
        size = number(data.get("size"))
        return ChatAttachment(shown, False, None, None, None, size, absent_because="not_in_export")

    def _reactions(self, data: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
        for one in (table(r) for r in items(data.get("reactions"))):
            emoji = words(one.get("value"))
            who = [label(p) or "" for p in items(one.get("participants"))]
            for person in who:
                known = self.people.get(person)
                yield {"emoji": emoji, "sender": known.name if known else person}
            if not who:
                yield {"emoji": emoji, "count": str(number(one.get("count")) or 1)}


def _own(data: Mapping[str, Any]) -> dict[str, str]:
    """Give the custom values that we wrote ourselves, by name."""
    pairs = (table(one) for one in items(data.get("custom"))[:50])
    found = {words(one.get("name")): words(one.get("value")) for one in pairs}
    return {n.removeprefix(_OWN): v for n, v in found.items() if n.startswith(_OWN) and v}
