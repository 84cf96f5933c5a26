"""Check a delivery, own or foreign: shape, schema, rules of MDTO, relations, checksums, pakbon.

It reads only what is on disk and knows nothing of how the package was made. Sources: the SIP
specification and the metagegevensschema of MDTO (Nationaal Archief).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from archiver.export.delivery import Content, Delivery, Folder, open_delivery
from archiver.export.pakbon import PAKBON, Counts, check_pakbon, hash_line, package_hash
from archiver.findings import Finding, Severity
from archiver.progress import Progress, check_cancelled
from metadata import rules, schema
from metadata.binding import XmlError
from metadata.mdto import Bestand, IdentificatieGegevens, Informatieobject, VerwijzingGegevens
from metadata.xml import from_xml

SIDECAR_LIMIT = 64 * 1024 * 1024
VERSION = "1.0.1"
_LEVELS = ("Archief", "Serie", "Dossier", "Archiefstuk")
_SHA2 = {"SHA-224": "sha224", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}
Ident = tuple[str, str]


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The outcome. `passed` are the checks without an error: schema, getal, lijst, termijn, origineel."""

    findings: tuple[Finding, ...]
    counts: Counts
    passed: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Tell whether the package may leave."""
        return not any(f.severity is Severity.FOUT for f in self.findings)


@dataclass(frozen=True, slots=True)
class _Thing:
    """What relations need of one object or file, so that the rest of it need not stay in memory."""

    naam: str
    idents: frozenset[Ident]
    up: tuple[Ident | None, ...]  # what it says it belongs to or stands for
    related: frozenset[Ident]
    level: int
    place: str


@dataclass(slots=True)
class _State:
    delivery: Delivery
    waiting: dict[str, _Thing] = field(default_factory=dict)  # by folder, until its parent is read
    seen: dict[bytes, bool] = field(default_factory=dict)  # a kenmerk -> whether it was reported
    lines: list[bytes] = field(default_factory=list)
    size: int = 0

    def add(
        self, code: str, place: str, severity: Severity = Severity.FOUT, **params: str | int
    ) -> None:
        self.delivery.add(code, place, severity, **params)


def check(path: Path, progress: Progress) -> CheckReport:
    """Check the package folder at `path` and everything in it; nothing is written."""
    delivery = open_delivery(path)
    state = _State(delivery)
    total = sum(len(f.contents) for f in delivery.folders)
    done = 0
    # Children before parents: what was compared with its parent is let go of.
    for folder in reversed(delivery.folders):
        check_cancelled(progress)
        obj = _read_object(state, folder)
        files = []
        for content in folder.contents:
            check_cancelled(progress)
            progress.step(done, total, content.name)
            done += 1
            bestand = _read_file(state, content)
            if bestand is not None:
                files.append(_file(state, bestand, content.sidecar or content.place))
        _relations(state, folder, obj, files)
    for place in delivery.extra_sidecars:
        _bytes_of(state, place)
    counts = Counts(len(delivery.folders), total, state.size, package_hash(state.lines))
    if delivery.pakbon:
        _pakbon(delivery, counts)
    findings = tuple(sorted(delivery.findings, key=lambda f: (f.place, f.code)))
    return CheckReport(findings, counts, tuple(_passed(findings, delivery)))


def _pakbon(delivery: Delivery, counts: Counts) -> None:
    try:
        with (delivery.base / PAKBON).open("rb") as stream:
            data = stream.read(SIDECAR_LIMIT + 1)
    except OSError:
        delivery.add("pakket.onleesbaar", PAKBON)
        return
    if len(data) > SIDECAR_LIMIT:
        delivery.add("pakket.sidecar_groot", PAKBON)
    else:
        delivery.findings += check_pakbon(data, counts)


def _bytes_of(state: _State, place: str) -> bytes | None:
    """Read a sidecar and put it in the hash of the package."""
    try:
        with (state.delivery.base / place).open("rb") as stream:
            data = stream.read(SIDECAR_LIMIT + 1)
    except OSError:
        state.add("pakket.onleesbaar", place)
        return None
    if len(data) > SIDECAR_LIMIT:
        state.add("pakket.sidecar_groot", place)
        return None
    state.lines.append(hash_line(hashlib.sha256(data).hexdigest(), place.partition("/")[2]))
    return data


def _read_object(state: _State, folder: Folder) -> Informatieobject | None:
    found = _sidecar(state, folder.sidecar)
    if isinstance(found, Bestand):
        state.add("pakket.soort", folder.sidecar or folder.place, verwacht="informatieobject")
        return None
    return found


def _read_file(state: _State, content: Content) -> Bestand | None:
    state.size += content.size
    bestand = _sidecar(state, content.sidecar)
    if isinstance(bestand, Informatieobject):
        state.add("pakket.soort", content.sidecar or content.place, verwacht="bestand")
        bestand = None
    names = {"SHA-256"}
    if bestand is not None:
        names |= {c.checksumAlgoritme.begripLabel for c in bestand.checksum}
    sums = _hash(state, content.place, sorted(_SHA2[n] for n in names if n in _SHA2))
    if sums is None:
        return bestand
    state.lines.append(hash_line(sums["sha256"], content.place.partition("/")[2]))
    if bestand is None:
        return None
    place = content.sidecar or content.place
    if bestand.omvang != content.size:
        state.add("pakket.omvang", place, staat=bestand.omvang, geteld=content.size)
    if bestand.naam != content.name:
        state.add("pakket.bestandsnaam", place, naam=content.name)
    for checksum in bestand.checksum:
        algorithm = _SHA2.get(checksum.checksumAlgoritme.begripLabel)
        if algorithm and sums[algorithm] != checksum.checksumWaarde.lower():
            state.add("pakket.checksum", content.place, naam=content.name)
    return bestand


def _hash(state: _State, place: str, algorithms: list[str]) -> dict[str, str] | None:
    digests = {name: hashlib.new(name) for name in algorithms}
    try:
        with (state.delivery.base / place).open("rb") as stream:
            while piece := stream.read(1 << 20):
                for digest in digests.values():
                    digest.update(piece)
    except OSError:
        state.add("pakket.onleesbaar", place)
        return None
    return {name: digest.hexdigest() for name, digest in digests.items()}


def _sidecar(state: _State, place: str | None) -> Informatieobject | Bestand | None:
    if place is None:
        return None
    data = _bytes_of(state, place)
    if not data:
        return None
    violations = list(schema.validate(data))
    found: Informatieobject | Bestand | None = None
    if not any(v.code != "xml.schema" for v in violations):
        try:
            found = from_xml(data)
        except XmlError as error:
            if not violations:
                violations.append(schema.Violation(error.code, error.place, dict(error.params)))
    if found is not None:
        if VERSION.encode() not in data[:2_000]:
            state.add("pakket.versie", place, versie=VERSION)
        violations += rules.check(found)
    for violation in violations:
        severity = Severity.LET_OP if violation.advice else Severity.FOUT
        where = f"{place}: {violation.place}" if violation.place else place
        state.delivery.findings.append(
            Finding(violation.code, dict(violation.params), where, severity)
        )
    return found


def _identified(
    state: _State, given: tuple[IdentificatieGegevens, ...], place: str
) -> frozenset[Ident]:
    """Give the identifications of one thing; a kenmerk is unique within its bron."""
    idents = frozenset(map(_ident, given))
    for one in idents:
        key = hashlib.sha256("\0".join(one).encode("utf-8", "surrogatepass")).digest()[:16]
        if state.seen.get(key) is False:
            state.add("pakket.kenmerk_dubbel", place, kenmerk=one[1][:120])
        state.seen[key] = key in state.seen
    return idents


def _file(state: _State, bestand: Bestand, place: str) -> _Thing:
    up = (_target(bestand.isRepresentatieVan),)
    idents = _identified(state, bestand.identificatie, place)
    return _Thing(bestand.naam, idents, up, frozenset(), 0, place)


def _relations(
    state: _State, folder: Folder, obj: Informatieobject | None, files: list[_Thing]
) -> None:
    """Compare a folder with the files in it and the folders directly below it."""
    place = folder.sidecar or folder.place
    children = [c for f in folder.folders if (c := state.waiting.pop(f.place, None)) is not None]
    own = None
    if obj is not None:
        up = tuple(map(_target, obj.isOnderdeelVan))
        targets = (r.gerelateerdInformatieobjectVerwijzing for r in obj.gerelateerdInformatieobject)
        related = frozenset(t for target in targets if (t := _target(target)) is not None)
        idents = _identified(state, obj.identificatie, place)
        own = _Thing(obj.naam, idents, up, related, _level(obj), place)
        state.waiting[folder.place] = own
    for child in children:
        _above(state, child, own)
    if own is None or obj is None:
        return
    if folder.parent is None and len(own.up) > 1:
        state.add("pakket.hoort_bij", place, n=len(own.up))
    _named(state, place, obj.bevatOnderdeel, children, "pakket.bevat")
    references = (*obj.heeftRepresentatie, *obj.aanvullendeMetagegevens)
    if files and not references:
        state.add("pakket.representatie_geen", place, Severity.LET_OP)
    _named(state, place, references, files, "pakket.representatie")
    for file in files:
        if file.up[0] not in own.idents:
            state.add("pakket.vertegenwoordigt_ander", file.place)
    if own.related and any(own.related & one.idents for one in (*children, own)):
        state.add("pakket.relatie_hierarchie", place)


def _above(state: _State, child: _Thing, own: _Thing | None) -> None:
    if len(child.up) != 1:
        state.add("pakket.hoort_bij", child.place, n=len(child.up))
    elif own is not None and child.up[0] not in own.idents:
        state.add("pakket.hoort_bij_ander", child.place, naam=own.naam[:80])
    if own is not None and child.level < own.level:
        state.add("pakket.niveau_volgorde", child.place)
    if own is not None and child.related & own.idents:
        state.add("pakket.relatie_hierarchie", child.place)


def _named(
    state: _State,
    place: str,
    references: tuple[VerwijzingGegevens, ...],
    things: list[_Thing],
    code: str,
) -> None:
    """References, when used at all, name every thing once and nothing else."""
    if not references:
        return
    by_ident: dict[Ident, list[int]] = {}
    for number, thing in enumerate(things):
        for one in thing.idents:
            by_ident.setdefault(one, []).append(number)
    times = [0] * len(things)
    for reference in references:
        target = _target(reference)
        found = by_ident.get(target, []) if target is not None else []
        if not found:
            state.add(f"{code}_vreemd", place, naam=reference.verwijzingNaam[:80])
        for number in found:
            times[number] += 1
    for thing, n in zip(things, times, strict=True):
        if n != 1:
            state.add(f"{code}_mist", place, naam=thing.naam[:80], n=n)


def _target(reference: VerwijzingGegevens) -> Ident | None:
    found = reference.verwijzingIdentificatie
    return _ident(found) if found is not None else None


def _level(obj: Informatieobject) -> int:
    label = obj.aggregatieniveau.begripLabel if obj.aggregatieniveau else ""
    return _LEVELS.index(label) if label in _LEVELS else 0


def _ident(one: IdentificatieGegevens) -> Ident:
    return (one.identificatieBron, one.identificatieKenmerk)


def _passed(findings: tuple[Finding, ...], delivery: Delivery) -> Iterator[str]:
    """Say which of the checks that people know have no error (words under ``controle.``)."""
    if not delivery.folders:
        return
    wrong = {f.code for f in findings if f.severity is Severity.FOUT}
    term = {c for c in wrong if "termijn" in c or c == "mdto.waardering_lijst"}
    groups = {
        "schema": {c for c in wrong if c.startswith(("mdto.", "xml."))} - term,
        "getal": wrong & {"mdto.checksum_algoritme", "pakket.checksum", "pakket.omvang"},
        "lijst": {
            c
            for c in wrong
            if c.startswith("pakbon.") or "sidecar" in c or c == "pakket.geen_pakbon"
        },
        "termijn": term,
        "origineel": wrong & {"pakket.checksum", "pakket.omvang", "pakket.onleesbaar"},
    }
    yield from (f"controle.{name}" for name, codes in groups.items() if not codes)
