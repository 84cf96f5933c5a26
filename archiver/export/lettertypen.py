"""Which characters the fonts of the PDF reading copy can show; the others are shown by their number.

Fonts and their licences lie in ``archiver/data/lettertypen``. A character without a glyph would be
an empty box that no reader and no screen reader understands, so it is written as ``[U+4E2D]``.
"""

from __future__ import annotations

import re
import struct
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

REGULAR = ("NotoSans-Regular", "NotoSansArabic-Regular", "NotoEmoji-Regular", "DejaVuSans")
BOLD = "NotoSans-Bold"
# Marks without a glyph of their own that join or turn what stands beside them (emoji, bidi, breaks).
_UNSEEN = frozenset(
    (
        *(0x00AD, 0x034F, 0x061C, 0xFEFF),
        *(*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065)),
        *(*range(0x2066, 0x206A), *range(0xFE00, 0xFE10)),
    )
)
_BREAK = re.compile(r"[^\s\u200b]{60,}")
_PIECE = 40  # characters of a long word before a place where it may be broken


def folder() -> Path:
    """Give the folder of the fonts."""
    return Path(str(files("archiver.data") / "lettertypen"))


def shown(text: str) -> str:
    """Give the text so that every character can be seen: unknown ones as ``[U+4E2D]``.

    A word of 60 characters or more gets invisible places to break: it would run off the page.
    """
    have = characters()
    found = "".join(
        c if ord(c) in have or c in "\n\t" or ord(c) in _UNSEEN else f"[U+{ord(c):04X}]"
        for c in text.replace("\r\n", "\n").replace("\r", "\n")
    )
    return _BREAK.sub(lambda long: _broken(long[0]), found)


def right_to_left(text: str) -> bool:
    """Tell whether the first letter of the text is of a script that runs from right to left."""
    for character in text:
        direction = unicodedata.bidirectional(character)
        if direction in ("L", "R", "AL"):
            return direction != "L"
    return False


@lru_cache(maxsize=1)
def characters() -> frozenset[int]:
    """Give every character that one of the fonts has a glyph for."""
    found = {c for name in REGULAR for c in _mapped(folder() / f"{name}.ttf")}
    # A font may map control characters to an empty glyph, and private ones to a picture of its own.
    return frozenset(c for c in found if unicodedata.category(chr(c)) not in ("Cc", "Co", "Cs"))


def _broken(word: str) -> str:
    return "\u200b".join(word[i : i + _PIECE] for i in range(0, len(word), _PIECE))


def _mapped(font: Path) -> Iterator[int]:
    """Read the character map of a TrueType font (OpenType, table cmap, formats 4 and 12)."""
    data = font.read_bytes()
    (tables,) = struct.unpack_from(">H", data, 4)
    records = (struct.unpack_from(">4sIII", data, 12 + 16 * i) for i in range(tables))
    start = next(offset for tag, _, offset, _ in records if tag == b"cmap")
    (count,) = struct.unpack_from(">H", data, start + 2)
    for i in range(count):
        _, _, offset = struct.unpack_from(">HHI", data, start + 4 + 8 * i)
        at = start + offset
        (kind,) = struct.unpack_from(">H", data, at)
        if kind == 4:
            yield from _segments(data, at)
        elif kind == 12:
            (groups,) = struct.unpack_from(">I", data, at + 12)
            for group in range(groups):
                first, last, _ = struct.unpack_from(">III", data, at + 16 + 12 * group)
                yield from range(first, last + 1)


def _segments(data: bytes, at: int) -> Iterator[int]:
    (double,) = struct.unpack_from(">H", data, at + 6)
    shape = f">{double // 2}H"
    ends = struct.unpack_from(shape, data, at + 14)
    starts = struct.unpack_from(shape, data, at + 16 + double)
    deltas = struct.unpack_from(shape, data, at + 16 + 2 * double)
    ranges = struct.unpack_from(shape, data, at + 16 + 3 * double)
    for i, (first, last) in enumerate(zip(starts, ends, strict=True)):
        for character in range(first, min(last, 0xFFFE) + 1):
            glyph = character + deltas[i]
            if ranges[i]:
                place = at + 16 + 3 * double + 2 * i + ranges[i] + 2 * (character - first)
                (glyph,) = struct.unpack_from(">H", data, place)
            if glyph & 0xFFFF:
                yield character
