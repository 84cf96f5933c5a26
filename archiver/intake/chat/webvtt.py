"""Transcript of a meeting as WebVTT (W3C): who said what, how long after the beginning.

Teams and others give it with a voice per cue: ``<v Jan Smit>goedemorgen</v>``. Subtitles without voices are
not taken. The times are distances from the start of the recording; the day stands nowhere in the file, so no
moment is given. Every cue is a message; notes, styles and regions belong to the frame.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

from archiver.findings import Finding, Severity
from archiver.intake.chat import exports
from archiver.intake.protocol import Head, ParseContext
from archiver.model import ChatMessage, Conversation, Record, Span

FORMAT = "webvtt"
_MAGIC = re.compile(rb"(?:\xef\xbb\xbf)?WEBVTT(?:[ \t\r\n]|\Z)")
_VOICE = re.compile(rb"<v(?:\.[^\s>]*)?[ \t]+[^<>\r\n]{1,200}>")
_BLOCK = re.compile(rb"[^\r\n]+(?:(?:\r\n|\n|\r)[^\r\n]+)*")
_TIMES = re.compile(
    r"((?:\d+:)?[0-5]\d:[0-5]\d\.\d{3})[ \t]+-->[ \t]+(?:\d+:)?[0-5]\d:[0-5]\d\.\d{3}(?:\s.*)?"
)
_FRAME = re.compile(rb"(?:NOTE|STYLE|REGION)(?:[ \t\r\n]|\Z)")
_SPOKEN = re.compile(r"<v(?:\.[^\s>]*)?[ \t]+([^<>]{1,200})>(.*?)(?=</v>|<v[ .\t]|\Z)", re.DOTALL)
_TAG = re.compile(r"</?[a-z0-9:][^<>]*>", re.IGNORECASE)
_MOST = 1024 * 1024  # bytes of one cue
_NO_TIME = "chat.tijd_onmogelijk"


def _wanted(name: str) -> bool:
    return name.casefold().endswith(".vtt")


def score(head: Head) -> int:
    """Say how sure the bytes make it: the first line of WebVTT, and somebody who speaks."""
    return 90 if _MAGIC.match(head.data) and _VOICE.search(head.data) else 0


def parse(path: Path, context: ParseContext) -> Iterator[Record]:
    """Read a transcript: one `Conversation`, then a message for every cue."""
    return exports.guarded(path, lambda: _parse(path, context))


def _parse(path: Path, context: ParseContext) -> Iterator[Record]:
    for source in exports.texts(path, context, _wanted):
        chat = _chat(source)
        for record in exports.conversations(source, FORMAT, [chat], zone_basis="stated"):
            yield _without_a_day(record) if isinstance(record, Conversation) else record


def _without_a_day(record: Conversation) -> Conversation:
    """Say once that there are distances and no moments, instead of that every time is impossible."""
    found = tuple(f for f in record.findings if f.code != _NO_TIME)
    distances = Finding("webvtt.zonder_dag", {"n": record.message_count}, severity=Severity.LET_OP)
    counts = {name: n for name, n in record.counts.items() if name != "time_invalid"}
    return replace(record, findings=(*found, distances), counts=counts)


def _chat(source: exports.Text) -> exports.Chat:
    buffer = source.text.buffer
    blocks = [(m.start(), m.end()) for m in _BLOCK.finditer(buffer)] or [(0, len(buffer))]
    ends = [start for start, _ in blocks[1:]] + [len(buffer)]
    frame = [n == 0 or _FRAME.match(buffer, at) is not None for n, (at, _) in enumerate(blocks)]
    skipped = [
        ("frame", Span(start if n else 0, end))
        for n, ((start, _), end) in enumerate(zip(blocks, ends, strict=True))
        if frame[n]
    ]

    def read(identity: str) -> Iterator[ChatMessage]:
        index = 0
        for n, (start, stop) in enumerate(blocks):
            if not frame[n]:
                raw = buffer[start : min(stop, start + _MOST)]
                yield _cue(identity, index, Span(start, ends[n]), raw, stop - start > _MOST)
                index += 1

    return exports.Chat(source.path.stem, read, (), tuple(skipped))


def _cue(identity: str, index: int, span: Span, raw: bytes, cut: bool) -> ChatMessage:
    lines = raw.decode("utf-8", "replace").splitlines()
    at = next((n for n, line in enumerate(lines[:2]) if _TIMES.fullmatch(line)), None)
    findings = (Finding("chat.bericht_te_groot"),) if cut else ()
    if at is None:
        text = "\n".join(lines)
        return ChatMessage(identity, index, span, text=text, type="unknown", findings=findings)
    times = _TIMES.fullmatch(lines[at])
    assert times is not None
    body = "\n".join(lines[at + 1 :])
    spoken = [(_plain(who), _plain(said)) for who, said in _SPOKEN.findall(body)]
    names = list(dict.fromkeys(who for who, _ in spoken))
    text = _plain(body)
    if len(names) > 1:  # two people in one cue: who said which stays visible
        text = "\n".join(f"{who}: {said}" for who, said in spoken)
    return ChatMessage(
        identity,
        index,
        span,
        id=lines[0] if at else None,
        sender=names[0] if len(names) == 1 else None,
        sent_raw=times[1],
        text=text,
        findings=findings,
    )


def _plain(text: str) -> str:
    return unescape(_TAG.sub("", text)).strip()
