"""A package: complete, checked before it leaves, the same bytes twice, and never over something."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from archiver.errors import Cancelled, RuleRefused, StoreDamaged
from archiver.export import hidden, mdto
from archiver.export.check import check
from archiver.export.delivery import Delivery
from archiver.findings import Finding, Severity
from archiver.intake.chat import media
from archiver.intake.protocol import Limits
from archiver.model import ItemStatus
from archiver.progress import Silent
from archiver.services import overview, packaging_run
from archiver.services.appraisal import accept
from archiver.services.archive import Archive
from archiver.services.intake import TakeIn, take_in
from archiver.services.package_tree import TreeNode
from archiver.services.packaging_run import MadePackage, MakePackage, make_package
from archiver.store import audit, sources
from tests.helpers.messages import OWNER, WHATSAPP, work_folder

MOMENT = "2026-11-26T10:00:00+01:00"


def secure(archive: Archive, *paths: Path) -> None:
    result = take_in(archive, TakeIn(paths, owner=OWNER), Silent())
    assert {s.status.value for s in result.sources} == {"opgenomen"}


def package(archive: Archive, target: Path, **choice: object) -> MadePackage:
    return make_package(archive, MakePackage(target, moment=MOMENT, **choice), Silent())  # type: ignore[arg-type]


def tree(folder: Path) -> dict[str, str]:
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in folder.rglob("*")
        if p.is_file()
    }


def nodes(node: TreeNode) -> list[TreeNode]:
    return [node, *(n for child in node.children for n in nodes(child))]


def test_everything_that_went_in_comes_out_bit_identical(
    archive: Archive, drop: Path, tmp_path: Path
) -> None:
    secure(archive, drop)
    made = package(archive, tmp_path / "levering")
    assert made.released
    assert [f for f in made.findings if f.severity is Severity.FOUT] == []
    hashes = set(tree(made.path).values())
    for original in drop.rglob("*"):
        if original.is_file():
            assert hashlib.sha256(original.read_bytes()).hexdigest() in hashes, original.name


def test_the_ledger_of_register_and_package_is_one(
    archive: Archive, drop: Path, tmp_path: Path
) -> None:
    secure(archive, drop)
    made = package(archive, tmp_path / "levering")
    # 6 mails and 3 chat messages; 4 attachments in the mails (1 empty, 1 inside the inner), 1 photo.
    assert made.ledger.messages == 9
    assert made.ledger.attachments == 5
    assert made.ledger.attached_messages == 1


def test_an_empty_attachment_is_named_and_not_written(
    archive: Archive, drop: Path, tmp_path: Path
) -> None:
    secure(archive, drop)
    made = package(archive, tmp_path / "levering")
    assert ("pakket.onderdeel_leeg", "leeg.txt") in {
        (f.code, str(f.params.get("naam"))) for f in made.findings
    }
    records = [json.loads(p.read_bytes()) for p in made.path.rglob("*-kopregels.json")]
    left_out = [part for r in records for part in r["weggelaten"]]
    assert [(p["naam"], p["reden"], p["soort"]) for p in left_out] == [("leeg.txt", "leeg", "file")]


def test_an_attached_message_has_its_attachments_below_it(
    archive: Archive, drop: Path, tmp_path: Path
) -> None:
    secure(archive, drop)
    made = package(archive, tmp_path / "levering")
    attached = [n for n in nodes(made.tree) if n.kind == "Bijgevoegd bericht"]
    assert [n.title for n in attached] == ["Binnenste"]
    assert [c.title for c in attached[0].children] == ["plan.txt"]


def test_the_same_state_and_moment_give_the_same_bytes(
    archive: Archive, drop: Path, tmp_path: Path
) -> None:
    secure(archive, drop)
    one = package(archive, tmp_path / "een")
    two = package(archive, tmp_path / "twee")
    assert one.package_hash == two.package_hash
    assert tree(one.path) == tree(two.path)


def test_a_whole_mailbox_goes_along_as_one_file_too(
    archive: Archive, drop: Path, tmp_path: Path
) -> None:
    secure(archive, drop)
    ids = overview.item_ids(archive, search="Bericht 1")
    assert len(ids) == 4
    whole = package(archive, tmp_path / "heel", ids=tuple(ids))
    part = package(archive, tmp_path / "deel", ids=tuple(ids[:3]))
    assert [n.files for n in nodes(whole.tree) if n.kind == "Postbus"] == [("P-0001-01.mbox",)]
    assert [n for n in nodes(part.tree) if n.kind == "Postbus"] == []


def test_of_a_chat_export_with_more_chats_only_the_chosen_chat_leaves(
    archive: Archive, tmp_path: Path
) -> None:
    """The export holds other conversations too, so the file itself stays behind and that is said."""
    folder = tmp_path / "telefoon"
    folder.mkdir()
    with ZipFile(folder / "twee chats.zip", "w") as export:
        export.writestr("WhatsApp-chat met Anna.txt", WHATSAPP)
        export.writestr("WhatsApp-chat met Bram.txt", WHATSAPP.replace("Goedemorgen", "Geheim"))
    secure(archive, folder)
    ids = tuple(sorted(overview.item_ids(archive)))
    assert len(ids) == 2
    part = package(archive, tmp_path / "deel", ids=ids[:1])
    assert part.released
    assert "pakket.origineel_blijft" in {f.code for f in part.findings}
    files = [p.read_bytes() for p in part.path.rglob("*") if p.is_file()]
    assert not [data for data in files if b"Geheim" in data]
    whole = package(archive, tmp_path / "heel", ids=ids)
    assert [n.files for n in nodes(whole.tree) if n.kind == "Chatexport"] == [("P-0001-01.zip",)]
    assert "pakket.origineel_blijft" not in {f.code for f in whole.findings}


def test_answers_refer_to_what_they_answer(archive: Archive, drop: Path, tmp_path: Path) -> None:
    secure(archive, drop)
    made = package(archive, tmp_path / "levering")
    sidecars = [p.read_text("utf-8") for p in made.path.rglob("M-*.mdto.xml")]
    assert sum("Refereert aan" in text for text in sidecars) == 4


def test_undecided_goes_out_as_n_with_a_warning_and_decided_as_decided(
    archive: Archive, drop: Path, tmp_path: Path
) -> None:
    secure(archive, drop)
    ids = tuple(overview.item_ids(archive))
    decided = accept(archive, ids, "volgens voorstel", Silent()).ids
    assert decided
    made = package(archive, tmp_path / "alles")
    undecided = [f for f in made.findings if f.code == "pakket.onbesloten"]
    open_ = len(ids) - len(decided)
    assert [f.params["n"] for f in undecided] == [open_] * (open_ > 0)
    only = package(archive, tmp_path / "besloten", only_decided=True)
    assert len(only.changes.ids) == len(decided)
    assert "pakket.onbesloten" not in {f.code for f in only.findings}


def test_items_become_packaged_and_the_trail_says_so(
    archive: Archive, drop: Path, tmp_path: Path
) -> None:
    secure(archive, drop)
    made = package(archive, tmp_path / "levering")
    counts = overview.counts(archive)
    assert counts[ItemStatus.VERPAKT] == len(made.changes.ids) == 7
    assert [p.package_hash for p in overview.all_packages(archive)] == [made.package_hash]
    with archive.register.read() as tx:
        actions = [e.event.action for e in audit.entries(tx)]
    assert actions.count("pakket") == 1
    assert actions.count("verpakt") == 7


def test_a_package_never_goes_over_something(archive: Archive, drop: Path, tmp_path: Path) -> None:
    secure(archive, drop)
    target = tmp_path / "bezet"
    target.mkdir()
    (target / "van een ander.txt").write_text("blijft")
    with pytest.raises(RuleRefused, match="pakket_map_bezet"):
        package(archive, target)
    assert (target / "van een ander.txt").read_text() == "blijft"
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_nothing_chosen_is_refused(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(RuleRefused, match="pakket_leeg"):
        package(archive, tmp_path / "levering", search="bestaat niet")


def test_a_package_that_fails_its_check_does_not_leave(
    archive: Archive, drop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rule 6. The check is made to find one changed file after the writing."""
    secure(archive, drop)
    really = packaging_run.check

    def damaged(path: Path, progress: Silent) -> object:
        victim = next(path.rglob("*-leeskopie.txt"))
        victim.write_bytes(victim.read_bytes() + b"x")
        return really(path, progress)

    monkeypatch.setattr(packaging_run, "check", damaged)
    made = package(archive, tmp_path / "levering")
    assert not made.released
    assert {"pakket.checksum", "pakket.omvang", "pakbon.hash"} <= {f.code for f in made.findings}
    assert not (tmp_path / "levering").exists()
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []
    assert overview.counts(archive)[ItemStatus.VERPAKT] == 0
    assert overview.all_packages(archive) == []
    with archive.register.read() as tx:
        last = audit.entries(tx)[-1].event
    assert (last.action, last.result) == ("pakket", "afgekeurd")


