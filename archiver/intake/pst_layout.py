"""The three layouts of a .pst or .ost: sizes and positions that differ between them ([MS-PST], libpff notes)."""

from __future__ import annotations

import struct
from dataclasses import dataclass


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


ANSI = Layout(
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
UNICODE = Layout(
    "Unicode",
    512,
    496,
    struct.Struct("<BBBB"),
    488,
    struct.Struct("<QQQ"),
    struct.Struct("<QQHH4x"),
    struct.Struct("<QQQI4x"),
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
LARGE = Layout(
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


def layout_of(version: int) -> Layout:
    """Choose by the version in the header: 14 and 15, 23, or 36 and up."""
    return ANSI if version < 20 else UNICODE if version < 36 else LARGE
