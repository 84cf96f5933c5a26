"""ToPX objects to XML and back, with the same engine as MDTO (`metadata.binding`)."""

from __future__ import annotations

import typing

from metadata import topx
from metadata.binding import Binding

BINDING = Binding(
    namespace=topx.NAMESPACE,
    root="ToPX",
    objects={"aggregatie": topx.Aggregatie, "bestand": topx.Bestand},
)


def to_xml(obj: topx.Aggregatie | topx.Bestand) -> bytes:
    """Write one sidecar. Raises `XmlError` for a character that XML cannot carry."""
    return BINDING.write(obj)


def from_xml(data: bytes) -> topx.Aggregatie | topx.Bestand:
    """Read a sidecar. Raises `XmlError`; the remarks in attributes are not kept."""
    return typing.cast("topx.Aggregatie | topx.Bestand", BINDING.read(data))
