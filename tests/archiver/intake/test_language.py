"""The language is guessed from common words, and not at all when it is not clear."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.intake.language import guess_language

NL = "Beste Anja, het besluit is genomen en we sturen de brief morgen naar de aanvrager van het perceel."
EN = "Dear Anja, the decision is taken and we will send the letter to the applicant of the plot tomorrow."
DE = "Liebe Anja, der Bescheid ist da und wir senden den Brief mit der Post an die Firma und das Amt."
FR = (
    "Chère Anja, la décision est prise et nous envoyons la lettre pour le dossier dans une semaine."
)


@pytest.mark.parametrize(("text", "language"), [(NL, "nl"), (EN, "en"), (DE, "de"), (FR, "fr")])
def test_the_language_of_a_plain_text(text: str, language: str) -> None:
    assert guess_language(text) == language
    assert guess_language(text.upper()) == language


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ja hoor.",
        "12 34 56 78 90 12 34 56 78",
        "Lorem ipsum dolor sit amet consectetur elit sed do",
    ],
)
def test_short_and_unclear_texts_have_none(text: str) -> None:
    assert guess_language(text) is None


def test_a_text_in_two_languages_has_none() -> None:
    assert guess_language(f"{NL} {EN}") is None


@given(st.text(max_size=500))
def test_any_text_has_a_known_language_or_none(text: str) -> None:
    assert guess_language(text) in (None, "nl", "en", "de", "fr")
