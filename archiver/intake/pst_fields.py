"""The fields that make an item an appointment, a contact or a task, for the header of its derived mail.

Numbers are of [MS-OXPROPS]. Some have a fixed number; others get theirs per store, in the name map ([MS-PST]
section 2.4.7), where a set and a number in that set say which one it is.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from archiver.errors import InputRefused
from archiver.intake import teams_items
from archiver.intake.pst_heap import Properties
from archiver.intake.pst_store import Store

_NAME_MAP = 0x61
_GUIDS, _ENTRIES, _TEXTS = 0x0002, 0x0003, 0x0004
_ENTRY = struct.Struct("<IHH")
_MAX_NAMES = 64 * 1024  # bytes of entries: a store has 32,768 numbers for names
_POST = "Teams-"
# First four bytes of the sets PSETID_Appointment, _Address, _Task.
_APPOINTMENT, _ADDRESS, _TASK = 0x00062002, 0x00062004, 0x00062003
_FIXED = {
    0x3A06: "Given-Name",
    0x3A11: "Surname",
    0x3A16: "Company",
    0x3A17: "Job-Title",
    0x3A18: "Department",
    0x3A08: "Business-Phone",
    0x3A09: "Home-Phone",
    0x3A1C: "Mobile-Phone",
    0x3A15: "Postal-Address",
}
_NAMED = {
    (_APPOINTMENT, 0x820D): "Start",
    (_APPOINTMENT, 0x820E): "End",
    (_APPOINTMENT, 0x8208): "Location",
    (_APPOINTMENT, 0x8238): "Attendees",
    (_APPOINTMENT, 0x8232): "Recurrence",
    (_ADDRESS, 0x8083): "Email-1",
    (_ADDRESS, 0x8093): "Email-2",
    (_ADDRESS, 0x80A3): "Email-3",
    (_ADDRESS, 0x801B): "Business-Address",
    (_TASK, 0x8104): "Task-Start",
    (_TASK, 0x8105): "Task-Due",
    (_TASK, 0x810F): "Task-Done",
}


def names_of(store: Store) -> dict[int, str]:
    """Give which number has which field in this store, read once; the fixed ones when it is damaged."""
    if store.field_names is None:
        store.field_names = _read_names(store)
    return store.field_names


def _read_names(store: Store) -> dict[int, str]:
    found = dict(_FIXED)
    try:
        node = store.node(_NAME_MAP)
        if node is None:
            return found
        item = Properties.of(store, node)
        guids = item.raw(_GUIDS, _MAX_NAMES * 16) or b""
        entries = item.raw(_ENTRIES, _MAX_NAMES * 8) or b""
        texts = item.raw(_TEXTS, _MAX_NAMES * 100) or b""
    except InputRefused:
        return found
    for number, where, place in _ENTRY.iter_unpack(entries[: len(entries) // 8 * 8]):
        set_at = ((where >> 1) - 3) * 16  # 1 and 2 are sets of MAPI itself
        if where & 1 or set_at < 0:
            continue
        name = _NAMED.get((int.from_bytes(guids[set_at : set_at + 4], "little"), number))
        if name is not None:
            found[0x8000 + place] = name
    posts = teams_items.fields(guids, entries, texts)
    found |= {n: _POST + field.replace("_", "-").title() for n, field in posts.items()}
    return found


def post_fields(names: dict[int, str]) -> dict[int, str]:
    """Give which number has which field of `ChatPost`."""
    return {
        number: name.removeprefix(_POST).replace("-", "_").lower()
        for number, name in names.items()
        if name.startswith(_POST)
    }


def value_of(item: Properties, number: int) -> str | None:
    """Give a text, or a time in UTC as ISO 8601; None when it is absent."""
    moment = item.time(number)
    return moment.isoformat() if moment is not None else item.text(number)


def fields_of(item: Properties, names: dict[int, str]) -> Iterator[tuple[str, str]]:
    """Give the fields that this item has, in the order of their numbers; times in UTC, ISO 8601."""
    for number in sorted(item.entries):
        name = names.get(number)
        if name is not None and (value := value_of(item, number)):
            yield f"X-Outlook-{name}", value
