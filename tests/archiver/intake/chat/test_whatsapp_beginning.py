"""The first messages of a large export are there before the whole of it is read."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from archiver.intake.chat import whatsapp
from archiver.intake.pool import Begun, Finished, Parsed, Started, read_inline, read_sources
from archiver.intake.protocol import ParseContext
from archiver.model import Conversation
from archiver.progress import Silent
from archiver.services.reading import read_file

LINE = "1{d}-03-2026 09:{m:02d} - {who}: Graag je reactie op de nota over de kade, regel {n}\n"


def large(path: Path, encoding: str = "utf-8") -> Path:
    lines = (
        LINE.format(d=3 + n // 12_000, m=n // 1_000 % 60, who=("Anna", "Bram")[n % 2], n=n)
        for n in range(70_000)
    )
    path.write_text("".join(lines), encoding=encoding)
    return path


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return large(tmp_path_factory.mktemp("groot") / "WhatsApp-chat met Kade.txt")


@pytest.fixture
def zipped(text: Path, tmp_path: Path) -> Path:
    path = tmp_path / "WhatsApp Chat - Kade.zip"
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.write(text, "_chat.txt")
    return path


def test_a_small_export_has_no_beginning(tmp_path: Path) -> None:
    path = tmp_path / "WhatsApp-chat met Kade.txt"
    path.write_text("01-03-2026 09:00 - Anna: Goedemorgen\n", encoding="utf-8")
    assert whatsapp.beginning(path, ParseContext()) is None


def test_the_beginning_is_whole_messages_and_says_nothing_of_the_rest(text: Path) -> None:
    found = whatsapp.beginning(text, ParseContext())
    assert found is not None
    assert whatsapp.is_beginning(found)
    assert found.title == "Kade"
    assert {p.name for p in found.participants} == {"Anna", "Bram"}
    assert 0 < found.message_count < 1_000
    assert not found.findings
    reading = read_file(text, found)
    assert reading.begun
    assert len(reading.chat) == found.message_count
    assert reading.chat[0].text == "Graag je reactie op de nota over de kade, regel 0"
    last = reading.chat[-1].text or ""
    assert last.endswith(f"regel {found.message_count - 1}")


def test_the_same_from_a_zip_and_from_utf_16(zipped: Path, tmp_path: Path) -> None:
    wide = large(tmp_path / "WhatsApp-chat met Kade.txt", "utf-16")
    for path in (zipped, wide):
        found = whatsapp.beginning(path, ParseContext())
        assert found is not None
        assert read_file(path, found).chat[0].sent == "2026-03-13T09:00:00"


@pytest.mark.parametrize("damage", [b"PK\x03\x04 no zip", b"", b"\xff\xfe" + b"\0" * 99])
def test_what_cannot_be_read_has_no_beginning(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(damage)
    assert whatsapp.beginning(path, ParseContext()) is None


def test_it_comes_before_the_conversation_and_counts_nowhere(text: Path) -> None:
    context = ParseContext(messages=False)
    for events in (list(read_sources([text], context, Silent())), list(read_inline(text, context))):
        assert [type(e) for e in events] == [Started, Begun, Parsed, Finished]
        begun, whole, end = events[1:]
        assert isinstance(begun, Begun)
        assert isinstance(whole, Parsed)
        assert isinstance(end, Finished)
        assert isinstance(whole.record, Conversation)
        assert begun.record.index == whole.record.index
        assert whole.record.message_count == end.ledger.messages == 70_000
        assert not end.findings
