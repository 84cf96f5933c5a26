"""Pages of one Teams conversation over days: the load file says it, a person links them, one decision."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from archiver.cli import run
from archiver.errors import RuleRefused
from archiver.progress import Silent
from archiver.services import overview
from archiver.services.appraisal import Decide, decide
from archiver.services.archive import Archive
from archiver.services.conversation_parts import parts_ids
from archiver.services.intake import TakeIn, take_in
from archiver.services.teams_transcripts import LinkTranscripts, link_transcripts, same_conversation
from archiver.services.undo import undo

DAYS = {"1": "19:kade", "2": "19:kade", "3": "19:kade", "4": "19:ander"}


@pytest.fixture
def ids(archive: Archive, tmp_path: Path) -> dict[str, str]:
    """Secure an export with the pages of three days of one conversation, and one of another."""
    folder = tmp_path / "export" / "NativeFiles"
    folder.mkdir(parents=True)
    with (folder.parent / "Export_Loadfile_1.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        head = ("Export_native_path", "File_class", "Conversation_ID", "ConversationName", "Date")
        writer.writerow(head)
        for day, chat in DAYS.items():
            row = (f"NativeFiles/{day}.html", "Conversations", chat, "Kade", f"2026-02-0{day}")
            writer.writerow(row)
            (folder / f"{day}.html").write_text(f"<!doctype html><p>dag {day}</p>")
    pages = tuple(folder / f"{day}.html" for day in DAYS)
    taken = take_in(archive, TakeIn(pages, owner="Sanne"), Silent()).changes.ids
    found = {overview.item(archive, i).date or "": i for i in taken}
    return {date[-1]: item_id for date, item_id in found.items()}


def test_the_load_file_says_which_pages_belong_together_and_links_nothing(
    archive: Archive, ids: dict[str, str]
) -> None:
    assert [item.id for item in same_conversation(archive, ids["2"])] == [ids["1"], ids["3"]]
    assert same_conversation(archive, ids["4"]) == ()
    assert parts_ids(archive, ids["2"]) == (ids["2"],)


def test_a_person_links_them_in_one_step_and_undoes_it_in_one(
    archive: Archive, ids: dict[str, str]
) -> None:
    changes = link_transcripts(archive, LinkTranscripts(ids["2"], "zelfde gesprek"), Silent())
    assert set(changes.ids) == {ids["1"], ids["2"], ids["3"]}
    assert parts_ids(archive, ids["3"]) == (ids["1"], ids["2"], ids["3"])
    assert same_conversation(archive, ids["1"]) == ()
    decide(archive, Decide((ids["1"],), "B", "zaak van belang"), Silent())
    decided = {day for day, i in ids.items() if overview.item(archive, i).decision is not None}
    assert decided == {"1", "2", "3"}, "one decision for the conversation"
    undo(archive)
    undo(archive)
    assert parts_ids(archive, ids["3"]) == (ids["3"],)


def test_without_a_reason_or_without_pages_nothing_is_linked(
    archive: Archive, ids: dict[str, str]
) -> None:
    for command, code in (
        (LinkTranscripts(ids["2"], " "), "koppel_zonder_reden"),
        (LinkTranscripts(ids["4"], "omdat"), "koppel_niets_zelfde"),
    ):
        with pytest.raises(RuleRefused) as refused:
            link_transcripts(archive, command, Silent())
        assert refused.value.code == code


def test_the_command_line_shows_them_and_links_them(
    archive: Archive, ids: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    archive.close()

    def call(*words: str) -> list[dict[str, Any]]:
        assert run(["--werkmap", str(archive.werkmap), "--json", "koppel", ids["2"], *words]) == 0
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    shown = [line["id"] for line in call() if line["kind"] == "same_load_file"]
    assert shown == [ids["1"], ids["3"]]
    (done,) = call("--zelfde", "--reden", "zelfde gesprek")
    assert set(done["linked"]) == {ids["1"], ids["2"], ids["3"]}
