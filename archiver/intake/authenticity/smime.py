"""S/MIME (RFC 8551, CMS RFC 5652): who signed, whether the content is unchanged, and for whom it is sealed.

Structure by asn1crypto, arithmetic by cryptography. The bytes are hostile; nothing is decrypted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from asn1crypto import cms
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa, utils

from archiver.intake.authenticity import certificates
from archiver.intake.authenticity.facts import (
    Kind,
    Recipient,
    Result,
    SignatureFact,
    Signer,
    Trust,
    printable,
)

MOST = 50  # signatures, recipients or certificates of one structure that are read
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "md5": hashes.MD5(),
    "sha1": hashes.SHA1(),
    "sha224": hashes.SHA224(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_ENCRYPTED = {
    cms.EnvelopedData: "encrypted_content_info",
    cms.AuthEnvelopedData: "auth_encrypted_content_info",
}
_WEAK = ("md5", "sha1")


@dataclass(frozen=True, slots=True)
class Opened:
    """What stands in a CMS structure: the facts, and the content of a signature that wraps it."""

    facts: tuple[SignatureFact, ...]
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a structure is judged by: where it stands, when it was sent and by whom, and who is trusted."""

    place: str
    moment: str | None = None
    sender: str | None = None
    roots: tuple[x509.Certificate, ...] = ()


def open_cms(data: bytes, contents: Sequence[bytes], asked: Asked) -> Opened:
    """Read a CMS structure (DER or BER).

    `contents` are the forms of the signed content to try when it stands outside the structure. Errors of
    broken bytes come through as ValueError, TypeError, KeyError or RecursionError.
    """
    info = cms.ContentInfo.load(data)
    kind = info["content_type"].native
    if kind == "signed_data":
        return _signed(info["content"], contents, asked)
    if kind in ("enveloped_data", "authenticated_enveloped_data", "authenticated_data"):
        return Opened((_sealed(info["content"], asked),))
    fact = SignatureFact(
        Kind.SMIME, asked.place, Result.UNCHECKED, reason="vorm_onbekend", moment=asked.moment
    )
    return Opened((fact,))


def _signed(signed: Any, contents: Sequence[bytes], asked: Asked) -> Opened:
    inside = signed["encap_content_info"]["content"]
    content: bytes | None = None
    if inside.native is not None:
        # A PKCS#7 content is no octet string but something else: then its bytes are signed.
        content = inside.native if isinstance(inside.native, bytes) else inside.contents
        contents = (content,) if content is not None else contents
    found = []
    unreadable = False
    for choice in list(signed["certificates"] or ())[:MOST]:
        try:
            if choice.name == "certificate":
                found.append(x509.load_der_x509_certificate(choice.chosen.dump()))
        except ValueError:
            unreadable = True
    facts = [_judged(one, found, contents, asked) for one in list(signed["signer_infos"])[:MOST]]
    if unreadable:
        facts = [
            replace(one, reason="certificaat_onleesbaar")
            if one.reason == "certificaat_ontbreekt"
            else one
            for one in facts
        ]
    if not facts:
        facts = [
            SignatureFact(
                Kind.SMIME, asked.place, Result.UNCHECKED, "geen_handtekening", moment=asked.moment
            )
        ]
    return Opened(tuple(facts), content)


def _judged(
    info: Any, found: Sequence[x509.Certificate], contents: Sequence[bytes], asked: Asked
) -> SignatureFact:
    digest = str(info["digest_algorithm"]["algorithm"].native)
    fact = SignatureFact(
        Kind.SMIME,
        asked.place,
        Result.UNCHECKED,
        moment=asked.moment,
        algorithm=f"{digest} {info['signature_algorithm']['algorithm'].native}",
        weak=digest in _WEAK,
        signed_at=_signing_time(info),
        trust=Trust.UNCHECKED,
        signer=_named(info["sid"]),
    )
    holder = next((c for c in found if _is_of(c, info["sid"])), None)
    if holder is not None:
        chain = certificates.chain_of(holder, found)
        own = {a.casefold() for a in certificates.addresses(holder)}
        sure, root = certificates.trust(holder, found, asked.roots, asked.moment)
        fact = replace(
            fact,
            signer=certificates.holder(holder),
            chain=tuple(certificates.described(c) for c in chain),
            valid_then=certificates.in_force(chain, asked.moment),
            same_sender=asked.sender.casefold() in own if asked.sender and own else None,
            trust=sure,
            trust_root=root,
        )
    if digest not in _HASHES:
        return replace(fact, reason="algoritme_onbekend")
    if not contents:
        return replace(fact, reason="inhoud_ontbreekt")
    said = _attribute(info, "message_digest")
    signed = contents
    if said is not None:
        if not any(_digest(digest, one) == said for one in contents):
            return replace(
                fact, result=Result.CHANGED, body=Result.CHANGED, reason="inhoud_gewijzigd"
            )
        fact = replace(fact, body=Result.INTACT)
        # The attributes are signed as the SET OF that they are, not as the [0] that they stand in.
        signed = (b"\x31" + info["signed_attrs"].dump()[1:],)
    if holder is None:
        return replace(fact, reason="certificaat_ontbreekt")
    try:
        sound = any(_fits(holder, info, digest, one) for one in signed)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return replace(fact, reason="algoritme_onbekend")
    if not sound:
        return replace(fact, result=Result.CHANGED, reason="handtekening_klopt_niet")
    return replace(fact, result=Result.INTACT, body=Result.INTACT)


