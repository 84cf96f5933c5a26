"""Where the rows stand in a CSV text, in bytes; a row may hold line ends inside quotes (RFC 4180)."""

from __future__ import annotations

import csv
import mmap
import re
from collections.abc import Iterator

from archiver.model import Span

Buffer = bytes | mmap.mmap
_ROW = re.compile(rb'(?:"(?:[^"]++|"")*+(?:"|\Z)|[^"\r\n]++)*+(?:\r?\n|\r|\Z)')
_BOM = b"\xef\xbb\xbf"
csv.field_size_limit(8 * 1024 * 1024)


def rows(buffer: Buffer) -> Iterator[tuple[Span, list[str]]]:
    """Give every row: its bytes with the line end, and its cells. An unreadable row has no cells."""
    at, size = 0, len(buffer)
    while at < size:
        found = _ROW.match(buffer, at)
        end = found.end() if found and found.end() > at else size
        raw = buffer[at:end].removeprefix(_BOM if at == 0 else b"")
        yield Span(at, end), _cells(raw)
        at = end


def _cells(raw: bytes) -> list[str]:
    try:
        return next(csv.reader([raw.decode("utf-8", "replace").rstrip("\r\n")], strict=False), [])
    except csv.Error:
        return []


def header(data: bytes) -> list[str]:
    """Give the cells of the first row of a text."""
    found = next(rows(data), None)
    return found[1] if found else []
