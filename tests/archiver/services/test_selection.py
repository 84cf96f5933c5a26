"""Choosing from a mailbox: folders at once, only what is chosen becomes items, nothing is lost."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from archiver.errors import Cancelled, InputRefused
from archiver.findings import Finding
from archiver.intake.outline import COMMAND, outline
from archiver.intake.protocol import Limits
from archiver.model import EmailMessage, SourceStatus
from archiver.progress import Silent
from archiver.services import container_intake, overview, reading, selection
from archiver.services.archive import Archive
from archiver.services.intake import TakeIn, take_in
from archiver.services.mailbox_intake import ChosenResult, Fate, TakeInChosen, take_in_chosen
from archiver.services.selection import Choice, FolderCount, Kind, Listed, LookInside
from archiver.services.verify import verify
from tests.helpers import mailboxes
from tests.helpers.messages import OWNER, mail, mbox, work_folder

FOLDERS = {"Postvak IN": 6, "Projecten": 5, "Privé": 4}


class StopAfter:
    """Stops when so many messages were read."""

    def __init__(self, messages: int) -> None:
        self._left = messages

    def step(self, done: int, total: int | None, what: str) -> None:
        self._left -= 1

    def cancelled(self) -> bool:
        return self._left < 0


def counted(box: Path) -> tuple[str | None, dict[str, int]]:
    kind, found = sets_counted(box)
    counts: Counter[str] = Counter()
    for folders, count in found.items():
        counts.update(dict.fromkeys(folders, count))
    return kind, dict(counts)


def sets_counted(box: Path) -> tuple[str | None, dict[tuple[str, ...], int]]:
    kind, found = None, {}
    for event in selection.folders(box, Silent()):
        if isinstance(event, Kind):
            kind = event.kind
        else:
            found[event.folders] = event.count
    return kind, found


def listed(archive: Archive, box: Path) -> list[Listed]:
    events = selection.messages(archive, LookInside((box,)), Silent())
    return [event for event in events if isinstance(event, Listed)]


def stored(archive: Archive) -> Counter[str]:
    return Counter(row.title for row in overview.item_rows(archive, overview.item_ids(archive)))


def choose(archive: Archive, box: Path, choice: Choice, stop: int | None = None) -> ChosenResult:
    progress = Silent() if stop is None else StopAfter(stop)
    return take_in_chosen(archive, TakeInChosen({box: choice}, owner=OWNER), progress)


def sound(archive: Archive) -> bool:
    report = verify(archive, Silent())
    assert report.findings == ()
    return report.sound


@pytest.mark.parametrize(
    ("kind", "make"),
    [
        ("pst", lambda p: mailboxes.pst(p / "a.pst", FOLDERS)),
        ("map", lambda p: mailboxes.maildir(p / "Maildir")),
        ("map", lambda p: mailboxes.thunderbird(p / "Mail")),
        ("zip", lambda p: mailboxes.zipped(p / "a.zip")),
    ],
)
def test_the_folders_are_those_that_the_messages_have(
    archive: Archive, tmp_path: Path, kind: str, make: object
) -> None:
    box = make(tmp_path)  # type: ignore[operator]
    found, folders = counted(box)
    assert found == kind
    assert folders == Counter(folder for one in listed(archive, box) for folder in one.folders)
    assert len(folders) > 1


def test_the_folders_come_without_reading_a_message(tmp_path: Path) -> None:
    """A message that no reader takes is counted too: the tree is there before the details."""
    box = tmp_path / "a.mbox"
    box.write_bytes(mbox([b"Subject: x\n\n" + b"\xff" * 100] * 40))
    assert counted(box) == ("mbox", {"": 40})
    gmail = tmp_path / "takeout.mbox"
    labelled = [b"X-Gmail-Labels: Inbox\n" + mail(number=n) for n in range(3)]
    gmail.write_bytes(mbox([*labelled, b"X-Gmail-Labels: Werk/2024\n" + mail(number=9)]))
    assert counted(gmail) == ("mbox", {"Inbox": 3, "Werk/2024": 1})


def test_what_is_no_mailbox_is_not_asked_to_be_one(tmp_path: Path) -> None:
    plain, junk, folder = tmp_path / "a.eml", tmp_path / "a.zip", tmp_path / "map"
    plain.write_bytes(mail())
    junk.write_bytes(b"PK\x03\x04" + b"\0" * 50)
    folder.mkdir()
    assert not selection.could_be_mailbox(plain)
    assert not selection.could_be_mailbox(folder)
    assert not selection.could_be_mailbox(tmp_path / "weg.pst")
    assert counted(junk) == (None, {})


def test_a_child_that_dies_or_a_stop_is_said(tmp_path: Path) -> None:
    box = tmp_path / "a.pst"
    box.write_bytes(b"!BDN" + b"\0" * 60)
    with pytest.raises(InputRefused):
        counted(box)
    with pytest.raises(InputRefused, match=r"bestand\.lezer_gestopt"):
        list(outline(box, Limits(), Silent(), (sys.executable, "-c", "raise SystemExit(1)")))
    with pytest.raises(Cancelled):
        list(outline(box, Limits(), StopAfter(-1), COMMAND))


def test_labels_of_gmail_are_folders_and_a_message_counts_once(tmp_path: Path) -> None:
    kind, found = sets_counted(mailboxes.gmail(tmp_path / "takeout.mbox"))
    assert (kind, sum(found.values())) == ("mbox", 6)
    assert counted(tmp_path / "takeout.mbox")[1] == {
        "Inbox": 4,
        "Sent": 1,
        "Werk": 1,
        "Werk/Kadebrug": 2,
        "Privé": 2,
        "Kunst, cultuur": 1,
        "": 1,
    }


@pytest.mark.parametrize("kind", ["mbox", "zip", "map"])
def test_the_labels_in_a_zip_or_folder_are_those_that_the_messages_have(
    archive: Archive, tmp_path: Path, kind: str
) -> None:
    box = mailboxes.gmail(tmp_path / "takeout.mbox")
    if kind == "zip":
        box = tmp_path / "takeout.zip"
        with zipfile.ZipFile(box, "w") as packed:
            packed.write(tmp_path / "takeout.mbox", "Takeout/Mail/takeout.mbox")
    elif kind == "map":
        box = tmp_path / "Mail.sbd"
        box.mkdir()
        (tmp_path / "takeout.mbox").rename(box / "takeout")
    assert sets_counted(box)[1] == Counter(one.folders for one in listed(archive, box))


def test_a_message_of_two_chosen_labels_is_taken_once_and_one_left_out_stays(
    archive: Archive, tmp_path: Path
) -> None:
    box = mailboxes.gmail(tmp_path / "takeout.mbox")
    done = choose(archive, box, Choice(frozenset({"Inbox", "Werk/"}), frozenset({"Privé"})))
    assert stored(archive) == {"G 0": 1, "G 2": 1, "G 3": 1}
    assert done.count(Fate.NIET_GEKOZEN) == 3
    left = {f.params["map"]: f.params["n"] for f in done.result.sources[0].findings}
    assert left == {"Inbox, Privé": 1, "Sent, Privé": 1, "": 1}
    items = [overview.item(archive, id_) for id_ in overview.item_ids(archive)]
    labels = {item.title: item.record.labels for item in items}  # type: ignore[union-attr]
    assert labels["G 0"] == ("Inbox", "Werk/Kadebrug", "Kunst, cultuur")
    done = choose(archive, box, Choice())
    assert (done.count(Fate.OPGENOMEN), done.count(Fate.EERDER)) == (3, 3)
    assert sound(archive)


def test_a_choice_by_folder_period_and_sender() -> None:
    everything = Choice()
    assert everything.everything
    assert everything.holds(("",), None, "")
    below = Choice(folders=frozenset({"Werk/", "Los"}))
    assert [below.holds((f,), None, "") for f in ("Werk", "Werk/2024", "Los", "Los/x")] == [
        False,
        True,
        True,
        False,
    ]
    period = Choice(since="2024-01-02", until="2024-01-03")
    days = ("2024-01-01", "2024-01-02T23:59:59+01:00", "2024-01-03T00:00:00Z", "2024-01-04", None)
    assert [period.holds(("",), day, "") for day in days] == [False, True, True, False, False]
    people = Choice(senders=("jan@", "FATMA"))
    assert people.holds(("",), None, "Jan de Wit jan@voorbeeld.nl")
    assert people.holds(("",), None, "fatma demir")
    assert not people.holds(("",), None, "Ali")


def test_only_what_is_chosen_becomes_items_and_the_rest_is_accounted_for(
    archive: Archive, tmp_path: Path
) -> None:
    box = mailboxes.pst(tmp_path / "a.pst", FOLDERS)
    whole = hashlib.sha256(box.read_bytes()).hexdigest()
    choice = Choice(
        folders=frozenset({"Postbus/Postvak IN", "Postbus/Projecten"}), senders=("jan",)
    )
    done = choose(archive, box, choice)
    (source,) = done.result.sources
    assert source.status is SourceStatus.OPGENOMEN
    assert stored(archive) == Counter(f"Bericht {n}" for n in range(0, 11, 2))
    assert archive.vault.path(whole).is_file(), "the container is preserved whole"
    assert (source.ledger.messages, source.ledger.not_chosen) == (6, 9)
    left = {f.params["map"]: f.params["n"] for f in source.findings}
    assert left == {"Postbus/Postvak IN": 3, "Postbus/Projecten": 2, "Postbus/Privé": 4}
    assert Counter(done.fates[str(box)].values()) == {Fate.OPGENOMEN: 6, Fate.NIET_GEKOZEN: 9}
    assert overview.source(archive, source.source_id or "").ledger == source.ledger
    item = overview.item(archive, source.item_ids[0])
    assert isinstance(item.record, EmailMessage)
    assert reading.read_item(archive, item).title == item.title
    assert sound(archive)


def test_a_second_choice_and_the_whole_bring_the_rest_without_doubles(
    archive: Archive, tmp_path: Path
) -> None:
    box = mailboxes.pst(tmp_path / "a.pst", FOLDERS)
    first = Choice(folders=frozenset({"Postbus/Projecten"}))
    choose(archive, box, first)
    again = choose(archive, box, first)
    assert [s.status for s in again.result.sources] == [SourceStatus.DUBBEL]
    assert again.count(Fate.EERDER) == 5
    more = choose(archive, box, Choice(folders=frozenset({"Postbus/Projecten", "Postbus/Privé"})))
    assert (more.count(Fate.EERDER), more.count(Fate.OPGENOMEN)) == (5, 4)
    (rest,) = take_in(archive, TakeIn((box,), owner=OWNER), Silent()).sources
    assert rest.status is SourceStatus.OPGENOMEN
    assert (rest.ledger.messages, rest.ledger.earlier) == (6, 9)
    assert rest.findings == ()
    assert stored(archive) == Counter(f"Bericht {n}" for n in range(15))
    for _ in range(2):
        (whole,) = take_in(archive, TakeIn((box,), owner=OWNER), Silent()).sources
        assert whole.status is SourceStatus.DUBBEL
    assert sound(archive)


def test_a_stopped_run_keeps_what_it_read_and_goes_on(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(container_intake, "PIECE", 50)
    box = mailboxes.pst(tmp_path / "a.pst", {"Postvak IN": 400, "Privé": 100})
    choice = Choice(folders=frozenset({"Postbus/Postvak IN"}))
    stopped = choose(archive, box, choice, stop=120)
    assert stopped.result.stopped
    kept = stopped.count(Fate.OPGENOMEN)
    assert 120 <= kept < 400
    assert [f.code for f in stopped.result.sources[0].findings] == ["postvak.niet_af"]
    assert sound(archive)
    going_on = choose(archive, box, choice)
    (source,) = going_on.result.sources
    assert going_on.count(Fate.EERDER) == kept
    assert source.ledger.messages == 400 - kept
    assert source.ledger.not_chosen == 100
    assert stored(archive) == Counter(f"Bericht {n}" for n in range(400))
    assert sound(archive)


KILLED = """
import os, signal, sys
from pathlib import Path
from archiver.bootstrap import open_archive
from archiver.services import container_intake
from archiver.services import mailbox_intake as m
from archiver.services.selection import Choice
container_intake.PIECE = 50
class Fuse:
    def step(self, done, total, what):
        if done > 230:
            os.kill(os.getpid(), signal.SIGKILL)
    def cancelled(self):
        return False
