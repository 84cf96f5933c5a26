"""A parser double that does what its file tells: give messages, or misbehave as we fear."""

from __future__ import annotations

import hashlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from archiver.intake.protocol import Head, ParseContext
from archiver.model import EmailMessage, Record, Span

FORMAT = "nep"
MAGIC = b"NEP "


def score(head: Head) -> int:
    return 90 if head.data.startswith(MAGIC) else 0


def parse(path: Path, context: ParseContext) -> Iterator[Record]:
    """The file is "NEP <command> <number>"."""
    word, number = path.read_text().split()[1:3]
    for index in range(int(number)):
        yield EmailMessage(
            "nep",
            index,
            Span(index, index + 1),
            1,
            hashlib.sha256(str(index).encode()).hexdigest(),
            subject=f"{path.name} {index}",
        )
    if word == "raise":
        raise ValueError("geheim@example.nl")
    if word == "recurse":
        _recurse()
    if word == "memory":
        hoard = []
        while True:
            hoard.append(bytearray(16 * 1024 * 1024))
    if word == "loop":
        while True:
            pass
    if word == "sleep":
        time.sleep(60)
    if word == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if word == "segfault":
        os.kill(os.getpid(), signal.SIGSEGV)
    if word == "print":
        print("dit hoort niet in het protocol")  # noqa: T201
        print("geheim@example.nl", file=sys.stderr)  # noqa: T201
        os.write(1, b"ook dit niet\n")
    if word == "grow":
        with path.open("a") as stream:
            stream.write(" en meer")


def _recurse() -> None:
    _recurse()
