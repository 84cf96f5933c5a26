"""kill -9 at any moment: nothing acknowledged is lost, nothing half-done is shown as done.

225 runs: 130 through vault and register at a seeded step, 50 at a seeded time, and 45 through the
real services (30 at a step, 15 at a time). Each work folder grows over its runs; after every kill it
is opened again and checked whole, and the next run begins with what the killed one did not finish.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archiver.bootstrap import open_archive
from archiver.model import ItemStatus, SourceStatus
from archiver.progress import Silent
from archiver.services.archive import Archive
from archiver.services.verify import verify
from archiver.store import audit, decisions, items, sources
from tests.robustness import mails

STORE_STEPS, STORE_TIMES, SERVICE_STEPS, SERVICE_TIMES = 130, 50, 30, 15
PER_FOLDER = 22  # runs that share a work folder

pytestmark = pytest.mark.skipif(os.name != "posix", reason="kill -9 is a signal of POSIX systems")


class Nursery:
    """The process whose forks are killed."""

    def __init__(self, errors: Path) -> None:
        self.errors = errors
        with errors.open("wb") as stderr:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.robustness.child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                cwd=Path(__file__).parents[2],
                text=True,
            )

    def run(self, job: dict[str, Any]) -> int:
        """Run a job to its end or its kill; gives the signal that ended it, 0 if none."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        status = int(self._process.stdout.readline())
        assert os.WIFSIGNALED(status) or status == 0, self.errors.read_text()
        return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()


@pytest.fixture(scope="module")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    made = Nursery(tmp_path_factory.mktemp("kraamkamer") / "fouten.txt")
    yield made
    made.close()


class Folder:
    """One work folder over many kills, with everything that was acknowledged in it."""

    def __init__(self, root: Path, nursery: Nursery) -> None:
        self.root = root
        self.werkmap = root / "werkmap"
        self.ack = root / "bevestigd.txt"
        self.ack.touch()
        self._nursery = nursery
        self.wanted: dict[str, bytes] = {}

    def run(
        self,
        plans: list[int],
        drops: list[Path],
        fuse: int | None = None,
        after: float | None = None,
    ) -> bool:
        """Do a run and check what is left; tells whether it was killed."""
        ended = self._nursery.run(
            {
                "werkmap": str(self.werkmap),
                "plans": plans,
                "drops": [str(drop) for drop in drops],
                "ack": str(self.ack),
                "fuse": fuse,
                "after": after,
            }
        )
        assert ended in (0, signal.SIGKILL)
        self.check()
        return ended != 0

    def steps(self) -> int:
        """How many steps the last finished run had."""
        last = self.ack.read_text().splitlines()[-1].split(" ")
        assert last[0] == "klaar"
        return int(last[1])

    def check(self) -> None:
        archive = open_archive(self.werkmap, actor="zoe", origin="proef")
        try:
            report = verify(archive, Silent())
            assert report.findings == ()
            assert list((self.werkmap / "kluis" / "tmp").iterdir()) == []
            self._acknowledged(archive)
            self._whole(archive)
        finally:
            archive.close()

    def _acknowledged(self, archive: Archive) -> None:
        """Nothing that was acknowledged is lost."""
        with archive.register.read() as tx:
            known = {s.id: s for s in sources.all(tx)}
            decided = set(items.ids(tx, status=ItemStatus.BESLOTEN))
        for line in self.ack.read_text().splitlines():
            kind, *rest = line.split(" ")
            if kind == "bron":
                sha256, source_id = rest
                assert known[source_id].sha256 == sha256
                assert mails.sha(archive.vault.read_verified(sha256)) == sha256
            elif kind == "besluit":
                assert rest[0] in decided

    def _whole(self, archive: Archive) -> None:
        """Nothing half-done is shown as done: every row has its bytes, its items and its entry."""
        with archive.register.read() as tx:
            entries = audit.entries(tx)
            told = [e.event.object for e in entries if e.event.action == "opname"]
            found = sources.all(tx)
            assert sorted(told) == sorted(f"source:{s.id}" for s in found)
            first = [s.sha256 for s in found if s.status is SourceStatus.OPGENOMEN]
            assert len(first) == len(set(first))
            for item_id in items.ids(tx, status=ItemStatus.BESLOTEN):
                assert decisions.current(tx, item_id) is not None
            decided = [e for e in entries if e.event.action == "besluit"]
            assert len(decided) == items.counts(tx).get(ItemStatus.BESLOTEN, 0)

    def everything_is_in(self) -> None:
        archive = open_archive(self.werkmap, actor="zoe", origin="proef")
        with archive.register.read() as tx:
            for sha256, data in self.wanted.items():
                source = sources.by_sha256(tx, sha256)
                assert source is not None
                assert items.ids(tx, source_id=source.id)
                assert archive.vault.read_verified(sha256) == data
        archive.close()


