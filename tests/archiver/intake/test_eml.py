"""One mail per file: recognised by its header, never by its name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from archiver.intake import eml
from archiver.intake.protocol import Head, Limits, ParseContext
from archiver.model import EmailMessage, Span, Unreadable
from tests.archiver.intake.messages import HEADER

RAW = HEADER + b"\r\nTekst\r\n"


def score(data: bytes) -> int:
    return eml.score(Head(data, len(data), "foto.jpg"))


@pytest.mark.parametrize(
    "data",
    [
        RAW,
        RAW.replace(b"\r\n", b"\n"),
        RAW.replace(b"\r\n", b"\r"),
        b"\r\n" + RAW,
        b"\xef\xbb\xbf" + RAW,
        b"From anja@x.example\r\n" + RAW,
        b"X-Iets: a\r\n b\r\n" + RAW,
        RAW.upper(),
        HEADER,
    ],
)
def test_a_mail_is_recognised(data: bytes) -> None:
    assert score(data) >= 70


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n\r\n",
        b"%PDF-1.7\n1 0 obj\n",
        b"PK\x03\x04\x14\x00",
        b"<html><body>From: anja</body></html>",
        b"Beste Anja,\n\nTot morgen.\n",
        b"naam;plaats\nAnja;Utrecht\n",
        b"[2026-03-03 09:15] Anja: hallo\n",
        b"sleutel: waarde\nandere: waarde\n",
        bytes(range(256)),
    ],
)
def test_what_is_no_mail_is_not_recognised(data: bytes) -> None:
    assert score(data) == 0


def test_a_file_gives_one_message_with_the_span_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "bericht.txt"
    path.write_bytes(RAW)
    (message,) = eml.parse(path, ParseContext())
    assert isinstance(message, EmailMessage)
    assert (message.format, message.index, message.span) == ("eml", 0, Span(0, len(RAW)))
    assert message.subject == "Vergunning Dorpsstraat"
    assert message.sender is not None
    assert message.sender.address == "anja@gemeente.example"
    assert message.date == "2026-03-03T09:15:00+01:00"


@pytest.mark.parametrize(
    ("data", "limit", "code"),
    [
        (b"", 100, "bestand.leeg"),
        (b"\r\n \r\n", 100, "bestand.leeg"),
        (RAW, 10, "bestand.te_groot"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path: Path, data: bytes, limit: int, code: str) -> None:
    path = tmp_path / "bericht.eml"
    path.write_bytes(data)
    context = ParseContext(replace(Limits(), message_bytes=limit))
    (found,) = eml.parse(path, context)
    assert isinstance(found, Unreadable)
    assert [f.code for f in found.findings] == [code]
    assert found.findings[0].params["bestand"] == "bericht.eml"
