"""Bytes to text when the declared character set may be wrong, absent or unknown to Python."""

from __future__ import annotations

import codecs
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
