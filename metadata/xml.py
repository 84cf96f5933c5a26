"""MDTO objects to XML and back: UTF-8, deterministic on the way out, hostile-safe on the way in."""

from __future__ import annotations

import typing

from metadata import mdto
from metadata.binding import Binding

BINDING = Binding(
    namespace=mdto.NAMESPACE,
    root="MDTO",
    objects={"informatieobject": mdto.Informatieobject, "bestand": mdto.Bestand},
    schema_location=mdto.SCHEMA_LOCATION,
)


def to_xml(obj: mdto.Informatieobject | mdto.Bestand) -> bytes:
    """Write one sidecar. Raises `XmlError` for a character that XML cannot carry."""
    return BINDING.write(obj)


def from_xml(data: bytes) -> mdto.Informatieobject | mdto.Bestand:
    """Read a sidecar (MDTO 1.0 or 1.0.1). Raises `XmlError`; no entities, no network."""
    return typing.cast("mdto.Informatieobject | mdto.Bestand", BINDING.read(data))
