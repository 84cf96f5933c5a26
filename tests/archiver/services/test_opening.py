"""Sealed backups in the main job: the sealed original is kept, the derivative says so, the key is nowhere."""

from __future__ import annotations

import base64
import json
import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archiver import cli
from archiver.model import Conversation, Item
from archiver.progress import Silent
from archiver.services import overview, reading
from archiver.services.answers import KEY, Secret
from archiver.services.archive import Archive
from archiver.services.exclusion import Rule
from archiver.services.intake import TakeIn, TakeInResult, take_in
from archiver.services.opening import preview_opened, take_in_opened
from archiver.services.packaging_run import MakePackage, make_package
from archiver.services.preview import Look, Previewed, PreviewRefused, read_preview
from archiver.services.verify import verify
from archiver.store import audit, sources
from archiver.store import items as stored
from tests.archiver.intake.chat.test_opening import MAKERS, WRONG
from tests.helpers import sealed as made
from tests.helpers.messages import OWNER

MOMENT = "2026-11-26T10:00:00+01:00"


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Temporary files of this test, and of its child processes, lie where they can be searched."""
    folder = tmp_path / "tijdelijk-van-het-systeem"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


def drop(tmp_path: Path, kind: str) -> tuple[Path, Path, str]:
    folder = tmp_path / "telefoon"
    folder.mkdir()
    path, key = MAKERS[kind](folder)
    return folder, path, key


def take(archive: Archive, folder: Path, key: str, rules: tuple[Rule, ...] = ()) -> TakeInResult:
    command = TakeIn((folder,), owner=OWNER, answers={KEY: Secret(key)})
    assert key not in repr(command)
    return take_in_opened(archive, command, rules, Silent())


def items(archive: Archive) -> list[Item]:
    with archive.register.read() as tx:
        return [stored.get(tx, i) for i in stored.ids(tx)]


def shapes(key: str) -> Iterator[bytes]:
    """The forms in which a key could be left behind."""
    plain = "".join(key.split())
    for text in {key, plain, plain.upper(), key.replace(" ", "-")}:
        yield text.encode()
        yield text.encode("utf-16-le")
        yield base64.b64encode(text.encode()).rstrip(b"=")[:-1]
    if len(plain) == 64 and set(plain) <= set("0123456789abcdef"):
        yield bytes.fromhex(plain)
        yield base64.b64encode(bytes.fromhex(plain)).rstrip(b"=")[:-1]


def nowhere(needles: list[bytes], *folders: Path) -> None:
    searched = 0
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file():
                searched += 1
                data = path.read_bytes()
                for needle in needles:
                    assert needle not in data, f"{path.name} holds {needle[:8]!r}"
    assert searched


@pytest.mark.parametrize("kind", MAKERS)
def test_the_sealed_original_and_a_derivative_that_says_so(
    archive: Archive, tmp_path: Path, kind: str
) -> None:
    folder, path, key = drop(tmp_path, kind)
    original = path.read_bytes()
    result = take(archive, folder, key)
    # The files of Signal, each encrypted by itself, are in the derivative only.
    loose = {s.path for s in result.sources if s.status.value == "geweigerd"}
    shelves = ("/SignalBackups/files/", "/attachments.noindex/")
    assert all(any(shelf in Path(p).as_posix() for shelf in shelves) for p in loose)
    by_format = {i.record.format: i for i in items(archive)}
    seal = by_format.pop("sealed")
    assert archive.vault.read_verified(seal.source_sha256) == original
    (derived,) = by_format.values()
    assert isinstance(derived.record, Conversation)
    (said,) = [f for f in derived.record.findings if f.code == "chat.ontsleuteld"]
    assert said.params["sha256"] == seal.source_sha256
    # Later reading needs no key.
    page = reading.read_item(archive, derived)
    assert "De brug gaat dicht" in [m.text for m in page.chat]
    assert verify(archive, Silent()).sound


@pytest.mark.parametrize("kind", MAKERS)
def test_the_key_is_nowhere_afterwards(
    archive: Archive,
    tmp_path: Path,
    temporary: Path,
    kind: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    folder, _, key = drop(tmp_path, kind)
    result = take(archive, folder, key)
    take(archive, folder, WRONG[kind])
    assert key not in repr(result)
    delivery = make_package(archive, MakePackage(tmp_path / "levering", moment=MOMENT), Silent())
    assert delivery.released
    assert any(f.name.endswith("-leeskopie.pdf") for f in (tmp_path / "levering").rglob("*"))
    needles = [*shapes(key), *shapes(WRONG[kind]), made.SECRET_FIELD]
    needles = [n for n in needles if set(n) != {0}]
    nowhere(needles, archive.werkmap, tmp_path / "levering")
    assert [p for p in temporary.rglob("*") if p.is_file()] == []
    assert [p for p in (archive.werkmap / "tijdelijk").rglob("ontsleuteld*")] == []
    with archive.register.read() as tx:
        trail = json.dumps([str(e) for e in audit.entries(tx)])
    out = capfd.readouterr()
    for said in (caplog.text, out.out, out.err, trail):
        assert key not in said
        assert "".join(key.split()) not in said


@pytest.mark.parametrize("kind", MAKERS)
def test_a_wrong_key_is_said_and_the_file_stays_sealed(
    archive: Archive, tmp_path: Path, kind: str
) -> None:
    folder, path, _ = drop(tmp_path, kind)
    result = take(archive, folder, WRONG[kind])
    (source,) = [s for s in result.sources if s.path == str(path)]
    assert source.status.value == "opgenomen"
    assert "chat.sleutel_verkeerd" in [f.code for f in source.findings]
    assert [i.record.format for i in items(archive)] == ["sealed"]


def test_the_same_backup_again_is_a_second_occurrence(archive: Archive, tmp_path: Path) -> None:
    folder, _, key = drop(tmp_path, "threema_backup")
    take(archive, folder, key)
    again = take(archive, folder, key)
    assert {s.status.value for s in again.sources} == {"dubbel"}
    assert len(items(archive)) == 2


def test_with_messages_taken_out_the_sealed_original_is_not_kept(
    archive: Archive, tmp_path: Path
) -> None:
    folder, path, key = drop(tmp_path, "signal_backup")
    original = path.read_bytes()
    result = take(archive, folder, key, (Rule("prive", zoek="nieuwe tekst"),))
    (only,) = items(archive)
    assert only.record.format == "uittreksel"
    assert "chat.verzegeld_niet_bewaard" in [f.code for s in result.sources for f in s.findings]
    nowhere([original[200:260], b"Nieuwe tekst", b"Oude tekst"], archive.werkmap)
    # A rule that takes nothing out of it leaves everything in place.
    (tmp_path / "tweede").mkdir()
    path, key = MAKERS["threema_backup"](tmp_path / "tweede")
    take(archive, tmp_path / "tweede", key, (Rule("prive", zoek="komt niet voor"),))
    assert sorted(i.record.format for i in items(archive)) == ["sealed", "threema", "uittreksel"]


def test_a_package_holds_both_and_can_be_checked(archive: Archive, tmp_path: Path) -> None:
    folder, path, key = drop(tmp_path, "signal_map")
    take(archive, folder, key)
    delivery = make_package(archive, MakePackage(tmp_path / "levering", moment=MOMENT), Silent())
    assert delivery.released
    content = {p.read_bytes() for p in (tmp_path / "levering").rglob("*") if p.is_file()}
    assert path.read_bytes() in content
    assert (
        path.with_name("metadata").read_bytes() in content
    )  # without it no key opens the original
    objects = [p.read_text() for p in (tmp_path / "levering").rglob("C-*.mdto.xml")]
    assert sum("Is een versie van" in text for text in objects) == 1
    assert sum("Heeft Versie" in text for text in objects) == 1
    assert sum("De sleutel is niet bewaard" in text for text in objects) == 1
    headers = [p for p in (tmp_path / "levering").rglob("*-kopregels.json")]
    said = [f["code"] for p in headers for f in json.loads(p.read_bytes())["bevindingen"]]
    assert "chat.ontsleuteld" in said


def test_preview_shows_what_is_inside_and_stores_nothing(archive: Archive, tmp_path: Path) -> None:
    folder, _, key = drop(tmp_path, "whatsapp_crypt")
    look = Look((folder,), owner=OWNER, answers={KEY: Secret(key)})
    rows = [e.row for e in preview_opened(archive, look, Silent()) if isinstance(e, Previewed)]
    (inside,) = [r for r in rows if r.record.format == "whatsapp-db"]
    assert "De brug gaat dicht" in [m.text for m in read_preview(inside).chat]
    again = [e.row for e in preview_opened(archive, look, Silent()) if isinstance(e, Previewed)]
    assert [r.key for r in again] == [r.key for r in rows]
    wrong = Look((folder,), answers={KEY: Secret(WRONG["whatsapp_crypt"])})
    refused = [e for e in preview_opened(archive, wrong, Silent()) if isinstance(e, PreviewRefused)]
    assert [f.code for e in refused for f in e.record.findings] == ["chat.sleutel_verkeerd"]
    with archive.register.read() as tx:
        assert list(sources.each(tx)) == []
    assert list(overview.item_ids(archive)) == []


def test_the_command_line_takes_the_key_from_a_file_only(
    tmp_path: Path, temporary: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _, key = drop(tmp_path, "signal_backup")
    (tmp_path / "sleutel.txt").write_text(key + "\n")
    start = ["--werkmap", str(tmp_path / "werkmap"), "--json"]
    ask = ["--sleutel-uit", str(tmp_path / "sleutel.txt")]
    cli.run([*start, "inspect", "--messages", str(folder), *ask])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert "Akkoord" in [line.get("text") for line in lines]
    assert [p for p in temporary.rglob("*") if p.is_file()] == []
    cli.run([*start, "neem-op", str(folder), *ask])
    out = capsys.readouterr()
    names = [Path(json.loads(line)["path"]).name for line in out.out.splitlines()]
    assert names == ["signal-2026-11-17.backup", "signal-2026-11-17.backup.ontsleuteld.zip"]
    assert "".join(key.split()) not in out.out + out.err
    assert not {"--sleutel", "--key"} & {o for c in _options() for o in c}


def test_the_command_line_asks_without_showing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _, key = drop(tmp_path, "threema_backup")
    asked: list[Any] = []

    def prompt(text: str, **options: Any) -> str:
        asked.append(options)
        return key

    monkeypatch.setattr("click.prompt", prompt)
    cli.run(
        ["--werkmap", str(tmp_path / "w"), "--json", "inspect", str(folder), "--sleutel-vragen"]
    )
    assert asked == [{"hide_input": True, "err": True}]
    formats = [json.loads(line).get("platform") for line in capsys.readouterr().out.splitlines()]
    assert formats.count("threema") == 2


def _options() -> Iterator[list[str]]:
    for command in cli.cli.commands.values():
        for parameter in command.params:
            yield parameter.opts


def test_a_key_given_where_nothing_is_opened_is_not_kept_either(
    archive: Archive, tmp_path: Path
) -> None:
    """Answers to other questions are remembered; this one never."""
    folder, _, key = drop(tmp_path, "threema_backup")
    take_in(archive, TakeIn((folder,), owner=OWNER, answers={KEY: Secret(key)}), Silent())
    assert [i.record.format for i in items(archive)] == ["sealed"]
    nowhere(list(shapes(key)), archive.werkmap)
