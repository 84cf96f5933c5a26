"""Calendar files and invitations (iCalendar, RFC 5545): who invites whom, to what, when.

A file is one record: its subject is that of the first appointment or task, its people are the organiser
and those invited, its date is when it was made (DTSTAMP). Times keep the zone as written; a time with the
name of a zone has no offset, because only the sender's program knows its table. Files in an appointment
(ATTACH) are parts "1", "2".
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from archiver.errors import InputRefused
from archiver.findings import Finding, Severity
from archiver.intake.body_text import Readable
from archiver.intake.charsets import decode
from archiver.intake.language import guess_language
from archiver.intake.notices import name_notice
from archiver.intake.protocol import Head, Limits, ParseContext
from archiver.model import Address, Attachment, Body, EmailMessage, Record, Span, Unreadable

FORMAT = "ics"
MOST = 64 * 1024 * 1024  # bytes; a calendar is text and becomes many small objects
_DEFAULT = Limits()
_FOLD = re.compile(rb"\r?\n[ \t]")  # in bytes: a line may be folded in the middle of a character
_LINE_END = re.compile(r"\r\n|\r|\n")  # U+0085 and U+2028 are part of a text and end no line
_VALUE = r"(?:\"[^\"]*\"|[^\";:])*"
_LINE = re.compile(rf"([A-Za-z0-9-]{{1,60}})((?:;[A-Za-z0-9-]{{1,60}}={_VALUE})*):(.*)")
_PARAM = re.compile(r";([A-Za-z0-9-]{1,60})=((?:\"[^\"]*\"|[^\";])*)")
_ESCAPED = re.compile(r"\\([\\;,nN])")
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?")
_PARTS = frozenset({"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY"})
_MEMBERS = 1_000  # properties of one component that are kept


@dataclass(frozen=True, slots=True)
class Property:
    """One line of a component: name in upper case, parameters, value as written."""

    name: str
    params: dict[str, str]
    value: str


@dataclass(slots=True)
class Component:
    """An appointment, task or note: its kind (VEVENT, VTODO, ...) and its lines."""

    kind: str
    lines: list[Property] = field(default_factory=list)

    def first(self, name: str) -> Property | None:
        """Give the first line with this name."""
        return next((line for line in self.lines if line.name == name), None)

    def text(self, name: str) -> str | None:
        """Give a text without its escapes; None when absent."""
        found = self.first(name)
        return _ESCAPED.sub(_unescape, found.value) if found is not None else None


@dataclass(frozen=True, slots=True)
class Calendar:
    """What a calendar file holds. `closed` is False when its end is missing."""

    method: str | None
    components: tuple[Component, ...]
    undecodable: int
    closed: bool


def score(head: Head) -> int:
    """Score by the line that every calendar begins with."""
    start = head.data[:256].lstrip(b"\xef\xbb\xbf \t\r\n").upper()
    return 90 if start.startswith(b"BEGIN:VCALENDAR") else 0


def parse(path: Path, context: ParseContext) -> Iterator[Record]:
    """Read the file; its span is the whole file."""
    most = min(context.limits.message_bytes, MOST)
    if path.stat().st_size > most:
        grens = f"{most // 1_000_000} MB"
        refused = InputRefused("te_groot", {"bestand": path.name, "grens": grens})
        yield Unreadable((refused.as_finding(),))
        return
    message = read_message(path.read_bytes(), context.limits)
    if message is None:
        params = {"bestand": path.name}
        yield Unreadable((Finding("agenda.leeg", params, severity=Severity.FOUT),))
        return
    yield message


def read_message(raw: bytes, limits: Limits = _DEFAULT) -> EmailMessage | None:
    """Give a calendar file as one message; None when there is nothing in it. Never raises on any bytes."""
    calendar = read_calendar(raw, limits)
    if not calendar.components:
        return None
    main = calendar.components[0]
    text = _description(calendar)
    findings = [*findings_of(calendar)]
    date = next(
        (d for n in ("DTSTAMP", "LAST-MODIFIED", "CREATED") if (d := time_of(main, n))), None
    )
    if date is None:
        findings.append(Finding("mail.datum_ontbreekt"))
    attachments = tuple(_attachments(calendar))
    notices = (name_notice(a.name, a.part) for a in attachments if a.name)
    findings += [notice for notice in notices if notice is not None]
    return EmailMessage(
        format=FORMAT,
        index=0,
        span=Span(0, len(raw)),
        size=len(raw),
        sha256=hashlib.sha256(raw).hexdigest(),
        subject=main.text("SUMMARY"),
        sender=next(iter(_people(main, "ORGANIZER")), None),
        to=tuple(_people(main, "ATTENDEE")),
        date=date,
        date_raw=line.value if (line := main.first("DTSTAMP")) is not None else None,
        attachments=attachments,
        body=Body(
            hashlib.sha256(text.encode("utf-8", "replace")).hexdigest() if text else None,
            len(text),
            False,
        ),
        language=guess_language(text),
        parts=len(calendar.components) + len(attachments),
        undecodable=calendar.undecodable,
        findings=tuple(findings),
    )


def read_calendar(raw: bytes, limits: Limits = _DEFAULT) -> Calendar:
    """Read the components in order. Lines that are no lines are passed over; never raises."""
    text, undecodable = decode(_FOLD.sub(b"", raw.removeprefix(b"\xef\xbb\xbf")), "utf-8")
    found: list[Component] = []
    stack: list[Component | None] = []
    method: str | None = None
    closed = False
    for line in _LINE_END.split(text):
        match = _LINE.fullmatch(line)
        if match is None:
            continue
        name, value = match[1].upper(), match[3]
        if name == "BEGIN":
            kind = value.strip().upper()
            part = Component(kind) if kind in _PARTS and len(found) < limits.parts else None
            stack.append(part)
            if part is not None:
                found.append(part)
        elif name == "END":
            closed = value.strip().upper() == "VCALENDAR"
            if stack:
                stack.pop()
        elif stack and (part := stack[-1]) is not None and len(part.lines) < _MEMBERS:
            params = {k.upper(): v.strip('"') for k, v in _PARAM.findall(match[2])}
            part.lines.append(Property(name, params, value))
        elif name == "METHOD" and len(stack) == 1:
            method = value.strip().upper()
    return Calendar(method, tuple(found), undecodable, closed)


def findings_of(calendar: Calendar, place: str = "") -> Iterator[Finding]:
    """Give the facts of a calendar as findings: what is it, when, where; and what is wrong with it."""
    info = Severity.INFO
    for part in calendar.components[:1]:
        begin = _shown(part, "DTSTART")
        end = _shown(part, "DTEND") or _shown(part, "DUE") or part.text("DURATION") or ""
        params = {"begin": begin, "eind": end}
        if part.kind == "VTODO":
            yield Finding("agenda.taak", params, place, info)
        else:
            params["plaats"] = part.text("LOCATION") or ""
            yield Finding("agenda.afspraak", params, place, info)
        organiser = next(iter(_people(part, "ORGANIZER")), None)
        who = (organiser.name or organiser.address or "") if organiser else ""
        params = {"methode": calendar.method or "PUBLISH", "organisator": who}
        params["onderwerp"] = part.text("SUMMARY") or ""
        yield Finding("agenda.uitnodiging", params, place, info)
    if len(calendar.components) > 1:
        yield Finding("agenda.meer", {"n": len(calendar.components)}, place, info)
    if calendar.undecodable:
        yield Finding("mail.onleesbare_tekens", {"n": calendar.undecodable}, place)
    if not calendar.closed:
        yield Finding("agenda.afgekapt", {}, place)


def part_bytes(raw: bytes, part: str) -> bytes:
    """Give the bytes of a file in the calendar. KeyError when there is no such part."""
    for number, (_, data) in enumerate(_files(read_calendar(raw)), 1):
        if str(number) == part:
            return data
    raise KeyError(part)


def readable(raw: bytes) -> Readable:
    """Give all appointments as text: subject, time, place, people, description."""
    return Readable(_description(read_calendar(raw)), None)


def all_fields(raw: bytes) -> tuple[tuple[str, str], ...]:
    """Give the lines of the first component as names and values."""
    parts = read_calendar(raw).components[:1]
    return tuple((line.name, line.value) for part in parts for line in part.lines)


def time_of(component: Component, name: str) -> str | None:
    """Give a time as ISO 8601: with offset when it is in UTC, else local; a day stays a day."""
    found = component.first(name)
    match = _TIME.fullmatch(found.value.strip()) if found is not None else None
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(g or 0) for g in match.groups()[:6])
    try:
        moment = datetime(year, month, day, hour, minute, min(second, 59))
    except ValueError:
        return None
    if match[4] is None:
        return moment.date().isoformat()
    return (moment.replace(tzinfo=UTC) if match[7] else moment).isoformat()


def _shown(component: Component, name: str) -> str:
    moment = time_of(component, name)
    line = component.first(name)
    zone = line.params.get("TZID") if line is not None else None
    return f"{moment} ({zone})" if moment and zone else moment or ""


def _people(component: Component, name: str) -> Iterator[Address]:
    for line in component.lines:
        if line.name == name:
            address = line.value.strip()
            if address[:7].lower() == "mailto:":
                address = address[7:]
            label = line.params.get("CN")
            if label or address:
                yield Address(label or None, address or None)


def _files(calendar: Calendar) -> Iterator[tuple[Property, bytes]]:
    for part in calendar.components:
        for line in part.lines:
            if line.name == "ATTACH" and line.params.get("ENCODING", "").upper() == "BASE64":
                try:
                    data = base64.b64decode(line.value.encode("ascii", "ignore"))
                except binascii.Error:
                    data = line.value.encode("utf-8", "replace")
                yield line, data


def _attachments(calendar: Calendar) -> Iterator[Attachment]:
    for number, (line, data) in enumerate(_files(calendar), 1):
        yield Attachment(
            name=next(
                (line.params[n] for n in ("FILENAME", "X-FILENAME") if n in line.params), None
            ),
            media_type=line.params.get("FMTTYPE", "application/octet-stream").lower(),
            size=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            part=str(number),
        )


def _description(calendar: Calendar) -> str:
    pieces = []
    for part in calendar.components:
        when = " - ".join(filter(None, (_shown(part, "DTSTART"), _shown(part, "DTEND"))))
        people = [
            a.name or a.address or "" for n in ("ORGANIZER", "ATTENDEE") for a in _people(part, n)
        ]
        lines = (part.text("SUMMARY"), when, part.text("LOCATION"), "; ".join(people))
        pieces.append("\n".join(line for line in (*lines, part.text("DESCRIPTION")) if line))
    return "\n\n".join(piece for piece in pieces if piece)


def _unescape(match: re.Match[str]) -> str:
    return "\n" if match[1] in "nN" else match[1]
