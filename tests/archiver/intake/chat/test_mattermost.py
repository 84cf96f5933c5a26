"""The Mattermost readers on invented exports: bulk JSON Lines, Actiance XML, CSV."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.archiver.intake.chat.reading import chats, codes

AT = 1_770_105_600_000
LINES: list[dict[str, Any]] = [
    {"type": "version", "version": 1},
    {"type": "channel", "channel": {"team": "t", "name": "kade", "display_name": "Kadebrug"}},
    {"type": "user", "user": {"username": "sanne", "first_name": "Sanne", "last_name": "Bakker"}},
    {"type": "user", "user": {"username": "jan", "nickname": "Jan"}},
    {
        "type": "post",
        "post": {
            "team": "t",
            "channel": "kade",
            "user": "sanne",
            "message": "Wie komt?",
            "create_at": AT,
            "edit_at": AT + 5,
            "reactions": [{"user": "jan", "emoji_name": "tada", "create_at": AT + 9}],
            "replies": [
                {"user": "jan", "message": "Ik", "create_at": AT + 1000},
                {"user": "piet", "message": "Ook", "create_at": AT + 2000},
            ],
            "attachments": [{"path": "20260203/nota.pdf"}],
        },
    },
    {
        "type": "direct_post",
        "direct_post": {
            "channel_members": ["sanne", "jan"],
            "user": "jan",
            "message": "Bel me",
            "create_at": AT + 3000,
        },
    },
    {
        "type": "post",
        "post": {
            "team": "t",
            "channel": "kade",
            "user": "jan",
            "type": "system_join_channel",
            "message": "jan joined",
            "create_at": AT + 4000,
        },
    },
]


def bulk() -> bytes:
    return "".join(f"{json.dumps(line)}\n" for line in LINES).encode()


def test_bulk_export_with_replies_and_a_file(tmp_path: Path) -> None:
    path = tmp_path / "export.jsonl"
    path.write_bytes(bulk())
    (tmp_path / "data" / "20260203").mkdir(parents=True)
    (tmp_path / "data" / "20260203" / "nota.pdf").write_bytes(b"%PDF")
    (kade, said), (direct, private) = chats(path, "mattermost")
    assert (kade.title, direct.title) == ("Kadebrug", "Jan, Sanne Bakker")
    assert [(m.sender, m.text) for m in said] == [
        ("Sanne Bakker", "Wie komt?"),
        ("Jan", "Ik"),
        ("piet", "Ook"),
        ("Jan", "jan joined"),
    ]
    assert said[0].sent == "2026-02-03T08:00:00.000Z"
    assert said[0].edited
    assert said[0].attachments[0].path == "data/20260203/nota.pdf"
    assert said[1].reply_to == said[0].id
    assert said[2].place == "#/4/post/replies/1"
    assert (said[3].type, said[3].system) == ("system", "join_channel")
    assert said[0].reactions[0]["sender"] == "Jan"
    assert private[0].sender_id == "jan"


def test_a_broken_line_is_said(tmp_path: Path) -> None:
    path = tmp_path / "export.jsonl"
    path.write_bytes(bulk() + b'{"type":"post","post":{"tea')
    (kade, _), _ = chats(path, "mattermost")
    assert "chat.regels_onleesbaar" in codes(kade)


ACTIANCE = b"""<?xml version="1.0" encoding="UTF-8"?>
<FileDump xmlns:xsi="https://www.w3.org/2001/XMLSchema-instance">
  <Conversation Perspective="Kade &amp; brug">
    <RoomID>public - x</RoomID><StartTimeUTC>1770105600000</StartTimeUTC>
    <ParticipantEntered><LoginName>sanne@veldermeer.example</LoginName>
    <DateTimeUTC>1770105600000</DateTimeUTC></ParticipantEntered>
    <Message><LoginName>sanne@veldermeer.example</LoginName>
    <DateTimeUTC>1770105601000</DateTimeUTC><Content>1 &lt; 2 &#55357;&#56397;</Content></Message>
    <FileTransferStarted><LoginName>jan@veldermeer.example</LoginName>
    <DateTimeUTC>1770105602000</DateTimeUTC><UserFileName>nota.pdf</UserFileName>
    <FileName>a/nota.pdf</FileName></FileTransferStarted>
    <FileTransferEnded><LoginName>jan@veldermeer.example</LoginName>
    <DateTimeUTC>1770105602000</DateTimeUTC><UserFileName>nota.pdf</UserFileName>
    </FileTransferEnded>
    <EndTimeUTC>1770105602000</EndTimeUTC>
  </Conversation>
  <Conversation Perspective="Leeg"><RoomID>y</RoomID></Conversation>
  <Conversation Perspective="Twee"><RoomID>z</RoomID>
    <Message><LoginName>jan@veldermeer.example</LoginName><Content>zonder tijd</Content></Message>
  </Conversation>
</FileDump>
"""


def test_actiance_keeps_every_event(tmp_path: Path) -> None:
    path = tmp_path / "actiance.xml"
    path.write_bytes(ACTIANCE)
    (kade, said), (two, other) = chats(path, "mattermost-actiance")
    assert (kade.title, two.title) == ("Kade & brug", "Twee")
    assert [m.type for m in said] == ["system", "text", "media", "system"]
    assert said[1].text == "1 < 2 👍"
    assert said[2].attachments[0].name == "nota.pdf"
    assert [p.id for p in kade.participants] == [
        "sanne@veldermeer.example",
        "jan@veldermeer.example",
    ]
    assert other[0].sent is None


HEADER = (
    "Post Creation Time,Team Id,Team Name,Channel Id,Channel Name,Channel Display Name,"
    "Channel Type,User Id,User Email,Username,Post Id,Edited By Post Id,Replied to Post Id,"
    "Post Message,Post Type,User Type\n"
)
ROWS = (
    '1770105600000,t,T,c1,kade,Kadebrug,public,u1,s@x.example,sanne,p1,,,"Eén ""ding"",\n'
    'twee regels",,user\n'
    "1770105601000,t,T,c2,x,,direct,u2,j@x.example,jan,p2,,p1,Ja,,user\n"
    "1770105602000,t,T,c1,kade,Kadebrug,public,u2,j@x.example,jan,p3,,,a/b/nota.pdf,attachment,user\n"
)


def test_csv_rows_with_line_ends_inside(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(HEADER + ROWS, encoding="utf-8", newline="")
    (kade, said), (_, other) = chats(path, "mattermost-csv")
    assert kade.title == "Kadebrug"
    assert said[0].text == 'Eén "ding",\ntwee regels'
    assert said[1].attachments[0].name == "nota.pdf"
    assert (other[0].reply_to, other[0].sender, other[0].place) == ("p1", "jan", "#row=3")
