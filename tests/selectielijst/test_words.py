"""Words: every sentence a proposal can ask for exists in both languages, without gaps."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from archiver import texts
from selectielijst.errors import ListError
from selectielijst.holds import Hold
from selectielijst.hotspots import Hotspot
from selectielijst.lists import Categorie, Selectielijst, bundled
from selectielijst.policy import read_policy
from selectielijst.proposal import Facts, Policy, propose
from selectielijst.register import Sleutelfunctie
from selectielijst.words import date_words, duration_words, reasons, sentence

PROCES = Selectielijst(
    "p",
    "Proceslijst",
    "1",
    "concept",
    "werkproces",
    (
        Categorie("20", "Infrastructuur", "V", "P20Y"),
        Categorie("B", "Beleid", "B"),
    ),
)
MIRA = Sleutelfunctie(
    "gemeentesecretaris",
    "",
    "Mira",
    "",
    date(2023, 3, 1),
    None,
    ("MAIL-GEM-01", "CHAT-02"),
    "",
    "",
)
# A version is free text and may hold a date; a plain one lets the gap test see raw dates.
POLICY = Policy(
    (replace(bundled()[0], versie="1"), replace(bundled()[2], versie="1"), PROCES), (MIRA,)
)
MAIL = Facts("email", "2026-11-17", "Mira", "Kadebrug")


@pytest.mark.parametrize(
    ("iso", "nl", "en"),
    [
        ("P10Y", "10 jaar", "10 years"),
        ("P1Y", "1 jaar", "1 year"),
        ("P1Y6M", "1 jaar en 6 maanden", "1 year and 6 months"),
        ("P42D", "42 dagen", "42 days"),
        ("P1W", "1 week", "1 week"),
        ("P0D", "0 dagen", "0 days"),
    ],
)
def test_terms_in_words(iso: str, nl: str, en: str) -> None:
    assert (duration_words(iso, "nl"), duration_words(iso, "en")) == (nl, en)


def test_dates_in_words() -> None:
    assert date_words("2026-11-07T10:00", "nl") == "07-11-2026"
    assert date_words("2026-11-07", "en") == "07/11/2026"


def test_the_sentence_of_the_mock_screen() -> None:
    found = propose(MAIL, POLICY).to_json()
    lijst = bundled()[0].naam
    assert sentence(found, "nl", texts.text) == (
        "Blijvend bewaren - Mira was toen gemeentesecretaris "
        f"(lijst {lijst}, categorie MAIL-GEM-01)."
    )
    assert sentence(found, "nl", texts.text, viewer="mira").startswith(
        "Blijvend bewaren - je was toen gemeentesecretaris"
    )
    assert "Mira was gemeentesecretaris van 01-03-2023 tot nu. Dit bericht is van 17-11-2026." in (
        reasons(found, "nl", texts.text)
    )


def cases() -> list[tuple[Facts, Policy]]:
    rest = replace(MAIL, owner="Samira")
    brug = replace(MAIL, dossier="Kadebrug", proces="20")
    return [
        (replace(MAIL, outside_scope="prive"), POLICY),
        (MAIL, replace(POLICY, holds=(Hold("Woo 1", None, None),))),
        (MAIL, replace(POLICY, holds=(Hold("Woo 1", None, None, einde=date(2027, 1, 1)),))),
        (brug, replace(POLICY, hotspots=(Hotspot("Brug", None, None, ("kadebrug",)),))),
        (MAIL, POLICY),
        (brug, POLICY),
        (replace(brug, owner="Samira"), POLICY),
        (replace(brug, owner="Samira", dossier_afgesloten="2027-01-01"), POLICY),
        (replace(brug, owner="Samira", proces="B"), POLICY),
        (replace(brug, kind="chat"), POLICY),
        (replace(brug, kind="chat", proces="B"), POLICY),
        (replace(MAIL, kind="chat"), POLICY),
        (rest, POLICY),
        (replace(rest, kind="chat"), POLICY),
        (replace(rest, date=None), POLICY),
        (replace(rest, owner=None), POLICY),
        (rest, replace(POLICY, register=())),
        (rest, replace(POLICY, lists=())),
        (MAIL, replace(POLICY, lists=())),
    ]


@pytest.mark.parametrize("language", texts.LANGUAGES)
@pytest.mark.parametrize(("facts", "policy"), cases())
def test_no_sentence_has_a_gap(facts: Facts, policy: Policy, language: str) -> None:
    found = propose(facts, policy).to_json()
    for viewer in (None, facts.owner):
        for line in [
            sentence(found, language, texts.text, viewer),
            *reasons(found, language, texts.text),
        ]:
            assert line.endswith(".")
            assert not re.search(r"[{}]|\bP\d|\d{4}-\d{2}|^[a-z]+\.|(ontbreekt|regel)\.\w", line), (
                line
            )


def test_the_policy_of_an_empty_folder_has_the_working_lists(tmp_path: Path) -> None:
    policy = read_policy(tmp_path)
    assert [x.id for x in policy.lists] == ["model-email-rijk", "model-chat-rijk-reconstructie"]
    assert (policy.register, policy.hotspots, policy.holds) == ((), (), ())


def test_the_policy_reads_own_lists_and_refuses_an_unknown_one(tmp_path: Path) -> None:
    (tmp_path / "lijsten").mkdir()
    (tmp_path / "lijsten" / "p.csv").write_text(
        "# id: p\n# naam: P\n# status: concept\n# methode: werkproces\nid,naam\n1,Een\n", "utf-8"
    )
    assert read_policy(tmp_path).lists[0].id == "p"
    (tmp_path / "beleid.json").write_text(
        '{"lijsten": ["email-gemeenten-2024", "p"], "regime": "archiefwet-2026"}', "utf-8"
    )
    policy = read_policy(tmp_path)
    assert [x.id for x in policy.lists] == ["email-gemeenten-2024", "p"]
    assert policy.regime == "archiefwet-2026"
    (tmp_path / "beleid.json").write_text('{"lijsten": ["weg"]}', "utf-8")
    with pytest.raises(ListError, match="lijst_onbekend"):
        read_policy(tmp_path)
