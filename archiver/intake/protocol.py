"""What every parser module offers, and the limits it works under.

A parser is a module of `archiver.intake` (one per format) with four names: ``FORMAT``, ``score``,
``parse`` and, where parts can be fetched again, ``part_bytes``. `archiver.intake.registry` lists them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from archiver.model import Record


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds for hostile input; passing one gives a finding, never a crash. Sizes in bytes."""

    depth: int = 50  # nesting of parts and attached messages together
    parts: int = 10_000  # parts per message
    header_bytes: int = 1_048_576  # one header block
    header_fields: int = 5_000
    message_bytes: int = 512 * 1024 * 1024
    zip_members: int = 20_000
    zip_ratio: int = 200
    zip_bytes: int = 8 * 1024 * 1024 * 1024
    memory_bytes: int = 1_500 * 1024 * 1024  # of the child process
    seconds: int = 300  # CPU of the child without a finished record


@dataclass(frozen=True, slots=True)
class Head:
    """The first 64 KiB of a file, its size and its name; enough to recognise it."""

    data: bytes
    size: int
    name: str


class Secret(str):
    """An answer that may not be seen: a key or password. It never shows itself, in no message or log."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Secret(…)"

    def __str__(self) -> str:
        return "…"

    def __format__(self, spec: str) -> str:
        return "…"

    def reveal(self) -> str:
        """Give the secret itself, to open something with."""
        return str.__str__(self)


@dataclass(frozen=True, slots=True)
class Start:
    """Where reading begins: at the record with this index, whose bytes come after the first `byte`."""

    index: int = 0
    byte: int = 0


@dataclass(frozen=True, slots=True)
class Resume:
    """A file that was read up to `start` before; it is that file only when all its bytes are the same.

    `failed` is the code for which its reader failed: then no reader starts on it again.
    """

    sha256: str
    size: int
    start: Start = Start()
    failed: str | None = None


@dataclass(frozen=True, slots=True)
class ParseContext:
    """What a parser may know besides the bytes.

    `answers` are what the user said to open questions (``date_order``: dmy or mdy; ``owner``). A parser
    that cannot begin half way leaves `start` alone and gives all records; their indexes tell.
    """

    limits: Limits = field(default_factory=Limits)
    answers: Mapping[str, str] = field(default_factory=dict)
    messages: bool = True  # False: conversations without their messages
    start: Start = field(default_factory=Start)


class Parser(Protocol):
    """The shape of a parser module."""

    FORMAT: str

    @staticmethod
    def score(head: Head) -> int:
        """How sure this parser is, 0 (not mine) to 100 (certain), by content and never by name alone."""

    @staticmethod
    def parse(path: Path, context: ParseContext) -> Iterator[Record]:
        """Read the file; every message gives a record, every trouble a finding or `Unreadable`."""
