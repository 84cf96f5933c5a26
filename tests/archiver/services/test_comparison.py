"""Exports of one conversation: recognised, laid side by side, linked by a person, seen as one."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.cli import run
from archiver.errors import InputRefused, RuleRefused
from archiver.model import ChatAttachment, ChatMessage, Span
from archiver.progress import Silent
from archiver.services import overview, undo
from archiver.services.archive import Archive
from archiver.services.chat_match import Kind, compare, overlap
from archiver.services.comparison import CompareExports, compare_exports, other_exports
from archiver.services.conversation_parts import (
    LinkExports,
    UnlinkExports,
    link_exports,
    linked,
    parts_of,
    unlink_exports,
)
from archiver.services.conversation_view import conversation_view, joined
from archiver.services.exclusion import Rule, take_in_without
from archiver.services.intake import TakeIn, take_in
from tests.helpers import phones
from tests.helpers.messages import mail, work_folder


def said(
    number: int, text: str, *, who: str = "Anna", sent: str | None = None, **more: object
) -> ChatMessage:
    moment = sent or f"2026-11-02T{10 + number // 60:02}:{number % 60:02}:00"
    made = ChatMessage("c", number, Span(number, number + 1), sender=who, sent=moment, text=text)
    return replace(made, **more)  # type: ignore[arg-type]


def talk(count: int = 12) -> list[ChatMessage]:
    return [
        said(n, f"Dit is bericht nummer {n} over de kade", who=("Anna", "Bram", "Carla")[n % 3])
        for n in range(count)
    ]


def secured(archive: Archive, path: Path, owner: str | None = None) -> str:
    result = take_in(archive, TakeIn((path,), owner=owner), Silent())
    (item_id,) = result.changes.ids
    return item_id


# --- side by side ----------------------------------------------------------------------------------


def test_the_same_is_the_same() -> None:
    result = compare(talk(), talk())
    assert result.counts() == {"match.same": 12}
    assert result.new_right() == ()
    assert not result.continues()


def test_a_message_that_one_phone_alone_has_says_deleted_there_or_never_received() -> None:
    right = talk()
    del right[5]
    result = compare(talk(), right)
    assert result.counts() == {"match.same": 11, "only_left.missing_there": 1}
    assert result.only(Kind.ONLY_LEFT, "missing_there") == (5,)
    back = compare(right, talk())
    assert back.only(Kind.ONLY_RIGHT, "missing_there") == (5,)


def test_differences_say_what_differs() -> None:
    left, right = talk(), talk()
    right[2] = replace(right[2], text=f"{right[2].text} en de brug")
    right[3] = replace(right[3], text="Dit bericht is verwijderd", deleted=True)
    right[4] = replace(right[4], edited=True)
    left[7] = replace(left[7], text="foto", attachments=(photo("a"),), type="media")
    right[7] = replace(right[7], text="foto", attachments=(photo(None),), type="media")
    counts = compare(left, right).counts()
    assert counts == {
        "match.same": 8,
        "differs.wording": 1,
        "differs.deleted_right": 1,
        "differs.edited": 1,
        "differs.media_left_out": 1,
    }


def photo(sha256: str | None, name: str = "IMG-1.jpg") -> ChatAttachment:
    return ChatAttachment(name, sha256 is not None, sha256=sha256 and sha256 * 64)


def test_the_same_photo_under_another_name_is_one_message() -> None:
    left, right = talk(), talk()
    left[4] = replace(left[4], text="IMG-1.jpg", attachments=(photo("a"),), type="media")
    right[4] = replace(
        right[4], text="00000004.jpg", attachments=(photo("a", "00000004.jpg"),), type="media"
    )
    assert compare(left, right).counts() == {"match.same": 11, "match.media": 1}


def test_clocks_that_differ_by_an_hour_are_laid_on_each_other() -> None:
    right = [replace(m, sent=(m.sent or "").replace("T10", "T11")) for m in talk()]
    result = compare(talk(), right)
    assert result.counts() == {"match.shifted": 12}
    assert dict(result.shifts) == {3600: 12}


def test_other_labels_are_linked_by_what_was_said_and_a_person_goes_before() -> None:
    names = {"Anna": "+31 6 11111111", "Bram": "Bram Werk", "Carla": "Carla"}
    right = [replace(m, sender=names[m.sender or ""]) for m in talk()]
    found = {(x.left, x.right, x.basis) for x in compare(talk(), right).people}
    assert found == {(a, b, "messages") for a, b in names.items()}
    given_ = compare(talk(), right, (("Anna", "Bram Werk"),)).people
    assert ("Anna", "Bram Werk", "person") in {(x.left, x.right, x.basis) for x in given_}


def test_a_later_export_continues_the_earlier_one_without_duplicates() -> None:
    result = compare(talk(8), talk(12))
    assert result.counts() == {"match.same": 8, "only_right.later": 4}
    assert result.new_right() == (8, 9, 10, 11)
    assert result.continues()
    assert not compare(talk(12), talk(8)).continues()


def test_one_greeting_in_common_makes_no_conversation() -> None:
    other = [
        said(0, "Goedemorgen allemaal"),
        *(said(n, f"Heel iets anders {n}") for n in (1, 2, 3)),
    ]
    mine = [said(0, "Goedemorgen allemaal"), *talk(6)[1:]]
    assert overlap(mine, other).shared == 1
    assert not overlap(mine, other).same
    assert overlap(talk(8), talk(12)).same


MESSAGE = st.tuples(
    st.sampled_from(
        ["ok", "ja", "Een zin die genoeg zegt over het werk", "", "Nog een andere zin"]
    ),
    st.sampled_from(["Anna", "Bram", None]),
    st.integers(0, 5),
    st.booleans(),
)


@given(st.lists(MESSAGE, max_size=30), st.lists(MESSAGE, max_size=30))
@settings(deadline=None, max_examples=150)
def test_every_message_of_both_sides_stands_in_one_row(
    one: list[tuple[str, str | None, int, bool]], other: list[tuple[str, str | None, int, bool]]
) -> None:
    sides = [
        [
            said(n, text, who=who or "", sent=f"2026-11-02T10:0{minute}:00", deleted=gone or None)
            for n, (text, who, minute, gone) in enumerate(side)
        ]
        for side in (one, other)
    ]
    rows = compare(*sides).rows
    assert sorted(r.left for r in rows if r.left is not None) == list(range(len(one)))
    assert sorted(r.right for r in rows if r.right is not None) == list(range(len(other)))
    entries = joined(sides)
    assert Counter(w.export for e in entries for w in e.witnesses) == Counter(
        {n: len(side) for n, side in enumerate(sides) if side}
    )


def test_one_view_keeps_every_witness_of_three_exports() -> None:
    gone = [m for n, m in enumerate(talk(8)) if n != 3]
    entries = joined([gone, talk(8), talk(12)])
    assert [entry.message.text for entry in entries] == [m.text for m in talk(12)]
    assert [[w.export for w in entry.witnesses] for entry in entries] == [
        [0, 1, 2] if n < 8 and n != 3 else [1, 2] if n == 3 else [2] for n in range(12)
    ]


def test_a_shuffled_copy_loses_nothing() -> None:
    right = talk(60)
    random.Random(3).shuffle(right)
    result = compare(talk(60), right)
    assert sum(row.kind is Kind.MATCH for row in result.rows) == 60
    assert any(row.moved for row in result.rows)


# --- files and secured conversations ----------------------------------------------------------------


def test_two_files_are_compared_and_nothing_is_opened(tmp_path: Path) -> None:
    left = phones.write(tmp_path, "een", phones.first_phone())
    right = phones.write(tmp_path, "twee", phones.second_phone())

    def never() -> Archive:
        raise AssertionError("files need no work folder")

    (found,) = compare_exports(never, CompareExports(str(left), str(right)), Silent())
    assert found.recognition.same
    assert found.comparison.counts() == {
        "match.same": 5,
        "match.system": 1,
        "differs.wording": 1,
        "only_left.missing_there": 1,
    }
    people = {(link.left, link.right) for link in found.comparison.people}
    assert ("Joris Blankert", "Joris Werk") in people


def test_a_file_without_a_conversation_is_refused(archive: Archive, tmp_path: Path) -> None:
    letter = tmp_path / "brief.eml"
    letter.write_bytes(mail())
    chat = phones.write(tmp_path, "een", phones.first_phone())
    with pytest.raises(InputRefused) as caught:
        compare_exports(lambda: archive, CompareExports(str(chat), str(letter)), Silent())
    assert caught.value.code == "vergelijk_geen_gesprek"
    with pytest.raises(RuleRefused):
        compare_exports(lambda: archive, CompareExports(str(chat), "niemand"), Silent())


def test_another_export_is_recognised_with_the_reason_and_nothing_is_done(
    archive: Archive, tmp_path: Path
) -> None:
    first = secured(archive, phones.write(tmp_path, "een", phones.first_phone()), "Mira")
    other = phones.android(
        "16-11-2026", [("14:00", "Iris", f"Over heel iets anders nummer {n}") for n in range(9)]
    )
    secured(archive, phones.write(tmp_path, "ander", other))
    second = secured(archive, phones.write(tmp_path, "twee", phones.second_phone()), "Joris")
    (found,) = other_exports(archive, second, Silent())
    assert (found.id, found.title, found.owner) == (first, "Team Kade", "Mira")
    assert (found.recognition.overlap.shared, found.recognition.overlap.of) == (4, 5)
    assert all(not linked(overview.item(archive, i)) for i in (first, second))


def test_a_part_of_another_quarter_is_recognised_by_name_and_people(
    archive: Archive, tmp_path: Path
) -> None:
    spring = secured(archive, phones.write(tmp_path, "een", phones.first_phone()))
    days = [(t, who, f"Iets van later: {text}") for t, who, text in phones.TALK]
    later = secured(archive, phones.write(tmp_path, "twee", phones.android("18-01-2027", days)))
    (found,) = other_exports(archive, later, Silent())
    assert found.id == spring
    assert found.recognition.follows
    assert found.recognition.overlap.shared == 0


# --- linking ---------------------------------------------------------------------------------------


@pytest.fixture
def pair(archive: Archive, tmp_path: Path) -> tuple[str, str]:
    return (
        secured(archive, phones.write(tmp_path, "een", phones.first_phone()), "Mira"),
        secured(archive, phones.write(tmp_path, "twee", phones.later_phone()), "Mira"),
    )


def test_a_link_has_a_reason_is_in_the_trail_and_can_be_undone(
    archive: Archive, pair: tuple[str, str]
) -> None:
    left, right = pair
    link_exports(archive, LinkExports(left, right, "Zelfde groep, een week later"), Silent())
    assert linked(overview.item(archive, left)) == (right,)
    assert linked(overview.item(archive, right)) == (left,)
    entry = overview.history(archive, left)[-1].event
    assert (entry.action, entry.reason) == ("wijziging", "Zelfde groep, een week later")
    assert other_exports(archive, left, Silent()) == (), "what is linked is not suggested again"
    undo.undo(archive)
    assert linked(overview.item(archive, left)) == ()
    assert linked(overview.item(archive, right)) == ()
    assert len(other_exports(archive, left, Silent())) == 1


def test_a_link_can_be_taken_away_later_and_that_undone(
    archive: Archive, pair: tuple[str, str]
) -> None:
    link_exports(archive, LinkExports(*pair, "zelfde groep"), Silent())
    unlink_exports(archive, UnlinkExports(*pair, "toch een andere groep"), Silent())
    assert linked(overview.item(archive, pair[0])) == ()
    with pytest.raises(RuleRefused, match="koppel_staat_niet"):
        unlink_exports(archive, UnlinkExports(*pair, "nog eens"), Silent())
    undo.undo(archive)
    assert linked(overview.item(archive, pair[0])) == (pair[1],)


def test_what_cannot_be_linked_is_refused(
    archive: Archive, pair: tuple[str, str], tmp_path: Path
) -> None:
    left, right = pair
    letter = tmp_path / "brief.eml"
    letter.write_bytes(mail())
    message = secured(archive, letter)
    for command, code in (
        (LinkExports(left, left, "x"), "koppel_zichzelf"),
        (LinkExports(left, right, "  "), "koppel_zonder_reden"),
        (LinkExports(left, message, "x"), "koppel_geen_gesprek"),
        (LinkExports(left, "niemand", "x"), "onbekend"),
    ):
        with pytest.raises(RuleRefused) as caught:
            link_exports(archive, command, Silent())
        assert caught.value.code == code
    link_exports(archive, LinkExports(left, right, "zelfde groep"), Silent())
    with pytest.raises(RuleRefused, match="koppel_staat_al"):
        link_exports(archive, LinkExports(right, left, "nog eens"), Silent())


def test_linked_exports_are_one_conversation_without_duplicates(
    archive: Archive, pair: tuple[str, str], tmp_path: Path
) -> None:
    left, right = pair
    link_exports(archive, LinkExports(left, right, "zelfde groep"), Silent())
    third = secured(archive, phones.write(tmp_path, "drie", phones.second_phone()), "Joris")
    link_exports(archive, LinkExports(right, third, "telefoon van Joris"), Silent())
    with archive.register.read() as tx:
        assert {part.id for part in parts_of(tx, third)} == {left, right, third}
    view = conversation_view(archive, third, Silent())
    assert [e.name for e in view.exports] == [left, right, third]
    assert len(view.entries) == 11
    assert [(s.total, s.earlier, s.alone) for s in view.shares()] == [
        (8, 0, 0),
        (11, 8, 3),
        (7, 7, 0),
    ]
    (differs,) = [w for e in view.entries for w in e.witnesses if w.differs]
    assert (differs.export, differs.differs) == (2, "wording")
    for item_id in (left, right, third):
        source = overview.source(archive, overview.item(archive, item_id).source_id)
        assert archive.vault.read_verified(source.sha256), "every original stays"


def test_a_link_stays_after_closing(tmp_path: Path) -> None:
    archive = work_folder(tmp_path / "w")
    left = secured(archive, phones.write(tmp_path, "een", phones.first_phone()))
    right = secured(archive, phones.write(tmp_path, "twee", phones.second_phone()))
    link_exports(archive, LinkExports(left, right, "twee telefoons"), Silent())
    archive.close()
    again = work_folder(tmp_path / "w")
    assert linked(overview.item(again, left)) == (right,)
    again.close()


def test_the_commands_suggest_link_and_show_the_sources(
    archive: Archive, pair: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    left, right = pair

    def call(*words: str) -> tuple[int, list[dict[str, Any]]]:
        code = run(["--werkmap", str(archive.werkmap), "--json", *words])
        return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    archive.close()
    code, (other,) = call("koppel", left)
    assert (code, other["id"], other["basis"]["messages"]) == (0, right, [6, 6])
    assert call("koppel", left, right)[0] == 3, "a link without a reason is refused"
    assert call("koppel", left, right, "--reden", "zelfde groep")[0] == 0
    code, lines = call("gesprek", right)
    assert code == 0
    assert [e["alone"] for e in lines[0]["exports"]] == [0, 3]
    assert [len(line["sources"]) for line in lines[1:]] == [2] * 8 + [1] * 3
    assert call("koppel", left, right, "--los", "--reden", "toch niet")[0] == 0
    assert call("maak-ongedaan")[0] == 0
    assert len(call("gesprek", left)[1][0]["exports"]) == 2


def test_taking_in_says_what_looks_like_another_export_and_links_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    work_folder(tmp_path / "w").close()
    first = phones.write(tmp_path, "een", phones.first_phone())
    second = phones.write(tmp_path, "twee", phones.second_phone())
    common = ["--werkmap", str(tmp_path / "w"), "--json", "neem-op"]
    assert run([*common, str(first)]) == 0
    assert capsys.readouterr().err == ""
    assert run([*common, str(second)]) == 0
    written = capsys.readouterr()
    assert len(written.out.splitlines()) == 1, "one line per source, as the contract says"
    assert "lijkt een andere export van Team Kade" in written.err
    assert "4 van 5 berichten" in written.err
    archive = work_folder(tmp_path / "w")
    assert [linked(overview.item(archive, i)) for i in overview.item_ids(archive)] == [(), ()]
    archive.close()


def test_what_was_taken_out_before_securing_is_not_called_deleted(
    archive: Archive, tmp_path: Path
) -> None:
    path = phones.write(tmp_path, "een", phones.first_phone())
    rules = (Rule("prive", berichten=frozenset({6, 7})),)
    taken = take_in_without(archive, TakeIn((path,), owner="Mira"), rules, Silent())
    (one,) = taken.changes.ids
    two = secured(archive, phones.write(tmp_path, "twee", phones.second_phone()), "Joris")
    assert [other.id for other in other_exports(archive, two, Silent())] == [one]
    (found,) = compare_exports(lambda: archive, CompareExports(two, one), Silent())
    counts = found.comparison.counts()
    assert counts["only_left.withheld"] == 2
    assert "only_left.missing_there" not in counts
