"""Bytes to text: declared, strict UTF-8, Windows-1252; what cannot be read is counted."""

from __future__ import annotations

from encodings.aliases import aliases

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.intake.charsets import codec_for, decode, decode_body
from archiver.intake.parts import is_attachment, structure
from tests.helpers.shared import SHARED


@pytest.mark.parametrize(
    ("data", "charset", "text", "lost"),
    [
        (b"caf\xc3\xa9", "utf-8", "café", 0),
        (b"caf\xe9", "iso-8859-1", "café", 0),
        # What says Latin-1 is Windows-1252, as every mail program reads it.
        (b"\x93hoi\x94 \x80", "ISO-8859-1", "\u201choi\u201d €", 0),
        (b"caf\xc3\xa9", None, "café", 0),
        (b"caf\xe9", None, "café", 0),
        (b"caf\xc3\xa9", "us-ascii", "café", 0),
        (b"caf\xe9", "utf-8", "café", 0),
        (b"caf\xc3\xa9", "nooit-van-gehoord", "café", 0),
        (b"\x83e\x83X\x83g", "shift_jis", "テスト", 0),
        (b"\x83e\x83X\x83g", "x-sjis", "テスト", 0),
        (b"\xb2\xe2\xca\xd4", "gb2312", "测试", 0),
        (b"+AOk-", "unicode-1-1-utf-7", "é", 0),
        (b"a\x00", "utf-16le", "a", 0),
        # A byte that neither UTF-8 nor Windows-1252 has.
        (b"a\x81b", None, "a\ufffdb", 1),
        (b"a\x81b", "utf-8", "a\ufffdb", 1),
        (b"\xff", "euc-jp", "\ufffd", 1),
        (b"", "utf-8", "", 0),
        (b"hoi", '"utf-8"', "hoi", 0),
        (b"hoi", "", "hoi", 0),
    ],
)
def test_decode(data: bytes, charset: str | None, text: str, lost: int) -> None:
    assert decode(data, charset) == (text, lost)


@pytest.mark.parametrize("name", ["base64", "rot13", "hex", "zip", "quopri", "bz2", "uu"])
def test_codecs_that_make_no_text_are_not_used(name: str) -> None:
    assert codec_for(name) is None
    assert decode(b"hoi", name) == ("hoi", 0)


@pytest.mark.parametrize(
    "name", ["idna", "punycode", "undefined", "mbcs", "unicode_escape", "raw_unicode_escape"]
)
def test_codecs_that_refuse_or_explode_are_not_used(name: str) -> None:
    assert codec_for(name) is None
    assert decode(b"hoi \xe9 \\x41", name) == ("hoi é \\x41", 0)


def test_every_codec_of_python_decodes_anything_without_raising() -> None:
    junk = bytes(range(256)) * 3
    for name in sorted(set(aliases.values())):
        decode(junk, name)


@given(st.binary(max_size=200), st.text(max_size=20))
def test_nothing_raises_and_lost_characters_are_counted(data: bytes, charset: str) -> None:
    text, lost = decode(data, charset)
    assert lost <= text.count("\ufffd")


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_utf_8_comes_back_whatever_is_declared_wrongly(text: str) -> None:
    assert decode(text.encode(), "utf-8") == (text, 0)
    assert decode(text.encode(), None)[0] == text


def test_names_of_charsets_are_found_in_any_case() -> None:
    assert codec_for("UTF-8") == codec_for(" utf-8 ") == "utf-8"
    assert codec_for("Windows-1252") == "cp1252"
    assert codec_for(None) is None
    assert codec_for("a\x00b") is None


DUTCH = "Geachte heer Müller, de coördinatie van het bezwaar over de cafévergunning kost € 50. " * 2
RUSSIAN = "Совещание состоится в понедельник в десять часов утра, просьба подтвердить участие. " * 2


@pytest.mark.parametrize(
    ("text", "written", "declared", "guess"),
    [
        (DUTCH, "utf-8", None, None),
        (DUTCH, "utf-8", "us-ascii", None),
        (DUTCH, "cp1252", "windows-1252", None),
        (DUTCH, "cp1252", None, "cp1252"),
        (DUTCH, "cp1252", "utf-8", "cp1252"),
        ("één", "cp1252", None, "cp1252"),
        (RUSSIAN, "cp1251", "windows-1251", None),
        (RUSSIAN, "cp1251", None, "cp1251"),
        (RUSSIAN, "cp1251", "us-ascii", "cp1251"),
        ("plat", "ascii", None, None),
    ],
)
def test_a_text_without_charset_is_guessed_and_the_guess_is_named(
    text: str, written: str, declared: str | None, guess: str | None
) -> None:
    assert decode_body(text.encode(written), declared) == (text, 0, guess)


def test_what_is_declared_is_never_guessed_over() -> None:
    damaged = RUSSIAN.encode("euc-jp", "ignore") + b"\xff" * 3
    assert decode_body(damaged, "euc-jp")[2] is None


def test_what_nobody_can_read_is_counted_and_not_called_a_guess() -> None:
    assert decode_body(b"a\x81b", None) == ("a\ufffdb", 1, None)


@given(st.binary(max_size=300), st.sampled_from([None, "utf-8", "us-ascii", "gbk", "x"]))
def test_no_body_makes_it_raise(data: bytes, charset: str | None) -> None:
    decode_body(data, charset)


@pytest.mark.corpus
@pytest.mark.skipif(SHARED is None, reason="*** CORPUS ABSENT: guessing was NOT checked ***")
def test_texts_of_the_corpus_are_guessed_as_they_are_declared() -> None:
    """All that declare an 8-bit charset, read as if they did not: better than 95 in 100."""
    assert SHARED is not None
    right = total = 0
    for path in sorted((SHARED / "corpus" / "email").rglob("*")):
        if not path.is_file() or path.stat().st_size > 1_000_000 or path.suffix == ".json":
            continue
        raw = path.read_bytes()
        if b"Content-Type:" not in raw[:20_000]:
            continue
        for leaf in structure(raw).leaves:
            data, charset = leaf.decoded(raw)[0], leaf.params.get("charset")
            if (
                is_attachment(leaf)
                or decode_body(data, None)[2] is None
                or codec_for(charset) is None
            ):
                continue
            text, lost = decode(data, charset)
            if lost == 0 and decode_body(data, charset)[2] is None:
                total += 1
                right += decode_body(data, None)[0] == text
    assert total >= 50
    assert right / total >= 0.95
