"""Files hidden in a text by uuencode and yEnc."""

from __future__ import annotations

import binascii
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.intake.mime import part_bytes
from archiver.intake.uuencode import uuencoded
from archiver.intake.yenc import yencoded
from tests.archiver.intake.messages import HEADER, codes, multipart, part, read


def uu(data: bytes, name: bytes = b"nota.doc") -> bytes:
    lines = [binascii.b2a_uu(data[i : i + 45]) for i in range(0, len(data), 45)]
    return b"begin 644 " + name + b"\n" + b"".join(lines) + b"`\nend\n"


def yenc(data: bytes, name: bytes = b"nota.doc", crc: int | None = None) -> bytes:
    out = bytearray()
    for byte in data:
        value = (byte + 42) % 256
        out += b"=" + bytes([(value + 64) % 256]) if value in (0, 10, 13, 61) else bytes([value])
    lines = [bytes(out[i : i + 128]) for i in range(0, len(out), 128)]
    # A line break may not come between an escape and what it escapes.
    body = b"\r\n".join(lines).replace(b"=\r\n", b"\r\n=")
    size = str(len(data)).encode()
    checksum = zlib.crc32(data) if crc is None else crc
    head = b"=ybegin line=128 size=" + size + b" name=" + name + b"\r\n"
    return head + body + b"\r\n=yend size=" + size + b" crc32=%08x\r\n" % checksum


@given(st.binary(min_size=1, max_size=300))
def test_any_bytes_come_back_from_uuencode(data: bytes) -> None:
    (found,) = uuencoded(b"Hallo\n\n" + uu(data) + b"Groet\n")
    assert (found.name, found.data) == ("nota.doc", data)


@given(st.binary(max_size=300))
def test_any_bytes_come_back_from_yenc_and_the_check_sum_is_checked(data: bytes) -> None:
    (found,) = yencoded(b"Hallo\r\n" + yenc(data))
    assert (found.name, found.data, found.broken) == ("nota.doc", data, False)
    (wrong,) = yencoded(yenc(data, crc=zlib.crc32(data) ^ 1))
    assert wrong.broken


@given(st.binary(max_size=300))
def test_no_text_makes_it_raise(data: bytes) -> None:
    list(uuencoded(b"begin 644 a\n" + data + b"\nend\n"))
    list(yencoded(b"=ybegin name=a\n" + data + b"\n=yend size=3\n"))


@pytest.mark.parametrize(
    "text",
    [
        b"begin 644 nota.doc\n#86)C\n",  # no end
        b"We begin 644 meters further.\nend\n",
        b"begin 644 nota.doc\nthis is prose\nend\n",
        b"begin 644 \n#86)C\nend\n",
        b"begin 644 nota.doc\nend\n",
        b"=ybegin line=128 size=3 name=a\nabc\n",
        b"=ybegin line=128\nabc\n=yend\n",
    ],
)
def test_text_that_only_looks_like_a_file_gives_nothing(text: bytes) -> None:
    assert [*uuencoded(text), *yencoded(text)] == []


def test_hidden_files_are_attachments_with_a_place_of_their_own() -> None:
    first = part(b"Zie hier\r\n" + uu(b"een") + uu(b"twee", b"b.doc"))
    raw = HEADER + multipart(first, part(yenc(b"drie", b"c.doc"), encoding=b"8bit"))
    found = read(raw).attachments
    assert [(a.name, a.part) for a in found] == [
        ("nota.doc", "1!1"),
        ("b.doc", "1!2"),
        ("c.doc", "2!1"),
    ]
    assert [part_bytes(raw, a.part) for a in found] == [b"een", b"twee", b"drie"]
    with pytest.raises(KeyError):
        part_bytes(raw, "1!3")


def test_a_damaged_hidden_file_is_kept_and_said() -> None:
    message = read(HEADER + b"\r\n" + yenc(b"drie", crc=0))
    assert message.attachments[0].size == 4
    assert "mail.codering_stuk" in codes(message)


def test_a_part_in_uuencode_is_decoded() -> None:
    raw = HEADER + multipart(part(uu(b"een"), b"application/msword", b"x-uuencode"))
    assert part_bytes(raw, "1") == b"een"