@pytest.mark.parametrize(
    ("runs", "timed"), [(STORE_STEPS, False), (STORE_TIMES, True)], ids=["steps", "times"]
)
def test_vault_and_register(quick_path: Path, nursery: Nursery, runs: int, timed: bool) -> None:
    """180 runs: 130 killed at a seeded step, 50 after a seeded time."""
    chance = random.Random(f"opslag {timed}")
    killed = 0
    folder: Folder | None = None
    steps, seconds, plans = 0, 0.0, [0]
    for run in range(runs):
        if run % PER_FOLDER == 0:
            if folder is not None:
                finish(folder, plans, [])
            folder = new_folder(quick_path, run, nursery)
            plans = [run]
            remember(folder, run)
            began = time.monotonic()
            folder.run([run], [])
            steps, seconds = folder.steps(), time.monotonic() - began
        assert folder is not None
        plan = 10_000 + run
        remember(folder, plan)
        fuse, after = (
            (None, chance.random() * seconds) if timed else (chance.randrange(steps), None)
        )
        began = time.monotonic()
        died = folder.run([plans[-1], plan], [], fuse, after)
        if (
            timed and not died
        ):  # faster than the run that was timed, as on a machine that grew quiet
            seconds = min(seconds, time.monotonic() - began)
        killed += died
        plans.append(plan)
    assert folder is not None
    finish(folder, plans, [])
    # A step or a moment past the end of a run kills nothing; nearly all of them must.
    assert killed >= runs * (0.5 if timed else 0.9), killed


@pytest.mark.parametrize(
    ("runs", "timed"), [(SERVICE_STEPS, False), (SERVICE_TIMES, True)], ids=["steps", "times"]
)
def test_services(quick_path: Path, nursery: Nursery, runs: int, timed: bool) -> None:
    """45 runs of take in, edit, undo, decide: 30 killed at a seeded step, 15 after a seeded time."""
    chance = random.Random(f"diensten {timed}")
    folder = new_folder(quick_path, 0, nursery)
    drops = [quick_path / "drop-0"]
    folder.wanted |= mails.drop(drops[0], 0)
    began = time.monotonic()
    folder.run([], drops)
    steps, seconds = folder.steps(), time.monotonic() - began
    killed = 0
    for run in range(1, runs + 1):
        drops.append(quick_path / f"drop-{run}")
        folder.wanted |= mails.drop(drops[-1], run + 1_000 * timed)
        fuse, after = (
            (None, chance.random() * seconds) if timed else (chance.randrange(steps), None)
        )
        began = time.monotonic()
        died = folder.run([], drops[-2:], fuse, after)
        if timed and not died:
            seconds = min(seconds, time.monotonic() - began)
        killed += died
    assert killed >= runs * 0.5, killed
    finish(folder, [], drops)


def new_folder(root: Path, number: int, nursery: Nursery) -> Folder:
    place = root / f"map-{number}"
    place.mkdir()
    return Folder(place, nursery)


def remember(folder: Folder, plan: int) -> None:
    folder.wanted |= {mails.sha(d): d for group in mails.groups(plan) for d in group}


def finish(folder: Folder, plans: list[int], drops: list[Path]) -> None:
    """Run again without a kill: it goes on where it was and ends with everything taken in."""
    assert not folder.run(plans, drops)
    folder.everything_is_in()
