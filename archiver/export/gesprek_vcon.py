"""A conversation as vCon, the conversation container of the IETF (draft-ietf-vcon-vcon-core-04).

One JSON document: parties, a dialog of type text per message, the media as attachments. What vCon has
no parameter for stands under ``archiefklaar``, named in ``extensions``. vCon demands a time with an
offset (RFC 3339); a source without one gives ``-00:00`` (offset unknown) and says so. Messages that
were taken out before securing are not in it; ``redacted`` says why and how many.
"""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from archiver.export import gesprek_regels as words
from archiver.export.gesprek_rsmf import Medium
from archiver.model import ChatMessage, Conversation
from archiver.wire import to_wire

EXTENSION = "archiefklaar"
_PIECE = 3 << 18  # a multiple of 3: base64 in pieces is base64 of the whole
_NO_TIME = "1970-01-01T00:00:00-00:00"


def document(
    record: Conversation,
    messages: Callable[[], Iterable[ChatMessage]],
    medium: Medium,
    identity: str,
    moment: str,
) -> Iterator[bytes]:
    """Make the document. `messages` reads the conversation anew; `moment` has an offset."""
    people = _People(record)
    yield b"{" + _json(_about(record, identity, moment))[1:-1] + b', "dialog": [\n'
    before = b""
    for message in messages():
        yield before + _json(_dialog(record, message, people))
        before = b",\n"
    yield b'\n], "attachments": [\n'
    before = b""
    for number, message in enumerate(messages()):
        for attachment in message.attachments:
            about: dict[str, Any] = {
                "purpose": "media",
                "start": _start(message),
                "party": people.of(message) or 0,
                "dialog": number,
                "filename": attachment.name,
            }
            if attachment.media_type:
                about["mediatype"] = attachment.media_type
            yield before + _json(about)[:-1]
            before = b",\n"
            if attachment.present and attachment.path is not None:
                yield b', "encoding": "base64url", "body": "'
                with medium(attachment.path) as source:
                    while piece := source.read(_PIECE):
                        yield base64.urlsafe_b64encode(piece).rstrip(b"=")
                yield b'"'
            yield b"}"
    yield b'\n], "parties": ' + _json(people.parties) + b"}\n"


class _People:
    """The parties in the order in which they are named or first seen."""

    def __init__(self, record: Conversation) -> None:
        self.parties: list[Mapping[str, str]] = []
        self._known: dict[str, int] = {}
        for person in record.participants:
            self._add(person.id or person.name, person.name)

    def of(self, message: ChatMessage) -> int | None:
        who = message.sender_id or message.sender
        if who is None and not message.attachments:
            return None
        who = who or words.UNKNOWN_SENDER
        return self._known[who] if who in self._known else self._add(who, message.sender or who)

    def _add(self, identity: str, name: str) -> int:
        found = {"name": name}
        number = identity.replace(" ", "").replace("\u00a0", "")
        if number[:1] == "+" and number[1:].isdecimal():
            found["tel"] = f"tel:{number}"
        elif "@" in identity and " " not in identity:
            found["mailto"] = f"mailto:{identity}"
        self._known[identity] = len(self.parties)
        self.parties.append(found)
        return self._known[identity]


def _about(record: Conversation, identity: str, moment: str) -> Mapping[str, Any]:
    digest = bytearray(hashlib.sha256(f"{identity} {moment}".encode()).digest()[:16])
    digest[6], digest[8] = digest[6] & 0x0F | 0x80, digest[8] & 0x3F | 0x80  # RFC 9562, version 8
    own: dict[str, Any] = {
        "platform": record.platform,
        "formaat": record.format,
        "bron_sha256": record.sha256,
        "zone_basis": record.zone_basis,
        "datumvolgorde": record.date_order,
        "item": identity,
    }
    found: dict[str, Any] = {
        "uuid": str(uuid.UUID(bytes=bytes(digest))),
        "extensions": [EXTENSION],
        "created_at": moment,
        "subject": words.title(record),
    }
    if record.extract is not None:
        counts = dict(record.extract.left_out)
        own["weggelaten"], own["wortel"] = counts, record.extract.root
        own["bron_sha256"] = record.extract.source_sha256
        if counts:
            found["redacted"] = {"type": ", ".join(f"{r}: {n}" for r, n in counts.items())}
    return found | {EXTENSION: own}


def _dialog(record: Conversation, message: ChatMessage, people: _People) -> Mapping[str, Any]:
    plain = dict(to_wire(message))
    for name in ("kind", "conversation", "text", "sender", "span", "attachments", "id"):
        plain.pop(name, None)
    found: dict[str, Any] = {
        "type": "text",
        "start": _start(message),
        "mediatype": "text/plain",
        "encoding": "none",
        "body": message.text or "",
        "application": record.platform,
        EXTENSION: {**plain, "index": message.index},
    }
    party = people.of(message)
    if party is not None and people.parties[party]["name"] != message.sender:
        found[EXTENSION]["sender"] = message.sender  # the label as this message has it
    found["parties"] = [] if party is None else [party]
    if message.id is not None:
        found["message_id"] = message.id
    if _start(message) == _NO_TIME:
        found[EXTENSION]["tijd_onbekend"] = True
    return found


def _start(message: ChatMessage) -> str:
    """Give the time as RFC 3339 wants it, with -00:00 when the source knows no offset."""
    try:
        found = datetime.fromisoformat(message.sent or "")
    except ValueError:
        return _NO_TIME
    if found.tzinfo is None:
        return found.isoformat() + "-00:00"
    return found.isoformat().replace("+00:00", "Z")


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=True).encode("ascii")
