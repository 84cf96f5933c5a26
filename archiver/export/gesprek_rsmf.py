"""A conversation as RSMF 2.0 (Relativity Short Message Format), for e-discovery and Woo requests.

A mail (RFC 5322) with ``X-RSMF-`` headers and an attachment ``rsmf.zip``: the manifest and the media.
What RSMF has no field for stands in custom values that begin with ``archiefklaar:``; our own reader
takes them back (`archiver.intake.chat.rsmf`). A file holds at most `MOST` events, as its makers advise.
Messages that were taken out before securing are not in it; how many they are is said.
"""

from __future__ import annotations

import base64
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import IO, Any, BinaryIO

from archiver.export import gesprek_regels as words
from archiver.export.naming import extension, safe
from archiver.model import ChatAttachment, ChatMessage, Conversation

MOST = 10_000  # events of one file
MANIFEST = "rsmf_manifest.json"
OWN = "archiefklaar:"
_EVENTS = {"joined": "join", "left": "leave", "disclaimer": "disclaimer", "history": "history"}
_BOUNDARY = "archiefklaar-rsmf"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # a zip knows no earlier day; the same input gives the same bytes
_PIECE = 57 * 1_024  # bytes that fill whole lines of base64

Medium = Callable[[str], BinaryIO]  # opens a medium by its `ChatAttachment.path`


def files(
    record: Conversation, messages: Iterable[ChatMessage], medium: Medium, custodian: str | None
) -> Iterator[Iterator[bytes]]:
    """Give the content of each file in order; each must be read to its end before the next."""
    rest = iter(messages)
    yield _file(record, islice(rest, MOST), medium, custodian)
    for ahead in rest:
        yield _file(record, chain((ahead,), islice(rest, MOST - 1)), medium, custodian)


