"""The extract of a conversation: what is kept when private messages were taken out before securing.

One JSON document in ASCII, ``archiefklaar-uittreksel/1``: every message of the source has a line, in
source order. A kept message stands there whole with its salt; of one that was taken out stand only
its position, its reason and its commitment (see `archiver.intake.chat.merkle`). No byte positions,
no names and no media of what was taken out. ``docs/formaat-uittreksel.md`` describes the fields.
"""

from __future__ import annotations

import json
import re
import secrets
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

from archiver.findings import Finding, Severity
from archiver.intake.chat import exports, media
from archiver.intake.chat.merkle import SALT_BYTES, Tree, commitment
from archiver.intake.protocol import Head, ParseContext
from archiver.model import (
    ChatAttachment,
    ChatMessage,
    Conversation,
    Extract,
    Participant,
    Record,
    Span,
    Unreadable,
)

FORMAT = "uittreksel"
SCHEMA = "archiefklaar-uittreksel/1"
REASONS = ("prive", "partijpolitiek", "bijzondere persoonsgegevens")
# What may be missing from the source as a whole. Only counts go along: a day or a name could be that of
# a message that was taken out.
_DOUBTS = (
    "chat.export_afgekapt_begin",
    "chat.export_afgekapt_aantal",
    "chat.export_onvolledig",
    "chat.media_ontbreekt",
    "chat.media_weggelaten",
    "chat.signal_zonder_timer",
    "chat.systeemregel_onbekend",
    "chat.tijd_terug",
    "chat.timer_aan",
)
_START = b'{"schema": "archiefklaar-uittreksel/1", "berichten": [\n'
_LONGEST = 64 * 1024 * 1024  # bytes of one line
_PLAIN = ("id", "sender", "sender_id", "sent", "sent_raw", "precision", "text", "type", "system")
_MORE = ("reply_to", "edited", "deleted")


def plain(message: ChatMessage) -> dict[str, Any]:
    """Give the fields that a commitment covers; absent ones are left out."""
    given = {name: getattr(message, name) for name in (*_PLAIN, *_MORE)}
    found = {name: value for name, value in given.items() if value is not None}
    if message.attachments:
        found["attachments"] = [_medium(a) for a in message.attachments]
    if message.reactions:
        found["reactions"] = [dict(r) for r in message.reactions]
    return found


def _medium(attachment: ChatAttachment) -> dict[str, Any]:
    return {k: v for k, v in asdict(attachment).items() if v is not None and k != "path"}


@dataclass(slots=True)
class Writer:
    """Write an extract while the messages stream by; only what is kept reaches `out`."""

    out: BinaryIO
    tree: Tree = field(default_factory=Tree)
    left_out: Counter[str] = field(default_factory=Counter)
    _people: dict[str, str] = field(default_factory=dict)
    _ends: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.out.write(_START)

    def keep(self, message: ChatMessage) -> None:
        """Write a message with its salt."""
        salt = secrets.token_bytes(SALT_BYTES)
        content = plain(message)
        who = message.sender_id or message.sender
        if who is not None and message.type != "system":
            self._people.setdefault(who, message.sender or who)
        if message.sent is not None:
            self._ends = [min([message.sent, *self._ends]), max([message.sent, *self._ends])]
        self._line(
            {"positie": self.tree.size, "zout": salt.hex(), "bericht": content},
            commitment(salt, content),
        )

    def leave_out(self, message: ChatMessage, reason: str) -> None:
        """Write only that a message stood here, why it is gone, and its commitment."""
        self.left_out[reason] += 1
        leaf = commitment(secrets.token_bytes(SALT_BYTES), plain(message))
        self._line({"positie": self.tree.size, "reden": reason, "verbintenis": leaf.hex()}, leaf)

    def finish(self, conversation: Conversation) -> None:
        """Write what holds for the whole; of the conversation only what kept messages show."""
        kept = self.tree.size - self.left_out.total()
        rest = {
            "gesprek": {
                "platform": conversation.platform,
                "titel": conversation.title if kept else None,
                "deelnemers": [{"id": i, "naam": n} for i, n in self._people.items()],
                "eerste": self._ends[0] if self._ends else None,
                "laatste": self._ends[-1] if self._ends else None,
                "datumvolgorde": conversation.date_order,
                "datumvolgorde_basis": conversation.date_order_basis,
                "zone_basis": conversation.zone_basis,
                "taal": conversation.language,
            },
            "bron": {
                "sha256": conversation.sha256,
                "omvang": conversation.size,
                "formaat": conversation.format,
                "opmerkingen": [_said(f) for f in conversation.findings if f.code in _DOUBTS],
            },
            "tellingen": {
                "totaal": self.tree.size,
                "bewaard": kept,
                "weggelaten": dict(sorted(self.left_out.items())),
            },
            "boom": {"methode": "SHA-256(zout || bericht), RFC 6962", "wortel": self.tree.root()},
        }
        self.out.write(b"\n], " + json.dumps(rest).encode("ascii")[1:] + b"\n")

    def _line(self, content: Mapping[str, Any], leaf: bytes) -> None:
        before = b",\n" if self.tree.size else b""
        self.out.write(before + json.dumps(content, separators=(",", ":")).encode("ascii"))
        self.tree.add(leaf)


def score(head: Head) -> int:
    """Certain by its first line."""
    return 100 if head.data.startswith(_START) else 0


def parse(path: Path, context: ParseContext) -> Iterator[Record]:
    """Read an extract: the conversation, then the kept messages; whatever does not add up is said."""
    try:
        found = _read(path, context)
        yield found
        if context.messages:
            yield from _messages(path, found)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        kind = type(error).__name__
        broken = Finding(
            "uittreksel.beschadigd", {"bestand": path.name, "fout": kind}, path.name, Severity.FOUT
        )
        yield Unreadable((broken,))


