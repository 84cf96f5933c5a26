"""A sealed backup in the vault opens later; opening stops when asked; that a key was given is recorded."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from archiver import cli
from archiver.bootstrap import open_archive
from archiver.errors import Cancelled, InputRefused, StoreDamaged
from archiver.model import Conversation, Item
from archiver.progress import Silent
from archiver.services import opening
from archiver.services.answers import KEY, Secret
from archiver.services.archive import Archive
from archiver.services.exclusion import Rule
from archiver.services.intake import TakeIn, take_in
from archiver.services.opening import open_sealed, open_stored, preview_opened, take_in_opened
from archiver.services.packaging_run import MakePackage, make_package
from archiver.services.preview import Look
from archiver.services.questions import KEY_GIVEN, YES
from archiver.store import audit
from archiver.store import items as stored
from tests.archiver.intake.chat.test_opening import MAKERS, WRONG
from tests.archiver.services.test_kept_whole import DOCX
from tests.archiver.services.test_opening import nowhere, shapes
from tests.helpers.messages import OWNER

MOMENT = "2026-11-26T10:00:00+01:00"


def items(archive: Archive) -> list[Item]:
    with archive.register.read() as tx:
        return [stored.get(tx, i) for i in stored.ids(tx)]


def secured(archive: Archive, tmp_path: Path, kind: str) -> tuple[Item, str, Path]:
    """Secure a backup without its key."""
    folder = tmp_path / "telefoon"
    folder.mkdir()
    path, key = MAKERS[kind](folder)
    take_in(archive, TakeIn((path,), owner=OWNER), Silent())
    (item,) = items(archive)
    return item, key, path


def leftovers(archive: Archive) -> list[Path]:
    return [p for p in (archive.werkmap / "tijdelijk").rglob("*") if p.is_file()]


@pytest.mark.parametrize("kind", MAKERS)
def test_a_backup_in_the_vault_opens_later_from_its_own_bytes(
    archive: Archive, tmp_path: Path, kind: str
) -> None:
    item, key, path = secured(archive, tmp_path, kind)
    for file in path.parent.iterdir():
        if file.is_file():
            file.unlink()  # only the vault has it now
    wrong = open_stored(archive, item.id, Secret(WRONG[kind]), Silent())
    assert wrong.finding is not None
    assert wrong.finding.code == "chat.sleutel_verkeerd"
    assert leftovers(archive) == []
    opened = open_stored(archive, item.id, Secret(key), Silent())
    assert opened.derived is not None
    assert leftovers(archive) == [opened.derived]
    answers = {KEY_GIVEN: YES}
    take_in(archive, TakeIn((opened.derived,), owner=OWNER, answers=answers), Silent())
    opening.tidy(archive)
    (derived,) = [i for i in items(archive) if i.id != item.id]
    assert isinstance(derived.record, Conversation)
    (said,) = [f for f in derived.record.findings if f.code == "chat.ontsleuteld"]
    assert said.params["sha256"] == item.source_sha256
    assert derived.record.answers[-1].question == KEY_GIVEN
    made = make_package(archive, MakePackage(tmp_path / "levering", moment=MOMENT), Silent())
    assert made.released
    texts = [p.read_text() for p in (tmp_path / "levering").rglob("C-*.mdto.xml")]
    assert sum("Is een versie van" in text for text in texts) == 1
    nowhere(list(shapes(key)), archive.werkmap, tmp_path / "levering")


def test_what_is_no_backup_is_refused(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "geplakt.docx"
    path.write_bytes(DOCX)
    take_in(archive, TakeIn((path,), answers={"kept_whole": "ja"}), Silent())
    (item,) = items(archive)
    with pytest.raises(InputRefused):
        open_stored(archive, item.id, Secret("x"), Silent())
    assert leftovers(archive) == []


def test_a_blob_that_changed_is_not_opened(archive: Archive, tmp_path: Path) -> None:
    item, key, _ = secured(archive, tmp_path, "threema_backup")
    blob = archive.vault.path(item.source_sha256)
    blob.chmod(0o600)
    blob.write_bytes(blob.read_bytes()[:-1] + b"!")
    with pytest.raises(StoreDamaged):
        open_stored(archive, item.id, Secret(key), Silent())
    assert leftovers(archive) == []


class StopWhen:
    """Stops as soon as a file is there."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def step(self, done: int, total: int | None, what: str) -> None:
        pass

    def cancelled(self) -> bool:
        return self._file.is_file() and self._file.stat().st_size > 0


# Reads the request, leaves half a zip and a temporary file, says its number and never ends.
_ENDLESS = """
import json, os, sys, tempfile, time
request = json.loads(sys.stdin.buffer.readline())
open(request["target"], "wb").write(b"half")
tempfile.NamedTemporaryFile(delete=False).write(b"half")
open({said!r}, "w").write(str(os.getpid()))
time.sleep(600)
"""


@pytest.mark.parametrize("way", ["row", "preview", "drop", "vault"])
def test_opening_stops_when_asked_and_leaves_nothing(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    item, key, path = secured(archive, tmp_path, "signal_backup")
    said = tmp_path / "kind.pid"
    monkeypatch.setattr(opening, "_CHILD", (sys.executable, "-c", _ENDLESS.format(said=str(said))))
    stop = StopWhen(said)
    given = {KEY: Secret(key)}
    ways: dict[str, Callable[[], object]] = {
        "row": lambda: open_sealed(archive, path, Secret(key), stop),
        "vault": lambda: open_stored(archive, item.id, Secret(key), stop),
        "preview": lambda: list(preview_opened(archive, Look((path,), answers=given), stop)),
        "drop": lambda: take_in_opened(archive, TakeIn((path,), answers=given), (), stop),
    }
    with pytest.raises(Cancelled):
        ways[way]()
    assert leftovers(archive) == []
    assert not list((archive.werkmap / "tijdelijk").glob("ontsleuteld*"))
    with pytest.raises(ProcessLookupError):
        os.kill(int(said.read_text()), 0)
    assert len(items(archive)) == 1


def test_the_command_line_records_that_a_key_was_given_and_not_which(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, key = MAKERS["threema_backup"](tmp_path)
    (tmp_path / "sleutel.txt").write_text(key)
    folder = tmp_path / "w"
    start = ["--werkmap", str(folder), "--als", "Mira", "--json", "neem-op", str(path)]
    assert cli.run(start) == 0
    assert cli.run([*start, "--sleutel-uit", str(tmp_path / "sleutel.txt")]) == 0
    capsys.readouterr()
    archive = open_archive(folder, actor="Mira", origin="test")
    with archive.register.read() as tx:
        said = [e.event for e in audit.entries(tx) if e.event.action == "antwoord"]
        trail = json.dumps([str(e) for e in audit.entries(tx)])
    archive.close()
    answers = [(e.actor, (e.after or {})["vraag"], (e.after or {})["antwoord"]) for e in said]
    assert [a for a in answers if a[1] != "owner"] == [("Mira", KEY_GIVEN, YES)]
    assert key not in trail


def test_what_is_taken_out_of_a_backup_that_is_in_the_vault_is_said_to_be_there_still(
    archive: Archive, tmp_path: Path
) -> None:
    _, key, path = secured(archive, tmp_path, "signal_backup")
    command = TakeIn((path,), owner=OWNER, answers={KEY: Secret(key)})
    rules = (Rule("prive", zoek="nieuwe tekst"),)
    result = take_in_opened(archive, command, rules, Silent())
    codes = [f.code for s in result.sources for f in s.findings]
    assert "chat.verzegeld_al_bewaard" in codes
    assert "chat.verzegeld_niet_bewaard" not in codes