def _fits(certificate: x509.Certificate, info: Any, digest: str, signed: bytes) -> bool:
    key = certificate.public_key()
    signature = info["signature"].native
    algorithm = info["signature_algorithm"]
    hashing = _HASHES[digest]
    try:
        if isinstance(key, rsa.RSAPublicKey):
            scheme: padding.AsymmetricPadding = padding.PKCS1v15()
            if algorithm["algorithm"].native == "rsassa_pss":
                options = algorithm["parameters"]
                hashing = _HASHES[options["hash_algorithm"]["algorithm"].native]
                inner = options["mask_gen_algorithm"]["parameters"]["algorithm"].native
                scheme = padding.PSS(padding.MGF1(_HASHES[inner]), options["salt_length"].native)
            key.verify(signature, _digest(hashing.name, signed), scheme, utils.Prehashed(hashing))
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, signed, ec.ECDSA(hashing))
        elif isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
            key.verify(signature, signed)
        else:
            raise UnsupportedAlgorithm("key")
    except InvalidSignature:
        return False
    return True


def _digest(name: str, data: bytes) -> bytes:
    return hashlib.new(name, data, usedforsecurity=False).digest()


def _is_of(certificate: x509.Certificate, sid: Any) -> bool:
    if sid.name == "issuer_and_serial_number":
        return bool(
            sid.chosen["serial_number"].native == certificate.serial_number
            and sid.chosen["issuer"].dump() == certificate.issuer.public_bytes()
        )
    try:
        own = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return False
    return bool(own.digest == sid.chosen.native)


def _named(sid: Any) -> Signer:
    if sid.name == "issuer_and_serial_number":
        return Signer(
            serial=f"{sid.chosen['serial_number'].native:x}",
            issuer=_issuer(sid.chosen["issuer"]),
        )
    return Signer(key_id=sid.chosen.native.hex())


def _issuer(name: Any) -> str:
    try:
        return certificates.name_of(x509.Name.from_bytes(name.dump()))
    except ValueError:  # a name that the norm does not allow: say it as the other reader does
        return printable(name.human_friendly)


def _attribute(info: Any, name: str) -> Any:
    for attribute in info["signed_attrs"] or ():
        if attribute["type"].native == name and len(attribute["values"]) == 1:
            return attribute["values"][0].native
    return None


def _signing_time(info: Any) -> str | None:
    moment = _attribute(info, "signing_time")
    return moment.isoformat() if moment is not None else None


def _sealed(sealed: Any, asked: Asked) -> SignatureFact:
    recipients = [_recipient(one) for one in list(sealed["recipient_infos"])[:MOST]]
    part = _ENCRYPTED.get(type(sealed))
    cipher = str(sealed[part]["content_encryption_algorithm"]["algorithm"].native) if part else ""
    return SignatureFact(
        Kind.SMIME_ENCRYPTED,
        asked.place,
        Result.UNREADABLE,
        "sleutel_van_ontvanger_nodig",
        moment=asked.moment,
        algorithm=cipher,
        recipients=tuple(r for r in recipients if r is not None),
    )


def _recipient(info: Any) -> Recipient | None:
    if info.name == "ktri":
        return _by_certificate(info.chosen["rid"])
    if info.name == "kari":
        keys = info.chosen["recipient_encrypted_keys"]
        return _by_certificate(keys[0]["rid"]) if len(keys) else None
    if info.name == "kekri":
        return Recipient("sleutel", key_id=info.chosen["kekid"]["key_identifier"].native.hex())
    return Recipient("wachtwoord") if info.name == "pwri" else None


def _by_certificate(rid: Any) -> Recipient:
    if rid.name == "issuer_and_serial_number":
        return Recipient(
            "certificaat",
            issuer=_issuer(rid.chosen["issuer"]),
            serial=f"{rid.chosen['serial_number'].native:x}",
        )
    chosen = rid.chosen
    if rid.name == "r_key_id":
        chosen = chosen["subjectKeyIdentifier"]  # so spelled by asn1crypto
    return Recipient("certificaat", key_id=chosen.native.hex())
