"""Which messages may be private: whole words of our own list, and nothing else."""

from __future__ import annotations

import pytest

from archiver.services.exclusion import REASONS
from archiver.services.suggestions import Suggestion, reasons_by_word, suggest


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("de kleine moet naar het Ziekenhuis.", ("Ziekenhuis", "bijzondere persoonsgegevens")),
        ("Naar de ledenvergadering?", ("ledenvergadering", "partijpolitiek")),
        ("Doe je groeten\nthuis", ("groeten\nthuis", "prive")),
        ("Fijn  weekend!", ("Fijn  weekend", "prive")),
    ],
)
def test_a_word_of_the_list_is_found_with_its_reason(text: str, found: tuple[str, str]) -> None:
    assert suggest(text) == Suggestion(*found)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "Leg het wel vast bij Teun.",
        "De partijen tekenen morgen.",  # a longer word is another word
        "Het ziekenhuis-dossier gaat naar de raad.",
        "Stuurgroep is klaar.",
    ],
)
def test_daily_work_is_left_alone(text: str | None) -> None:
    assert suggest(text) is None


def test_every_word_is_written_once_in_lower_case_with_a_known_reason() -> None:
    words = reasons_by_word()
    assert len(words) > 60
    for word, reason in words.items():
        assert word == " ".join(word.lower().split())
        assert reason in REASONS
        assert suggest(f"en toen: {word}.") is not None
