"""WARC and WACZ: web pages kept as sealed originals, with a list of the pages they hold.

WARC: ISO 28500; a record per request and answer, plain or each in its own gzip member. WACZ 1.1: a
zip with ``pages/pages.jsonl``. Each page becomes an entry with its address and time (UTC); the
content is not interpreted.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from archiver.errors import InputRefused
from archiver.findings import Finding
from archiver.intake.chat import exports, media
from archiver.intake.chat.export_text import ExportText, from_chunks
from archiver.intake.chat.json_places import Buffer, cut_lines, load
from archiver.intake.chat.values import iso, label, number, table, text_of
from archiver.intake.protocol import Head, ParseContext
from archiver.model import ChatMessage, Record, Span

FORMAT = "web-archive"
PLATFORM = "web"
_START = re.compile(rb"WARC/\d\.\d\r?\n")
_FIELD = re.compile(rb"^([A-Za-z-]+):[ \t]*(.*?)\r?$", re.MULTILINE)
_PAGES = ("response", "resource", "conversion", "revisit")
_HEAD = 65_536
_GZIP = b"\x1f\x8b"
_LIST, _PACKAGE = "pages/pages.jsonl", "datapackage.json"


def _gunzip(data: bytes, limit: int) -> bytes:
    try:
        return zlib.decompressobj(31).decompress(data, limit)
    except zlib.error:
        return b""


def score(head: Head) -> int:
    """Say how sure the bytes make it: a WARC record, plain or in gzip."""
    data = _gunzip(head.data, 200) if head.data[:2] == _GZIP else head.data
    return 97 if _START.match(data) else 0


def score_path(path: Path, head: Head) -> int:
    """As `score`, but looks into a zip for the parts of a WACZ."""
    if head.data[:4] != exports.ZIP:
        return score(head)
    try:
        with media.open_zip(path, ParseContext().limits) as archive:
            names = archive.namelist()
    except InputRefused:
        return 0
    package = _PACKAGE in names
    return 97 if package and any(n.startswith(("pages/", "archive/")) for n in names) else 0


def parse(path: Path, context: ParseContext) -> Iterator[Record]:
    """Read the list of pages: one `Conversation`, then an entry per page."""
    return exports.guarded(path, lambda: _parse(path, context))


def _parse(path: Path, context: ParseContext) -> Iterator[Record]:
    found = (Finding("chat.niet_geduid", {"naam": path.name}, path.name),)
    with path.open("rb") as stream:
        zipped = stream.read(4) == exports.ZIP
    if zipped:
        with media.open_export(path, context.limits) as archive:
            member, text = _list(archive)
            digest = exports.file_hash(path)
            source = exports.Text(path, member, text, media.Shelf({}), digest, context)
            said = (
                found if text.size else (*found, Finding("chat.wacz_zonder_paginas", {}, path.name))
            )
            yield from _give(source, exports.Chat(path.name, _pages(source), findings=said))
        return
    for source in exports.texts(path, context, lambda name: False):
        yield from _give(source, _records(source, found))


def _give(source: exports.Text, chat: exports.Chat) -> Iterator[Record]:
    chat.forward = False
    yield from exports.conversations(source, PLATFORM, [chat], format=FORMAT)


def _list(archive: zipfile.ZipFile) -> tuple[str, ExportText]:
    """Give the list of pages and its name; without a list that can be read, nothing, by another name."""
    if _LIST in archive.namelist():
        text = from_chunks(media.chunks(archive, archive.getinfo(_LIST)))
        if text.encoding == "utf-8":  # else places in it would not be those of the file
            return _LIST, text
    return _PACKAGE, from_chunks(())


def _pages(source: exports.Text) -> Callable[[str], Iterator[ChatMessage]]:
    buffer = source.text.buffer

    def read(identity: str) -> Iterator[ChatMessage]:
        for index, span in enumerate(cut_lines(buffer).spans(())):
            page = table(load(buffer[span.start : span.end])[0])
            address, title = text_of(page.get("url")), text_of(page.get("title"))
            shown = "\n".join(t for t in (title, address) if t)
            kind = "text" if address else "unknown"
            yield ChatMessage(
                identity,
                index,
                span,
                id=label(page.get("id")),
                sent=iso(page.get("ts")),
                sent_raw=label(page.get("ts")),
                text=shown or None,
                type=kind,
                system="page" if address else "header",
                place=f"{source.member}#{index}",
            )

    return read


def _records(source: exports.Text, findings: tuple[Finding, ...]) -> exports.Chat:
    buffer = source.text.buffer
    kept: list[tuple[Span, dict[str, str]]] = []
    skipped: list[tuple[str, Span]] = []
    for span, fields in records(buffer):
        kind = fields.get("warc-type", "")
        if kind in _PAGES:
            kept.append((span, fields))
        else:
            skipped.append((exports.skip_name(kind or "rest"), span))

    def read(identity: str) -> Iterator[ChatMessage]:
        for index, (span, fields) in enumerate(kept):
            raw = fields.get("warc-date")
            yield ChatMessage(
                identity,
                index,
                span,
                id=fields.get("warc-record-id"),
                sent=iso(raw),
                sent_raw=raw,
                precision="second" if iso(raw) else None,
                text=fields.get("warc-target-uri"),
                type="text",
                system="page",
                place=f"#{index}",
            )

    return exports.Chat(source.path.name, read, (), tuple(skipped), findings)


def records(buffer: Buffer) -> Iterator[tuple[Span, dict[str, str]]]:
    """Give every record: its bytes in the file, and its headers in lower case."""
    at, size = 0, len(buffer)
    packed = buffer[:2] == _GZIP
    while at < size:
        end, head = _packed(buffer, at) if packed else _plain(buffer, at)
        block = re.split(rb"\r?\n\r?\n", head, maxsplit=1)[0]
        fields = {
            name.decode("ascii", "replace").lower(): value.decode("utf-8", "replace")
            for name, value in _FIELD.findall(block)
        }
        yield Span(at, end), fields if _START.match(head) else {}
        at = end


def _plain(buffer: Buffer, at: int) -> tuple[int, bytes]:
    head = buffer[at : at + _HEAD]
    found = re.search(rb"\r?\n\r?\n", head)
    length = re.search(rb"^Content-Length:\s*(\d+)", head, re.MULTILINE | re.IGNORECASE)
    if found is None or length is None or not _START.match(head):
        return len(buffer), head
    end = at + found.end() + (number(length[1].decode()) or 0)
    for _ in range(2):  # two line ends close a record
        if buffer[end : end + 2] == b"\r\n":
            end += 2
        elif buffer[end : end + 1] == b"\n":
            end += 1
    return min(end, len(buffer)), head


def _packed(buffer: Buffer, at: int) -> tuple[int, bytes]:
    """Find where one gzip member ends; its first bytes are enough to know what it is."""
    unpack, head = zlib.decompressobj(31), b""
    position, size = at, len(buffer)
    try:
        while position < size and not unpack.eof:
            chunk = buffer[position : position + _HEAD]
            while chunk and not unpack.eof:  # a bomb is unpacked in pieces that are let go
                piece = unpack.decompress(chunk, 1 << 20)
                head += piece[: max(0, _HEAD - len(head))]
                chunk = unpack.unconsumed_tail
            position += _HEAD
    except zlib.error:
        return size, head
    end = min(position, size) - len(unpack.unused_data)
    return (end if end > at else size), head
