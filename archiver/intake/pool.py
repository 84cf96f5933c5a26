"""Read many sources in child processes and give what they hold as one stream, in source order.

The stream is bounded: a slow consumer slows the readers down, so memory stays flat. A child that
dies or stays silent costs its file a finding and nothing else; when somebody asked for it, the file is kept
whole without another try. Stopping kills the children at once.
"""

from __future__ import annotations

import dataclasses
import json
import os
import queue
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, cast

from archiver.findings import Finding, Severity
from archiver.intake import registry
from archiver.intake.chat import uninterpreted
from archiver.intake.child import Child
from archiver.intake.identify import head_of
from archiver.intake.programs import is_program
from archiver.intake.protocol import ParseContext, Resume
from archiver.intake.walk import Found, display_name, files_of, open_failure, refuse
from archiver.intake.worker import (
    Beginning,
    Compared,
    GoesOn,
    Outcome,
    hash_file,
    identification_from,
    outcome_from,
    read_source,
    reader_failed,
)
from archiver.ledger import count
from archiver.model import Conversation, Identification, Ledger, Record, Unreadable
from archiver.progress import Progress, check_cancelled
from archiver.wire import dump, from_wire, load

WORKER: tuple[str, ...] = (sys.executable, "-m", "archiver.intake.worker")
MANY_FILES = 8  # from here a second child earns back its start
AHEAD = 32  # files that may be read before their turn
ANSWERS = 8  # answers about one file (of 64 records or 256 KiB each) that may wait
_STOP_SECONDS = 5
_TICK = 0.1  # seconds between looks at the stop button and the clocks


@dataclass(frozen=True, slots=True)
class Comparing:
    """A file that may have been read in part is hashed to see whether it is that file; in bytes."""

    path: Path
    done: int
    size: int


@dataclass(frozen=True, slots=True)
class Recognised:
    """The file has the bytes of one that was read in part; `changed_ns` is when it changed last."""

    sha256: str
    changed_ns: int


@dataclass(frozen=True, slots=True)
class Started:
    """A file was recognised; its records follow: all, or with `goes_on` those from its start on."""

    path: Path
    identification: Identification
    goes_on: Recognised | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """What the head of the file that was started last tells, to show while the rest is read.

    Its counts, first and last are of the head only; the `Parsed` that follows takes its place.
    """

    path: Path
    record: Conversation


@dataclass(frozen=True, slots=True)
class Parsed:
    """One record of the file that was started last; `line` is what `archiver.wire.dump` made of it."""

    path: Path
    record: Record
    line: bytes


@dataclass(frozen=True, slots=True)
class Finished:
    """All of a file was read, or all that could be; a refused file has this event only.

    `sha256` is lower-case hex over the whole file, None when its bytes could not be read; `size`
    is bytes. `ledger` counts the records that were given.
    """

    path: Path
    sha256: str | None
    size: int
    ledger: Ledger
    findings: tuple[Finding, ...]


Event = Comparing | Started | Begun | Parsed | Finished
ReadBefore = Callable[[Path], Sequence[Resume]]


def _nothing_before(path: Path) -> Sequence[Resume]:
    return ()


def read_sources(
    paths: Iterable[Path],
    context: ParseContext,
    progress: Progress,
    workers: int = 2,
    command: Sequence[str] = WORKER,
    before: ReadBefore = _nothing_before,
) -> Iterator[Event]:
    """Read files and folders in child processes; events come in source order.

    Raises `Cancelled` as soon as the user stopped; no child is left behind. `command` starts a
    child (`archiver.intake.worker` or, in tests, one with other parsers). `before` gives what may have
    been read of a file in an earlier run; it is asked from another thread.
    """
    found = files_of(paths, registry.companions)
    first = list(islice(found, MANY_FILES))
    pool = _Pool(chain(first, found), context, command, before)
    children = min(workers, len(first)) if len(first) >= MANY_FILES else 1
    done = 0
    try:
        pool.start(max(1, children))
        while True:
            source = pool.next_source(progress)
            if source is None:
                return
            progress.step(done, None, display_name(source.found.path))
            yield from _events(source, pool, progress)
            pool.given(source)
            done += 1
    finally:
        pool.stop()


def read_inline(
    path: Path, context: ParseContext, parsers: Sequence[str] | None = None
) -> Iterator[Event]:
    """Do the same in this process, without protection: for tests and for trusted samples."""
    for found in files_of([path], registry.companions):
        if found.refusal is not None:
            yield _refused(found)
            continue
        for part in read_source(found.path, context, lambda: None, parsers):
            if isinstance(part, Identification):
                yield Started(found.path, part)
            elif isinstance(part, Beginning):
                yield Begun(found.path, part.record)
            elif isinstance(part, Outcome):
                yield _finished(found, part, part.ledger)
            elif not isinstance(part, Compared | GoesOn):
                yield Parsed(found.path, part, dump(part))


