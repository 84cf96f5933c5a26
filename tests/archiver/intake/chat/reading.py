"""Reads an export in a test and proves every time that no byte was lost."""

from __future__ import annotations

import importlib
import zipfile
from collections.abc import Mapping
from pathlib import Path

from archiver.intake import registry
from archiver.intake.chat.exports import unaccounted
from archiver.intake.identify import head_of
from archiver.intake.protocol import ParseContext
from archiver.model import ChatMessage, Conversation, Record
from archiver.wire import from_wire, to_wire

Chats = list[tuple[Conversation, list[ChatMessage]]]


def sizes_of(path: Path) -> dict[str, int]:
    """Give the length of the file, or of every member of a zip that is a text of the export."""
    if not zipfile.is_zipfile(path):
        return {"": path.stat().st_size}
    with zipfile.ZipFile(path) as archive:
        return {m.filename: m.file_size for m in archive.infolist() if not m.is_dir()}


def records(path: Path, format_word: str, **answers: str) -> list[Record]:
    """Choose the parser by content, check that it is the right one, and read."""
    choice = registry.choose(path, head_of(path))
    assert choice is not None, path
    assert choice.format == format_word
    context = ParseContext(answers=answers)
    found = list(choice.parser.parse(path, context))
    for record in found:
        assert from_wire(to_wire(record)) == record
    short = list(choice.parser.parse(path, ParseContext(answers=answers, messages=False)))
    assert short == [r for r in found if not isinstance(r, ChatMessage)]
    return found


def chats(
    path: Path, format_word: str, texts: Mapping[str, int] | None = None, **answers: str
) -> Chats:
    """Read an export into its conversations. `texts` are the sizes to account for."""
    found = records(path, format_word, **answers)
    grouped: Chats = []
    for record in found:
        if isinstance(record, Conversation):
            grouped.append((record, []))
        else:
            assert isinstance(record, ChatMessage), record
            assert record.conversation == grouped[-1][0].id
            assert record.index == len(grouped[-1][1])
            grouped[-1][1].append(record)
    for conversation, messages in grouped:
        assert conversation.message_count == len(messages)
        assert conversation.format == format_word
    assert unaccounted(found, sizes_of(path) if texts is None else texts) == {}
    return grouped


def codes(conversation: Conversation) -> set[str]:
    """Give the codes of all findings of a conversation."""
    return {f.code for f in conversation.findings}


def score_of(module: str, path: Path) -> int:
    """Give the score of one parser module for a file."""
    parser = importlib.import_module(f"archiver.intake.chat.{module}")
    score_path = getattr(parser, "score_path", None)
    head = head_of(path)
    return int(score_path(path, head) if score_path else parser.score(head))
