"""The lower layer of a .pst or .ost: pages, blocks and nodes ([MS-PST] section 2.2, NDB).

Read by seek, never mapped or loaded whole, so memory stays flat however large the store is. Three layouts
exist: ANSI (version 14, 15), Unicode (23) and Unicode with pages of 4 KiB and packed blocks (36 and up,
.ost of Outlook 2013 and later; the libpff format notes describe it). Every page and block carries a CRC:
what does not match is used all the same and counted, because half a message is worth more than none.
"""

from __future__ import annotations

import struct
import zlib
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from archiver.errors import InputRefused
from archiver.intake import pst_cipher

MAGIC = b"!BDN"
MESSAGE_STORE, ROOT_FOLDER = 0x21, 0x122
FOLDER, SEARCH_FOLDER, MESSAGE, ATTACHMENT, ASSOCIATED = 0x02, 0x03, 0x04, 0x05, 0x08
_BLOCKS, _NODES = 0x80, 0x81  # page types
_PAGES_KEPT = 2_048
_MAX_LEVELS = 12
_MAX_BLOCK = 65_536
_MAX_SUBNODES = 200_000


class Damaged(InputRefused):
    """A page, block or structure of the store that cannot be used; the rest of the store can."""

    def __init__(self, what: str, where: int) -> None:
        super().__init__("pst.stuk", {"wat": what, "plaats": f"{where:#x}"})


@dataclass(frozen=True, slots=True)
class Layout:
    """Sizes that differ between the three layouts; offsets are bytes in a page."""

    name: str
    page: int
    foot: int  # where the page trailer starts
    count: struct.Struct  # entries used and possible, size of one, level
    count_at: int
    branch: struct.Struct  # key, bid, offset
    block: struct.Struct  # bid, offset, size, references
    node: struct.Struct  # nid, data bid, subnode bid, parent nid
    sub_leaf: struct.Struct  # nid, data bid, subnode bid
    sub_branch: struct.Struct  # nid, bid
    sub_head: int
    bid: struct.Struct
    trailer: struct.Struct  # of a block
    trailer_crc: int  # which field of it is the CRC
    align: int
    heap_shift: int  # of the block number in a heap identifier
    row_index: int  # bytes of a row number in a table


_ANSI = Layout(
    "ANSI",
    512,
    500,
    struct.Struct("<BBBB"),
    496,
    struct.Struct("<III"),
    struct.Struct("<IIHH"),
    struct.Struct("<IIII"),
    struct.Struct("<III"),
    struct.Struct("<II"),
    4,
    struct.Struct("<I"),
    struct.Struct("<HHII"),
    3,
    64,
    16,
    2,
)
_UNICODE = Layout(
    "Unicode",
    512,
    496,
    struct.Struct("<BBBB"),
    488,
    struct.Struct("<QQQ"),
    struct.Struct("<QQHH4x"),
    struct.Struct("<Q" + "QQI4x"),
    struct.Struct("<QQQ"),
    struct.Struct("<QQ"),
    8,
    struct.Struct("<Q"),
    struct.Struct("<HHIQ"),
    2,
    64,
    16,
    4,
)
_LARGE = Layout(
    "Unicode 4K",
    4096,
    4072,
    struct.Struct("<HHBB"),
    4056,
    struct.Struct("<QQQ"),
    struct.Struct("<QQHH4x"),
    struct.Struct("<QQQI4x"),
    struct.Struct("<QQQ"),
    struct.Struct("<QQ"),
    8,
    struct.Struct("<Q"),
    struct.Struct("<HHIQHHI"),
    2,
    512,
    19,
    4,
)