def _events(source: _Source, pool: _Pool, progress: Progress) -> Iterator[Event]:
    path, ledger = source.found.path, Ledger()
    started = given = False
    said: set[str] = set()  # the codes of what could not be read
    if source.found.refusal is not None:
        yield _refused(source.found)
        return
    while True:
        answer = pool.answer(source, progress)
        if "compared" in answer:
            yield Comparing(path, answer["compared"], source.found.size)
        elif "identification" in answer:
            goes_on = answer["goes_on"]
            recognised = Recognised(**goes_on) if goes_on is not None else None
            started, given = True, recognised is not None
            yield Started(path, identification_from(answer["identification"]), recognised)
        elif "begun" in answer:
            yield Begun(path, cast("Conversation", from_wire(answer["begun"])))
        elif "records" in answer:
            for line in answer["records"]:
                record = load(line)
                ledger += count(record)
                if isinstance(record, Unreadable):
                    said.update(finding.code for finding in record.findings)
                else:
                    given = True
                yield Parsed(path, record, line)
                check_cancelled(progress)
        elif "done" in answer or "stopped" in answer:
            if "done" in answer:
                end = _finished(source.found, outcome_from(answer["done"]), ledger)
            else:
                failure = reader_failed(path, str(answer["stopped"]), given)
                end = _stopped(source.found, failure, ledger, progress)
            failed = end.sha256 is not None and not given
            if failed and uninterpreted.FAILED.intersection(f.code for f in end.findings):
                yield from _without_reader(end, said, pool.answers, started)
            else:
                yield end
            return


def _without_reader(
    end: Finished, said: Iterable[str], answers: Mapping[str, str], started: bool
) -> Iterator[Event]:
    """End a file whose reader failed before it gave anything: kept whole if that was asked and may be."""
    try:
        program = is_program(end.path.name, head_of(end.path).data)
    except OSError as error:
        yield dataclasses.replace(end, findings=(*end.findings, open_failure(end.path, error)))
        return
    if program:
        refusal = refuse("bestand.programma", end.path)
        end = dataclasses.replace(end, findings=(refusal, *end.findings))
    why = uninterpreted.why_unread([*(f.code for f in end.findings), *said])
    if why is None or not uninterpreted.asked(answers):
        yield end
        return
    assert end.sha256 is not None
    if not started:
        unknown = Identification(
            uninterpreted.FORMAT, "application/octet-stream", None, None, "geen"
        )
        yield Started(end.path, unknown)
    record = uninterpreted.whole(end.path, why, end.sha256, end.size)
    yield Parsed(end.path, record, dump(record))
    rest = tuple(f for f in end.findings if f.code not in uninterpreted.FAILED)
    ledger = dataclasses.replace(end.ledger, refused=end.ledger.refused - 1)
    yield dataclasses.replace(end, ledger=ledger, findings=rest)


def _finished(found: Found, outcome: Outcome, given: Ledger) -> Finished:
    findings = (*found.notes, *outcome.findings)
    # A reader that failed is counted by the child alone; all other counts must be what we gave.
    lost = dataclasses.replace(given, refused=outcome.ledger.refused).difference(outcome.ledger)
    for what, (here, there) in lost.items():
        params: dict[str, str | int] = {"wat": what, "gelezen": there, "vastgelegd": here}
        findings += (Finding("grootboek.verschil", params, severity=Severity.FOUT),)
    return Finished(found.path, outcome.sha256, outcome.size, outcome.ledger, findings)


def _refused(found: Found) -> Finished:
    assert found.refusal is not None
    return Finished(found.path, None, found.size, Ledger(refused=1), (found.refusal,))


def _stopped(found: Found, finding: Finding, given: Ledger, progress: Progress) -> Finished:
    ledger = given + Ledger(refused=1)
    try:
        sha256, size = hash_file(found.path, lambda: check_cancelled(progress))
    except OSError as error:
        findings = (*found.notes, finding, open_failure(found.path, error))
        return Finished(found.path, None, found.size, ledger, findings)
    return Finished(found.path, sha256, size, ledger, (*found.notes, finding))


class _Source:
    """One file under way: its answers wait here until it is its turn."""

    def __init__(self, found: Found) -> None:
        self.found = found
        self.answers: queue.Queue[bytes] = queue.Queue(ANSWERS)


