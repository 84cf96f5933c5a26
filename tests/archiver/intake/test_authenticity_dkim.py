"""DKIM and ARC over invented messages with keys made here; dkimpy is the second reader."""

from __future__ import annotations

import base64
import hashlib

import dkim as second
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st

from archiver.intake.authenticity import dkim
from archiver.intake.authenticity.examine import authenticity
from archiver.intake.authenticity.facts import Keys, Kind, Result, SignatureFact
from archiver.intake.authenticity.tags import read_tags

SENT = "2026-11-17T14:52:00+01:00"
NAME = "nov._domainkey.veldermeer.example"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(
    serialization.Encoding.PEM,
    serialization.PrivateFormat.TraditionalOpenSSL,
    serialization.NoEncryption(),
)
RECORD = (
    "v=DKIM1; k=rsa; p="
    + base64.b64encode(
        KEY.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    ).decode()
)
KEYS = Keys(dkim={NAME: RECORD})
MAIL = (
    b"From: Joris Blankert <j.blankert@veldermeer.example>\r\n"
    b"To:  Mira van Oosterhof <m.vanoosterhof@veldermeer.example>\r\n"
    b"Subject: Vraag over\r\n  de brug\r\n"
    b"Date: Tue, 17 Nov 2026 14:52:00 +0100\r\n\r\n"
    b"Beste Mira,  \r\n\r\nDe brug\tis  dicht. \r\nFrom hier gaat het om.\r\n\r\n\r\n"
)


def signed(forms: str, mail: bytes = MAIL, **options: object) -> bytes:
    canonical = tuple(form.encode() for form in forms.split("/"))
    header: bytes = second.sign(
        mail, b"nov", b"veldermeer.example", PEM, canonicalize=canonical, **options
    )
    return header + mail


def only(raw: bytes, keys: Keys = KEYS, **options: bool) -> SignatureFact:
    facts = [f for f in authenticity(raw, SENT, keys, **options) if f.kind is not Kind.CLAIM]
    assert len(facts) == 1
    return facts[0]


FORMS = ["simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed"]


@pytest.mark.parametrize("forms", FORMS)
def test_what_the_second_reader_signed_is_intact(forms: str) -> None:
    fact = only(signed(forms))
    assert (fact.kind, fact.result, fact.reason) == (Kind.DKIM, Result.INTACT, "")
    assert fact.body is Result.INTACT
    assert fact.signer is not None
    assert (fact.signer.name, fact.signer.key_id) == ("veldermeer.example", "nov")
    assert fact.same_sender is True
    assert fact.algorithm == "rsa-sha256"
    assert not fact.weak


@pytest.mark.parametrize("forms", FORMS)
def test_without_the_key_the_content_alone_is_judged(forms: str) -> None:
    fact = only(signed(forms), Keys())
    assert (fact.result, fact.reason) == (Result.UNCHECKED, "sleutel_ontbreekt")
    assert fact.body is Result.INTACT


@pytest.mark.parametrize("forms", FORMS)
@pytest.mark.parametrize("keys", [Keys(), KEYS])
def test_a_changed_byte_of_the_content_is_seen_with_and_without_key(forms: str, keys: Keys) -> None:
    fact = only(signed(forms).replace(b"brug\tis", b"brug\tbis"), keys)
    assert (fact.result, fact.reason) == (Result.CHANGED, "inhoud_gewijzigd")
    assert fact.body is Result.CHANGED


@pytest.mark.parametrize("forms", FORMS)
def test_a_changed_header_is_seen_with_the_key(forms: str) -> None:
    fact = only(signed(forms).replace(b"Subject: Vraag", b"Subject: Vroeg"))
    assert (fact.result, fact.reason) == (Result.CHANGED, "handtekening_klopt_niet")
    assert fact.body is Result.INTACT


