"""Conversations of the collection exported as RSMF: valid by the published schema, and read back."""

from __future__ import annotations

import io
import json
from pathlib import Path

import jsonschema
import pytest

from archiver.export import gesprek_rsmf
from archiver.intake.chat import rsmf
from archiver.intake.pool import Parsed, read_inline
from archiver.intake.protocol import ParseContext
from archiver.model import ChatMessage, Conversation
from archiver.services.reading import chat_messages, medium_of_file
from tests.archiver.export.test_gesprek_rsmf import manifest
from tests.helpers.shared import SHARED

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(SHARED is None, reason="CORPUS ABSENT: no conversations to export"),
]
FOLDERS = ("whatsapp", "telegram", "slack", "signal", "synthetic", "teams", "sms")


@pytest.mark.parametrize("name", FOLDERS)
def test_every_conversation_is_valid_rsmf_and_comes_back(name: str, tmp_path: Path) -> None:
    assert SHARED is not None
    folder = SHARED / "corpus" / "chat"
    schema = json.loads((folder / "rsmf" / "rsmf_schema_2_0_0.json").read_bytes())
    validator = jsonschema.Draft7Validator(schema)
    seen = 0
    context = ParseContext(answers={"date_order": "dmy"}, messages=False)
    for event in read_inline(folder / name, context):
        if not isinstance(event, Parsed) or not isinstance(event.record, Conversation):
            continue
        path, record = event.path, event.record
        messages = list(chat_messages(record, path))

        def medium(place: str, path: Path = path, kind: str = record.format) -> io.BytesIO:
            return io.BytesIO(b"".join(medium_of_file(path, kind, place)))

        target = tmp_path / "gesprek.rsmf"
        back: list[ChatMessage] = []
        for content in gesprek_rsmf.files(record, messages, medium, None):
            target.write_bytes(b"".join(content))
            assert list(validator.iter_errors(manifest(target.read_bytes()))) == []
            back += [m for m in rsmf.parse(target, ParseContext()) if isinstance(m, ChatMessage)]
        assert [_said(m) for m in back] == [_said(m) for m in messages], path.name
        seen += 1
    assert seen


def _said(one: ChatMessage) -> tuple[object, ...]:
    files = tuple((a.name, a.present, a.sha256 if a.present else None) for a in one.attachments)
    times = one.sent, one.precision if one.sent else None
    return one.id, one.sender, times, one.text or "", one.type, one.reply_to, one.deleted, files
