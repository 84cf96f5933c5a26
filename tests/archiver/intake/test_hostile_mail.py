"""Hostile mail, each made here: every trick ends as a limit with a finding, and costs next to nothing."""

from __future__ import annotations

import base64
import io
import json
import time
import zipfile
from collections.abc import Callable

import pytest

from archiver.intake import ics, msg, tnef
from archiver.intake.body_text import readable, safe_html
from archiver.intake.mime import part_bytes
from archiver.intake.protocol import Limits
from archiver.intake.walk import is_reserved, safe_name
from archiver.model import EmailMessage
from archiver.wire import from_wire, to_wire
from tests.archiver.intake.messages import HEADER, codes, multipart, part, read
from tests.helpers import outlook


def named(name: bytes) -> bytes:
    disposition = b'Content-Disposition: attachment; filename="' + name + b'"\r\n'
    return HEADER + multipart(part(b"x", b"application/octet-stream", more=disposition))


def star(name: str) -> bytes:
    encoded = "".join(f"%{byte:02X}" for byte in name.encode())
    disposition = f"Content-Disposition: attachment; filename*=utf-8''{encoded}\r\n".encode()
    return HEADER + multipart(part(b"x", b"application/octet-stream", more=disposition))


def messages_in_messages() -> bytes:
    raw = HEADER + b"\r\nbinnen"
    for _ in range(2_000):
        raw = HEADER + b"Content-Type: message/rfc822\r\n\r\n" + raw
    return raw


def multiparts_in_multiparts() -> bytes:
    raw = b"binnen"
    for number in range(2_000):
        raw = multipart(raw, boundary=b"g%d" % number)
    return HEADER + raw


def base64_in_base64() -> bytes:
    raw = HEADER + b"\r\nbinnen"
    for _ in range(30):
        inner = base64.encodebytes(raw)
        raw = (
            HEADER
            + b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            + inner
        )
    return raw


def one_boundary_for_all() -> bytes:
    field = b"Content-Type: multipart/mixed; boundary=a\r\n\r\n"
    return HEADER + (field + b"--a\r\n") * 3_000 + b"x\r\n--a--\r\n"


def parts(count: int) -> Callable[[], bytes]:
    return lambda: (
        HEADER + b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--a\n\nx\n" * count
    )


def zip_bomb() -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("nul", bytes(20_000_000))
    return HEADER + multipart(
        part(base64.encodebytes(whole.getvalue()), b"application/zip; name=a.zip", b"base64")
    )


