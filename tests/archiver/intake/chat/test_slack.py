"""The Slack reader on an invented export."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

from archiver.intake.chat import slack
from archiver.intake.identify import head_of
from archiver.intake.protocol import ParseContext
from archiver.model import Unreadable
from tests.archiver.intake.chat.reading import chats, codes

USERS = [
    {"id": "U1", "name": "sanne", "profile": {"display_name": "Sanne", "real_name": "S. Bakker"}},
    {"id": "U2", "name": "jan", "profile": {"display_name": "", "real_name": "Jan Smit"}},
]
CHANNELS = [{"id": "C1", "name": "kade", "members": ["U1", "U2"]}]
DMS = [{"id": "D1", "members": ["U1", "U2"]}]
DAY1: list[dict[str, Any]] = [
    {
        "type": "message",
        "subtype": "channel_join",
        "user": "U1",
        "text": "x",
        "ts": "1770105600.000001",
    },
    {
        "type": "message",
        "user": "U1",
        "text": "Dag <@U2>, zie <https://x.example|de nota> &amp; <!here>",
        "ts": "1770105660.000100",
        "thread_ts": "1770105660.000100",
        "edited": {"user": "U1", "ts": "1770105700.000000"},
        "reactions": [{"name": "thumbsup", "users": ["U2", "U9"], "count": 2}],
        "files": [{"name": "nota.pdf", "mimetype": "application/pdf", "size": 10}],
    },
]
DAY2: list[dict[str, Any]] = [
    {
        "type": "message",
        "user": "U2",
        "text": "Gezien",
        "ts": "1770192000.000200",
        "thread_ts": "1770105660.000100",
    },
    {"type": "message", "subtype": "bot_message", "bot_id": "B1", "username": "melder", "ts": "x"},
]


def write(path: Path, **more: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("users.json", json.dumps(USERS))
        archive.writestr("channels.json", json.dumps(CHANNELS))
        archive.writestr("dms.json", json.dumps(DMS))
        archive.writestr("kade/2026-02-04.json", json.dumps(DAY2, indent=2))
        archive.writestr("kade/2026-02-03.json", json.dumps(DAY1, indent=2))
        archive.writestr("D1/2026-02-03.json", json.dumps(DAY2[:1]))
        for name, text in more.items():
            archive.writestr(name, text)
    return path


def test_channels_and_direct_messages(tmp_path: Path) -> None:
    path = write(tmp_path / "export.zip")
    found = {c.title: (c, said) for c, said in chats(path, "slack")}
    kade, said = found["kade"]
    assert [m.id for m in said] == [m["ts"] for m in DAY1 + DAY2]
    assert said[0].system == "joined"
    assert said[1].sent == "2026-02-03T08:01:00Z"
    assert said[1].text == "Dag @Jan Smit, zie de nota (https://x.example) & @here"
    assert said[1].findings[0].params["tekst"] == DAY1[1]["text"]
    assert said[1].reply_to is None
    assert said[2].reply_to == said[1].id
    assert said[1].reactions == (
        {"emoji": "thumbsup", "sender": "Jan Smit"},
        {"emoji": "thumbsup", "sender": "U9"},
    )
    assert said[1].attachments[0].absent_because == "expired_link"
    assert (said[3].sender, said[3].sent) == ("melder", None)
    assert {p.name for p in kade.participants} == {"Sanne", "Jan Smit", "melder"}
    assert "chat.media_ontbreekt" in codes(kade)
    direct, private = found["Sanne, Jan Smit"]
    assert private[0].place == "D1/2026-02-03.json#/0"
    assert direct.text_member == "D1/2026-02-03.json"


def test_a_damaged_day_stops_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "export.zip", **{"kade/2026-02-05.json": json.dumps(DAY2)[:-40]})
    found = {c.title: (c, said) for c, said in chats(path, "slack")}
    assert "chat.export_onvolledig" in codes(found["kade"][0])
    assert len(found["kade"][1]) == 5


def test_a_zip_without_days_is_no_export(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("users.json", "[]")
        archive.writestr("channels.json", "[]")
    assert slack.score_path(path, head_of(path)) == 0
    (record,) = slack.parse(path, ParseContext())
    assert isinstance(record, Unreadable)
