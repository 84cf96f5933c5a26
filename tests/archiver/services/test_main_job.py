"""Secure, describe, decide, undo, read back: what a user relies on, through the services."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from archiver.errors import RuleRefused
from archiver.model import ItemStatus, SourceStatus
from archiver.progress import Silent
from archiver.services import overview, reading
from archiver.services.appraisal import Decide, accept, decide
from archiver.services.archive import Archive
from archiver.services.describe import Edit, edit
from archiver.services.intake import Override, TakeIn, take_in
from archiver.services.preview import Look, Previewed, SourceDone, preview, read_preview
from archiver.services.undo import undo, undo_label
from archiver.services.verify import verify
from archiver.store import audit, sources
from tests.helpers.messages import OWNER, mail, work_folder


def secure(archive: Archive, *paths: Path, **more: object) -> tuple[str, ...]:
    result = take_in(archive, TakeIn(paths, owner=OWNER, **more), Silent())  # type: ignore[arg-type]
    return result.changes.ids


def test_in_is_out_at_intake(archive: Archive, drop: Path) -> None:
    result = take_in(archive, TakeIn((drop,), owner=OWNER), Silent())
    assert len(result.sources) == 4
    for source in result.sources:
        assert source.status is SourceStatus.OPGENOMEN
        assert not source.ledger.difference(source.ledger_stored)
        original = Path(source.path).read_bytes()
        assert source.sha256 == hashlib.sha256(original).hexdigest()
        assert archive.vault.read_verified(source.sha256) == original
    assert verify(archive, Silent()).sound


def test_the_same_bytes_again_are_an_occurrence_and_not_a_copy(
    archive: Archive, drop: Path
) -> None:
    first = secure(archive, drop / "1 los.eml")
    (drop / "andere naam.eml").write_bytes((drop / "1 los.eml").read_bytes())
    again = take_in(archive, TakeIn((drop / "andere naam.eml",)), Silent())
    assert [s.status for s in again.sources] == [SourceStatus.DUBBEL]
    assert again.changes.ids == ()
    assert overview.item_ids(archive) == list(first)
    with archive.register.read() as tx:
        assert sorted(s.path for s in sources.all(tx)) == ["1 los.eml", "andere naam.eml"]
        assert len(list(sources.blobs(tx))) == 1


def test_one_broken_file_never_stops_the_others(archive: Archive, drop: Path) -> None:
    (drop / "0 leeg.eml").write_bytes(b"")
    (drop / "2b ruis.pst").write_bytes(bytes(range(256)) * 8)
    result = take_in(archive, TakeIn((drop,), owner=OWNER), Silent())
    found = {Path(s.path).name: s for s in result.sources}
    assert found["0 leeg.eml"].status is SourceStatus.GEWEIGERD
    assert found["2b ruis.pst"].status is SourceStatus.GEWEIGERD
    assert all(found[n].findings for n in ("0 leeg.eml", "2b ruis.pst"))
    assert sum(s.status is SourceStatus.OPGENOMEN for s in result.sources) == 4
    with archive.register.read() as tx:
        refused = [e for e in audit.entries(tx) if e.event.result == "geweigerd"]
    assert len(refused) == 2


def test_a_preview_stores_nothing_and_shows_what_intake_will_say(
    archive: Archive, drop: Path
) -> None:
    before = sorted(p for p in archive.werkmap.rglob("*") if "kluis" in p.parts)
    events = list(preview(archive, Look((drop,), owner=OWNER), Silent()))
    rows = [e.row for e in events if isinstance(e, Previewed)]
    assert [r.title for r in rows][:3] == ["Losse vraag", "Doorgestuurd", "Bericht 10"]
    assert sum(isinstance(e, SourceDone) for e in events) == 4
    assert sorted(p for p in archive.werkmap.rglob("*") if "kluis" in p.parts) == before
    assert overview.item_ids(archive) == []
    assert "Hierbij de stukken" in read_preview(rows[0]).text
    ids = secure(archive, drop)
    proposals = {overview.item(archive, i).title: overview.item(archive, i).proposal for i in ids}
    for row in rows:
        assert proposals[row.title]["waardering"] == row.proposal["waardering"]


def test_what_the_preview_changed_is_what_is_secured(archive: Archive, drop: Path) -> None:
    path = drop / "1 los.eml"
    ids = secure(
        archive, path, overrides={(str(path), 0): Override("Eigen titel", "Dossier Brug", None)}
    )
    item = overview.item(archive, ids[0])
    assert item.title == "Eigen titel"
    assert item.dossier is not None
    assert item.dossier.naam == "Dossier Brug"
    assert item.values["naam"].source == "medewerker"


def test_a_decision_names_who_when_why_and_by_which_list(archive: Archive, drop: Path) -> None:
    ids = secure(archive, drop / "1 los.eml")
    accept(archive, ids, "volgens voorstel", Silent())
    item = overview.item(archive, ids[0])
    decision = item.decision
    assert item.status is ItemStatus.BESLOTEN
    assert decision is not None
    assert (decision.actor, decision.reason) == (OWNER, "volgens voorstel")
    assert decision.at
    assert decision.lijst
    assert decision.lijst_versie


def test_to_depart_from_a_proposal_needs_a_reason_and_v_a_term(
    archive: Archive, drop: Path
) -> None:
    ids = secure(archive, drop / "1 los.eml")
    assert overview.item(archive, ids[0]).proposal["waardering"] == "B"
    with pytest.raises(RuleRefused, match="reden_nodig"):
        decide(archive, Decide(ids, "V", "", "P5Y"), Silent())
    with pytest.raises(RuleRefused, match="waardering_onbekend"):
        decide(archive, Decide(ids, "X", "want"), Silent())
    assert overview.item(archive, ids[0]).decision is None
    decide(archive, Decide(ids, "V", "alleen logistiek", "P5Y"), Silent())
    decision = overview.item(archive, ids[0]).decision
    assert decision is not None
    assert (decision.waardering, decision.termijn) == ("V", "P5Y")
    assert decision.startdatum is not None
    assert decision.einddatum == str(int(decision.startdatum[:4]) + 5) + decision.startdatum[4:]


def test_one_refusal_leaves_the_whole_bulk_as_it_was(archive: Archive, drop: Path) -> None:
    ids = secure(archive, drop)
    with pytest.raises(RuleRefused):
        decide(archive, Decide(ids, "V", "opruimen"), Silent())
    assert all(overview.item(archive, i).decision is None for i in ids)


def test_undo_takes_back_the_last_step_and_the_trail_keeps_both(
    archive: Archive, drop: Path
) -> None:
    ids = secure(archive, drop)
    before = {i: overview.item(archive, i).status for i in ids}
    edit(archive, Edit(ids[:2], title="Nieuwe titel", dossier="Ander dossier"), Silent())
    accepted = accept(archive, ids, "goed", Silent()).ids
    assert undo_label(archive) == "besluit"
    assert set(undo(archive).ids) == set(accepted)
    assert undo_label(archive) == "wijziging"
    assert set(undo(archive).ids) == set(ids[:2])
    assert {i: overview.item(archive, i).status for i in ids} == before
    assert overview.item(archive, ids[0]).title == "Losse vraag"
    assert undo_label(archive) is None
    with pytest.raises(RuleRefused, match="niets_ongedaan"):
        undo(archive)
    with archive.register.read() as tx:
        actions = [e.event.action for e in audit.entries(tx)]
    assert actions.count("ongedaan") == len(accepted) + 2
    assert actions.count("besluit") == len(accepted)
    assert verify(archive, Silent()).sound


def test_everything_is_there_after_a_restart(tmp_path: Path, drop: Path) -> None:
    first = work_folder(tmp_path / "w")
    ids = secure(first, drop)
    accept(first, ids, "goed", Silent())
    shown = [overview.item(first, i) for i in ids]
    first.close()
    second = work_folder(tmp_path / "w")
    assert [overview.item(second, i) for i in ids] == shown
    assert undo_label(second) == "besluit"
    assert verify(second, Silent()).sound
    second.close()


def test_a_secured_message_reads_the_same_as_before(archive: Archive, drop: Path) -> None:
    ids = secure(archive, drop)
    titles = {overview.item(archive, i).title: i for i in ids}
    outer = overview.item(archive, titles["Doorgestuurd"])
    assert "Hierbij de stukken" in overview.reading(archive, outer.id).text
    assert reading.part_bytes(archive, outer, ("3",)) == b"a;b\n1;2\n"
    inner = reading.part_bytes(archive, outer, ("4",))
    assert inner.startswith(b"From: Joris Blankert")
    assert b"Subject: Binnenste" in inner
    assert reading.part_bytes(archive, outer, ("4", "2")) == b"een plan"
    chat = next(i for i in ids if overview.item(archive, i).kind == "conversation")
    page = overview.reading(archive, chat)
    assert page.chat_total == 3
    assert [m.text for m in page.chat[:2]] == ["Goedemorgen", "Ik bel om tien uur"]
    photo = page.chat[2].attachments[0]
    assert photo.present
    assert reading.part_bytes(
        archive, overview.item(archive, chat), (photo.path or "",)
    ).startswith(b"\xff\xd8\xff")


def test_cancel_keeps_what_was_finished(archive: Archive, tmp_path: Path) -> None:
    folder = tmp_path / "veel"
    folder.mkdir()
    for n in range(450):
        (folder / f"{n:04d}.eml").write_bytes(mail(f"Nummer {n}", number=n))

    class Stop(Silent):
        seen = 0

        def step(self, done: int, total: int | None, what: str) -> None:
            self.seen += 1

        def cancelled(self) -> bool:
            return self.seen > 300

    result = take_in(archive, TakeIn((folder,), owner=OWNER), Stop())
    assert result.stopped
    kept = overview.item_ids(archive)
    assert set(kept) == set(result.changes.ids)
    assert 0 < len(kept) < 450
    assert verify(archive, Silent()).sound
    rest = take_in(archive, TakeIn((folder,), owner=OWNER), Silent())
    assert len(overview.item_ids(archive)) == 450
    assert sum(s.status is SourceStatus.DUBBEL for s in rest.sources) == len(kept)


def test_the_history_of_an_item_tells_its_whole_life(archive: Archive, drop: Path) -> None:
    ids = secure(archive, drop / "1 los.eml")
    edit(archive, Edit(ids, title="Beter"), Silent())
    accept(archive, ids, "goed", Silent())
    undo(archive)
    told = [e.event.action for e in overview.history(archive, ids[0])]
    assert told == ["opname", "wijziging", "besluit", "ongedaan"]


def test_a_chat_that_comes_again_with_its_photos_is_secured_with_them(
    archive: Archive, drop: Path
) -> None:
    chat = drop / "WhatsApp-chat met Team Brug"
    photo = next(chat.glob("*.jpg"))
    data = photo.read_bytes()
    photo.unlink()
    secure(archive, chat)
    photo.write_bytes(data)
    [again] = take_in(archive, TakeIn((chat,), owner=OWNER), Silent()).sources
    assert again.status is SourceStatus.OPGENOMEN
    assert "bron.eerder_zonder_media" in {f.code for f in again.findings}
    assert archive.vault.read_verified(hashlib.sha256(data).hexdigest()) == data
    assert verify(archive, Silent()).sound
    [third] = take_in(archive, TakeIn((chat,), owner=OWNER), Silent()).sources
    assert third.status is SourceStatus.DUBBEL
