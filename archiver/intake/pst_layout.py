"""The three layouts of a .pst or .ost: what differs between them ([MS-PST]; libpff notes for the third)."""

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
    row_number: int  # bytes of a row number in the index of a table


ANSI = Layout(
    name="ANSI",
    page=512,
    foot=500,
    count=struct.Struct("<BBBB"),
    count_at=496,
    branch=struct.Struct("<III"),
    block=struct.Struct("<IIHH"),
    node=struct.Struct("<IIII"),
    sub_leaf=struct.Struct("<III"),
    sub_branch=struct.Struct("<II"),
    sub_head=4,
    bid=struct.Struct("<I"),
    trailer=struct.Struct("<HHII"),
    trailer_crc=3,
    align=64,
    heap_shift=16,
    row_number=2,
)
UNICODE = Layout(
    name="Unicode",
    page=512,
    foot=496,
    count=struct.Struct("<BBBB"),
    count_at=488,
    branch=struct.Struct("<QQQ"),
    block=struct.Struct("<QQHH4x"),
    node=struct.Struct("<QQQI4x"),
    sub_leaf=struct.Struct("<QQQ"),
    sub_branch=struct.Struct("<QQ"),
    sub_head=8,
    bid=struct.Struct("<Q"),
    trailer=struct.Struct("<HHIQ"),
    trailer_crc=2,
    align=64,
    heap_shift=16,
    row_number=4,
)
LARGE = Layout(
    name="Unicode 4K",
    page=4096,
    foot=4072,
    count=struct.Struct("<HHBB"),
    count_at=4056,
    branch=struct.Struct("<QQQ"),
    block=struct.Struct("<QQHH4x"),
    node=struct.Struct("<QQQI4x"),
    sub_leaf=struct.Struct("<QQQ"),
    sub_branch=struct.Struct("<QQ"),
    sub_head=8,
    bid=struct.Struct("<Q"),
    trailer=struct.Struct("<HHIQHHI"),
    trailer_crc=2,
    align=512,
    heap_shift=19,
    row_number=4,
)


def layout_of(version: int) -> Layout:
    """Choose by the version in the header: 14 and 15, 23, or 36 and up."""
    return ANSI if version < 20 else UNICODE if version < 36 else LARGE
