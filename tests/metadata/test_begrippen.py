"""The lists: those of the norm as the norm gives them, ours complete enough to hand over."""

from __future__ import annotations

import pytest

from metadata import begrippen
from metadata.mdto import BegripGegevens, VerwijzingGegevens

# The norm, edition 2026, section "Begrippenlijsten": how many terms each list has.
SIZES = {
    begrippen.AGGREGATIENIVEAUS: 4,
    begrippen.EVENTTYPES: 19,
    begrippen.WAARDERINGEN: 3,
    begrippen.RELATIETYPEN_BETROKKENE: 3,
    begrippen.RELATIETYPEN_OBJECT: 8,
    begrippen.BEPERKINGEN: 3,
    begrippen.CHECKSUMS: 4,
}


def test_the_lists_of_the_norm_are_complete() -> None:
    sizes = {name: len(terms) for name, terms in begrippen.lists().items()}
    assert {name: sizes[name] for name in SIZES} == SIZES
    assert set(sizes) == set(SIZES) | {begrippen.BERICHTEN}


def test_every_term_has_a_definition_and_stands_once() -> None:
    for terms in begrippen.lists().values():
        assert all(term.definitie.strip() and term.label == label for label, term in terms.items())
        codes = [term.code for term in terms.values() if term.code]
        assert len(codes) == len(set(codes))


def test_our_own_list_gives_every_term_a_code() -> None:
    """An own list must: norm, begripBegrippenlijst."""
    assert all(term.code for term in begrippen.lists()[begrippen.BERICHTEN].values())


@pytest.mark.parametrize("code", ["B", "V", "N"])
def test_the_closed_list(code: str) -> None:
    term = begrippen.waardering(code)
    assert term.begripCode == code
    assert term.begripBegrippenlijst == VerwijzingGegevens(begrippen.WAARDERINGEN)


def test_every_maker_gives_a_term_of_its_list() -> None:
    made = [
        (begrippen.aggregatieniveau("Archiefstuk"), begrippen.AGGREGATIENIVEAUS),
        (begrippen.event_type("Opname"), begrippen.EVENTTYPES),
        (begrippen.relatie("Refereert aan"), begrippen.RELATIETYPEN_OBJECT),
        (begrippen.beperking("Nader te bepalen"), begrippen.BEPERKINGEN),
        (begrippen.checksum_algoritme(), begrippen.CHECKSUMS),
        (begrippen.bericht("Afzender"), begrippen.BERICHTEN),
        (begrippen.pronom("fmt/950", "Internet Message Format"), begrippen.PRONOM),
        (begrippen.media_type("message/rfc822"), begrippen.MEDIATYPES),
    ]
    for term, lijst in made:
        assert isinstance(term, BegripGegevens)
        assert term.begripBegrippenlijst.verwijzingNaam == lijst


def test_a_term_that_does_not_exist_is_our_mistake() -> None:
    with pytest.raises(KeyError):
        begrippen.bericht("Meelezer")
    with pytest.raises(KeyError):
        begrippen.waardering("SP")


def test_a_list_of_the_norm_is_known_by_its_other_names_and_ours_is_not() -> None:
    names = begrippen.norm_lists()
    for name in ("Begrippenlijst Waarderingen MDTO", "Waarderingen", "waarderingen mdto"):
        assert names[name.casefold()] == begrippen.WAARDERINGEN
    assert names["beperkinggebruiktypelijst"] == begrippen.BEPERKINGEN
    assert begrippen.BERICHTEN.casefold() not in names
