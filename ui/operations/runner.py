"""Work beside the window: one worker thread for the register, one for reading.

A piece of work is a plain function of one argument, its `Job`, which is also the `Progress` that a
service gets. Results, failures and progress come back to the GUI thread by queued signals and
nothing else crosses over: no widget is touched by a worker, no register by the window. Stopping is
a flag that services read between messages; what they finished stays. At the same places work gives
way to a window that is behind: threads share one interpreter lock, and a paint of 40 ms would take
three times as long while a worker fights for it.
"""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from archiver.errors import ArchiverError
from archiver.progress import check_cancelled

_log = logging.getLogger(__name__)
_PROGRESS_SECONDS = 0.06  # a progress signal for every message would drown the event loop
_TURN_MS = 5  # how often the event loop says that it turns, while there is work
_BEHIND_SECONDS = 0.015  # from here on work waits for the window ...
_WAIT_SECONDS = (
    0.2  # ... but never longer than this at once: a closed laptop still gets its work done
)


class Lane(StrEnum):
    """Which worker does it."""

    REGISTER = "register"
    READING = "reading"
    FOLDERS = "folders"  # what was dropped is looked at, whatever else is read


class Turns(QObject):
    """When the event loop last turned; `give_way` is for the workers."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._last = time.monotonic()
        self._timer = QTimer(self)
        self._timer.setInterval(_TURN_MS)
        self._timer.timeout.connect(self._turned)

    def watch(self, working: bool) -> None:
        """Keep time while there is work, and not otherwise: an idle window uses no processor."""
        self._last = time.monotonic()
        if working:
            self._timer.start()
        else:
            self._timer.stop()

    def give_way(self) -> None:
        """Sleep while the event loop is behind, so that it has the interpreter for itself."""
        most = time.monotonic() + _WAIT_SECONDS
        while (now := time.monotonic()) - self._last > _BEHIND_SECONDS and now < most:
            time.sleep(0.002)

    @Slot()
    def _turned(self) -> None:
        self._last = time.monotonic()


class Job(QObject):
    """One piece of work. Signals arrive in the GUI thread.

    `failed` carries the `ArchiverError`; an exception of another kind is a bug: it goes to the log
    with its traceback and arrives as the code ``storing``, so that the window says so and lives on.
    """

    progressed = Signal(int, object, str)  # done, total or None, what
    streamed = Signal(list)  # what the work hands over while it runs
    succeeded = Signal(object)
    failed = Signal(object)
    ended = Signal()

    def __init__(self, work: Callable[[Job], Any], turns: Turns, parent: QObject) -> None:
        super().__init__(parent)
        self._work = work
        self._turns = turns
        self._stop = False
        self._said = 0.0

    def step(self, done: int, total: int | None, what: str) -> None:
        """Tell the window where the work is; most calls are left out, the last one never."""
        self._turns.give_way()
        now = time.monotonic()
        if now - self._said >= _PROGRESS_SECONDS or (total is not None and done >= total):
            self._said = now
            self.progressed.emit(done, total, what)

    def cancelled(self) -> bool:
        """Tell the service whether the user asked to stop."""
        self._turns.give_way()
        return self._stop

    def cancel(self) -> None:
        """Ask the work to stop between two messages."""
        self._stop = True

    def run(self) -> None:
        """Do the work; called by the worker thread and by nothing else."""
        try:
            check_cancelled(self)
            result = self._work(self)
        except ArchiverError as error:
            self.failed.emit(error)
        except Exception as error:  # the boundary between a worker thread and the window
            # Where it went wrong, without the message: that may hold words of a record.
            frames = "".join(traceback.format_tb(error.__traceback__))
            _log.error("work failed: %s\n%s", type(error).__name__, frames)
            self.failed.emit(ArchiverError("storing", {"soort": type(error).__name__}))
        else:
            self.succeeded.emit(result)
        finally:
            self.ended.emit()


class Runner(QObject):
    """Both workers. `busy` tells how many jobs of the register wait or run."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lanes = {
            lane: ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"archiefklaar-{lane}")
            for lane in Lane
        }
        self._turns = Turns(self)
        self._jobs: set[Job] = set()
        self._closed = False

    def start(
        self,
        work: Callable[[Job], Any],
        *,
        done: Callable[[Any], None] | None = None,
        failed: Callable[[ArchiverError], None] | None = None,
        progressed: Callable[[int, int | None, str], None] | None = None,
        streamed: Callable[[list[Any]], None] | None = None,
        lane: Lane = Lane.REGISTER,
    ) -> Job:
        """Queue work; what is passed is called in the GUI thread, and nothing that it says is lost."""
        job = Job(work, self._turns, self)
        if self._closed:  # a signal that was still on its way when the window closed
            return job
        queued = Qt.ConnectionType.QueuedConnection
        if done is not None:
            job.succeeded.connect(done, queued)
        if failed is not None:
            job.failed.connect(failed, queued)
        if progressed is not None:
            job.progressed.connect(progressed, queued)
        if streamed is not None:
            job.streamed.connect(streamed, queued)
        job.ended.connect(self._ended, queued)
        self._jobs.add(job)
        self._turns.watch(True)
        self._lanes[lane].submit(job.run)
        return job

    @property
    def busy(self) -> int:
        """Tell how many jobs wait or run."""
        return len(self._jobs)

    def close(self, last: Callable[[], None] | None = None) -> None:
        """Ask all work to stop and wait for it; queued work is not begun, `last` is done after it."""
        self._closed = True
        for job in tuple(self._jobs):
            job.cancel()
        if last is not None:
            self._lanes[Lane.REGISTER].submit(last)
        for lane in self._lanes.values():
            lane.shutdown(wait=True)

    @Slot()
    def _ended(self) -> None:
        job = self.sender()
        if isinstance(job, Job):
            self._jobs.discard(job)
            self._turns.watch(bool(self._jobs))
            job.deleteLater()
