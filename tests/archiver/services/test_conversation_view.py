"""One view over all exports of a conversation: each message once, who has it, who does not and why."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

from archiver.cli import run
from archiver.model import ChatMessage, Conversation, Span
from archiver.progress import Silent
from archiver.services.archive import Archive
from archiver.services.chat_match import Kind, compare
from archiver.services.comparison import Export
from archiver.services.conversation_parts import LinkExports, link_exports
from archiver.services.conversation_view import (
    ConversationView,
    Entry,
    conversation_view,
    explained,
    joined,
    letter,
)
from archiver.services.exclusion import Rule, take_in_without
from archiver.services.intake import TakeIn, take_in
from tests.helpers import phones, quarters
from tests.helpers.messages import work_folder


def said(number: int, text: str, **more: object) -> ChatMessage:
    sent = f"2026-11-02T10:{number:02}:00"
    who = ("Anna", "Bram", "Carla")[number % 3]
    given = {"sender": who, "sent": sent, "text": text, **more}
    return ChatMessage("c", number, Span(number, number + 1), **given)  # type: ignore[arg-type]


def talk(*places: int) -> list[ChatMessage]:
    return [said(n, f"Dit is bericht nummer {n} over de kade") for n in places]


def view_of(*exports: list[ChatMessage]) -> ConversationView:
    record = Conversation("c", "whatsapp", "whatsapp", 0, 1, "0" * 64, title="Team Kade")
    made = tuple(Export(str(n), record, tuple(one)) for n, one in enumerate(exports))
    return ConversationView(made, explained(joined([e.messages for e in made]), made))


def where(entry: Entry) -> str:
    """A: has it; a: has it in other words; what is missing follows with its reason."""
    have = "".join(
        letter(w.export).lower() if w.differs else letter(w.export) for w in entry.witnesses
    )
    return " ".join([have, *(f"-{letter(m.export)}:{m.reason}" for m in entry.missing)])


def test_a_message_says_which_exports_have_it_and_why_the_others_do_not() -> None:
    other = talk(0, 1, 3, 4, 5)
    other[3] = said(4, "Dit is bericht nummer 4 over onze mooie kade")
    view = view_of(talk(0, 1, 2, 3, 4), other, talk(2, 3, 4, 5, 6))
    assert [where(entry) for entry in view.entries] == [
        "AB -C:earlier",
        "AB -C:earlier",
        "AC -B:missing_there",
        "ABC",
        "AbC",
        "BC -A:later",
        "C -A:later -B:later",
    ]
    assert [entry.differs for entry in view.entries] == [
        False,
        False,
        True,
        False,
        True,
        *[False] * 2,
    ]


def test_one_that_was_out_of_the_group_is_told_apart_from_a_deletion() -> None:
    away = [
        *talk(0, 1),
        said(2, "U bent verwijderd", type="system", system="removed", sender=None),
        said(5, "U bent toegevoegd", type="system", system="joined", sender=None),
        *talk(6, 7),
    ]
    view = view_of(talk(0, 1, 3, 4, 6, 7), away)
    reasons = {m.reason for e in view.entries for m in e.missing if e.message.type != "system"}
    assert reasons == {"left_earlier"}


def test_a_later_export_continues_the_earlier_one_and_nothing_stands_twice() -> None:
    view = view_of(talk(*range(8)), talk(*range(3, 12)))
    assert [e.message.index for e in view.entries] == list(range(12))
    first, later = view.shares()
    assert (first.continues, first.new) == (None, 0)
    assert (later.continues, later.new, later.earlier, later.alone) == (0, 4, 5, 4)
    assert not any(entry.differs for entry in view.entries), "going on is no difference"


def test_what_one_phone_alone_has_stands_at_its_time_between_what_the_other_alone_has() -> None:
    view = view_of(talk(0, 2, 4, 6), talk(0, 1, 3, 5, 6))
    assert [e.message.index for e in view.entries] == list(range(7))
    rows = compare(talk(0, 2, 4, 6), talk(0, 1, 3, 5, 6)).rows
    assert [r.kind for r in rows][1:6] == [
        *(Kind.ONLY_RIGHT, Kind.ONLY_LEFT, Kind.ONLY_RIGHT, Kind.ONLY_LEFT, Kind.ONLY_RIGHT)
    ]


def test_exports_have_letters_also_beyond_the_alphabet() -> None:
    assert [letter(n) for n in (0, 1, 25, 26, 27, 52)] == ["A", "B", "Z", "AA", "AB", "BA"]


def linked_quarters(archive: Archive, folder: Path) -> list[str]:
    ids: list[str] = []
    for path in quarters.write(folder):
        ids += take_in(archive, TakeIn((path,), owner="Mira"), Silent()).changes.ids
    for one, other in pairwise(ids):
        link_exports(archive, LinkExports(one, other, "zelfde groep, volgend kwartaal"), Silent())
    return ids


def test_four_quarters_follow_each_other(archive: Archive, tmp_path: Path) -> None:
    ids = linked_quarters(archive, tmp_path)
    view = conversation_view(archive, ids[2], Silent())
    assert [export.name for export in view.exports] == ids
    assert len(view.entries) == 16
    sent = [entry.message.sent or "" for entry in view.entries]
    assert sent == sorted(sent)
    assert [share.continues for share in view.shares()] == [None, 0, 1, 2]
    assert [share.new for share in view.shares()] == [0, 4, 4, 4]
    assert not any(entry.differs for entry in view.entries)


def test_what_was_taken_out_before_securing_is_not_called_deleted(
    archive: Archive, tmp_path: Path
) -> None:
    one = phones.write(tmp_path, "een", phones.first_phone())
    two = phones.write(tmp_path, "twee", phones.second_phone())
    rules = (Rule("prive", berichten=frozenset({7})),)
    first = take_in_without(archive, TakeIn((one,), owner="Mira"), rules, Silent()).changes.ids
    second = take_in(archive, TakeIn((two,), owner="Joris"), Silent()).changes.ids
    link_exports(archive, LinkExports(first[0], second[0], "zelfde groep"), Silent())
    view = conversation_view(archive, first[0], Silent())
    (entry,) = [e for e in view.entries if "twee ton" in (e.message.text or "")]
    own = next(n for n, export in enumerate(view.exports) if export.name == first[0])
    assert [(m.export, m.reason) for m in entry.missing] == [(own, "withheld")]


def test_the_command_line_gives_who_lacks_it_and_what_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "werkmap"
    archive = work_folder(folder)
    ids = linked_quarters(archive, tmp_path)
    archive.close()
    assert run(["--werkmap", str(folder), "--json", "gesprek", ids[0]]) == 0
    head, *lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [export["continues"] for export in head["exports"]] == [None, *ids[:3]]
    assert head["exports"][0]["file"] == "WhatsApp-chat met Team Kade.txt"
    assert {m["reason"] for m in lines[0]["missing"]} == {"earlier"}
    assert not any(line["difference"] for line in lines)
    assert run(["--werkmap", str(folder), "gesprek", ids[0]]) == 0
    assert "gaat verder waar A stopt; nieuw: 4" in capsys.readouterr().out
