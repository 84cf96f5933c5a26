"""Every chat file of the corpus that is not WhatsApp text: who reads it, its facts, nothing lost."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from archiver.intake import registry
from archiver.intake.chat.exports import unaccounted
from archiver.intake.chat.imessage import string_of, summary_of, versions
from archiver.intake.identify import head_of
from archiver.intake.protocol import ParseContext
from archiver.model import ChatMessage, Conversation, Record, Unreadable
from archiver.progress import Silent
from archiver.services.inspect import inspect
from tests.corpus.chat_deviations import Deviation, listed
from tests.corpus.test_whatsapp import CONVERSATION, MESSAGE, TYPES
from tests.helpers.shared import SHARED

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(SHARED is None, reason="*** CORPUS ABSENT: chats were NOT checked ***"),
]

SKIP = ("whatsapp/", "synthetic/whatsapp-nl-android/", "synthetic/whatsapp-nl-ios/")
READ = {  # which reader takes which file; a file that is not here must be taken by none
    "signal/chat-miner/signal_export.txt": "signal-export",
    "signal/libsignal/canonical-backup.takeout-export.expected.jsonl": "signal",
    "signal/libsignal/account-data.jsonproto": "sealed",
    "signal/libsignal/expiration-timer-chat-update-message.jsonproto": "sealed",
    "signal/libsignal/incoming-message-with-edits.jsonproto": "sealed",
    "signal/libsignal/new-account.binproto.encrypted": "sealed",
    "signal/libsignal/new-account.binproto.encrypted.source.jsonproto": "sealed",
    "signal/libsignal/simple-chat-update-message.jsonproto": "sealed",
    "signal/libsignal/story-distribution-list.jsonproto": "sealed",
    "case-uco/Message_CASE_1.0.0.json": "sealed",
    "whatsapp-db/wa-crypt-tools/msgstore.db.crypt15": "sealed",
    "teams/zulip/messages_channel.json": "teams",
    "slack/slack-export-viewer/testarchive.zip": "slack",
    "slack/slackdump/source_export.zip": "slack",
    "mattermost/zulip/direct_channel_export.jsonl": "mattermost",
    "mattermost/docs/actiance_export.excerpt.xml": "mattermost-actiance",
    "sms/sms-backup-reader-2/corrupt_attachments.xml": "sms",
    "sms/sms-backup-reader-2/empty.xml": "sms",
    "sms/sms-backup-reader-2/sample_mms.xml": "sms",
    "sms/sms-backup-reader-2/sample_small.xml": "sms",
    "imessage/langchain/imessage_chat.db": "imessage-db",
    "whatsapp-db/ileapp/ChatStorage.josh_ios15.zip": "whatsapp-db",
    "whatsapp-db/wa-crypt-tools/msgstore.db": "whatsapp-db",
    "meta/chat-miner/instagram.json": "meta",
    "meta/facebook-data-miner/inbox/foobar_n5fd6gG50h/message_1.json": "meta",
    "meta/facebook-data-miner/inbox/marathon_sffsfid76/message_1.json": "meta",
    "meta/facebook-data-miner/inbox/tokehal_sdf7fs9d876/message_1.json": "meta",
    "meta/facebook-data-miner/inbox/tokehal_sdf7fs9d876/message_2.json": "meta",
    "synthetic/element/export.json": "matrix",
    "synthetic/google-chat/Groups/DM x/messages.json": "google-chat",
    "synthetic/linkedin/messages.csv": "linkedin",
    "synthetic/webex/messages.json": "webex",
    "synthetic/x/data/direct-messages.js": "x",
    "synthetic/threema/messages.txt": "threema",
    "synthetic/threema/data-backup-unencrypted.zip": "threema",
    "rsmf/Sample1.rsmf_manifest.json": "rsmf",
    "rsmf/Sample3.rsmf": "rsmf",
    "webarchive/example-digest.warc": "web-archive",
    "webarchive/example.warc.gz": "web-archive",
    "webarchive/valid_example_1.wacz": "web-archive",
    "telegram/chat-miner/test_batch_export.json": "telegram",
    "telegram/langchain/messages.html": "telegram-html",
    "telegram/langchain/result.json": "telegram",
    "telegram/tg-parser/personal_chat.json": "telegram",
}
EMPTY = {  # files that hold no message at all, which is said
    "sms/sms-backup-reader-2/empty.xml",
    "signal/libsignal/canonical-backup.takeout-export.expected.jsonl",
}
NO_ANSWERS = {"webarchive/example-digest.warc"}  # requests only: no page to list
BYTES = {  # databases have rows instead of byte ranges
    "imessage-db",
    "whatsapp-db",
}


def _root() -> Path:
    assert SHARED is not None
    return SHARED / "corpus" / "chat"


def _files() -> list[str]:
    if SHARED is None:
        return []
    names = sorted(p.relative_to(_root()).as_posix() for p in _root().rglob("*") if p.is_file())
    return [n for n in names if not n.startswith(SKIP) and n != "MANIFEST.csv"]


@lru_cache(maxsize=128)
def _read(name: str) -> tuple[str | None, tuple[Record, ...]]:
    path = _root() / name
    choice = registry.choose(path, head_of(path))
    if choice is None:
        return None, ()
    return choice.format, tuple(choice.parser.parse(path, ParseContext()))


@lru_cache(maxsize=1)
def _manifest() -> dict[str, dict[str, str]]:
    with (_root() / "MANIFEST.csv").open(encoding="utf-8", newline="") as source:
        return {row["file"]: row for row in csv.DictReader(source)}


def _chats(name: str) -> list[tuple[Conversation, list[ChatMessage]]]:
    found: list[tuple[Conversation, list[ChatMessage]]] = []
    for record in _read(name)[1]:
        if isinstance(record, Conversation):
            found.append((record, []))
        elif isinstance(record, ChatMessage):
            found[-1][1].append(record)
    return found


@pytest.mark.parametrize("name", _files())
def test_the_right_reader_takes_it(name: str) -> None:
    format_word, records = _read(name)
    assert format_word == READ.get(name)
    if format_word is None:
        return
    if name in EMPTY:
        (only,) = records
        assert isinstance(only, Unreadable)
        assert only.findings
        return
    assert not [r for r in records if isinstance(r, Unreadable)]
    sealed = format_word == "sealed" or name in NO_ANSWERS
    assert any(isinstance(r, ChatMessage) for r in records) != sealed
    if sealed:
        (only,) = records
        assert isinstance(only, Conversation)
        assert "chat.niet_geduid" in {f.code for f in only.findings}


def _sizes(name: str) -> dict[str, int]:
    """Give the texts to account for: of Slack every file, of others those that hold chats."""
    if _read(name)[0] != "slack":
        return {c.text_member or "": c.text_size for c, _ in _chats(name)}
    with zipfile.ZipFile(_root() / name) as archive:
        return {m.filename: m.file_size for m in archive.infolist() if not m.is_dir()}


@pytest.mark.parametrize("name", sorted(set(READ) - EMPTY) if SHARED else [])
def test_no_byte_is_lost(name: str) -> None:
    format_word, records = _read(name)
    if format_word == "sealed":
        return
    if format_word in BYTES:
        places = [m.place for _, messages in _chats(name) for m in messages]
        assert all(places)
        assert len(set(places)) == len(places)
    else:
        assert unaccounted(records, _sizes(name)) == {}
    for conversation, messages in _chats(name):
        assert conversation.message_count == len(messages)
        assert [m.index for m in messages] == list(range(len(messages)))


def _facts(name: str) -> Iterator[Deviation]:
    row = _manifest().get(name)
    chats = _chats(name)
    if row is None or not chats:
        return
    messages = [m for _, said in chats for m in said]
    people = {p.id for conversation, _ in chats for p in conversation.participants}
    firsts = sorted(c.first for c, _ in chats if c.first)
    lasts = sorted(c.last for c, _ in chats if c.last)
    facts = (
        ("messages", str(len(messages))),
        ("participants", str(len(people))),
        ("first_ts", firsts[0] if firsts else "None"),
        ("last_ts", lasts[-1] if lasts else "None"),
    )
    for fact, got in facts:
        want = row[fact]
        if want.endswith(" ms"):  # milliseconds since 1970, as the source writes them
            raws = sorted(m.sent_raw or "" for m in messages)
            got = f"{raws[0] if fact == 'first_ts' else raws[-1]} ms"
        if fact.endswith("_ts") and "Z" not in want and "T" in want:
            got = got[
                : len(want)
            ]  # the wall clock; what we add is the offset that the source tells
        if want and want != got:
            yield Deviation(name, fact, want, got)


def test_facts_agree_or_are_listed() -> None:
    found = {d for name in _files() for d in _facts(name)}
    assert found == listed("Other platforms")


def test_rows_of_the_iphone_database_are_those_of_the_peer() -> None:
    folder = _root() / "whatsapp-db" / "ileapp"
    text = (folder / "ChatStorage.josh_ios15.expected.json").read_text(encoding="utf-8")
    want = sorted((row[0], row[5] or "") for row in json.loads(text)["data"])
    chats = _chats("whatsapp-db/ileapp/ChatStorage.josh_ios15.zip")
    assert len(chats) == 5
    got = []
    for _, messages in chats:
        for message in messages:
            at = datetime.fromisoformat(message.sent or "")
            shown = message.text if message.type == "text" else None
            got.append((int(at.timestamp()), shown or ""))
    assert sorted(got) == want


def test_archives_of_apple_give_their_words() -> None:
    folder = _root() / "imessage" / "imessage-exporter"
    words = {
        "streamtyped_AttributedBodyTextOnly": "Noter test",
        "streamtyped_URL": "https://github.com/ReagentX/Logria",
        "streamtyped_MultiPart": "test 1test 2 test 3",
    }
    for name, text in words.items():
        assert string_of((folder / name).read_bytes()) == text
    edited = summary_of((folder / "edited_message_Edited.plist").read_bytes())
    texts = [f.params["tekst"] for f in versions(edited)]
    assert texts[:3] == ["First message  ", "Edit 1", "Edit 2"]
    assert summary_of((folder / "edited_message_Deleted.plist").read_bytes())["rp"] == [0]


def test_inspect_follows_the_contract_on_every_file() -> None:
    paths = tuple(_root() / name for name in _files())
    seen: dict[str, list[dict[str, Any]]] = {}
    for line in inspect(paths, Silent(), messages=True):
        json.dumps(line)
        if line["kind"] == "conversation":
            assert line.keys() >= CONVERSATION
            current = seen.setdefault(line["path"], [])
            identity = line["id"]
        elif line["kind"] == "chat_message":
            assert line.keys() >= MESSAGE
            assert line["conversation"] == identity
            assert line["type"] in TYPES
            current.append(line)
        else:
            assert line["kind"] == "unreadable"
            assert line["findings"]
            seen[line["path"]] = []
    for name, path in zip(_files(), paths, strict=True):
        assert len(seen[str(path)]) == sum(len(said) for _, said in _chats(name))
