"""Frozen dataclasses to XML and back, for any norm whose classes follow the order of its schema.

A field is an element of that name; a tuple repeats, None is absent, `int` is a whole number,
`RawXml` is content of another norm that is carried as it is. XML comes out as UTF-8 and always the
same for the same object; XML that goes in may be hostile.
"""

from __future__ import annotations

import copy
import dataclasses
import re
import sys
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

XSI = "http://www.w3.org/2001/XMLSchema-instance"
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_INTEGER = re.compile(r"[+-]?[0-9]{1,4000}", re.ASCII)


class XmlError(ValueError):
    """A document cannot be read or written: `code` says what, `place` where (element path)."""

    def __init__(self, code: str, place: str, **params: str) -> None:
        super().__init__(code, place, params)
        self.code = code
        self.place = place
        self.params = params


class RawXml(str):
    """Well-formed XML content of other norms, in exclusive canonical form (see `canonical`).

    Every element must be in a namespace; without one it cannot be written inside another norm.
    """

    __slots__ = ()


@dataclass(frozen=True)
class Binding:
    """How one norm is written: its namespace, the root element and what may stand in it."""

    namespace: str
    root: str
    objects: Mapping[str, type]
    schema_location: str | None = None

    def write(self, obj: Any) -> bytes:
        """Give the document for one object. `XmlError` for a character that XML cannot carry."""
        name = next(n for n, cls in self.objects.items() if isinstance(obj, cls))
        spaces = typing.cast("dict[str, str]", {None: self.namespace, "xsi": XSI})
        if self.schema_location is None:
            del spaces["xsi"]
        root = etree.Element(f"{{{self.namespace}}}{self.root}", nsmap=spaces)
        if self.schema_location is not None:
            root.set(f"{{{XSI}}}schemaLocation", self.schema_location)
        raw: list[tuple[etree._Element, RawXml]] = []
        self._write(root, name, obj, raw)
        etree.indent(root, "  ")
        for element, content in raw:  # after the indenting, which must not touch it
            _insert(element, content)
        return etree.tostring(root, encoding="UTF-8", xml_declaration=True) + b"\n"

    def fragment(self, name: str, value: Any) -> RawXml:
        """Give the element `name` for a value by itself, to be carried inside another norm."""
        spaces = typing.cast("dict[str, str]", {None: self.namespace})
        root = etree.Element(f"{{{self.namespace}}}x", nsmap=spaces)
        self._write(root, name, value, [])
        return canonical(root)

    def read(self, data: bytes) -> Any:
        """Read one object. Raises `XmlError`; loads no entities, uses no network.

        Attributes are not read: MDTO has none, and those of ToPX are remarks of a source system.
        """
        root = parse(data)
        if root.tag != f"{{{self.namespace}}}{self.root}":
            raise XmlError("xml.andere_norm", str(root.tag), norm=self.root)
        children = [c for c in root if isinstance(c.tag, str)]
        if len(children) != 1:
            raise XmlError("xml.niet_een_object", self.root)
        name = etree.QName(children[0]).localname
        if children[0].tag != f"{{{self.namespace}}}{name}" or name not in self.objects:
            raise XmlError("xml.onbekend_element", f"{self.root}/{name}", naam=name)
        return self._read(children[0], self.objects[name], name)

    def _write(
        self,
        parent: etree._Element,
        name: str,
        value: Any,
        raw: list[tuple[etree._Element, RawXml]],
    ) -> None:
        if value is None:
            return
        if isinstance(value, tuple):
            for one in value:
                self._write(parent, name, one, raw)
            return
        element = etree.SubElement(parent, f"{{{self.namespace}}}{name}")
        if dataclasses.is_dataclass(value):
            for field in dataclasses.fields(value):
                self._write(element, field.name, getattr(value, field.name), raw)
            return
        if isinstance(value, RawXml):
            raw.append((element, value))
            return
        text = str(value)
        if illegal_characters(text):
            raise XmlError("xml.stuurteken", name)
        element.text = text

    def _read(self, element: etree._Element, cls: type, place: str) -> Any:
        shape = _shape(cls)
        found: dict[str, list[Any]] = {}
        for child in element:
            qname = etree.QName(child)
            name = qname.localname
            here = f"{place}/{name}"
            if qname.namespace != self.namespace or name not in shape:
                raise XmlError("xml.onbekend_element", here, naam=name)
            hint = shape[name][0]
            if dataclasses.is_dataclass(hint):
                assert isinstance(hint, type)
                value: Any = self._read(child, hint, here)
            elif hint is RawXml:
                value = canonical(child)
            elif len(child):
                raise XmlError("xml.geen_tekst", here)
            else:
                value = _integer(child.text or "", here) if hint is int else child.text or ""
            found.setdefault(name, []).append(value)
        values: dict[str, Any] = {}
        for name, (_, many, optional) in shape.items():
            given = found.get(name, [])
            if many:
                values[name] = tuple(given)
            elif len(given) > 1:
                raise XmlError("xml.te_vaak", f"{place}/{name}", naam=name)
            elif given:
                values[name] = given[0]
            elif optional:
                values[name] = None
            else:
                raise XmlError("xml.ontbreekt", f"{place}/{name}", naam=name)
        return cls(**values)


def parse(data: bytes) -> etree._Element:
    """Parse XML that may be hostile. Raises `XmlError` on a DOCTYPE or on broken XML."""
    if b"<!DOCTYPE" in data[:65536] or b"<!ENTITY" in data:
        raise XmlError("xml.doctype", "/")
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
        raise XmlError("xml.geen_xml", "/", melding=str(error)[:200]) from error
    info: Any = root.getroottree().docinfo
    if info.doctype:  # in an encoding that the first look does not see
        raise XmlError("xml.doctype", "/")
    return root


def illegal_characters(value: str) -> bool:
    """Tell whether `value` holds a character that XML 1.0 cannot carry."""
    return _ILLEGAL.search(value) is not None


def canonical(element: etree._Element) -> RawXml:
    """Give the content of an element in exclusive canonical form, without outer white space."""
    parts = [escape(element.text or "")]
    for child in element:
        alone = copy.deepcopy(child)
        alone.tail = None
        parts.append(etree.tostring(alone, method="c14n", exclusive=True).decode())
        parts.append(escape(child.tail or ""))
    return RawXml("".join(parts).strip())


def _insert(element: etree._Element, content: RawXml) -> None:
    wrapped = parse(f"<x>{content}</x>".encode())
    for inner in wrapped.iterdescendants(etree.Element):
        if etree.QName(inner).namespace is None:  # it would silently become ours
            raise XmlError("xml.zonder_naamruimte", str(inner.tag), naam=str(inner.tag))
    element.text = wrapped.text
    element.extend(list(wrapped))


@lru_cache(maxsize=64)
def _shape(cls: type) -> dict[str, tuple[Any, bool, bool]]:
    """Give per field: its type, whether it repeats, whether it may be absent."""
    hints = typing.get_type_hints(cls, vars(sys.modules[cls.__module__]))
    shape: dict[str, tuple[Any, bool, bool]] = {}
    for field in dataclasses.fields(cls):
        hint = hints[field.name]
        many = typing.get_origin(hint) is tuple
        optional = typing.get_origin(hint) in (types.UnionType, typing.Union)
        if many or optional:
            hint = typing.get_args(hint)[0]
        shape[field.name] = (hint, many, optional)
    return shape


def _integer(text: str, place: str) -> int:
    if not _INTEGER.fullmatch(text.strip(" \t\r\n")):  # int() alone takes 1_000 too
        raise XmlError("xml.geen_getal", place, waarde=text[:40])
    return int(text)
