"""Check a delivery, own or foreign: shape, schema, rules of MDTO, relations, checksums, pakbon.

It reads only what is on disk and knows nothing of how the package was made. Sources: the SIP
specification and the metagegevensschema of MDTO (Nationaal Archief).
"""

from __future__ import annotations

import hashlib
from collections import Counter
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


@dataclass(slots=True)
class _State:
    delivery: Delivery
    objects: dict[str, Informatieobject] = field(default_factory=dict)  # by folder
    files: dict[str, Bestand] = field(default_factory=dict)  # by file
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
    for folder in delivery.folders:
        _read_object(state, folder)
        for content in folder.contents:
            check_cancelled(progress)
            progress.step(done, total, content.name)
            done += 1
            _read_file(state, content)
    for place in delivery.extra_sidecars:
        _bytes_of(state, place)
    _identities(state)
    for folder in delivery.folders:
        _relations(state, folder)
    counts = Counts(len(delivery.folders), total, state.size, package_hash(state.lines))
    if delivery.pakbon:
        data = (delivery.base / PAKBON).read_bytes()
        delivery.findings += check_pakbon(data, counts)
    findings = tuple(sorted(delivery.findings, key=lambda f: (f.place, f.code)))
    return CheckReport(findings, counts, tuple(_passed(findings, delivery)))


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


def _read_object(state: _State, folder: Folder) -> None:
    found = _sidecar(state, folder.sidecar)
    if isinstance(found, Bestand):
        state.add("pakket.soort", folder.sidecar or folder.place, verwacht="informatieobject")
    elif found is not None:
        state.objects[folder.place] = found


def _read_file(state: _State, content: Content) -> None:
    state.size += content.size
    bestand = _sidecar(state, content.sidecar)
    if isinstance(bestand, Informatieobject):
        state.add("pakket.soort", content.sidecar or content.place, verwacht="bestand")
        bestand = None
    names = {"SHA-256"}
    if bestand is not None:
        state.files[content.place] = bestand
        names |= {c.checksumAlgoritme.begripLabel for c in bestand.checksum}
    sums = _hash(state, content.place, sorted(_SHA2[n] for n in names if n in _SHA2))
    if sums is None:
        return
    state.lines.append(hash_line(sums["sha256"], content.place.partition("/")[2]))
    if bestand is None:
        return
    place = content.sidecar or content.place
    if bestand.omvang != content.size:
        state.add("pakket.omvang", place, staat=bestand.omvang, geteld=content.size)
    if bestand.naam != content.name:
        state.add("pakket.bestandsnaam", place, naam=content.name)
    for checksum in bestand.checksum:
        algorithm = _SHA2.get(checksum.checksumAlgoritme.begripLabel)
        if algorithm and sums[algorithm] != checksum.checksumWaarde.lower():
            state.add("pakket.checksum", content.place, naam=content.name)


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


def _identities(state: _State) -> None:
    """A kenmerk is unique within its bron."""
    seen: Counter[Ident] = Counter()
    named: list[tuple[str, Informatieobject | Bestand]] = [
        *state.objects.items(),
        *state.files.items(),
    ]
    for place, obj in named:
        for one in dict.fromkeys(obj.identificatie):
            key = _ident(one)
            seen[key] += 1
            if seen[key] == 2:
                state.add("pakket.kenmerk_dubbel", place, kenmerk=key[1][:120])


def _relations(state: _State, folder: Folder) -> None:
    obj = state.objects.get(folder.place)
    if obj is None:
        return
    place = folder.sidecar or folder.place
    _above(state, folder, obj, place)
    children = [c for f in folder.folders if (c := state.objects.get(f.place)) is not None]
    _named(state, place, obj.bevatOnderdeel, children, "pakket.bevat")
    files = [b for c in folder.contents if (b := state.files.get(c.place)) is not None]
    references = (*obj.heeftRepresentatie, *obj.aanvullendeMetagegevens)
    if files and not references:
        state.add("pakket.representatie_geen", place, Severity.LET_OP)
    _named(state, place, references, files, "pakket.representatie")
    for content in folder.contents:
        bestand = state.files.get(content.place)
        if bestand is not None and not _points(bestand.isRepresentatieVan, obj):
            state.add("pakket.vertegenwoordigt_ander", content.sidecar or content.place)
    around = [*children, *([up] if (up := _parent(state, folder)) is not None else []), obj]
    for relation in obj.gerelateerdInformatieobject:
        target = relation.gerelateerdInformatieobjectVerwijzing
        if target.verwijzingIdentificatie and any(_points(target, one) for one in around):
            state.add("pakket.relatie_hierarchie", place)


def _above(state: _State, folder: Folder, obj: Informatieobject, place: str) -> None:
    above = _parent(state, folder)
    if folder.parent is None:
        if len(obj.isOnderdeelVan) > 1:
            state.add("pakket.hoort_bij", place, n=len(obj.isOnderdeelVan))
        return
    if len(obj.isOnderdeelVan) != 1:
        state.add("pakket.hoort_bij", place, n=len(obj.isOnderdeelVan))
    elif above is not None and not _points(obj.isOnderdeelVan[0], above):
        state.add("pakket.hoort_bij_ander", place, naam=above.naam[:80])
    if above is not None and _level(obj) < _level(above):
        state.add("pakket.niveau_volgorde", place)


def _named(
    state: _State,
    place: str,
    references: tuple[VerwijzingGegevens, ...],
    things: list[Informatieobject] | list[Bestand],
    code: str,
) -> None:
    """References, when used at all, name every thing once and nothing else."""
    if not references:
        return
    for reference in references:
        if not any(_points(reference, thing) for thing in things):
            state.add(f"{code}_vreemd", place, naam=reference.verwijzingNaam[:80])
    for thing in things:
        times = sum(_points(reference, thing) for reference in references)
        if times != 1:
            state.add(f"{code}_mist", place, naam=thing.naam[:80], n=times)


def _points(reference: VerwijzingGegevens, target: Informatieobject | Bestand) -> bool:
    found = reference.verwijzingIdentificatie
    return found is not None and _ident(found) in {_ident(i) for i in target.identificatie}


def _parent(state: _State, folder: Folder) -> Informatieobject | None:
    return state.objects.get(folder.parent.place) if folder.parent is not None else None


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
