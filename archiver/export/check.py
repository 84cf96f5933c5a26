"""Check a delivery, own or foreign: shape, schema, rules of MDTO, relations, checksums, pakbon.

It reads only what is on disk and knows nothing of how the package was made; what must be compared over
the whole package is kept aside, so that a large one costs no memory. Sources: the SIP specification and
the metagegevensschema of MDTO (Nationaal Archief).
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from archiver.errors import DiskFull, InputRefused
from archiver.export import sidecar
from archiver.export.delivery import (
    Content,
    Delivery,
    Folder,
    count_files,
    open_delivery,
    unique_names,
    walk,
)
from archiver.export.package_hash import PackageHash
from archiver.export.pakbon import PAKBON, Counts, check_pakbon
from archiver.export.scratch import Scratch, digest
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
class _Entered:
    """A folder that is being looked at. `number` is under which what it refers to is kept aside."""

    number: int
    place: str
    thing: _Thing | None
    refers: bool = False  # to folders below it
    crossed: bool = False  # a relation within the hierarchy was reported


_TABLES = (
    "CREATE TABLE name (key BLOB PRIMARY KEY) WITHOUT ROWID",
    "CREATE TABLE seen (key BLOB PRIMARY KEY, reported INTEGER) WITHOUT ROWID",
    "CREATE TABLE reference (folder INTEGER, key BLOB, naam TEXT, met INTEGER DEFAULT 0)",
    "CREATE INDEX reference_key ON reference (folder, key)",
)


class _State:
    """What is known so far of the package that is looked at."""

    def __init__(self, delivery: Delivery, scratch: Scratch) -> None:
        self.delivery = delivery
        self.scratch = scratch
        self.hash = PackageHash(scratch)
        self.folders = self.files = self.size = self.numbers = 0
        for table in _TABLES:
            scratch.run(table)

    def add(
        self, code: str, place: str, severity: Severity = Severity.FOUT, **params: str | int
    ) -> None:
        self.delivery.add(code, place, severity, **params)

    def number(self) -> int:
        """Give a number under which references are kept aside."""
        self.numbers += 1
        return self.numbers


def check(path: Path, progress: Progress) -> CheckReport:
    """Check the package folder at `path` and everything in it; nothing is written there.

    Raises `DiskFull` or `InputRefused` when what must be kept aside cannot be.
    """
    delivery = open_delivery(path)
    try:
        with Scratch() as scratch:
            counts = _folders(_State(delivery, scratch), progress)
    except OSError as error:  # what cannot be read of the package itself is a finding
        if error.errno == errno.ENOSPC:
            raise DiskFull("schijf_vol", {"ruimte": "1 GB"}) from error
        raise InputRefused("pakket_plek_stuk", {"pad": str(path)}) from error
    if delivery.pakbon:
        _pakbon(delivery, counts)
    findings = tuple(sorted(delivery.findings, key=lambda f: (f.place, f.code)))
    return CheckReport(findings, counts, tuple(_passed(findings, delivery)))


def _folders(state: _State, progress: Progress) -> Counts:
    """Look at every folder, and compare each with the one above it and those directly below it."""
    total = count_files(state.delivery)
    entered: list[_Entered] = []
    for folder, left in walk(state.delivery):
        check_cancelled(progress)
        if left:
            _leave(state, entered.pop())
            continue
        state.folders += 1
        unique_names(state.delivery, folder, state.scratch)
        own = _Entered(state.number(), folder.sidecar or folder.place, None)
        obj = _read_object(state, folder, own)
        files = []
        for content in folder.contents:
            check_cancelled(progress)
            progress.step(state.files, total, content.name)
            state.files += 1
            bestand = _read_file(state, content)
            if bestand is not None:
                files.append(_file(state, bestand, content.sidecar or content.place))
        for place in folder.extra_sidecars:
            _bytes_of(state, place)
        _relations(state, own, obj, files)
        if entered:
            _compare(state, entered[-1], own)
        elif own.thing is not None and len(own.thing.up) > 1:
            state.add("pakket.hoort_bij", own.place, n=len(own.thing.up))
        entered.append(own)
    return Counts(state.folders, state.files, state.size, state.hash.hexdigest())


def _beginning(path: Path) -> bytes:
    """Read a file, or one byte past the limit of what is too large."""
    with path.open("rb") as stream:
        # Python sets aside all that is asked for, so no more is asked than there is.
        return stream.read(min(os.fstat(stream.fileno()).st_size, SIDECAR_LIMIT) + 1)


def _pakbon(delivery: Delivery, counts: Counts) -> None:
    try:
        data = _beginning(delivery.base / PAKBON)
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
        data = _beginning(state.delivery.base / place)
    except OSError:
        state.add("pakket.onleesbaar", place)
        return None
    if len(data) > SIDECAR_LIMIT:
        state.add("pakket.sidecar_groot", place)
        return None
    state.hash.add(hashlib.sha256(data).hexdigest(), place.partition("/")[2])
    return data


def _read_object(state: _State, folder: Folder, own: _Entered) -> Informatieobject | None:
    """Read what a folder says of itself; what it says it holds is kept aside."""
    if (obj := _read_wide(state, folder.sidecar, own)) is not None:
        return obj
    found = _sidecar(state, folder.sidecar)
    if isinstance(found, Bestand):
        state.add("pakket.soort", folder.sidecar or folder.place, verwacht="informatieobject")
        return None
    if found is not None:
        own.refers = bool(found.bevatOnderdeel)
        _keep(state, own.number, found.bevatOnderdeel)
    return found


def _read_wide(state: _State, place: str | None, own: _Entered) -> Informatieobject | None:
    """Read a large sidecar piece by piece; None when it is small, or is better read whole."""
    path = state.delivery.base / (place or "")
    try:
        if place is None or not sidecar.WIDE < path.stat().st_size <= SIDECAR_LIMIT:
            return None
        found = sidecar.read_wide(path, lambda some: _keep(state, own.number, some))
    except OSError:
        return None
    if found is None:
        own.number = state.number()
        return None
    state.hash.add(found.sha256, place.partition("/")[2])
    _say(state, place, found.obj, found.head, ())
    own.refers = True
    return found.obj


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
    state.hash.add(sums["sha256"], content.place.partition("/")[2])
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
    _say(state, place, found, data, violations)
    return found


def _say(
    state: _State,
    place: str,
    found: Informatieobject | Bestand | None,
    data: bytes,
    violations: Sequence[schema.Violation],
) -> None:
    """Note what is wrong with one sidecar; `data` are at least its first bytes."""
    if found is not None:
        if VERSION.encode() not in data[:2_000]:
            state.add("pakket.versie", place, versie=VERSION)
        violations = (*violations, *rules.check(found))
    for violation in violations:
        severity = Severity.LET_OP if violation.advice else Severity.FOUT
        where = f"{place}: {violation.place}" if violation.place else place
        state.delivery.findings.append(
            Finding(violation.code, dict(violation.params), where, severity)
        )


def _identified(
    state: _State, given: tuple[IdentificatieGegevens, ...], place: str
) -> frozenset[Ident]:
    """Give the identifications of one thing; a kenmerk is unique within its bron."""
    idents = frozenset(map(_ident, given))
    for one in idents:
        key = digest(*one)
        known = state.scratch.one("SELECT reported FROM seen WHERE key = ?", (key,))
        if known is not None and not known[0]:
            state.add("pakket.kenmerk_dubbel", place, kenmerk=one[1][:120])
        state.scratch.run("INSERT OR REPLACE INTO seen VALUES (?, ?)", (key, known is not None))
    return idents


def _file(state: _State, bestand: Bestand, place: str) -> _Thing:
    up = (_target(bestand.isRepresentatieVan),)
    idents = _identified(state, bestand.identificatie, place)
    return _Thing(bestand.naam, idents, up, frozenset(), 0, place)


def _relations(
    state: _State, own: _Entered, obj: Informatieobject | None, files: list[_Thing]
) -> None:
    """Read how a folder stands to others, and compare it with the files in it."""
    if obj is None:
        return
    place = own.place
    up = tuple(map(_target, obj.isOnderdeelVan))
    targets = (r.gerelateerdInformatieobjectVerwijzing for r in obj.gerelateerdInformatieobject)
    related = frozenset(t for target in targets if (t := _target(target)) is not None)
    idents = _identified(state, obj.identificatie, place)
    thing = _Thing(obj.naam, idents, up, related, _level(obj), place)
    own.thing = thing
    references = (*obj.heeftRepresentatie, *obj.aanvullendeMetagegevens)
    if files and not references:
        state.add("pakket.representatie_geen", place, Severity.LET_OP)
    _named(state, place, references, files, "pakket.representatie")
    for file in files:
        if file.up[0] not in idents:
            state.add("pakket.vertegenwoordigt_ander", file.place)
    if related & idents:
        _crossed(state, own)


def _compare(state: _State, above: _Entered, own: _Entered) -> None:
    """Compare a folder with the folder it lies in."""
    child = own.thing
    if child is None:
        return
    _above(state, child, above.thing)
    if above.thing is None:
        return
    if above.refers:
        _meet(state, above.number, above.place, child, "pakket.bevat")
    if above.thing.related & child.idents:
        _crossed(state, above)


def _crossed(state: _State, own: _Entered) -> None:
    if not own.crossed:
        own.crossed = True
        state.add("pakket.relatie_hierarchie", own.place)


def _leave(state: _State, own: _Entered) -> None:
    if own.thing is not None:
        _strangers(state, own.number, own.place, "pakket.bevat")


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
    number = state.number()
    _keep(state, number, references)
    for thing in things:
        _meet(state, number, place, thing, code)
    _strangers(state, number, place, code)


def _keep(state: _State, number: int, references: Iterable[VerwijzingGegevens]) -> None:
    """Keep aside what an object refers to."""
    rows = (
        (
            number,
            digest(*target) if (target := _target(one)) is not None else None,
            one.verwijzingNaam,
        )
        for one in references
    )
    state.scratch.many("INSERT INTO reference (folder, key, naam) VALUES (?, ?, ?)", rows)


def _meet(state: _State, number: int, place: str, thing: _Thing, code: str) -> None:
    """Count how often an object refers to one of its things: it must be once."""
    times = 0
    for one in thing.idents:
        given = (number, digest(*one))
        found = state.scratch.one(
            "SELECT COUNT(*) FROM reference WHERE folder = ? AND key = ?", given
        )
        times += found[0] if found is not None else 0
        state.scratch.run("UPDATE reference SET met = 1 WHERE folder = ? AND key = ?", given)
    if times != 1:
        state.add(f"{code}_mist", place, naam=thing.naam[:80], n=times)


def _strangers(state: _State, number: int, place: str, code: str) -> None:
    """Name what an object refers to and does not have, and forget what it referred to."""
    question = "SELECT naam FROM reference WHERE folder = ? AND NOT met ORDER BY rowid"
    for (naam,) in state.scratch.rows(question, (number,)):
        state.add(f"{code}_vreemd", place, naam=naam[:80])
    state.scratch.run("DELETE FROM reference WHERE folder = ?", (number,))


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
    if delivery.root is None:
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