class _Pool:
    """The threads that keep the children busy. Only `stop` ends them, and it always does."""

    def __init__(
        self,
        found: Iterator[Found],
        context: ParseContext,
        command: Sequence[str],
        before: ReadBefore,
    ) -> None:
        self._found = found
        self._context = context
        self._command = command
        self._before = before
        self._lock = threading.Lock()
        self._order: deque[_Source] = deque()
        self._room = threading.Semaphore(AHEAD)
        self._exhausted = False
        self._stopping = threading.Event()
        self._failed: BaseException | None = None
        self._children: list[Child] = []
        self._threads: list[threading.Thread] = []
        self._arrived = threading.Condition(self._lock)

    @property
    def answers(self) -> Mapping[str, str]:
        """The answers of the user that the readers get."""
        return self._context.answers

    def start(self, children: int) -> None:
        """Start a thread per child; the child itself starts with its first file."""
        for _ in range(children):
            child = Child(self._command)
            thread = threading.Thread(target=self._work, args=(child,), daemon=True)
            self._children.append(child)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Kill what runs and wait for the threads; one stuck on a dead share is left to the end."""
        self._stopping.set()
        for _ in self._threads:
            self._room.release()
        patience = time.monotonic() + _STOP_SECONDS
        for thread in self._threads:
            while thread.is_alive() and time.monotonic() < patience:
                for child in self._children:
                    child.kill()
                thread.join(_TICK)

    def next_source(self, progress: Progress) -> _Source | None:
        """Wait for the next file in order; None when there is none left."""
        with self._arrived:
            while not self._order:
                self._raise_failure()
                if self._exhausted:
                    return None
                self._arrived.wait(_TICK)
                check_cancelled(progress)
            return self._order.popleft()

    def given(self, source: _Source) -> None:
        """Say that all events of a file were given, so that one more may be read ahead."""
        self._room.release()

    def answer(self, source: _Source, progress: Progress) -> dict[str, Any]:
        """Wait for the next answer about a file, watching the clocks and the stop button."""
        while True:
            check_cancelled(progress)
            try:
                first, *lines = source.answers.get(timeout=_TICK).splitlines()
            except queue.Empty:
                self._raise_failure()
                self._kill_silent()
            else:
                answer: dict[str, Any] = json.loads(first)
                return {"records": lines} if lines else answer

    def _kill_silent(self) -> None:
        now, patience = time.monotonic(), self._context.limits.seconds
        for child in self._children:
            since = child.silent_since
            if since is not None and now - since > patience:
                child.overdue = True
                child.kill()

    def _raise_failure(self) -> None:
        if self._failed is not None:
            raise self._failed

    def _work(self, child: Child) -> None:
        try:
            while (source := self._take()) is not None:
                if source.found.refusal is None:
                    self._read(source, child)
        except BaseException as error:  # a bug must reach the caller, not die with the thread
            self._failed = error
        finally:
            child.close()
            with self._arrived:
                self._arrived.notify_all()

    def _take(self) -> _Source | None:
        self._room.acquire()
        with self._arrived:
            if self._stopping.is_set() or self._exhausted:
                self._room.release()
                return None
            found = next(self._found, None)
            if found is None:
                self._exhausted = True
                self._room.release()
                self._arrived.notify_all()
                return None
            source = _Source(found)
            self._order.append(source)
            self._arrived.notify_all()
            return source

    def _read(self, source: _Source, child: Child) -> None:
        try:
            child.ask(self._request(source.found.path))
            while answer := child.answer():
                if answer.startswith(b'{"alive"'):
                    continue
                self._put(source, answer)
                if answer.startswith(b'{"done"'):
                    return
        except OSError:  # the pipe broke: the child is gone, as with an empty line
            pass
        why = "tijd" if child.overdue else "afgebroken"
        child.close()
        if not self._stopping.is_set():
            self._put(source, json.dumps({"stopped": why}).encode())

    def _request(self, path: Path) -> bytes:
        request = {
            "path": os.fspath(path.absolute()),
            "answers": dict(self._context.answers),
            "limits": dataclasses.asdict(self._context.limits),
            "messages": self._context.messages,
            "resume": [
                (one.sha256, one.size, one.start.index, one.start.byte, one.failed)
                for one in self._before(path)
            ],
        }
        return json.dumps(request).encode() + b"\n"

    def _put(self, source: _Source, answer: bytes) -> None:
        while not self._stopping.is_set():
            try:
                source.answers.put(answer, timeout=_TICK)
            except queue.Full:
                continue
            return
