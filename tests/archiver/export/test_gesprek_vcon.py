"""A conversation as vCon: valid by the facts of the draft, every message and every byte in it."""

from __future__ import annotations

import base64
import json
import re
import uuid
from dataclasses import replace
from typing import Any

from archiver.export import gesprek_vcon
from archiver.model import Conversation, Extract
from tests.archiver.export.test_gesprek_rsmf import MESSAGES, PHOTO, RECORD, opened

MOMENT = "2026-11-26T10:00:00+01:00"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def written(record: Conversation = RECORD) -> bytes:
    return b"".join(gesprek_vcon.document(record, lambda: MESSAGES, opened, "id-1", MOMENT))


def vcon(record: Conversation = RECORD) -> dict[str, Any]:
    return dict(json.loads(written(record)))


def test_the_facts_of_the_draft_hold() -> None:
    found = vcon()
    assert uuid.UUID(found["uuid"]).version == 8
    assert TIME.fullmatch(found["created_at"])
    assert found["extensions"] == ["archiefklaar"]
    assert "critical" not in found  # a reader that does not know us may go on
    count = len(found["parties"])
    assert all(p["name"] for p in found["parties"])
    for dialog in found["dialog"]:
        assert dialog["type"] == "text"
        assert TIME.fullmatch(dialog["start"])
        assert dialog["encoding"] == "none"
        assert isinstance(dialog["body"], str)
        assert all(0 <= party < count for party in dialog["parties"])
        assert not {"url", "disposition", "duration"} & set(dialog)
    for attachment in found["attachments"]:
        assert TIME.fullmatch(attachment["start"])
        assert 0 <= attachment["party"] < count
        assert 0 <= attachment["dialog"] < len(found["dialog"])
        assert ("body" in attachment) == (attachment.get("encoding") == "base64url")


def test_every_message_and_every_byte_is_in_it() -> None:
    found = vcon()
    assert [d["body"] for d in found["dialog"]] == [m.text or "" for m in MESSAGES]
    assert [d.get("message_id") for d in found["dialog"]] == [m.id for m in MESSAGES]
    names = [
        found["parties"][d["parties"][0]]["name"] if d["parties"] else None for d in found["dialog"]
    ]
    assert names == [m.sender for m in MESSAGES]
    own = [d["archiefklaar"] for d in found["dialog"]]
    assert own[2]["reply_to"] == "a"
    assert own[2]["edited"]
    assert own[3]["reactions"] == [dict(r) for r in MESSAGES[3].reactions]
    assert own[4]["system"] == "joined"
    assert own[7]["deleted"]
    assert own[10]["tijd_onbekend"]
    assert own[0]["sent_raw"] == "17-11-2026 09:12:01"
    photo, absent = found["attachments"]
    assert base64.urlsafe_b64decode(photo["body"] + "==") == PHOTO
    assert photo["dialog"] == 1
    assert absent["filename"] == "weg.pdf"


def test_a_time_without_zone_is_not_given_one() -> None:
    starts = [d["start"] for d in vcon()["dialog"]]
    assert starts[0] == "2026-11-17T09:12:01-00:00"
    assert starts[7] == "2026-11-17T09:13:00+01:00"


def test_numbers_and_addresses_are_urls() -> None:
    parties = vcon()["parties"]
    assert parties[0] == {"name": "Mira", "tel": "tel:+31611111111"}
    assert parties[1] == {"name": "Joris", "mailto": "mailto:joris@x.example"}


def test_what_was_taken_out_is_said_and_not_in_it() -> None:
    record = replace(RECORD, extract=Extract("1" * 64, 1, "2" * 64, 15, {"prive": 2}))
    found = vcon(record)
    assert found["redacted"] == {"type": "prive: 2"}
    assert found["archiefklaar"]["weggelaten"] == {"prive": 2}
    assert found["archiefklaar"]["wortel"] == "2" * 64
    assert "redacted" not in vcon()


def test_twice_the_same_bytes() -> None:
    assert written() == written()
