"""Write an invented .pst: the three layouts, both cipherings, folders, items, attachments ([MS-PST]).

Only what a reader needs, libpff and readpst included: no allocation maps. Blocks are written to the stream
as they come, so a store of many gigabytes costs no memory but its two trees.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from archiver.intake import pst_cipher

INT, BOOL, OBJECT, TEXT, TIME, BINARY, ANSI_TEXT = 0x03, 0x0B, 0x0D, 0x1F, 0x40, 0x102, 0x1E
Props = Mapping[int, tuple[int, bytes | int]]
_EPOCH_TICKS = 116_444_736_000_000_000  # 1601 to 1970 in units of 100 ns


@dataclass(frozen=True)
class Form:
    """Sizes of a layout."""

    version: int
    page: int
    foot: int
    align: int
    trailer: int
    word: str  # of a bid or offset
    block: int  # bytes of data in one block


FORMS = {
    "ansi": Form(14, 512, 500, 64, 12, "I", 8180),
    "unicode": Form(23, 512, 496, 64, 16, "Q", 8176),
    "4k": Form(36, 4096, 4072, 512, 24, "Q", 65_512),
}


@dataclass(frozen=True)
class File:
    """An attachment by value, by reference (`path`), or an attached item (`item`)."""

    name: str
    data: bytes = b""
    media_type: str | None = None
    content_id: str | None = None
    path: str | None = None
    item: Mail | None = None
    ole: bool = False


@dataclass(frozen=True)
class Mail:
    """An item; `people` are (type, name, kind, address, smtp)."""

    subject: str = ""
    plain: str | None = None
    html: bytes | None = None
    headers: str | None = None
    sender: tuple[str, str, str] | None = None  # name, kind, address
    people: Sequence[tuple[int, str, str, str, str | None]] = ()
    sent: int | None = None  # seconds since 1970
    files: Sequence[File] = ()
    item_class: str = "IPM.Note"
    extra: Props = field(default_factory=dict)


def text(value: str) -> tuple[int, bytes]:
    return TEXT, value.encode("utf-16-le")


def moment(seconds: int) -> tuple[int, bytes]:
    return TIME, struct.pack("<Q", seconds * 10_000_000 + _EPOCH_TICKS)


class StoreMaker:
    """Write to `stream`; call `folder` and `add`, then `finish`."""

    def __init__(
        self, stream: BinaryIO, form: str = "unicode", cipher: int = 1, packed: bool = False
    ) -> None:
        self.stream, self.form, self.cipher, self.packed = stream, FORMS[form], cipher, packed
        self.blocks: list[tuple[int, int, int]] = []
        self.nodes: list[tuple[int, int, int, int]] = []
        self.contents: dict[int, list[int]] = {}
        self._bid = 4
        self._message = 0x10000
        self._at = 0x4400 if form != "4k" else 0x8000
        top = bytes(20) + struct.pack("<I", 0x122)  # where a reader of the folder tree begins
        self.node(0x21, {0x3001: text("Postvak"), 0x35E0: (BINARY, top)}, 0)
        self.node(0x122, {0x3001: text("")}, 0x122)

    # --- what a test asks ------------------------------------------------------------------------

    def folder(self, number: int, name: str, parent: int = 0x122) -> int:
        nid = number << 5 | 2
        self.node(nid, {0x3001: text(name), 0x3602: (INT, 0)}, parent)
        self.contents[nid] = []
        return nid

    def add(self, folder: int, mail: Mail, listed: bool = True) -> int:
        nid = self._message << 5 | 4
        self._message += 1
        data, sub = self._mail(mail)
        self.nodes.append((nid, data, sub, folder))
        if listed and folder in self.contents:
            self.contents[folder].append(nid)
        return nid

    def password(self, value: int) -> None:
        self.nodes = [n for n in self.nodes if n[0] != 0x21]
        self.node(0x21, {0x67FF: (INT, value)}, 0)

    def hidden(self, folder: int) -> None:
        nid = self._message << 5 | 8
        self._message += 1
        self.node(nid, {0x1A: text("IPM.Configuration")}, folder)

    def finish(self) -> None:
        folders = {n[0]: n[3] for n in self.nodes if n[0] & 0x1F == 2}
        for folder in folders:
            below = [nid for nid, parent in folders.items() if parent == folder != nid]
            for kind, items in ((0x0D, below), (0x0E, self.contents.get(folder, []))):
                data, sub = self._table([], [[]] * len(items), items)
                self.nodes.append((folder & ~0x1F | kind, data, sub, folder))
        word = self.form.word
        node_pages = self._tree(
            0x81, sorted(self.nodes), f"<{word}{word}{word}I" + ("4x" if word == "Q" else "")
        )
        rows = [(b, at, size, 2) for b, at, size in sorted(self.blocks)]
        block_pages = self._tree(0x80, rows, f"<{word}{word}HH" + ("4x" if word == "Q" else ""))
        self._header(node_pages, block_pages)

    # --- items -----------------------------------------------------------------------------------

    def _mail(self, mail: Mail) -> tuple[int, int]:
        props: dict[int, tuple[int, bytes | int]] = {0x1A: text(mail.item_class)}
        props[0x37] = text("\x01\x01" + mail.subject)
        if mail.plain is not None:
            props[0x1000] = text(mail.plain)
        if mail.html is not None:
            props[0x1013] = (BINARY, mail.html)
            props[0x3FDE] = (INT, 65001)
        if mail.headers is not None:
            props[0x7D] = text(mail.headers)
        if mail.sender is not None:
            props |= {n: text(t) for n, t in zip((0xC1A, 0xC1E, 0xC1F), mail.sender, strict=True)}
        if mail.sent is not None:
            props[0x39] = moment(mail.sent)
        props |= mail.extra
        subs: list[tuple[int, int, int]] = []
        if mail.people:
            columns = [(0xC15, INT), (0x3001, TEXT), (0x3002, TEXT), (0x3003, TEXT), (0x39FE, TEXT)]
            rows = [
                [n, *(None if t is None else text(t)[1] for t in texts)]
                for n, *texts in mail.people
            ]
            data, sub = self._table(columns, rows, list(range(len(rows))))
            subs.append((0x692, data, sub))
        for number, file in enumerate(mail.files, 1):
            data, sub = self._file(file)
            subs.append((number << 5 | 0x8005, data, sub))
        if files := [nid for nid, _, _ in subs if nid & 0x1F == 5]:
            data, sub = self._table([], [[]] * len(files), files)
            subs.append((0x671, data, sub))
        return self._properties(props, subs)

    def _file(self, file: File) -> tuple[int, int]:
        props: dict[int, tuple[int, bytes | int]] = {0x3707: text(file.name), 0x3705: (INT, 1)}
        subs: list[tuple[int, int, int]] = []
        if file.media_type:
            props[0x370E] = text(file.media_type)
        if file.content_id:
            props[0x3712] = text(file.content_id)
        if file.item is not None or file.ole:
            nid = 0x200004
            if file.item is not None:
                data, sub = self._mail(file.item)
            else:
                data, sub = self.data(file.data), 0
            subs.append((nid, data, sub))
            props[0x3705] = (INT, 5 if file.item is not None else 6)
            props[0x3701] = (OBJECT, struct.pack("<II", nid, len(file.data)))
        elif file.path is not None:
            props[0x3705] = (INT, 2)
            props[0x370D] = text(file.path)
        else:
            props[0x3701] = (BINARY, file.data)
        return self._properties(props, subs)

    # --- heaps -----------------------------------------------------------------------------------

    def node(self, nid: int, props: Props, parent: int) -> None:
        data, sub = self._properties(props, [])
        self.nodes.append((nid, data, sub, parent))

    def _properties(self, props: Props, subs: list[tuple[int, int, int]]) -> tuple[int, int]:
        heap = _Heap(self.form)
        root = heap.add(bytes(8))
        records = []
        for number, (kind, value) in sorted(props.items()):
            if isinstance(value, int):
                records.append(struct.pack("<HHI", number, kind, value))
            elif len(value) > 200:
                nid = len(subs) + 0x400 << 5 | 0x1F
                subs.append((nid, self.data(value), 0))
                records.append(struct.pack("<HHI", number, kind, nid))
            else:
                records.append(struct.pack("<HHI", number, kind, heap.add(value) if value else 0))
        heap.put(root, struct.pack("<BBBBI", 0xB5, 2, 6, 0, heap.add(b"".join(records))))
        return self._heap_data(heap, 0xBC), self._subnodes(subs)

    def _table(
        self, columns: list[tuple[int, int]], rows: list[list[bytes | int | None]], ids: list[int]
    ) -> tuple[int, int]:
        """Write a table; the first column of a row is its identifier, of a folder or item its node."""
        heap = _Heap(self.form)
        columns = [(0x67F2, INT), *columns]
        root, tree = heap.add(bytes(22 + 8 * len(columns))), heap.add(bytes(8))
        cell = 4
        exists = cell * len(columns)
        width = exists + 1
        written: list[bytes] = []
        for number, row in zip(ids, rows, strict=True):
            cells, marks = b"", 0
            for place, value in enumerate([number, *row]):
                if value is None:
                    cells += bytes(4)
                    continue
                marks |= 0x80 >> place
                word = value if isinstance(value, int) else heap.add(value)
                cells += struct.pack("<I", word)
            written.append(cells + bytes([marks]))
        matrix = b"".join(written)
        subs: list[tuple[int, int, int]] = []
        where = 0
        if len(matrix) > 3_000:
            where = 0x601 << 5 | 0x1F
            per_block = self.form.block // width * width
            pieces = [matrix[at : at + per_block] for at in range(0, len(matrix), per_block)]
            # A row never runs over the end of a block: all but the last are filled up.
            filled = [p.ljust(self.form.block, b"\0") for p in pieces[:-1]] + pieces[-1:]
            subs.append((where, self._joined([self._one(p) for p in filled], b"".join(filled)), 0))
        elif matrix:
            where = heap.add(matrix)
        self._index(heap, tree, sorted(ids))
        described = b"".join(
            struct.pack("<HHHBB", kind, number, cell * place, cell, place)
            for place, (number, kind) in enumerate(columns)
        )
        sizes = (exists, exists, exists, width)
        info = struct.pack("<BBHHHHIII", 0x7C, len(columns), *sizes, tree, where, 0)
        heap.put(root, info + described)
        return self._heap_data(heap, 0x7C), self._subnodes(subs)

    def _index(self, heap: _Heap, tree: int, ids: list[int]) -> None:
        entry = struct.Struct("<II" if self.form.word == "Q" else "<IH")
        rows = [(nid, entry.pack(nid, n & 0xFFFF)) for n, nid in enumerate(ids)]
        level = 0
        while len(rows) > 400:
            groups = [rows[at : at + 400] for at in range(0, len(rows), 400)]
            rows = []
            for group in groups:
                where = heap.add(b"".join(raw for _, raw in group))
                rows.append((group[0][0], struct.pack("<II", group[0][0], where)))
            level += 1
        where = heap.add(b"".join(raw for _, raw in rows)) if rows else 0
        heap.put(tree, struct.pack("<BBBBI", 0xB5, 4, entry.size - 4, level, where))

    def _heap_data(self, heap: _Heap, client: int) -> int:
        blocks = heap.blocks(client)
        return self._joined([self._one(block) for block in blocks], b"".join(blocks))

    def _subnodes(self, subs: list[tuple[int, int, int]]) -> int:
        if not subs:
            return 0
        word = self.form.word
        pad = b"\0\0\0\0" if word == "Q" else b""
        raw = struct.pack("<BBH", 2, 0, len(subs)) + pad
        raw += b"".join(struct.pack(f"<3{word}", *entry) for entry in sorted(subs))
        return self._one(raw, internal=True)

    # --- blocks and pages ------------------------------------------------------------------------

    def data(self, value: bytes) -> int:
        """Write data in as many blocks as it needs; give its bid."""
        size = self.form.block
        if len(value) <= size:
            return self._one(value)
        return self._joined(
            [self._one(value[at : at + size]) for at in range(0, len(value), size)], value
        )

    def _joined(self, bids: list[int], value: bytes) -> int:
        word = self.form.word
        most = 1_000
        if len(bids) == 1:
            return bids[0]
        groups = [bids[at : at + most] for at in range(0, len(bids), most)]
        level = 1
        while True:
            made = [
                self._one(
                    struct.pack("<BBHI", 1, level, len(g), len(value) & 0xFFFFFFFF)
                    + struct.pack(f"<{len(g)}{word}", *g),
                    internal=True,
                )
                for g in groups
            ]
            if len(made) == 1:
                return made[0]
            groups, level = [made], level + 1

    def _one(self, plain: bytes, internal: bool = False) -> int:
        bid = self._bid | (2 if internal else 0)
        self._bid += 4
        raw = plain
        whole_size = len(plain)
        if self.packed and not internal and self.form.version >= 36:
            raw = zlib.compress(plain)
        elif not internal:
            raw = pst_cipher.encode(plain, self.cipher, bid)
        form = self.form
        size = -(-(len(raw) + form.trailer) // form.align) * form.align
        crc = zlib.crc32(raw, 0xFFFFFFFF) ^ 0xFFFFFFFF
        if form.version < 20:
            trailer = struct.pack("<HHII", len(raw), 0, bid, crc)
        elif form.version < 36:
            trailer = struct.pack("<HHIQ", len(raw), 0, crc, bid)
        else:
            trailer = struct.pack("<HHIQHHI", len(raw), 0, crc, bid, 2, whole_size & 0xFFFF, 0)
        self.stream.seek(self._at)
        self.stream.write(raw + bytes(size - len(raw) - len(trailer)) + trailer)
        self.blocks.append((bid, self._at, len(raw)))
        self._at += size
        return bid

    def _tree(self, kind: int, rows: list[tuple[int, ...]], leaf: str) -> tuple[int, int]:
        self._at = -(-self._at // self.form.page) * self.form.page
        level, form = 0, struct.Struct(leaf)
        entries = rows
        branch = struct.Struct(f"<3{self.form.word}")
        while True:
            room = self.form.foot - (40 - 16 if self.form.page == 4096 else 8)
            if self.form.version < 20:
                room = self.form.foot - 4
            most = min(room // form.size, 255)
            pages = []
            for at in range(0, max(len(entries), 1), most):
                some = entries[at : at + most]
                bid = self._bid
                self._bid += 4
                pages.append((some[0][0] if some else 0, bid, self._at))
                self._page(kind, level, form, some, most, bid)
            if len(pages) == 1:
                return pages[0][1], pages[0][2]
            level, form, entries = level + 1, branch, pages

    def _page(
        self,
        kind: int,
        level: int,
        form: struct.Struct,
        rows: Sequence[tuple[int, ...]],
        most: int,
        bid: int,
    ) -> None:
        body = b"".join(form.pack(*row) for row in rows)
        layout = self.form
        if layout.page == 4096:
            body = body.ljust(4056, b"\0") + struct.pack("<HHBB", len(rows), most, form.size, level)
        else:
            at = 496 if layout.version < 20 else 488
            body = body.ljust(at, b"\0") + struct.pack("<BBBB", len(rows), most, form.size, level)
        body = body.ljust(layout.foot, b"\0")
        crc = zlib.crc32(body, 0xFFFFFFFF) ^ 0xFFFFFFFF
        if layout.version < 20:
            body += struct.pack("<BBHII", kind, kind, 0, bid, crc)
        else:
            body += struct.pack("<BBHIQ", kind, kind, 0, crc, bid)
        self.stream.seek(self._at)
        self.stream.write(body.ljust(layout.page, b"\0"))
        self._at += layout.page

    def _header(self, nodes: tuple[int, int], blocks: tuple[int, int]) -> None:
        form = self.form
        head = bytearray(564)
        head[0:4] = b"!BDN"
        head[8:10] = b"SM"
        struct.pack_into("<HHBB", head, 10, form.version, 19, 1, 1)
        if form.version < 20:
            struct.pack_into("<II", head, 24, self._bid, self._bid)
            struct.pack_into("<I", head, 164 + 4, self._at)
            struct.pack_into("<IIII", head, 184, *nodes, *blocks)
            head[460], head[461] = 0x80, self.cipher
        else:
            struct.pack_into("<Q", head, 180 + 4, self._at)
            struct.pack_into("<QQQQ", head, 216, *nodes, *blocks)
            head[512], head[513] = 0x80, self.cipher
        crc = zlib.crc32(bytes(head[8 : 8 + 471]), 0xFFFFFFFF) ^ 0xFFFFFFFF
        struct.pack_into("<I", head, 4, crc)
        if form.version >= 20:
            crc = zlib.crc32(bytes(head[8 : 8 + 516]), 0xFFFFFFFF) ^ 0xFFFFFFFF
            struct.pack_into("<I", head, 524, crc)
        self.stream.seek(0)
        self.stream.write(bytes(head))


class _Heap:
    """Values in blocks; an identifier is the number of the block and the number in it."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._blocks: list[list[bytes]] = [[]]
        self._free = form.block - 100

    def add(self, value: bytes) -> int:
        if self._free < len(value) + 2:
            self._blocks.append([])
            self._free = self._form.block - 200
        self._free -= len(value) + 2
        self._blocks[-1].append(value)
        shift = 19 if self._form.version >= 36 else 16
        return (len(self._blocks) - 1) << shift | len(self._blocks[-1]) << 5

    def put(self, identifier: int, value: bytes) -> None:
        """Fill in a value of the first block whose place was kept."""
        assert len(self._blocks[0][(identifier >> 5) - 1]) == len(value)
        self._blocks[0][(identifier >> 5) - 1] = value

    def blocks(self, client: int) -> list[bytes]:
        found = []
        for number, values in enumerate(self._blocks):
            head = 12 if number == 0 else 66 if number >= 8 and number % 128 == 8 else 2
            offsets, at = [head], head
            for value in values:
                at += len(value)
                offsets.append(at)
            page = struct.pack("<HH", len(values), 0) + struct.pack(f"<{len(offsets)}H", *offsets)
            last = number == len(self._blocks) - 1
            table = at + at % 2 if last else (self._form.block - len(page)) // 2 * 2
            raw = struct.pack("<H", table)
            if number == 0:
                raw += struct.pack("<BBII", 0xEC, client, 0x20, 0)
            raw = (raw.ljust(head, b"\0") + b"".join(values)).ljust(table, b"\0") + page
            found.append(raw if last else raw.ljust(self._form.block, b"\0"))
        return found
