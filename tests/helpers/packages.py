"""A small sound package, and ways to spoil it: one defect each, with the code that must be found."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from archiver.progress import Silent
from archiver.services.intake import TakeIn, take_in
from archiver.services.packaging_run import MakePackage, make_package
from tests.helpers.messages import OWNER, mail, work_folder

Spoil = Callable[[Path], None]


def make(folder: Path) -> Path:
    """Make a package of three messages, one with an attachment and one inside another."""
    binnen = folder / "binnen"
    binnen.mkdir(parents=True)
    (binnen / "een.eml").write_bytes(mail("Een", number=1))
    table = [("tabel.csv", "text/csv", b"a;b\n1;2\n")]
    inner = mail("Binnenste", number=3)
    (binnen / "twee.eml").write_bytes(
        mail(
            "Twee",
            number=2,
            attachments=table,
            inner=inner,
            reply_to="<bericht-1@veldermeer.example>",
        )
    )
    archive = work_folder(folder / "werkmap")
    try:
        take_in(archive, TakeIn((binnen,), dossier="Brug", owner=OWNER), Silent())
        made = make_package(
            archive, MakePackage(folder / "levering", moment="2026-11-26T10:00:00+01:00"), Silent()
        )
    finally:
        archive.close()
    assert made.released
    return made.path


def root(package: Path) -> Path:
    return next(p for p in package.iterdir() if p.is_dir())


def one(package: Path, pattern: str) -> Path:
    return sorted(package.rglob(pattern))[0]


def rewrite(pattern: str, old: str, new: str, count: int = 1) -> Spoil:
    """Change text in the first file that matches; the text must be there."""

    def spoil(package: Path) -> None:
        path = one(package, pattern)
        text = path.read_text(encoding="utf-8")
        changed = re.sub(old, new, text, count=count, flags=re.S)
        assert changed != text, f"{old} is not in {path.name}"
        path.write_text(changed, encoding="utf-8")

    return spoil


def _rename(pattern: str, name: Callable[[str], str]) -> Spoil:
    def spoil(package: Path) -> None:
        path = one(package, pattern)
        path.rename(path.with_name(name(path.name)))

    return spoil


def _write(where: Callable[[Path], Path], data: bytes) -> Spoil:
    return lambda package: _save(where(package), data)


def _save(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _link(package: Path) -> None:
    one(package, "M-0001").joinpath("koppeling.txt").symlink_to(one(package, "M-0001.eml"))


def _drop(pattern: str) -> Spoil:
    return lambda package: one(package, pattern).unlink()


def _swap_ids(package: Path) -> None:
    """Give the second message the kenmerk of the first."""
    kenmerk = r"urn:uuid:[0-9a-f-]{36}"
    first = re.search(kenmerk, one(package, "M-0001.mdto.xml").read_text("utf-8"))
    assert first is not None
    rewrite("M-0002.mdto.xml", kenmerk, first[0])(package)


def _same_name(package: Path) -> None:
    other = one(package, "M-0002")
    source = one(package, "M-0001.eml")
    for path in (source, source.with_name(source.name + ".bestand.mdto.xml")):
        _save(other / path.name.replace("M-0001", "m-0001"), path.read_bytes())


def _move(package: Path) -> None:
    """Put the attachment under the other message."""
    attachment = one(package, "M-0002-B01")
    attachment.rename(one(package, "M-0001") / "M-0002-B01")


# What is wrong -> (how it is done, the code that our check must give).
DEFECTS: dict[str, tuple[Spoil, str]] = {
    "a changed byte": (_write(lambda p: one(p, "M-0001.eml"), b"anders"), "pakket.checksum"),
    "another size": (rewrite("M-0001.eml.bestand*", r"<omvang>\d+", "<omvang>3"), "pakket.omvang"),
    "another checksum": (
        rewrite("M-0001.eml.bestand*", r"(<checksumWaarde>)[0-9a-f]{4}", r"\g<1>0000"),
        "pakket.checksum",
    ),
    "an old algorithm": (
        rewrite("M-0001.eml.bestand*", ">SHA-256<", ">MD5<"),
        "mdto.checksum_algoritme",
    ),
    "a file without sidecar": (_drop("M-0001.eml.bestand*"), "pakket.bestand_zonder_sidecar"),
    "a folder without sidecar": (_drop("M-0001.mdto.xml"), "pakket.map_zonder_sidecar"),
    "a sidecar of nothing": (
        _write(lambda p: one(p, "M-0001") / "weg.txt.bestand.mdto.xml", b"<x/>"),
        "pakket.sidecar_los",
    ),
    "an empty file": (_write(lambda p: one(p, "M-0001") / "leeg.txt", b""), "pakket.bestand_leeg"),
    "an empty folder": (lambda p: (one(p, "M-0001") / "leeg").mkdir(), "pakket.map_leeg"),
    "a link": (_link, "pakket.koppeling"),
    "a space in a name": (_rename("M-0001.eml", lambda n: "M 0001.eml"), "pakket.naam_teken"),
    "a device name": (_rename("M-0001.eml", lambda n: "nul.eml"), "pakket.naam_gereserveerd"),
    "a name twice": (_same_name, "pakket.naam_dubbel"),
    "a long name": (_rename("M-0001.eml", lambda n: "x" * 250 + ".eml"), "pakket.pad_lang"),
    "no pakbon": (_drop("pakbon.xml"), "pakket.geen_pakbon"),
    "the pakbon inside": (
        lambda p: _save(root(p) / "pakbon.xml", (p / "pakbon.xml").read_bytes()),
        "pakket.pakbon_binnen",
    ),
    "two collections": (lambda p: (p / "tweede").mkdir(), "pakket.geen_collectie"),
    "no XML": (_write(lambda p: one(p, "M-0001.mdto.xml"), b"geen xml"), "xml.geen_xml"),
    "a DOCTYPE": (
        rewrite("M-0001.mdto.xml", "<MDTO", '<!DOCTYPE MDTO [<!ENTITY a "b">]><MDTO'),
        "xml.doctype",
    ),
    "not in the schema": (rewrite("M-0001.mdto.xml", "naam>", "titel>", 2), "xml.schema"),
    "no version": (rewrite("M-0001.mdto.xml", "MDTO-XML1.0.1", "MDTO-XML"), "pakket.versie"),
    "a bestand for a folder": (
        lambda p: _save(one(p, "M-0001.mdto.xml"), one(p, "M-0001.eml.bestand*").read_bytes()),
        "pakket.soort",
    ),
    "an empty value": (rewrite("M-0001.mdto.xml", "<taal>nl<", "<taal> <"), "mdto.leeg"),
    "a kenmerk twice": (_swap_ids, "pakket.kenmerk_dubbel"),
    "no folder above": (
        rewrite("M-0001.mdto.xml", r"\s*<isOnderdeelVan>.*?</isOnderdeelVan>", ""),
        "pakket.hoort_bij",
    ),
    "another folder above": (_move, "pakket.hoort_bij_ander"),
    "a part that is not named": (
        rewrite("M-0002.mdto.xml", r"\s*<bevatOnderdeel>.*?</bevatOnderdeel>", ""),
        "pakket.bevat_mist",
    ),
    "a file that is not named": (
        rewrite("M-0001.mdto.xml", r"\s*<heeftRepresentatie>.*?</heeftRepresentatie>", ""),
        "pakket.representatie_mist",
    ),
    "levels upside down": (
        rewrite("M-0001.mdto.xml", ">Archiefstuk<", ">Archief<"),
        "pakket.niveau_volgorde",
    ),
    "another file name": (
        rewrite("M-0001.eml.bestand*", "<naam>M-0001.eml", "<naam>ander.eml"),
        "pakket.bestandsnaam",
    ),
    "B with a term": (
        rewrite(
            "M-0001.mdto.xml",
            "</waardering>",
            "</waardering><bewaartermijn><termijnEinddatum>2030-01-01</termijnEinddatum></bewaartermijn>",
        ),
        "mdto.termijn_zonder_v",
    ),
    "an unknown appraisal": (
        rewrite("M-0001.mdto.xml", ">Nader te bepalen<", ">Misschien<"),
        "mdto.onbekend_begrip",
    ),
    "no restriction": (
        rewrite("M-0001.mdto.xml", r"<beperkingGebruik>.*?</beperkingGebruik>", ""),
        "mdto.ontbreekt",
    ),
    "an unknown language": (
        rewrite("M-0001.mdto.xml", "<taal>nl<", "<taal>hollands<"),
        "mdto.taal",
    ),
    "no PUID": (
        rewrite("M-0001.eml.bestand*", r"<begripCode>fmt/\d+<", "<begripCode>eml<"),
        "mdto.puid",
    ),
    "a wrong count": (
        rewrite("pakbon.xml", r"aantalBestanden>\d+", "aantalBestanden>1"),
        "pakbon.telling",
    ),
    "a wrong size": (rewrite("pakbon.xml", r"omvangBytes>\d+", "omvangBytes>1"), "pakbon.telling"),
    "a wrong hash": (rewrite("pakbon.xml", r"hashcode>....", "hashcode>0000"), "pakbon.hash"),
    "no contact": (
        rewrite("pakbon.xml", r"\s*<contact>.*?</contact>", ""),
        "pakbon.veld_ontbreekt",
    ),
    "a field twice": (
        rewrite("pakbon.xml", "<contact>", "<contact>x</contact><contact>"),
        "pakbon.veld_dubbel",
    ),
    "no moment": (
        rewrite("pakbon.xml", r"aanmaakSIP>[^<]+", "aanmaakSIP>gisteren"),
        "pakbon.moment",
    ),
    "no pakbon element": (rewrite("pakbon.xml", "pakbon>", "bon>", 2), "pakbon.geen_pakbon"),
}
