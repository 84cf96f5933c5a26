"""A mailbox that was stopped, at any moment and in any way, goes on where it was and ends the same."""

from __future__ import annotations

import gc
import json
import random
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from archiver.intake.pool import Event, Parsed, read_sources
from archiver.model import SourceStatus
from archiver.progress import Silent
from archiver.services import container_intake, intake, mailbox_intake
from archiver.services.archive import Archive
from archiver.services.container_intake import ContainerNews, Stage
from archiver.services.fates import Fate
from archiver.services.intake import TakeIn, take_in
from archiver.services.mailbox_intake import ChosenResult, TakeInChosen, take_in_chosen
from archiver.services.selection import Choice
from archiver.services.verify import verify
from archiver.store.schema import AttachmentTable, ItemTable, LinkTable, SourceTable
from tests.helpers import mailboxes
from tests.helpers.messages import OWNER, mail, mbox, work_folder

PIECE = 20
COUNT = 150
FROM_JAN = Choice(senders=("joris", "jan"))


class StopAfter(Silent):
    """Stops when so many messages were read."""

    def __init__(self, messages: int) -> None:
        self._left = messages

    def step(self, done: int, total: int | None, what: str) -> None:
        self._left -= 1

    def cancelled(self) -> bool:
        return self._left < 0


def a_mbox(path: Path) -> Path:
    """Threads, attachments, an empty message now and then, and a sender in three."""
    made = []
    for n in range(COUNT):
        reply = f"<bericht-{n - 1}@veldermeer.example>" if n % 4 else None
        files = [(f"nota {n}.txt", "text/plain", b"nota %d" % n)] if n % 3 == 0 else []
        one = mail(f"M {n}", number=n, reply_to=reply, attachments=files)
        if n % 3 == 1:
            one = one.replace(b"Joris Blankert <j.blankert", b"Sanne Bos <s.bos")
        made.append(b"\n" if n % 37 == 5 else one)
    path.write_bytes(mbox(made))
    return path


def a_pst(path: Path) -> Path:
    return mailboxes.pst(path, {"Postvak IN": COUNT - 40, "Privé": 40})


def a_zip(path: Path) -> Path:
    return mailboxes.zipped(path)


MAKERS: dict[str, Callable[[Path], Path]] = {"mbox": a_mbox, "pst": a_pst, "zip": a_zip}


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container_intake, "PIECE", PIECE)


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Hear the index of every message that a reader gives."""
    heard: list[int] = []

    def reading(*args: Any, **named: Any) -> Iterator[Event]:
        for event in read_sources(*args, **named):
            if isinstance(event, Parsed):
                heard.append(event.record.index)
            yield event

    for module in (intake, mailbox_intake):
        monkeypatch.setattr(module, "read_sources", reading)
    return heard


def content(archive: Archive) -> dict[str, list[Any]]:
    """Give all that the register says of sources and items, without its own ids and moments."""
    with archive.register.read() as tx:

        def rows(table: Any, *without: str) -> list[dict[str, Any]]:
            found = tx.connection.execute(select(table.__table__)).mappings()
            left_out = {"seal", *without}
            return [{k: v for k, v in row.items() if k not in left_out} for row in found]

        sources = {row["id"]: row for row in rows(SourceTable, "taken_in_at", "batch")}
        items = {row["id"]: row for row in rows(ItemTable, "secured_at")}
        named = {
            "attachment": rows(AttachmentTable),
            "link": rows(LinkTable),
        }
    place = {i: (sources[row["source_id"]]["sha256"], row["position"]) for i, row in items.items()}
    found: dict[str, list[Any]] = {
        "source": [{**row, "id": ""} for row in sources.values()],
        "item": [{**row, "id": "", "source_id": place[i]} for i, row in items.items()],
    }
    for table, of_items in named.items():
        found[table] = [{**row, "item_id": place[row["item_id"]]} for row in of_items]
    return {table: sorted(map(repr, all_rows)) for table, all_rows in found.items()}


def choose(archive: Archive, box: Path, choice: Choice, stop: int | None = None) -> ChosenResult:
    progress = Silent() if stop is None else StopAfter(stop)
    return take_in_chosen(archive, TakeInChosen({box: choice}, owner=OWNER), progress)


def undisturbed(folder: Path, box: Path, choice: Choice) -> dict[str, list[Any]]:
    archive = work_folder(folder)
    try:
        choose(archive, box, choice)
        return content(archive)
    finally:
        archive.close()


@pytest.mark.parametrize("choice", [Choice(), FROM_JAN], ids=["alles", "een deel"])
@pytest.mark.parametrize("kind", MAKERS)
def test_stopped_at_any_message_it_ends_as_if_it_was_never_stopped(
    archive: Archive, tmp_path: Path, given: list[int], kind: str, choice: Choice
) -> None:
    box = MAKERS[kind](tmp_path / f"a.{kind}")
    wanted = undisturbed(tmp_path / "ongestoord", box, choice)
    total = len(given)
    chance = random.Random(f"{kind} {choice.senders}")
    stops = 0
    while True:
        given.clear()
        done = choose(archive, box, choice, stop=chance.randrange(20, 60))
        assert verify(archive, Silent()).findings == ()
        if not done.result.stopped:
            break
        stops += 1
    if kind != "zip":
        assert stops >= 2
        first = given[0] if given else total
        assert first > PIECE
        assert given == list(range(first, total)), "what is secured is not read again"
    assert content(archive) == wanted
    fates = done.fates[str(box)]
    assert len(fates) == total


def test_everything_or_a_part_ends_the_same_by_both_doors(
    archive: Archive, tmp_path: Path, given: list[int]
) -> None:
    box = a_mbox(tmp_path / "a.mbox")
    wanted = undisturbed(tmp_path / "ongestoord", box, Choice())

    class Stop(Silent):
        def cancelled(self) -> bool:
            return len(given) > 70

    given.clear()
    stopped = take_in(archive, TakeIn((box,), owner=OWNER), Stop())
    assert stopped.stopped
    assert stopped.sources[0].findings[0].code == "postvak.niet_af"
    kept = len(stopped.changes.ids)
    given.clear()
    (source,) = take_in(archive, TakeIn((box,), owner=OWNER), Silent()).sources
    assert source.status is SourceStatus.OPGENOMEN
    assert given[0] > 60
    assert source.ledger.earlier == kept
    assert source.ledger.messages == source.ledger_stored.messages == len(source.item_ids)
    assert content(archive) == wanted


KILLED = """
import os, signal, sys
from pathlib import Path
from archiver.bootstrap import open_archive
from archiver.services import container_intake
from archiver.services import mailbox_intake as m
from archiver.services.selection import Choice
container_intake.PIECE = 20
begin = None
class Fuse:
    def step(self, done, total, what):
        global begin
        begin = done if begin is None else begin
        if done - begin > int(sys.argv[3]):
            os.kill(os.getpid(), signal.SIGKILL)
    def cancelled(self):
        return False
