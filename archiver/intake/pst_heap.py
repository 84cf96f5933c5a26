"""The middle layer of a .pst or .ost: properties and tables in a heap ([MS-PST] section 2.3, LTP)."""

from __future__ import annotations

import struct
from codecs import utf_16_le_decode
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta

from archiver.intake.pst_store import Damaged, Node, Store
from archiver.intake.pst_values import INLINE_SIZES, charset_of

_HEAP_SIGNATURE = 0xEC
_PROPERTIES, _TABLE, _TREE = 0xBC, 0x7C, 0xB5
_HEAP_BYTES = 64 * 1024 * 1024  # a heap holds small values; large ones have a subnode of their own
_MAX_ROWS = 200_000
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_PROPERTY = struct.Struct("<HHI")
_COLUMN = struct.Struct("<HHHBB")  # type, number, where in the row, size, bit that says it is there
_WORD = struct.Struct("<H")


class Heap:
    """The small values of one node; `subnodes` hold what is too large for it. Raises `Damaged`."""

    def __init__(self, store: Store, node: Node) -> None:
        self.store = store
        self.node = node
        self._blocks: list[bytes] = []
        size = 0
        for block in store.blocks(node.data):
            size += len(block)
            if size > _HEAP_BYTES:
                raise Damaged("heap", node.nid)
            self._blocks.append(block)
        first = self._blocks[0] if self._blocks else b""
        if len(first) < 12 or first[2] != _HEAP_SIGNATURE:
            raise Damaged("heap", node.nid)
        self._shift = store.layout.heap_shift
        self._bounds: list[tuple[int, ...]] = [()] * len(self._blocks)
        self.kind = first[3]
        self.root = int.from_bytes(first[4:8], "little")
        self._subnodes: dict[int, Node] | None = None

    @property
    def subnodes(self) -> dict[int, Node]:
        """The subnodes by identifier, read once."""
        if self._subnodes is None:
            self._subnodes = self.store.subnodes(self.node.sub)
        return self._subnodes

    def value(self, identifier: int) -> bytes:
        """Give the bytes of a heap identifier; zero gives nothing."""
        if identifier == 0:
            return b""
        number = identifier >> self._shift
        index = (identifier & (1 << self._shift) - 1) >> 5
        if identifier & 0x1F or number >= len(self._blocks) or index == 0:
            raise Damaged("heap", identifier)
        block = self._blocks[number]
        bounds = self._bounds[number] or self._read_bounds(number)
        if index >= len(bounds) or not bounds[index - 1] <= bounds[index] <= len(block):
            raise Damaged("heap", identifier)
        return block[bounds[index - 1] : bounds[index]]

    def _read_bounds(self, number: int) -> tuple[int, ...]:
        """Where the values of a block begin; the last bound is where they end."""
        block = self._blocks[number]
        try:
            table = _WORD.unpack_from(block)[0]
            used = _WORD.unpack_from(block, table)[0]
        except struct.error as error:
            raise Damaged("heap", self.node.nid) from error
        count = min(used + 1, (len(block) - table - 4) // 2)
        if count < 2:
            raise Damaged("heap", self.node.nid)
        self._bounds[number] = struct.unpack_from(f"<{count}H", block, table + 4)
        return self._bounds[number]

    def large_value(self, identifier: int, limit: int) -> bytes:
        """Give the bytes of a heap or subnode identifier, at most `limit` bytes."""
        if identifier & 0x1F == 0:
            return self.value(identifier)
        node = self.subnodes.get(identifier)
        if node is None:
            raise Damaged("subnode", identifier)
        return self.store.data(node.data, limit)

    def leaves(self, identifier: int, key: int, size: int) -> Iterator[bytes]:
        """Give the records of a tree in the heap, in order, many at a time.

        `key` and `size` are the bytes of a key and of a value; a tree with others is `Damaged`.
        """
        head = self.value(identifier)
        if len(head) < 8 or head[:3] != bytes((_TREE, key, size)) or head[3] > 8:
            raise Damaged("boom", identifier)
        waiting = [(int.from_bytes(head[4:8], "little"), head[3])]
        given = 0
        while waiting:
            where, level = waiting.pop()
            raw = self.value(where)
            step = key + (4 if level else size)
            count = len(raw) // step
            given += count
            if given > _MAX_ROWS:
                raise Damaged("boom", identifier)
            if level:
                ends = range(step, count * step + 1, step)
                inner = [int.from_bytes(raw[end - 4 : end], "little") for end in ends]
                waiting.extend((one, level - 1) for one in reversed(inner))
            else:
                yield raw[: count * step]


class Properties:
    """The properties of a folder, message, recipient or attachment, read when asked for.

    `entries` maps the property number to its type and to its value: inline, or a heap or subnode
    identifier. A value that is broken counts as absent and stands in `broken`.
    """

    def __init__(
        self, heap: Heap, entries: dict[int, tuple[int, int | bytes]], charset: str | None = None
    ) -> None:
        self.heap = heap
        self.entries = entries
        self.broken: set[int] = set()
        self.charset = charset or self._own_charset()

    def _own_charset(self) -> str:
        page = self.integer(0x3FFD) or self.integer(0x3FDE)
        return charset_of(page) or "cp1252"

    @classmethod
    def of(cls, store: Store, node: Node, charset: str | None = None) -> Properties:
        """Read the properties of a node. Raises `Damaged` when it has none that can be read.

        `charset` is of its 8-bit texts; without it the code page that the node itself names.
        """
        heap = Heap(store, node)
        if heap.kind != _PROPERTIES:
            raise Damaged("eigenschappen", node.nid)
        entries: dict[int, tuple[int, int | bytes]] = {}
        for raw in heap.leaves(heap.root, 2, 6):
            for number, form, where in _PROPERTY.iter_unpack(raw):
                entries[number] = (form, where)
        return cls(heap, entries, charset)

    def __contains__(self, number: int) -> bool:
        return number in self.entries

    def raw(self, number: int, limit: int = _HEAP_BYTES) -> bytes | None:
        """Give the bytes of a property; None when it is absent or broken."""
        entry = self.entries.get(number)
        if entry is None:
            return None
        form, value = entry
        if isinstance(value, bytes):
            return value
        inline = INLINE_SIZES.get(form)
        if inline is not None:
            return value.to_bytes(4, "little")[:inline]
        try:
            return self.heap.large_value(value, limit)
        except Damaged:
            self.broken.add(number)
            return None

    def text(self, number: int) -> str | None:
        """Give a text property without the NUL at its end; None when it is absent or no text."""
        entry = self.entries.get(number)
        if entry is None or entry[0] not in (0x1F, 0x1E) or (raw := self.raw(number)) is None:
            return None
        if entry[0] == 0x1F:
            return utf_16_le_decode(raw[: len(raw) // 2 * 2], "replace")[0].rstrip("\0")
        return raw.decode(self.charset, "replace").rstrip("\0")

    def integer(self, number: int) -> int | None:
        """Give a 16-, 32- or 64-bit number or a truth value."""
        entry = self.entries.get(number)
        if entry is None or entry[0] not in (0x02, 0x03, 0x0B, 0x14):
            return None
        raw = self.raw(number)
        return int.from_bytes(raw, "little") if raw else None

    def time(self, number: int) -> datetime | None:
        """Give a moment in UTC; None when it is absent or no date that exists."""
        entry = self.entries.get(number)
        if entry is None or entry[0] != 0x40:
            return None
        raw = self.raw(number)
        if raw is None or len(raw) < 8:
            return None
        ticks = int.from_bytes(raw[:8], "little")
        # Year 1601 and the year 4501 stand for "none" in Outlook.
        if not 0 < ticks < 0x0CB34557A3DD4000:
            return None
        return _EPOCH + timedelta(microseconds=ticks // 10)

    def object_node(self, number: int) -> Node | None:
        """Give the node of an object property: an attached message or an OLE object."""
        entry = self.entries.get(number)
        if entry is None or entry[0] != 0x0D or (raw := self.raw(number)) is None or len(raw) < 4:
            return None
        return self.heap.subnodes.get(int.from_bytes(raw[:4], "little"))


def table_rows(
    store: Store, node: Node, wanted: Collection[int], charset: str
) -> Iterator[Properties]:
    """Give the rows of a table, such as the recipients of a message, with the wanted properties.

    `charset` is of 8-bit texts. Raises `Damaged`.
    """
    heap = Heap(store, node)
    head = heap.value(heap.root)
    if heap.kind != _TABLE or len(head) < 22 or head[0] != _TABLE:
        raise Damaged("tabel", node.nid)
    columns = [
        column
        for column in _COLUMN.iter_unpack(head[22 : 22 + 8 * min(head[1], (len(head) - 22) // 8)])
        if column[1] in wanted
    ]
    width = int.from_bytes(head[8:10], "little")
    exists = int.from_bytes(head[6:8], "little")
    where = int.from_bytes(head[14:18], "little")
    if width == 0 or exists > width:
        raise Damaged("tabel", node.nid)
    given = 0
    for block in _row_blocks(heap, where):
        # A row never runs over the end of a block.
        for start in range(0, len(block) - width + 1, width):
            row = block[start : start + width]
            given += 1
            if given > _MAX_ROWS:
                raise Damaged("tabel", node.nid)
            yield Properties(heap, _cells(row, columns, exists), charset)


def _row_blocks(heap: Heap, where: int) -> Iterator[bytes]:
    if where & 0x1F == 0:
        yield heap.value(where)
    elif (rows := heap.subnodes.get(where)) is not None:
        yield from heap.store.blocks(rows.data)


def _cells(
    row: bytes, columns: list[tuple[int, ...]], exists: int
) -> dict[int, tuple[int, int | bytes]]:
    cells: dict[int, tuple[int, int | bytes]] = {}
    for form, number, offset, size, bit in columns:
        mark = exists + bit // 8
        if mark >= len(row) or not row[mark] & 0x80 >> bit % 8 or offset + size > len(row):
            continue
        raw = row[offset : offset + size]
        if form in INLINE_SIZES or size == 8:
            cells[number] = (form, raw)
        else:
            cells[number] = (form, int.from_bytes(raw, "little"))
    return cells
