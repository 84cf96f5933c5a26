"""What every reading copy of a conversation says in the same words: days, gaps, marks, media."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from archiver.model import ChatAttachment, ChatMessage, Conversation

UNKNOWN_DAY = "Datum onbekend"
UNKNOWN_SENDER = "Onbekend"
ANSWER = "Antwoord op een eerder bericht"
ANSWER_ELSEWHERE = "Antwoord op een bericht dat hier niet staat"
_MONTHS = (
    *("januari", "februari", "maart", "april", "mei", "juni"),
    *("juli", "augustus", "september", "oktober", "november", "december"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the copy: a gap (`withheld` messages), a new day, or a message; one of them is set."""

    withheld: int = 0
    day: str | None = None
    message: ChatMessage | None = None


def rows(record: Conversation, messages: Iterable[ChatMessage]) -> Iterator[Row]:
    """Give the messages with a row where a day begins and where messages were withheld."""
    day: str | None = None
    expected = 0
    for message in messages:
        if record.extract is not None and message.index > expected:
            yield Row(withheld=message.index - expected)
        expected = message.index + 1
        found = (message.sent or "")[:10]
        if found != day:
            day = found
            yield Row(day=found)
        yield Row(message=message)
    if record.extract is not None and record.extract.total > expected:
        yield Row(withheld=record.extract.total - expected)


def title(record: Conversation) -> str:
    """Give the title of the copy."""
    return line(record.title or record.platform)


def about(record: Conversation) -> tuple[str, ...]:
    """Give what stands above the messages: how many, who, and what was left out."""
    found = [f"{record.message_count} berichten via {record.platform}."]
    if names := ", ".join(line(p.name) for p in record.participants):
        found.append(f"Deelnemers: {names}.")
    if record.extract is not None and record.extract.left_out:
        counts = ", ".join(f"{r}: {n}" for r, n in record.extract.left_out.items())
        found.append(f"Weggelaten vóór het vastleggen: {counts}.")
    return tuple(found)


def withheld(count: int) -> str:
    """Say how many messages were left out here."""
    return "1 bericht weggelaten" if count == 1 else f"{count} berichten weggelaten"


def day_name(day: str) -> str:
    """Write an ISO date in words; what is no date as it is, and nothing as unknown."""
    if not day:
        return UNKNOWN_DAY
    try:
        found = date.fromisoformat(day)
    except ValueError:
        return day
    return f"{found.day} {_MONTHS[found.month - 1]} {found.year}"


def time_of(message: ChatMessage) -> str:
    """Give the time of day as the source has it."""
    return (message.sent or "")[11:] or message.sent_raw or ""


def marks(message: ChatMessage) -> str:
    """Say that a message was edited or deleted."""
    return (", bewerkt" if message.edited else "") + (", verwijderd" if message.deleted else "")


def absent(attachment: ChatAttachment) -> str:
    """Say why there is no file of an attachment."""
    return "leeg bestand" if attachment.present else "ontbreekt in de export"


def reactions(given: tuple[Mapping[str, str], ...]) -> str:
    """Write the reactions on one line."""
    return "Reacties: " + ", ".join(" ".join(str(v) for v in r.values()) for r in given)


def line(text: str) -> str:
    """Put a text on one line."""
    return " ".join(text.split())
