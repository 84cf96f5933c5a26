"""Fuzz one reader, guided by coverage: ``python -m tests.robustness.fuzz.run READER MINUTES FOLDER``.

First once ``python -m tests.robustness.fuzz.readers FOLDER`` to make the seeds of all readers.

Needs atheris (``pip install atheris`` in an environment of its own; `make test` does not need it).
Minutes are of CPU time. Each kind of failure is written once to FOLDER, with its cause; the run goes on.
docs/fuzzen.md tells what was found.
"""

from __future__ import annotations

import faulthandler
import hashlib
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path
from types import FrameType

import atheris

with atheris.instrument_imports(include=["archiver.intake", "archiver.wire"]):
    from archiver.intake import msg
    from tests.robustness.conftest import quick_place
    from tests.robustness.fuzz import readers

SLOW = 5  # seconds of CPU for one input
GROWTH = 300 * 1024  # KiB that one input may add to the peak of the process
MEMORY_MB = 2_000


class TooSlow(BaseException):
    """Raised inside a reader that took too long; no reader can catch it by mistake."""


def main(name: str, minutes: float, folder: Path) -> None:
    """Fuzz until the CPU time is used up."""
    # extract-msg runs in a process of its own, with a time limit: a start for each input costs a second.
    msg.details = lambda raw, codec, seconds=0.0: ()
    folder = folder / name
    start = folder / "start"
    longest = max(p.stat().st_size for p in start.iterdir())
    with tempfile.TemporaryDirectory(prefix="archiefklaar-fuzz-", dir=quick_place()) as place:
        run = _Run(name, minutes * 60, folder, Path(place))
        signal.signal(signal.SIGPROF, _stop)
        options = [
            *("fuzz", str(start), f"-max_len={longest + 4_096}", f"-rss_limit_mb={MEMORY_MB}"),
            *("-timeout=300", "-print_final_stats=1", "-verbosity=1", "-use_value_profile=0"),
            *("-len_control=20", "-handle_int=0", f"-artifact_prefix={folder}/libfuzzer-"),
        ]
        atheris.Setup(options, run.once)
        atheris.Fuzz()


def _stop(number: int, frame: FrameType | None) -> None:
    raise TooSlow


class _Run:
    def __init__(self, name: str, seconds: float, folder: Path, place: Path) -> None:
        self.name, self.seconds, self.folder = name, seconds, folder
        self.check = readers.checked(name, place)
        self.count = 0
        self.began = time.process_time()
        self.seen: set[str] = set()
        self.slowest = 0.0

    def once(self, data: bytes) -> None:
        """Try one input; note a failure of a new kind."""
        if time.process_time() - self.began > self.seconds:
            self.finish()
        self.count += 1
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, SLOW)
        try:
            self.check(data)
        except (Exception, TooSlow) as error:
            self.note(data, error)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        self.slowest = max(self.slowest, time.process_time() - started)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        if grown > GROWTH:
            self.note(data, MemoryError(f"{grown // 1024} MB more"))

    def note(self, data: bytes, error: BaseException) -> None:
        """Write an input that broke a promise, unless one of its kind was written before."""
        trace = traceback.extract_tb(error.__traceback__)
        places = [f"{Path(f.filename).name}:{f.lineno}" for f in trace if "archi" in f.filename]
        kind = f"{type(error).__name__} {' '.join(places[-3:])}"
        if type(error) is TooSlow:
            kind = f"TooSlow {places[2:4]}"
        if kind in self.seen or len(self.seen) > 60:
            return
        self.seen.add(kind)
        word = hashlib.sha256(kind.encode()).hexdigest()[:12]
        (self.folder / f"{word}.bin").write_bytes(data)
        lines = "".join(traceback.format_exception(error))
        (self.folder / f"{word}.txt").write_text(f"{kind}\n{lines}", encoding="utf-8")
        sys.stderr.write(f"FOUND {self.name} {word} {kind} after {self.count}\n")

    def finish(self) -> None:
        """Say what was done and stop; nothing of libFuzzer's own must run after it."""
        minutes = (time.process_time() - self.began) / 60
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        sys.stderr.write(
            f"DONE {self.name} {self.count} runs {minutes:.1f} minutes "
            f"slowest {self.slowest:.2f} s peak {peak} MB {len(self.seen)} kinds of failure\n"
        )
        sys.stderr.flush()
        os._exit(0)


if __name__ == "__main__":
    faulthandler.enable()
    main(sys.argv[1], float(sys.argv[2]), Path(sys.argv[3]))
