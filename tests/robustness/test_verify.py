"""`verifieer` names everything that differs, all of it in one go; undo adds and never erases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from archiver import cli
from archiver.bootstrap import open_archive
from archiver.errors import RuleRefused
from archiver.intake.pool import Event, read_inline
from archiver.intake.protocol import ParseContext
from archiver.model import ItemStatus
from archiver.progress import Progress, Silent
from archiver.services import appraisal, describe, intake
from archiver.services.archive import Archive
from archiver.services.intake import TakeIn, take_in
from archiver.services.undo import undo, undo_label
from archiver.services.verify import verify
from archiver.store import audit, decisions, items, sources
from archiver.store.sqlite import driver
from tests.robustness import mails


@pytest.fixture(autouse=True)
def inline(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(
        paths: Iterable[Path], context: ParseContext, progress: Progress, **_: object
    ) -> Iterator[Event]:
        for path in paths:
            yield from read_inline(path, context)

    monkeypatch.setattr(intake, "read_sources", read)


@pytest.fixture
def archive(quick_path: Path) -> Iterator[Archive]:
    made = open_archive(quick_path / "werkmap", actor="zoe", origin="proef")
    yield made
    made.close()


def taken_in(archive: Archive, folder: Path, amount: int = 8) -> list[str]:
    """Take mails in and give their hashes, oldest source first."""
    mails.drop(folder, 1, amount)
    take_in(archive, TakeIn((folder,)), Silent())
    with archive.register.read() as tx:
        return [s.sha256 for s in sources.all(tx)]


def found(archive: Archive) -> set[tuple[str, str]]:
    return {(f.code, f.place) for f in verify(archive, Silent()).findings}


def break_register(archive: Archive, *statements: str) -> None:
    connection = driver.connect(str(archive.register.path), isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


def test_what_is_sound_is_called_sound(archive: Archive, quick_path: Path) -> None:
    taken_in(archive, quick_path / "drop")
    take_in(archive, TakeIn((quick_path / "drop",)), Silent())  # second occurrences are no fault
    report = verify(archive, Silent())
    assert report.findings == ()
    assert report.sound
    assert (report.blobs, report.items, report.entries) == (8, 8, 16)


def test_everything_that_differs_is_named_at_once(archive: Archive, quick_path: Path) -> None:
    shas = taken_in(archive, quick_path / "drop")
    gone, changed, cut = shas[:3]
    vault = archive.vault
    vault.path(gone).unlink()
    for sha256, raw in ((changed, b"x" * vault.path(changed).stat().st_size), (cut, b"kort")):
        vault.path(sha256).chmod(0o644)
        vault.path(sha256).write_bytes(raw)
    orphan = "0" * 64
    (vault.root / "sha256" / "00" / "00").mkdir(parents=True)
    (vault.root / "sha256" / "00" / "00" / orphan).write_bytes(b"wees")
    with archive.register.read() as tx:
        ids = [(s.id, items.ids(tx, source_id=s.id)[0]) for s in sources.all(tx)]
    break_register(
        archive,
        "PRAGMA foreign_keys = 0",
        f"UPDATE item SET title = 'vervalst' WHERE id = '{ids[3][1]}'",
        f"DELETE FROM item WHERE id = '{ids[4][1]}'",
        f"DELETE FROM item WHERE id = '{ids[5][1]}'",
        f"DELETE FROM source WHERE id = '{ids[5][0]}'",
        "DROP TRIGGER audit_no_UPDATE",
        "UPDATE audit SET entry = replace(entry, 'zoe', 'piet') WHERE seq = 2",
    )
    assert {
        ("kluis.mist", gone),
        ("kluis.veranderd", changed),
        ("kluis.omvang", cut),
        ("kluis.te_veel", orphan),
        ("kluis.te_veel", shas[5]),  # its row is gone
        ("register.rij_veranderd", f"item:{ids[3][1]}"),
        ("register.rij_ontbreekt", f"source:{ids[5][0]}"),
        ("grootboek.verschil", "4.eml"),
        ("spoor.veranderd", "spoor:2"),
    } <= found(archive)
    report = verify(archive, Silent())
    assert not report.sound
    archive.close()
    assert cli.run(["--werkmap", str(archive.werkmap), "verifieer"]) == cli.DAMAGED


def test_a_ledger_is_compared_when_there_is_a_second_occurrence_too(
    archive: Archive, quick_path: Path
) -> None:
    taken_in(archive, quick_path / "drop", 1)
    take_in(archive, TakeIn((quick_path / "drop",)), Silent())
    break_register(archive, "DELETE FROM item")
    assert ("grootboek.verschil", "0.eml") in found(archive)


def test_a_damaged_source_row_hides_nothing_else(archive: Archive, quick_path: Path) -> None:
    shas = taken_in(archive, quick_path / "drop")
    archive.vault.path(shas[7]).unlink()
    break_register(archive, "UPDATE source SET ledger = '{' WHERE rowid = 1")
    codes = {code for code, _ in found(archive)}
    assert {"register.rij_veranderd", "kluis.mist"} <= codes


def test_media_beside_a_chat_stay_in_the_vault_over_a_restart(quick_path: Path) -> None:
    folder = quick_path / "export"
    folder.mkdir()
    (folder / "foto.jpg").write_bytes(b"\xff\xd8\xff\xe0 een foto")
    (folder / "_chat.txt").write_text(
        "[01-03-2024 10:00:00] Zoë: Hallo\n"
        "[01-03-2024 10:01:00] Mira: \u200e<bijgevoegd: foto.jpg>\n"
        "[13-03-2024 10:02:00] Zoë: Dank\n",
        encoding="utf-8",
    )
    archive = open_archive(quick_path / "werkmap", actor="zoe", origin="proef")
    result = take_in(archive, TakeIn((folder,)), Silent())
    medium = mails.sha((folder / "foto.jpg").read_bytes())
    assert sum(s.ledger.attachments for s in result.sources) == 1
    assert archive.vault.read_verified(medium)
    archive.close()
    for _ in range(2):
        archive = open_archive(quick_path / "werkmap", actor="zoe", origin="proef")
        assert archive.vault.read_verified(medium)
        assert found(archive) == set()
        archive.close()


def test_a_medium_that_changes_while_it_is_read_refuses_its_chat(
    quick_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = quick_path / "export"
    folder.mkdir()
    (folder / "foto.jpg").write_bytes(b"\xff\xd8\xff\xe0 een foto")
    (folder / "_chat.txt").write_text(
        "[13-03-2024 10:01:00] Mira: \u200e<bijgevoegd: foto.jpg>\n", encoding="utf-8"
    )
    real = intake.read_sources

    def changing(*given: Any, **named: Any) -> Iterator[Event]:
        yield from real(*given, **named)
        (folder / "foto.jpg").write_bytes(b"een ander plaatje")

    monkeypatch.setattr(intake, "read_sources", changing)
    archive = open_archive(quick_path / "werkmap", actor="zoe", origin="proef")
    (source,) = take_in(archive, TakeIn((folder,)), Silent()).sources
    assert "bestand.veranderde_tijdens_lezen" in [f.code for f in source.findings]
    assert verify(archive, Silent()).sound
    with archive.register.read() as tx:
        assert sources.all(tx) == []
    archive.close()


# --- undo ----------------------------------------------------------------------------------------


def test_undo_adds_an_entry_and_erases_nothing(archive: Archive, quick_path: Path) -> None:
    taken_in(archive, quick_path / "drop", 3)
    with archive.register.read() as tx:
        ids = tuple(items.ids(tx))
        before = [items.get(tx, i) for i in ids]
    describe.edit(archive, describe.Edit(ids, title="Anders", dossier="Nieuw"), Silent())
    appraisal.decide(archive, appraisal.Decide(ids[:2], "B", "van belang"), Silent())
    with archive.register.read() as tx:
        told = audit.entries(tx)
    assert undo_label(archive) == "besluit"
    assert set(undo(archive).ids) == set(ids[:2])
    assert undo_label(archive) == "wijziging"
    assert set(undo(archive).ids) == set(ids)
    with archive.register.read() as tx:
        after = audit.entries(tx)
        assert after[: len(told)] == told
        undone = after[len(told) :]
        assert [e.event.action for e in undone] == ["ongedaan"] * 5
        taken_back = [(e.event.after or {})["undoes"] for e in undone]
        assert sorted(taken_back) == [e.seq for e in told if e.event.action != "opname"]
        assert [items.get(tx, i) for i in ids] == before
        assert [w for _, w in decisions.history(tx, ids[0])] == [True]
        assert items.counts(tx).get(ItemStatus.BESLOTEN, 0) == 0
    assert undo_label(archive) is None
    with pytest.raises(RuleRefused, match="niets_ongedaan"):
        undo(archive)
    assert found(archive) == set()


def test_undo_works_after_a_restart(archive: Archive, quick_path: Path) -> None:
    taken_in(archive, quick_path / "drop", 1)
    with archive.register.read() as tx:
        (item_id,) = items.ids(tx)
    appraisal.decide(archive, appraisal.Decide((item_id,), "B", "van belang"), Silent())
    archive.close()
    again = open_archive(archive.werkmap, actor="mira", origin="proef")
    assert undo(again).ids == (item_id,)
    with again.register.read() as tx:
        assert decisions.current(tx, item_id) is None
        assert audit.entries(tx)[-1].event.actor == "mira"
    again.close()
