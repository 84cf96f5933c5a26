"""Mailboxes of Outlook: .pst and .ost, read in pieces, item by item ([MS-PST]).

Every item gives a derived .eml that can be made again from the store at any time: `message_bytes`. The place
of an item is its node identifier ("pst:0x200024"), which stays the same as long as the file does. Items come
in the order of that identifier, which is about the order in which Outlook made them.
"""

from __future__ import annotations

import struct
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from archiver.errors import InputRefused
from archiver.findings import Finding, Severity
from archiver.intake import pst_values as v
from archiver.intake import teams_items
from archiver.intake.mime import read_message
from archiver.intake.protocol import Head, Limits, ParseContext
from archiver.intake.pst_heap import Heap, Properties
from archiver.intake.pst_item import derive
from archiver.intake.pst_store import (
    ASSOCIATED,
    FOLDER,
    MAGIC,
    MESSAGE,
    MESSAGE_STORE,
    ROOT_FOLDER,
    Node,
    Store,
)
from archiver.model import Record, Span, Unreadable

FORMAT = "pst"
SCHEME = "pst:"
_CONTENTS_TABLE = 0x0E
_MAX_FOLDERS = 100_000
_COUNT_REMAINS = (
    4 * 1024**3
)  # bytes; in a larger store the remains of deleted items are not counted


@dataclass(frozen=True, slots=True)
class Folders:
    """The folders of a store: path by node identifier, and which items they list."""

    paths: dict[int, str]
    listed: array[int]  # node identifiers, sorted

    def lists(self, nid: int) -> bool:
        """Tell whether any folder lists this item."""
        place = bisect_left(self.listed, nid)
        return place < len(self.listed) and self.listed[place] == nid


def score(head: Head) -> int:
    """Certain by the magic number and the kind of client: a store (SM), or an offline one (SO)."""
    if not head.data.startswith(MAGIC):
        return 0
    return 95 if head.data[8:10] in (b"SM", b"SO") else 60


def parse(path: Path, context: ParseContext) -> Iterator[Record]:
    """Read the store item by item; memory holds one item and a few thousand pages."""
    with path.open("rb", buffering=0) as stream:
        try:
            store = Store(stream)
        except InputRefused as refused:
            yield Unreadable((refused.as_finding(),))
            return
        folders = read_folders(store)
        whole = Span(0, store.size)
        for index, node in enumerate(store.nodes(frozenset({MESSAGE}))):
            if index < context.start.index:
                continue
            before = store.damage
            try:
                record = _record(store, node, folders, context.limits, index, whole)
            except InputRefused as refused:
                yield Unreadable((replace(refused.as_finding(), place=_place(node)),), index)
                continue
            if store.damage > before:
                broken = Finding("pst.controlegetal", {"n": store.damage - before})
                record = replace(record, findings=(*record.findings, broken))
            yield record


def folders(path: Path) -> Iterator[str]:
    """Give the folder of every item without reading the items. Raises `InputRefused`, OSError."""
    with path.open("rb", buffering=0) as stream:
        store = Store(stream)
        names = _folder_names(store)
        paths = {nid: _path(nid, names) for nid in names}
        for node in store.nodes(frozenset({MESSAGE})):
            yield paths.get(node.parent, "")


def message_bytes(path: Path, place: str) -> bytes:
    """Make the derived .eml of an item again. Raises `InputRefused` when it is not there."""
    with path.open("rb", buffering=0) as stream:
        store = Store(stream)
        try:
            nid = int(place.removeprefix(SCHEME), 16)
        except ValueError:
            nid = 0
        node = store.node(nid)
        if node is None:  # in a damaged tree it can stand where a search does not come
            node = next((n for n in store.nodes(frozenset({MESSAGE})) if n.nid == nid), None)
        if node is None:
            raise InputRefused("pst.geen_bericht", {"plaats": place})
        return derive(store, node, Limits()).mail.raw


