"""The keys by which messages find each other: from ids only, few and short whatever the message says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.findings import Finding
from archiver.links import key, keys_of, piece_of
from archiver.model import EmailMessage, Span


def mail(**given_: object) -> EmailMessage:
    return EmailMessage("eml", 0, Span(0, 1), 1, "0" * 64, **given_)  # type: ignore[arg-type]


def test_own_answered_and_named_ids_are_keys_and_a_subject_is_none() -> None:
    found = mail(
        message_id="<b@x>", in_reply_to="<a@x>", references=("<0@x>", "<a@x>"), subject="Re: nota"
    )
    assert keys_of(found) == tuple(map(key, ("id:b@x", "id:a@x", "id:0@x")))
    assert keys_of(mail(subject="Re: nota")) == ()


def test_words_in_reply_to_are_no_key() -> None:
    assert keys_of(mail(in_reply_to="Uw bericht van dinsdag")) == ()


def test_a_conversation_of_outlook_has_one_key_however_long_the_index() -> None:
    first, answer = "01" * 22, "01" * 22 + "0000000001"
    assert keys_of(mail(thread_index=first)) == keys_of(mail(thread_index=answer))
    assert keys_of(mail(thread_index="01" * 10)) == ()


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"sleutel": "ab", "nummer": "2", "totaal": "3"}, ("ab", 2, 3)),
        ({"sleutel": "ab", "nummer": "2", "totaal": "?"}, ("ab", 2, None)),
        ({"sleutel": "ab", "nummer": "x", "totaal": "3"}, None),
        ({"nummer": "2", "totaal": "3"}, None),  # taken in before the key was kept
    ],
)
def test_pieces_of_a_message(params: dict[str, str], expected: object) -> None:
    found = mail(findings=(Finding("mail.deel_van_bericht", params),))
    assert piece_of(found) == expected
    assert len(keys_of(found)) == (expected is not None)


@given(st.lists(st.text(max_size=2_000), max_size=200), st.text())
def test_hostile_ids_give_few_short_keys(ids: list[str], own: str) -> None:
    found = keys_of(mail(message_id=own, references=tuple(ids), thread_index=own))
    assert len(found) <= 53
    assert all(len(one) == 32 for one in found)
