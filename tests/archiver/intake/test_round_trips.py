"""What another program wrote comes back equal: MIME trees, mailboxes of all four variants, ics, emlx."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from email import encoders
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from archiver.intake import emlx, ics, mbox
from archiver.intake.mime import part_bytes
from archiver.intake.protocol import Limits, ParseContext
from archiver.model import EmailMessage
from tests.archiver.intake.messages import HEADER, codes, multipart, part, read

calm = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


# --- MIME trees of the standard library ------------------------------------------------------------


@dataclass(frozen=True)
class File:
    """A file in the tree."""

    name: str
    data: bytes
    wants_quoted: bool  # quoted-printable instead of base64

    @property
    def quoted(self) -> bool:
        """The standard library writes a loose CR as it is, which no reader can tell from a line end."""
        return self.wants_quoted and b"\r" not in self.data


@dataclass(frozen=True)
class Box:
    """A multipart, or an attached message when `message` is True."""

    message: bool
    inside: tuple[File | Box, ...]


def _is_name(text: str) -> bool:
    return text.isprintable() and text == text.strip() and "\ufffd" not in text


names = st.one_of(
    st.sampled_from(
        ("besluit (def), v2.pdf", 'een "citaat".doc', "50% \\ x;y=z.txt", "=?utf-8?q?a?=")
    ),
    st.text(min_size=1, max_size=80).filter(_is_name),
)
contents = st.one_of(
    st.binary(max_size=300),
    st.sampled_from((b"", b"\r\n", b"--grens--", b"From x\n", b"\xd0\xcf\x11\xe0" + bytes(40))),
)
trees = st.recursive(
    st.builds(File, names, contents, st.booleans()),
    lambda inner: st.builds(Box, st.booleans(), st.lists(inner, max_size=4).map(tuple)),
    max_leaves=10,
)


def written(node: File | Box) -> Message:
    """Let the standard library make a part of a node."""
    if isinstance(node, File):
        made = MIMEBase("application", "x-iets")
        made.set_payload(node.data)
        (encoders.encode_quopri if node.quoted else encoders.encode_base64)(made)
        made.add_header("Content-Disposition", "attachment", filename=("utf-8", "", node.name))
        return made
    whole = MIMEMultipart("mixed")
    for child in node.inside:
        whole.attach(written(child))
    if not node.message:
        return whole
    whole["Subject"] = "binnen"
    return MIMEMessage(whole)


def files_in(node: File | Box) -> Iterator[tuple[str, str]]:
    """Give name and SHA-256 of every file, in order."""
    if isinstance(node, File):
        yield node.name, hashlib.sha256(node.data).hexdigest()
    else:
        for child in node.inside:
            yield from files_in(child)


def messages_in(node: File | Box) -> int:
    """Count the attached messages."""
    if isinstance(node, File):
        return 0
    return node.message + sum(map(messages_in, node.inside))


def found_in(raw: bytes, message: EmailMessage) -> Iterator[tuple[str | None, str]]:
    """Give name and SHA-256 of every file that was read, fetched again, in order."""
    for attachment in message.attachments:
        data = part_bytes(raw, attachment.part)
        assert hashlib.sha256(data).hexdigest() == attachment.sha256
        assert len(data) == attachment.size
        if attachment.kind == "message":
            assert attachment.message is not None
            yield from found_in(data, attachment.message)
        else:
            yield attachment.name, attachment.sha256


@settings(deadline=None, max_examples=200)
@given(st.lists(trees, max_size=5), st.booleans())
def test_any_tree_of_the_standard_library_comes_back(made: list[File | Box], crlf: bool) -> None:
    whole = MIMEMultipart("mixed")
    whole["From"], whole["Subject"] = "anja@gemeente.example", "stukken"
    whole.attach(MIMEText("Zie de stukken."))
    for node in made:
        whole.attach(written(node))
    raw = whole.as_bytes()
    if crlf:
        assume(not any("quoted-printable" in str(p.items()) for p in whole.walk()))
        raw = raw.replace(b"\n", b"\r\n")
    message = read(raw)
    everything = Box(False, tuple(made))
    assert list(found_in(raw, message)) == list(files_in(everything))
    assert "mail.lezer_mislukt" not in codes(message)


@pytest.mark.parametrize("depth", [1, 2, 10, 49])
@pytest.mark.parametrize("how", ["bare", "in a multipart", "base64", "mixed"])
def test_messages_to_any_allowed_depth_keep_their_exact_bytes(depth: int, how: str) -> None:
    """Each level counts for one; a multipart around it for another, so that fewer fit."""
    ways = {"bare": (0,), "in a multipart": (1,), "base64": (2,), "mixed": (0, 2, 1)}[how]
    levels = depth if 1 not in ways else (depth + 1) // 2
    raw = HEADER + b"\r\nhet begin\r\n \t\n\n"
    made = [raw]
    for number in range(levels):
        way = ways[number % len(ways)]
        if way == 0:
            raw = HEADER + b"Content-Type: message/rfc822\r\n\r\n" + raw
        elif way == 1:
            raw = HEADER + multipart(
                part(b"ter info"), part(raw, b"message/rfc822"), boundary=b"g%d" % number
            )
        else:
            if number > 8:
                break  # base64 in base64 grows by a third each time
            head = b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            raw = HEADER + head + base64.encodebytes(raw)
        made.append(raw)
    message = read(raw)
    assert "mail.te_diep" not in codes(message)
    for inner in reversed(made[:-1]):
        (found,) = message.attachments
        data = part_bytes(raw, found.part)
        assert data == inner
        assert found.sha256 == hashlib.sha256(inner).hexdigest()
        assert found.message is not None
        assert (found.message.sha256, found.message.size) == (found.sha256, len(inner))
        raw, message = data, found.message
    assert message.attachments == ()


# --- mailboxes -------------------------------------------------------------------------------------

SEPARATOR = b"From anja@gemeente.example Tue Mar  3 09:15:00 2026\n"
lines = st.one_of(
    st.binary(max_size=30).map(lambda b: b.replace(b"\n", b" ")),
    st.sampled_from(
        (
            b"",
            b"From hem",
            b">From haar",
            b">>From ons",
            b"From x Tue Mar  3 09:15:00 2026",
            b"From -",
        )
    ),
)
bodies = st.lists(lines, max_size=12).map(lambda found: b"".join(one + b"\n" for one in found))
mails = st.lists(bodies, min_size=1, max_size=5)
VARIANTS = ("mboxo", "mboxrd", "mboxcl", "mboxcl2")


def stored(variant: str, body: bytes) -> bytes:
    """Give a message as a program keeps it in a mailbox of this variant."""
    if variant == "mboxrd":
        kept = [
            b">" + ln if ln.lstrip(b">").startswith(b"From ") else ln for ln in body.split(b"\n")
        ]
    elif variant == "mboxcl2":
        kept = body.split(b"\n")
    else:
        kept = [b">" + ln if ln.startswith(b"From ") else ln for ln in body.split(b"\n")]
    body = b"\n".join(kept)
    length = b"Content-Length: %d\n" % len(body) if variant.startswith("mboxcl") else b""
    return b"From: anja@gemeente.example\nSubject: kort\n" + length + b"\n" + body


@calm
@given(mails)
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_message_of_every_kind_of_mailbox_comes_back(
    tmp_path: Path, variant: str, told: list[bytes]
) -> None:
    kept = [stored(variant, body) for body in told]
    data = b"".join(SEPARATOR + one + b"\n" for one in kept)
    path = tmp_path / "postvak"
    path.write_bytes(data)
    found = list(mbox.parse(path, ParseContext()))
    assert len(found) == len(told)
    for number, (record, one) in enumerate(zip(found, kept, strict=True)):
        assert isinstance(record, EmailMessage)
        assert record.index == number
        assert data[record.span.start : record.span.end] == one
        assert record.sha256 == hashlib.sha256(one).hexdigest()


# --- calendars -------------------------------------------------------------------------------------

# RFC 5545 3.1 leaves out control characters; U+0085 and U+2028 are ordinary ones.
words = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), include_characters="\x85\u2028"),
    min_size=1,
    max_size=90,
).filter(lambda text: text == text.strip())


def escaped(text: str) -> str:
    """Write a text as RFC 5545 3.3.11 wants it."""
    for plain, safe in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(plain, safe)
    return text


def folded(line: str, width: int) -> bytes:
    """Fold a line, also in the middle of a character, as some programs do."""
    raw = line.encode()
    return b"\r\n ".join(raw[at : at + width] for at in range(0, len(raw), width)) + b"\r\n"


@calm
@given(
    words,
    st.lists(words, max_size=3).map("\n".join),
    words,
    st.lists(st.binary(max_size=90), max_size=3),
    st.integers(20, 75),
)
@example("een\u2028twee", "drie\x85vier", "vijf\u2029zes", [], 75)
def test_an_appointment_comes_back(
    tmp_path: Path, title: str, told: str, place: str, files: list[bytes], width: int
) -> None:
    rows = [
        *("BEGIN:VCALENDAR", "METHOD:REQUEST", "BEGIN:VEVENT", "DTSTAMP:20260303T081500Z"),
        f"SUMMARY:{escaped(title)}",
        f"DESCRIPTION:{escaped(told)}",
        f"LOCATION:{escaped(place)}",
        *(f"ATTACH;ENCODING=BASE64;VALUE=BINARY:{base64.b64encode(d).decode()}" for d in files),
        *("END:VEVENT", "END:VCALENDAR"),
    ]
    raw = b"".join(folded(row, width) for row in rows)
    path = tmp_path / "afspraak.ics"
    path.write_bytes(raw)
    (record,) = ics.parse(path, ParseContext())
    assert isinstance(record, EmailMessage)
    assert record.subject == title
    assert record.date == "2026-03-03T08:15:00+00:00"
    event = ics.read_calendar(raw).components[0]
    assert (event.text("DESCRIPTION"), event.text("LOCATION")) == (told, place)
    assert [ics.part_bytes(raw, a.part) for a in record.attachments] == files


# --- Apple Mail ------------------------------------------------------------------------------------


@calm
@given(bodies, st.integers(0, 2**31), st.booleans())
def test_a_message_of_apple_mail_comes_back(
    tmp_path: Path, body: bytes, flags: int, padded: bool
) -> None:
    mail = b"From: anja@gemeente.example\nSubject: kort\n\n" + body
    plist = (
        b'<?xml version="1.0"?>\n<plist><dict><key>flags</key><integer>%d</integer></dict></plist>'
    )
    path = tmp_path / "7.emlx"
    length = b"%-9d\n" if padded else b"%d\n"
    path.write_bytes(length % len(mail) + mail + plist % flags)
    (record,) = emlx.parse(path, ParseContext(Limits()))
    assert isinstance(record, EmailMessage)
    assert path.read_bytes()[record.span.start : record.span.end] == mail
    assert record.sha256 == hashlib.sha256(mail).hexdigest()
    assert "emlx.lengte_klopt_niet" not in codes(record)
