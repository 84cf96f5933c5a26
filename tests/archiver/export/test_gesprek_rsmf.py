"""A conversation as RSMF: valid by the published facts, and read back by our own reader as it was."""

from __future__ import annotations

import email
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.export import gesprek_rsmf
from archiver.findings import Finding, Severity
from archiver.intake.chat import rsmf
from archiver.intake.protocol import ParseContext
from archiver.model import (
    ChatAttachment,
    ChatMessage,
    Conversation,
    Extract,
    Participant,
    Span,
)
from tests.archiver.export.test_describe import CHAT

PHOTO = b"\xff\xd8\xff\xe0" + b"brug" * 9
PEOPLE = (Participant("+31 6 11111111", "Mira"), Participant("joris@x.example", "Joris"))
RECORD = replace(CHAT, id="c", participants=PEOPLE)
MEDIUM = ChatAttachment("foto (1).jpg", True, "exact", "map/foto (1).jpg", "image/jpeg", 40, "0")
EARLIER = Finding("chat.bericht_eerder", {"tekst": "eerst dit"}, severity=Severity.INFO)
KINDS = {"message", "disclaimer", "join", "leave", "history", "unknown"}


def opened(place: str) -> BinaryIO:
    assert place == MEDIUM.path
    return io.BytesIO(PHOTO)


def message(index: int, **given_: Any) -> ChatMessage:
    fields: dict[str, Any] = {
        "sender": "Mira",
        "sender_id": "+31 6 11111111",
        "sent": "2026-11-17T09:12:01",
        "sent_raw": "17-11-2026 09:12:01",
        "precision": "second",
        "text": f"regel {index}",
        **given_,
    }
    return ChatMessage("c", index, Span(0, 1), **fields)


MESSAGES = [
    message(0, id="a"),
    message(1, id="b", text=None, type="media", attachments=(MEDIUM,)),
    message(2, text="zie\nfoto “é” 👍", reply_to="a", edited=True, findings=(EARLIER,)),
    message(3, reactions=({"emoji": "👍", "sender": "Joris"}, {"emoji": "❤", "count": "2"})),
    message(4, type="system", system="joined", sender=None, sender_id=None, text="Joris doet mee"),
    message(5, type="system", system="subject", sender=None, sender_id=None, text="Titel"),
    message(6, type="system", sender=None, sender_id=None, text="iets nieuws"),
    message(7, deleted=True, text=None, sent="2026-11-17T09:13:00+01:00"),
    message(8, type="call", system="missed_voice", text="Gemist spraakgesprek"),
    message(9, type="poll", text="Wanneer?", precision="minute"),
    message(10, sent=None, sent_raw="99-99-9999", precision=None, sender_id="nieuw", sender="N"),
    message(11, attachments=(ChatAttachment("weg.pdf", False, absent_because="not_in_export"),)),
    message(12, type="unknown", text=None),
]


def written(messages: list[ChatMessage], record: Conversation = RECORD) -> list[bytes]:
    record = replace(record, message_count=len(messages))
    made = gesprek_rsmf.files(record, messages, opened, "Mira van Oosterhof")
    return [b"".join(one) for one in made]


def manifest(data: bytes) -> dict[str, Any]:
    mail = email.message_from_bytes(data)
    (part,) = [p for p in mail.walk() if p.get_filename() == "rsmf.zip"]
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return dict(json.loads(archive.read("rsmf_manifest.json")))


def facts(found: dict[str, Any]) -> None:
    """What the schema of RSMF 2.0.0 demands, written down by hand."""
    assert set(found) == {"version", "participants", "conversations", "events"}
    assert found["version"] == "2.0.0"
    people = [p["id"] for p in found["participants"]]
    assert all(people)
    assert len(people) == len(set(people))
    for chat in found["conversations"]:
        assert chat["id"]
        assert chat["platform"]
        assert chat["type"] in ("direct", "channel")
        assert set(chat["participants"]) <= set(people)
        assert all(c["name"] and c["value"] for c in chat["custom"])
    for event in found["events"]:
        assert event["type"] in KINDS
        assert event.get("participant") in (*people, None)
        assert event["conversation"] == found["conversations"][0]["id"]
        assert all(a["id"] for a in event.get("attachments", ()))
        assert all(e["participant"] in people for e in event.get("edits", ()))
        for reaction in event.get("reactions", ()):
            assert reaction["value"]
            assert set(reaction.get("participants", ())) <= set(people)
        assert all(c["name"] and c["value"] for c in event["custom"])
        assert all(isinstance(event.get(k, ""), str) for k in ("id", "body", "timestamp", "parent"))


