"""The text of a chat export as bytes to scan, whatever file and encoding it came in.

UTF-8 is scanned in place (a memory map, so memory does not grow with the file). UTF-16 is turned
into UTF-8 in a temporary file, reversibly, and lengths are turned back, so that spans always count
bytes of the original text.
"""

from __future__ import annotations

import codecs
import hashlib
import mmap
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from archiver.errors import InputRefused

CHUNK = 1 << 20
_UTF16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


@dataclass(frozen=True, slots=True)
class ExportText:
    """One export text. `buffer` is UTF-8; `sha256` and `size` are of the text as it is stored.

    `lead` is the length of the UTF-16 mark that the buffer does not hold, `tail` that of a last odd
    byte.
    """

    buffer: bytes | mmap.mmap
    sha256: str
    size: int
    encoding: str = "utf-8"
    lead: int = 0
    tail: int = 0

    def length(self, start: int, stop: int) -> int:
        """Give how many bytes of the stored text the buffer bytes [start, stop) are."""
        if self.encoding == "utf-8":
            return stop - start
        part = self.buffer[start:stop].decode("utf-8", "surrogatepass")
        return len(part.encode(self.encoding, "surrogatepass"))


def encoding_of(head: bytes) -> str:
    """Tell the encoding from the mark or, without one, from the zero bytes of UTF-16."""
    if head[:2] in _UTF16:
        return _UTF16[head[:2]]
    sample = head[:400]
    if len(sample) >= 8 and sample[1::2].count(0) > len(sample) // 4:
        return "utf-16-le"
    if len(sample) >= 8 and sample[::2].count(0) > len(sample) // 4:
        return "utf-16-be"
    return "utf-8"


def as_utf8(head: bytes) -> bytes:
    """Give the start of a text in UTF-8, to look at."""
    encoding = encoding_of(head)
    if encoding == "utf-8":
        return head
    even = head[: len(head) // 2 * 2]
    return even.decode(encoding, "replace").encode("utf-8", "replace").removeprefix(b"\xef\xbb\xbf")


def from_file(path: Path) -> ExportText:
    """Open a text on disk without copying it. OSError when it cannot be read."""
    with path.open("rb") as source:
        head = source.read(512)
        if encoding_of(head) != "utf-8":
            source.seek(0)
            return _transcoded(iter(lambda: source.read(CHUNK), b""))
        digest = hashlib.sha256()
        source.seek(0)
        for chunk in iter(lambda: source.read(CHUNK), b""):
            digest.update(chunk)
        return _mapped(source, digest.hexdigest())


def from_chunks(chunks: Iterable[bytes]) -> ExportText:
    """Spool a text that comes in pieces (out of a zip) into a temporary file and open that."""
    parts = iter(chunks)
    first = next(parts, b"")
    if encoding_of(first) != "utf-8":
        return _transcoded(_again(first, parts))
    digest = hashlib.sha256()
    with tempfile.TemporaryFile() as spool:
        for chunk in _again(first, parts):
            digest.update(chunk)
            spool.write(chunk)
        spool.flush()
        return _mapped(spool, digest.hexdigest())


def _again(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _mapped(source: IO[bytes], sha256: str) -> ExportText:
    size = source.seek(0, 2)
    if size == 0:
        return ExportText(b"", sha256, 0)
    return ExportText(mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ), sha256, size)


def _transcoded(chunks: Iterator[bytes]) -> ExportText:
    digest = hashlib.sha256()
    size, lead, encoding, decoder = 0, 0, "", None
    with tempfile.TemporaryFile() as spool:
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            if decoder is None:
                encoding = encoding_of(chunk)
                lead = 2 if chunk[:2] in _UTF16 else 0
                decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
                chunk = chunk[lead:]
            try:
                spool.write(decoder.decode(chunk).encode("utf-8", "surrogatepass"))
            except UnicodeDecodeError as error:
                raise InputRefused("chat.codering_onleesbaar", {"codering": encoding}) from error
        pending = decoder.getstate()[0] if decoder else b""
        spool.flush()
        whole = spool.seek(0, 2)
        buffer = mmap.mmap(spool.fileno(), 0, access=mmap.ACCESS_READ) if whole else b""
    return ExportText(buffer, digest.hexdigest(), size, encoding, lead, len(pending))
