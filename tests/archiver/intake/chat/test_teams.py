"""The Teams reader on invented answers of Graph."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

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
