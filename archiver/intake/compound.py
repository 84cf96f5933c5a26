"""Compound files (OLE2, [MS-CFB]): read the streams of any of them, and write one again.

Reading works on bytes in memory and goes as far as the bytes go: a chain that ends early, runs in a circle or
shares its sectors with others costs that stream, not the file. What was wrong is kept in `Compound.damage`.
Writing is ours and has no clock and no chance in it, because a derived file must come out bit-identical again
in ten years (DESIGN section 3, rule 1). Both work in memory and know nothing of mail.
"""

from __future__ import annotations

import sys
from array import array
from dataclasses import dataclass, field
from struct import Struct

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEADER = Struct("<8s16sHHHHH6xIIIIIIIII")
_ENTRY = Struct("<64sHBBIII16sIQQIQ")
MOST_ENTRIES = 500_000
_NONE = 0xFFFFFFFF
_END = 0xFFFFFFFE
_FAT = 0xFFFFFFFD
_DIFAT = 0xFFFFFFFC
_MINI = 64
_CUTOFF = 4096
_SECTOR = 512
_STORAGE, _STREAM, _ROOT = 1, 2, 5


class NotCompound(ValueError):
    """These bytes are no compound file, or its directory cannot be found at all."""


@dataclass(slots=True)
class Entry:
    """A storage (has `children`, by name in lower case) or a stream (`children` is None)."""

    name: str
    clsid: bytes = bytes(16)
    children: dict[str, Entry] | None = None
    start: int = _END
    size: int = 0
    data: bytes | None = None

    def child(self, name: str) -> Entry | None:
        """Give the child with this name (in lower case), if it is there."""
        return self.children.get(name) if self.children else None


