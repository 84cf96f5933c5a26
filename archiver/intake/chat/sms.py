"""Reader of "SMS Backup & Restore" XML: ``<smses>`` with an ``<sms>`` or ``<mms>`` per message.

Public schema. `date` is milliseconds since 1970, UTC; `readable_date` is not used. The text "null"
stands for an absent value. Parts of an MMS stand in the file as base64. What the owner sent has no
number in the file: it is of "self" until the user says whose phone it was.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from archiver.errors import InputRefused
from archiver.findings import Finding, Severity
from archiver.intake.chat import exports
from archiver.intake.chat.export_text import from_file
from archiver.intake.chat.json_places import trouble
from archiver.intake.chat.values import number, utc
from archiver.intake.chat.xml_places import cut
from archiver.intake.chat.xml_places import parse as parse_xml
from archiver.intake.protocol import Head, ParseContext
from archiver.model import ChatAttachment, ChatMessage, Participant, Record, Span

FORMAT = "sms"
_NAMES = ("sms", "mms")
_SENT = ("2", "4", "5", "6")  # sent, outbox, failed, queued
_NOT_SENT = {"3": "concept", "4": "postvak_uit", "5": "mislukt", "6": "wachtrij"}
_TOKEN = "insert-address-token"  # what Android writes for the owner's own number
_UNKNOWN = ("(Unknown)", "null", "")


def score(head: Head) -> int:
    """Say how sure the bytes make it: the root element and a message, or none at all."""
    data = head.data
    if b"<smses" not in data[:2_000]:
        return 0
    return 96 if b"<sms " in data or b"<mms " in data or b"</smses>" in data else 60


def parse(path: Path, context: ParseContext) -> Iterator[Record]:
    """Read a backup: per number (or group) a `Conversation`, then its messages in source order."""
    return exports.guarded(path, lambda: _parse(path, context))


def member_bytes(path: Path, name: str, context: ParseContext | None = None) -> Iterator[bytes]:
    """Give the bytes of a part of an MMS by its `ChatAttachment.path`. InputRefused when absent."""
    where, _, part = name.partition("/")
    buffer = from_file(path).buffer
    start, end = (number(n) or 0 for n in [*where.split("-"), "0"][:2])
    node, _ = parse_xml(buffer[start:end])
    parts = _parts(node) if node is not None else []
    wanted = number(part)
    if wanted is None or not 0 <= wanted < len(parts):
        raise InputRefused("chat.media_niet_gevonden", {"naam": name}, path.name)
    yield _decoded(parts[wanted])[0]


def _parse(path: Path, context: ParseContext) -> Iterator[Record]:
    for source in exports.texts(path, context, lambda name: name.endswith(".xml")):
        yield from exports.conversations(source, FORMAT, _Backup(source).chats())


@dataclass(slots=True)
class _Backup:
    """One backup: where the messages of each number stand, and how the contacts are called."""

    source: exports.Text
    places: dict[str, array[int]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def chats(self) -> list[exports.Chat]:
        """Read every element once and group by number."""
        buffer = self.source.text.buffer
        found = cut(buffer, _NAMES)
        for count, span in enumerate(found.spans(0) if found.groups else (), 1):
            node, _ = parse_xml(buffer[span.start : span.end])
            address = (node.get("address") or "") if node is not None else ""
            self.places.setdefault(address, array("Q")).extend((span.start, span.end, count))
            name = (node.get("contact_name") or "") if node is not None else ""
            if name not in _UNKNOWN:
                self.names.setdefault(address, name)
        chats = [self._chat(address) for address in self.places]
        if chats:
            chats[0].skipped = found.around()
            chats[0].findings = self._said(found.whole)
        return chats

    def _said(self, whole: bool) -> tuple[Finding, ...]:
        said: list[Finding] = []
        if not whole:
            said.append(Finding("chat.export_onvolledig", {}, self.source.place))
        if "owner" not in self.source.context.answers:
            said.append(Finding("chat.eigenaar_vragen", {}, self.source.place))
        return tuple(said)

    def _chat(self, address: str) -> exports.Chat:
        title = self.names.get(address) or address or None
        people = tuple(self._person(one) for one in address.split("~") if one)
        reader = self._reader(address)
        return exports.Chat(title, reader, people, forward=False, member="")

    def _person(self, address: str) -> Participant:
        return Participant(address, self.names.get(address) or address)

    def _reader(self, address: str) -> Callable[[str], Iterator[ChatMessage]]:
        places = self.places[address]

        def read(identity: str) -> Iterator[ChatMessage]:
            for index in range(len(places) // 3):
                start, end, count = places[3 * index : 3 * index + 3]
                node, how = parse_xml(self.source.text.buffer[start:end])
                span, place = Span(start, end), f"#/smses/{count}"
                if node is None:
                    yield ChatMessage(
                        identity, index, span, type="unknown", findings=trouble(how), place=place
                    )
                else:
                    yield self._message(identity, index, span, node, trouble(how), place)

        return read

    def _message(
        self,
        identity: str,
        index: int,
        span: Span,
        node: etree._Element,
        findings: tuple[Finding, ...],
        place: str,
    ) -> ChatMessage:
        box = node.get("type") if node.tag == "sms" else node.get("msg_box")
        person = self._sender(node, box or "")
        raw = node.get("date")
        text, files, broken = _content(node, span)
        if broken:
            findings += (Finding("chat.bericht_bijlage_kapot"),)
        if box in _NOT_SENT:
            params: dict[str, str | int] = {"map": _NOT_SENT[box]}
            findings += (Finding("chat.bericht_niet_verzonden", params),)
        subject = node.get("subject") or node.get("sub") or "null"
        if subject != "null":
            about: dict[str, str | int] = {"onderwerp": subject}
            findings += (Finding("chat.bericht_onderwerp", about, severity=Severity.INFO),)
        sent = utc(number(raw))
        return ChatMessage(
            identity,
            index,
            span,
            id=_known(node.get("m_id")),
            sender=person.name if person else None,
            sent=sent,
            sent_raw=raw,
            precision="millisecond" if sent else None,
            text=text,
            type="media" if files and not text else "text",
            attachments=files,
            findings=findings,
            sender_id=person.id if person else None,
            place=place,
        )

    def _sender(self, node: etree._Element, box: str) -> Participant | None:
        me = Participant("self", self.source.context.answers.get("owner") or "self")
        if box in _SENT or box == "3":
            return me
        for addr in node.iter("addr"):
            if addr.get("type") == "137":
                address = addr.get("address") or ""
                return me if address == _TOKEN else self._person(address)
        address = node.get("address") or ""
        return self._person(address) if address and "~" not in address else None


def _known(value: str | None) -> str | None:
    return None if value in (None, "null", "") else value


def _parts(node: etree._Element) -> list[etree._Element]:
    return [part for part in node.iter("part") if part.get("data") is not None]


def _decoded(part: etree._Element) -> tuple[bytes, bool]:
    """Give the bytes of a part and whether they are whole base64."""
    data = "".join((part.get("data") or "").split())
    try:
        return base64.b64decode(data, validate=True), True
    except (binascii.Error, ValueError):
        return b"", False


def _content(
    node: etree._Element, span: Span
) -> tuple[str | None, tuple[ChatAttachment, ...], bool]:
    if node.tag == "sms":
        return _known(node.get("body")), (), False
    texts = [p.get("text") or "" for p in node.iter("part") if p.get("ct") == "text/plain"]
    files: list[ChatAttachment] = []
    broken = False
    for count, part in enumerate(_parts(node)):
        if part.get("ct") == "text/plain":
            continue
        data, whole = _decoded(part)
        broken = broken or not whole
        name = next(
            (n for k in ("name", "cl", "fn") if (n := _known(part.get(k)))), f"deel-{count}"
        )
        if not whole:
            files.append(
                ChatAttachment(name, False, None, None, part.get("ct"), absent_because="damaged")
            )
            continue
        path = f"{span.start}-{span.end}/{count}"
        digest = hashlib.sha256(data).hexdigest()
        files.append(ChatAttachment(name, True, "exact", path, part.get("ct"), len(data), digest))
    text = "\n".join(t for t in texts if t and t != "null")
    return text or None, tuple(files), broken
