"""Invented Outlook items and TNEF files, built from properties: no file of another program is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from struct import pack

from archiver.intake.compound import Entry, write_compound

Value = str | bytes | int | bool | datetime
IPM_NOTE = {0x001A: "IPM.Note"}
_TOP, _INNER, _ROW = 32, 24, 8


def item(
    properties: Mapping[int, Value],
    recipients: Sequence[Mapping[int, Value]] = (),
    attachments: Sequence[Entry] = (),
    *,
    header: int = _INNER,
    codec: str | None = None,
) -> Entry:
    """Make the storage of an item; `codec` writes its text as type 001E. `attached` makes attachments."""
    entry = _storage("", properties, header, codec)
    assert entry.children is not None
    for number, row in enumerate(recipients):
        _add(entry, _storage(f"__recip_version1.0_#{number:08X}", row, _ROW, codec))
    for number, made in enumerate(attachments):
        made.name = f"__attach_version1.0_#{number:08X}"
        _add(entry, made)
    return entry


def attached(
    properties: Mapping[int, Value], *, inside: Entry | None = None, codec: str | None = None
) -> Entry:
    """Make an attachment; `inside` is the storage of an attached item or an OLE object."""
    entry = _storage("", properties, _ROW, codec)
    if inside is not None:
        inside.name = "__substg1.0_3701000D"
        _add(entry, inside)
    return entry


def file(name: str, data: bytes, **more: Value) -> Entry:
    """Make an attachment by value; `more` are ``p370E="image/png"`` and the like."""
    extra = {int(key[1:], 16): value for key, value in more.items()}
    return attached({0x3705: 1, 0x3707: name, 0x3701: data, **extra})


def msg(
    properties: Mapping[int, Value],
    recipients: Sequence[Mapping[int, Value]] = (),
    attachments: Sequence[Entry] = (),
    *,
    codec: str | None = None,
    names: Sequence[tuple[str, int | str]] = (),
) -> bytes:
    """Make a .msg. `names` are (GUID as hex, id or text) of the properties 0x8000, 0x8001 and so on."""
    root = item(properties, recipients, attachments, header=_TOP, codec=codec)
    guids, rows, texts = name_map(names)
    named = Entry("__nameid_version1.0", children={})
    _add(named, _stream("__substg1.0_00020102", guids))
    _add(named, _stream("__substg1.0_00030102", rows))
    _add(named, _stream("__substg1.0_00040102", texts))
    _add(root, named)
    return write_compound(root)


def name_map(names: Sequence[tuple[str, int | str]]) -> tuple[bytes, bytes, bytes]:
    """Give the sets, the entries and the texts of a name map: of 0x8000, 0x8001 and so on."""
    guids = list(dict.fromkeys(guid for guid, _ in names))
    rows = texts = b""
    for index, (guid, name) in enumerate(names):
        which = guids.index(guid) + 3 << 1
        if isinstance(name, str):
            rows += pack("<IHH", len(texts), which | 1, index)
            raw = name.encode("utf-16-le")
            texts += pack("<I", len(raw)) + raw + bytes(-len(raw) % 4)
        else:
            rows += pack("<IHH", name, which, index)
    return b"".join(bytes.fromhex(g) for g in guids), rows, texts


def filetime(moment: datetime) -> bytes:
    """Give a time as Windows stores it."""
    seconds = (moment - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()
    return pack("<Q", int(seconds) * 10_000_000)


def tnef(*attributes: tuple[int, int, bytes]) -> bytes:
    """Make a TNEF file of (level, number, data)."""
    out = b"\x78\x9f\x3e\x22\x01\x00"
    for level, number, data in attributes:
        out += pack("<BII", level, number, len(data)) + data + pack("<H", sum(data) & 0xFFFF)
    return out


def tnef_list(properties: Mapping[int, tuple[int, bytes]]) -> bytes:
    """Make a list of properties for TNEF: number -> (type, bytes of one value)."""
    out = pack("<I", len(properties))
    for number, (kind, data) in properties.items():
        out += pack("<HH", kind, number)
        if kind in (0x1E, 0x1F, 0x102, 0x0D):
            out += pack("<II", 1, len(data))
        out += data + bytes(-len(data) % 4)
    return out


def _storage(name: str, properties: Mapping[int, Value], header: int, codec: str | None) -> Entry:
    entry = Entry(name, children={})
    rows = b""
    for number, value in properties.items():
        if isinstance(value, str):
            kind = 0x1E if codec else 0x1F
            data = value.encode(codec or "utf-16-le")
        elif isinstance(value, bytes):
            kind, data = 0x102, value
        else:
            if isinstance(value, bool):
                kind, fixed = 0x0B, pack("<Q", value)
            elif isinstance(value, int):
                kind, fixed = 0x03, pack("<q", value)[:4] + bytes(4)
            else:
                kind, fixed = 0x40, filetime(value)
            rows += pack("<HHI", kind, number, 6) + fixed
            continue
        rows += pack("<HHIII", kind, number, 6, len(data), 0)
        _add(entry, _stream(f"__substg1.0_{number:04X}{kind:04X}", data))
    _add(entry, _stream("__properties_version1.0", bytes(header) + rows))
    return entry


def _stream(name: str, data: bytes) -> Entry:
    return Entry(name, size=len(data), data=data)


def _add(entry: Entry, child: Entry) -> None:
    assert entry.children is not None
    entry.children[child.name.lower()] = child
