"""The child process that reads hostile files: ``python -m archiver.intake.worker``.

JSON lines over standard input and output, never pickle. A request is
``{"path", "answers", "limits", "messages", "resume"}``; the answers to it are ``{"compared": bytes}`` while
a file that may have been read in part is hashed, ``{"identification", "goes_on"}``, ``{"begun"}`` with what
the head of a file that takes long tells, ``{"records": n}`` any number of times, each with n records in
the n lines after it, ``{"alive"}`` while hashing, and ``{"done"}`` with ledger, sha256, size and findings.
The process bounds its own memory and CPU time where the system can, and says nothing on standard error:
names and addresses must not end up in a log.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from archiver.findings import Finding, Severity
from archiver.intake import registry
from archiver.intake.chat import uninterpreted
from archiver.intake.identify import head_of, identify
from archiver.intake.programs import is_program
from archiver.intake.protocol import Head, Limits, ParseContext, Resume, Start
from archiver.intake.walk import display_name, open_failure, refuse
from archiver.ledger import count
from archiver.model import Conversation, Identification, Ledger, Record, Unreadable
from archiver.wire import dump, to_wire

BATCH_RECORDS = 64
BATCH_SECONDS = 0.25
BATCH_BYTES = 256 * 1024  # a message with thousands of parts is long
HALF_READ = "bestand.half_gelezen"  # the reader failed after it gave something
_CHUNK = 1024 * 1024


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """What was seen of a whole source. `sha256` is None when its bytes could not be read."""

    sha256: str | None
    size: int
    ledger: Ledger
    findings: tuple[Finding, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Beginning:
    """What the first lines of a conversation tell, while the rest is still to be read."""

    record: Conversation


@dataclasses.dataclass(frozen=True, slots=True)
class Compared:
    """How many bytes of a file were hashed to see whether it is one that was read in part."""

    done: int


@dataclasses.dataclass(frozen=True, slots=True)
class GoesOn:
    """The file is one that was read in part; `changed_ns` is its time of change before it was hashed."""

    resume: Resume
    changed_ns: int


Part = Compared | GoesOn | Identification | Beginning | Record | Outcome


def read_source(
    path: Path,
    context: ParseContext,
    tell: Callable[[], None],
    parsers: Sequence[str] | None = None,
    resume: Sequence[Resume] = (),
) -> Iterator[Part]:
    """Identify, parse and hash one file: an identification, the records, and the outcome last.

    A parser may offer ``beginning(path, context)`` for a file that takes long to read: what it gives
    comes first, is no record and is counted nowhere. Has the file the size of one of `resume`, then all
    of it is hashed first: only equal bytes prove that what was read before is not to be read again, or
    that a reader failed on it before and it is kept whole.

    `tell` is called about once a second while the file is hashed. Never raises for what a file
    holds: this is the process boundary, where any exception of a parser becomes a finding that
    names its type and nothing of the content.
    """
    ledger, given = Ledger(), False
    try:
        before = path.stat()
        head = head_of(path)
    except OSError as error:
        yield Outcome(None, 0, ledger, (open_failure(path, error),))
        return
    findings: tuple[Finding, ...] = ()
    why = None  # it is kept whole
    try:
        for part in _goes_on(path, [one for one in resume if one.failed], before):
            if isinstance(part, GoesOn):
                keep = {uninterpreted.KEEP: str(part.resume.failed)}
                context = dataclasses.replace(context, answers={**context.answers, **keep})
            else:
                yield part
        choice, told = None, uninterpreted.why_not_to_read(context.answers)
        if told is None:
            choice = registry.choose(path, head, registry.PARSERS if parsers is None else parsers)
        found = identify(path, head, choice.format if choice else None)
        unread = found.findings if choice is None else ()
        if why := _why_whole(context, head, unread):
            found = uninterpreted.identified(found, read=told is None)
        findings = found.findings
        if choice is not None:
            for part in _goes_on(path, [one for one in resume if not one.failed], before):
                yield part
                if isinstance(part, GoesOn):
                    context = dataclasses.replace(context, start=part.resume.start)
        yield found
        if choice is not None:
            start = getattr(choice.parser, "beginning", None)
            first = start(path, context) if start is not None else None
            if first is not None:
                yield Beginning(first)
            given = context.start.index > 0  # what was read before was understood
            asked = any(name.partition(":")[0] == "codepage" for name in context.answers)
            for record in choice.parser.parse(path, context):
                if asked:
                    record = _with_codepage(record, path, context)
                ledger += count(record)
                if isinstance(record, Unreadable):
                    unread += record.findings
                else:
                    given = True
                yield record
            why = None if given else _why_whole(context, head, unread)
            remarks = getattr(choice.parser, "remarks", None)
            if remarks is not None:  # what holds for the container as a whole
                findings = (*findings, *remarks(path, context))
    except OSError as error:
        findings = (*findings, open_failure(path, error))
        ledger += Ledger(refused=1)
    except Exception as error:  # the documented process boundary; only the type name leaves it
        findings = (*findings, reader_failed(path, type(error).__name__, given))
        ledger += Ledger(refused=1)
    try:
        sha256, size = hash_file(path, tell)
        after = path.stat()
    except OSError as error:
        yield Outcome(None, before.st_size, ledger, (*findings, open_failure(path, error)))
        return
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        findings = (*findings, refuse("bestand.veranderde_tijdens_lezen", path))
    if why is not None:
        yield uninterpreted.whole(path, why, sha256, size)  # no message is counted: nobody knows
    yield Outcome(sha256, size, ledger, findings)


def _why_whole(context: ParseContext, head: Head, unread: Sequence[Finding]) -> str | None:
    """Give why a file is kept whole without being read: somebody asked it, and it may be; else None."""
    if not unread or not uninterpreted.asked(context.answers) or is_program(head.name, head.data):
        return None
    told = uninterpreted.why_not_to_read(context.answers)
    return told or uninterpreted.why_unread(f.code for f in unread)


def _with_codepage(record: Record, path: Path, context: ParseContext) -> Record:
    from archiver.intake import codepages  # loads the readers of Outlook; few files need it

    return codepages.answered(record, path, context)


def _goes_on(
    path: Path, resume: Sequence[Resume], before: os.stat_result
) -> Iterator[Compared | GoesOn]:
    """Hash the file when it may be one that was read in part, and say so when it is. Raises OSError."""
    alike = [one for one in resume if one.size == before.st_size]
    if not alike:
        return
    digest, done, told = hashlib.sha256(), 0, 0.0
    for piece in _pieces(path):
        digest.update(piece)
        done += len(piece)
        if time.monotonic() - told > BATCH_SECONDS:
            yield Compared(done)
            told = time.monotonic()
    for one in alike:
        if one.sha256 == digest.hexdigest():
            yield GoesOn(one, before.st_mtime_ns)
            return


def reader_failed(path: Path, kind: str, given: bool) -> Finding:
    """Make the finding for a reader that failed; `given` tells that something was read before that.

    `kind` is the type of the exception, or ``tijd`` or ``afgebroken`` for a child that was stopped or died.
    """
    code = "bestand.niet_leesbaar"
    if given:
        code = HALF_READ
    elif kind in ("MemoryError", "tijd", "afgebroken"):
        code = "bestand.lezer_gestopt"
    name = display_name(path)
    return Finding(code, {"bestand": name, "soort": kind}, name, Severity.FOUT)


def hash_file(path: Path, tell: Callable[[], None] | None = None) -> tuple[str, int]:
    """Give SHA-256 (lower-case hex) and size in bytes, streamed. Raises OSError."""
    digest, size, told = hashlib.sha256(), 0, time.monotonic()
    for piece in _pieces(path):
        digest.update(piece)
        size += len(piece)
        if tell is not None and time.monotonic() - told > 1:
            tell()
            told = time.monotonic()
    return digest.hexdigest(), size


def _pieces(path: Path) -> Iterator[memoryview]:
    """Give a file piece by piece, each in the same place in memory."""
    buffer = memoryview(bytearray(_CHUNK))
    with path.open("rb", buffering=0) as stream:
        while length := stream.readinto(buffer):
            yield buffer[:length]


def main(parsers: Sequence[str] | None = None) -> int:
    """Answer requests until standard input closes. `parsers` are other modules, for tests."""
    out = os.fdopen(os.dup(1), "wb")
    # A library that prints must not break the protocol, and none may write what it read to a log.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    for line in sys.stdin.buffer:
        _answer(json.loads(line), out, parsers)
    return 0


def _answer(request: Mapping[str, Any], out: BinaryIO, parsers: Sequence[str] | None) -> None:
    limits = Limits(**request["limits"])
    context = ParseContext(limits, request["answers"], request["messages"])
    resume = [
        Resume(sha256, size, Start(*at), failed)
        for sha256, size, *at, failed in request.get("resume", ())
    ]
    goes_on: dict[str, object] | None = None
    path = Path(request["path"])
    bounds = Bounds(limits)
    waiting: list[bytes] = []
    size = 0
    sent = time.monotonic()

    def send(answer: Mapping[str, object], *records: bytes) -> None:
        nonlocal sent
        head = json.dumps(answer, separators=(",", ":")).encode()
        out.write(b"\n".join((head, *records, b"")))
        out.flush()
        sent = time.monotonic()

    for part in read_source(path, context, lambda: send({"alive": True}), parsers, resume):
        bounds.renew()
        if isinstance(part, Compared):
            send({"compared": part.done})
        elif isinstance(part, GoesOn):
            goes_on = {"sha256": part.resume.sha256, "changed_ns": part.changed_ns}
        elif isinstance(part, Identification):
            send({"identification": identification_json(part), "goes_on": goes_on})
        elif isinstance(part, Beginning):
            send({"begun": to_wire(part.record)})
        elif isinstance(part, Outcome):
            if waiting:
                send({"records": len(waiting)}, *waiting)
            send({"done": outcome_json(part)})
        else:
            waiting.append(dump(part))
            size += len(waiting[-1])
            full = len(waiting) >= BATCH_RECORDS or size >= BATCH_BYTES
            if full or time.monotonic() - sent > BATCH_SECONDS:
                send({"records": len(waiting)}, *waiting)
                waiting, size = [], 0


def identification_json(found: Identification) -> dict[str, object]:
    """Give an identification as plain JSON."""
    plain = {f.name: getattr(found, f.name) for f in dataclasses.fields(found)}
    return plain | {"findings": [f.as_json() for f in found.findings]}


def identification_from(data: Mapping[str, Any]) -> Identification:
    """Read back what `identification_json` gave."""
    findings = tuple(Finding.from_json(f) for f in data["findings"])
    return Identification(**{**data, "findings": findings})


def outcome_json(outcome: Outcome) -> dict[str, object]:
    """Give an outcome as plain JSON."""
    return {
        "sha256": outcome.sha256,
        "size": outcome.size,
        "ledger": dataclasses.asdict(outcome.ledger),
        "findings": [f.as_json() for f in outcome.findings],
    }


def outcome_from(data: Mapping[str, Any]) -> Outcome:
    """Read back what `outcome_json` gave."""
    findings = tuple(Finding.from_json(f) for f in data["findings"])
    return Outcome(data["sha256"], data["size"], Ledger(**data["ledger"]), findings)


class Bounds:
    """Memory and CPU bounds of this process; nothing where the system has none (Windows)."""

    def __init__(self, limits: Limits) -> None:
        self._seconds = limits.seconds
        self._renewed = -1.0
        if sys.platform != "win32":
            import resource

            # RLIMIT_DATA counts what a parser allocates; a mapped mailbox of 2 GB is not counted,
            # which RLIMIT_AS would do. Some systems refuse either: then the parent's clock remains.
            with contextlib.suppress(ValueError, OSError):
                _, hard = resource.getrlimit(resource.RLIMIT_DATA)
                resource.setrlimit(resource.RLIMIT_DATA, (limits.memory_bytes, hard))
        self.renew()

    def renew(self) -> None:
        """Give the process its seconds again: it has just shown that it gets somewhere."""
        used = time.process_time()
        if sys.platform == "win32" or used - self._renewed < 1 <= self._renewed:
            return
        import resource

        with contextlib.suppress(ValueError, OSError):
            _, hard = resource.getrlimit(resource.RLIMIT_CPU)
            resource.setrlimit(resource.RLIMIT_CPU, (int(used) + self._seconds + 1, hard))
        self._renewed = used


if __name__ == "__main__":
    raise SystemExit(main())
