"""The process that is killed: ``python -m tests.robustness.child``, one JSON job a line on stdin.

Each job runs in a fork of this process, which is one thread that never opened a register: a kill
costs no start-up. A job is killed at a step (`fuse`) or after some seconds (`after`); it writes a line to
its file of acknowledgements after every group that is durable. The answer is the status it ended with.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from archiver.bootstrap import open_archive
from archiver.identity import new_id
from archiver.model import ItemStatus
from archiver.progress import Silent
from archiver.services import appraisal, describe, intake, undo
from archiver.services.archive import Archive
from archiver.services.intake import TakeIn, take_in
from archiver.store import audit, decisions, items, sources, sqlite
from archiver.store.trail import Trail
from archiver.vault import disk
from tests.archiver.store import made
from tests.robustness import mails


class Fuse:
    """Kills this process at the n-th step on disk or in the register; without n it only counts."""

    def __init__(self, at: int | None) -> None:
        self._at = at
        self.steps = 0

    def burn(self, *_: Any, **__: Any) -> None:
        if self.steps == self._at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.steps += 1

    def install(self) -> None:
        """Stand before and after every step of the vault, the trail file and the register."""
        for name in ("create", "flush_file", "name_once", "flush_folder", "remove"):
            setattr(disk, name, self._around(getattr(disk, name)))
        disk.write_all = self._halves(disk.write_all)
        for name in ("intend", "confirm"):
            setattr(Trail, name, self._around(getattr(Trail, name)))
        for moment in ("before_cursor_execute", "after_cursor_execute", "commit"):
            event.listen(Engine, moment, self.burn)

    def _around(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def act(*given: Any, **named: Any) -> Any:
            self.burn()
            try:
                return real(*given, **named)
            finally:
                self.burn()

        return act

    def _halves(self, real: Callable[[int, bytes], None]) -> Callable[[int, bytes], None]:
        def write(descriptor: int, data: bytes) -> None:
            self.burn()
            real(descriptor, data[: len(data) // 2])
            self.burn()
            real(descriptor, data[len(data) // 2 :])

        return write


class Job:
    """One run: where, with which seed, killed when."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.werkmap = Path(given["werkmap"])
        self.plans: list[int] = given["plans"]
        self.drops = [Path(p) for p in given["drops"]]
        self.fuse = Fuse(given["fuse"])
        self._ack = os.open(given["ack"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def acknowledge(self, *words: object) -> None:
        os.write(self._ack, (" ".join(map(str, words)) + "\n").encode())

    def run(self) -> None:
        self.fuse.install()
        archive = open_archive(self.werkmap, actor="zoe", origin="proef")
        for plan in self.plans:
            self._store(archive, plan)
        if self.drops:
            self._services(archive)
        archive.close()
        self.acknowledge("klaar", self.fuse.steps)

    def _store(self, archive: Archive, plan: int) -> None:
        """Vault and register directly, as the service does it, skipping what is there already."""
        chance = random.Random(plan)
        for group in mails.groups(plan):
            with archive.register.read() as tx:
                group = [data for data in group if not sources.by_sha256(tx, mails.sha(data))]
            ids = [new_id() for _ in group]
            with archive.vault.batch() as batch:
                for data in group:
                    batch.add(mails.stream(data))
                batch.commit()
            with archive.register.write() as tx:
                for id_, data in zip(ids, group, strict=True):
                    records = [made.mail(i) for i in range(1 + len(data) % 3)]
                    of = made.source(
                        id_, sha256=mails.sha(data), size=len(data), ledger=made.total(records)
                    )
                    sources.add(tx, of)
                    items.add_many(tx, (made.item(r, of) for r in records))
                    audit.append(tx, made.event("opname", f"source:{id_}", result="opgenomen"))
            for id_, data in zip(ids, group, strict=True):
                self.acknowledge("bron", mails.sha(data), id_)
            if ids and chance.random() < 0.7:
                self._decide(archive, f"{ids[0]}-0")

    def _decide(self, archive: Archive, item_id: str) -> None:
        with archive.register.write() as tx:
            decisions.add(tx, item_id, made.decision())
            items.update(tx, item_id, status=ItemStatus.BESLOTEN)
            audit.append(tx, made.event("besluit", f"item:{item_id}", before={"status": "getagd"}))
        self.acknowledge("besluit", item_id)

    def _services(self, archive: Archive) -> None:
        """The real service, with an acknowledgement where a group of it is durable."""
        secure = intake.secure_group

        def acknowledged(*given: Any) -> list[intake.SourceResult]:
            results = secure(*given)
            for result in results:
                self.acknowledge("bron", result.sha256, result.source_id)
            return results

        intake.secure_group = acknowledged
        intake.GROUP_SOURCES = 2
        result = take_in(archive, TakeIn(tuple(self.drops), owner="Zoë"), Silent())
        ids = result.changes.ids
        if ids:
            describe.edit(archive, describe.Edit(ids[:2], title="Anders"), Silent())
            undo.undo(archive)
        for item_id in ids:
            command = appraisal.Decide((item_id,), "B", "van belang")
            appraisal.decide(archive, command, Silent())
            self.acknowledge("besluit", item_id)


def main() -> None:
    sqlite._wanted()  # kept by every fork, so that none has to make it again
    for line in sys.stdin:
        given = json.loads(line)
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                Job(given).run()
                status = 0
            finally:
                if status:
                    sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
                    sys.stderr.flush()
                os._exit(status)
        if given["after"] is not None:
            time.sleep(given["after"])
            os.kill(pid, signal.SIGKILL)  # ended or not, the number is still this child's
        _, status = os.waitpid(pid, 0)
        sys.stdout.write(f"{status}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
