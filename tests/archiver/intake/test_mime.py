"""The reader over raw bytes: structure, exact bytes of attachments, limits, and never a crash."""

from __future__ import annotations

import base64
import hashlib
import re
import time
import tracemalloc
from dataclasses import replace
from email.message import EmailMessage as StdMessage

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archiver.intake import mime
from archiver.intake.mime import part_bytes
from archiver.intake.parts import plain_line_ends, structure
from archiver.intake.protocol import Limits
from archiver.ledger import count
from tests.archiver.intake.messages import HEADER, codes, multipart, part, read
from tests.helpers.shared import SHARED

PDF = bytes(range(256)) * 5
ATTACHED = HEADER + b"\r\nIn de bijlage.\r\n"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def with_pdf() -> bytes:
    pdf = part(
        base64.encodebytes(PDF),
        b'application/pdf; name="besluit.pdf"',
        b"base64",
        b"Content-Disposition: attachment\r\n",
    )
    return HEADER + multipart(part(b"Zie bijlage."), pdf)


def test_an_attachment_has_name_type_size_and_hash_of_its_decoded_bytes() -> None:
    (found,) = read(with_pdf()).attachments
    assert (found.name, found.media_type, found.size) == ("besluit.pdf", "application/pdf", 1_280)
    assert found.sha256 == sha256(PDF)
    assert part_bytes(with_pdf(), found.part) == PDF


def test_an_attached_message_has_its_exact_bytes_and_is_read_further() -> None:
    inner = with_pdf().replace(b"\r\n", b"\n") + b"\n \t\n"
    outer = (part(b"Ter info"), part(inner, b"message/rfc822"))
    raw = HEADER + multipart(*outer, boundary=b"buiten")
    (found,) = read(raw).attachments
    assert found.kind == "message"
    assert part_bytes(raw, found.part) == inner
    assert found.sha256 == sha256(inner)
    assert found.message is not None
    assert found.message.subject == "Vergunning Dorpsstraat"
    (deeper,) = found.message.attachments
    assert part_bytes(part_bytes(raw, found.part), deeper.part) == PDF


@given(st.binary(max_size=400))
@example(b"")
@example(b"\r\n\r\n")
@example(b"--grens")
def test_the_bytes_of_an_attached_message_are_exact(inner: bytes) -> None:
    if b"\n--grens" in b"\n" + inner or (b"\n" not in inner and b"\r" in inner):
        return
    raw = HEADER + multipart(part(inner, b"message/rfc822"))
    (found,) = read(raw).attachments
    assert part_bytes(raw, found.part) == inner


@given(st.binary(max_size=600))
def test_any_bytes_come_back_from_base64(data: bytes) -> None:
    raw = HEADER + multipart(part(base64.encodebytes(data), b"image/png", b"base64"))
    message = read(raw)
    assert message.attachments[0].sha256 == sha256(data)
    assert "mail.codering_stuk" not in codes(message)


@given(st.text(max_size=300))
def test_a_message_that_the_standard_library_wrote_comes_back(text: str) -> None:
    if any(0xD800 <= ord(c) < 0xE000 for c in text):
        return
    written = StdMessage()
    written["From"] = "anja@gemeente.example"
    written["Subject"] = "Aanvraag"
    written.set_content(text, cte="base64")
    written.add_attachment(text.encode(), maintype="application", subtype="x-iets", filename="a.b")
    message = read(written.as_bytes())
    (found,) = message.attachments
    assert found.sha256 == sha256(text.encode())
    assert message.undecodable == 0


@settings(max_examples=400)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=60),
            st.sampled_from(
                [
                    b"\n",
                    b"\r\n",
                    b"--a",
                    b"--a--",
                    b"--b",
                    b"Content-Type: multipart/mixed; boundary=a\n",
                    b'Content-Type: multipart/alternative; boundary="b"\n',
                    b"Content-Type: message/rfc822\n",
                    b"Content-Transfer-Encoding: base64\n",
                    b"Content-Disposition: attachment; filename*0*=utf-8''%\n",
                    b"Subject: =?utf-8?b?=\n",
                    b"From: <@\n",
                    b"Date: Mon, 99 Foo 0000 99:99\n",
                    b"begin 644 x\n",
                    b"=ybegin name=x\n",
                ]
            ),
        ),
        max_size=30,
    )
)
def test_reading_never_raises_and_accounts_for_every_byte(pieces: list[bytes]) -> None:
    raw = b"".join(pieces)
    message = read(raw)
    assert message.sha256 == sha256(raw)
    assert message.size == len(raw)
    assert_accounted(raw)
    for attachment in message.attachments:
        assert sha256(part_bytes(raw, attachment.part)) == attachment.sha256
    assert count(message).messages == 1


