"""PGP over invented messages with keys made here: who signed, what changed, who can open it."""

from __future__ import annotations

import time

import pysequoia
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pysequoia import SignatureMode

from archiver.intake.authenticity import pgp
from archiver.intake.authenticity.examine import authenticity
from archiver.intake.authenticity.facts import Keys, Kind, Recipient, Result, SignatureFact, Trust

SENT = "2026-11-17T14:52:00+01:00"
ME = "Joris Blankert <j.blankert@veldermeer.example>"
OWN = pysequoia.Tsk.generate(user_ids=[ME])
PUBLIC = str(OWN.extract_certificate()).encode()
HEAD = (
    b"From: Joris Blankert <j.blankert@veldermeer.example>\r\n"
    b"To: Mira van Oosterhof <m.vanoosterhof@veldermeer.example>\r\n"
    b"Subject: Vraag over de brug\r\nMIME-Version: 1.0\r\n"
)
TEXT = b"Content-Type: text/plain; charset=utf-8\r\n\r\nBeste Mira,\r\n\r\nDe brug is dicht.\r\n"


def signed_mail(content: bytes = TEXT, key: bytes | None = None) -> bytes:
    signature = pysequoia.sign(OWN.signer(), content, mode=SignatureMode.DETACHED)
    signed = (
        b'Content-Type: multipart/signed; protocol="application/pgp-signature"; '
        b'micalg=pgp-sha512; boundary="gr"\r\n\r\n--gr\r\n' + content + b"\r\n--gr\r\n"
        b"Content-Type: application/pgp-signature\r\n\r\n" + bytes(signature) + b"\r\n--gr--\r\n"
    )
    if key is None:
        return HEAD + signed
    return (
        HEAD
        + b'Content-Type: multipart/mixed; boundary="buiten"\r\n\r\n--buiten\r\n'
        + signed
        + b"\r\n--buiten\r\nContent-Type: application/pgp-keys\r\n\r\n"
        + key
        + b"\r\n--buiten--\r\n"
    )


def only(raw: bytes, keys: Keys = Keys()) -> SignatureFact:  # noqa: B008
    facts = authenticity(raw, SENT, keys)
    assert len(facts) == 1
    return facts[0]


def test_with_the_key_in_the_message_it_is_intact_and_nobody_is_trusted() -> None:
    fact = only(signed_mail(key=PUBLIC))
    assert (fact.kind, fact.result, fact.trust) == (Kind.PGP, Result.INTACT, Trust.UNCHECKED)
    assert fact.signer is not None
    assert (fact.signer.name, fact.signer.address) == (
        "Joris Blankert",
        "j.blankert@veldermeer.example",
    )
    assert fact.same_sender is True
    assert fact.place == "1.2"
    assert fact.signed_at is not None


def test_with_a_kept_key_it_is_trusted() -> None:
    fact = only(signed_mail(), Keys(pgp=(PUBLIC,)))
    assert (fact.result, fact.trust) == (Result.INTACT, Trust.TRUSTED)
    assert fact.trust_root == OWN.extract_certificate().fingerprint


def test_without_a_key_it_stays_unchecked_and_names_the_key() -> None:
    fact = only(signed_mail())
    assert (fact.result, fact.reason) == (Result.UNCHECKED, "sleutel_ontbreekt")
    assert fact.signer is not None
    assert fact.signer.key_id is not None
    assert len(fact.signer.key_id) == 40


@pytest.mark.parametrize("key", [None, PUBLIC])
def test_a_changed_byte_is_seen_with_and_without_key(key: bytes | None) -> None:
    fact = only(signed_mail(key=key).replace(b"brug is dicht", b"brug is ducht"))
    assert (fact.result, fact.reason) == (Result.CHANGED, "inhoud_gewijzigd")


def with_packet(raw: bytes, position: int, value: int) -> bytes:
    """Give the message with one byte of its signature packet changed."""
    end = raw.index(b"-----END PGP SIGNATURE-----") + 27
    armour = raw[raw.index(b"-----BEGIN PGP SIGNATURE-----") : end]
    packet = bytearray(pgp.dearmour(armour))
    packet[position] = value
    again = pysequoia.armor(bytes(packet), pysequoia.ArmorKind.Signature)
    return raw.replace(armour, again.encode().strip())


def test_a_damaged_signature_is_not_called_intact() -> None:
    raw = signed_mail(key=PUBLIC)
    last = pgp.dearmour(raw[raw.index(b"-----BEGIN PGP SIGNATURE-----") :])[-1]
    fact = only(with_packet(raw, -1, last ^ 1))
    assert (fact.result, fact.reason) == (Result.UNCHECKED, "handtekening_niet_aanvaard")