archive = open_archive(Path(sys.argv[1]), actor=sys.argv[4], origin="test")
m.take_in_chosen(archive, m.TakeInChosen({Path(sys.argv[2]): Choice()}, owner=sys.argv[4]), Fuse())
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
@pytest.mark.parametrize("kind", ["mbox", "pst"])
def test_killed_again_and_again_it_ends_as_if_nothing_had_happened(
    tmp_path: Path, given: list[int], kind: str
) -> None:
    box = MAKERS[kind](tmp_path / f"a.{kind}")
    wanted = undisturbed(tmp_path / "ongestoord", box, Choice())
    folder = tmp_path / "werkmap"
    work_folder(folder).close()
    chance = random.Random(kind)
    for _ in range(3):
        after = str(chance.randrange(PIECE, 2 * PIECE))
        command = [sys.executable, "-c", KILLED, str(folder), str(box), after, OWNER]
        assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    archive = work_folder(folder)
    try:
        assert verify(archive, Silent()).findings == ()
        given.clear()
        done = choose(archive, box, Choice())
        assert given == list(range(given[0], COUNT))
        assert given[0] >= 3 * PIECE, "each run went on where the one before was killed"
        assert done.fates[str(box)].count(Fate.EERDER) >= given[0] - 5
        assert content(archive) == wanted
        assert verify(archive, Silent()).findings == ()
    finally:
        archive.close()


def test_other_bytes_are_another_source_and_are_read_whole(
    archive: Archive, tmp_path: Path, given: list[int]
) -> None:
    box = a_mbox(tmp_path / "a.mbox")
    choose(archive, box, Choice(), stop=70)
    raw = box.read_bytes()
    changed = raw.replace(b"Subject: M 2\r\n".replace(b"\r\n", b"\n"), b"Subject: N 2\n")
    assert len(changed) == len(raw)
    assert changed != raw
    box.write_bytes(changed)
    given.clear()
    (source,) = choose(archive, box, Choice()).result.sources
    assert given[0] == 0
    assert source.ledger.earlier == 0


def test_another_choice_reads_what_was_left_before(
    archive: Archive, tmp_path: Path, given: list[int]
) -> None:
    box = a_mbox(tmp_path / "a.mbox")
    choose(archive, box, FROM_JAN, stop=70)
    given.clear()
    done = choose(archive, box, Choice())
    assert given[0] == 0, "Sanne's messages before that place are wanted now"
    assert done.count(Fate.OPGENOMEN) + done.count(Fate.EERDER) == COUNT - done.count(
        Fate.GEWEIGERD
    )
    assert done.count(Fate.NIET_GEKOZEN) == 0


