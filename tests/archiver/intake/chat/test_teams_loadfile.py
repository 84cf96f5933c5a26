"""The load file of Purview: facts beside a page that nobody reads, found by hash or path, never guessed."""

from __future__ import annotations

import base64
import csv
import hashlib
from pathlib import Path

import pytest

from archiver.intake import registry
from archiver.intake.chat import sealed, teams_loadfile
from archiver.intake.identify import head_of
from archiver.intake.protocol import ParseContext
from archiver.model import Conversation

PAGE = b"<!DOCTYPE html><html><body><div>iets</div></body></html>"
DIGEST = hashlib.sha256(PAGE).hexdigest()
ROW = {
    "Export_native_path": "NativeFiles\\dag 1.html",
    "Native_SHA_256": DIGEST,
    "File_class": "Conversations",
    "Conversation_ID": "19:kade@thread.v2",
    "ConversationName": "Kade Zuid",
    "ConversationType": "Group",
    "Email_participants": "Sanne Bakker <sanne@v.nl>; Jan Smit <jan@v.nl>; Jan Smit <jan@v.nl>",
    "Date": "2026-02-03T10:00:00Z",
    "ContainsDeletedMessage": "True",
}


def export(folder: Path, *rows: dict[str, str], encoding: str = "utf-8-sig") -> Path:
    page = folder / "NativeFiles" / "dag 1.html"
    page.parent.mkdir()
    page.write_bytes(PAGE)
    with (folder / "Export_Loadfile_001.csv").open("w", encoding=encoding, newline="") as stream:
        writer = csv.DictWriter(stream, list(ROW))
        writer.writeheader()
        writer.writerows(rows)
    return page


def read(page: Path) -> Conversation:
    choice = registry.choose(page, head_of(page))
    assert choice is not None
    assert choice.format == "sealed"
    (found,) = sealed.parse(page, ParseContext())
    assert isinstance(found, Conversation)
    return found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_what_the_load_file_says_is_taken_over_and_said_to_be_of_the_load_file(
    tmp_path: Path, encoding: str
) -> None:
    found = read(export(tmp_path, ROW, encoding=encoding))
    assert (found.title, found.first, found.last) == ("Kade Zuid", "2026-02-03", "2026-02-03")
    assert [p.name for p in found.participants] == [
        "Sanne Bakker <sanne@v.nl>",
        "Jan Smit <jan@v.nl>",
    ]
    assert found.message_count == 0, "no message is read out of a page"
    said = {f.code: f.params for f in found.findings}
    assert said["teams.laadbestand"] == {
        "bestand": "Export_Loadfile_001.csv",
        "rij": 2,
        "basis": "sha256",
        "gesprek": "19:kade@thread.v2",
        "soort": "Group",
        "datum": "2026-02-03T10:00:00Z",
    }
    assert "teams.laadbestand_verwijderd" in said
    assert "teams.laadbestand_gewijzigd" not in said
    assert {"chat.verzegeld_teams_transcript", "chat.niet_geduid"} < set(said)


@pytest.mark.parametrize(
    ("change", "basis"),
    [
        ({"Native_SHA_256": base64.b64encode(bytes.fromhex(DIGEST)).decode()}, "sha256"),
        ({"Native_SHA_256": DIGEST.upper()}, "sha256"),
        ({"Native_SHA_256": ""}, "path"),
        ({"Native_SHA_256": "", "Export_native_path": "x/NativeFiles/DAG 1.html"}, "path"),
    ],
)
def test_a_row_is_found_by_hash_however_written_else_by_path(
    tmp_path: Path, change: dict[str, str], basis: str
) -> None:
    row = teams_loadfile.row_of(export(tmp_path, {**ROW, **change}), DIGEST)
    assert row is not None
    assert row.basis == basis


def test_two_rows_that_fit_are_no_answer_and_a_date_of_unknown_order_is_no_day(
    tmp_path: Path,
) -> None:
    (tmp_path / "a").mkdir()
    found = read(export(tmp_path / "a", ROW, {**ROW, "ConversationName": "Anders"}))
    assert (found.title, found.participants, found.first) == ("dag 1.html", (), None)
    (tmp_path / "b").mkdir()
    found = read(export(tmp_path / "b", {**ROW, "Date": "2/3/2026 10:00"}))
    assert (found.title, found.first) == ("Kade Zuid", None)
    assert {f.code: f.params for f in found.findings}["teams.laadbestand"][
        "datum"
    ] == "2/3/2026 10:00"


def test_a_page_that_is_something_else_is_no_conversation(tmp_path: Path) -> None:
    page = export(tmp_path, {**ROW, "File_class": "Email"})
    assert registry.choose(page, head_of(page)) is None


@pytest.mark.parametrize(
    "raw", [b"", b"\xff\xfe\x00", b'"' * 400_000, b"a,b\n\xff\xff", b"\0" * 99]
)
def test_a_broken_load_file_leaves_the_page_as_it_was(tmp_path: Path, raw: bytes) -> None:
    page = export(tmp_path, ROW)
    (tmp_path / "Export_Loadfile_001.csv").write_bytes(raw)
    found = read(page)
    assert (found.title, found.participants) == ("dag 1.html", ())