@pytest.mark.parametrize("position", [-1, -2], ids=["hash", "key"])
def test_an_algorithm_that_nobody_knows_is_said(position: int) -> None:
    raw = signed_mail(key=PUBLIC)
    packet = pgp.dearmour(raw[raw.index(b"-----BEGIN PGP SIGNATURE-----") :])
    start = packet.index(b"\x04", 1)  # the body: version 4, type, key algorithm, hash algorithm
    fact = only(with_packet(raw, start + 4 + position, 87))
    assert (fact.result, fact.reason) == (Result.UNCHECKED, "algoritme_onbekend")


def test_line_ends_of_another_system_do_not_matter() -> None:
    assert only(signed_mail(key=PUBLIC).replace(b"\r\n", b"\n")).result is Result.INTACT


def test_the_key_of_another_is_no_proof_of_this_sender() -> None:
    raw = signed_mail(key=PUBLIC).replace(b"From: Joris", b"From: Mira <mira@x.example>, Joris")
    assert only(raw).same_sender is False


def clear_mail(text: bytes) -> bytes:
    block = bytes(pysequoia.sign(OWN.signer(), text, mode=SignatureMode.CLEAR))
    return HEAD + b"Content-Type: text/plain; charset=utf-8\r\n\r\nVooraf\r\n" + block


def test_a_clear_signed_text_is_judged() -> None:
    raw = clear_mail(b"Beste Mira,\n\n- De brug  \n--dicht\n")
    assert only(raw, Keys(pgp=(PUBLIC,))).result is Result.INTACT
    assert only(raw).reason == "sleutel_ontbreekt"
    assert only(raw.replace(b"dicht", b"ducht")).result is Result.CHANGED


def test_a_clear_signed_text_that_was_sent_in_another_charset_is_judged() -> None:
    raw = clear_mail("café\n".encode())
    latin = raw.replace("café".encode(), "café".encode("latin-1")).replace(b"utf-8", b"iso-8859-1")
    assert only(latin).reason == "sleutel_ontbreekt"


def encrypted_mail(data: bytes) -> bytes:
    return (
        HEAD + b'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; '
        b'boundary="gr"\r\n\r\n--gr\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n'
        b'--gr\r\nContent-Type: application/octet-stream; name="encrypted.asc"\r\n\r\n'
        + data
        + b"\r\n--gr--\r\n"
    )


def test_what_is_needed_to_open_a_message_is_said() -> None:
    cert = OWN.extract_certificate()
    fact = only(encrypted_mail(pysequoia.encrypt(recipients=[cert], bytes=b"geheim")))
    assert (fact.kind, fact.result) == (Kind.PGP_ENCRYPTED, Result.UNREADABLE)
    assert len(fact.recipients) == 1
    known = {p.key_id for p in pysequoia.packet.PacketPile.from_bytes(bytes(cert)) if p.key_id}
    assert (fact.recipients[0].key_id or "")[-16:] in known
    by_password = only(encrypted_mail(pysequoia.encrypt(passwords=["x"], bytes=b"geheim")))
    assert by_password.recipients == (Recipient("wachtwoord"),)


def test_what_is_only_packed_is_not_called_encrypted() -> None:
    packed = bytes(pysequoia.sign(OWN.signer(), b"tekst", mode=SignatureMode.INLINE))
    assert only(encrypted_mail(packed)).reason == "ingepakt"


@pytest.mark.parametrize("data", [b"", b"niets", b"-----BEGIN PGP MESSAGE-----\n\n!\n"])
def test_a_broken_message_gives_no_error(data: bytes) -> None:
    fact = only(encrypted_mail(data))
    assert fact.result in (Result.UNREADABLE, Result.UNCHECKED)
    assert fact.reason == "niet_te_lezen"


@given(st.binary(max_size=300))
def test_any_bytes_as_signature_or_packets_give_no_error(noise: bytes) -> None:
    mail = signed_mail()
    start = mail.index(b"-----BEGIN PGP")
    for piece in (noise, pysequoia.armor(b"\xc2" + noise, pysequoia.ArmorKind.Signature).encode()):
        facts = authenticity(mail[:start] + piece + b"\r\n--gr--\r\n", SENT, Keys(pgp=(noise,)))
        assert all(f.result is not Result.INTACT for f in facts)
    armour = pysequoia.armor(noise, pysequoia.ArmorKind.Message).encode()
    assert authenticity(encrypted_mail(armour), SENT)


@pytest.mark.parametrize(
    "line",
    [
        b"-----BEGIN PGP SIGNED MESSAGE-----\n",
        b"-----BEGIN PGP MESSAGE-----\n",
        b"-----BEGIN PGP SIGNED MESSAGE-----\n-----BEGIN PGP SIGNATURE-----\n",
        b"-----BEGIN PGP MESSAGE-----\n:\n-----END PGP MESSAGE----\n",
    ],
)
def test_many_beginnings_without_an_end_take_no_long_time(line: bytes) -> None:
    started = time.process_time()
    authenticity(b"\r\n" + line * 100_000, SENT)
    assert time.process_time() - started < 10  # was minutes when every beginning looked for its end
