"""A file whose reader dies: said, kept whole when somebody asks, and no reader starts on it again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archiver import cli
from archiver.findings import Severity
from archiver.model import Conversation, EmailMessage, SourceStatus
from archiver.progress import Silent
from archiver.services import overview
from archiver.services.answers import KEEP, YES, answer_for, why_unread
from archiver.services.archive import Archive
from archiver.services.intake import SourceResult
from archiver.services.mailbox_intake import TakeInChosen, take_in_chosen
from archiver.services.packaging_run import MakePackage, make_package
from archiver.services.selection import Choice
from archiver.services.verify import verify
from archiver.store import audit, sources
from tests.archiver.services.test_kept_whole import FACTS, MOMENT, kept, take, trail
from tests.helpers import dying_reader, mailboxes
from tests.helpers.messages import mail, mbox

STOPPED = "bestand.lezer_gestopt"


@pytest.fixture
def starts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    path = tmp_path / "keren"
    dying_reader.let_die(monkeypatch, path)
    return path


def letter(folder: Path, how: str = "kill") -> Path:
    path = folder / "brief.eml"
    path.write_bytes(mail(f"STERF {how} 0"))
    return path


def box(folder: Path, *, after: int, total: int = 80) -> Path:
    """Write a mailbox whose reader dies after so many messages; 64 at a time come through."""
    path = folder / "archief.mbox"
    mails = [mail(f"STERF kill {after}" if n == 0 else f"B {n}", number=n) for n in range(total)]
    path.write_bytes(mbox(mails))
    return path


def codes(source: SourceResult) -> list[str]:
    return [f.code for f in source.findings]


@pytest.mark.parametrize("how", ["kill", "segfault", "geheugen"])
def test_it_is_refused_with_a_finding_and_then_kept_whole_without_a_reader(
    archive: Archive, tmp_path: Path, starts: Path, how: str
) -> None:
    path = letter(tmp_path, how)
    refused = take(archive, path)
    assert refused.status is SourceStatus.GEWEIGERD
    assert codes(refused) == [STOPPED]
    assert list(overview.item_ids(archive)) == []
    why = why_unread(codes(refused))
    assert why == STOPPED
    source = take(archive, path, **{KEEP: answer_for(why)}, **FACTS)
    assert source.status is SourceStatus.OPGENOMEN
    assert dying_reader.starts(starts) == 1, "not started again"
    item = overview.item(archive, source.item_ids[0])
    record = item.record
    assert isinstance(record, Conversation)
    assert (record.format, item.title) == ("niet_geduid", FACTS["title"])
    assert archive.vault.read_verified(item.source_sha256) == path.read_bytes()
    (said,) = [e.event for e in trail(archive, item) if e.event.action == "toch_bewaard"]
    assert said.reason == FACTS["reason"]
    assert (said.after or {})["niet_gelezen"] == STOPPED
    assert verify(archive, Silent()).sound
    made = make_package(archive, MakePackage(tmp_path / "levering", moment=MOMENT), Silent())
    assert [f for f in made.findings if f.severity is Severity.FOUT] == []
    (out,) = (tmp_path / "levering").rglob("*.eml")
    assert out.read_bytes() == path.read_bytes()


def test_only_the_same_bytes_are_kept_unread(
    archive: Archive, tmp_path: Path, starts: Path
) -> None:
    path = letter(tmp_path)
    assert codes(take(archive, path)) == [STOPPED]
    better = path.read_bytes().replace(b"STERF", b"LEEFT")
    path.write_bytes(better)
    source = take(archive, path, **{KEEP: YES})
    assert isinstance(overview.item(archive, source.item_ids[0]).record, EmailMessage)
    letter(tmp_path)
    assert codes(take(archive, path)) == [STOPPED], "who does not ask to keep it has it read again"
    assert dying_reader.starts(starts) == 2
    kept(archive, path)
    assert dying_reader.starts(starts) == 2


def test_kept_in_the_run_in_which_it_dies_the_reader_starts_once(
    archive: Archive, tmp_path: Path, starts: Path
) -> None:
    item, record = kept(archive, letter(tmp_path))
    assert dying_reader.starts(starts) == 1
    assert record.findings[0].params["reden"] == STOPPED
    with archive.register.read() as tx:
        assert sources.get(tx, item.source_id).findings == ()


def test_the_rest_of_the_drop_is_read_and_what_was_refused_before_stays_so(
    archive: Archive, tmp_path: Path, starts: Path
) -> None:
    folder = tmp_path / "binnen"
    folder.mkdir()
    letter(folder).rename(folder / "brief.exe")
    (folder / "leeg.eml").touch()
    (folder / "goed.eml").write_bytes(mail("Goed"))
    source = take(archive, folder / "brief.exe", **{KEEP: STOPPED})
    assert source.status is SourceStatus.GEWEIGERD
    assert "bestand.programma" in codes(source)
    assert why_unread(codes(take(archive, folder / "brief.exe"))) is None, "not offered"
    assert take(archive, folder / "leeg.eml", **{KEEP: STOPPED}).status is SourceStatus.GEWEIGERD
    assert take(archive, folder / "goed.eml", **{KEEP: YES}).status is SourceStatus.OPGENOMEN


def test_of_a_mailbox_that_was_read_half_what_came_in_stays_and_all_of_it_is_kept(
    archive: Archive, tmp_path: Path, starts: Path
) -> None:
    path = box(tmp_path, after=70)
    source = take(archive, path, **{KEEP: YES})
    assert source.status is SourceStatus.OPGENOMEN
    assert codes(source) == ["bestand.half_gelezen"]
    assert (source.ledger.messages, source.ledger_stored.messages) == (64, 64)
    assert source.ledger.refused == 1
    assert why_unread(codes(source)) is None, "it is in the vault already"
    assert archive.vault.read_verified(source.sha256 or "") == path.read_bytes()
    items = [overview.item(archive, i) for i in source.item_ids]
    assert [i.index for i in items if isinstance(i.record, EmailMessage)] == list(range(64))
    with archive.register.read() as tx:
        stored = sources.get(tx, source.source_id or "")
        (end,) = [e.event for e in audit.entries(tx) if e.event.action == "opname_klaar"]
    assert [f.code for f in stored.findings] == ["bestand.half_gelezen"]
    assert end.result == "onderbroken"
    assert verify(archive, Silent()).sound


def test_a_mailbox_of_which_nothing_was_read_is_kept_whole_and_can_be_read_later(
    archive: Archive, tmp_path: Path, starts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = box(tmp_path, after=0)
    assert codes(take(archive, path)) == [STOPPED]
    item, _ = kept(archive, path)
    assert archive.vault.read_verified(item.source_sha256) == path.read_bytes()
    assert take(archive, path, **{KEEP: YES}).status is SourceStatus.DUBBEL
    assert take(archive, path, **{KEEP: STOPPED}).status is SourceStatus.DUBBEL
    monkeypatch.undo()  # a better reader
    later = take(archive, path)
    assert later.status is SourceStatus.OPGENOMEN
    assert len(later.item_ids) == 80, "the first message is not taken for the whole"


def test_a_part_of_a_mailbox_says_the_same(archive: Archive, tmp_path: Path, starts: Path) -> None:
    path = box(tmp_path, after=70)
    done = take_in_chosen(archive, TakeInChosen({path: Choice(since="2026-01-01")}), Silent())
    (source,) = done.result.sources
    assert codes(source) == ["bestand.half_gelezen"]
    assert len(source.item_ids) == 64


def test_a_store_of_outlook_too(archive: Archive, tmp_path: Path, starts: Path) -> None:
    path = mailboxes.pst(tmp_path / "archief.pst", {"Postvak IN": 3})
    with path.open("ab") as stream:
        stream.write(b"STERF kill 0")
    data = path.read_bytes()
    assert b"STERF" in data[:65536], "in the head"
    item, _ = kept(archive, path)
    assert dying_reader.starts(starts) == 1
    assert take(archive, path, **{KEEP: YES}).status is SourceStatus.DUBBEL
    assert archive.vault.read_verified(item.source_sha256) == data


def test_the_command_line_says_it_and_keeps_it_when_asked(
    tmp_path: Path, starts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "binnen"
    folder.mkdir()
    path = letter(folder)
    (folder / "goed.eml").write_bytes(mail("Goed"))
    begin = ["--werkmap", str(tmp_path / "werkmap"), "--als", "Mira"]
    assert cli.run([*begin, "neem-op", str(folder)]) == 1
    said = capsys.readouterr().err
    assert "Het lezen van brief.eml is gestopt." in said
    assert "bewaar het toch als geheel" in said
    assert dying_reader.starts(starts) == 1
    more = ["--onbekend", "bewaren", "--reden", "Kan niet anders", "--titel", "Kade"]
    assert cli.run([*begin, "--json", "neem-op", str(path), *more]) == 0
    (line,) = [json.loads(x) for x in capsys.readouterr().out.splitlines()]
    assert line["status"] == "opgenomen"
    assert "chat.toch_bewaard" in line["item_findings"]
    assert dying_reader.starts(starts) == 1, "it is known that its reader died"
    assert cli.run(["--werkmap", str(tmp_path / "werkmap"), "verifieer"]) == 0
