"""Reader of the CSV that the compliance export of Mattermost writes: one row per post.

``Post Creation Time`` is milliseconds since 1970, UTC. Columns are found by name, so that versions
with more columns are read as well.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from archiver.findings import Finding
from archiver.intake.chat import csv_places, exports
from archiver.intake.chat.values import number, utc
from archiver.intake.protocol import Head, ParseContext
from archiver.model import ChatAttachment, ChatMessage, Record, Span

FORMAT = "mattermost-csv"
PLATFORM = "mattermost"
_NEEDED = {"Post Creation Time", "Channel Id", "User Id", "Post Id", "Post Message"}
Row = Mapping[str, str]


def score(head: Head) -> int:
    """Say how sure the bytes make it: the names of the columns."""
    first = head.data.partition(b"\n")[0]
    return 96 if set(csv_places.header(first)) >= _NEEDED else 0


def parse(path: Path, context: ParseContext) -> Iterator[Record]:
    """Read a file: per channel a `Conversation`, then its messages in source order."""
    return exports.guarded(path, lambda: _parse(path, context))


def _parse(path: Path, context: ParseContext) -> Iterator[Record]:
    for source in exports.texts(path, context, lambda name: name.endswith(".csv")):
        chats = list(_chats(source))
        yield from exports.conversations(source, PLATFORM, chats, format=FORMAT)


def _chats(source: exports.Text) -> Iterator[exports.Chat]:
    rows = csv_places.rows(source.text.buffer)
    head, names = next(rows, (Span(0, 0), []))
    places: dict[str, array[int]] = {}
    titles: dict[str, str | None] = {}
    for count, (span, cells) in enumerate(rows, 2):
        row = dict(zip(names, cells, strict=False))
        key = row.get("Channel Id", "")
        places.setdefault(key, array("Q")).extend((span.start, span.end, count))
        title = row.get("Channel Display Name") or row.get("Channel Name") or None
        titles[key] = titles.get(key) or title
    for number_of, (key, found) in enumerate(places.items()):
        skipped = (("header", head),) if number_of == 0 else ()
        yield exports.Chat(titles[key], _reader(source, names, found), (), skipped)


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


def _message(identity: str, index: int, span: Span, row: Row, place: str) -> ChatMessage:
    raw = row.get("Post Creation Time", "")
    sent = utc(number(raw))
    kind = row.get("Post Type", "")
    system = kind.removeprefix("system_") if kind.startswith("system_") else None
    name = row.get("Username") or row.get("User Email") or None
    files: tuple[ChatAttachment, ...] = ()
    if kind == "attachment":
        shown = row.get("Post Message", "").rpartition("/")[2]
        files = (ChatAttachment(shown, False, absent_because="not_in_export"),)
    what = "system" if system else "media" if files else "text"
    return ChatMessage(
        identity,
        index,
        span,
        id=row.get("Post Id") or None,
        sender=name,
        sent=sent,
        sent_raw=raw or None,
        precision="millisecond" if sent else None,
        text=row.get("Post Message"),
        type=what if row else "unknown",
        system=system,
        attachments=files,
        reply_to=row.get("Replied to Post Id") or None,
        edited=True if row.get("Edited By Post Id") else None,
        deleted=True if "deleted" in kind else None,
        findings=() if row else (Finding("chat.bericht_onleesbaar"),),
        sender_id=row.get("User Id") or None,
        place=place,
    )
