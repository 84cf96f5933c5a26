"""The first pass over a WhatsApp export: what the conversation is, with bounded memory."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from archiver.findings import Finding, Severity
from archiver.intake.chat.export_text import ExportText
from archiver.intake.chat.media import Shelf
from archiver.intake.chat.whatsapp_dates import Decision, Evidence, clock, day, fields
from archiver.intake.chat.whatsapp_lines import LAYOUTS, MARK, Line, lines
from archiver.intake.chat.whatsapp_system import (
    TEXT,
    Kind,
    label_is_line,
    plain,
    recognise,
    tables,
    visible,
)
from archiver.model import ChatAttachment, Participant

MAX_PEOPLE = 10_000
MAX_BODY = 8 * 1024 * 1024  # bytes of one message; more is kept by its span only
MAX_LABELS = 50_000
CUT_OFF = (10_000, 40_000)  # messages, with and without media, after which WhatsApp stops
_NEAR = 0.02
SILENT_DAYS = 14  # from here a silence is worth a word: part of the chat may be missing


@dataclass(slots=True)
class Reader:
    """Says of every line what it is; used by both passes, so that they agree.

    `title` is the name of the group as far as known, which newer iPhones write as sender of a
    system line.
    """

    text: ExportText
    layout: str
    title: str | None = None
    labels: dict[bytes, str] = field(default_factory=dict)

    def read(self, line: Line) -> tuple[str | None, Kind, bytes]:
        """Give sender, kind and body of a line."""
        buffer = self.text.buffer
        label = line.label
        sender: str | None = None
        start = line.body
        if label is not None:
            sender = self.labels.get(label)
            if sender is None:
                sender = self._new_label(line)
                if sender is None:
                    start = line.rest
        if line.end - start > MAX_BODY:
            return sender, TEXT, b""
        body = buffer[start : line.end]
        if sender is not None and plain(body, tables().prefixes):
            return sender, TEXT, body
        kind = recognise(body.decode("utf-8", "replace"), sender is not None)
        if (
            kind is TEXT
            and self.title is not None
            and body[:3] == MARK
            and visible(sender or "") == self.title
        ):
            kind = Kind("system")
        return sender, kind, body

    def _new_label(self, line: Line) -> str | None:
        assert line.label is not None
        whole = self.text.buffer[line.rest : min(line.end, line.rest + 2_000)]
        if label_is_line(whole.decode("utf-8", "replace")):
            return None
        sender = line.label.decode("utf-8", "replace")
        if len(self.labels) >= MAX_LABELS:
            self.labels.clear()
        self.labels[line.label] = sender
        return sender


@dataclass(slots=True)
class Summary:
    """What the first pass learned."""

    decision: Decision
    evidence: Evidence
    participants: tuple[Participant, ...] = ()
    count: int = 0
    first: str | None = None
    last: str | None = None
    first_start: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    named: dict[str, ChatAttachment] = field(default_factory=dict)
    begins_with_notice: bool = False
    back: dict[str, int] = field(default_factory=dict)
    gap: tuple[int, str, str] = (0, "", "")
    languages: Counter[str] = field(default_factory=Counter)


def summarise(
    reader: Reader, shelf: Shelf, zip_day: str | None, answer: str | None, limit: int
) -> Summary:
    """Read the whole text once. At most `limit` attachment names are kept."""
    evidence = Evidence()
    summary = Summary(Decision(None, None), evidence)
    people: dict[str, None] = {}
    counts = summary.counts
    times = {order: _Times() for order in (None, "dmy", "mdy", "ymd")}
    other = LAYOUTS["android" if reader.layout == "ios" else "ios"]
    held = (b"", b"")
    for line in lines(reader.text.buffer, reader.layout):
        sender, kind, body = reader.read(line)
        if summary.count == 0:
            summary.first_start = line.start
            summary.begins_with_notice = kind.system == "e2e"
        summary.count += 1
        if line.date != held[0]:
            evidence.see(line.date)
        if (line.date, line.time) != held:
            held = (line.date, line.time)
            found, at = fields(line.date), clock(line.time)
            for order, seen in times.items():
                seen.see(found and day(found, order), at and at[0])
        if not body.isascii() and b"\xef\xbf\xbd" not in body:
            try:
                body.decode()
            except UnicodeDecodeError:
                counts["undecodable"] += body.decode("utf-8", "replace").count("\ufffd")
        counts[kind.type] += 1
        if kind is TEXT:
            if sender is not None and sender not in people and len(people) < MAX_PEOPLE:
                people[sender] = None
            if b"\n" in body and other.search(body):
                counts["header_in_body"] += 1
            continue
        _note(summary, shelf, line, kind, limit)
        if kind.type != "system" and sender is not None and len(people) < MAX_PEOPLE:
            people.setdefault(sender)
    summary.decision = evidence.decide(zip_day, answer)
    order = summary.decision.order
    chosen = times[order if evidence.undecided else None]
    if order is None and evidence.undecided:
        # Which day is first or last depends on the answer, unless all readings agree.
        readings = [times[asked] for asked in summary.decision.candidates]
        whole = not any(reading.invalid for reading in readings)
        summary.first = _one({reading.first for reading in readings}) if whole else None
        summary.last = _one({reading.last for reading in readings}) if whole else None
    else:
        summary.first, summary.last, summary.gap = chosen.first, chosen.last, chosen.gap
    summary.back = {str(name): seen.back for name, seen in times.items()}
    counts["time_back"] = chosen.back
    counts["time_invalid"] = chosen.invalid if order else 0
    summary.participants = tuple(Participant(p, visible(p).strip()) for p in people)
    return summary


def _one(values: set[str | None]) -> str | None:
    return values.pop() if len(values) == 1 else None


def _note(summary: Summary, shelf: Shelf, line: Line, kind: Kind, limit: int) -> None:
    counts = summary.counts
    if kind.type == "system":
        counts[f"system.{kind.system}" if kind.system else "system_unknown"] += 1
    elif kind.system:
        counts[kind.system] += 1
    for flag in ("deleted", "edited"):
        counts[flag] += getattr(kind, flag)
    if kind.left_out:
        counts["left_out"] += 1
    if kind.language:
        summary.languages[kind.language] += 1
    if kind.name is not None:
        counts["named"] += 1
        medium = summary.named.get(kind.name)
        if medium is None:
            medium = shelf.find(kind.name)
            if len(summary.named) < limit:
                summary.named[kind.name] = medium
        counts["absent"] += not medium.present
        summary.evidence.name(line.date, kind.name)


@dataclass(slots=True)
class _Times:
    """First, last, jumps back and longest silence of the times under one order of day and month.

    `gap` is the number of whole days without a message, the day before it and the day after it.
    """

    first: str | None = None
    last: str | None = None
    held: str = ""
    back: int = 0
    invalid: int = 0
    gap: tuple[int, str, str] = (0, "", "")

    def see(self, day_of: str | None, time: str | None) -> None:
        if day_of is None or time is None:
            self.invalid += 1
            return
        at = day_of + time
        if at < self.held:
            self.back += 1
        elif day_of != self.held[:10] and self.held:
            silent = (date.fromisoformat(day_of) - date.fromisoformat(self.held[:10])).days - 1
            if silent > self.gap[0]:
                self.gap = (silent, self.held[:10], day_of)
        self.held = at
        if self.first is None or at < self.first:
            self.first = at
        if self.last is None or at > self.last:
            self.last = at


def findings(summary: Summary, place: str, title: str | None) -> tuple[Finding, ...]:
    """Say what a person must know about this export."""
    found: list[Finding] = []
    counts = summary.counts

    def add(code: str, severity: Severity = Severity.LET_OP, **params: str | int) -> None:
        found.append(Finding(f"chat.{code}", params, place, severity))

    decision = summary.decision
    if decision.order is None:
        asked = decision.candidates
        pair = (asked[0], asked[1])
        example, raw = summary.evidence.examples.get(pair, (None, ""))
        readings = {
            f"lezing_{n}": (day(example, o) or "") if example else ""
            for n, o in enumerate(asked, 1)
        }
        orders = {f"volgorde_{n}": o for n, o in enumerate(asked, 1)}
        steps = {f"terug_{n}": summary.back.get(o, 0) for n, o in enumerate(asked, 1)}
        add(
            "datumvolgorde_vragen",
            Severity.LET_OP,
            voorbeeld=raw,
            **readings,
            **orders,
            **steps,
        )
    if decision.conflict:
        votes = summary.evidence
        add(
            "datumvolgorde_tegenspraak",
            dag_eerst=votes.first_over + votes.votes["dmy"],
            maand_eerst=votes.second_over + votes.votes["mdy"],
        )
    if title:
        add("titel_uit_bestandsnaam", Severity.INFO, titel=title)
    if not summary.begins_with_notice:
        add("export_afgekapt_begin")
    for bound in CUT_OFF:
        if bound * (1 - _NEAR) <= summary.count <= bound * (1 + _NEAR):
            add("export_afgekapt_aantal", aantal=summary.count, grens=bound)
    simple = {
        "tijd_terug": "time_back",
        "tijd_onmogelijk": "time_invalid",
        "media_ontbreekt": "absent",
        "timer_aan": "system.timer_on",
        "systeemregel_onbekend": "system_unknown",
        "tekens_onleesbaar": "undecodable",
        "kopregel_in_bericht": "header_in_body",
    }
    for code, key in simple.items():
        if counts[key]:
            add(code, aantal=counts[key])
    days, before, after = summary.gap
    if days >= SILENT_DAYS:
        add("dagen_zonder_berichten", dagen=days, van=before, tot=after)
    if counts["left_out"]:
        add("media_weggelaten", Severity.INFO, aantal=counts["left_out"])
    if len(summary.participants) >= MAX_PEOPLE:
        add("deelnemers_afgekapt", aantal=MAX_PEOPLE)
    return tuple(found)
