"""Invented messages for the tests of the e-mail reader."""

from __future__ import annotations

from archiver.intake.mime import read_message
from archiver.intake.protocol import Limits
from archiver.model import EmailMessage, Span

HEADER = (
    b"From: Anja de Boer <anja@gemeente.example>\r\n"
    b"To: bob@provincie.example\r\n"
    b"Subject: Vergunning Dorpsstraat\r\n"
    b"Date: Tue, 3 Mar 2026 09:15:00 +0100\r\n"
    b"Message-ID: <1@gemeente.example>\r\n"
)


def read(raw: bytes, limits: Limits | None = None) -> EmailMessage:
    """Read one message that is the whole file."""
    return read_message(
        raw, format="eml", index=0, span=Span(0, len(raw)), limits=limits or Limits()
    )


def codes(message: EmailMessage) -> list[str]:
    """Give the codes of the findings, in order."""
    return [finding.code for finding in message.findings]


def multipart(*parts: bytes, kind: bytes = b"mixed", boundary: bytes = b"grens") -> bytes:
    """Give a Content-Type field and body of a multipart with these parts (header, blank line, body)."""
    body = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    field = b'Content-Type: multipart/%s; boundary="%s"\r\n\r\n' % (kind, boundary)
    return field + body + b"--" + boundary + b"--\r\n"


def part(
    body: bytes, kind: bytes = b"text/plain", encoding: bytes = b"", more: bytes = b""
) -> bytes:
    """Give one part: its header, a blank line and its encoded body."""
    header = b"Content-Type: " + kind + b"\r\n"
    if encoding:
        header += b"Content-Transfer-Encoding: " + encoding + b"\r\n"
    return header + more + b"\r\n" + body
