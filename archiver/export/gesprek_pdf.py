"""The reading copy of a conversation as PDF/A-2a and PDF/UA-1, for paper, archives and screen readers.

Tagged, in Dutch, title and days and messages as headings, fonts embedded; set by Typst in a process of
its own with limits. The same conversation gives the same bytes. A conversation longer than a part is
copied in parts, so memory stays flat; beyond `MOST` messages there is no PDF (the HTML has no limit).
Pictures of at most `PICTURE` bytes are in it, larger ones and other files are named with their place.
Characters without a glyph are shown by their number, never dropped (`archiver.export.lettertypen`).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from archiver.errors import KnownError
from archiver.export import gesprek_regels as words
from archiver.export.gesprek_regels import Row
from archiver.export.lettertypen import right_to_left, shown
from archiver.model import ChatAttachment, ChatMessage, Conversation

PUID = ("fmt/476", "Acrobat PDF/A - Portable Document Format", "application/pdf")
PART = 2_000  # messages of one part
MOST = 100_000  # messages of a conversation that still gets a PDF
LONGEST = 20_000  # characters of one message; the rest stands in the HTML and the JSON
PICTURE = 1024 * 1024  # bytes of one picture
_PICTURES = 64 * 1024 * 1024  # bytes of all pictures of one part
_BUDGET = 2_000_000  # characters of one part; after that messages are shown short
_SHORT = 300
_SECONDS = 120
_CHILD: tuple[str, ...] = (sys.executable, "-m", "archiver.export.gesprek_pdf_child")
_IMAGES = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp"}
_SHORTENED = " […] (ingekort in deze pdf; de hele tekst staat in de html en in gesprek.json)"


def parts(record: Conversation) -> int:
    """Give how many files the copy has; 0 when the conversation is too long for it."""
    if record.message_count > MOST:
        return 0
    return max(1, -(-record.message_count // PART))


class Copy:
    """The copy of one conversation, part by part.

    `messages` reads the conversation anew on every call; parts asked in order need one reading only.
    `files` maps `ChatAttachment.path` to a path in the package; `moment` is an ISO 8601 time with
    offset for the date of the document. `medium` opens a file by its `ChatAttachment.path`.
    """

    def __init__(
        self,
        record: Conversation,
        messages: Callable[[], Iterable[ChatMessage]],
        files: Mapping[str, str],
        moment: str,
        medium: Callable[[str], BinaryIO] | None = None,
    ) -> None:
        self._medium = medium
        self._record = record
        self._messages = messages
        self._files = files
        self._moment = _moment(moment)
        self._next = 0
        self._rows: Iterator[Row] = iter(())
        self._day: str | None = None  # under which day the next row stands

    def part(self, number: int) -> bytes:
        """Make part `number` (from 0). Raises `KnownError` when this installation cannot."""
        if number == 0 or number != self._next:
            self._rows, self._day = words.rows(self._record, self._messages()), None
            for _ in range(number):
                for _row in self._some(last=False):
                    pass
        self._next = number + 1
        last = number + 1 >= parts(self._record)
        rows = list(self._some(last))
        with tempfile.TemporaryDirectory(prefix="archiefklaar-") as folder:
            pictures = _Pictures(Path(folder), self._medium)
            for longest, budget in ((LONGEST, _BUDGET), (LONGEST, _BUDGET), (_SHORT, 0), (0, 0)):
                made = _set(self._document(rows, number, longest, budget, pictures), Path(folder))
                if made is not None:
                    return made
                pictures = _Pictures(Path(folder), None)  # what could not be set, may be a picture
        raise KnownError("leeskopie_pdf")

    def _some(self, last: bool) -> Iterator[Row]:
        """Give the rows of the next part; the last part takes all that is left."""
        count, begun = 0, False
        for row in self._rows:
            if not begun and self._day is not None and row.day is None:
                yield Row(day=self._day)  # a part that begins in the middle of a day
            begun = True
            self._day = row.day if row.day is not None else self._day
            yield row
            count += row.message is not None
            if count == PART and not last:
                return

    def _document(
        self, rows: Sequence[Row], number: int, longest: int, budget: int, pictures: _Pictures
    ) -> Mapping[str, Any]:
        total = parts(self._record)
        title = shown(words.title(self._record))[:_SHORT]
        about = [_cut(shown(one), 2_000) for one in words.about(self._record)]
        if total > 1:
            title = f"{title} (deel {number + 1} van {total})"
            about.append(f"Dit is deel {number + 1} van {total}.")
        blocks = []
        for row in rows:
            most = longest if budget > 0 else min(longest, _SHORT)
            blocks.append(self._block(row, most, pictures))
            budget -= len(row.message.text or "") if row.message else 0
        return {"title": title, "about": about, "moment": self._moment, "blocks": blocks}

    def _block(self, row: Row, longest: int, pictures: _Pictures) -> Mapping[str, Any]:
        message = row.message
        if message is None:
            if row.day is not None:
                return {"k": "day", "t": shown(words.day_name(row.day))}
            return {"k": "gap", "t": words.withheld(row.withheld)}
        text = _text(message.text or "", longest)
        when = shown(words.time_of(message))
        if message.type == "system":
            return {"k": "app", "text": text, "when": when}
        notes = [] if message.reply_to is None else [words.ANSWER]
        files = [self._file(a, pictures) for a in message.attachments]
        if message.reactions:
            files.append({"t": _cut(shown(words.reactions(message.reactions)), 2_000)})
        who = _text(words.line(message.sender or words.UNKNOWN_SENDER), _SHORT)
        when += words.marks(message)
        return {
            "k": "msg",
            "who": who,
            "when": when,
            "notes": notes,
            "text": text,
            "files": files,
        }

    def _file(self, attachment: ChatAttachment, pictures: _Pictures) -> Mapping[str, str]:
        name = words.line(attachment.name)
        path = self._files.get(attachment.path or "")
        if path is None and (not attachment.present or not attachment.size):
            return {"t": _cut(shown(f"Bijlage: {name} ({words.absent(attachment)})"), _SHORT)}
        place = f" (bestand {path})" if path is not None else ""
        found = {"t": _cut(shown(f"Bijlage: {name}{place}"), _SHORT)}
        picture = pictures.take(attachment)
        return found | ({"image": picture, "alt": found["t"]} if picture else {})


class _Pictures:
    """The pictures of one part in the folder that the child may read; each picture once."""

    def __init__(self, folder: Path, medium: Callable[[str], BinaryIO] | None) -> None:
        self._folder, self._medium = folder, medium
        self._left = _PICTURES
        self._names: dict[str, str] = {}

    def take(self, attachment: ChatAttachment) -> str | None:
        """Give the name of the picture in the folder; None when it is none or too much."""
        suffix, size = _IMAGES.get(attachment.media_type or ""), attachment.size or 0
        path = attachment.path
        if self._medium is None or suffix is None or path is None or not 0 < size <= PICTURE:
            return None
        if path not in self._names:
            if size > self._left:
                return None
            self._left -= size
            name = f"{len(self._names) + 1}.{suffix}"
            with self._medium(path) as source:
                (self._folder / name).write_bytes(source.read(PICTURE))
            self._names[path] = name
        return self._names[path]


def _text(text: str, longest: int) -> Mapping[str, Any]:
    return {"t": shown(_cut(text, longest)), "rtl": right_to_left(text)}


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[:longest] + _SHORTENED


def _moment(text: str) -> tuple[int, ...]:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = datetime(1970, 1, 1, tzinfo=UTC)
    if found.tzinfo is not None:
        found = found.astimezone(UTC)
    return found.timetuple()[:6]


def _set(document: Mapping[str, Any], folder: Path) -> bytes | None:
    """Let the child set the document; None when it failed, took too long or too much memory.

    `folder` holds the pictures, the only files that the document may name.
    """
    try:
        done = subprocess.run(
            [*_CHILD, str(folder)],
            input=json.dumps(document).encode("ascii"),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            # The child finds the same packages as this process, wherever that was started.
            env=os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    return done.stdout if done.returncode == 0 and done.stdout.startswith(b"%PDF-") else None
