from __future__ import annotations

import compressed_rtf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.intake import rtf

HEAD = rb"{\rtf1\ansi\ansicpg1252\deff0"


def text(body: bytes) -> str:
    return rtf.convert(HEAD + body + b"}").text


@given(st.binary(max_size=3_000) | st.text("ab{}\\ \r\n", max_size=3_000).map(str.encode))
@settings(max_examples=60, deadline=None)
def test_what_another_program_packed_is_unpacked(data: bytes) -> None:
    assert rtf.decompress(compressed_rtf.compress(data, compressed=True)) == data
    assert rtf.decompress(compressed_rtf.compress(data, compressed=False)) == data


def test_only_the_beginning_can_be_unpacked() -> None:
    packed = compressed_rtf.compress(b"abcdefgh" * 1_000, compressed=True)
    assert rtf.decompress(packed, most=20) == b"abcdefghabcdefghabcd"


@pytest.mark.parametrize(
    "packed", [b"", b"kort", bytes(16), b"\xff" * 40, b"\x20" * 8 + b"LZFu" + bytes(4)]
)
def test_what_is_no_packed_rtf_is_empty(packed: bytes) -> None:
    assert rtf.decompress(packed) == b""


@given(st.binary(max_size=2_000))
@settings(max_examples=100, deadline=None)
def test_damaged_packing_never_raises(data: bytes) -> None:
    size = (len(data) + 12).to_bytes(4, "little")
    assert len(rtf.decompress(size + b"\xff\xff\0\0LZFu" + bytes(4) + data)) <= 0xFFFF


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (rb" Caf\'e9", "Café"),
        (rb" een\par twee\line drie\tab vier", "een\r\ntwee\r\ndrie\tvier"),
        (rb" \{haak\} en \\streep", "{haak} en \\streep"),
        (rb"{\fonttbl{\f0 Arial;}{\f1\fcharset204 Arial;}}\f1 \'cf\'f0\'e8", "При"),
        (rb"{\fonttbl{\f0\fcharset128 MS;}}\f0\'83\'52\'83\'80", "コム"),
        (rb"\uc1 \u8364?5", "€5"),
        (rb"\uc2 \u8364\'80\'805", "€5"),
        (rb"\u-10179?\u-8704?", "\U0001f600"),
        (rb"{\*\onbekend weg}{\info weg}{\pict 0011}blijft", "blijft"),
        (rb'{\field{\*\fldinst HYPERLINK "http://x"}{\fldrslt hier}}', "hier"),
        (rb"\lquote a\rquote\emdash\~b", "‘a’—\u00a0b"),
        (rb"\bin5 {{{{{na", "na"),
        (rb" {a{b}c", "abc"),
    ],
)
def test_text(body: bytes, expected: str) -> None:
    assert text(body) == expected


def test_html_inside_comes_back_as_it_was() -> None:
    body = (
        rb"{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl{\f0 Arial;}}"
        rb"{\*\htmltag19 <html>}{\*\htmltag50 <body>}\htmlrtf{\htmlrtf0"
        rb"{\*\htmltag64 <p>}\htmlrtf{\htmlrtf0 2 {\*\htmltag84 &lt;}\htmlrtf <\htmlrtf0  3\~"
        rb"{\*\htmltag84 &eacute;}"
        rb"\htmlrtf\'e9\htmlrtf0{\*\htmltag72 </p>}\htmlrtf\par}\htmlrtf0{\*\htmltag241 <b>}{\*\mhtmltag x}}}"
    )
    found = rtf.convert(body)
    assert found.html == "<html><body><p>2 &lt; 3&nbsp;&eacute;</p><b>"
    assert found.text == "2 < 3 é"
    assert found.complete


def test_it_stops_at_the_time_and_says_so() -> None:
    found = rtf.convert(HEAD + rb" woord\par" * 200_000 + b"}", seconds=0.0)
    assert not found.complete
    assert found.text.startswith("woord")


def test_a_million_braces_cost_no_memory() -> None:
    assert rtf.convert(HEAD + b"{" * 1_000_000 + b"}" * 1_000_000 + b" einde}").text == " einde"


@given(
    st.lists(
        st.sampled_from(
            rb"{ } \ \' \'e9 \u-1? \uc99999 \bin-3 \bin99 x \*\htmltag \htmlrtf \f9 \fonttbl \fcharset77"
            rb" \ansicpg99999999 \fromhtml1 \par \fcharset130 \ansicpg0".split()
        )
        | st.binary(max_size=2),
        max_size=60,
    )
)
@settings(max_examples=300, deadline=None)
def test_any_mess_gives_text(pieces: list[bytes]) -> None:
    assert isinstance(rtf.convert(b"{\\rtf1" + b"".join(pieces)).text, str)
