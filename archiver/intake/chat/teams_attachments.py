"""What hangs on a Teams message of Graph: files, cards, code, a quoted message and a forwarded one.

``chatMessageAttachment`` of Microsoft Graph: `contentType` says what it is. A file is a link without bytes.
A card stands in the message itself, as JSON in `content`: its words are read, its buttons are not. What is
forwarded is words of somebody else; it is no answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from archiver.findings import Finding, Severity
from archiver.intake.body_text import MAX_HTML, html_to_text
from archiver.intake.chat.values import items, label, table, text_of, words
from archiver.model import ChatAttachment

_CARD = ("application/vnd.microsoft.card.", "application/vnd.microsoft.teams.card.")
_CODE = "application/vnd.microsoft.card.codesnippet"
_WORDS = (
    "title",
    "subtitle",
    "text",
    "summary",
    "name",
    "value",
)  # of cards, in the order of the card
_MOST, _DEEP = 500, 30  # pieces of text of one card, and how deep they lie


@dataclass(frozen=True, slots=True)
class Held:
    """What the attachments of one message are; `quoted` is the number of the message that is answered."""

    files: tuple[ChatAttachment, ...] = ()
    texts: tuple[str, ...] = ()
    quoted: str | None = None
    findings: tuple[Finding, ...] = ()


def field(data: Mapping[str, Any], name: str) -> Any:
    """Give a field by its name in camelCase, whichever case the file uses."""
    found = data.get(name)
    return data.get(name[:1].upper() + name[1:]) if found is None else found


def who(value: object) -> tuple[str | None, str | None]:
    """Give name and identity of a user, application or device."""
    for kind in ("user", "application", "device"):
        found = table(field(table(value), kind))
        if found:
            identity = label(field(found, "id"))
            return text_of(field(found, "displayName")) or identity, identity
    return None, None


def read(attachments: Sequence[object]) -> Held:
    """Read the attachments of one message. What is of no known kind counts as a file elsewhere."""
    files: list[ChatAttachment] = []
    texts: list[str] = []
    findings: list[Finding] = []
    quoted: str | None = None
    for one in map(table, attachments):
        kind = words(field(one, "contentType"))
        content = _content(one)
        if kind == "messageReference":
            quoted = quoted or label(field(content, "messageId")) or label(field(one, "id"))
        elif kind == "forwardedMessageReference":
            name, _ = who(field(content, "originalMessageSender"))
            params: dict[str, str | int] = {"van": name or "?"}
            findings.append(Finding("chat.doorgestuurd", params, severity=Severity.INFO))
            texts.append(_plain(words(field(content, "originalMessageContent"))))
        elif kind == _CODE:
            name = words(field(content, "name")) or words(field(one, "name")) or "code"
            files.append(ChatAttachment(name, False, absent_because="needs_token"))
        elif kind.startswith(_CARD):
            findings.append(Finding("teams.kaart", {"soort": kind}, severity=Severity.INFO))
            texts.append("\n".join(_said(content)))
        else:
            name = words(field(one, "name")) or words(field(one, "contentUrl")) or kind
            files.append(ChatAttachment(name, False, absent_because="link"))
    return Held(tuple(files), tuple(t for t in texts if t), quoted, tuple(findings))


def _content(attachment: Mapping[str, Any]) -> Mapping[str, Any]:
    found = field(attachment, "content")
    if isinstance(found, Mapping):
        return found
    try:
        return table(json.loads(words(found) or "{}"))
    except (ValueError, RecursionError):
        return {}


def _plain(html: str) -> str:
    return html_to_text(html[:MAX_HTML]).strip()


def _said(card: Mapping[str, Any]) -> Iterator[str]:
    """Give the words of a card in the order of the card, each once; what a button does is left out."""
    seen: dict[str, None] = {}
    waiting: list[tuple[object, int]] = [(card, 0)]
    while waiting and len(seen) < _MOST:
        value, depth = waiting.pop()
        if depth > _DEEP:
            continue
        if isinstance(value, Mapping):
            for name, inner in reversed(list(value.items())):
                if isinstance(inner, str):
                    continue
                if name not in ("actions", "buttons", "selectAction", "tap"):
                    waiting.append((inner, depth + 1))
            for name in _WORDS:
                if said := _plain(words(value.get(name))):
                    seen.setdefault(said)
        else:
            waiting += [(inner, depth + 1) for inner in reversed(items(value))]
    yield from seen
