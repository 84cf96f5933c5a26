"""Texts are found in both languages, and a gap without a value shows instead of crashing."""

from __future__ import annotations

from pathlib import Path

import pytest

from archiver import texts
from archiver.texts import LANGUAGES, table, text


def test_a_text_in_both_languages_with_its_values() -> None:
    params = {"label": "Zaak", "lijst": "Aggregatieniveaus"}
    for language in LANGUAGES:
        made = text("bevinding.mdto.onbekend_begrip", language, params)
        assert "Zaak" in made
        assert "{" not in made


def test_dutch_comes_first() -> None:
    assert text("bevinding.mdto.geen_niveau") == table()["bevinding.mdto.geen_niveau"]["nl"]


def test_an_unknown_key_comes_back_as_itself() -> None:
    assert text("bevinding.bestaat_niet", "en") == "bevinding.bestaat_niet"


def test_a_value_that_is_missing_stays_visible() -> None:
    assert "{waarde}" in text("bevinding.xml.geen_getal", "nl", {})


def test_a_value_with_braces_or_percent_is_only_text() -> None:
    hostile = "{0.__class__} {waarde} %s {{x}}"
    assert hostile in text("bevinding.xml.geen_getal", "nl", {"waarde": hostile})


def test_every_text_can_be_made_without_values() -> None:
    for key in table():
        for language in LANGUAGES:
            assert text(key, language)


def test_a_key_that_stands_twice_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "woorden"
    folder.mkdir()
    for name in ("a.csv", "b.csv"):
        (folder / name).write_text("key,nl,en,where\nx.y,een,one,\n", encoding="utf-8")
    (folder / "leesmij.txt").write_text("no list", encoding="utf-8")
    monkeypatch.setattr(texts, "files", lambda package: tmp_path)
    table.cache_clear()
    try:
        with pytest.raises(ValueError, match=r"x\.y in b\.csv"):
            table()
    finally:
        table.cache_clear()
