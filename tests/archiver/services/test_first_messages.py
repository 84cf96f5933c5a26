"""The first messages of a conversation cost the first bytes of its file, however large it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from archiver.errors import InputRefused
from archiver.intake.chat import export_text, whatsapp
from archiver.model import Conversation
from archiver.progress import Silent
from archiver.services import reading
from archiver.services.archive import Archive
from archiver.services.preview import Look, Previewed, PreviewRow, first_of, preview
from tests.helpers.messages import mail

COUNT = 4_000  # about 300 kB
LINES = "".join(
    f"13-03-2026 09:{n // 100:02d} - {('Anna', 'Bram')[n % 2]}: De nota over de kade, café, regel {n}\n"
    for n in range(COUNT)
)
_READ = 64 * 1024


def export(folder: Path, kind: str) -> Path:
    if kind == "zip":
        path = folder / "WhatsApp Chat - Kade.zip"
        with ZipFile(path, "w", ZIP_DEFLATED) as archive:
            archive.writestr("lijst.txt", "Een lijst die iemand stuurde\n")
            archive.writestr("_chat.txt", LINES)
        return path
    path = folder / "WhatsApp-chat met Kade.txt"
    path.write_text(LINES, encoding=kind)
    return path


def row(archive: Archive, path: Path) -> PreviewRow:
    look = preview(archive, Look((path,)), Silent())
    return next(event.row for event in look if isinstance(event, Previewed))


@pytest.mark.parametrize("kind", ["utf-8", "utf-16", "zip"])
def test_they_are_those_of_the_whole_and_nothing_behind_them_is_read(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    found = row(archive, export(tmp_path, kind))
    assert isinstance(found.record, Conversation)
    whole = list(reading.chat_messages(found.record, found.path))
    assert len(whole) == COUNT

    seen: list[int] = []
    lines, opened = whatsapp.lines, Path.open

    def counted(*given: Any) -> Iterator[Any]:
        for line in lines(*given):
            seen.append(1)
            yield line

    read: list[int] = []

    def watched(path: Path, *given: Any, **named: Any) -> IO[Any]:
        stream = opened(path, *given, **named)
        take = stream.read

        def taken(size: int = -1) -> Any:
            data = take(size)
            read.append(len(data))
            return data

        stream.read = taken
        return stream

    def never(_: Path) -> export_text.ExportText:
        raise AssertionError("opens the whole text")

    monkeypatch.setattr(whatsapp, "lines", counted)
    monkeypatch.setattr(whatsapp, "from_file", never)
    monkeypatch.setattr(Path, "open", watched)
    first = first_of(found)
    monkeypatch.undo()
    assert 200 < len(first) < 1_500
    assert list(first) == whole[: len(first)]
    assert len(seen) <= len(first) + 2
    assert sum(read) <= 2 * _READ


def test_a_small_conversation_is_there_whole(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "WhatsApp-chat met Kade.txt"
    path.write_text("13-03-2026 09:00 - Anna: Dag\n13-03-2026 09:01 - Bram: En nog\neen regel")
    first = first_of(row(archive, path))
    assert [m.text for m in first] == ["Dag", "En nog\neen regel"]


def test_a_reader_that_must_see_all_has_none_and_a_mail_neither(
    archive: Archive, tmp_path: Path
) -> None:
    path = tmp_path / "los.eml"
    path.write_bytes(mail("Los"))
    assert first_of(row(archive, path)) == ()
    path = tmp_path / "sms.xml"
    path.write_text(
        '<smses count="1"><sms address="+31612345678" date="1" type="1" body="Dag"/></smses>'
    )
    assert first_of(row(archive, path)) == ()


def test_a_file_that_is_gone_is_said(archive: Archive, tmp_path: Path) -> None:
    found = row(archive, export(tmp_path, "utf-8"))
    found.path.unlink()
    with pytest.raises(InputRefused, match="niet_te_openen"):
        first_of(found)
