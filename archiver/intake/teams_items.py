"""Messages of Teams as Exchange keeps them: every message is a mail item, as Purview exports it (.pst, .msg).

Microsoft documents the class of these items and their folder, not their properties. The names below are those
with which public programs, one of Microsoft among them, ask Exchange for them: docs/besluiten/teams-lezen.md.
All are named properties of one set, by a text and not by a number. What is not named is never guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from struct import Struct
from uuid import UUID

from archiver.findings import Finding, Severity
from archiver.links import ROOT_HEX
from archiver.model import ChatPost

CLASS = "IPM.SKYPETEAMS."
_SET = UUID("f6e4ba45-c83c-45da-8f38-43bd3fe76d5c").bytes_le
_PREFIX = "IOpenTypedFacet.SkypeSpaces_ConversationPost_Extension#"
_FIELDS = {
    "ThreadId": "thread",
    "ThreadType": "kind",
    "Topic": "title",
    "TeamName": "team",
    "SkypeItemId": "id",
    "ParentMessageId": "parent",
    "MessageType": "type",
    "CreatedDateTime": "created",
    "FromSkypeInternalId": "sender_id",
}
_ENTRY = Struct("<IHH")  # place of the text, set and kind of name, number above 0x8000
_TEXT_NAME = 1  # bit of the kind of name
_MOST = 500  # characters of a value that names something
_HELD = "substrateholds"  # folder where Exchange keeps what was edited or deleted in Teams


def is_item(item_class: str | None) -> bool:
    """Tell whether the class says that an item is a message of Teams: IPM.SkypeTeams.Message and below."""
    return (item_class or "").upper().startswith(CLASS)


def fields(guids: bytes, entries: bytes, texts: bytes) -> dict[int, str]:
    """Give which number has which field of `ChatPost`, by the name map of a store or an item.

    The three streams are laid out the same in [MS-PST] section 2.4.7 and [MS-OXMSG] section 2.2.3.
    """
    sets = {at // 16 + 3 for at in range(0, len(guids), 16) if guids[at : at + 16] == _SET}
    found: dict[int, str] = {}
    if not sets:
        return found
    for place, which, number in _ENTRY.iter_unpack(entries[: len(entries) // 8 * 8]):
        if not which & _TEXT_NAME or which >> 1 not in sets:
            continue
        length = int.from_bytes(texts[place : place + 4], "little")
        if length <= 2 * _MOST:
            name = texts[place + 4 : place + 4 + length].decode("utf-16-le", "replace")
            field = _FIELDS.get(name.removeprefix(_PREFIX)) if name.startswith(_PREFIX) else None
            if field is not None:
                found[0x8000 + number] = field
    return found


def post_of(
    fields: Mapping[int, str],
    value: Callable[[int], str | None],
    item_class: str | None,
    thread_index: str | None,
) -> ChatPost | None:
    """Give what an item says of its conversation; None when it is no message of Teams.

    `value` gives a text, or a time as ISO 8601, by number. An item of another class is one only when it
    names its conversation.
    """
    known = {name: said for n, name in fields.items() if (said := _short(value(n)))}
    if "thread" in known:
        return ChatPost(basis="stated", **known)
    if not is_item(item_class):
        return None
    inferred = len(thread_index or "") >= ROOT_HEX
    return ChatPost(basis="thread_index" if inferred else None, **known)


def findings_of(post: ChatPost | None, folder: str | None = None) -> tuple[Finding, ...]:
    """Say of a message of Teams by what it belongs to its conversation, and that it was held back."""
    if post is None:
        return ()
    params: dict[str, str | int] = {"gesprek": post.title or post.thread or ""}
    if post.basis == "stated":
        found = [Finding("teams.bericht", params, severity=Severity.INFO)]
    elif post.basis == "thread_index":
        found = [Finding("teams.gesprek_afgeleid")]
    else:
        found = [Finding("teams.gesprek_onbekend")]
    if _HELD in (folder or "").casefold().split("/"):
        found.append(Finding("teams.vastgehouden", severity=Severity.INFO))
    return tuple(found)


def _short(value: str | None) -> str | None:
    return " ".join((value or "").split())[:_MOST] or None