@dataclass(slots=True)
class Compound:
    """An opened compound file. `damage` are words: keten, directory, afgekapt, dubbel."""

    raw: bytes
    sector: int
    fat: array[int]
    minifat: array[int]
    cutoff: int
    root: Entry
    damage: set[str] = field(default_factory=set)
    _mini: bytes | None = None
    _budget: int = 0

    def read(self, entry: Entry) -> bytes:
        """Give the bytes of a stream, as many as there are. A storage has none."""
        if entry.children is not None or entry.size == 0:
            return entry.data or b""
        if entry.data is None:
            small = entry.size < self.cutoff
            entry.data = self._small(entry) if small else self._chain(entry.start, entry.size)
            if len(entry.data) < entry.size:
                self.damage.add("afgekapt")
        return entry.data

    def _small(self, entry: Entry) -> bytes:
        if self._mini is None:
            self._mini = self._chain(self.root.start, self.root.size)
        return self._follow(self._mini, self.minifat, entry.start, entry.size, _MINI, 0)

    def _chain(self, start: int, size: int) -> bytes:
        return self._follow(self.raw, self.fat, start, size, self.sector, self.sector)

    def _follow(
        self, raw: bytes, table: array[int], start: int, size: int, sector: int, first: int
    ) -> bytes:
        """Follow a chain in runs of neighbouring sectors; never gives more than `size` bytes."""
        # Streams do not overlap, so together they are no larger than the file; a hostile file in
        # which a thousand streams share one chain stops here.
        self._budget += min(size, len(raw))
        if self._budget > 2 * len(self.raw) + 1_048_576:
            self.damage.add("dubbel")
            return b""
        pieces: list[bytes] = []
        count = len(table)
        # A chain with more sectors than there are goes round in a circle.
        need = min(-(-size // sector), len(raw) // sector + 1)
        while start < count and need > 0:
            end, after = start, table[start]
            need -= 1
            while after == end + 1 and need > 0 and after < count:
                end, after = after, table[after]
                need -= 1
            pieces.append(raw[start * sector + first : (end + 1) * sector + first])
            start = after
        if need > 0:
            self.damage.add("keten")
        return b"".join(pieces)[:size]


def open_compound(raw: bytes) -> Compound:
    """Read the tables and the directory. Raises `NotCompound` when there is nothing to be had."""
    if len(raw) < 512 or not raw.startswith(MAGIC):
        raise NotCompound("kop")
    (_, _, _, _, order, shift, _, _, fats, directory, _, cutoff, mini, _, difat, difats) = (
        _HEADER.unpack_from(raw)
    )
    if order != 0xFFFE or shift not in (9, 12):
        raise NotCompound("kop")
    sector = 1 << shift
    places = _numbers(raw[76:512])
    seen: set[int] = set()
    while difat < _DIFAT and difat not in seen and len(seen) <= difats:
        seen.add(difat)
        block = _numbers(raw[(difat + 1) * sector : (difat + 2) * sector])
        if len(block) < 2:
            break
        places.extend(block[:-1])
        difat = block[-1]
    most = len(raw) // sector + 1
    fat = array("I")
    for place in places[: min(fats, most)]:
        part = raw[(place + 1) * sector : (place + 2) * sector] if place < most else b""
        fat.extend(_numbers(part) or [_NONE] * (sector // 4))
    found = Compound(raw, sector, fat, array("I"), cutoff or _CUTOFF, Entry("", children={}))
    listing = found._chain(directory, len(raw))
    found.damage.discard("keten")
    found.root = _tree(listing, found.damage, wide=shift == 12)
    if mini < _DIFAT:
        found.minifat = _numbers(found._chain(mini, len(raw)))
        found.damage.discard("keten")
    found._budget = 0
    return found


def write_compound(root: Entry) -> bytes:
    """Write a storage as a compound file of its own (version 3); streams must have their `data`.

    The same tree gives the same bytes. Names longer than 31 UTF-16 units are cut.
    """
    entries = _ordered(root)
    small = [e for e in entries if e.data and len(e.data) < _CUTOFF]
    large = [e for e in entries if e.data and len(e.data) >= _CUTOFF]
    mini = b"".join(_padded(e.data or b"", _MINI) for e in small)
    minifat = array("I")
    starts: dict[int, int] = {}
    for entry in small:
        starts[id(entry)] = len(minifat)
        _extend(minifat, -(-len(entry.data or b"") // _MINI))
    per = _SECTOR // 4
    blocks = [-(-len(entries) // 4), -(-len(minifat) // per), -(-len(mini) // _SECTOR)]
    blocks += [-(-len(e.data or b"") // _SECTOR) for e in large]
    fats = difats = 0
    while True:
        need = -(-(sum(blocks) + fats + difats) // per)
        more = -(-max(need - 109, 0) // (per - 1))
        if (need, more) == (fats, difats):
            break
        fats, difats = need, more
    fat = array("I", [_DIFAT] * difats + [_FAT] * fats)
    first: list[int] = []
    for length in blocks:
        first.append(len(fat) if length else _END)
        _extend(fat, length)
    for entry, start in zip(large, first[3:], strict=True):
        starts[id(entry)] = start
    fat.extend([_NONE] * (fats * per - len(fat)))
    places = array("I", range(difats, difats + fats))
    head = array("I", places[:109])
    head.extend([_NONE] * (109 - len(head)))
    header = _HEADER.pack(
        *(MAGIC, bytes(16), 0x3E, 3, 0xFFFE, 9, 6, 0, fats, first[0], 0, _CUTOFF, first[1]),
        *(blocks[1], 0 if difats else _END, difats),
    )
    out = [header, _bytes(head)]
    for number in range(difats):
        block = places[109 + number * (per - 1) : 109 + (number + 1) * (per - 1)]
        block.extend([_NONE] * (per - 1 - len(block)))
        block.append(number + 1 if number + 1 < difats else _END)
        out.append(_bytes(block))
    out.append(_bytes(fat))
    out.append(_padded(_directory(entries, starts, first[2], len(mini)), _SECTOR))
    out.append(_padded(_bytes(minifat), _SECTOR, b"\xff"))
    out.append(_padded(mini, _SECTOR))
    out.extend(_padded(e.data or b"", _SECTOR) for e in large)
    return b"".join(out)


def _tree(listing: bytes, damage: set[str], *, wide: bool) -> Entry:
    """Build the tree of entries. Every entry is used once, so no circle and no copy can arise."""
    count = min(len(listing) // 128, MOST_ENTRIES)
    if count == 0:
        raise NotCompound("directory")
    used = bytearray(count)
    root, _, _, child = _entry(listing, 0, wide)
    if root.children is None:
        raise NotCompound("directory")
    used[0] = 1
    waiting = [(root, child)]
    while waiting:
        storage, number = waiting.pop()
        assert storage.children is not None
        siblings = [number]
        while siblings:
            number = siblings.pop()
            if number == _NONE:
                continue
            if number >= count or used[number]:
                damage.add("directory")
                continue
            used[number] = 1
            entry, left, right, below = _entry(listing, number, wide)
            siblings += (right, left)
            if not entry.name:
                damage.add("directory")
                continue
            storage.children[entry.name.lower()] = entry
            if entry.children is not None:
                waiting.append((entry, below))
    return root


def _entry(listing: bytes, number: int, wide: bool) -> tuple[Entry, int, int, int]:
    raw_name, length, kind, _, left, right, child, clsid, _, _, _, start, size = _ENTRY.unpack_from(
        listing, number * 128
    )
    name = raw_name[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
    if not wide:
        size &= 0xFFFFFFFF  # version 3 leaves the upper half undefined
    children: dict[str, Entry] | None = None if kind == _STREAM else {}
    if kind not in (_STORAGE, _STREAM, _ROOT):
        name = ""
    return Entry(name, clsid, children, start, size), left, right, child


def _ordered(root: Entry) -> list[Entry]:
    """Give root and everything below it, each storage before what it holds, siblings in order."""
    found, position = [root], 0
    while position < len(found):
        found.extend(_sorted(found[position]))
        position += 1
    return found


def _sorted(entry: Entry) -> list[Entry]:
    if not entry.children:
        return []
    return sorted(entry.children.values(), key=lambda e: (len(_name(e)), e.name.upper()))


def _directory(entries: list[Entry], starts: dict[int, int], mini: int, mini_size: int) -> bytes:
    number = {id(e): n for n, e in enumerate(entries)}
    left: dict[int, int] = {}
    right: dict[int, int] = {}
    top: dict[int, int] = {}
    for entry in entries:
        # A balanced tree with only black nodes: every reader follows it, none checks the colours.
        siblings = [number[id(e)] for e in _sorted(entry)]
        spans: list[tuple[int, int, dict[int, int], int]] = [
            (0, len(siblings), top, number[id(entry)])
        ]
        while spans:
            low, high, side, parent = spans.pop()
            if low >= high:
                continue
            middle = (low + high) // 2
            own = siblings[middle]
            side[parent] = own
            spans += ((low, middle, left, own), (middle + 1, high, right, own))
    out = []
    for n, entry in enumerate(entries):
        name = _name(entry) if n else "Root Entry".encode("utf-16-le")
        kind = _ROOT if n == 0 else _STREAM if entry.children is None else _STORAGE
        start, size = (mini, mini_size) if n == 0 else (starts.get(id(entry), _END), 0)
        if n and kind == _STREAM:
            size = len(entry.data or b"")
        elif n:
            start = 0
        out.append(
            _ENTRY.pack(
                *(name, len(name) + 2, kind, 1, left.get(n, _NONE), right.get(n, _NONE)),
                *(top.get(n, _NONE), entry.clsid, 0, 0, 0, start, size),
            )
        )
    spare = _ENTRY.pack(b"", 0, 0, 0, _NONE, _NONE, _NONE, bytes(16), 0, 0, 0, 0, 0)
    return b"".join(out) + spare * (-len(out) % 4)


def _name(entry: Entry) -> bytes:
    return entry.name.encode("utf-16-le", "replace")[:62]


def _extend(table: array[int], length: int) -> None:
    if length:
        table.extend(range(len(table) + 1, len(table) + length))
        table.append(_END)


def _padded(data: bytes, block: int, fill: bytes = b"\0") -> bytes:
    return data + fill * (-len(data) % block)


def _numbers(data: bytes) -> array[int]:
    numbers = array("I")
    numbers.frombytes(data[: len(data) // 4 * 4])
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def _bytes(numbers: array[int]) -> bytes:
    if sys.byteorder == "big":
        numbers = array("I", numbers)
        numbers.byteswap()
    return numbers.tobytes()
