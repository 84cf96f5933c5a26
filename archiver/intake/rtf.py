"""RTF bodies of Outlook to text and HTML, on demand and never during intake ([MS-OXRTFCP], [MS-OXRTFEX]).

One pass over the bytes with a clock that stops it: what was read until then is given, and said to be not
all of it. An RTF that carries HTML inside ("\\fromhtml1") gives that HTML back; any other gives text.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from struct import unpack_from

from archiver.intake.body_text import html_to_text
from archiver.intake.charsets import codec_for

SECONDS = 5.0
DEEPEST = 10_000  # braces inside braces; deeper ones change nothing any more
MOST = 64 * 1024 * 1024  # bytes of RTF that one packed body may become
_PACKED = b"LZFu"
_STORED = b"MELA"
_PRELOADED = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
    b"\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)


def _literals(control: int) -> tuple[tuple[int, ...], int]:
    """Give how many literal bytes stand before each reference of a run of eight, and after the last."""
    gaps = f"{control:08b}"[::-1].split("1")
    return tuple(map(len, gaps[:-1])), len(gaps[-1])


_LITERALS = [_literals(control) for control in range(256)]
_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\(\r\n|[^a-zA-Z'])|([{}])"
    rb"|([^\\{}\r\n]+)|[\r\n]+|\\"
)
_CHARSETS = {
    **{0: 1252, 77: 10000, 128: 932, 129: 949, 130: 1361, 134: 936, 136: 950, 161: 1253, 162: 1254},
    **{163: 1258, 177: 1255, 178: 1256, 186: 1257, 204: 1251, 222: 874, 238: 1250, 255: 437},
}
_SIGNS = {
    **{b"par": "\r\n", b"line": "\r\n", b"sect": "\r\n", b"page": "\r\n", b"row": "\r\n"},
    **{b"tab": "\t", b"cell": "\t", b"emdash": "—", b"endash": "–", b"bullet": "•"},
    **{b"lquote": "‘", b"rquote": "’", b"ldblquote": "“", b"rdblquote": "”"},
    **{b"emspace": " ", b"enspace": " ", b"zwj": "\u200d", b"zwnj": "\u200c"},
}
_SYMBOLS = {b"_": "-", b"\n": "\r\n", b"\r": "\r\n", b"\r\n": "\r\n"}
_ASIDE = frozenset(
    b"fonttbl colortbl stylesheet info pict object header footer headerl headerr footerl footerr listtable"
    b" listoverridetable themedata datastore latentstyles generator rsidtbl xmlnstbl fldinst".split()
)


@dataclass(frozen=True, slots=True)
class Rich:
    """What an RTF holds; `html` only when it was made from HTML. `complete` is False after a stop."""

    text: str
    html: str | None
    complete: bool = True


@dataclass(slots=True)
class _Group:
    """What holds inside one pair of braces."""

    aside: bool = False
    tag: bool = False
    rtf_only: bool = False
    fonts: bool = False
    skip: int = 1  # characters that stand in for a \\u
    codec: str = "cp1252"


@dataclass(slots=True)
class _Output:
    """The text that comes out, with the bytes that wait for the rest of a character."""

    pieces: list[str] = field(default_factory=list)
    waiting: bytearray = field(default_factory=bytearray)
    codec: str = "cp1252"

    def put_bytes(self, data: bytes, codec: str) -> None:
        if codec != self.codec:
            self.flush()
            self.codec = codec
        self.waiting += data

    def put(self, text: str) -> None:
        self.flush()
        self.pieces.append(text)

    def flush(self) -> None:
        if self.waiting:
            self.pieces.append(self.waiting.decode(self.codec, "replace"))
            self.waiting.clear()

    def text(self) -> str:
        self.flush()
        joined = "".join(self.pieces)
        # \\u gives halves of characters beyond the basic plane one by one.
        return joined.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def decompress(packed: bytes, most: int = MOST) -> bytes:
    """Unpack an RTF body (LZFu), at most `most` bytes of it; what is damaged is left out."""
    if len(packed) < 16:
        return b""
    size, raw_size = unpack_from("<II", packed)
    kind = packed[8:12]
    if kind == _STORED:
        return packed[16 : 16 + min(raw_size, most)]
    if kind != _PACKED:
        return packed[:most] if packed.startswith(b"{\\rtf") else b""
    out = bytearray(_PRELOADED)
    start = len(out)
    goal = start + min(raw_size, most)
    position, end = 16, min(len(packed), size + 4)
    data = packed[:end]
    filled = start
    while position < end and filled < goal:
        before_references, after = _LITERALS[packed[position]]
        position += 1
        for literals in before_references:
            if literals:
                out += data[position : position + literals]
                filled += literals
                position += literals
            if position >= end:
                break
            word = int.from_bytes(packed[position : position + 2], "big")
            position += 2
            # The dictionary is a ring of 4096 bytes; an offset at its write place ends the text.
            back = filled - (word >> 4) & 0xFFF
            if back == 0:
                return bytes(out[start:goal])
            source, count = filled - back, (word & 0xF) + 2
            if source >= 0:
                found = out[source : source + count]
                out += found if count <= back else (found * count)[:count]
            else:
                for place in range(source, source + count):
                    out.append(out[place] if place >= 0 else 0x20)
            filled += count
        out += data[position : position + after]
        filled += after
        position += after
    return bytes(out[start:goal])


def convert(rtf: bytes, seconds: float = SECONDS) -> Rich:
    """Give the text of an RTF, and its HTML when there is HTML inside. Never raises on any bytes."""
    reader = _Reader(rtf, b"\\fromhtml" in rtf[:1024])
    complete = reader.run(time.monotonic() + seconds)
    text = reader.out.text().rstrip("\0")
    if reader.from_html:
        return Rich(html_to_text(text), text, complete)
    return Rich(text, None, complete)


class _Reader:
    def __init__(self, rtf: bytes, from_html: bool) -> None:
        self.rtf = rtf
        self.from_html = from_html
        self.out = _Output()
        self.group = _Group()
        self.stack: list[_Group] = []
        self.default = "cp1252"
        self.fonts: dict[int, str] = {}
        self.font = 0
        self.starred = False
        self.to_skip = 0
        self.too_deep = 0

    def run(self, until: float) -> bool:
        """Read to the end or to the time; tell whether the end was reached."""
        position, count, length = 0, 0, len(self.rtf)
        while position < length:
            count += 1
            if count & 0xFFF == 0 and time.monotonic() > until:
                return False
            match = _TOKEN.match(self.rtf, position)
            if match is None:
                position += 1
                continue
            position = match.end()
            word, number, code, symbol, brace, plain = match.groups()
            if plain is not None:
                self._plain(plain)
            elif brace is not None:
                self._brace(brace)
            elif code is not None:
                self._code(bytes.fromhex(code.decode()))
            elif symbol is not None:
                self._symbol(symbol)
            elif word is not None:
                if word == b"bin":
                    position += max(0, int(number or 0))
                else:
                    self._word(word, int(number) if number else None)
        return True

    @property
    def _silent(self) -> bool:
        group = self.group
        return group.aside or (group.rtf_only and not group.tag)

    def _brace(self, brace: bytes) -> None:
        self.to_skip = 0
        self.starred = False
        if brace == b"{":
            if len(self.stack) >= DEEPEST:
                self.too_deep += 1
                return
            self.stack.append(self.group)
            old = self.group
            self.group = _Group(old.aside, old.tag, old.rtf_only, old.fonts, old.skip, old.codec)
        elif self.too_deep:
            self.too_deep -= 1
        elif self.stack:
            self.group = self.stack.pop()

    def _plain(self, data: bytes) -> None:
        self.starred = False
        if self.to_skip:
            gone = min(self.to_skip, len(data))
            self.to_skip -= gone
            data = data[gone:]
        if not self._silent and data:
            self.out.put_bytes(data, self.default if self.group.tag else self.group.codec)

    def _code(self, data: bytes) -> None:
        if self.to_skip:
            self.to_skip -= 1
        elif not self._silent:
            self.out.put_bytes(data, self.default if self.group.tag else self.group.codec)

    def _symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self.starred = True
        elif self.to_skip:
            self.to_skip -= 1
        elif not self._silent:
            if symbol in (b"{", b"}", b"\\"):
                self.out.put_bytes(symbol, self.default if self.group.tag else self.group.codec)
            elif symbol == b"~":
                self.out.put("&nbsp;" if self.from_html else "\u00a0")
            elif symbol in _SYMBOLS:
                self.out.put(_SYMBOLS[symbol])

    def _word(self, word: bytes, number: int | None) -> None:
        starred, self.starred = self.starred, False
        group = self.group
        if word == b"htmltag":
            group.tag = self.from_html and not group.rtf_only
            group.aside = group.aside or not self.from_html
        elif starred or word in _ASIDE:
            group.aside = True
            group.fonts = group.fonts or word == b"fonttbl"
        elif word == b"htmlrtf":
            group.rtf_only = number != 0 and self.from_html
        elif word == b"u" and number is not None:
            if not self._silent:
                self.out.put(chr(number & 0xFFFF))
            self.to_skip = group.skip
        elif word == b"uc":
            group.skip = max(0, min(number or 0, 8))
        elif word == b"ansicpg" and number:
            self.default = group.codec = codec_for(f"cp{number}") or self.default
        elif word == b"f" and number is not None:
            self.font = number
            if not group.fonts:
                group.codec = self.fonts.get(number, self.default)
        elif word == b"fcharset" and group.fonts:
            page = _CHARSETS.get(number or 0)
            name = "mac_roman" if page == 10000 else "johab" if page == 1361 else f"cp{page}"
            self.fonts[self.font] = (page and number and codec_for(name)) or self.default
        elif word == b"plain":
            group.codec = self.default
        elif word in _SIGNS and not self._silent:
            self.out.put(_SIGNS[word])
