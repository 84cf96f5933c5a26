"""What lies on the desk: the messages not stored yet, the tasks, and every request to the core.

Lives in the GUI thread and never waits. Widgets call its methods and hear its signals; only
`Runner` touches the core.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from archiver.errors import ArchiverError, Cancelled
from archiver.model import Changes
from ui.models.changes import changed, merged
from ui.models.row import Key, Row
from ui.models.task_table import Task, TaskLine
from ui.operations import collector
from ui.operations.chat_answers import give_answer
from ui.operations.chat_choices import ChatChoices
from ui.operations.chat_reader import MessageReader
from ui.operations.comparison import Comparisons
from ui.operations.core import (
    Change,
    Core,
    Done,
    Event,
    Found,
    Looked,
    Package,
    Secured,
    State,
    Vault,
)
from ui.operations.mailbox import MailboxDesk
from ui.operations.runner import Job, Lane, Runner
from ui.operations.unread_files import UnreadFiles
from ui.words import error_text, n, t

_BATCH_SECONDS = 0.08
_BATCH_ROWS = 400


class Desk(QObject):
    """The one door from the window to the core."""

    opened = Signal(object)  # Profile
    refused = Signal(str)  # the work folder could not be opened, and why
    failed = Signal(str)
    state_changed = Signal(object)  # State
    rows_arrived = Signal(list)
    row_changed = Signal(object)
    looked = Signal()  # everything that was added is read
    desk_cleared = Signal()
    task_changed = Signal(object)
    said = Signal(str, str, str)
    register_changed = Signal(object)  # Changes
    package_made = Signal(object)
    to_new = Signal()  # something was done that is seen on the page Nieuw

    def __init__(self, core: Core, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.core = core
        self.runner = Runner(self)
        self.rows: dict[Key, Row] = {}
        self.sources: list[Path] = []
        self.given: list[Path] = []
        self.removed: set[str] = set()
        self.added_at = ""
        self._settler = collector.Settler()
        self.retired = collector.Retired(self)
        self.changes: dict[Key, Change] = {}
        self.chats = ChatChoices()
        self.messages = MessageReader(self.runner, core, self.chats)
        self.comparisons = Comparisons(self.runner, core, self)
        self.mailbox = MailboxDesk(self)
        self.unread = UnreadFiles(self)
        self.steps: list[Callable[[], None]] = []  # how what was done on the desk is undone
        self.state = State()
        self.task: Task | None = None
        self._jobs: list[tuple[Task, Job]] = []
        self._read: Job | None = None
        self._vault_checked: str | None = None

    # --- opening and closing ---------------------------------------------------------------------

    def open(self) -> None:
        """Open the work folder beside the window."""
        self.runner.start(lambda job: self.core.open(), done=self._opened, failed=self._refused)

    def _refused(self, error: ArchiverError) -> None:
        self.fail(error)
        self.state = State(vault=Vault("dicht"))
        self.state_changed.emit(self.state)
        self.refused.emit(error_text(error))

    def _opened(self, profile: object) -> None:
        self.opened.emit(profile)
        self.refresh()

    def close(self) -> None:
        """Stop all work, wait for it, close the register in its own thread."""
        self.runner.close(self.core.close)

    def refresh(self) -> None:
        """Ask counts, vault and undo again."""
        self.runner.start(lambda job: self.core.state(), done=self._state_came)

    def _state_came(self, state: State) -> None:
        self.state = replace(state, counts={"nieuw": len(self.rows), **state.counts})
        self.state_changed.emit(self.state)

    def fail(self, error: ArchiverError) -> None:
        """Tell a failure: in the task bar, and to whom listens."""
        if isinstance(error, Cancelled):
            self.said.emit(t("status.gestopt"), "overslaan", "secondary")
            return
        self.said.emit(error_text(error), "mislukt", "error")
        self.failed.emit(error_text(error))

    # --- reading ---------------------------------------------------------------------------------

    def ask_keys(self, queue: str | None, search: str, done: Callable[[list[str]], None]) -> None:
        """Fetch the ids of a queue."""
        self.runner.start(lambda job: self.core.keys(queue, search), done=done, failed=self.fail)

    def ask_rows(self, keys: Sequence[str], done: Callable[[list[Row]], None]) -> None:
        """Fetch a page of rows."""
        self.runner.start(lambda job: self.core.rows(keys), done=done, failed=self.fail)

    def ask_reading(
        self, row: Row, done: Callable[[Any], None], failed: Callable[[ArchiverError], None]
    ) -> None:
        """Open a row in the reader and fetch its detail; an earlier question is dropped."""
        if self._read is not None:
            self._read.cancel()

        def work(job: Job) -> object:
            if job.cancelled():
                return None
            return self.core.detail(row), self.core.read(row)

        self._read = job = self.runner.start(work, done=done, failed=failed, lane=Lane.READING)
        job.destroyed.connect(self._read_gone)

    def _read_gone(self) -> None:
        self._read = None

    # --- what is not stored yet ------------------------------------------------------------------

    def add(self, paths: Sequence[Path]) -> None:
        """Look at files and folders; their rows stream in."""
        if not paths:
            return
        self.added_at = f"{datetime.now():%H:%M}"
        self.given += [p for p in paths if p not in self.given]
        task = self.begin(t("actie.toevoegen"), secures=False)

        def work(job: Job) -> None:
            batch: list[Event] = []
            said = time.monotonic()
            try:
                for event in self.core.look(paths, job):
                    batch.append(event)
                    first = isinstance(event, Looked) and event.row.begun  # more may take seconds
                    if (
                        first
                        or len(batch) >= _BATCH_ROWS
                        or time.monotonic() - said > _BATCH_SECONDS
                    ):
                        job.streamed.emit(batch)
                        batch, said = [], time.monotonic()
                        time.sleep(0.001)  # lets the window take its turn
            finally:  # what came before a stop or a failure stays
                job.streamed.emit(batch)

        self.start(
            task,
            work,
            lambda _: self._added(task),
            streamed=lambda events: self._events(task, events),
        )

    def _events(self, task: Task, events: Sequence[Event]) -> None:
        fresh: list[Row] = []
        for event in events:
            if isinstance(event, Found):
                task.lines.append(TaskLine(str(event.path), "bezig"))
                if event.path not in self.sources:
                    self.sources.append(event.path)
                self.removed.discard(str(event.path))
            elif isinstance(event, Looked):
                row = self._with_choice(self.chats.looked(event.row))
                if row.key in self.changes:  # made while only its first messages were read
                    row = changed(row, self.changes[row.key])
                self.rows[row.key] = row
                fresh.append(row)
                if event.row.kind != "email" and task.lines[-1].path == event.row.key[0]:
                    task.lines[-1].kind = "chat"
            elif isinstance(event, Done):
                self._source_done(task, event, fresh)
        self.arrive(fresh)
        self.task_changed.emit(task)

    def arrive(self, rows: Sequence[Row]) -> None:
        """Lay lines on the desk."""
        if rows:
            self.rows.update((row.key, row) for row in rows)
            self._settler.grew(len(rows))
            self.rows_arrived.emit(list(rows))
            self._counts()

    def _source_done(self, task: Task, event: Done, fresh: list[Row]) -> None:
        line = next((x for x in reversed(task.lines) if x.path == str(event.path)), None)
        if line is None:
            line = TaskLine(str(event.path))
            task.lines.append(line)
        line.size, line.findings = event.size, event.findings
        line.messages = event.ledger.messages
        line.stored = event.ledger.messages
        if event.refused:
            self._drop_begun(str(event.path))
            line.outcome, line.messages, line.stored = "mislukt", 0, 0
            self.removed.add(str(event.path))
        elif event.in_vault:
            line.outcome, line.doubles, line.stored = "overgeslagen", line.messages, 0
            for key, row in list(self.rows.items()):
                if key[0] == str(event.path):
                    self.rows[key] = replace(row, in_vault=True)
                    fresh.append(self.rows[key])
        else:
            line.outcome = "opmerking" if event.findings else "gelukt"

    def _drop_begun(self, only: str = "") -> None:
        """Take away lines of conversations that were never read whole."""
        gone = [k for k, r in self.rows.items() if r.begun and only in ("", str(k[0]))]
        if gone:
            self.retired.take(self.rows.pop(key) for key in gone)
            self.desk_cleared.emit()
            self._counts()

    def _added(self, task: Task) -> None:
        nothing = not self.rows and task.trouble()  # what is wrong says enough
        self.tell(task, "" if nothing else n("melding.toegevoegd", len(self.rows)))
        self.looked.emit()

    def tell(self, task: Task, words: str) -> None:
        """Say in the task bar what was done, and which files were not read or not to the end."""
        trouble = task.trouble()
        look = ("mislukt", "error") if trouble else ("besloten", "ok")
        self.said.emit(f"{words} {trouble}".strip(), *look)

    def change_rows(self, rows: Sequence[Row], change: Change) -> None:
        """Change lines before they are stored; the change goes along when they are secured."""
        before = [(row, self.changes.get(row.key)) for row in rows]
        self.steps.append(lambda: self._put_back(before))
        for row in rows:
            self.changes[row.key] = merged(self.changes.get(row.key), change)
            self._put(changed(row, change))
        self.said.emit(n("melding.gewijzigd", len(rows)), "besloten", "ok")

    def _put_back(self, before: Sequence[tuple[Row, Change | None]]) -> None:
        for row, change in before:
            if change is None:
                self.changes.pop(row.key, None)
            else:
                self.changes[row.key] = change
            self._put(row)

    def _with_choice(self, row: Row) -> Row:
        """What goes out stays out when a file is dropped again or a change is undone."""
        out = len(self.chats.out(row.key)) if isinstance(row.key, tuple) else 0
        return row if out == row.out else replace(row, out=out)

    def _put(self, row: Row) -> None:
        row = self._with_choice(row)
        self.rows[row.key] = row
        self.row_changed.emit(row)

    def remove_sources(self, keys: Sequence[Key]) -> None:
        """Take whole files out of the list; nothing on the disk changes."""
        self.removed |= self.chats.whole(str(key[0]) for key in keys)
        self.chats.forget(self.removed)
        self.retired.take(r for k, r in self.rows.items() if str(k[0]) in self.removed)
        self.rows = {k: r for k, r in self.rows.items() if str(k[0]) not in self.removed}
        self.desk_cleared.emit()
        self._counts()

    # --- conversations that are not stored yet ---------------------------------------------------

    def leave_out(self, row: Row, out: Mapping[int, str]) -> None:
        """Keep which messages of a conversation go out; nothing reaches the disk."""
        if isinstance(row.key, tuple) and row.key in self.rows:
            self.chats.set_out(row.key, out)
            self._put(self.rows[row.key])

    def answer(self, row: Row, question: str, value: str) -> None:
        """Answer an open question; what it holds for is read again with it."""
        give_answer(self, row, question, value)

    def secure(self, only: str = "") -> None:
        """Secure everything that lies on the desk, or the one file that is named."""
        if not self.rows:
            return
        if self.task is not None and self.task.running:
            self.said.emit(t("melding.even_wachten", taak=self.task.name), "wacht", "secondary")
            return
        picked = self.chats.picked()
        whole = not self.removed and not only and not picked.paths()
        left = [
            p
            for p in self.sources
            if str(p) not in self.removed and self.chats.goes_along(str(p), only)
        ]
        paths = list(self.given) if whole else left
        task = self.begin(t("taak.vastleggen"), secures=True)
        known = {str(p): TaskLine(str(p)) for p in left}
        for key, row in self.rows.items():
            line = known.get(str(key[0]))
            if line is not None:
                line.messages += 1
                line.kind = row.kind if row.kind == "email" else "chat"
        task.lines = list(known.values())
        task.total = len(task.lines)
        changes = {k: c for k, c in self.changes.items() if isinstance(k, tuple)}
        self.start(
            task,
            lambda job: (
                self.core.take_in_picked(paths, changes, picked, job)
                if picked.paths()
                else self.core.take_in(paths, changes, job)
            ),
            lambda secured: self._secured(task, secured),
        )

    def _secured(self, task: Task, secured: Secured) -> None:
        self._clear(task.settle(secured))
        key = "melding.gestopt_na" if secured.stopped else "melding.vastgelegd"
        self.tell(task, n(key, len(secured.item_ids)))
        self.task_changed.emit(task)
        self.register_changed.emit(Changes("items", secured.item_ids))
        self.refresh()
        if any(line.kind == "chat" for line in task.lines):
            self.comparisons.look(secured.item_ids)

    def _clear(self, done: set[str]) -> None:
        done = self.chats.done_with(done)
        self.chats.forget(done)
        self.retired.take(r for k, r in self.rows.items() if str(k[0]) in done)
        self.rows = {k: r for k, r in self.rows.items() if str(k[0]) not in done}
        self.sources = [p for p in self.sources if str(p) not in done]
        self.changes = {k: c for k, c in self.changes.items() if k in self.rows}
        self.steps.clear()
        if not self.rows:
            self.given, self.sources, self.removed = [], [], set()
        else:
            self.given = list(self.sources)
        self.desk_cleared.emit()

    # --- what is in the register -----------------------------------------------------------------

    def edit(self, ids: Sequence[str], change: Change) -> None:
        """Change title, dossier or appraisal of stored items."""
        self._change(lambda job: self.core.edit(ids, change, job), "melding.gewijzigd")

    def accept(self, ids: Sequence[str]) -> None:
        """Decide as proposed."""
        self._change(lambda job: self.core.accept(ids, job), "melding.besloten_n")

    def decide(self, ids: Sequence[str], change: Change) -> None:
        """Decide by hand."""
        self._change(lambda job: self.core.decide(ids, change, job), "melding.besloten_n")

    def undo(self) -> None:
        """Undo: first what was changed on the desk, then the last step in the register."""
        if self.steps:
            self.steps.pop()()
            self.said.emit(t("melding.ongedaan"), "ongedaan", "ok")
            return
        self._change(lambda job: self.core.undo(), "melding.ongedaan")

    def can_undo(self) -> bool:
        """Tell whether there is something to undo."""
        return bool(self.steps) or self.state.undo_label is not None

    def _change(self, work: Callable[[Job], Changes], words: str) -> None:
        def done(changes: Changes) -> None:
            self.said.emit(n(words, len(changes.ids)), "besloten", "ok")
            self.register_changed.emit(changes)
            self.refresh()

        self.runner.start(work, done=done, failed=self.fail)

    # --- packages and the vault ------------------------------------------------------------------

    def package(self, ids: Sequence[str], target: Path) -> None:
        """Make a package in a folder."""
        task = self.begin(t("taak.verpakken"), secures=True)

        def done(package: Package) -> None:
            errors = any(f.severity == "fout" for f in package.findings)
            key = "melding.pakket_fout" if errors else "melding.pakket_klaar"
            self.said.emit(t(key), *(("mislukt", "error") if errors else ("besloten", "ok")))
            self.package_made.emit(package)
            self.register_changed.emit(Changes("items", tuple(ids)))
            self.refresh()

        self.start(task, lambda job: self.core.package(ids, target, job), done)

    def verify(self) -> None:
        """Check vault, register and audit trail."""
        task = self.begin(t("menu.controleren"), secures=False)

        def done(findings: Sequence[object]) -> None:
            if findings:
                self.said.emit(n("melding.kluis_fout", len(findings)), "mislukt", "error")
            else:
                self.said.emit(t("melding.kluis_ok"), "besloten", "ok")
            self.refresh()

        self.start(task, self.core.verify, done)

    # --- tasks -----------------------------------------------------------------------------------

    def stop(self) -> None:
        """Stop the work that runs and what waits behind it; what is finished stays."""
        for _, job in self._jobs:
            job.cancel()

    def begin(self, name: str, *, secures: bool) -> Task:
        """Begin a task for the task bar and the tasks panel."""
        self.task = Task(name, secures)
        self.task_changed.emit(self.task)
        return self.task

    def start(
        self,
        task: Task,
        work: Callable[[Job], Any],
        done: Callable[[Any], None],
        streamed: Callable[[list[Any]], None] | None = None,
        failed: Callable[[ArchiverError], None] | None = None,
        lane: Lane = Lane.REGISTER,
    ) -> Job:
        """Do the work of a task beside the window; `done` hears its result, `failed` why there is none."""

        def ended() -> None:
            self._jobs = [pair for pair in self._jobs if pair[0] is not task]

        def finished(result: object) -> None:
            ended()
            task.running = False
            collector.settle()
            done(result)
            self.task_changed.emit(task)

        def ended_early(error: ArchiverError) -> None:
            ended()
            task.running, task.stopped = False, isinstance(error, Cancelled)
            task.stop_lines()
            self._drop_begun()
            (failed or self.fail)(error)
            self.task_changed.emit(task)

        job = self.runner.start(
            work,
            done=finished,
            failed=ended_early,
            progressed=lambda *at: self._progress(task, *at),
            streamed=streamed,
            lane=lane,
        )
        self._jobs.append((task, job))
        return job

    def _progress(self, task: Task, done: int, total: int | None, what: str) -> None:
        task.done, task.total = done, total if total is not None else task.total
        task.what = what
        if task.secures:
            for line in task.lines:
                if line.outcome == "bezig" and line.name != what:
                    line.outcome = "wacht"
                elif line.name == what and line.outcome == "wacht":
                    line.outcome = "bezig"
        self.task_changed.emit(task)

    def _counts(self) -> None:
        counts = {**self.state.counts, "nieuw": len(self.rows)}
        self.state = replace(self.state, counts=counts)
        self.state_changed.emit(self.state)
