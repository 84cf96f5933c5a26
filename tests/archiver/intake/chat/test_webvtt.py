"""The transcript of a meeting: who said what, as a distance from the start, and every byte accounted for."""

from __future__ import annotations

from pathlib import Path

import pytest

from archiver.intake import registry
from archiver.intake.identify import head_of
from tests.archiver.intake.chat.reading import chats, codes

MEETING = """WEBVTT

NOTE gemaakt door de proef
over twee regels

3b1f/12-0
00:00:03.120 --> 00:00:05.200
<v Sanne Bakker>Goedemorgen &amp; welkom</v>

00:01:05.000 --> 00:01:07.000 align:start
<v Jan Smit>Dank je.
Ik begin.</v>

STYLE
::cue { color: red }

01:00:00.000 --> 01:00:02.000
<v.loud Sanne Bakker>Akkoord?</v> <v Jan Smit><i>Ja</i></v>

iets dat geen cue is
"""


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_every_cue_is_a_message_with_who_spoke_and_when_after_the_start(
    tmp_path: Path, end: str, mark: str
) -> None:
    path = tmp_path / "Overleg kade.vtt"
    path.write_bytes((mark + MEETING.replace("\n", end)).encode())
    ((meeting, said),) = chats(path, "webvtt")
    assert meeting.title == "Overleg kade"
    assert [p.name for p in meeting.participants] == ["Sanne Bakker", "Jan Smit"]
    assert [(m.sent_raw, m.sender, m.text) for m in said[:3]] == [
        ("00:00:03.120", "Sanne Bakker", "Goedemorgen & welkom"),
        ("00:01:05.000", "Jan Smit", "Dank je.\nIk begin."),
        ("01:00:00.000", None, "Sanne Bakker: Akkoord?\nJan Smit: Ja"),
    ]
    assert said[0].id == "3b1f/12-0"
    assert all(m.sent is None for m in said), "the day stands nowhere, so no moment is made up"
    assert (said[3].type, said[3].text) == ("unknown", "iets dat geen cue is")
    assert {"webvtt.zonder_dag", "chat.berichten_niet_geduid"} == codes(meeting)


def test_subtitles_without_voices_are_no_conversation(tmp_path: Path) -> None:
    for name, text in (
        ("film.vtt", "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nMuziek\n"),
        ("gewoon.vtt", "WEBVTTX <v Jan>dag</v>\n"),
    ):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        choice = registry.choose(path, head_of(path))
        assert choice is None or choice.format != "webvtt"


def test_a_line_without_end_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "x.vtt"
    first = "00:00:01.000 --> 00:00:02.000\n<v Jan>dag</v>"
    start = f"WEBVTT\n\n{first}\n\n00:00:03.000 --> 00:00:04.000\n<v Jan>"
    path.write_text(start + "<v " * 700_000, encoding="utf-8")
    ((_, said),) = chats(path, "webvtt")
    assert [f.code for f in said[1].findings] == ["chat.bericht_te_groot"]
