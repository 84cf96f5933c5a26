"""A screenshot in the place of an export is taken, and marked as lesser quality."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest

from archiver.intake import registry
from archiver.intake.chat import screenshot
from archiver.intake.identify import head_of
from archiver.intake.protocol import Head, ParseContext
from archiver.model import Conversation


def png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 0)
    lines = zlib.compress((b"\0" + b"\xff" * 12) * 4)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


def test_it_is_kept_whole_and_says_what_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "Screenshot_20260313.png"
    path.write_bytes(png())
    chosen = registry.choose(path, head_of(path))
    assert chosen is not None
    assert chosen.format == "screenshot"
    (record,) = screenshot.parse(path, ParseContext())
    assert isinstance(record, Conversation)
    assert record.message_count == 0
    assert [f.code for f in record.findings] == ["chat.schermafdruk", "chat.niet_geduid"]


@pytest.mark.parametrize(
    ("data", "sure"),
    [
        (b"\xff\xd8\xff\xe0 jpeg", True),
        (b"RIFF\0\0\0\0WEBPVP8 ", True),
        (b"\0\0\0\x18ftypheic\0\0\0\0", True),
        (b"RIFF\0\0\0\0WAVEfmt ", False),
        (b"\0\0\0\x18ftypisom", False),
        (b"", False),
    ],
)
def test_a_picture_is_known_by_its_bytes(data: bytes, sure: bool) -> None:
    assert bool(screenshot.score(Head(data, len(data), "x.txt"))) is sure