def assert_accounted(raw: bytes) -> None:
    """Header, leaves and text outside the parts; between them only delimiters and part headers."""
    raw = plain_line_ends(raw)
    found = structure(raw)
    spans = sorted([*((p.start, p.end) for p in found.leaves), *found.outside])
    position = found.fields.end
    for start, end in [*spans, (len(raw), len(raw))]:
        assert position <= start <= end <= len(raw)
        for line in re.split(rb"\r*\n", raw[position:start]):
            assert not line.strip() or re.match(rb"--|[ \t]|[!-9;-~]{1,200}[ \t]*:", line), line
        position = end


@pytest.mark.skipif(SHARED is None, reason="*** CORPUS ABSENT: e-mail was NOT checked ***")
@pytest.mark.corpus
def test_every_byte_of_every_message_of_the_corpus_is_accounted_for() -> None:
    assert SHARED is not None
    files = [p for p in (SHARED / "corpus" / "email").rglob("*.eml") if p.stat().st_size]
    assert len(files) >= 400
    for path in files:
        assert_accounted(path.read_bytes())


def test_text_outside_the_parts_is_said_and_the_usual_sentence_is_not() -> None:
    body = multipart(part(b"Hallo"))
    usual = body.replace(
        b"\r\n\r\n", b"\r\n\r\nThis is a multi-part message in MIME format.\r\n", 1
    )
    hidden = usual + b"Het bedrag is verhoogd.\r\n"
    assert "mail.tekst_buiten_delen" not in codes(read(HEADER + usual))
    assert "mail.tekst_buiten_delen" in codes(read(HEADER + hidden))
    assert len(structure(HEADER + hidden).outside) == 2


def test_all_text_parts_are_the_text_and_other_text_is_an_attachment() -> None:
    raw = HEADER + multipart(
        part(b"een "),
        part(b"twee"),
        part(b"<b>drie</b>", b"text/html"),
        part(b"x", b"text/enriched"),
    )
    message = read(raw)
    assert message.body.text_sha256 == sha256(b"een twee")
    assert message.body.text_length == 8
    assert message.body.has_html
    assert [a.media_type for a in message.attachments] == ["text/enriched"]


def test_an_image_that_the_html_shows_is_inline() -> None:
    image = part(b"iVBO", b"image/png", b"base64", b"Content-ID: <logo@x>\r\n")
    other = part(b"iVBO", b"image/png", b"base64", b"Content-ID: <foto@x>\r\n")
    html = part(b'<img src="cid:LOGO@x">', b"text/html")
    found = read(HEADER + multipart(html, image, other, kind=b"related")).attachments
    assert [a.inline for a in found] == [True, False]


def test_broken_base64_gives_what_is_readable_and_a_finding() -> None:
    message = read(HEADER + multipart(part(b"SGFs*bG8g\r\ndGhlcmU", b"image/gif", b"base64")))
    assert message.attachments[0].sha256 == sha256(b"Hallo there")
    assert "mail.codering_stuk" in codes(message)


def test_a_forgotten_semicolon_does_not_hide_the_parts() -> None:
    raw = HEADER + multipart(part(b"Hallo")).replace(b"mixed; ", b"mixed\r\n\t")
    assert read(raw).body.text_sha256 == sha256(b"Hallo")


def test_a_multipart_without_closing_boundary_is_read_with_a_finding() -> None:
    message = read(with_pdf()[: -len(b"--grens--\r\n")])
    assert len(message.attachments) == 1
    assert "mail.grens_ontbreekt" in codes(message)


def test_bare_cr_line_ends_are_read() -> None:
    raw = (HEADER + multipart(part(b"Hallo"))).replace(b"\r\n", b"\r")
    assert read(raw).body.text_sha256 == sha256(b"Hallo")
    assert read(raw).sha256 == sha256(raw)


@pytest.mark.parametrize(
    ("field", "signed", "encrypted"),
    [
        (b'multipart/signed; protocol="application/pgp-signature"; boundary=a', "pgp", None),
        (b'multipart/signed; protocol="application/pkcs7-signature"; boundary=a', "smime", None),
        (b'multipart/encrypted; protocol="application/pgp-encrypted"; boundary=a', None, "pgp"),
        (b"application/pkcs7-mime; smime-type=signed-data", "smime", None),
        (b"application/pkcs7-mime; smime-type=enveloped-data", None, "smime"),
        (b"text/plain", None, None),
    ],
)
def test_protection_is_noticed(field: bytes, signed: str | None, encrypted: str | None) -> None:
    message = read(HEADER + b"Content-Type: " + field + b"\r\n\r\n--a\r\n\r\nx\r\n--a--\r\n")
    assert (message.signed, message.encrypted) == (signed, encrypted)
    assert ("mail.versleuteld" in codes(message)) is (encrypted is not None)


# --- limits --------------------------------------------------------------------------------------


def test_fifty_messages_in_each_other_are_read_and_no_more() -> None:
    raw = ATTACHED
    for _ in range(60):
        raw = HEADER + b"Content-Type: message/rfc822\r\n\r\n" + raw
    message, depth = read(raw), 1
    while message.attachments and message.attachments[0].message is not None:
        message, depth = message.attachments[0].message, depth + 1
    assert depth == 50
    assert "mail.te_diep" in codes(message)
    assert message.attachments[0].size > len(ATTACHED)


