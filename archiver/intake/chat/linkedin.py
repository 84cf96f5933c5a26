"""Reader of ``messages.csv`` in a download of LinkedIn: one row per message, newest first."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path

from archiver.findings import Finding, Severity
from archiver.intake.chat import csv_places, exports
from archiver.intake.chat.values import iso
from archiver.intake.protocol import Head, ParseContext
from archiver.model import ChatMessage, Participant, Record, Span

FORMAT = "linkedin"
_NEEDED = {"CONVERSATION ID", "CONVERSATION TITLE", "FROM", "TO", "DATE", "CONTENT"}
_DATE = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC")


def _wanted(name: str) -> bool:
    return name.rpartition("/")[2] == "messages.csv"


def _score_text(data: bytes) -> int:
    return 97 if set(csv_places.header(data.partition(b"\n")[0])) >= _NEEDED else 0


def score(head: Head) -> int:
    """Say how sure the bytes make it: the names of the columns."""
    return _score_text(head.data)


def score_path(path: Path, head: Head) -> int:
    """As `score`, but looks into a zip for ``messages.csv``."""
    return exports.score(path, head, _wanted, _score_text)


def parse(path: Path, context: ParseContext) -> Iterator[Record]:
    """Read a file: per conversation a `Conversation`, then its messages in source order."""
    return exports.guarded(path, lambda: _parse(path, context))


def _parse(path: Path, context: ParseContext) -> Iterator[Record]:
    for source in exports.texts(path, context, _wanted):
        yield from exports.conversations(source, FORMAT, list(_chats(source)))


def _chats(source: exports.Text) -> Iterator[exports.Chat]:
    rows = csv_places.rows(source.text.buffer)
    head, names = next(rows, (Span(0, 0), []))
    places: dict[str, array[int]] = {}
    people: dict[str, dict[str, None]] = {}
    titles: dict[str, str] = {}
    for count, (span, cells) in enumerate(rows, 2):
        row = dict(zip(names, cells, strict=False))
        key = row.get("CONVERSATION ID", "")
        places.setdefault(key, array("Q")).extend((span.start, span.end, count))
        seen = people.setdefault(key, {})
        for name in (row.get("FROM", ""), *row.get("TO", "").split(",")):
            if name.strip() and len(seen) < exports.MAX_PEOPLE:
                seen[name.strip()] = None
        titles[key] = titles.get(key) or row.get("CONVERSATION TITLE", "")
    for count, (key, found) in enumerate(places.items()):
        title = titles[key] or ", ".join(people[key]) or None
        skipped = (("header", head),) if count == 0 else ()
        members = tuple(Participant(n, n) for n in people[key])
        yield exports.Chat(title, _reader(source, names, found), members, skipped, forward=False)


def _reader(
    source: exports.Text, names: list[str], found: array[int]
) -> Callable[[str], Iterator[ChatMessage]]:
    def read(identity: str) -> Iterator[ChatMessage]:
        for index in range(len(found) // 3):
            start, end, count = found[3 * index : 3 * index + 3]
            _, cells = next(csv_places.rows(source.text.buffer[start:end]), (None, []))
            row = dict(zip(names, cells, strict=False))
            yield _message(identity, index, Span(start, end), row, f"#row={count}")

    return read


def _message(identity: str, index: int, span: Span, row: dict[str, str], place: str) -> ChatMessage:
    raw = row.get("DATE", "")
    known = _DATE.fullmatch(raw)
    sent = iso(f"{known[1]}T{known[2]}Z") if known else None
    findings: tuple[Finding, ...] = () if row else (Finding("chat.bericht_onleesbaar"),)
    if subject := row.get("SUBJECT"):
        params: dict[str, str | int] = {"onderwerp": subject}
        findings += (Finding("chat.bericht_onderwerp", params, severity=Severity.INFO),)
    return ChatMessage(
        identity,
        index,
        span,
        sender=row.get("FROM") or None,
        sent=sent,
        sent_raw=raw or None,
        precision="second" if sent else None,
        text=row.get("CONTENT"),
        type="text" if row else "unknown",
        findings=findings,
        place=place,
    )
