"""The sidecar of a wide object, such as a mailbox with all its messages, without the whole of it in memory.

The bytes are those of `metadata.xml.to_xml`. Reading gives up on what is not plainly valid: the caller
then reads it whole, and says what is wrong.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from lxml import etree

from metadata import mdto, schema
from metadata.binding import XmlError
from metadata.mdto import IdentificatieGegevens, Informatieobject, VerwijzingGegevens
from metadata.xml import from_xml, to_xml

BATCH = 500  # references that are held at once
WIDE = 512 * 1024  # bytes of a sidecar that is read piece by piece
_NAME = "bevatOnderdeel"
_OPEN, _CLOSE = f"    <{_NAME}>\n".encode(), f"    </{_NAME}>\n".encode()
_SPACE = f"{{{mdto.NAMESPACE}}}"
_ROOT = f"{_SPACE}MDTO"
_HEAD = 65_536


def pieces(obj: Informatieobject, below: Iterable[VerwijzingGegevens]) -> Iterator[bytes]:
    """Write the sidecar of an object that holds all `below`, in pieces."""
    left = iter(below)
    whole = to_xml(replace(obj, bevatOnderdeel=tuple(islice(left, BATCH))))
    batch = tuple(islice(left, BATCH))
    if not batch:
        yield whole
        return
    end = whole.rindex(_CLOSE) + len(_CLOSE)
    yield whole[:end]
    while batch:
        part = to_xml(Informatieobject(obj.identificatie[:1], "", bevatOnderdeel=batch))
        yield part[part.index(_OPEN) : part.rindex(_CLOSE) + len(_CLOSE)]
        batch = tuple(islice(left, BATCH))
    yield whole[end:]


@dataclass(frozen=True, slots=True)
class WideSidecar:
    """A wide sidecar that was read: `obj` without its parts, the SHA-256 and the first bytes."""

    obj: Informatieobject
    sha256: str
    head: bytes


def read_wide(
    path: Path, take: Callable[[Sequence[VerwijzingGegevens]], None]
) -> WideSidecar | None:
    """Read a sidecar and give what it says it holds to `take`, some at a time.

    None when it is not valid or not plain: then what `take` got means nothing. Raises OSError.
    """
    batch: list[VerwijzingGegevens] = []
    with path.open("rb") as stream:
        watched = _Watched(stream)
        try:
            reader = _reader(watched)
            closed = False  # a document that was cut off ends without a word
            for _, element in reader:
                if element.tag == _ROOT:
                    closed = True
                    continue
                reference = _reference(element)
                if reference is None:
                    return None
                batch.append(reference)
                if len(batch) == BATCH:
                    take(batch)
                    batch.clear()
                _forget(element.getprevious())
            root = reader.root
            for element in root.findall(f"*/{_SPACE}{_NAME}"):
                _forget(element)
            rest = etree.tostring(root)
            if not closed or schema.validate(rest):
                return None
            obj = from_xml(rest)
        except (etree.XMLSyntaxError, XmlError, ValueError):
            return None
        watched.drain()
    if (
        watched.doctype
        or root.getroottree().docinfo.doctype
        or not isinstance(obj, Informatieobject)
    ):
        return None
    take(batch)
    return WideSidecar(obj, watched.digest.hexdigest(), watched.head)


def _reader(stream: Any) -> Any:
    return etree.iterparse(
        stream,
        tag=(f"{_SPACE}{_NAME}", _ROOT),
        schema=schema.schema(),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _forget(element: Any) -> None:
    if element is not None and element.tag == f"{_SPACE}{_NAME}":
        element.getparent().remove(element)


def _reference(element: Any) -> VerwijzingGegevens | None:
    """Read a reference; None when one of its texts asks for a closer look."""
    named = element.find(f"{_SPACE}verwijzingIdentificatie")
    texts = [element.findtext(f"{_SPACE}verwijzingNaam")]
    if named is not None:
        texts += [named.findtext(f"{_SPACE}identificatie{part}") for part in ("Kenmerk", "Bron")]
    plain = [t for t in texts if t and t == t.strip() and not any(c in t for c in "\t\r\n")]
    if len(plain) != len(texts):
        return None
    return VerwijzingGegevens(plain[0], IdentificatieGegevens(*plain[1:]) if plain[1:] else None)


class _Watched:
    """Looks at bytes while they are read: their hash, and what a sidecar may not have."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._last = b""
        self.head = b""
        self.doctype = False
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self._stream.read(size)
        self.digest.update(piece)
        if len(self.head) < _HEAD:
            self.head += piece[: _HEAD - len(self.head)]
            self.doctype = self.doctype or b"<!DOCTYPE" in self.head
        self.doctype = self.doctype or b"<!ENTITY" in self._last + piece
        self._last = piece[-8:]
        return piece

    def drain(self) -> None:
        while self.read(1 << 20):
            pass
