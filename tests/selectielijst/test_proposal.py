"""The proposal: every rule, their order, and that nothing is destroyed on doubt."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selectielijst.holds import Hold
from selectielijst.hotspots import Hotspot
from selectielijst.lists import Categorie, Selectielijst, bundled
from selectielijst.proposal import Facts, Policy, Proposal, propose
from selectielijst.register import Sleutelfunctie

GEMEENTEN, RIJK, CHAT = bundled()


def held(functie: str, who: str, *categorieen: str) -> Sleutelfunctie:
    return Sleutelfunctie(
        functie, "", who, "", date(2023, 3, 1), date(2026, 11, 17), categorieen, "", ""
    )


def process(*categories: Categorie) -> Selectielijst:
    return Selectielijst(
        "proces", "Proces", "1", "vastgesteld", "werkproces", categories, mag_vernietigen=True
    )


REGISTER = (
    held("gemeentesecretaris", "Mira", "MAIL-GEM-01", "CHAT-02"),
    held("gedeelde postbus", "Bouwen", "MAIL-GEM-03"),
    held("adviseur", "Fenna", "NERGENS"),
)
PROCES = process(
    Categorie("20", "Infrastructuur", "V", "P20Y"),
    Categorie("1", "Overleg", "V", "P1Y"),
    Categorie("B", "Beleid", "B"),
)
POLICY = Policy((GEMEENTEN, CHAT, PROCES), REGISTER)
MAIL = Facts("email", "2026-11-17T14:52:00+01:00", "Mira", "Akkoord gunning Kadebrug")
REST = replace(MAIL, owner="Samira")
ADOPTED = replace(
    POLICY,
    lists=(replace(GEMEENTEN, status="vastgesteld", mag_vernietigen=True), CHAT, PROCES),
)


def short(p: Proposal) -> tuple[int, str, str | None, str | None]:
    return p.rule, p.waardering, p.termijn, p.einddatum


def test_rule_1_outside_scope_is_not_kept_and_still_shows_a_freeze() -> None:
    p = propose(replace(MAIL, outside_scope="prive"), POLICY)
    assert (short(p), p.text_key) == ((1, "N", None, None), "voorstel.1.buiten")
    frozen = propose(
        replace(MAIL, outside_scope="prive"), replace(POLICY, holds=(Hold("Woo", None, None),))
    )
    assert (frozen.rule, frozen.frozen) == (1, "Woo")


@pytest.mark.parametrize("facts", [MAIL, REST, replace(REST, date=None)])
def test_rule_2_a_freeze_blocks_but_keeps_the_value_beneath(facts: Facts) -> None:
    free = propose(facts, ADOPTED)
    hold = Hold("Woo 2026-031", date(2026, 1, 1), None, ("kadebrug",))
    p = propose(facts, replace(ADOPTED, holds=(hold,)))
    assert (p.rule, p.text_key, p.frozen) == (2, "voorstel.2.bevroren", "Woo 2026-031")
    assert not p.mag_vernietigen
    assert short(p)[1:] == short(free)[1:]
    assert p.why[0] == (free.text_key, free.params)


def test_rule_3_a_hotspot_goes_before_function_and_process() -> None:
    hotspot = Hotspot("Brug", date(2026, 11, 1), date(2026, 11, 30), ("kadebrug",))
    facts = replace(REST, dossier="Kadebrug", proces="1")
    p = propose(facts, replace(ADOPTED, hotspots=(hotspot,)))
    assert short(p) == (3, "B", None, None)
    assert [(a.rule, a.termijn) for a in p.also] == [(5, "P1Y")]
    chat = propose(replace(facts, kind="chat"), replace(POLICY, hotspots=(hotspot,)))
    assert (chat.rule, chat.lijst, chat.categorie) == (3, CHAT.id, "CHAT-05")


def test_rule_4_key_function_by_kind() -> None:
    mail = propose(MAIL, POLICY)
    assert short(mail) == (4, "B", None, None)
    assert (mail.text_key, mail.categorie) == ("voorstel.4.sleutel_b_ander", "MAIL-GEM-01")
    assert (mail.lijst, mail.zekerheid) == ("email-gemeenten-2024", "hoog")
    assert mail.params["functie"] == "gemeentesecretaris"
    chat = propose(replace(MAIL, kind="chat", date="2026-11-16"), POLICY)
    assert short(chat) == (4, "V", "P10Y", "2036-11-16")
    assert (chat.text_key, chat.startdatum) == ("voorstel.4.sleutel_v_ander", "2026-11-16")


@pytest.mark.parametrize(
    ("day", "rule"),
    [("2023-02-28", 7), ("2023-03-01", 4), ("2026-11-17T23:59:59+01:00", 4), ("2026-11-18", 7)],
)
def test_rule_4_looks_at_the_message_date(day: str, rule: int) -> None:
    lists = (replace(GEMEENTEN, geldig_van=None), CHAT)
    assert propose(replace(MAIL, date=day), replace(POLICY, lists=lists)).rule == rule


def test_rule_5_process() -> None:
    facts = replace(REST, dossier="Kadebrug", proces="20")
    opened = propose(facts, POLICY)
    assert short(opened) == (5, "V", "P20Y", None)
    assert opened.text_key == "voorstel.5.proces_geen_datum"
    assert not opened.mag_vernietigen
    closed = propose(replace(facts, dossier_afgesloten="2028-02-29"), POLICY)
    assert short(closed) == (5, "V", "P20Y", "2048-02-29")
    assert closed.mag_vernietigen
    beleid = propose(replace(facts, proces="B"), POLICY)
    assert (short(beleid), beleid.text_key) == ((5, "B", None, None), "voorstel.5.proces_b")


def test_rule_6_a_function_that_weighs_more_stays_first_with_the_other_named() -> None:
    p = propose(replace(MAIL, dossier="Kadebrug", proces="20"), POLICY)
    assert short(p) == (4, "B", None, None)
    assert [(a.rule, a.naam, a.waardering, a.termijn) for a in p.also] == [
        (5, "Kadebrug", "V", "P20Y")
    ]
    assert ("waarom.ook", {"regel": "5 Kadebrug", "waarde": "P20Y"}) in p.why


def test_rule_6_permanent_and_the_longest_term_come_first() -> None:
    chat = replace(MAIL, kind="chat", dossier="Kadebrug")
    permanent = propose(replace(chat, proces="B"), POLICY)
    assert short(permanent) == (6, "B", None, None)
    assert (permanent.text_key, permanent.params["n"]) == ("voorstel.6.samenloop_b", "2")
    longest = propose(replace(chat, proces="20", dossier_afgesloten="2027-01-01"), POLICY)
    assert short(longest) == (6, "V", "P20Y", "2047-01-01")
    assert longest.text_key == "voorstel.6.samenloop_v"
    assert [(a.rule, a.termijn) for a in longest.also] == [(4, "P10Y")]


def test_rule_6_destroys_only_after_every_ground_has_ended() -> None:
    adopted_chat = replace(CHAT, status="vastgesteld", mag_vernietigen=True)
    policy = replace(POLICY, lists=(adopted_chat, PROCES))
    chat = replace(MAIL, kind="chat", dossier="Kadebrug", proces="1")
    assert propose(replace(chat, dossier_afgesloten="2027-01-01"), policy).mag_vernietigen
    assert not propose(chat, policy).mag_vernietigen
    assert not propose(replace(chat, dossier_afgesloten="2040-01-01"), policy).mag_vernietigen


def test_rule_7_rest_category() -> None:
    gemeente = propose(REST, POLICY)
    assert short(gemeente) == (7, "V", "P7Y", "2033-11-17")
    assert gemeente.params["naam"] == "Samira"
    rijk = propose(REST, replace(POLICY, lists=(RIJK, CHAT)))
    assert short(rijk) == (7, "V", "P10Y", "2036-11-17")
    chat = propose(replace(REST, kind="chat"), POLICY)
    assert (short(chat), chat.text_key) == ((7, "V", "P0D", None), "voorstel.7.nihil")


@pytest.mark.parametrize(
    ("facts", "policy", "missing"),
    [
        (replace(MAIL, date=None), POLICY, "datum"),
        (replace(MAIL, date="2026-02-30"), POLICY, "datum"),
        (replace(REST, date=None, dossier="Kadebrug", proces="1"), POLICY, "datum"),
        (replace(MAIL, owner=None), POLICY, "eigenaar"),
        (replace(MAIL, owner="Bouwen"), POLICY, "waardering"),
        (replace(MAIL, owner="Fenna"), POLICY, "categorie"),
        (REST, replace(POLICY, register=()), "register"),
        (REST, replace(POLICY, lists=()), "lijst"),
        (replace(REST, date="2023-12-31"), POLICY, "lijst"),
    ],
)
def test_rule_8_what_is_missing_is_named_and_nothing_may_go(
    facts: Facts, policy: Policy, missing: str
) -> None:
    p = propose(facts, policy)
    assert short(p) == (8, "N", None, None)
    assert (p.text_key, p.params["wat_ontbreekt"]) == ("voorstel.8.onbekend", missing)
    assert (p.mag_vernietigen, p.zekerheid) == (False, "laag")


def test_v_without_a_term_is_unknown() -> None:
    policy = replace(POLICY, lists=(process(Categorie("1", "Overleg", "V")),))
    p = propose(replace(REST, dossier="Kadebrug", proces="1"), policy)
    assert (p.rule, p.waardering, p.params["wat_ontbreekt"]) == (8, "N", "termijn")


def test_a_list_that_is_not_adopted_proposes_and_never_destroys() -> None:
    p = propose(REST, POLICY)
    assert not p.mag_vernietigen
    assert ("voorstel.lijst_niet_vast", {"lijst": GEMEENTEN.naam}) in p.why
    adopted = propose(REST, ADOPTED)
    assert adopted.mag_vernietigen
    assert "voorstel.lijst_niet_vast" not in [key for key, _ in adopted.why]


FACTS = st.builds(
    Facts,
    kind=st.sampled_from(["email", "chat"]),
    date=st.one_of(st.none(), st.text(max_size=12), st.dates().map(date.isoformat)),
    owner=st.sampled_from([None, "", "Mira", "Bouwen", "Fenna", "Samira"]),
    title=st.sampled_from(["", "Kadebrug", "Lunch"]),
    dossier=st.sampled_from([None, "Kadebrug"]),
    proces=st.sampled_from([None, "1", "20", "B", "onbekend"]),
    dossier_afgesloten=st.one_of(st.none(), st.dates().map(date.isoformat)),
    outside_scope=st.sampled_from([None, None, None, "prive"]),
)


@given(FACTS, st.booleans(), st.booleans())
def test_any_facts_give_a_sound_proposal(facts: Facts, frozen: bool, hotspot: bool) -> None:
    policy = replace(
        ADOPTED,
        holds=(Hold("Woo", None, None, ("kadebrug",)),) if frozen else (),
        hotspots=(Hotspot("Brug", None, None, ("kadebrug",)),) if hotspot else (),
    )
    p = propose(facts, policy)
    assert Proposal.from_json(json.loads(json.dumps(p.to_json()))) == p
    if p.mag_vernietigen:
        assert p.waardering == "V"
        assert p.termijn is not None
        assert p.frozen is None
        assert p.einddatum is not None or p.trigger == "zodra_niet_meer_nodig"
    if p.waardering != "V":
        assert (p.termijn, p.einddatum) == (None, None)
    if p.startdatum and p.einddatum:
        assert p.startdatum <= p.einddatum
