from __future__ import annotations

import binascii
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes
from email.policy import compat32

from hypothesis import given
from hypothesis import strategies as st

from archiver.intake import derived_mail as mail
from archiver.intake.headers import addresses
from archiver.intake.mime import read_message
from archiver.intake.parts import NOTHING, Encoded, structure
from archiver.intake.protocol import Limits
from archiver.model import Address, EmailMessage, Span

NAMES = st.text(min_size=1, max_size=60)


def read(raw: bytes, encoded: Encoded = NOTHING) -> EmailMessage:
    span = Span(0, len(raw))
    return read_message(raw, format="x", index=0, span=span, limits=Limits(), encoded=encoded)


def test_every_part_is_where_other_programs_look_for_it() -> None:
    inner = mail.compose(mail.Draft(fields=[("Subject", "binnen")], plain="diep")).raw
    raw = mail.compose(
        mail.Draft(
            fields=[("Subject", "buiten")],
            plain="plat",
            html=(b"<img src='cid:a'>", "utf-8"),
            pieces=[
                mail.Piece(b"png", "a.png", "image/png", "a", inline=True),
                mail.Piece(inner, "binnen", is_message=True),
                mail.Piece(b"\x00\r\n\xff", "naam met spaties é.bin"),
            ],
        )
    ).raw
    message = message_from_bytes(raw, policy=compat32)
    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == [
        "multipart/mixed",
        "multipart/related",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "image/png",
        "message/rfc822",
        "text/plain",
        "application/octet-stream",
    ]
    assert raw.count(b"\n") == raw.count(b"\r\n")


@given(st.lists(st.tuples(NAMES, st.binary(max_size=200)), max_size=4), st.text(max_size=200))
def test_names_and_bytes_come_back_whatever_they_are(
    files: list[tuple[str, bytes]], plain: str
) -> None:
    pieces = [mail.Piece(data, name, "application/x") for name, data in files]
    draft = mail.Draft(fields=[("Subject", "x")], plain=plain, pieces=pieces)
    raw = mail.compose(draft).raw
    assert raw == mail.compose(draft).raw
    found = read(raw)
    from hashlib import sha256

    hashes = [sha256(d).hexdigest() for _, d in files]
    assert [a.sha256 for a in found.attachments if "!" not in a.part] == hashes
    assert found.subject == "x"


PIECES = st.builds(
    mail.Piece,
    st.binary(max_size=200) | st.sampled_from([b"x" * 3_647, b"x" * 3_648, b"x" * 3_649]),
    st.none() | NAMES,
    st.sampled_from(["image/png", "text/plain", "text/html", "multipart/mixed", "message/rfc822"]),
    st.none() | NAMES,
    st.booleans(),
    st.booleans(),
)
DRAFTS = st.builds(
    mail.Draft,
    st.just([("Subject", "x")]),
    st.sampled_from(
        ["", "Content-Type: multipart/mixed; boundary=a\r\n", "\0: \r\nx\r\n", "a:\n" * 6_000]
    ),
    st.none() | st.text(max_size=200),
    st.none() | st.tuples(st.binary(max_size=200), st.sampled_from(["utf-8", "cp1252", "x"])),
    st.lists(PIECES, max_size=4),
    st.none() | st.just(b"Content-Type: text/plain\r\n\r\nondertekend"),
)


@given(DRAFTS)
def test_what_is_said_to_be_encoded_is_exactly_what_decodes(draft: mail.Draft) -> None:
    made = mail.compose(draft)
    for (start, end), data in made.encoded.items():
        assert binascii.a2b_base64(made.raw[start:end]) == data
        assert made.raw[:start].endswith(b"Content-Transfer-Encoding: base64\r\n\r\n")
        assert all(len(line) <= 76 for line in made.raw[start:end].split(b"\r\n"))
    assert read(made.raw, made.encoded) == read(made.raw)


def test_nothing_is_decoded_that_was_encoded_a_moment_ago() -> None:
    pieces = [mail.Piece(b"bytes", "a.bin"), mail.Piece(b"tekst", "b.txt", "text/plain")]
    made = mail.compose(mail.Draft([], plain="plat", html=(b"<p>", "utf-8"), pieces=pieces))
    leaves = structure(made.raw).leaves
    assert [made.encoded[leaf.start, leaf.end] for leaf in leaves] == [
        *(b"plat", b"<p>", b"bytes", b"tekst")
    ]


@given(st.text(max_size=300))
def test_a_subject_is_one_field(value: str) -> None:
    fields = [("Subject", mail.text_field(value)), ("To", "<a@b.nl>")]
    found = read(mail.compose(mail.Draft(fields)).raw)
    assert found.to == (Address(None, "a@b.nl"),)
    assert found.bcc == ()
    assert found.attachments == ()


@given(st.text(min_size=1, max_size=80).filter(lambda t: mail.clean(t).strip('"') != ""))
def test_a_name_is_never_taken_for_an_address(name: str) -> None:
    field = mail.address_field([Address(name, "a@b.nl")])
    (found,) = addresses([field.encode("utf-8", "replace")])
    assert found.address == "a@b.nl"


def test_someone_without_address_keeps_the_name() -> None:
    field = mail.address_field([Address("Team Zorg", None), Address("Bo", "bo@v.nl")])
    assert addresses([field.encode()]) == (Address("Team Zorg", None), Address("Bo", "bo@v.nl"))


def test_dates_are_in_utc() -> None:
    moment = datetime(2024, 2, 29, 23, 30, tzinfo=timezone(-timedelta(hours=2)))
    assert mail.date_field(moment) == "Fri, 01 Mar 2024 01:30:00 +0000"
    assert mail.date_field(datetime(1999, 12, 31, tzinfo=UTC)) == "Fri, 31 Dec 1999 00:00:00 +0000"


def test_kept_lines_that_are_no_header_stay_readable() -> None:
    kept = "Rommel\r\n vervolg\r\nTo: a@b.nl\r\n\r\nSubject: uit de tekst\r\n"
    raw = mail.compose(mail.Draft(fields=[("To", "<x@y.nl>"), ("Subject", "s")], kept=kept)).raw
    assert raw.startswith(b"X-Original-Line: Rommel\r\n vervolg\r\nTo: a@b.nl\r\nSubject: s\r\n")
