"""S/MIME over invented messages with certificates made here; the issuer is trusted only when given."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Sequence

import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA384, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import given
from hypothesis import strategies as st

from archiver.intake.authenticity.examine import authenticity
from archiver.intake.authenticity.facts import Keys, Kind, Result, SignatureFact, Trust

SENT = "2026-11-17T14:52:00+01:00"
ADDRESS = "j.blankert@veldermeer.example"
HEAD = (
    b"From: Joris Blankert <j.blankert@veldermeer.example>\r\n"
    b"To: Mira van Oosterhof <m.vanoosterhof@veldermeer.example>\r\n"
    b"Subject: Vraag over de brug\r\nMIME-Version: 1.0\r\n"
)
TEXT = b"Content-Type: text/plain; charset=utf-8\r\n\r\nBeste Mira,\r\n\r\nDe brug is dicht.\r\n"
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def certificate(
    common: str,
    key: Key,
    issuer: tuple[x509.Certificate, Key] | None = None,
    *,
    address: str | None = None,
    usage: x509.ObjectIdentifier | None = None,
    until: int = 2030,
) -> x509.Certificate:
    above = issuer[0].subject if issuer else name(common)
    signer = issuer[1] if issuer else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(common))
        .issuer_name(above)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(dt.datetime(2020, 1, 1))
        .not_valid_after(dt.datetime(until, 1, 1))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
    )
    if address is None:
        builder = builder.add_extension(x509.BasicConstraints(True, None), critical=True)
        builder = builder.add_extension(
            x509.KeyUsage(True, False, False, False, False, True, True, False, False),
            critical=True,
        )
    else:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.RFC822Name(address)]), critical=False
        )
    if usage is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    return builder.sign(signer, SHA256())


def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


ROOT_KEY, MIDDLE_KEY, OWN_KEY = rsa_key(), rsa_key(), rsa_key()
ROOT = certificate("Veldermeer hoofd", ROOT_KEY)
MIDDLE = certificate(
    "Veldermeer personen",
    MIDDLE_KEY,
    (ROOT, ROOT_KEY),
    usage=ExtendedKeyUsageOID.EMAIL_PROTECTION,
)
OWN = certificate(
    "Joris Blankert",
    OWN_KEY,
    (MIDDLE, MIDDLE_KEY),
    address=ADDRESS,
    usage=ExtendedKeyUsageOID.EMAIL_PROTECTION,
)
TRUSTING = Keys(roots=(ROOT.public_bytes(Encoding.PEM),))


def cms_of(
    content: bytes,
    *,
    key: Key = OWN_KEY,
    own: x509.Certificate = OWN,
    hashing: HashAlgorithm = SHA256(),  # noqa: B008
    options: Sequence[pkcs7.PKCS7Options] = (pkcs7.PKCS7Options.DetachedSignature,),
    scheme: padding.AsymmetricPadding | None = None,
) -> bytes:
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content)
    builder = builder.add_signer(own, key, hashing, rsa_padding=scheme).add_certificate(MIDDLE)
    return builder.sign(Encoding.DER, [pkcs7.PKCS7Options.Binary, *options])


def base64_lines(data: bytes) -> bytes:
    return base64.encodebytes(data).replace(b"\n", b"\r\n")


def detached_mail(signature: bytes, content: bytes = TEXT) -> bytes:
    return (
        HEAD + b'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; '
        b'micalg=sha-256; boundary="gr"\r\n\r\n--gr\r\n' + content + b"\r\n--gr\r\n"
        b'Content-Type: application/pkcs7-signature; name="smime.p7s"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n" + base64_lines(signature) + b"--gr--\r\n"
    )


def opaque_mail(data: bytes, kind: bytes = b"signed-data") -> bytes:
    return (
        HEAD + b"Content-Type: application/pkcs7-mime; smime-type=" + kind + b"; name=smime.p7m\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n" + base64_lines(data)
    )


def only(raw: bytes, keys: Keys = Keys(), sent: str | None = SENT) -> SignatureFact:  # noqa: B008
    facts = authenticity(raw, sent, keys)
    assert len(facts) == 1
    return facts[0]


def test_holder_chain_moment_and_result_are_recorded_and_nobody_is_trusted() -> None:
    fact = only(detached_mail(cms_of(TEXT)))
    assert (fact.kind, fact.place, fact.result) == (Kind.SMIME, "2", Result.INTACT)
    assert fact.trust is Trust.UNCHECKED
    assert fact.trust_root is None
    assert fact.signer is not None
    assert (fact.signer.name, fact.signer.address) == ("Joris Blankert", ADDRESS)
    assert fact.signer.serial == f"{OWN.serial_number:x}"
    assert fact.signer.issuer == "CN=Veldermeer personen"
    assert [c.subject for c in fact.chain] == ["CN=Joris Blankert", "CN=Veldermeer personen"]
    assert fact.valid_then is True
    assert fact.same_sender is True
    assert fact.signed_at is not None
    assert fact.as_json()["vertrouwen"] == "niet tegen een vertrouwde uitgever gecontroleerd"


def test_with_a_trusted_issuer_the_chain_is_followed_to_it() -> None:
    fact = only(detached_mail(cms_of(TEXT)), TRUSTING)
    assert (fact.trust, fact.trust_root) == (Trust.TRUSTED, "CN=Veldermeer hoofd")


def test_another_issuer_of_the_same_name_is_not_trusted() -> None:
    other = certificate("Veldermeer hoofd", rsa_key())
    fact = only(detached_mail(cms_of(TEXT)), Keys(roots=(other.public_bytes(Encoding.PEM),)))
    assert (fact.result, fact.trust) == (Result.INTACT, Trust.UNTRUSTED)


def test_a_certificate_that_is_not_for_mail_is_not_trusted() -> None:
    web = certificate(
        "Webserver",
        OWN_KEY,
        (MIDDLE, MIDDLE_KEY),
        address=ADDRESS,
        usage=ExtendedKeyUsageOID.SERVER_AUTH,
    )
    assert only(detached_mail(cms_of(TEXT, own=web)), TRUSTING).trust is Trust.UNTRUSTED


def test_a_holder_who_gives_out_certificates_is_no_issuer() -> None:
    forged_key = rsa_key()
    forged = certificate("Burgemeester", forged_key, (OWN, OWN_KEY), address=ADDRESS)
    signer = pkcs7.PKCS7SignatureBuilder().set_data(TEXT).add_signer(forged, forged_key, SHA256())
    data = (
        signer.add_certificate(OWN)
        .add_certificate(MIDDLE)
        .sign(Encoding.DER, [pkcs7.PKCS7Options.Binary, pkcs7.PKCS7Options.DetachedSignature])
    )
    fact = only(detached_mail(data), TRUSTING)
    assert (fact.result, len(fact.chain), fact.trust) == (Result.INTACT, 3, Trust.UNTRUSTED)


def test_what_had_expired_at_the_sending_moment_is_said() -> None:
    raw = detached_mail(cms_of(TEXT))
    late = only(raw, TRUSTING, "2031-02-01T00:00:00+00:00")
    assert (late.result, late.valid_then, late.trust) == (Result.INTACT, False, Trust.UNTRUSTED)
    unknown = only(raw, TRUSTING, None)
    assert (unknown.valid_then, unknown.trust) == (None, Trust.UNCHECKED)


@pytest.mark.parametrize("keys", [Keys(), TRUSTING])
def test_a_changed_byte_is_changed(keys: Keys) -> None:
    raw = detached_mail(cms_of(TEXT)).replace(b"brug is dicht", b"brug is ducht")
    fact = only(raw, keys)
    assert (fact.result, fact.reason) == (Result.CHANGED, "inhoud_gewijzigd")
    opaque = cms_of(TEXT, options=()).replace(b"brug is dicht", b"brug is ducht")
    assert only(opaque_mail(opaque), keys).result is Result.CHANGED


def test_a_changed_signature_is_changed() -> None:
    info = cms.ContentInfo.load(cms_of(TEXT))
    signature = bytearray(info["content"]["signer_infos"][0]["signature"].native)
    signature[5] ^= 1
    info["content"]["signer_infos"][0]["signature"] = bytes(signature)
    fact = only(detached_mail(info.dump(force=True)))
    assert (fact.result, fact.reason) == (Result.CHANGED, "handtekening_klopt_niet")
    assert fact.body is Result.INTACT


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_line_ends_of_another_system_do_not_matter(line_end: bytes) -> None:
    assert only(detached_mail(cms_of(TEXT)).replace(b"\r\n", line_end)).result is Result.INTACT


@pytest.mark.parametrize(
    ("options", "scheme"),
    [
        ((pkcs7.PKCS7Options.NoAttributes, pkcs7.PKCS7Options.DetachedSignature), None),
        ((pkcs7.PKCS7Options.DetachedSignature,), padding.PSS(padding.MGF1(SHA384()), 48)),
    ],
)
def test_other_forms_of_signing_are_checked(
    options: Sequence[pkcs7.PKCS7Options], scheme: padding.AsymmetricPadding | None
) -> None:
    raw = detached_mail(cms_of(TEXT, hashing=SHA384(), options=options, scheme=scheme))
    assert only(raw).result is Result.INTACT
    assert only(raw.replace(b"dicht", b"ducht")).result is Result.CHANGED


def test_elliptic_curves_are_checked() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    own = certificate("Joris Blankert", key, (MIDDLE, MIDDLE_KEY), address="ander@x.example")
    fact = only(detached_mail(cms_of(TEXT, key=key, own=own)))
    assert (fact.result, fact.same_sender) == (Result.INTACT, False)


DETACHED = (pkcs7.PKCS7Options.DetachedSignature,)


def test_without_its_certificate_only_the_content_is_judged() -> None:
    raw = detached_mail(cms_of(TEXT, options=(pkcs7.PKCS7Options.NoCerts, *DETACHED)))
    fact = only(raw)
    assert (fact.result, fact.reason) == (Result.UNCHECKED, "certificaat_ontbreekt")
    assert fact.body is Result.INTACT
    assert fact.signer is not None
    assert fact.signer.serial == f"{OWN.serial_number:x}"
    assert only(raw.replace(b"dicht", b"ducht")).result is Result.CHANGED


def test_a_signature_that_wraps_its_content_is_opened_further() -> None:
    inner = detached_mail(cms_of(TEXT)).split(b"MIME-Version: 1.0\r\n")[1]
    facts = authenticity(opaque_mail(cms_of(inner, options=())), SENT)
    assert [(f.place, f.result) for f in facts] == [("1", Result.INTACT), ("1/2", Result.INTACT)]
    assert all(f.same_sender for f in facts)


def test_an_attached_signed_message_is_judged_at_its_place() -> None:
    raw = (
        HEAD + b'Content-Type: multipart/mixed; boundary="bu"\r\n\r\n--bu\r\n'
        b"Content-Type: message/rfc822\r\n\r\n" + detached_mail(cms_of(TEXT)) + b"\r\n--bu--\r\n"
    )
    assert (only(raw).place, only(raw).result) == ("1/2", Result.INTACT)


def test_who_can_open_an_encrypted_message_is_said() -> None:
    builder = pkcs7.PKCS7EnvelopeBuilder().set_data(TEXT).add_recipient(OWN)
    sealed = builder.encrypt(Encoding.DER, [pkcs7.PKCS7Options.Binary])
    fact = only(opaque_mail(sealed, b"enveloped-data"))
    assert (fact.kind, fact.result) == (Kind.SMIME_ENCRYPTED, Result.UNREADABLE)
    assert fact.reason == "sleutel_van_ontvanger_nodig"
    assert [(r.issuer, r.serial) for r in fact.recipients] == [
        ("CN=Veldermeer personen", f"{OWN.serial_number:x}")
    ]


@pytest.mark.parametrize(
    "raw", [detached_mail(b""), opaque_mail(b""), opaque_mail(b"0\x80" * 5000)]
)
def test_what_is_no_signature_is_said(raw: bytes) -> None:
    fact = only(raw)
    assert fact.result is Result.UNCHECKED
    assert fact.reason in ("niet_te_lezen", "geen_handtekening")


def test_an_outlook_item_gives_its_signed_part() -> None:
    signed = detached_mail(cms_of(TEXT)).split(b"MIME-Version: 1.0\r\n")[1]
    facts = authenticity(b"\xd0\xcf\x11\xe0", SENT, attached=(("", HEAD), ("1", signed)))
    assert [(f.place, f.result, f.same_sender) for f in facts] == [("1/2", Result.INTACT, True)]


def test_a_weak_hash_is_said() -> None:
    info = cms.ContentInfo.load(cms_of(TEXT))
    assert only(detached_mail(info.dump())).weak is False
    signer = info["content"]["signer_infos"][0]
    signer["digest_algorithm"] = {"algorithm": "sha1"}
    signer["signature_algorithm"] = {"algorithm": "rsassa_pkcs1v15"}
    signer["signed_attrs"] = None
    signer["signature"] = OWN_KEY.sign(TEXT, padding.PKCS1v15(), SHA1())
    fact = only(detached_mail(info.dump(force=True)))
    assert (fact.result, fact.weak) == (Result.INTACT, True)


@given(st.integers(0, 4_000), st.integers(1, 255))
def test_any_changed_byte_of_the_structure_gives_no_error(place: int, by: int) -> None:
    data = bytearray(SAMPLE)
    data[place % len(data)] ^= by
    assert isinstance(authenticity(opaque_mail(bytes(data)), SENT, TRUSTING), tuple)


SAMPLE = cms_of(TEXT, options=())
