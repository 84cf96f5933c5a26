"""Everything that somebody could get out of a PDF, to look for what may not be in it."""

from __future__ import annotations

import contextlib
import hashlib
import io
from collections.abc import Iterator
from typing import Any

import pikepdf
from pdfminer.high_level import extract_text
from pdfminer.layout import LAParams

_CODINGS = ("utf-8", "utf-16-be", "utf-16-le", "latin-1")


def hidden_in(made: bytes, wanted: str | bytes) -> list[str]:
    """Give the places of a PDF that hold a text or bytes, whatever their coding; of files within too.

    Read are the text on the pages, every string and name (titles, bookmarks, Alt, ActualText, dates), every
    stream as it stands and decoded, the SHA-256 of each, the metadata, and the attached files.
    """
    if isinstance(wanted, bytes):
        return [place for place, found in _parts(made) if wanted in found]
    said = _plain(wanted)
    each = (said, wanted.casefold())
    forms = {one.encode(coding, "ignore") for one in each for coding in _CODINGS} - {b""}
    forms |= {form.hex().encode() for form in tuple(forms)}
    places = [place for place, words in _texts(made) if said in _plain(words)]
    return places + [
        place
        for place, found in _parts(made)
        if any(form in found.lower() or form in b"".join(found.lower().split()) for form in forms)
    ]


def _plain(words: str) -> str:
    """A line break, an invisible place to break and a capital hide nothing."""
    return "".join(c for c in words if not c.isspace() and c not in "\u200b\u00ad").casefold()


def _texts(made: bytes) -> Iterator[tuple[str, str]]:
    for flow in (0.5, None):  # in reading order, and as it stands in the file
        yield "page", extract_text(io.BytesIO(made), laparams=LAParams(boxes_flow=flow))
    with pikepdf.open(io.BytesIO(made)) as document:
        for where, value in _values(document):
            if isinstance(value, pikepdf.String | pikepdf.Name):
                yield where, str(value)
        for page in document.pages:
            for found in pikepdf.parse_content_stream(page):
                for operand in getattr(found, "operands", ()):
                    yield from _marked(operand)


def _marked(operand: Any) -> Iterator[tuple[str, str]]:
    """Words that a content stream carries beside the characters: /ActualText, /Alt, /E."""
    if isinstance(operand, pikepdf.Dictionary):
        for key, value in operand.items():
            yield f"content {key}", str(value)


def _parts(made: bytes) -> Iterator[tuple[str, bytes]]:
    yield "file", made
    with pikepdf.open(io.BytesIO(made)) as document:
        for where, value in _values(document):
            if isinstance(value, pikepdf.String):
                yield where, bytes(value)
            elif isinstance(value, pikepdf.Stream):
                yield from _stream(where, value)
        for name, attached in document.attachments.items():
            inside = attached.get_file().read_bytes()
            yield f"attached {name}", inside
            if inside.startswith(b"%PDF-"):
                yield from _parts(inside)


def _stream(where: str, stream: Any) -> Iterator[tuple[str, bytes]]:
    every = [stream.read_raw_bytes()]
    with contextlib.suppress(pikepdf.PdfError):  # a picture may keep its own compression
        every.append(stream.read_bytes())
    for data in every:
        yield f"{where} stream", data
        yield f"{where} hash", hashlib.sha256(data).hexdigest().encode()


def _values(document: pikepdf.Pdf) -> Iterator[tuple[str, Any]]:
    """Give every value below the trailer and of every object, the streams themselves too."""
    waiting: list[tuple[str, Any]] = [(str(o.objgen), o) for o in document.objects]
    waiting.append(("trailer", document.trailer))
    while waiting:
        where, value = waiting.pop()
        yield where, value
        inner: list[tuple[str, Any]] = []
        if isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
            inner = [(f"{where}{key}", each) for key, each in value.items()]
            yield from ((where, pikepdf.Name(key)) for key, _ in value.items())
        elif isinstance(value, pikepdf.Array):
            inner = [(where, each) for each in value]
        waiting += [one for one in inner if not getattr(one[1], "is_indirect", False)]
