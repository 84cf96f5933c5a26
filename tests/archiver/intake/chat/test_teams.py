"""The Teams reader on invented answers of Graph."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from archiver.intake.chat import exports, teams
from archiver.intake.protocol import ParseContext
from archiver.model import ChatMessage, Conversation
from tests.archiver.intake.chat.reading import chats, codes


def user(name: str, identity: str) -> dict[str, Any]:
    return {"application": None, "device": None, "user": {"id": identity, "displayName": name}}


def message(identity: str, at: str, **more: Any) -> dict[str, Any]:
    return {
        "id": identity,
        "replyToId": None,
        "messageType": "message",
        "createdDateTime": at,
        "lastEditedDateTime": None,
        "deletedDateTime": None,
        "subject": None,
        "chatId": "19:kade@thread.v2",
        "from": user("Sanne Bakker", "a1"),
        "body": {"contentType": "html", "content": "<p>dag</p>"},
        "attachments": [],
        "mentions": [],
        "reactions": [],
        **more,
    }


VALUE: list[dict[str, Any]] = [
    message(
        "3",
        "2026-02-03T08:03:00.5Z",
        body={
            "contentType": "html",
            "content": '<p>Akkoord <at id="0">Jan</at> <emoji id="x" alt="👍"></emoji>&amp; klaar<br>'
            'tot zo</p><img alt="schets" src="https://graph.example/hostedContents/1/$value">',
        },
        replyToId="1",
        lastEditedDateTime="2026-02-03T08:04:00Z",
        attachments=[
            {
                "contentType": "reference",
                "contentUrl": "https://x.example/n.docx",
                "name": "n.docx",
            },
            {"contentType": "messageReference", "id": "2", "content": '{"messageId":"2"}'},
        ],
        reactions=[
            {
                "reactionType": "like",
                "createdDateTime": "2026-02-03T08:05:00Z",
                "user": user("Jan Smit", "b2"),
            }
        ],
    ),
    message("2", "2026-02-03T08:02:00Z", deletedDateTime="2026-02-03T08:02:30Z", **{"from": None}),
    message(
        "1",
        "2026-02-03T08:01:00Z",
        messageType="systemEventMessage",
        body={"contentType": "html", "content": "<systemEventMessage/>"},
        **{"from": None},
        eventDetail={
            "@odata.type": "#microsoft.graph.membersAddedEventMessageDetail",
            "members": [{"id": "b2", "displayName": "Jan Smit"}],
        },
    ),
    message("4", "2026-02-03T09:00:00Z", chatId="19:ander@thread.v2", subject="Gunning"),
    message("5", "2026-02-03T09:01:00+01:00", chatId="19:ander@thread.v2", messageType="nieuw"),
]


def upper(value: Any) -> Any:
    if isinstance(value, dict):
        return {k[:1].upper() + k[1:]: upper(v) for k, v in value.items()}
    return [upper(v) for v in value] if isinstance(value, list) else value


@pytest.mark.parametrize("form", ["graph", "array", "pascal"])
def test_an_answer_of_graph(tmp_path: Path, form: str) -> None:
    value: object = {"@odata.context": "https://graph.example/$metadata", "value": VALUE}
    if form == "array":
        value = VALUE
    elif form == "pascal":
        value = upper(VALUE)
    path = tmp_path / "berichten.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    (kade, said), (_, other) = chats(path, "teams")
    assert [(m.id, m.sent) for m in said] == [
        ("3", "2026-02-03T08:03:00.500Z"),
        ("2", "2026-02-03T08:02:00.000Z"),
        ("1", "2026-02-03T08:01:00.000Z"),
    ]
    assert (kade.first, kade.last) == (said[2].sent, said[0].sent)
    answer = said[0]
    assert answer.text == "Akkoord Jan 👍& klaar\ntot zo"
    assert (answer.sender, answer.sender_id, answer.edited) == ("Sanne Bakker", "a1", True)
    assert answer.reply_to == "2"
    assert [(a.name, a.absent_because) for a in answer.attachments] == [
        ("n.docx", "link"),
        ("schets", "needs_token"),
    ]
    assert answer.reactions == (
        {"emoji": "like", "sender": "Jan Smit", "sent": "2026-02-03T08:05:00.000Z"},
    )
    assert said[1].deleted
    assert said[1].sender is None
    if form != "pascal":
        assert (said[2].type, said[2].system, said[2].text) == (
            "system",
            "member_added",
            "Jan Smit",
        )
    assert other[0].findings[0].params == {"onderwerp": "Gunning"}
    assert (other[1].type, other[1].sent) == ("unknown", "2026-02-03T09:01:00+01:00")
    assert "chat.tijd_terug" not in codes(kade)


def read_one(tmp_path: Path, *value: dict[str, Any]) -> Any:
    path = tmp_path / "een.json"
    path.write_text(json.dumps({"value": value}), encoding="utf-8")
    ((_, said),) = chats(path, "teams")
    return said


def attachment(kind: str, content: object, **more: Any) -> dict[str, Any]:
    return {"id": "a", "contentType": kind, "content": json.dumps(content), **more}


def test_a_forwarded_message_is_read_and_is_no_answer(tmp_path: Path) -> None:
    held = {
        "originalMessageId": "7",
        "originalMessageContent": "<p>De kade is <b>dicht</b></p>",
        "originalMessageSender": user("Jan Smit", "b2"),
    }
    one = message(
        "1", "2026-02-03T08:00:00Z", attachments=[attachment("forwardedMessageReference", held)]
    )
    (found,) = read_one(tmp_path, one)
    assert found.text == "dag\n\nDe kade is dicht"
    assert found.reply_to is None
    assert not found.attachments
    assert [(f.code, f.params) for f in found.findings] == [
        ("chat.doorgestuurd", {"van": "Jan Smit"})
    ]


def test_a_card_is_words_in_the_message_and_no_file_elsewhere(tmp_path: Path) -> None:
    card = {
        "type": "AdaptiveCard",
        "body": [
            {"type": "TextBlock", "text": "Storing gemeld"},
            {"type": "FactSet", "facts": [{"title": "Locatie", "value": "Kade Zuid"}]},
        ],
        "actions": [{"type": "Action.OpenUrl", "title": "Openen", "url": "https://x.example"}],
    }
    body = {"contentType": "html", "content": '<attachment id="a"></attachment>'}
    held = [attachment("application/vnd.microsoft.card.adaptive", card)]
    (found,) = read_one(tmp_path, message("1", "2026-02-03T08:00:00Z", body=body, attachments=held))
    assert found.text == "Storing gemeld\nLocatie\nKade Zuid"
    assert (found.type, found.attachments) == ("text", ())
    assert [f.code for f in found.findings] == ["teams.kaart"]


def test_a_card_that_is_no_json_or_endless_gives_no_words_and_stops_nothing(tmp_path: Path) -> None:
    deep: Any = "x"
    for _ in range(200):
        deep = {"items": [deep]}
    card = "application/vnd.microsoft.card.adaptive"
    broken = {**attachment(card, {}), "content": "{"}
    many = attachment(card, {"body": [{"text": f"regel {n}"} for n in range(2_000)]})
    held = [broken, attachment(card, deep), many]
    (found,) = read_one(tmp_path, message("1", "2026-02-03T08:00:00Z", attachments=held))
    assert found.text.startswith("dag\n\nregel 0\nregel 1\n")
    assert len(found.text.splitlines()) == 502


def test_code_needs_a_token_and_a_custom_reaction_has_a_name(tmp_path: Path) -> None:
    held = [attachment("application/vnd.microsoft.card.codesnippet", {"name": "opzoeken.py"})]
    reactions = [{"reactionType": "custom", "displayName": "feest", "user": user("Jan", "b2")}]
    one = message("1", "2026-02-03T08:00:00Z", attachments=held, reactions=reactions)
    (found,) = read_one(tmp_path, one)
    assert [(a.name, a.absent_because) for a in found.attachments] == [
        ("opzoeken.py", "needs_token")
    ]
    assert found.reactions == ({"emoji": "feest", "sender": "Jan"},)


def test_what_a_reader_would_not_see_is_said(tmp_path: Path) -> None:
    one = message(
        "1",
        "2026-02-03T08:00:00Z",
        importance="urgent",
        policyViolation={"dlpAction": "blockAccess"},
        messageHistory=[{"actions": "reactionAdded"}, {"actions": "reactionRemoved"}],
    )
    (found,) = read_one(tmp_path, one)
    assert {f.code: f.params for f in found.findings} == {
        "teams.belang": {"belang": "urgent"},
        "teams.beleid": {},
        "teams.reactie_weg": {"n": 1},
    }


def test_who_made_an_event_is_its_sender(tmp_path: Path) -> None:
    detail = {
        "@odata.type": "#microsoft.graph.chatRenamedEventMessageDetail",
        "chatDisplayName": "Kade Zuid",
        "initiator": user("Sanne Bakker", "a1"),
    }
    more = {"messageType": "systemEventMessage", "from": None, "eventDetail": detail}
    (found,) = read_one(tmp_path, message("1", "2026-02-03T08:00:00Z", **more))
    assert (found.type, found.system, found.text) == ("system", "subject", "Kade Zuid")
    assert (found.sender, found.sender_id) == ("Sanne Bakker", "a1")


@pytest.mark.parametrize("form", ["graph", "pascal"])
def test_replies_inside_a_message_come_after_it_and_every_byte_counts_once(
    tmp_path: Path, form: str
) -> None:
    inside = [message("2", "2026-02-03T08:01:00Z", replyToId="1", body={"content": "ja"})]
    value: list[dict[str, Any]] = [
        message("1", "2026-02-03T08:00:00Z", replies=inside),
        message("3", "2026-02-03T08:05:00Z"),
    ]
    raw = json.dumps({"value": upper(value) if form == "pascal" else value}).encode()
    path = tmp_path / "berichten.json"
    path.write_bytes(raw)
    records = list(teams.parse(path, ParseContext()))
    said = [r for r in records if isinstance(r, ChatMessage)]
    assert [(m.id, m.index, m.reply_to, m.text) for m in said] == [
        ("1", 0, None, "dag"),
        ("2", 1, "1", "ja"),
        ("3", 2, None, "dag"),
    ]
    assert (said[1].place or "").endswith("eplies/0")
    assert exports.unaccounted(records, {"": len(raw)}) == {}
    assert isinstance(records[0], Conversation)
    assert records[0].message_count == 3
