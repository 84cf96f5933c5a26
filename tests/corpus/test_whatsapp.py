"""Every WhatsApp file of the shared corpus against its facts; what disagrees is listed in docs.

The list in ``docs/afwijkingen-chat.md`` is exact in both directions: a disagreement that is not on
it fails, and so does a line on it that is no longer true.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from archiver.intake.chat import whatsapp
from archiver.intake.chat.whatsapp_dates import fields
from archiver.intake.chat.whatsapp_system import visible
from archiver.intake.protocol import ParseContext
from archiver.model import ChatMessage, Conversation
from archiver.progress import Silent
from archiver.services.inspect import inspect
from tests.corpus.chat_deviations import Deviation, listed
from tests.helpers.shared import SHARED

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(SHARED is None, reason="*** CORPUS ABSENT: WhatsApp was NOT checked ***"),
]

FOLDERS = ("whatsapp", "synthetic/whatsapp-nl-android", "synthetic/whatsapp-nl-ios")
KINDS = {  # kind of the expected events -> our types
    "text": {"text"},
    "system": {"system"},
    "media": {"media", "contact"},
    "media_omitted": {"media", "contact"},
    "attachment": {"media", "contact"},
    "deleted": {"text"},
    "waiting": {"unknown"},
    "null": {"unknown"},
}
Parsed = tuple[Conversation, list[ChatMessage]]


def _root() -> Path:
    assert SHARED is not None
    return SHARED / "corpus" / "chat"


def _files() -> list[str]:
    if SHARED is None:
        return []
    found = [
        p.relative_to(_root()).as_posix()
        for folder in FOLDERS
        for p in sorted((_root() / folder).rglob("*"))
        if p.suffix in (".txt", ".zip")
    ]
    assert len(found) == 32, "the corpus changed: look at the new files"
    return found


@lru_cache(maxsize=64)
def _read(name: str, answer: str | None = None) -> Parsed:
    answers = {"date_order": answer} if answer else {}
    records = list(whatsapp.parse(_root() / name, ParseContext(answers=answers)))
    assert isinstance(records[0], Conversation)
    messages = [r for r in records[1:] if isinstance(r, ChatMessage)]
    assert len(messages) == len(records) - 1
    return records[0], messages


@lru_cache(maxsize=1)
def _manifest() -> dict[str, dict[str, str]]:
    with (_root() / "MANIFEST.csv").open(encoding="utf-8", newline="") as source:
        return {row["file"]: row for row in csv.DictReader(source)}


def _expected(name: str) -> list[dict[str, Any]] | None:
    path = _root() / name
    beside = path.with_name(path.name + ".expected.json")
    if beside.exists():
        loaded: list[dict[str, Any]] = json.loads(beside.read_text(encoding="utf-8"))
        return loaded
    lines = path.with_suffix(".expected.jsonl")
    if lines.exists():
        return [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
    return None


def _folded(text: str | None) -> str:
    return " ".join(visible(text or "").split())


def _caption(message: ChatMessage) -> str:
    """Give the words without the line or the brackets that name the file."""
    text = message.text or ""
    for medium in message.attachments:
        if medium.name and medium.name in (first := text.split("\n", 1)[0]):
            cut = first.find("<")
            text = text[:cut] if cut >= 0 else text[len(first) :]
    return _folded(text)


def _events(name: str) -> Iterator[Deviation]:
    expected = _expected(name)
    if expected is None:
        return
    _, messages = _read(name)
    if len(expected) != len(messages):
        yield Deviation(name, "events", str(len(expected)), str(len(messages)))
        return
    for number, (want, got) in enumerate(zip(expected, messages, strict=True)):
        sender = want.get("sender", want.get("author"))
        sent = want.get("ts", want.get("timestamp"))
        if _folded(sender) != _folded(got.sender):
            yield Deviation(name, f"sender {number}", str(sender), str(got.sender))
        if sent != got.sent:
            yield Deviation(name, f"time {number}", str(sent), str(got.sent))
        texts = {_folded(got.text), _caption(got)}
        if _folded(want["text"]) not in texts:
            yield Deviation(name, f"text {number}", _folded(want["text"]), _folded(got.text))
        kind = want["kind"].partition(":")[0]
        if got.type not in KINDS.get(kind, {kind}):
            yield Deviation(name, f"kind {number}", kind, got.type)
        if kind == "deleted" and not got.deleted:
            yield Deviation(name, f"deleted {number}", "yes", "no")
        if bool(want.get("edited")) != bool(got.edited):
            yield Deviation(name, f"edited {number}", str(want.get("edited")), str(got.edited))
        medium = want.get("media")
        named = want.get("attachment") or (medium or {}).get("filename")
        if named and named not in [a.name for a in got.attachments]:
            yield Deviation(name, f"attachment {number}", named, "-")
        if medium and medium["omitted"] and got.attachments[0].absent_because != "left_out":
            yield Deviation(name, f"left out {number}", "yes", "no")


def _facts(name: str) -> Iterator[Deviation]:
    row = _manifest().get(name)
    if row is None:
        return
    conversation, messages = _read(name)
    if row["messages"]:
        persons = "user messages" in row["notes"]
        count = sum(m.type != "system" for m in messages) if persons else len(messages)
        if count != int(row["messages"]):
            yield Deviation(name, "messages", row["messages"], str(count))
    if row["participants"] and int(row["participants"]) != len(conversation.participants):
        got = str(len(conversation.participants))
        yield Deviation(name, "participants", row["participants"], got)
    ends = (("first_ts", conversation.first, 0), ("last_ts", conversation.last, -1))
    for fact, got_time, place in ends:
        want = row[fact]
        if want and "T" not in want:  # as the peer writes it: compared with the raw time
            want, got_time = want.replace(",", ""), messages[place].sent_raw
        if want and want != got_time:
            yield Deviation(name, fact, want, str(got_time))


def test_facts_and_events_agree_or_are_listed() -> None:
    found = {d for name in _files() for d in (*_facts(name), *_events(name))}
    assert found == listed("WhatsApp")


@pytest.mark.parametrize("name", _files())
def test_no_byte_is_lost(name: str) -> None:
    conversation, messages = _read(name)
    assert messages, "a file without messages proves nothing"
    assert whatsapp.unaccounted(conversation, messages) == ()
    assert conversation.message_count == len(messages)
    assert [m.index for m in messages] == list(range(len(messages)))


@pytest.mark.parametrize("name", _files())
def test_messages_come_again_the_same(name: str) -> None:
    conversation, messages = _read(name)
    assert list(whatsapp.messages(_root() / name, conversation, ParseContext())) == messages


@pytest.mark.parametrize("name", _files())
def test_date_order_is_right_or_asked(name: str) -> None:
    conversation, messages = _read(name)
    asked = [f for f in conversation.findings if f.code == "chat.datumvolgorde_vragen"]
    if conversation.date_order is not None:
        assert not asked
        assert conversation.date_order_basis
        return
    assert asked
    for message in messages:
        found = fields((message.sent_raw or "").encode().split(b" ")[0].rstrip(b","))
        assert found is not None
        one_reading = found[3] == "ymd" or found[0] == found[1]
        assert (message.sent is not None) == one_reading, message.sent_raw
    for order in ("dmy", "mdy"):
        answered, again = _read(name, order)
        assert answered.date_order == order
        assert answered.date_order_basis == "user"
        assert all(m.sent for m in again)


ORDER = {  # what the day and month are, from the origin of each file
    "whatsapp/minvws-merger/Alice/WhatsApp Chat with Test export.txt": "mdy",
    "whatsapp/minvws-merger/Carol/WhatsApp-chat met Test export.txt": "dmy",
    "whatsapp/langchain/whatsapp_chat.txt": "mdy",
    "whatsapp/chatcarve/en-us-android.txt": "mdy",
    "whatsapp/chatcarve/ja-jp-ios.txt": "ymd",
    "whatsapp/chat-miner/test_br_mmddyy_24hrs.txt": "mdy",
    "whatsapp/chat-miner/test_mmddyyyy_12hrs.txt": "mdy",
    "whatsapp/chat-miner/test_yyyymmdd_24hrs.txt": "ymd",
    "whatsapp/whatsr/englishandroid24h.txt": "mdy",
    "whatsapp/chat-analytics/4A_11M.txt": None,
    "whatsapp/chat-analytics/4A_11M.zip": None,
    "whatsapp/timelinize/_chat.txt": None,
    "whatsapp/whats-reader/parser-tests_dash-format-test.txt": None,
    "whatsapp/whats-reader/parser-tests_french-format-test.txt": None,
}


@pytest.mark.parametrize("name", _files())
def test_date_order_is_the_known_one(name: str) -> None:
    assert _read(name)[0].date_order == ORDER.get(name, "dmy")


def test_media_of_the_ministry_are_found_by_name_and_stem() -> None:
    for phone, chat in (
        ("Alice", "WhatsApp Chat with Test export.txt"),
        ("Carol", "WhatsApp-chat met Test export.txt"),
    ):
        conversation, _ = _read(f"whatsapp/minvws-merger/{phone}/{chat}")
        assert len(conversation.media) == 4
        for medium in conversation.media:
            assert medium.present
            path = f"whatsapp/minvws-merger/{phone}/{medium.path}"
            assert medium.sha256 == _manifest()[path]["sha256"]
    by_match = {m.name: m.match for m in conversation.media}
    assert by_match["DOC-20220502-WA0006."] == "stem"


CONVERSATION = {"kind", "path", "platform", "title", "participants", "message_count", "first"}
CONVERSATION |= {"last", "media", "findings"}
MESSAGE = {"kind", "conversation", "index", "id", "sender", "sent", "text", "type", "attachments"}
MESSAGE |= {"reply_to", "edited", "deleted", "reactions"}
TYPES = {"text", "media", "system", "call", "poll", "location", "contact", "unknown"}


def test_inspect_follows_the_contract_on_every_file() -> None:
    paths = tuple(_root() / name for name in _files())
    lines = list(inspect(paths, Silent(), messages=True))
    seen: dict[str, int] = {}
    current: dict[str, Any] = {}
    for line in lines:
        json.dumps(line)
        if line["kind"] == "conversation":
            assert line.keys() >= CONVERSATION
            assert line["platform"] == "whatsapp"
            current = line
            seen[line["path"]] = 0
        else:
            assert line["kind"] == "chat_message"
            assert line.keys() >= MESSAGE
            assert line["conversation"] == current["id"]
            assert line["type"] in TYPES
            assert line["index"] == seen[current["path"]]
            seen[current["path"]] += 1
    assert set(seen) == {str(p) for p in paths}
    for name, path in zip(_files(), paths, strict=True):
        assert seen[str(path)] == len(_read(name)[1])