def remarks(path: Path, context: ParseContext) -> tuple[Finding, ...]:
    """Say what holds for the whole store: password, repair, hidden items, remains of deleted items."""
    found: list[Finding] = []
    with path.open("rb", buffering=0) as stream:
        try:
            store = Store(stream)
        except InputRefused:
            return ()  # `parse` has said it
        if _has_password(store):
            found.append(Finding("pst.wachtwoord", severity=Severity.INFO))
        living: set[int] = set()
        hidden = 0
        for node in store.nodes(frozenset({MESSAGE, ASSOCIATED})):
            hidden += node.type == ASSOCIATED
            if node.type == MESSAGE:
                living.add(node.nid)
        if hidden:
            found.append(Finding("pst.verborgen_items", {"n": hidden}, severity=Severity.INFO))
        if store.rebuilt:
            found.append(Finding("pst.index_hersteld"))
        elif store.damage:
            found.append(Finding("pst.index_stuk", {"n": store.damage}))
        if store.size > _COUNT_REMAINS:
            found.append(Finding("pst.resten_niet_geteld", severity=Severity.INFO))
        elif remains := store.freed_messages(living):
            found.append(Finding("pst.resten", {"n": remains}, severity=Severity.INFO))
    return tuple(found)


def read_folders(store: Store) -> Folders:
    """Read the names of all folders and which items they list. What is broken is left out."""
    names = _folder_names(store)
    listed: array[int] = array("I")
    for nid in names:
        listed.extend(_listed_items(store, nid))
    paths = {nid: _path(nid, names) for nid in names}
    return Folders(paths, array("I", sorted(listed)))


def _folder_names(store: Store) -> dict[int, tuple[int, str]]:
    """Give the parent and name of every folder by node identifier."""
    names: dict[int, tuple[int, str]] = {}
    for node in store.nodes(frozenset({FOLDER})):
        if len(names) >= _MAX_FOLDERS:
            break
        try:
            name = Properties.of(store, node).text(v.DISPLAY_NAME) or ""
        except InputRefused:
            name = f"{node.nid:#x}"
        names[node.nid] = (node.parent, name)
    return names


def _record(
    store: Store, node: Node, folders: Folders, limits: Limits, index: int, whole: Span
) -> Record:
    item = derive(store, node, limits)
    message = read_message(
        item.mail.raw,
        format=FORMAT,
        index=index,
        span=whole,
        limits=limits,
        encoded=item.mail.encoded,
    )
    notes = [Finding("pst.afgeleid", severity=Severity.INFO), *item.findings]
    if item.post is None and not item.item_class.upper().startswith("IPM.NOTE"):
        notes.append(Finding("pst.soort", {"soort": item.item_class}, severity=Severity.INFO))
    folder = folders.paths.get(node.parent)
    notes += teams_items.findings_of(item.post, folder)
    if folder is None:
        notes.append(Finding("pst.wees"))
    elif not folders.lists(node.nid):
        notes.append(Finding("pst.niet_in_map", severity=Severity.INFO))
    return replace(
        message,
        folder=folder or None,
        place=_place(node),
        item_class=item.item_class or None,
        thread_index=item.thread_index,
        post=item.post,
        received=item.delivered.isoformat() if item.delivered else message.received,
        findings=(*message.findings, *notes),
    )


def _place(node: Node) -> str:
    return f"{SCHEME}{node.nid:#x}"


def _listed_items(store: Store, folder: int) -> Iterator[int]:
    try:
        table = store.node(folder & ~0x1F | _CONTENTS_TABLE)
        if table is None or table.data == 0:
            return
        heap = Heap(store, table)
        root = heap.value(heap.root)
        row = store.layout.row_number
        for raw in heap.leaves(int.from_bytes(root[10:14], "little"), 4, row):
            yield from (nid for (nid,) in struct.iter_unpack(f"<I{row}x", raw))
    except InputRefused:
        return


def _path(nid: int, names: dict[int, tuple[int, str]]) -> str:
    parts: list[str] = []
    seen: set[int] = set()
    while nid in names and nid != ROOT_FOLDER and nid not in seen and len(parts) < 100:
        seen.add(nid)
        parent, name = names[nid]
        parts.append(name)
        nid = parent
    return "/".join(reversed(parts))


def _has_password(store: Store) -> bool:
    try:
        node = store.node(MESSAGE_STORE)
        return node is not None and bool(Properties.of(store, node).integer(v.STORE_PASSWORD))
    except InputRefused:
        return False
