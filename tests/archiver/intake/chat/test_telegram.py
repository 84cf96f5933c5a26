"""The Telegram readers on invented exports."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from archiver.intake.chat import telegram
from tests.archiver.intake.chat.reading import chats, codes

MESSAGES: list[dict[str, Any]] = [
    {
        "id": 1,
        "type": "service",
        "date": "2026-02-03T09:00:00",
        "date_unixtime": "1770105600",
        "actor": "Sanne",
        "actor_id": "user1",
        "action": "create_group",
        "title": "Kade",
        "members": ["Sanne", "Jan"],
        "text": "",
    },
    {
        "id": 2,
        "type": "message",
        "date": "2026-02-03T09:01:00",
        "date_unixtime": "1770105660",
        "edited": "2026-02-03T09:05:00",
        "from": "Sanne",
        "from_id": "user1",
        "text": ["Zie ", {"type": "bold", "text": "de nota"}, "."],
        "file": "files/nota.pdf",
        "reactions": [
            {"type": "emoji", "count": 3, "emoji": "👍", "recent": [{"from": "Jan"}]},
        ],
    },
    {
        "id": 3,
        "type": "message",
        "date": "2026-02-03T09:02:00",
        "from": None,
        "from_id": "user9",
        "reply_to_message_id": 2,
        "forwarded_from": "Karin",
        "photo": "(File not included. Change data exporting settings to download.)",
        "text": "",
    },
    {
        "id": 4,
        "type": "message",
        "date_unixtime": "1770105900",
        "from": "Jan",
        "from_id": "user2",
        "poll": {"question": "Welke dag?", "answers": [{"text": "ma", "voters": 2}]},
        "text": "",
    },
    {"id": 5, "type": "service", "date": "2026-02-03T09:04:00", "action": "phone_call", "text": ""},
    {
        "id": 6,
        "type": "message",
        "date": "2026-02-03T09:05:00",
        "from": "Jan",
        "from_id": "user2",
        "location_information": {"latitude": 52.1, "longitude": 4.3},
        "text": "",
    },
]
CHAT = {"name": "Kade", "type": "private_group", "id": 77, "messages": MESSAGES}


def write(folder: Path, value: object) -> Path:
    path = folder / "result.json"
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False), encoding="utf-8")
    return path


def test_one_chat(tmp_path: Path) -> None:
    path = write(tmp_path, CHAT)
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "nota.pdf").write_bytes(b"%PDF")
    ((conversation, said),) = chats(path, "telegram")
    assert conversation.title == "Kade"
    assert [m.type for m in said] == ["system", "text", "media", "poll", "call", "location"]
    assert said[0].system == "group_created"
    assert said[0].text == "Kade, Sanne, Jan"
    assert said[1].sent == "2026-02-03T09:01:00+01:00"
    assert said[1].text == "Zie de nota."
    assert said[1].edited
    assert said[1].attachments[0].path == "files/nota.pdf"
    assert said[1].attachments[0].present
    assert said[1].reactions == ({"emoji": "👍", "sender": "Jan"}, {"emoji": "👍", "count": "2"})
    assert said[2].sent == "2026-02-03T09:02:00"
    assert (said[2].sender, said[2].reply_to) == ("user9", "2")
    assert said[2].attachments[0].absent_because == "left_out"
    assert said[2].findings[0].params == {"van": "Karin"}
    assert said[3].sent == "2026-02-03T08:05:00Z"
    assert said[3].text == "Welke dag?\n- ma (2)"
    assert said[1].place == "#/messages/1"
    assert codes(conversation) == {"chat.media_ontbreekt", "chat.bestanden_ernaast"}
    assert {p.name for p in telegram.companions(path)} == {"files"}


def test_a_whole_account_gives_every_chat(tmp_path: Path) -> None:
    account = {
        "about": "x",
        "contacts": {"list": [{"first_name": "A"}]},
        "chats": {"list": [CHAT, {"name": None, "id": 1, "messages": MESSAGES[1:3]}]},
        "left_chats": {"list": [{"name": "Oud", "messages": MESSAGES[1:2]}]},
    }
    found = chats(write(tmp_path, account), "telegram")
    assert [c.title for c, _ in found] == ["Kade", None, "Oud"]
    assert [len(said) for _, said in found] == [6, 2, 1]
    assert found[2][1][0].place == "#/left_chats/list/0/messages/0"


def test_a_zip_with_media(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ChatExport/result.json", json.dumps(CHAT))
        archive.writestr("ChatExport/files/nota.pdf", b"%PDF")
    size = len(json.dumps(CHAT))
    ((conversation, said),) = chats(path, "telegram", {"ChatExport/result.json": size})
    medium = said[1].attachments[0]
    assert medium.path == "ChatExport/files/nota.pdf"
    assert b"".join(telegram.member_bytes(path, medium.path or "")) == b"%PDF"
    assert conversation.text_member == "ChatExport/result.json"


def test_defects_of_the_json_are_repaired_and_said(tmp_path: Path) -> None:
    path = write(tmp_path, CHAT)
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("de nota", r"de\x07nota").replace('"Jan",', "Jan Smit,", 1), encoding="utf-8"
    )
    ((conversation, said),) = chats(path, "telegram")
    assert said[1].text == "Zie de\x07nota."
    assert "chat.berichten_hersteld" in codes(conversation)
    path.write_text(text.replace('"text": "Welke', '"text": [}', 1), encoding="utf-8")


@pytest.mark.parametrize("cut", [10, 200, 500, 900, 1250])
def test_a_cut_off_export_is_read_as_far_as_it_goes(tmp_path: Path, cut: int) -> None:
    path = write(tmp_path, CHAT)
    path.write_bytes(path.read_bytes()[:-cut])
    ((conversation, said),) = chats(path, "telegram")
    assert "chat.export_onvolledig" in codes(conversation)
    assert conversation.title == "Kade"
    assert said[0].text == "Kade, Sanne, Jan"


PAGE = """<!DOCTYPE html><html><body onload="CheckLocation();"><div class="page_wrap">
<div class="page_header"><div class="content"><div class="text bold">
Kade &amp; brug
</div></div></div><div class="page_body chat_page"><div class="history">
<div class="message service" id="message-1"><div class="body details">
3 February 2026
</div></div>
<div class="message default clearfix" id="message10"><div class="body">
<div class="pull_right date details" title="03.02.2026 09:01:00 UTC+01:00">09:01</div>
<div class="from_name">
Sanne
</div><div class="text">
Zie <b>de nota</b><br>en de schets
</div></div></div>
<div class="message default clearfix joined" id="message11"><div class="body">
<div class="pull_right date details" title="03.02.2026 09:02:00">09:02</div>
<div class="reply_to details">In reply to <a href="#go_to_message10">this message</a></div>
<div class="media_wrap clearfix"><a class="photo_wrap clearfix pull_left" href="photos/p1.jpg">
<img class="photo" src="photos/p1_thumb.jpg"></a></div></div></div>
<div class="message service" id="message12"><div class="body details">
Sanne pinned this message
</div></div>
<div class="message default clearfix" id="message13"><div class="body">
<div class="pull_right date details" title="03.02.2026 09:03:00">09:03</div>
<div class="from_name">Jan</div><div class="forwarded body"><div class="from_name">
Karin <span class="date details" title="01.02.2026 10:00:00"> 01.02.2026</span></div>
<div class="text">oud nieuws</div></div></div></div>
</div></div></div></body></html>
"""


def test_a_page_of_html(tmp_path: Path) -> None:
    path = tmp_path / "messages.html"
    path.write_text(PAGE, encoding="utf-8")
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "p1.jpg").write_bytes(b"jpg")
    ((conversation, said),) = chats(path, "telegram-html")
    assert (conversation.title, conversation.platform) == ("Kade & brug", "telegram")
    assert [(m.id, m.sender, m.sent) for m in said] == [
        ("10", "Sanne", "2026-02-03T09:01:00+01:00"),
        ("11", "Sanne", "2026-02-03T09:02:00"),
        ("12", None, None),
        ("13", "Jan", "2026-02-03T09:03:00"),
    ]
    assert said[0].text == "Zie de nota\nen de schets"
    assert said[1].reply_to == "10"
    assert said[1].attachments[0].path == "photos/p1.jpg"
    assert said[2].type == "system"
    assert said[3].text == "oud nieuws"
    assert "chat.doorgestuurd" in {f.code for f in said[3].findings}
    second = tmp_path / "messages2.html"
    second.write_text(PAGE, encoding="utf-8")
    ((conversation, _),) = chats(second, "telegram-html")
    assert "chat.vervolgpagina" in codes(conversation)