def test_another_key_is_no_proof() -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    der = other.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    keys = Keys(dkim={NAME: "p=" + base64.b64encode(der).decode()})
    assert only(signed("relaxed/relaxed"), keys).result is Result.CHANGED


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ("v=DKIM1; p=", "sleutel_ingetrokken"),
        ("v=DKIM1; p=AAAA", "sleutel_onleesbaar"),
        ("v=DKIM1; p=!", "sleutel_onleesbaar"),
    ],
)
def test_a_key_that_is_none_leaves_it_unchecked(record: str, reason: str) -> None:
    fact = only(signed("relaxed/relaxed"), Keys(dkim={NAME: record}))
    assert (fact.result, fact.reason, fact.body) == (Result.UNCHECKED, reason, Result.INTACT)


def test_line_ends_of_another_system_do_not_matter() -> None:
    assert only(signed("relaxed/relaxed").replace(b"\r\n", b"\n")).result is Result.INTACT


def test_the_quoting_of_an_mbox_does_not_matter() -> None:
    raw = signed("simple/simple")
    quoted = b"From j@veldermeer.example Tue Nov 17 14:52:00 2026\n" + raw.replace(
        b"\r\nFrom hier", b"\r\n>From hier"
    )
    assert only(quoted).result is Result.INTACT


def test_a_message_made_from_the_data_of_outlook_is_not_called_changed() -> None:
    raw = signed("relaxed/relaxed").replace(b"dicht", b"open")
    fact = only(raw, derived=True)
    assert (fact.result, fact.reason, fact.body) == (Result.UNCHECKED, "afgeleid", None)


def test_a_signature_over_the_first_bytes_only_says_so() -> None:
    raw = signed("relaxed/relaxed", length=True)
    assert only(raw).partial is False
    longer = only(raw + b"Ook dit nog.\r\n")
    assert (longer.result, longer.partial) == (Result.INTACT, True)


def test_ed25519_is_checked_too() -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    body = dkim.canonical_body(MAIL.partition(b"\r\n\r\n")[2], "relaxed")
    told = base64.b64encode(hashlib.sha256(body).digest())
    unsigned = (
        b"DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=veldermeer.example; s=nov; "
        b"t=1795000000; x=1; h=from:subject:subject; bh=" + told + b"; b="
    )
    fields = dkim.fields_of(MAIL.partition(b"\r\n\r\n")[0])
    own = dkim.Field(b"dkim-signature", unsigned)
    text = dkim.header_hash_input(fields, [b"from", b"subject", b"subject"], own, "relaxed")
    value = base64.b64encode(key.sign(hashlib.sha256(text).digest()))
    public = key.public_key().public_bytes_raw()
    fact = only(
        unsigned + value + b"\r\n" + MAIL,
        Keys(dkim={NAME: "k=ed25519; p=" + base64.b64encode(public).decode()}),
    )
    assert fact.result is Result.INTACT
    assert fact.signed_at == "2026-11-18T11:06:40+00:00"
    assert fact.valid_then is False


RESULTS = b"lijst.example; dkim=pass header.d=veldermeer.example"


def sealed(plain: bytes) -> bytes:
    """Add the first set of ARC fields, as a list server does."""
    head, _, body = plain.partition(b"\r\n\r\n")
    told = base64.b64encode(hashlib.sha256(dkim.canonical_body(body, "relaxed")).digest())
    message = (
        b"ARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed; d=veldermeer.example; "
        b"s=nov; h=from:to:subject; bh=" + told + b"; b="
    )
    names = [b"from", b"to", b"subject"]
    own = dkim.Field(b"arc-message-signature", message)
    message += made(dkim.header_hash_input(dkim.fields_of(head), names, own, "relaxed"))
    results = b"ARC-Authentication-Results: i=1; " + RESULTS
    seal = b"ARC-Seal: i=1; a=rsa-sha256; cv=none; d=veldermeer.example; s=nov; b="
    three = (results, message, seal)
    seal += made(b"\r\n".join(dkim.canonical_field(one, "relaxed") for one in three))
    return b"\r\n".join((seal, message, results, plain))


def made(text: bytes) -> bytes:
    return base64.b64encode(KEY.sign(text, padding.PKCS1v15(), SHA256()))


