"""Chats out of the messages of a JSON document: who belongs to which chat, and each message anew.

Platforms differ in what a message holds, not in how a document is walked: a reader gives the
function that makes one message, and one that says to which chat an element belongs.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from archiver.findings import Finding
from archiver.intake.chat import exports
from archiver.intake.chat.json_places import Document, Path, load, trouble
from archiver.intake.chat.values import table
from archiver.model import ChatMessage, Participant, Span


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a document that is a message, decoded, with where it stands."""

    source: exports.Text
    identity: str
    index: int
    span: Span
    data: Mapping[str, Any]
    findings: tuple[Finding, ...]
    place: str


@dataclass(frozen=True, slots=True)
class Shape:
    """What a platform makes of elements.

    `chat_of` gives the chat of an element, None when it is no message but part of the frame (then
    its bytes are named "other"). `title` and `participants` get the place of the array and the
    chat. `inside` gives the messages that stand in another one by their pointer there: their bytes are
    those of the one around them.
    """

    message: Callable[[Element], ChatMessage]
    chat_of: Callable[[Mapping[str, Any]], str | None]
    title: Callable[[Path, str], str | None] = lambda where, key: None
    participants: Callable[[Path, str], tuple[Participant, ...]] = lambda where, key: ()
    forward: bool = True
    inside: Callable[[Mapping[str, Any]], Iterable[tuple[str, Mapping[str, Any]]]] = lambda data: ()


def chats(source: exports.Text, document: Document, shape: Shape) -> list[exports.Chat]:
    """Give the chats of a document, in the order in which they first speak.

    The first takes all bytes that belong to no message.
    """
    places: dict[tuple[Path, str], array[int]] = {}
    other: list[tuple[str, Span]] = []
    for where in document.groups:
        for number, span in enumerate(document.spans(where)):
            value, how = load(document.buffer[span.start : span.end])
            key = shape.chat_of(table(value)) if how != "onleesbaar" else ""
            if key is None:
                other.append(("other", span))
            else:
                found = places.setdefault((where, key), array("Q"))
                found.extend((span.start, span.end, number))
    given = [_chat(source, document, shape, key, found) for key, found in places.items()]
    if given:
        given[0].skipped = (*document.around(), *_joined(other))
        if not document.whole:
            given[0].findings = (Finding("chat.export_onvolledig", {}, source.place),)
    return given


def _joined(spans: list[tuple[str, Span]]) -> Iterator[tuple[str, Span]]:
    held: tuple[str, Span] | None = None
    for name, span in spans:
        if held is not None and held[1].end == span.start:
            held = (name, Span(held[1].start, span.end))
            continue
        if held is not None:
            yield held
        held = (name, span)
    if held is not None:
        yield held


def _chat(
    source: exports.Text,
    document: Document,
    shape: Shape,
    key: tuple[Path, str],
    found: array[int],
) -> exports.Chat:
    where, name = key
    pointer = "".join(f"/{step}" for step in where)

    def read(identity: str) -> Iterator[ChatMessage]:
        index = 0
        for at in range(0, len(found), 3):
            start, end, number = found[at : at + 3]
            value, how = load(document.buffer[start:end])
            place = f"{source.member or ''}#{pointer}/{number}"
            span = Span(start, end)
            data = table(value)
            if not data:
                unknown = trouble(how or "onleesbaar")
                yield ChatMessage(
                    identity, index, span, type="unknown", findings=unknown, place=place
                )
                index += 1
                continue
            yield shape.message(Element(source, identity, index, span, data, trouble(how), place))
            index += 1
            for where, inner in shape.inside(data):
                element = Element(
                    *(source, identity, index, Span(end, end), inner, (), f"{place}/{where}")
                )
                yield shape.message(element)
                index += 1

    return exports.Chat(
        shape.title(where, name), read, shape.participants(where, name), forward=shape.forward
    )