def read_back(data: bytes, tmp_path: Path) -> tuple[Conversation, list[ChatMessage]]:
    path = tmp_path / "gesprek.rsmf"
    path.write_bytes(data)
    first, *rest = rsmf.parse(path, ParseContext())
    assert isinstance(first, Conversation)
    assert all(isinstance(m, ChatMessage) for m in rest)
    return first, [m for m in rest if isinstance(m, ChatMessage)]


def said(one: ChatMessage) -> tuple[object, ...]:
    """What must survive the way there and back."""
    return (
        *(one.id, one.sender, one.sent, one.sent_raw, one.precision, one.text, one.type),
        *(one.system, one.reply_to, one.edited, one.deleted, tuple(map(dict, one.reactions))),
        tuple((a.name, a.present) for a in one.attachments),
        tuple(f.params["tekst"] for f in one.findings if f.code == "chat.bericht_eerder"),
    )


def test_every_kind_of_message_comes_back_as_it_was(tmp_path: Path) -> None:
    (data,) = written(MESSAGES)
    facts(manifest(data))
    record, messages = read_back(data, tmp_path)
    assert [said(m) for m in messages] == [said(m) for m in MESSAGES]
    assert record.title == CHAT.title
    assert {p.name for p in record.participants} >= {"Mira", "Joris", "N"}
    medium = messages[1].attachments[0]
    assert b"".join(rsmf.member_bytes(tmp_path / "gesprek.rsmf", medium.path or "")) == PHOTO
    assert medium.size == len(PHOTO)


def test_the_headers_say_what_is_inside() -> None:
    mail = email.message_from_bytes(written(MESSAGES)[0])
    assert mail["X-RSMF-Version"] == "2.0.0"
    assert mail["X-RSMF-EventCount"] == str(len(MESSAGES))
    assert mail["X-RSMF-BeginDate"] == "2026-11-17T09:12:01"
    assert mail["X-RSMF-EndDate"] == "2026-11-17T09:13:00+01:00"
    assert str(email.header.make_header(email.header.decode_header(mail["X-RSMF-Custodian"]))) == (
        "Mira van Oosterhof"
    )


def test_twice_the_same_bytes() -> None:
    assert written(MESSAGES) == written(MESSAGES)


def test_a_long_conversation_becomes_files_of_at_most_so_many_events(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(gesprek_rsmf, "MOST", 5)
    made = written(MESSAGES)
    assert [len(manifest(data)["events"]) for data in made] == [5, 5, 3]
    assert gesprek_rsmf.count(replace(RECORD, message_count=len(MESSAGES))) == 3
    back = [m for data in made for m in read_back(data, tmp_path)[1]]
    assert [said(m) for m in back] == [said(m) for m in MESSAGES]
    assert len(written([])) == 1


def test_what_was_taken_out_is_counted_and_not_in_it() -> None:
    extract = Extract("1" * 64, 1, "2" * 64, 15, {"prive": 2})
    found = manifest(written(MESSAGES, replace(RECORD, extract=extract))[0])
    custom = {c["name"]: c["value"] for c in found["conversations"][0]["custom"]}
    assert custom["archiefklaar:weggelaten"] == "prive: 2"
    assert custom["archiefklaar:wortel"] == "2" * 64
    assert custom["archiefklaar:bron_sha256"] == "1" * 64


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.text(min_size=1), st.text(), st.text()), min_size=1, max_size=12))
def test_any_words_come_back(
    tmp_path_factory: pytest.TempPathFactory, words: list[tuple[str, str, str]]
) -> None:
    messages = [
        message(i, sender=who, sender_id=f"p{who}", text=text, id=key or None)
        for i, (who, text, key) in enumerate(words)
    ]
    record = replace(RECORD, participants=())
    (data,) = written(messages, record)
    facts(manifest(data))
    _, back = read_back(data, tmp_path_factory.mktemp("rsmf"))
    assert [m.text or "" for m in back] == [m.text or "" for m in messages]
    assert [m.sender_id for m in back] == [m.sender_id for m in messages]