def test_a_sealed_message_of_a_list_is_intact_and_says_what_it_claims() -> None:
    plain = b"Authentication-Results: " + RESULTS + b"\r\n" + signed("relaxed/relaxed")
    raw = sealed(plain)
    assert second.arc_verify(raw, dnsfunc=lambda *_, **__: RECORD.encode())[0] == second.CV_Pass
    facts = {f.kind: f for f in authenticity(raw, SENT, KEYS)}
    assert facts[Kind.ARC_SEAL].result is Result.INTACT
    assert facts[Kind.ARC_MESSAGE].result is Result.INTACT
    assert facts[Kind.ARC_SEAL].by == "i=1"
    assert facts[Kind.ARC_SEAL].claim == "cv=none"
    claims = [f for f in authenticity(raw, SENT, KEYS) if f.kind is Kind.CLAIM]
    assert {c.by for c in claims} == {"lijst.example"}
    assert all(c.result is Result.CLAIMED for c in claims)
    changed = raw.replace(b"dkim=pass", b"dkim=fail")
    facts = {f.kind: f for f in authenticity(changed, SENT, KEYS)}
    assert facts[Kind.ARC_SEAL].result is Result.CHANGED


def test_a_broken_row_of_seals_is_not_called_intact() -> None:
    value = base64.b64encode(KEY.sign(b"x", padding.PKCS1v15(), SHA256()))
    raw = b"ARC-Seal: i=2; a=rsa-sha256; cv=pass; d=veldermeer.example; s=nov; b=" + value + b"\r\n"
    fact = only(raw + MAIL)
    assert (fact.kind, fact.result, fact.reason) == (
        Kind.ARC_SEAL,
        Result.UNCHECKED,
        "reeks_onvolledig",
    )


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        (b"v=1; a=rsa-sha256; d=a.example; s=s; h=from; b=AA==", "oude_vorm"),
        (b"v=1; a=rsa-sha256; d=a.example; s=s; h=from; bh=!; b=AA==", "niet_te_lezen"),
        (b"v=1; a=rsa-sha256; d=a.example; s=s; h=from; bh=AA==; b=", "niet_te_lezen"),
        (b"v=1; a=rsa-sha256; l=-1; d=a.example; h=from; bh=AA==; b=AA==", "niet_te_lezen"),
        (b"v=1; a=dsa-md5; d=a.example; s=s; h=from; bh=AA==; b=AA==", "algoritme_onbekend"),
        (b"", "algoritme_onbekend"),
    ],
)
def test_a_field_that_is_none_is_said(field: bytes, reason: str) -> None:
    fact = only(b"DKIM-Signature: " + field + b"\r\n" + MAIL)
    assert (fact.result, fact.reason) == (Result.UNCHECKED, reason)


@given(st.binary(max_size=200), st.sampled_from(["simple", "relaxed"]))
def test_the_content_is_hashed_as_the_second_reader_does(body: bytes, form: str) -> None:
    from dkim.canonicalization import Relaxed, Simple

    # Mail travels in whole lines; of a last line without an end the second reader keeps the spaces,
    # against RFC 6376 section 3.4.4 as we read it.
    plain = dkim.crlf(body.replace(b"\r", b"") + b"\n")
    other = {"simple": Simple, "relaxed": Relaxed}[form]
    assert dkim.canonical_body(plain, form) == other.canonicalize_body(plain)


@given(st.binary(max_size=300))
def test_any_bytes_give_facts_and_no_error(noise: bytes) -> None:
    for start in (b"DKIM-Signature: ", b"ARC-Seal: i=1; ", b"ARC-Message-Signature: i=1; bh="):
        assert isinstance(authenticity(start + noise + b"\r\n\r\n" + noise, SENT), tuple)
    read_tags(noise)


def test_many_blank_lines_take_no_long_time() -> None:
    raw = signed("relaxed/relaxed")
    assert only(raw + b"\r\n" * 500_000).result is Result.INTACT