BOMBS: dict[str, tuple[Callable[[], bytes], str | None]] = {
    "messages in messages": (messages_in_messages, "mail.te_diep"),
    "multiparts in multiparts": (multiparts_in_multiparts, "mail.te_diep"),
    "base64 in base64": (base64_in_base64, None),
    "one boundary for all": (one_boundary_for_all, "mail.geen_delen"),
    "too many parts": (parts(30_000), "mail.te_veel_delen"),
    "too many fields": (lambda: b"X: y\n" * 100_000 + b"\ntekst", "mail.te_veel_kopregels"),
    "one endless field": (lambda: b"X: " + b"y" * 20_000_000 + b"\n\ntekst", "mail.kop_te_groot"),
    "endless folding": (lambda: b"X: y" + b"\n y" * 2_000_000 + b"\n\ntekst", "mail.kop_te_groot"),
    "many addresses": (lambda: b"To: " + b"a@b.example, " * 70_000 + b"\n\ntekst", None),
    "many words": (lambda: b"Subject: " + b"=?utf-8?q?a?= " * 60_000 + b"\n\ntekst", None),
    "many references": (lambda: b"References: " + b"<a@b> " * 100_000 + b"\n\ntekst", None),
    "a zip in a mail": (zip_bomb, None),
    "nul bytes": (lambda: HEADER + b"\r\n" + bytes(5_000_000), None),
    "no line end": (lambda: HEADER + b"\r\n" + b"a" * 5_000_000, None),
    "quoted-printable": (
        lambda: HEADER + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + b"=" * 3_000_000,
        None,
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_costs_seconds_and_ends_as_a_finding(name: str) -> None:
    make, code = BOMBS[name]
    raw = make()
    started = time.process_time()
    message = read(raw)
    readable(raw)
    assert time.process_time() - started < 5
    assert message.size == len(raw)
    assert code is None or code in all_codes(message)


def all_codes(message: EmailMessage) -> set[str]:
    """Give the codes of the message and of the messages in it."""
    found: set[str] = set()
    waiting: list[EmailMessage] = [message]
    while waiting:
        one = waiting.pop()
        found |= set(codes(one))
        waiting += [a.message for a in one.attachments if a.message is not None]
    return found


@pytest.mark.parametrize("name", ["messages in messages", "base64 in base64", "too many parts"])
def test_what_was_read_of_a_bomb_goes_to_the_register_and_back(name: str) -> None:
    message = read(BOMBS[name][0]())
    assert from_wire(json.loads(json.dumps(to_wire(message)))) == message


@pytest.mark.parametrize(
    "raw",
    [
        named(b"../../../etc/passwd"),
        named(b"..\\\\..\\\\windows\\\\system32\\\\a.dll"),
        named(b"C:\\\\autoexec.bat"),
        named(b"CON"),
        named(b"com1.txt"),
        named(b"a\x00.exe"),
        named(b"a" * 4_000 + b".doc"),
        named(b"regel\x0been.doc"),
        star("factuur\u202efdp.exe"),
        star("\u2066factuur\u2069.exe"),
        star("a\u200b.pdf"),
        star("a\nb.pdf"),
        star("a/b.pdf"),
    ],
)
def test_a_name_that_misleads_is_kept_and_said_and_never_used(raw: bytes) -> None:
    message = read(raw)
    (found,) = message.attachments
    assert found.name
    assert codes(message) == ["mail.bijlagenaam_misleidt"]
    assert part_bytes(raw, found.part) == b"x"
    safe = safe_name(found.name)
    assert "/" not in safe
    assert "\\" not in safe
    assert safe not in ("", ".", "..")
    assert safe.isprintable()
    assert len(safe.encode()) <= 120


HOSTILE_NAMES = (
    "../../uit.png",
    "..\\uit.dll",
    "a\x00b.exe",
    "lpt1.txt",
    "COM\u00b2",
    "factuur\u202efdp.exe",
)


def _in_calendar(name: str) -> EmailMessage | None:
    attached = f'ATTACH;ENCODING=BASE64;FILENAME="{name}":eA=='.encode()
    event = b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" + attached + b"\r\nEND:VEVENT\r\n"
    return ics.read_message(event + b"END:VCALENDAR\r\n")


def _in_tnef(name: str) -> EmailMessage:
    values = {0x3707: (0x1F, name.encode("utf-16-le") + bytes(2)), 0x3701: (0x102, b"x")}
    start = (2, 0x69002, bytes(14))
    return tnef.read_message(outlook.tnef(start, (2, 0x69005, outlook.tnef_list(values))))


@pytest.mark.parametrize("name", HOSTILE_NAMES)
@pytest.mark.parametrize("form", ["msg", "tnef", "ics"])
def test_a_name_that_misleads_is_said_in_every_form(form: str, name: str) -> None:
    if form == "msg":
        item = outlook.msg(outlook.IPM_NOTE, (), [outlook.file(name, b"x")])
        message: EmailMessage | None = msg.read_message(item)
    else:
        message = _in_tnef(name) if form == "tnef" else _in_calendar(name)
    assert message is not None
    assert [a.name for a in message.attachments] == [name]
    assert codes(message).count("mail.bijlagenaam_misleidt") == 1


def test_the_subject_of_an_attached_item_is_no_name_of_a_file() -> None:
    inner = outlook.item({**outlook.IPM_NOTE, 0x0037: "Besluit 3/4"})
    holder = outlook.attached({0x3705: 5, 0x3001: "Besluit 3/4"}, inside=inner)
    message = msg.read_message(outlook.msg(outlook.IPM_NOTE, (), [holder]))
    assert [a.name for a in message.attachments] == ["Besluit 3/4"]
    assert "mail.bijlagenaam_misleidt" not in codes(message)


DEVICES = ("con", "PRN", "aux.txt", "nul.tar.gz", "CONIN$", "conout$.log", "CLOCK$")


@pytest.mark.parametrize("name", [*DEVICES, *(f"{p}{n}.x" for p in ("com", "LPT") for n in "19¹³")])
def test_a_device_of_windows_is_never_the_name_of_a_file(name: str) -> None:
    assert is_reserved(name)
    assert codes(read(star(name))) == ["mail.bijlagenaam_misleidt"]
    assert not is_reserved(safe_name(name))


@pytest.mark.parametrize("name", [b"besluit.pdf", b"Nota 3 (concept), v2.docx", b"RE_ vraag.eml"])
def test_an_ordinary_name_is_not_said(name: bytes) -> None:
    assert codes(read(named(name))) == []


def test_letters_of_any_language_are_ordinary() -> None:
    for name in ("bëslüit.pdf", "決定.pdf", "решение.docx", "😀.png"):
        assert codes(read(star(name))) == []


@pytest.mark.parametrize(
    "html",
    [
        "<style>" + "a{background:url(http://x.example/a)}" * 20_000 + "</style>tekst",
        "<div style='" + "x:y;" * 200_000 + "'>tekst</div>",
        "<table>" * 3_000 + "tekst",
        "tekst" + "<img src='http://x.example/a'>" * 30_000,
    ],
)
def test_html_that_eats_time_is_shown_without_it(html: str) -> None:
    started = time.process_time()
    clean = safe_html(html)
    assert time.process_time() - started < 4
    assert "tekst" in clean
    assert "x.example" not in clean


def test_the_limits_that_are_promised() -> None:
    limits = Limits()
    assert (limits.depth, limits.parts, limits.header_fields) == (50, 10_000, 5_000)
    assert limits.header_bytes == 1_048_576