archive = open_archive(Path(sys.argv[1]), actor="Mira van Oosterhof", origin="test")
m.take_in_chosen(archive, m.TakeInChosen({Path(sys.argv[2]): Choice()}), Fuse())
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_a_killed_run_goes_on_where_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "werkmap"
    work_folder(folder).close()
    box = mailboxes.pst(tmp_path / "a.pst", {"Postvak IN": 400})
    ended = subprocess.run([sys.executable, "-c", KILLED, str(folder), str(box)], check=False)
    assert ended.returncode == -signal.SIGKILL
    archive = work_folder(folder)
    try:
        kept = len(overview.item_ids(archive))
        assert kept == 200, "whole pieces only"
        assert sound(archive)
        going_on = choose(archive, box, Choice())
        assert (going_on.count(Fate.EERDER), going_on.count(Fate.OPGENOMEN)) == (200, 200)
        assert stored(archive) == Counter(f"Bericht {n}" for n in range(400))
        assert sound(archive)
    finally:
        archive.close()


def test_nothing_chosen_leaves_nothing_behind(archive: Archive, tmp_path: Path) -> None:
    box = mailboxes.pst(tmp_path / "a.pst", FOLDERS)
    (source,) = choose(archive, box, Choice(senders=("niemand",))).result.sources
    assert source.status is SourceStatus.GEWEIGERD
    assert source.findings[0] == Finding("postvak.niets_gekozen")
    assert [p for p in (archive.werkmap / "kluis").rglob("*") if p.is_file()] == []
    assert sound(archive)