def test_multiparts_nested_too_deep_are_kept_as_text_with_a_finding() -> None:
    raw = b"einde"
    for number in range(60):
        raw = multipart(raw, boundary=b"g%d" % number)
    message = read(HEADER + raw)
    assert "mail.te_diep" in codes(message)
    assert message.parts <= 60


def test_ten_thousand_and_one_parts_stop_with_a_finding() -> None:
    limit = Limits().parts
    body = b"--a\n\nx\n" * (limit + 1)
    message = read(
        HEADER + b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + body + b"--a--\n"
    )
    assert "mail.te_veel_delen" in codes(message)
    assert message.parts <= limit + 1


def test_a_header_of_two_megabytes_is_cut_with_a_finding() -> None:
    fields = b"X-Vulling: " + b"a" * 900 + b"\r\n"
    message = read(HEADER + fields * (2_000_000 // len(fields)) + b"\r\nTekst")
    assert message.subject == "Vergunning Dorpsstraat"
    assert {"mail.kop_te_groot", "mail.te_veel_kopregels"} & set(codes(message))


def test_one_header_line_of_two_megabytes_is_cut_with_a_finding() -> None:
    message = read(HEADER + b"X-Vulling: " + b"a" * 2_000_000 + b"\r\n\r\nTekst")
    assert message.subject == "Vergunning Dorpsstraat"
    assert "mail.kop_te_groot" in codes(message)


def test_too_many_header_fields_stop_with_a_finding() -> None:
    message = read(HEADER + b"X: y\r\n" * 6_000 + b"\r\nTekst")
    assert "mail.te_veel_kopregels" in codes(message)


@pytest.mark.parametrize(
    "raw",
    [
        b"Subject: " + b"=?utf-8?b?" * 5,
        b"Content-Type: multipart/mixed; boundary=\n\n--\n--\n",
        b"a:\n" + b" \n" * 15 + b"b:\n",
        b"Content-Type:a/b;x*99999999*=''%;x*1*=%00%;x*=1\n\n",
        b"From: " + b"(" * 47,
        b"To: " + b"a:" * 24,
    ],
)
def test_small_memory_eaters_stay_small(raw: bytes) -> None:
    tracemalloc.start()
    read(raw)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000


@pytest.mark.parametrize(
    "raw",
    [
        b"Subject: " + b"=?utf-8?q?" * 50_000 + b"\n\n",
        b"To: " + b"(" * 200_000 + b"\n\n",
        b"To: " + b"a," * 100_000 + b"\n\n",
        b"To: " + b'"' * 100_001 + b"\n\n",
        b"References: " + b"<" * 300_000 + b"\n\n",
        b"Content-Type: text/plain" + b"; " * 200_000 + b"\n\n",
        b"Content-Type: text/plain;" + b" " * 400_000 + b"x\n\n",
        b"Content-Type: text/plain; a" + b" =" * 200_000 + b"\n\n",
        b"Content-Type: a/b;" + b"x*0*=%;" * 60_000 + b"\n\n",
        b"Date: " + b"1 " * 200_000 + b"\n\n",
        b"\n" * 500_000,
        b"X:y" + b"\n " * 250_000 + b"\n\n",
        b"X:y" + b"\r" * 300_000 + b"\n\n",
        b"a\n\nbegin 644 x\n" + b"begin 644 x\n" * 40_000,
        b"a\n\n=ybegin name=x\n" * 30_000,
        b"Content-Type: multipart/mixed; boundary=a\n\n" + b"--a" * 200_000,
    ],
)
def test_repetition_costs_no_more_than_its_length(raw: bytes) -> None:
    started = time.process_time()
    read(raw)
    assert time.process_time() - started < 3


def test_limits_are_those_that_were_given() -> None:
    small = replace(Limits(), parts=3)
    body = multipart(part(b"1"), part(b"2"), part(b"3"), part(b"4"))
    assert "mail.te_veel_delen" in codes(read(HEADER + body, small))
    assert codes(read(HEADER + body)) == []


def test_all_attachments_of_a_message_are_fetched_with_one_reading(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Thousands of small attachments would otherwise cost time in the square of their number."""
    pieces = [
        part(b"%d" % n, b'application/octet-stream; name="%d.bin"' % n, b"8bit") for n in range(50)
    ]
    raw = HEADER + multipart(part(b"Zie bijlagen."), *pieces)
    attachments = read(raw).attachments
    readings: list[int] = []
    monkeypatch.setattr(
        mime, "structure", lambda given: readings.append(len(given)) or structure(given)
    )
    got = [part_bytes(bytes(bytearray(raw)), found.part) for found in attachments]
    assert got == [b"%d" % n for n in range(50)]
    assert len(readings) == 1
