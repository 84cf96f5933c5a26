"""Reports, pieces of a message, content elsewhere, and what a server claims: said, never acted upon."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.findings import Severity
from archiver.intake import headers
from archiver.intake.mime import part_bytes
from archiver.intake.notices import notices
from tests.archiver.intake.messages import HEADER, codes, multipart, part, read

STATUS = (
    b"Reporting-MTA: dns; mx.gemeente.example\r\n\r\n"
    b"Final-Recipient: rfc822; bob@provincie.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
    b"Final-Recipient: rfc822; eva@provincie.example\r\nACTION : failed\r\nStatus: 5.1.1\r\n\r\n"
    b"Final-Recipient: rfc822; jan@provincie.example\r\nAction: delayed\r\nStatus: 4.4.1\r\n"
)
ORIGINAL = HEADER + b"\r\nHet bericht dat niet aankwam.\r\n"


def test_a_delivery_report_tells_how_often_and_keeps_every_part() -> None:
    raw = HEADER + multipart(
        part(b"Niet bezorgd."),
        part(STATUS, b"message/delivery-status"),
        part(ORIGINAL, b"message/rfc822"),
        kind=b"report",
    )
    message = read(raw)
    assert [(f.code, f.params.get("n")) for f in message.findings] == [
        ("mail.bezorging_mislukt", 2),
        ("mail.bezorging_vertraagd", 1),
    ]
    assert all(f.severity is Severity.INFO for f in message.findings)
    assert "provincie" not in repr(message.findings)
    assert [a.kind for a in message.attachments] == ["report", "message"]
    assert part_bytes(raw, "2") == STATUS
    assert part_bytes(raw, "3") == ORIGINAL
    inner = message.attachments[1].message
    assert inner is not None
    assert inner.message_id == "<1@gemeente.example>"


def test_the_header_of_a_message_that_did_not_arrive_is_an_attachment() -> None:
    raw = HEADER + multipart(part(HEADER, b"text/rfc822-headers"), kind=b"report")
    (found,) = read(raw).attachments
    assert part_bytes(raw, found.part) == HEADER


def test_a_receipt_of_reading_is_said() -> None:
    raw = HEADER + multipart(
        part(b"Gelezen"), part(b"Disposition: x", b"message/disposition-notification")
    )
    assert codes(read(raw)) == ["mail.leesbevestiging"]
    assert read(raw).attachments[0].kind == "report"


def test_a_piece_of_a_message_is_kept_and_said() -> None:
    raw = HEADER + b'Content-Type: message/partial; id="a@x"; number=2; total=3\r\n\r\nhalverwege'
    message = read(raw)
    (finding,) = message.findings
    assert finding.code == "mail.deel_van_bericht"
    assert finding.params == {"nummer": "2", "totaal": "3", "sleutel": "bd39e6feafd83701"}
    assert part_bytes(raw, message.attachments[0].part) == b"halverwege"


def test_content_elsewhere_is_not_fetched_and_is_said() -> None:
    body = b'Content-Type: image/png; name="plattegrond.png"\r\n\r\n'
    kind = b'message/external-body; access-type=URL; URL="http://x.example/volg?wie=anja"'
    message = read(HEADER + multipart(part(body, kind)))
    (finding,) = message.findings
    assert finding.code == "mail.inhoud_elders"
    assert finding.params == {"toegang": "URL"}


@given(
    st.sampled_from(["delivery-status", "partial", "external-body", "disposition-notification"]),
    st.dictionaries(
        st.sampled_from(["number", "total", "access-type", "id"]), st.text(max_size=60)
    ),
    st.binary(max_size=200),
)
def test_no_notice_raises_or_carries_foreign_text(
    kind: str, params: dict[str, str], data: bytes
) -> None:
    for finding in notices(f"message/{kind}", params, data):
        for value in finding.params.values():
            assert len(str(value)) <= 40
            assert str(value).isprintable()


@pytest.mark.parametrize(
    ("field", "claim"),
    [
        (
            b"mx.x.example;\r\n dkim=pass header.d=y.example;\r\n spf=fail (x) smtp.mailfrom=a@y.example;\r\n"
            b" dmarc=none",
            "mx.x.example: dkim=pass spf=fail dmarc=none",
        ),
        (b"mx.x.example 1; none", None),
        (b"spf=pass (sender IP is 1.2.3.4) smtp.mailfrom=y; dkim=none", "spf=pass dkim=none"),
        (b"mx.x.example; (dkim=pass) spf=fail", "mx.x.example: spf=fail"),
        (b'mx.x.example; spf=fail reason="dkim=pass"', "mx.x.example: spf=fail"),
        (b"", None),
        (None, None),
    ],
)
def test_what_the_server_claims(field: bytes | None, claim: str | None) -> None:
    assert headers.authentication(field) == claim


def test_only_the_topmost_claim_is_kept() -> None:
    raw = (
        b"Authentication-Results: mx.x.example; dkim=fail\r\n"
        b"Authentication-Results: mx.afzender.example; dkim=pass\r\n" + HEADER + b"\r\nTekst"
    )
    assert read(raw).authentication == "mx.x.example: dkim=fail"
    assert read(HEADER + b"\r\nTekst").authentication is None


@given(st.binary(max_size=300))
def test_no_claim_raises(field: bytes) -> None:
    claim = headers.authentication(field)
    assert claim is None or len(claim) < 400
