"""The real worker, whose reader dies on a file that says so: "STERF <how> <after so many records>".

Run as a script by the pool. Every start of such a reader is one letter more in the file STERF_STARTS.
"""

from __future__ import annotations

import functools
import os
import re
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from archiver.intake import pool, registry, worker
from archiver.intake.protocol import Head, ParseContext, Parser
from archiver.model import Record

COMMAND = (sys.executable, "-m", "tests.helpers.dying_reader")
STARTS = "STERF_STARTS"
_MARK = re.compile(rb"STERF (\w+) (\d+)")
_choose = registry.choose


def let_die(monkeypatch: pytest.MonkeyPatch, starts: Path) -> None:
    """Let every drop of this process be read by this worker."""
    monkeypatch.setenv(STARTS, str(starts))
    workers, _, before = cast("tuple[Any, ...]", pool.read_sources.__defaults__)
    monkeypatch.setattr(pool.read_sources, "__defaults__", (workers, COMMAND, before))


def starts(path: Path) -> int:
    """Count how often a reader that dies was started."""
    return path.stat().st_size if path.exists() else 0


def choose(path: Path, head: Head, names: Sequence[str]) -> registry.Choice | None:
    """Choose the real reader and plant its death."""
    choice, mark = _choose(path, head, names), _MARK.search(head.data)
    if choice is None or mark is None:
        return choice
    parse = functools.partial(_dying, choice.parser, mark[1].decode(), int(mark[2]))
    made = SimpleNamespace(FORMAT=choice.parser.FORMAT, parse=parse)
    return registry.Choice(cast("Parser", made), choice.score)


def _dying(
    parser: Parser, how: str, records: int, path: Path, context: ParseContext
) -> Iterator[Record]:
    with Path(os.environ[STARTS]).open("a") as stream:
        stream.write("x")
    for number, record in enumerate(parser.parse(path, context)):
        if number == records:
            break
        yield record
    if how == "geheugen":
        raise MemoryError
    if how == "fout":
        raise ValueError("geheim@example.nl")
    if how == "tijd":
        time.sleep(60)
    os.kill(os.getpid(), signal.SIGSEGV if how == "segfault" else signal.SIGKILL)


if __name__ == "__main__":
    registry.choose = choose
    raise SystemExit(worker.main())
