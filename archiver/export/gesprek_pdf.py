"""The reading copy of a conversation as PDF/A-2a and PDF/UA-1, for paper, archives and screen readers.

Tagged, in Dutch, title and days and messages as headings, fonts embedded; set by Typst in a process of
its own with limits. The same conversation gives the same bytes. A conversation longer than a part is
copied in parts, so memory stays flat; beyond `MOST` messages there is no PDF (the HTML has no limit).
Characters without a glyph are shown by their number, never dropped (`archiver.export.lettertypen`).
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from archiver.errors import KnownError
from archiver.export import gesprek_regels as words
from archiver.export.gesprek_regels import Row
from archiver.export.lettertypen import right_to_left, shown
from archiver.model import ChatAttachment, ChatMessage, Conversation

PUID = ("fmt/476", "Acrobat PDF/A - Portable Document Format", "application/pdf")
PART = 2_000  # messages of one part
MOST = 100_000  # messages of a conversation that still gets a PDF
LONGEST = 20_000  # characters of one message; the rest stands in the HTML and the JSON
_BUDGET = 2_000_000  # characters of one part; after that messages are shown short
_SHORT = 300
_SECONDS = 120
_CHILD: tuple[str, ...] = (sys.executable, "-m", "archiver.export.gesprek_pdf_child")
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
    offset for the date of the document.
    """

    def __init__(
        self,
        record: Conversation,
        messages: Callable[[], Iterable[ChatMessage]],
        files: Mapping[str, str],
        moment: str,
    ) -> None:
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
        for longest, budget in ((LONGEST, _BUDGET), (_SHORT, 0), (0, 0)):
            made = _set(self._document(rows, number, longest, budget))
            if made is not None:
                return made
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
        self, rows: Sequence[Row], number: int, longest: int, budget: int
    ) -> Mapping[str, Any]:
        total = parts(self._record)
        title = shown(words.title(self._record))[:_SHORT]
        about = [_cut(shown(one), 2_000) for one in words.about(self._record)]
        if total > 1:
            title = f"{title} (deel {number + 1} van {total})"
            about.append(f"Dit is deel {number + 1} van {total}.")
        blocks = []
        for row in rows:
            blocks.append(self._block(row, longest if budget > 0 else min(longest, _SHORT)))
            budget -= len(row.message.text or "") if row.message else 0
        return {"title": title, "about": about, "moment": self._moment, "blocks": blocks}

    def _block(self, row: Row, longest: int) -> Mapping[str, Any]:
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
        files = [_cut(shown(self._medium(a)), _SHORT) for a in message.attachments[:100]]
        if message.reactions:
            files.append(_cut(shown(words.reactions(message.reactions)), 2_000))
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

    def _medium(self, attachment: ChatAttachment) -> str:
        name = words.line(attachment.name)
        path = self._files.get(attachment.path or "")
        if path is None:
            return f"Bijlage: {name} ({words.absent(attachment)})"
        return f"Bijlage: {name} (bestand {path})"


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


def _set(document: Mapping[str, Any]) -> bytes | None:
    """Let the child set the document; None when it failed, took too long or too much memory."""
    try:
        done = subprocess.run(
            _CHILD,
            input=json.dumps(document).encode("ascii"),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    return done.stdout if done.returncode == 0 and done.stdout.startswith(b"%PDF-") else None
