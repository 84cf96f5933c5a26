"""The two published phones of the ministry's group, laid side by side, against what is known of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from archiver.intake.chat import whatsapp
from archiver.intake.protocol import ParseContext
from archiver.model import ChatMessage
from archiver.progress import Silent
from archiver.services.archive import Archive
from archiver.services.chat_match import Kind, compare
from archiver.services.comparison import Compared, CompareExports, compare_exports
from archiver.services.conversation_view import joined
from tests.helpers.shared import SHARED

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(SHARED is None, reason="*** CORPUS ABSENT: phones were NOT compared ***"),
]
ALICE = "Alice/WhatsApp Chat with Test export.txt"
CAROL = "Carol/WhatsApp-chat met Test export.txt"


def phone(name: str) -> Path:
    assert SHARED is not None
    return SHARED / "corpus" / "chat" / "whatsapp" / "minvws-merger" / name


def read(path: Path) -> list[ChatMessage]:
    return [r for r in whatsapp.parse(path, ParseContext()) if isinstance(r, ChatMessage)]


def compared() -> Compared:
    def never() -> Archive:
        raise AssertionError("files need no work folder")

    command = CompareExports(str(phone(ALICE)), str(phone(CAROL)))
    (found,) = compare_exports(never, command, Silent())
    return found


def test_the_two_phones_are_one_conversation_by_what_was_said() -> None:
    seen = compared().recognition
    assert seen.same
    assert (seen.overlap.shared, seen.overlap.of) == (29, 30)
    assert seen.people == (1, 4), "contact names differ by phone and prove nothing"


def test_matches_differences_and_what_one_phone_misses() -> None:
    """68 lines on Alice's phone, 78 on Carol's: 68 pairs, and ten that Carol alone has.

    Of the ten, nine were said while Alice was out of the group; one is the line of the app that says
    that Carol was added. Two pairs differ: the words of one message, and how the app tells a joining.
    """
    comparison = compared().comparison
    assert comparison.counts() == {
        "match.same": 56,
        "match.media": 4,
        "match.deleted": 3,
        "match.system_words": 3,
        "differs.wording": 1,
        "differs.system_other": 1,
        "only_right.left_earlier": 9,
        "only_right.system_here_only": 1,
    }
    assert dict(comparison.shifts) == {0: 68}


def test_labels_of_one_person_are_linked() -> None:
    found = {(x.left, x.right, x.shared, x.of) for x in compared().comparison.people}
    assert found == {
        ("Alice", "Alice", 15, 15),
        ("Bob Bobsen Work", "+31 6 11111111", 7, 7),
        ("Carol Christmas Work", "Carol", 11, 11),
        ("Dave Privé", "Dave", 6, 6),
    }


def test_deleted_for_everyone_is_on_both_phones() -> None:
    found = compared()
    gone = [r for r in found.comparison.rows if r.reason == "deleted"]
    assert [found.left.messages[r.left or 0].text for r in gone] == [
        "You deleted this message",
        "This message was deleted",
        "This message was deleted",
    ]


@pytest.mark.parametrize("place", range(3, 60))
def test_deleted_for_me_leaves_no_trace_and_is_found(place: int) -> None:
    """Bob and Dave deleted for themselves alone; their phones are not published, these two keep it.

    So each message is taken out of one phone in turn, as such a deletion does, and must be found.
    """
    alice, carol = read(phone(ALICE)), read(phone(CAROL))
    whole = compare(alice, carol)
    pairs = {r.left: r.right for r in whole.rows if r.left is not None and r.right is not None}
    left = carol[: pairs[place]] + carol[(pairs[place] or 0) + 1 :]
    result = compare(alice, left)
    (missing,) = [r for r in result.rows if r.kind is Kind.ONLY_LEFT]
    assert alice[missing.left or 0].text == alice[place].text
    assert missing.reason == (
        "system_here_only" if alice[place].type == "system" else "missing_there"
    )


def test_what_bob_deleted_for_himself_is_on_both_of_these_phones() -> None:
    found = compared()
    kept = [
        row.kind
        for row in found.comparison.rows
        if row.left is not None
        and "alleen voor mijzelf" in (found.left.messages[row.left].text or "")
    ]
    assert kept == [Kind.MATCH, Kind.MATCH]


def test_one_view_has_every_message_once() -> None:
    alice, carol = read(phone(ALICE)), read(phone(CAROL))
    entries = joined([alice, carol])
    assert len(entries) == 78
    assert sum(len(entry.witnesses) == 2 for entry in entries) == 68
