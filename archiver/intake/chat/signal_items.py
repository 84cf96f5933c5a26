"""One item of a Signal chat as a message: what kind it is, who, when, and what was left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from archiver.findings import Finding, Severity
from archiver.intake.chat.values import items, label, number, table, text_of, utc, words
from archiver.model import ChatAttachment, ChatMessage, Participant, Span

_DIRECTIONS = ("incoming", "outgoing", "directionless")
_CALLS = ("individualCall", "groupCall")


@dataclass(frozen=True, slots=True)
class Item:
    """A chatItem and how to find the people and files it names by number."""

    data: Mapping[str, Any]
    person: Callable[[object], Participant | None]
    medium: Callable[[Mapping[str, Any], str], ChatAttachment]


@dataclass(frozen=True, slots=True)
class _What:
    """What an item holds."""

    type: str
    text: str | None = None
    system: str | None = None
    attachments: tuple[ChatAttachment, ...] = ()
    reply_to: str | None = None
    deleted: bool | None = None
    reactions: tuple[Mapping[str, str], ...] = ()
    findings: tuple[Finding, ...] = ()


def message(
    identity: str, index: int, span: Span, item: Item, findings: tuple[Finding, ...]
) -> ChatMessage:
    """Make the message of an item; what is not understood becomes type unknown with a finding."""
    data = item.data
    what = _what(item)
    author = item.person(data.get("authorId"))
    sent = number(data.get("dateSent"))
    found = (*findings, *what.findings, *_versions(data))
    if number(data.get("expiresInMs")):
        found += (Finding("chat.bericht_verloopt"),)
    return ChatMessage(
        identity,
        index,
        span,
        id=f"{label(data.get('authorId')) or '?'}-{sent}" if sent else None,
        sender=author.name if author else None,
        sent=utc(sent),
        sent_raw=label(data.get("dateSent")),
        precision="millisecond" if utc(sent) else None,
        text=what.text,
        type=what.type,
        system=what.system,
        attachments=what.attachments,
        reply_to=what.reply_to,
        edited=True if items(data.get("revisions")) else None,
        deleted=what.deleted,
        reactions=what.reactions,
        findings=found,
        sender_id=author.id if author else None,
    )


def _versions(data: Mapping[str, Any]) -> Iterator[Finding]:
    """Give the earlier wordings of an edited message, oldest first."""
    for one in items(data.get("revisions"))[:50]:
        standard = table(table(one).get("standardMessage"))
        if text := text_of(table(standard.get("text")).get("body")):
            params: dict[str, str | int] = {"tekst": text[:2_000]}
            yield Finding("chat.bericht_eerder", params, severity=Severity.INFO)


def _what(item: Item) -> _What:
    data = item.data
    for name, read in _READERS.items():
        if name in data:
            return read(item, table(data[name]))
    return _What("unknown")


def _standard(item: Item, data: Mapping[str, Any]) -> _What:
    text = words(table(data.get("text")).get("body"))
    files = [
        item.medium(table(table(a).get("pointer")), f"bijlage-{n}")
        for n, a in enumerate(items(data.get("attachments")), 1)
    ]
    if "longText" in data:
        files.append(item.medium(table(data["longText"]), "lange-tekst.txt"))
    kind = "media" if files and not text else "text"
    return _What(
        kind,
        text,
        attachments=tuple(files),
        reply_to=_reply(data),
        reactions=tuple(_reactions(item, data)),
    )


def _reply(data: Mapping[str, Any]) -> str | None:
    quote = table(data.get("quote"))
    target = number(quote.get("targetSentTimestamp"))
    return f"{label(quote.get('authorId')) or '?'}-{target}" if target else None


def _reactions(item: Item, data: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
    for one in items(data.get("reactions")):
        who = item.person(table(one).get("authorId"))
        at = utc(number(table(one).get("sentTimestamp")))
        found = {"emoji": words(table(one).get("emoji")), "sender": who.name if who else ""}
        yield found | ({"sent": at} if at else {})


def _contact(item: Item, data: Mapping[str, Any]) -> _What:
    card = table(data.get("contact"))
    name = table(card.get("name"))
    parts = [words(name.get(k)) for k in ("prefix", "givenName", "middleName", "familyName")]
    numbers = [words(table(n).get("value")) for n in items(card.get("number"))]
    numbers += [words(table(n).get("value")) for n in items(card.get("email"))]
    text = "\n".join(t for t in [" ".join(p for p in parts if p), *numbers] if t)
    return _What("contact", text, reactions=tuple(_reactions(item, data)))


def _sticker(item: Item, data: Mapping[str, Any]) -> _What:
    sticker = table(data.get("sticker"))
    medium = item.medium(table(sticker.get("data")), "sticker")
    text = words(sticker.get("emoji")) or None
    return _What("media", text, attachments=(medium,), reactions=tuple(_reactions(item, data)))


def _deleted(item: Item, data: Mapping[str, Any]) -> _What:
    return _What("text", None, deleted=True)


def _once(item: Item, data: Mapping[str, Any]) -> _What:
    gone = ChatAttachment("", False, absent_because="view_once")
    return _What("media", None, attachments=(gone,), reactions=tuple(_reactions(item, data)))


def _story(item: Item, data: Mapping[str, Any]) -> _What:
    text = words(table(table(data.get("textReply")).get("text")).get("body"))
    text = text or words(data.get("emoji"))
    return _What("text", text, reactions=tuple(_reactions(item, data)))


def _poll(item: Item, data: Mapping[str, Any]) -> _What:
    lines = [words(data.get("question"))]
    for option in items(data.get("options")):
        votes = len(items(table(option).get("votes")))
        lines.append(f"- {words(table(option).get('option'))} ({votes})")
    return _What("poll", "\n".join(lines), reactions=tuple(_reactions(item, data)))


def _update(item: Item, data: Mapping[str, Any]) -> _What:
    name = next(iter(data), None)
    if name is None:
        return _What("system")
    detail = table(data[name])
    if name in _CALLS:
        return _What("call", None, words(detail.get("state")).lower() or None)
    if name == "simpleUpdate":
        return _What("system", None, words(detail.get("type")).lower() or "simpleUpdate")
    if name == "expirationTimerChange":
        on = bool(number(detail.get("expiresInMs")))
        return _What("system", None, "timer_on" if on else "timer_off")
    if name == "groupChange":
        kinds = [next(iter(table(u)), "") for u in items(detail.get("updates"))]
        return _What("system", None, ", ".join(k for k in kinds if k)[:200] or "groupChange")
    if name == "profileChange":
        text = f"{words(detail.get('previousName'))} → {words(detail.get('newName'))}"
        return _What("system", text, "profileChange")
    return _What("system", None, name[:60])


def _other(kind: str) -> Callable[[Item, Mapping[str, Any]], _What]:
    return lambda item, data: _What("unknown", words(data.get("note")) or None, kind)


_READERS: dict[str, Callable[[Item, Mapping[str, Any]], _What]] = {
    "standardMessage": _standard,
    "contactMessage": _contact,
    "stickerMessage": _sticker,
    "remoteDeletedMessage": _deleted,
    "adminDeletedMessage": _deleted,
    "viewOnceMessage": _once,
    "directStoryReplyMessage": _story,
    "poll": _poll,
    "updateMessage": _update,
    "paymentNotification": _other("payment"),
    "giftBadge": _other("gift_badge"),
}
