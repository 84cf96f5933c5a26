"""Text without case and accents, and where in a text something stands."""

from __future__ import annotations

import pytest

from archiver.folding import fold, spans


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Privé", "prive"),
        ("STRASSE straße", "strasse strasse"),
        ("Çağrı", "cagrı"),
        ("ﬁets op 1½", "fiets op 11⁄2"),
        ("e\u0301e\u0301n", "een"),
        ("😀 Ja", "😀 ja"),
    ],
)
def test_case_and_accents_do_not_count(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_texts_stand_on_lines_of_their_own_and_absent_ones_are_left_out() -> None:
    assert fold("Anna", None, "", "Één") == "anna\neen"
    assert "naeen" not in fold("Anna", "Één")


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("Kade, kade en KADE", "kade", ["Kade", "kade", "KADE"]),
        ("Dit is privé, Privé!", "prive", ["privé", "Privé"]),
        ("e\u0301e\u0301n of een", "een", ["e\u0301e\u0301n", "een"]),
        ("Grote straße", "ss", ["ß"]),
        ("😀😀 naar de kade 😀", "kade", ["kade"]),
        ("aaaa", "aa", ["aa", "aa"]),
        ("niets hier", "kade", []),
        ("wat dan ook", "", []),
    ],
)
def test_a_place_is_given_in_the_text_as_it_was_written(
    text: str, words: str, found: list[str]
) -> None:
    assert [text[start:end] for start, end in spans(text, fold(words))] == found
