"""The lower layer of a .pst or .ost: pages, blocks and nodes ([MS-PST] section 2.2, NDB).

Read by seek, never mapped or loaded whole, so memory stays flat however large the store is. Three layouts
exist: ANSI (version 14, 15), Unicode (23) and Unicode with pages of 4 KiB and packed blocks (36 and up,
.ost of Outlook 2013 and later; the libpff format notes describe it). Every page and block carries a CRC:
what does not match is used all the same and counted, because half a message is worth more than none.
"""

from __future__ import annotations

import struct
import zlib
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import BinaryIO, NamedTuple

from archiver.errors import InputRefused
from archiver.intake import pst_cipher
from archiver.intake.pst_layout import ANSI, LARGE, layout_of

MAGIC = b"!BDN"
MESSAGE_STORE, ROOT_FOLDER = 0x21, 0x122
FOLDER, SEARCH_FOLDER, MESSAGE, ATTACHMENT, ASSOCIATED = 0x02, 0x03, 0x04, 0x05, 0x08
_BLOCKS, _NODES = 0x80, 0x81  # page types
_PAGES_KEPT = 1_024
_MAX_LEVELS = 12
_MAX_MISPLACED = 10_000  # nodes in the wrong page that are kept until the rest was given
_MAX_BLOCK = 65_536
_MAX_SUBNODES = 200_000
_FEW_BLOCKS, _SMALL_BLOCK = 256, 512


class Damaged(InputRefused):
    """A page, block or structure of the store that cannot be used; the rest of the store can."""

    def __init__(self, what: str, where: int) -> None:
        super().__init__("pst.stuk", {"wat": what, "plaats": f"{where:#x}"})


class Node(NamedTuple):
    """An entry of the node tree or of a subnode tree: the data of one folder, message or attachment."""

    nid: int
    data: int
    sub: int
    parent: int = 0

    @property
    def type(self) -> int:
        """FOLDER, MESSAGE, ATTACHMENT and so on."""
        return self.nid & 0x1F


@dataclass(frozen=True, slots=True)
class _Page:
    level: int
    keys: tuple[int, ...]
    entries: tuple[tuple[int, ...], ...]