def test_of_loose_files_only_the_chosen_ones_are_stored(archive: Archive, tmp_path: Path) -> None:
    box = mailboxes.maildir(tmp_path / "Maildir")
    done = choose(archive, box, Choice(folders=frozenset({"Sent/2026"})))
    assert stored(archive) == Counter({"Los 3": 1, "Los 4": 1})
    assert (done.count(Fate.OPGENOMEN), done.count(Fate.NIET_GEKOZEN)) == (2, 3)
    assert len(list(p for p in (archive.werkmap / "kluis").rglob("*") if p.is_file())) >= 2
    rest = choose(archive, box, Choice())
    assert (rest.count(Fate.OPGENOMEN), rest.count(Fate.EERDER)) == (3, 2)
    assert sound(archive)


def test_a_mailbox_that_changes_meanwhile_is_not_taken_in(archive: Archive, tmp_path: Path) -> None:
    box = tmp_path / "a.mbox"
    box.write_bytes(mbox([mail(f"B {n}", number=n) for n in range(30)]))

    class Grow(Silent):
        def step(self, done: int, total: int | None, what: str) -> None:
            if done == 1:
                with box.open("ab") as more:
                    more.write(b"later")

    (source,) = take_in_chosen(archive, TakeInChosen({box: Choice()}), Grow()).result.sources
    assert source.status is SourceStatus.GEWEIGERD
    assert "bestand.veranderde_tijdens_lezen" in [f.code for f in source.findings]
    assert overview.item_ids(archive) == []
    assert sound(archive)


def test_what_is_listed_says_what_is_there_already(archive: Archive, tmp_path: Path) -> None:
    box = mailboxes.pst(tmp_path / "a.pst", FOLDERS)
    choose(archive, box, Choice(folders=frozenset({"Postbus/Privé"})))
    events = list(selection.messages(archive, LookInside((box,)), Silent()))
    done = events[-1]
    assert isinstance(done, selection.FileDone)
    assert done.had == {11, 12, 13, 14}
    assert not any(isinstance(event, FolderCount) for event in events)
