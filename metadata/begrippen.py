"""The term lists: those of the norm and our own list for messages, as `BegripGegevens`."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from metadata.mdto import BegripGegevens, VerwijzingGegevens

AGGREGATIENIVEAUS = "Begrippenlijst Aggregatieniveaus MDTO"
EVENTTYPES = "Begrippenlijst EventTypeLijst MDTO"
WAARDERINGEN = "Begrippenlijst Waarderingen MDTO"
RELATIETYPEN_OBJECT = "Begrippenlijst Relatietypen (informatieobject) MDTO"
RELATIETYPEN_BETROKKENE = "Begrippenlijst Relatietypen (betrokkene) MDTO"
BEPERKINGEN = "Begrippenlijst Beperkingen MDTO"
CHECKSUMS = "Begrippenlijst ChecksumAlgoritme MDTO"
BERICHTEN = "Begrippenlijst berichten Archiefklaar versie 1"
PRONOM = "PRONOM-register"
MEDIATYPES = "IANA Media Types"


@dataclass(frozen=True, slots=True)
class Begrip:
    """One term with its definition."""

    lijst: str
    code: str | None
    label: str
    definitie: str


@lru_cache(maxsize=1)
def lists() -> Mapping[str, Mapping[str, Begrip]]:
    """Give every list: name -> label -> term."""
    found: dict[str, dict[str, Begrip]] = {}
    table = files("metadata.data").joinpath("begrippen.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(table.splitlines()):
        begrip = Begrip(row["lijst"], row["code"] or None, row["label"], row["definitie"])
        found.setdefault(begrip.lijst, {})[begrip.label] = begrip
    return found


@lru_cache(maxsize=256)
def begrip(lijst: str, label: str) -> BegripGegevens:
    """Give a term of a list. KeyError when the list does not have it: a mistake in our code."""
    term = lists()[lijst][label]
    return BegripGegevens(term.label, term.code, VerwijzingGegevens(lijst))


def aggregatieniveau(label: str) -> BegripGegevens:
    """Archief, Serie, Dossier or Archiefstuk."""
    return begrip(AGGREGATIENIVEAUS, label)


def waardering(code: str) -> BegripGegevens:
    """B, V or N: the only closed list of the norm. KeyError for anything else."""
    label = {term.code: term.label for term in lists()[WAARDERINGEN].values()}[code]
    return begrip(WAARDERINGEN, label)


def event_type(label: str) -> BegripGegevens:
    """An event type of the norm, "Opname" for example."""
    return begrip(EVENTTYPES, label)


def relatie(label: str) -> BegripGegevens:
    """A relation between objects, "Refereert aan" for example."""
    return begrip(RELATIETYPEN_OBJECT, label)


def beperking(label: str) -> BegripGegevens:
    """A restriction of the norm: Geen beperking, Nader te bepalen or Overig."""
    return begrip(BEPERKINGEN, label)


def checksum_algoritme(label: str = "SHA-256") -> BegripGegevens:
    """A SHA-2 algorithm as the list spells it."""
    return begrip(CHECKSUMS, label)


def bericht(label: str) -> BegripGegevens:
    """A term of our own list for messages: roles, kinds of objects, kinds of period."""
    return begrip(BERICHTEN, label)


def pronom(puid: str, naam: str) -> BegripGegevens:
    """A format from PRONOM."""
    return BegripGegevens(naam, puid, VerwijzingGegevens(PRONOM))


def media_type(waarde: str) -> BegripGegevens:
    """A format known only by its media type."""
    return BegripGegevens(waarde, None, VerwijzingGegevens(MEDIATYPES))


@lru_cache(maxsize=1)
def norm_lists() -> Mapping[str, str]:
    """Give the names under which a list of the norm may be named -> our name of it, folded.

    The official examples themselves vary: with and without "Begrippenlijst" and "MDTO".
    """
    names: dict[str, str] = {}
    for lijst in lists():
        if lijst == BERICHTEN:
            continue
        bare = lijst.removeprefix("Begrippenlijst ").removesuffix(" MDTO")
        for name in (lijst, bare, f"Begrippenlijst {bare}", f"{bare} MDTO"):
            names[name.casefold()] = lijst
    for alias in ("BeperkingGebruikTypeLijst", "Begrippenlijst BeperkingGebruikTypeLijst"):
        names[alias.casefold()] = BEPERKINGEN
        names[f"{alias} mdto".casefold()] = BEPERKINGEN
    return names