class Store:
    """An opened store. `damage` counts the pages and blocks that do not match their checksum.

    Raises `InputRefused` (pst.geen_postvak, pst.versleuteld) when the file is no store or cannot be read
    by anyone without a key.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.size = stream.seek(0, 2)
        head = self._at(0, 564)
        if not head.startswith(MAGIC) or len(head) < 514:
            raise InputRefused("pst.geen_postvak")
        version = int.from_bytes(head[10:12], "little")
        self.layout = layout_of(version)
        if self.layout is ANSI:
            self.cipher = head[461]
            self._nodes_root, self._blocks_root = struct.unpack_from("<4xI4xI", head, 184)
        else:
            self.cipher = head[513]
            self._nodes_root, self._blocks_root = struct.unpack_from("<8xQ8xQ", head, 216)
        if self.cipher not in (pst_cipher.NONE, pst_cipher.PERMUTE, pst_cipher.CYCLIC):
            raise InputRefused("pst.versleuteld")
        self.damage = 0
        self.field_names: dict[int, str] | None = None  # kept by `pst_fields.names_of`
        self._kept: OrderedDict[int, _Page] = OrderedDict()
        self._recovered: dict[int, dict[int, tuple[int, ...]]] = {}
        self._leaves: dict[int, _Page] = {}  # the leaf page looked in last, of each tree
        self._scanned = False

    @property
    def rebuilt(self) -> bool:
        """True when a tree was broken and its leaves were found by looking through the whole file."""
        return self._scanned

    # --- nodes -----------------------------------------------------------------------------------

    def nodes(self, types: frozenset[int]) -> Iterator[Node]:
        """Give the nodes of these types in the order of their identifiers, page by page.

        What stands below a broken page is searched for in the whole file and comes last; before it what
        stands in a page where it does not belong, so that `node` finds the same entry.
        """
        waiting = [(self._nodes_root, _MAX_LEVELS, 0, 1 << 32)]
        seen: set[int] = set()
        given = _Given()
        lost: list[tuple[int, int]] = []
        misplaced: list[Node] = []
        while waiting:
            offset, levels, low, high = waiting.pop()
            try:
                page = self._page(offset, _NODES)
            except Damaged:
                self.damage += 1
                lost.append((low, high))
                continue
            if page.level == 0:
                for entry in page.entries:
                    if entry[0] & 0x1F not in types:
                        continue
                    if not low <= entry[0] < high and len(misplaced) < _MAX_MISPLACED:
                        misplaced.append(Node(*entry))
                    elif given.is_new(entry[0]):
                        yield Node(*entry)
            elif levels == 0 or offset in seen:
                self.damage += 1
            else:
                seen.add(offset)  # a leaf cannot lead back, so only branches are remembered
                ends = (*page.keys[1:], high)
                below = zip(page.entries, page.keys, ends, strict=True)
                waiting += reversed([(e[2], levels - 1, start, end) for e, start, end in below])
        yield from (node for node in misplaced if given.is_new(node.nid))
        if lost:
            found = self._newest(_NODES, lambda nid: nid & 0x1F in types and _inside(nid, lost))
            yield from (Node(*found[nid]) for nid in sorted(found) if given.is_new(nid))

    def node(self, nid: int) -> Node | None:
        """Find one node; None when the store has no such node. Raises `Damaged`."""
        entry = self._find(self._nodes_root, _NODES, nid)
        return Node(*entry) if entry is not None else None

    def subnodes(self, sub: int) -> dict[int, Node]:
        """Give the subnodes of a node by identifier. Raises `Damaged`."""
        found: dict[int, Node] = {}
        if sub == 0:
            return found
        layout = self.layout
        waiting = [(sub, 3)]
        while waiting:
            bid, levels = waiting.pop()
            raw = self._raw(bid)
            if len(raw) < 4 or raw[0] != 2 or levels == 0:
                raise Damaged("subnode", bid)
            count = int.from_bytes(raw[2:4], "little")
            form = layout.sub_branch if raw[1] else layout.sub_leaf
            whole = raw[layout.sub_head : layout.sub_head + count * form.size]
            whole = whole[: len(whole) // form.size * form.size]
            for entry in form.iter_unpack(whole):
                if raw[1]:
                    waiting.append((entry[1], levels - 1))
                else:
                    nid = entry[0] & 0xFFFFFFFF
                    found[nid] = Node(nid, entry[1], entry[2])
            if len(found) > _MAX_SUBNODES or len(waiting) > _MAX_SUBNODES:
                raise Damaged("subnode", bid)
        return found

    # --- data ------------------------------------------------------------------------------------

    def blocks(self, bid: int) -> Iterator[bytes]:
        """Give the plain data of a node, block by block. Raises `Damaged` where a block is missing."""
        if bid == 0:
            return
        if not bid & 2:
            yield pst_cipher.decode(self._raw(bid), self.cipher, bid)
            return
        waiting = [iter((bid,))]
        given = size = 0
        while waiting:
            one = next(waiting[-1], None)
            if one is None:
                waiting.pop()
            elif not one & 2:
                raw = self._raw(one)
                given += 1
                size += len(raw)
                if given > _FEW_BLOCKS and size < given * _SMALL_BLOCK:
                    # Real lists have full blocks; a list of crumbs is made to keep us busy.
                    raise Damaged("xblock", one)
                yield pst_cipher.decode(raw, self.cipher, one)
            elif len(waiting) > 2:
                raise Damaged("xblock", one)
            else:
                raw = self._raw(one)
                if len(raw) < 8 or raw[0] != 1 or raw[1] not in (1, 2):
                    raise Damaged("xblock", one)
                form = self.layout.bid
                count = min(int.from_bytes(raw[2:4], "little"), (len(raw) - 8) // form.size)
                inner = form.iter_unpack(raw[8 : 8 + count * form.size])
                waiting.append(iter([entry[0] for entry in inner]))

    def data(self, bid: int, limit: int) -> bytes:
        """Give all data of a node. Raises `Damaged`, also when it is more than `limit` bytes."""
        pieces: list[bytes] = []
        size = 0
        for piece in self.blocks(bid):
            size += len(piece)
            if size > limit:
                raise InputRefused("pst.deel_te_groot", {"grens": f"{limit // 1_000_000} MB"})
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _raw(self, bid: int) -> bytes:
        entry = self._find(self._blocks_root, _BLOCKS, bid & ~1)
        if entry is None:
            raise Damaged("blok", bid)
        _, offset, size, _ = entry
        layout = self.layout
        whole = -(-(size + layout.trailer.size) // layout.align) * layout.align
        if whole > 2 * _MAX_BLOCK:
            raise Damaged("blok", bid)
        raw = self._at(offset, whole)
        if len(raw) < size:
            raise Damaged("blok", bid)
        data = raw[:size]
        if len(raw) < whole:
            self.damage += 1
            return data
        trailer = layout.trailer.unpack_from(raw, whole - layout.trailer.size)
        if trailer[layout.trailer_crc] != _crc(data):
            self.damage += 1
        if layout is LARGE and trailer[5] not in (0, size):
            return _unpacked(data, bid)
        return data

    # --- trees -----------------------------------------------------------------------------------

    def _find(self, root: int, kind: int, key: int) -> tuple[int, ...] | None:
        leaf = self._leaves.get(kind)
        if leaf is not None and leaf.keys and leaf.keys[0] <= key <= leaf.keys[-1]:
            # Blocks of one item were mostly written one after the other.
            place = bisect_right(leaf.keys, key) - 1
            return leaf.entries[place] if leaf.keys[place] == key else None
        offset = root
        try:
            for _ in range(_MAX_LEVELS):
                page = self._page(offset, kind)
                place = bisect_right(page.keys, key) - 1
                if place < 0:
                    return None
                entry = page.entries[place]
                if page.level == 0:
                    self._leaves[kind] = page
                    return entry if page.keys[place] == key else None
                offset = entry[2]
        except Damaged:
            return self._find_by_search(kind, key)
        return None

    def _find_by_search(self, kind: int, key: int) -> tuple[int, ...] | None:
        """The last resort for a broken tree; what it finds stays in memory, items excepted."""
        if kind == _NODES and key & 0x1F in (MESSAGE, ASSOCIATED):
            return self._newest(_NODES, lambda nid: nid == key).get(key)
        kept = self._recovered.get(kind)
        if kept is None:
            keep_all = kind == _BLOCKS
            kept = self._newest(
                kind, lambda found: keep_all or found & 0x1F not in (MESSAGE, ASSOCIATED)
            )
            self._recovered[kind] = kept
        return kept.get(key)

    def _page(self, offset: int, kind: int) -> _Page:
        kept = self._kept.get(offset)
        if kept is not None:
            self._kept.move_to_end(offset)
            return kept
        raw = self._at(offset, self.layout.page)
        page = self._parsed(raw, kind)
        if page is None:
            raise Damaged("pagina", offset)
        if not self._page_sound(raw):
            self.damage += 1
        self._kept[offset] = page
        if len(self._kept) > _PAGES_KEPT:
            self._kept.popitem(last=False)
        return page

    def _parsed(self, raw: bytes, kind: int) -> _Page | None:
        layout = self.layout
        if len(raw) < layout.page or raw[layout.foot] != kind or raw[layout.foot + 1] != kind:
            return None
        count, _, size, level = layout.count.unpack_from(raw, layout.count_at)
        leaf = layout.block if kind == _BLOCKS else layout.node
        form = leaf if level == 0 else layout.branch
        if size != form.size or count * size > layout.count_at or level > _MAX_LEVELS:
            return None
        entries = tuple(form.iter_unpack(raw[: count * size]))
        mask = ~1 if kind == _BLOCKS else 0xFFFFFFFF
        if kind == _NODES and level == 0:
            entries = tuple((e[0] & mask, *e[1:]) for e in entries)
        keys = tuple(e[0] & mask for e in entries)
        if any(a >= b for a, b in pairwise(keys)):
            # Only damage does this. In order again, so that a search finds what a walk gives first.
            entries = tuple(sorted(entries, key=lambda e: e[0] & mask))
            if level == 0:
                entries = tuple({e[0] & mask: e for e in reversed(entries)}.values())[::-1]
            keys = tuple(e[0] & mask for e in entries)
        return _Page(level, keys, entries)

    def _page_sound(self, raw: bytes) -> bool:
        layout = self.layout
        at = layout.foot + (8 if layout is ANSI else 4)
        return int.from_bytes(raw[at : at + 4], "little") == _crc(raw[: layout.foot])

    def _newest(self, kind: int, wanted: Callable[[int], bool]) -> dict[int, tuple[int, ...]]:
        """Give the wanted leaf entries in the whole file by key; of two the one in the newest page."""
        self._scanned = True
        mask = ~1 if kind == _BLOCKS else 0xFFFFFFFF
        found: dict[int, tuple[int, tuple[int, ...]]] = {}
        for age, entry in self._search(kind):
            key = entry[0] & mask
            if wanted(key) and (key not in found or found[key][0] <= age):
                found[key] = (age, entry)
        return {key: entry for key, (_, entry) in found.items()}

    def _search(self, kind: int) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Look through the file for sound leaf pages of a tree; give (identifier of the page, entry)."""
        layout = self.layout
        step, foot = layout.page, layout.foot
        at, size = (foot + 4, 4) if layout is ANSI else (foot + 8, 8)
        chunk = step * 16_384
        for start in range(0, self.size, chunk):
            data = self._at(start, chunk)
            marks = data[foot::step]
            place = marks.find(kind)
            while place >= 0:
                raw = data[place * step : (place + 1) * step]
                page = self._parsed(raw, kind)
                if page is not None and page.level == 0 and self._page_sound(raw):
                    age = int.from_bytes(raw[at : at + size], "little")
                    yield from ((age, entry) for entry in page.entries)
                place = marks.find(kind, place + 1)

    def freed_messages(self, living: set[int]) -> int:
        """Count message nodes that only stand in pages the store no longer uses: remains of deletion."""
        found = (entry[0] for _, entry in self._search(_NODES) if entry[0] & 0x1F == MESSAGE)
        return len({nid for nid in islice(found, 10_000_000) if nid not in living})

    def _at(self, offset: int, size: int) -> bytes:
        if offset < 0 or offset >= self.size:
            return b""
        self._stream.seek(offset)
        return self._stream.read(size)


class _Given:
    """Which nodes were given: a tree that points at one leaf twice must not give its items twice."""

    def __init__(self) -> None:
        self._marks: dict[int, bytearray] = {}  # a bit for each identifier, apart for each type

    def is_new(self, nid: int) -> bool:
        marks = self._marks.setdefault(nid & 0x1F, bytearray())
        place, bit = nid >> 8, 1 << (nid >> 5 & 7)
        if place >= len(marks):
            marks.extend(bytes(place + 1 - len(marks)))
        if marks[place] & bit:
            return False
        marks[place] |= bit
        return True


def _inside(key: int, ranges: list[tuple[int, int]]) -> bool:
    return any(low <= key < high for low, high in ranges)


def _crc(data: bytes) -> int:
    """The CRC of [MS-PST] 5.3: CRC-32 that starts at zero and is not inverted at the end."""
    return zlib.crc32(data, 0xFFFFFFFF) ^ 0xFFFFFFFF


def _unpacked(data: bytes, bid: int) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, _MAX_BLOCK * 4)
    except zlib.error as error:
        raise Damaged("blok", bid) from error
