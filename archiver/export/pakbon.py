"""The pakbon: who delivers what, with counts and the hash of the whole delivery.

The norm ("Pakbon" in the SIP specification) fixes what it says, not its XML; this is our form of it.
The hash of a package is that of `archiver.export.package_hash`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from archiver.export.model import PackageOrder
from archiver.export.naming import clean
from archiver.findings import Finding, Severity
from metadata.binding import XmlError, parse

PAKBON = "pakbon.xml"
_REQUIRED = (
    "identificatie",
    "naam",
    "locatieDoelsysteem",
    "aanmaakSIP",
    "organisatie",
    "contact",
    "aantalInformatieobjecten",
    "aantalBestanden",
    "aantalBestandenNietMdto",
    "omvangBytes",
    "bijzonderheden",
)


@dataclass(frozen=True, slots=True)
class Counts:
    """What a delivery holds: objects, content files, their bytes, and the hash over everything."""

    informatieobjecten: int
    bestanden: int
    bytes: int
    package_hash: str


def pakbon_xml(order: PackageOrder, counts: Counts) -> bytes:
    """Write the pakbon of a delivery: UTF-8."""
    root = etree.Element("pakbon")
    for name, value in (
        ("identificatie", order.identificatie),
        ("naam", order.naam),
        ("locatieDoelsysteem", order.locatie_doelsysteem),
        ("hashcode", counts.package_hash),
        ("hashAlgoritme", "SHA-256"),
        ("aanmaakSIP", order.moment),
        ("organisatie", clean(order.organisatie.naam) or "niet opgegeven"),
        ("contact", clean(order.organisatie.contact) or "niet opgegeven"),
        ("aantalInformatieobjecten", str(counts.informatieobjecten)),
        ("aantalBestanden", str(counts.bestanden)),
        ("aantalBestandenNietMdto", str(counts.bestanden)),
        ("omvangBytes", str(counts.bytes)),
        ("bijzonderheden", order.bijzonderheden()),
    ):
        etree.SubElement(root, name).text = value
    etree.indent(root, "  ")
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True) + b"\n"


def fields(data: bytes) -> dict[str, list[str]]:
    """Read the fields of a pakbon: name -> values. Raises `XmlError` on XML that cannot be read."""
    root = parse(data)
    if root.tag != "pakbon":
        raise XmlError("pakbon.geen_pakbon", str(root.tag)[:80])
    found: dict[str, list[str]] = {}
    for child in root:
        if isinstance(child.tag, str):
            found.setdefault(child.tag, []).append((child.text or "").strip())
    return found


def check_pakbon(data: bytes, counts: Counts) -> Iterator[Finding]:
    """Compare a pakbon with what the package turned out to hold."""
    try:
        found = fields(data)
    except XmlError as error:
        yield _wrong(error.code, **error.params)
        return
    for name, values in found.items():
        if len(values) > 1 and name in (*_REQUIRED, "hashcode", "hashAlgoritme"):
            yield _wrong("pakbon.veld_dubbel", veld=name)
    for name in _REQUIRED:
        if not any(found.get(name, ())):
            yield _wrong("pakbon.veld_ontbreekt", veld=name)
    for name, there in (
        ("aantalInformatieobjecten", counts.informatieobjecten),
        ("aantalBestanden", counts.bestanden),
        ("aantalBestandenNietMdto", counts.bestanden),
        ("omvangBytes", counts.bytes),
    ):
        said = found.get(name, [""])[0]
        if said and said != str(there):
            yield _wrong("pakbon.telling", veld=name, staat=said[:40], geteld=there)
    moment = found.get("aanmaakSIP", [""])[0]
    if moment and not _is_moment(moment):
        yield _wrong("pakbon.moment", waarde=moment[:40])
    yield from _check_hash(found, counts.package_hash)


def _check_hash(found: dict[str, list[str]], computed: str) -> Iterator[Finding]:
    said = found.get("hashcode", [""])[0].lower()
    if not re.fullmatch(r"[0-9a-f]{64}", said):
        yield Finding("pakbon.hash_ontbreekt", {"berekend": computed}, PAKBON)
    elif said != computed:
        yield _wrong("pakbon.hash", staat=said, berekend=computed)


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return "T" in text


def _wrong(code: str, **params: str | int) -> Finding:
    return Finding(code, params, PAKBON, Severity.FOUT)