def test_the_same_mailbox_twice_in_a_drop_goes_on_once(
    archive: Archive, tmp_path: Path, given: list[int]
) -> None:
    first = a_mbox(tmp_path / "a.mbox")
    second = tmp_path / "b.mbox"
    second.write_bytes(first.read_bytes())
    wanted = undisturbed(tmp_path / "ongestoord", first, Choice())
    choose(archive, first, Choice(), stop=70)
    done = take_in(archive, TakeIn((first, second), owner=OWNER), Silent())
    assert [s.status for s in done.sources] == [SourceStatus.OPGENOMEN, SourceStatus.DUBBEL]
    found = content(archive)
    for table in ("item", "attachment", "link"):
        assert found[table] == wanted[table]
    assert verify(archive, Silent()).findings == ()


def test_a_mark_that_does_not_add_up_is_not_believed(
    archive: Archive, tmp_path: Path, given: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    from archiver.services import half_way

    box = a_mbox(tmp_path / "a.mbox")
    choose(archive, box, Choice(), stop=70)
    (known,) = half_way.half_ways(archive)
    monkeypatch.setattr(half_way, "marks", lambda tx, sha256: bytearray(known.start.index))
    assert half_way.half_ways(archive) == ()


def test_what_is_in_the_vault_is_not_copied_again_but_compared(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from archiver.vault.batch import Batch

    box = a_mbox(tmp_path / "a.mbox")
    choose(archive, box, Choice(), stop=70)

    def never(*_: object) -> None:
        raise AssertionError("the container was copied again")

    monkeypatch.setattr(Batch, "add", never)
    news: list[ContainerNews] = []
    command = TakeInChosen({box: Choice()}, owner=OWNER)
    done = take_in_chosen(archive, command, Silent(), news.append)
    assert done.result.sources[0].status is SourceStatus.OPGENOMEN
    assert {one.stage for one in news} == {Stage.VERGELIJKEN, Stage.VERDER}
    (goes_on,) = (one for one in news if one.stage is Stage.VERDER)
    assert goes_on.done > 60
    assert goes_on.total == done.count(Fate.EERDER)


class Halfway(Silent):
    """Stops when the copy is half way."""

    def __init__(self) -> None:
        self.stop = False
        self.done: list[int] = []

    def hear(self, news: ContainerNews) -> None:
        if news.stage is Stage.KOPIEREN:
            self.done.append(news.done)
            self.stop = news.done * 2 > news.total

    def cancelled(self) -> bool:
        return self.stop


@pytest.mark.parametrize("door", ["alles", "een deel"])
def test_a_copy_that_is_stopped_leaves_nothing_and_tells_how_far_it_is(
    archive: Archive, tmp_path: Path, door: str
) -> None:
    box = tmp_path / "groot.mbox"
    box.write_bytes(mbox([mail(f"G {n}", number=n, text="x" * 500_000) for n in range(20)]))
    watch = Halfway()
    if door == "alles":
        done = take_in(archive, TakeIn((box,)), watch, news=watch.hear)
    else:
        command = TakeInChosen({box: Choice()})
        done = take_in_chosen(archive, command, watch, watch.hear).result
    assert done.stopped
    assert done.sources == ()
    assert watch.done == [n * 1024 * 1024 for n in range(1, len(watch.done) + 1)]
    assert 1 < len(watch.done) < 9
    left = [p for p in (archive.werkmap / "kluis").rglob("*") if p.is_file()]
    assert left == []
    assert json.dumps(content(archive)["source"]) == "[]"


def test_memory_does_not_grow_with_the_mailbox(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = 2_000
    box = tmp_path / "groot.mbox"
    box.write_bytes(mbox([mail(f"G {n}", text="Hoi\r\n") for n in range(count)]))
    held: list[int] = []
    write = container_intake.ContainerIntake._write

    def measured(intake: container_intake.ContainerIntake) -> None:
        write(intake)
        gc.collect()
        held.append(tracemalloc.get_traced_memory()[0])

    monkeypatch.setattr(container_intake, "PIECE", 50)
    monkeypatch.setattr(container_intake.ContainerIntake, "_write", measured)
    tracemalloc.start()
    try:
        done = take_in(archive, TakeIn((box,)), Silent())
    finally:
        tracemalloc.stop()
    assert len(done.changes.ids) == count
    # What waits between the processes goes up and down: the least of some pieces is what stays.
    early, late = min(held[3:10]), min(held[20:27])
    assert late - early < 850 * 150, "bytes for each message more"