@dataclass(frozen=True, slots=True)
class Node:
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
        self.layout = _ANSI if version < 20 else _UNICODE if version < 36 else _LARGE
        if self.layout is _ANSI:
            self.cipher = head[461]
            self._nodes_root, self._blocks_root = struct.unpack_from("<4xI4xI", head, 184)
        else:
            self.cipher = head[513]
            self._nodes_root, self._blocks_root = struct.unpack_from("<8xQ8xQ", head, 216)
        if self.cipher not in (pst_cipher.NONE, pst_cipher.PERMUTE, pst_cipher.CYCLIC):
            raise InputRefused("pst.versleuteld")
        self.damage = 0
        self._kept: OrderedDict[int, _Page] = OrderedDict()
        self._recovered: dict[int, tuple[int, ...]] | None = None
        self._scanned = False

    @property
    def rebuilt(self) -> bool:
        """True when a tree was broken and its leaves were found by looking through the whole file."""
        return self._scanned

    # --- nodes -----------------------------------------------------------------------------------

    def nodes(self, types: frozenset[int]) -> Iterator[Node]:
        """Give the nodes of these types in the order of their identifiers, page by page.

        A broken page is left out and counted; when the top of the tree is broken the whole file is
        searched for leaves.
        """
        try:
            self._page(self._nodes_root, _NODES)
        except Damaged:
            yield from self._nodes_by_search(types)
            return
        waiting: list[tuple[int, int]] = [(self._nodes_root, _MAX_LEVELS)]
        seen: set[int] = set()
        while waiting:
            offset, levels = waiting.pop()
            if offset in seen or levels == 0:
                self.damage += 1
                continue
            try:
                page = self._page(offset, _NODES)
            except Damaged:
                self.damage += 1
                continue
            if page.level == 0:
                yield from (Node(*e) for e in page.entries if e[0] & 0x1F in types)
            else:
                seen.add(offset)  # a leaf cannot lead back, so only branches are remembered
                waiting.extend((e[2], levels - 1) for e in reversed(page.entries))

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
        while waiting:
            one = next(waiting[-1], None)
            if one is None:
                waiting.pop()
            elif not one & 2:
                yield pst_cipher.decode(self._raw(one), self.cipher, one)
            elif len(waiting) > 3:
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
        if layout is _LARGE and trailer[5] not in (0, size):
            return _unpacked(data, bid)
        return data

    # --- trees -----------------------------------------------------------------------------------

    def _find(self, root: int, kind: int, key: int) -> tuple[int, ...] | None:
        if kind == _BLOCKS and self._recovered is not None:
            return self._recovered.get(key)
        offset = root
        try:
            for _ in range(_MAX_LEVELS):
                page = self._page(offset, kind)
                place = _last_not_above(page.keys, key)
                if place < 0:
                    return None
                entry = page.entries[place]
                if page.level == 0:
                    return entry if page.keys[place] == key else None
                offset = entry[2]
        except Damaged:
            if kind == _NODES:
                return next((e for e in self._search(kind) if e[0] & 0xFFFFFFFF == key), None)
            # The search keeps every block in memory; it is the last resort for a broken tree.
            self._recovered = {e[0] & ~1: e for e in self._search(kind)}
            return self._recovered.get(key)
        return None

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
        return _Page(level, tuple(e[0] & mask for e in entries), entries)

    def _page_sound(self, raw: bytes) -> bool:
        layout = self.layout
        at = layout.foot + (8 if layout is _ANSI else 4)
        return int.from_bytes(raw[at : at + 4], "little") == _crc(raw[: layout.foot])

    def _nodes_by_search(self, types: frozenset[int]) -> Iterator[Node]:
        newest = {e[0]: e for e in self._search(_NODES) if e[0] & 0x1F in types}
        yield from (Node(*newest[nid]) for nid in sorted(newest))

    def _search(self, kind: int) -> Iterator[tuple[int, ...]]:
        """Look through the whole file for leaf pages of a tree that are still sound."""
        self._scanned = True
        step = self.layout.page
        foot = self.layout.foot
        chunk = step * 16_384
        for start in range(0, self.size, chunk):
            data = self._at(start, chunk)
            marks = data[foot::step]
            place = marks.find(kind)
            while place >= 0:
                raw = data[place * step : (place + 1) * step]
                page = self._parsed(raw, kind)
                if page is not None and page.level == 0 and self._page_sound(raw):
                    yield from page.entries
                place = marks.find(kind, place + 1)

    def freed_messages(self, living: frozenset[int] | set[int]) -> int:
        """Count message nodes that only stand in pages the store no longer uses: remains of deletion."""
        found = (e[0] for e in self._search(_NODES) if e[0] & 0x1F == MESSAGE)
        self._scanned = False
        return len({nid for nid in islice(found, 10_000_000) if nid not in living})

    def _at(self, offset: int, size: int) -> bytes:
        if offset < 0 or offset >= self.size:
            return b""
        self._stream.seek(offset)
        return self._stream.read(size)


def _last_not_above(keys: tuple[int, ...], key: int) -> int:
    low, high = 0, len(keys)
    while low < high:
        middle = (low + high) // 2
        if keys[middle] <= key:
            low = middle + 1
        else:
            high = middle
    return low - 1


def _crc(data: bytes) -> int:
    """The CRC of [MS-PST] 5.3: CRC-32 that starts at zero and is not inverted at the end."""
    return zlib.crc32(data, 0xFFFFFFFF) ^ 0xFFFFFFFF


def _unpacked(data: bytes, bid: int) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, _MAX_BLOCK * 4)
    except zlib.error as error:
        raise Damaged("blok", bid) from error