def count(record: Conversation) -> int:
    """Give how many files the conversation becomes."""
    return max(1, -(-record.message_count // MOST))


@dataclass(slots=True)
class _People:
    """The participants of the manifest; who is first seen in a message gets an id as well."""

    known: dict[str, str] = field(default_factory=dict)  # id -> name
    by_name: dict[str, str] = field(default_factory=dict)

    def add(self, identity: str, name: str) -> str:
        self.known.setdefault(identity, name)
        self.by_name.setdefault(name, identity)
        return identity

    def named(self, name: str) -> str:
        return self.by_name.get(name) or self.add(name, name)

    def sender(self, message: ChatMessage) -> str | None:
        who = message.sender_id or message.sender
        return self.add(who, message.sender or who) if who else None


def _file(
    record: Conversation, messages: Iterable[ChatMessage], medium: Medium, custodian: str | None
) -> Iterator[bytes]:
    with tempfile.TemporaryFile() as spool:
        ends = _zip(spool, record, messages, medium)
        yield _head(record, ends, custodian)
        spool.seek(0)
        while piece := spool.read(_PIECE):
            yield base64.encodebytes(piece)
        yield f"\n--{_BOUNDARY}--\n".encode("ascii")


@dataclass(slots=True)
class _Ends:
    """How many events a file has, and from when until when."""

    events: int = 0
    first: str | None = None
    last: str | None = None

    def see(self, sent: str | None) -> None:
        self.events += 1
        if sent is not None:
            self.first = min(self.first or sent, sent)
            self.last = max(self.last or sent, sent)


def _zip(
    spool: IO[bytes], record: Conversation, messages: Iterable[ChatMessage], medium: Medium
) -> _Ends:
    """Write the zip; the manifest goes in as the messages come by, the media after it."""
    ends, people, taken = _Ends(), _People(), dict[str, tuple[str, ChatAttachment]]()
    for person in record.participants:
        people.add(person.id or person.name, person.name)
    with zipfile.ZipFile(spool, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open(_entry(MANIFEST), "w", force_zip64=True) as out:
            out.write(b'{"version": "2.0.0", "events": [')
            for message in messages:
                event = _event(message, people, taken)
                out.write(b",\n" if ends.events else b"\n")
                out.write(json.dumps(event, ensure_ascii=True).encode("ascii"))
                ends.see(message.sent)
            rest = {
                "participants": [_participant(i, n) for i, n in people.known.items()],
                "conversations": [_conversation(record, people)],
            }
            out.write(b"\n], " + json.dumps(rest).encode("ascii")[1:] + b"\n")
        for place, (name, _) in taken.items():
            with medium(place) as source, archive.open(_entry(name), "w", force_zip64=True) as out:
                while piece := source.read(1 << 20):
                    out.write(piece)
    return ends


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry


def _participant(identity: str, name: str) -> Mapping[str, Any]:
    found: dict[str, Any] = {"id": identity, "display": name}
    if "@" in identity and " " not in identity and not identity.endswith(("whatsapp.net", "g.us")):
        found["email"] = identity
    return found


def _conversation(record: Conversation, people: _People) -> Mapping[str, Any]:
    given: dict[str, Any] = {
        "zone": record.zone_basis,
        "bron_sha256": record.sha256,
    }
    if record.extract is not None:
        left_out = ", ".join(f"{r}: {n}" for r, n in record.extract.left_out.items())
        given["weggelaten"] = left_out or "0"
        given["wortel"] = record.extract.root
        given["bron_sha256"] = record.extract.source_sha256
    return {
        "id": record.id,
        "display": words.title(record),
        "platform": record.platform,
        "type": "channel",  # who was in it at which moment is not known of most exports
        "participants": list(people.known),
        "custom": _custom(given),
    }


def _event(
    message: ChatMessage, people: _People, taken: dict[str, tuple[str, ChatAttachment]]
) -> Mapping[str, Any]:
    known = _EVENTS.get(message.system or "")
    kind = known if message.type == "system" and known else "message"
    own: dict[str, Any] = {"index": message.index}
    plain = "media" if message.attachments and not message.text else "text"
    if message.type != plain and not (message.type == "system" and known):
        own["type"] = message.type
        own["system"] = message.system
        kind = "unknown" if message.type in ("system", "unknown") else "message"
    who = people.sender(message)
    if who is not None and people.known[who] != message.sender:
        own["sender"] = message.sender  # the label as this message has it
    own["sent_raw"] = message.sent_raw if message.sent_raw != message.sent else None
    own["precision"] = message.precision
    event: dict[str, Any] = {
        "id": message.id,
        "type": kind,
        "conversation": message.conversation,
        "participant": who,
        "timestamp": message.sent,
        "body": message.text,
        "parent": message.reply_to,
        "deleted": True if message.deleted else None,
        "attachments": [_attachment(a, taken) for a in message.attachments],
        "reactions": _reactions(message, people),
        "edits": _edits(message, people),
        "custom": _custom(own),
    }
    return {k: v for k, v in event.items() if v is not None and v != []}


def _attachment(
    attachment: ChatAttachment, taken: dict[str, tuple[str, ChatAttachment]]
) -> Mapping[str, Any]:
    if not attachment.present or attachment.path is None:
        return {"id": attachment.name or "ontbreekt", "display": attachment.name}
    if attachment.path not in taken:
        stem = safe(attachment.name.rpartition(".")[0] or attachment.name, "bijlage")
        name = f"{len(taken) + 1:05d}-{stem}.{extension(attachment.name, 'bin')}"
        taken[attachment.path] = (name, attachment)
    found = {"id": taken[attachment.path][0], "display": attachment.name}
    return found | ({"size": attachment.size} if attachment.size is not None else {})


def _reactions(message: ChatMessage, people: _People) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for one in message.reactions:
        value = one.get("emoji") or one.get("value")
        if not value:
            continue
        said: dict[str, Any] = {"value": value}
        if one.get("sender"):
            said["participants"] = [people.named(one["sender"])]
        elif one.get("count", "").isdecimal():
            said["count"] = int(one["count"])
        found.append(said)
    return found


def _edits(message: ChatMessage, people: _People) -> list[Mapping[str, Any]]:
    """Give the earlier wordings; of an edit without one only that it happened."""
    if not message.edited:
        return []
    who = people.sender(message) or people.add("onbekend", words.UNKNOWN_SENDER)
    earlier = [f.params["tekst"] for f in message.findings if f.code == "chat.bericht_eerder"]
    found: list[Mapping[str, Any]] = [{"participant": who, "previous": str(t)} for t in earlier]
    return found or [{"participant": who}]


def _custom(values: Mapping[str, Any]) -> list[Mapping[str, str]]:
    return [
        {"name": OWN + name, "value": str(value)}
        for name, value in values.items()
        if value is not None and str(value) != ""
    ]


def _head(record: Conversation, ends: _Ends, custodian: str | None) -> bytes:
    lines = [
        "X-RSMF-Version: 2.0.0",
        "X-RSMF-Generator: Archiefklaar",
        f"X-RSMF-EventCount: {ends.events}",
    ]
    if ends.first is not None:
        lines.append(f"X-RSMF-BeginDate: {ends.first}")
        lines.append(f"X-RSMF-EndDate: {ends.last}")
    if custodian:
        lines.append(f"X-RSMF-Custodian: {_encoded(custodian)}")
    lines += [
        f"Subject: {_encoded(words.title(record))}",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/mixed; boundary="{_BOUNDARY}"',
        "",
        f"--{_BOUNDARY}",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: base64",
        "",
    ]
    about = "\n".join((words.title(record), *words.about(record)))
    text = base64.encodebytes(about.encode("utf-8", "replace")).decode("ascii")
    tail = [
        f"--{_BOUNDARY}",
        'Content-Type: application/zip; name="rsmf.zip"',
        "Content-Transfer-Encoding: base64",
        'Content-Disposition: attachment; filename="rsmf.zip"',
        "",
        "",
    ]
    return "\n".join([*lines, text, *tail]).encode("ascii", "replace")


def _encoded(text: str) -> str:
    """Write a header value as encoded words (RFC 2047), each short enough for one line."""
    chunks = [text[i : i + 10] for i in range(0, min(len(text), 200), 10)]
    coded = (base64.b64encode(c.encode("utf-8", "replace")).decode("ascii") for c in chunks)
    return "\n ".join(f"=?utf-8?b?{one}?=" for one in coded)