def test_a_difference_in_the_ledger_holds_the_package_back(
    archive: Archive, drop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secure(archive, drop)
    really = packaging_run.delivered

    def fewer(delivery: Delivery, progress: Silent) -> object:
        found = really(delivery, progress)
        return type(found)(**{**{n: getattr(found, n) for n in found.__slots__}, "attachments": 0})

    monkeypatch.setattr(packaging_run, "delivered", fewer)
    made = package(archive, tmp_path / "levering")
    assert not made.released
    assert (
        Finding(
            "pakket.grootboek",
            {"wat": "attachments", "register": 5, "pakket": 0},
            "",
            Severity.FOUT,
        )
        in made.findings
    )
    assert not (tmp_path / "levering").exists()


def test_a_changed_original_stops_the_package(archive: Archive, drop: Path, tmp_path: Path) -> None:
    secure(archive, drop / "1 los.eml")
    with archive.register.read() as tx:
        [(sha256, _)] = list(sources.blobs(tx))
    blob = archive.vault.path(sha256)
    blob.chmod(0o600)
    data = bytearray(blob.read_bytes())
    data[-3] ^= 1
    blob.write_bytes(data)
    with pytest.raises(StoreDamaged):
        package(archive, tmp_path / "levering")
    assert not (tmp_path / "levering").exists()
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


@pytest.mark.parametrize("after", [0, 4, 9, 30, 90])
def test_cancel_leaves_nothing(archive: Archive, drop: Path, tmp_path: Path, after: int) -> None:
    """Also while the items are looked at, and between two files."""
    secure(archive, drop)

    class Stop(Silent):
        asked = 0

        def cancelled(self) -> bool:
            self.asked += 1
            return self.asked > after

    with pytest.raises(Cancelled):
        make_package(archive, MakePackage(tmp_path / "levering"), Stop())
    assert not (tmp_path / "levering").exists()
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []
    assert list((archive.werkmap / "tijdelijk").glob("*")) == []
    assert overview.counts(archive)[ItemStatus.VERPAKT] == 0


def test_a_crash_between_release_and_register_loses_nothing(
    archive: Archive, drop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The package stands and is sound; the items are still there to be packaged again."""
    secure(archive, drop)

    def pulled(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(packaging_run, "_record", pulled)
    with pytest.raises(KeyboardInterrupt):
        package(archive, tmp_path / "levering")
    assert check(tmp_path / "levering", Silent()).sound
    assert overview.counts(archive)[ItemStatus.VERPAKT] == 0
    with pytest.raises(RuleRefused, match="pakket_map_bezet"):  # and by then the register knows it
        package(archive, tmp_path / "levering")
    assert overview.counts(archive)[ItemStatus.VERPAKT] == len(
        overview.all_packages(archive)[0].item_ids
    )


def test_a_zip_with_many_media_is_not_opened_for_each_of_them(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []
    really = media.open_zip

    def counted(path: Path, limits: Limits) -> ZipFile:
        opened.append(path)
        return really(path, limits)

    def times(number: int) -> int:
        names = [f"IMG-20261117-WA{n:04d}.jpg" for n in range(number)]
        export = tmp_path / f"WhatsApp Chat - Kade {number}.zip"
        with ZipFile(export, "w") as z:
            lines = (f"[17-11-2026 09:00:00] Sanne: <bijgevoegd: {name}>\n" for name in names)
            z.writestr("_chat.txt", "".join(lines))
            for name in names:
                z.writestr(name, b"\xff\xd8\xff\xe0" + name.encode() * 9)
        taken = take_in(archive, TakeIn((export,), owner=OWNER), Silent())
        opened.clear()
        made = package(archive, tmp_path / f"levering-{number}", ids=taken.changes.ids)
        assert made.released
        assert made.ledger.attachments == number
        return len(opened)

    monkeypatch.setattr(media, "open_zip", counted)
    assert times(4) == times(16)  # the text is read a few times, the media from one


def test_a_leftover_of_a_killed_run_is_in_nobodys_way(
    archive: Archive, drop: Path, tmp_path: Path
) -> None:
    secure(archive, drop)
    leftover = tmp_path / ".levering.0011aaff.bezig"
    (leftover / hidden.CONTENT / "half").mkdir(parents=True)
    (leftover / hidden.CONTENT / "half" / "geschreven").write_bytes(b"x")
    (leftover / hidden.LOCK).touch()
    (tmp_path / ".levering.2233bbff.bezig").mkdir()  # killed before there was a lock in it
    (tmp_path / ".levering.van-iemand.bezig").mkdir()
    made = package(archive, tmp_path / "levering")
    assert made.released
    assert [p.name for p in tmp_path.glob(".*")] == [".levering.van-iemand.bezig"]
    assert not list(made.path.rglob("geschreven"))


def test_two_work_folders_with_one_target_leave_each_other_alone(
    archive: Archive, drop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second begins while the first is writing; the first to be ready has the place."""
    secure(archive, drop / "1 los.eml")
    other = work_folder(tmp_path / "ander")
    secure(other, drop / "1 los.eml")
    really, began = mdto.write, []

    def interrupted(*given: Any) -> mdto.Written:
        written = really(*given)
        if not began:
            began.append(written)
            assert package(other, tmp_path / "levering").released
            assert written.folder.is_dir()
        return written

    monkeypatch.setattr(mdto, "write", interrupted)
    try:
        with pytest.raises(RuleRefused, match="pakket_map_bezet"):
            package(archive, tmp_path / "levering")
    finally:
        other.close()
    assert check(tmp_path / "levering", Silent()).sound
    assert not list(tmp_path.glob(".*"))


def test_two_copies_of_one_mail_keep_their_kenmerk_apart(tmp_path: Path, drop: Path) -> None:
    """Two people's copies share a Message-ID; the pair of kenmerk and bron stays unique."""
    archive = work_folder(tmp_path / "twee")
    try:
        raw = (drop / "1 los.eml").read_bytes()
        hop = b"Received: by andere.example; Tue, 17 Nov 2026 15:00:00 +0100\r\n"
        (drop / "kopie.eml").write_bytes(hop + raw)
        secure(archive, drop / "1 los.eml", drop / "kopie.eml")
        made = package(archive, tmp_path / "levering")
        assert made.released
        sidecars = "".join(p.read_text("utf-8") for p in made.path.rglob("M-*.mdto.xml"))
        assert "exemplaar 2" in sidecars
    finally:
        archive.close()


def test_write_is_refused_when_a_file_is_in_the_way(
    archive: Archive, drop: Path, tmp_path: Path
) -> None:
    secure(archive, drop / "1 los.eml")
    target = tmp_path / "bestand"
    target.write_text("ik was er al")
    with pytest.raises(RuleRefused, match="pakket_map_bezet"):
        package(archive, target)
    assert target.read_text() == "ik was er al"
    assert mdto.PAKBON == "pakbon.xml"
