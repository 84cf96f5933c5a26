"""What intake found is what a later reading finds, from a copy under another name as in the vault."""

from __future__ import annotations

import shutil
from pathlib import Path

from archiver.intake.chat import sms
from archiver.intake.protocol import ParseContext
from archiver.model import ChatMessage, Conversation
from archiver.services.reading import chat_messages
from tests.archiver.intake.chat import test_sms


def test_the_owner_named_at_intake_is_named_again(tmp_path: Path) -> None:
    path = test_sms.write(tmp_path)
    context = ParseContext(answers={"owner": "Jan Smit"})
    records = list(sms.parse(path, context))
    copy = tmp_path / "0123abcd"
    shutil.copyfile(path, copy)
    for conversation in (r for r in records if isinstance(r, Conversation)):
        said = [
            r for r in records if isinstance(r, ChatMessage) and r.conversation == conversation.id
        ]
        assert list(chat_messages(conversation, copy)) == said
