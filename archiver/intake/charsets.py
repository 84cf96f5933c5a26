"""Bytes to text when the declared character set may be wrong, absent or unknown to Python."""

from __future__ import annotations

import codecs
import contextlib
from functools import lru_cache

_ALIASES = {
    "cp-850": "cp850",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "x-gbk": "gbk",
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "x-sjis": "cp932",
    "shift_jis": "cp932",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "x-unknown": "",
    "unknown-8bit": "",
    "default": "",
    "unicode-1-1-utf-7": "utf-7",
    "utf8mb4": "utf-8",
    "ansi_x3.4-1968": "ascii",
    "ansi_x3.110-1983": "latin-1",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "ascii",
    "windows-874": "cp874",
}
# Python has these as text codecs, but no mail is written in them: they refuse error handling, read
# escapes as commands or cost more than their length.
_NEVER = frozenset(
    {"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "mbcs", "oem"}
)

_LONG_ENOUGH = 40  # bytes; of shorter Dutch texts one in ten is guessed wrong
_SAMPLE = 20_000  # bytes that are looked at
_SURE = 0.05  # confidence; measured on the texts of the corpus that declare their charset


@lru_cache(maxsize=512)
def codec_for(charset: str | None) -> str | None:
    """Give Python's codec for a declared charset; None when there is none that makes text."""
    if not charset:
        return None
    name = charset.strip().strip("\"'").casefold()
    name = _ALIASES.get(name, name)
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    if info.name.replace("_", "-") in _NEVER:
        return None
    # Codecs such as base64 or rot13 do not make text out of bytes.
    return info.name if getattr(info, "_is_text_encoding", False) else None


def decode(data: bytes, charset: str | None) -> tuple[str, int]:
    """Give text and the number of characters that could not be decoded (shown as U+FFFD).

    Order: the declared charset, strict UTF-8, Windows-1252; nothing is guessed beyond that here.
    """
    codec = codec_for(charset)
    if codec is not None:
        try:
            return data.decode(codec), 0
        except (UnicodeDecodeError, ValueError):
            pass
    try:
        return data.decode("utf-8"), 0
    except UnicodeDecodeError:
        pass
    if codec in (None, "ascii", "utf-8"):
        try:
            return data.decode("cp1252"), 0
        except UnicodeDecodeError:
            pass
    text = data.decode(codec or "utf-8", "replace")
    return text, text.count("�")


def decode_body(data: bytes, charset: str | None) -> tuple[str, int, str | None]:
    """Do the same for a whole text, and name the charset when it had to be guessed (else None).

    Long enough texts are guessed by their letters (chardet); of short ones Windows-1252 is the likeliest.
    Whoever shows the text says that it is a guess.
    """
    declared = codec_for(charset)
    if data.isascii() or not _must_guess(data, declared):
        return (*decode(data, charset), None)
    codec = _guess(data) if len(data) >= _LONG_ENOUGH else None
    if codec is not None:
        with contextlib.suppress(UnicodeDecodeError, ValueError):
            return data.decode(codec), 0, codec
    text, lost = decode(data, charset)
    return text, lost, None if lost else "cp1252"


def _must_guess(data: bytes, declared: str | None) -> bool:
    for codec in (declared, "utf-8"):
        if codec is not None:
            with contextlib.suppress(UnicodeDecodeError, ValueError):
                data.decode(codec)
                return False
    return declared in (None, "ascii", "utf-8")


def _guess(data: bytes) -> str | None:
    import chardet  # takes a moment to load, and few messages need it

    found = chardet.detect(data[:_SAMPLE])
    return codec_for(found["encoding"]) if found["confidence"] >= _SURE else None
