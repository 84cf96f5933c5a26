"""Exports of a secured conversation: five formats, noted in the trail, nothing that was taken out."""

from __future__ import annotations

import hashlib
import json
import zlib
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from archiver import cli
from archiver.errors import RuleRefused
from archiver.intake.chat import rsmf
from archiver.intake.protocol import ParseContext
from archiver.model import ChatMessage
from archiver.progress import Silent
from archiver.services import overview, reading
from archiver.services.archive import Archive
from archiver.services.conversation_export import (
    FORMATS,
    ExportConversation,
    ExportedConversation,
    export_conversation,
)
from archiver.services.exclusion import Rule, take_in_without
from archiver.services.intake import TakeIn, take_in
from archiver.store import audit
from archiver.store import items as stored
from tests.archiver.services.test_exclusion import CHAT, PHOTO, RULES, SECRETS
from tests.helpers.messages import OWNER, mail

MOMENT = "2026-11-26T10:00:00+01:00"


@pytest.fixture
def phone(tmp_path: Path) -> Path:
    folder = tmp_path / "telefoon"
    folder.mkdir()
    with ZipFile(folder / "WhatsApp-chat met Team Brug.zip", "w") as made:
        made.writestr("_chat.txt", CHAT)
        made.writestr("00000005-prive-foto.jpg", PHOTO)
        made.writestr("00000006-PHOTO-brug.jpg", b"\xff\xd8\xff\xe0" + b"brug" * 20)
    return folder


def secure(archive: Archive, folder: Path, rules: tuple[Rule, ...] = ()) -> str:
    command = TakeIn((folder,), owner=OWNER)
    if rules:
        take_in_without(archive, command, rules, Silent())
    else:
        take_in(archive, command, Silent())
    (only,) = overview.item_ids(archive)
    return only


def export(archive: Archive, item: str, kind: str, target: Path) -> ExportedConversation:
    return export_conversation(archive, ExportConversation(item, kind, target, MOMENT), Silent())


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_gives_the_same_bytes_twice_and_is_noted(
    archive: Archive, phone: Path, tmp_path: Path, kind: str
) -> None:
    item = secure(archive, phone)
    first = export(archive, item, kind, tmp_path / "een")
    second = export(archive, item, kind, tmp_path / "twee")
    assert [p.read_bytes() for p in first.files] == [p.read_bytes() for p in second.files]
    assert all(p.stat().st_size for p in first.files)
    with archive.register.read() as tx:
        noted = [e.event for e in audit.entries(tx, object=f"item:{item}")]
    assert [e.action for e in noted].count("uitvoer") == 2
    after = dict(noted[-1].after or {})
    name = str(first.files[0].relative_to(tmp_path / "een"))
    assert after["formaat"] == kind
    assert after["bestanden"][name] == hashlib.sha256(first.files[0].read_bytes()).hexdigest()


def test_rsmf_reads_back_as_what_is_secured(archive: Archive, phone: Path, tmp_path: Path) -> None:
    item_id = secure(archive, phone)
    made = export(archive, item_id, "rsmf", tmp_path / "uit")
    with archive.register.read() as tx:
        item = stored.get(tx, item_id)
    there = list(reading.chat_messages(item.record, archive.vault.path(item.source_sha256)))  # type: ignore[arg-type]
    back = [m for m in rsmf.parse(made.files[0], ParseContext()) if isinstance(m, ChatMessage)]

    def said(one: ChatMessage) -> tuple[Any, ...]:
        files = tuple((a.name, a.present, a.sha256) for a in one.attachments)
        return one.sender, one.sent, one.sent_raw, one.text, one.type, files

    assert [said(m) for m in back] == [said(m) for m in there]
    assert len(back) == 7


def test_media_go_along(archive: Archive, phone: Path, tmp_path: Path) -> None:
    item = secure(archive, phone)
    made = export(archive, item, "html", tmp_path / "uit")
    page, *media = made.files
    assert {p.read_bytes() for p in media} >= {PHOTO}
    for medium in media:
        assert f'src="media/{medium.name}"' in page.read_text(encoding="utf-8")
    document = json.loads(export(archive, item, "json", tmp_path / "json").files[0].read_bytes())
    assert document["schema"] == "archiefklaar-gesprek/1"
    assert document["berichten_aantal"] == len(document["berichten"]) == 7


@pytest.mark.parametrize("kind", FORMATS)
def test_what_was_taken_out_is_in_none_of_them(
    archive: Archive, phone: Path, tmp_path: Path, kind: str
) -> None:
    item = secure(archive, phone, RULES)
    made = export(archive, item, kind, tmp_path / "uit")
    assert "export.zonder_weggelaten" in [f.code for f in made.findings]
    for path in made.files:
        data = _opened(path.read_bytes(), tmp_path, kind)
        for secret in SECRETS:
            assert secret.encode() not in data, (kind, secret)
        if path == made.files[0]:
            assert b"Akkoord, ik regel de borden" in data or kind == "pdf"


def _opened(data: bytes, tmp_path: Path, kind: str) -> bytes:
    """The bytes with what is packed inside them unpacked, so that a search sees it."""
    if kind == "rsmf":
        path = tmp_path / "zoek.rsmf"
        path.write_bytes(data)
        inner = rsmf._inner(path, 1 << 30) or b""
        (tmp_path / "zoek.zip").write_bytes(inner)
        names = ["rsmf_manifest.json"]
        return data + b"".join(
            b"".join(rsmf.member_bytes(tmp_path / "zoek.zip", name)) for name in names
        )
    if kind == "pdf":
        out = [data]
        for part in data.split(b"stream")[1:]:
            try:
                out.append(zlib.decompressobj().decompress(part.strip(b"\r\n")))
            except zlib.error:
                continue
        return b"".join(out)
    return data


def test_only_a_conversation_and_only_a_new_folder(
    archive: Archive, phone: Path, tmp_path: Path
) -> None:
    (tmp_path / "los.eml").write_bytes(mail("Vraag", number=1))
    take_in(archive, TakeIn((tmp_path / "los.eml",)), Silent())
    (letter,) = overview.item_ids(archive)
    with pytest.raises(RuleRefused, match="export_geen_gesprek"):
        export(archive, letter, "json", tmp_path / "uit")
    take_in(archive, TakeIn((phone,)), Silent())
    (chat,) = [i for i in overview.item_ids(archive) if i != letter]
    with pytest.raises(RuleRefused, match="export_formaat"):
        export(archive, chat, "docx", tmp_path / "uit")
    (tmp_path / "uit").mkdir()
    (tmp_path / "uit" / "van-een-ander.txt").write_text("blijft")
    with pytest.raises(RuleRefused, match="pakket_map_bezet"):
        export(archive, chat, "json", tmp_path / "uit")
    assert [p.name for p in (tmp_path / "uit").iterdir()] == ["van-een-ander.txt"]


def test_the_command(archive: Archive, phone: Path, tmp_path: Path, capsys: Any) -> None:
    item = secure(archive, phone)
    werkmap = str(archive.werkmap)
    archive.close()
    arguments = ["exporteer", item, "--formaat", "vcon", "--naar", str(tmp_path / "uit")]
    assert cli.run(["--werkmap", werkmap, "--json", *arguments]) == 1  # the zone is not known
    line = json.loads(capsys.readouterr().out)
    assert [Path(p).suffix for p in line["files"]] == [".vcon"]
    assert line["findings"][0]["code"] == "export.zonder_zone"
    assert cli.run(["--werkmap", werkmap, *arguments]) == 3