def prove(path: Path) -> tuple[Extract, tuple[Finding, ...]]:
    """Recompute every commitment and the root; give what the document says and what is not so.

    Raises ValueError, KeyError or TypeError when it is no extract.
    """
    tree, left_out, wrong = Tree(), Counter[str](), []
    for number, (_, line) in enumerate(_lines(path)):
        if line["positie"] != number:
            wrong.append(_wrong("uittreksel.volgorde", positie=number))
        if "bericht" in line:
            leaf = commitment(bytes.fromhex(line["zout"]), line["bericht"])
        else:
            leaf = bytes.fromhex(line["verbintenis"])
            left_out[str(line["reden"])] += 1
        tree.add(leaf)
    end = _end(path)
    counts, said = end["tellingen"], str(end["boom"]["wortel"])
    if said != tree.root():
        wrong.append(_wrong("uittreksel.wortel", staat=said[:64], berekend=tree.root()))
    kept = tree.size - left_out.total()
    if counts != {"totaal": tree.size, "bewaard": kept, "weggelaten": dict(left_out)}:
        wrong.append(_wrong("uittreksel.telling"))
    source = end["bron"]
    extract = Extract(
        source_sha256=str(source["sha256"]),
        source_size=int(source["omvang"]),
        root=tree.root(),
        total=tree.size,
        left_out=dict(sorted(left_out.items())),
    )
    return extract, tuple(wrong)


def _read(path: Path, context: ParseContext) -> Conversation:
    extract, wrong = prove(path)
    end = _end(path)
    about = end["gesprek"]
    shelf = media.folder_shelf(path, context.limits)
    digest, size = exports.file_hash(path), path.stat().st_size
    known: dict[tuple[str, str | None], ChatAttachment] = {}
    for _, line in _lines(path):
        for medium in line.get("bericht", {}).get("attachments", ()):
            key = (str(medium["name"]), medium.get("sha256"))
            if key not in known:
                known[key] = _found(medium, shelf)
    return Conversation(
        id=f"{FORMAT}-{digest[:16]}",
        format=FORMAT,
        platform=str(about["platform"]),
        index=0,
        size=size,
        sha256=digest,
        title=about["titel"],
        participants=tuple(Participant(str(p["id"]), str(p["naam"])) for p in about["deelnemers"]),
        message_count=extract.total - sum(extract.left_out.values()),
        first=about["eerste"],
        last=about["laatste"],
        media=tuple(known.values()),
        text_sha256=digest,
        text_size=size,
        date_order=about["datumvolgorde"],
        date_order_basis=about["datumvolgorde_basis"],
        zone_basis=str(about["zone_basis"]),
        language=about["taal"],
        extract=extract,
        findings=(*wrong, *_doubts(end["bron"].get("opmerkingen", ()), path.name)),
    )


def _said(found: Finding) -> dict[str, Any]:
    counts = {name: value for name, value in found.params.items() if isinstance(value, int)}
    return {"code": found.code, "ernst": found.severity.value, "aantallen": counts}


def _doubts(said: Any, place: str) -> Iterator[Finding]:
    """Say of the source again what was said when it was read whole; nothing else that stands here."""
    for one in said:
        if one["code"] in _DOUBTS:
            counts = {str(k): int(v) for k, v in one["aantallen"].items()}
            yield Finding(one["code"], counts, place, Severity(one["ernst"]))


def _found(medium: Mapping[str, Any], shelf: media.Shelf) -> ChatAttachment:
    """A medium lies beside the extract under its SHA-256; no name from a message becomes a path."""
    said = _attachment(medium)
    if said.present and re.fullmatch(r"[0-9a-f]{64}", said.sha256 or ""):
        beside = shelf.find(said.sha256 or "")
        if beside.sha256 == said.sha256:
            return replace(said, path=said.sha256)
    return replace(said, present=False)


def _attachment(medium: Mapping[str, Any]) -> ChatAttachment:
    fields = {k: v for k, v in medium.items() if k in ChatAttachment.__slots__ and k != "path"}
    return ChatAttachment(**{"present": False, **fields})


def _messages(path: Path, conversation: Conversation) -> Iterator[ChatMessage]:
    known = {(medium.name, medium.sha256): medium for medium in conversation.media}
    for span, line in _lines(path):
        if "bericht" not in line:
            continue
        fields = {k: v for k, v in line["bericht"].items() if k in (*_PLAIN, *_MORE)}
        yield ChatMessage(
            conversation.id,
            int(line["positie"]),
            span,
            **fields,
            attachments=tuple(
                known[(str(a["name"]), a.get("sha256"))]
                for a in line["bericht"].get("attachments", ())
            ),
            reactions=tuple(line["bericht"].get("reactions", ())),
        )


def _lines(path: Path) -> Iterator[tuple[Span, dict[str, Any]]]:
    with path.open("rb") as stream:
        if stream.readline(len(_START)) != _START:
            raise ValueError(SCHEMA)
        at = len(_START)
        while line := stream.readline(_LONGEST):
            if line.startswith(b"]"):
                return
            yield Span(at, at + len(line)), dict(json.loads(line.rstrip(b",\n")))
            at += len(line)
    raise ValueError(SCHEMA)


def _end(path: Path) -> dict[str, Any]:
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - _LONGEST))
        tail = stream.read()
    return dict(json.loads(b"{" + tail[tail.rindex(b"\n], ") + 4 :]))


def _wrong(code: str, **params: str | int) -> Finding:
    return Finding(code, params, severity=Severity.FOUT)
