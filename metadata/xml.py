"""MDTO objects to XML and back: UTF-8, deterministic on the way out, hostile-safe on the way in."""

from __future__ import annotations

import dataclasses
import re
import types
import typing
from functools import lru_cache
from typing import Any

from lxml import etree

from metadata import mdto

XSI = "http://www.w3.org/2001/XMLSchema-instance"
_ROOTS: dict[str, type] = {"informatieobject": mdto.Informatieobject, "bestand": mdto.Bestand}
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class MdtoError(ValueError):
    """A document is not MDTO: `code` says what, `place` where (element path)."""

    def __init__(self, code: str, place: str, **params: str) -> None:
        super().__init__(code, place, params)
        self.code = code
        self.place = place
        self.params = params


def to_xml(obj: mdto.Informatieobject | mdto.Bestand) -> bytes:
    """Write one sidecar. Raises `MdtoError` for a character that XML cannot carry."""
    root = etree.Element(f"{{{mdto.NAMESPACE}}}MDTO", nsmap={None: mdto.NAMESPACE, "xsi": XSI})
    root.set(f"{{{XSI}}}schemaLocation", mdto.SCHEMA_LOCATION)
    name = "bestand" if isinstance(obj, mdto.Bestand) else "informatieobject"
    _write(root, name, obj)
    etree.indent(root, "  ")
    body = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return body + b"\n"


def from_xml(data: bytes) -> mdto.Informatieobject | mdto.Bestand:
    """Read a sidecar (MDTO 1.0 or 1.0.1). Raises `MdtoError`; loads no entities, uses no network."""
    root = parse(data)
    if root.tag != f"{{{mdto.NAMESPACE}}}MDTO":
        raise MdtoError("mdto.geen_mdto", str(root.tag))
    children = [c for c in root if isinstance(c.tag, str)]
    if len(children) != 1:
        raise MdtoError("mdto.niet_een_object", "MDTO")
    name = etree.QName(children[0]).localname
    if name not in _ROOTS:
        raise MdtoError("mdto.onbekend_element", f"MDTO/{name}", naam=name)
    obj = _read(children[0], _ROOTS[name], name)
    return typing.cast("mdto.Informatieobject | mdto.Bestand", obj)


def parse(data: bytes) -> etree._Element:
    """Parse XML that may be hostile. Raises `MdtoError` on a DOCTYPE or on broken XML."""
    if b"<!DOCTYPE" in data[:65536] or b"<!ENTITY" in data:
        raise MdtoError("mdto.doctype", "/")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise MdtoError("mdto.geen_xml", "/", melding=str(error)[:200]) from error
    if root.getroottree().docinfo.doctype:
        raise MdtoError("mdto.doctype", "/")
    return root


def illegal_characters(value: str) -> bool:
    """Tell whether `value` holds a character that XML 1.0 cannot carry."""
    return _ILLEGAL.search(value) is not None


def _write(parent: etree._Element, name: str, value: Any) -> None:
    if value is None:
        return
    if isinstance(value, tuple):
        for one in value:
            _write(parent, name, one)
        return
    element = etree.SubElement(parent, f"{{{mdto.NAMESPACE}}}{name}")
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            _write(element, field.name, getattr(value, field.name))
        return
    text = str(value)
    if illegal_characters(text):
        raise MdtoError("mdto.stuurteken", name)
    element.text = text


@lru_cache(maxsize=32)
def _shape(cls: type) -> dict[str, tuple[Any, bool, bool]]:
    """Give per field: its type, whether it repeats, whether it may be absent."""
    hints = typing.get_type_hints(cls, vars(mdto))
    shape: dict[str, tuple[Any, bool, bool]] = {}
    for field in dataclasses.fields(cls):
        hint = hints[field.name]
        many = typing.get_origin(hint) is tuple
        optional = typing.get_origin(hint) in (types.UnionType, typing.Union)
        if many or optional:
            hint = typing.get_args(hint)[0]
        shape[field.name] = (hint, many, optional)
    return shape


def _read(element: etree._Element, cls: type, place: str) -> Any:
    shape = _shape(cls)
    found: dict[str, list[Any]] = {}
    for child in element:
        qname = etree.QName(child)
        name = qname.localname
        here = f"{place}/{name}"
        if qname.namespace != mdto.NAMESPACE or name not in shape:
            raise MdtoError("mdto.onbekend_element", here, naam=name)
        hint = shape[name][0]
        if dataclasses.is_dataclass(hint):
            assert isinstance(hint, type)
            value: Any = _read(child, hint, here)
        elif hint is int:
            value = _integer(child.text or "", here)
        else:
            if len(child):
                raise MdtoError("mdto.geen_tekst", here)
            value = child.text or ""
        found.setdefault(name, []).append(value)
    values: dict[str, Any] = {}
    for name, (_, many, optional) in shape.items():
        given = found.get(name, [])
        if many:
            values[name] = tuple(given)
        elif len(given) > 1:
            raise MdtoError("mdto.te_vaak", f"{place}/{name}", naam=name)
        elif given:
            values[name] = given[0]
        elif optional:
            values[name] = None
        else:
            raise MdtoError("mdto.ontbreekt", f"{place}/{name}", naam=name)
    return cls(**values)


def _integer(text: str, place: str) -> int:
    try:
        return int(text.strip())
    except ValueError as error:
        raise MdtoError("mdto.geen_getal", place, waarde=text[:40]) from error
