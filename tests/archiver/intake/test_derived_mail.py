from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes
from email.policy import compat32

from hypothesis import given
from hypothesis import strategies as st

from archiver.intake import derived_mail as mail
from archiver.intake.headers import addresses
from archiver.intake.mime import read_message
from archiver.intake.protocol import Limits
from archiver.model import Address, EmailMessage, Span

NAMES = st.text(min_size=1, max_size=60)


def read(raw: bytes) -> EmailMessage:
    return read_message(raw, format="x", index=0, span=Span(0, len(raw)), limits=Limits())


def test_every_part_is_where_other_programs_look_for_it() -> None:
    inner = mail.compose(mail.Draft(fields=[("Subject", "binnen")], plain="diep"))
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
    )
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
    raw = mail.compose(mail.Draft(fields=[("Subject", "x")], plain=plain, pieces=pieces))
    assert raw == mail.compose(mail.Draft(fields=[("Subject", "x")], plain=plain, pieces=pieces))
    found = read(raw)
    from hashlib import sha256

    hashes = [sha256(d).hexdigest() for _, d in files]
    assert [a.sha256 for a in found.attachments if "!" not in a.part] == hashes
    assert found.subject == "x"


@given(st.text(max_size=300))
def test_a_subject_is_one_field(value: str) -> None:
    raw = mail.compose(mail.Draft(fields=[("Subject", mail.text_field(value)), ("To", "<a@b.nl>")]))
    found = read(raw)
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
    raw = mail.compose(mail.Draft(fields=[("To", "<x@y.nl>"), ("Subject", "s")], kept=kept))
    assert raw.startswith(b"X-Original-Line: Rommel\r\n vervolg\r\nTo: a@b.nl\r\nSubject: s\r\n")
