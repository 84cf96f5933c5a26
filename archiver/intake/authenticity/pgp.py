"""OpenPGP (RFC 9580, RFC 3156): who signed, whether the content changed, for which keys it is sealed.

Signatures are checked by Sequoia (pysequoia). Which keys open an encrypted message stands in its first
packets; those few we read ourselves, so that nothing of a hostile message is unpacked.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pysequoia
import pysequoia.packet

from archiver.intake.authenticity.certificates import instant
from archiver.intake.authenticity.facts import (
    Kind,
    Recipient,
    Result,
    SignatureFact,
    Signer,
    Trust,
    printable,
)

MOST = 50  # signatures, recipients or keys of one message that are read
_LARGEST_KEY = 1_000_000  # bytes of a key or signature that are given to the library
_PKESK, _SIGNATURE, _SKESK, _ONE_PASS, _COMPRESSED, _LITERAL = 1, 2, 3, 4, 8, 11
_ENCRYPTED = (9, 18, 20)
_TEXT = 1  # type of a signature over text
_HASHES = {1: "md5", 2: "sha1", 8: "sha256", 9: "sha384", 10: "sha512", 11: "sha224"}
_WEAK = ("md5", "sha1", "ripemd")
_USER = re.compile(r"(.{0,1000}?)\s*<([^<>\s]{1,320})>")
_SIGNED = b"-----BEGIN PGP SIGNED MESSAGE-----"
_SIGNATURE_BEGIN, _SIGNATURE_END = b"-----BEGIN PGP SIGNATURE-----", b"-----END PGP SIGNATURE-----"
_ARMOUR_BEGIN = re.compile(rb"-----BEGIN PGP ([A-Z ]{3,30})-----[ \t]*\r?\n")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a signature is judged by: place, sending moment, sender, the keys found and those trusted."""

    place: str
    moment: str | None = None
    sender: str | None = None
    found: tuple[bytes, ...] = ()
    trusted: tuple[bytes, ...] = ()


class Broken(ValueError):
    """The bytes are no OpenPGP packets."""


def detached(signature: bytes, contents: Sequence[bytes], asked: Asked) -> list[SignatureFact]:
    """Judge the signatures of a multipart/signed; `contents` are the forms of the content to try."""
    facts = []
    for packet in list(_signatures(dearmour(signature)))[:MOST]:
        facts.append(_judged(packet, contents, asked))
    return facts or [_unchecked(asked, "geen_handtekening")]


def clear_signed(text: bytes, asked: Asked) -> list[SignatureFact]:
    """Judge every clear-signed block in a text."""
    facts: list[SignatureFact] = []
    for block in _clear_blocks(text):
        armour = block[block.rindex(_SIGNATURE_BEGIN) :]
        try:
            packets = list(_signatures(dearmour(armour)))[:MOST]
        except Broken:
            facts.append(_unchecked(asked, "niet_te_lezen"))
            continue
        for packet in packets:
            facts.append(_judged(packet, (), asked, clear=block))
    return facts


def messages_in(text: bytes) -> list[bytes]:
    """Give every armoured ``PGP MESSAGE`` in a text."""
    found: list[bytes] = []
    position = 0
    while len(found) < MOST and (one := _armour(text, position, b"MESSAGE")) is not None:
        found.append(text[one.start : one.end])
        position = one.end
    return found


def _clear_blocks(text: bytes) -> Iterator[bytes]:
    """Give the clear-signed blocks; every byte is looked at a few times at most."""
    position = 0
    for _ in range(MOST):
        start = text.find(_SIGNED, position)
        middle = text.find(_SIGNATURE_BEGIN, start + len(_SIGNED)) if start >= 0 else -1
        end = text.find(_SIGNATURE_END, middle) if middle >= 0 else -1
        if end < 0:
            return
        position = end + len(_SIGNATURE_END)
        if start == 0 or text[start - 1 : start] == b"\n":
            yield text[start:position]


@dataclass(frozen=True, slots=True)
class _Armour:
    """Where an armoured block stands, and where its inside does."""

    start: int
    inside: int
    inside_end: int
    end: int


def _armour(text: bytes, position: int = 0, kind: bytes | None = None) -> _Armour | None:
    """Find the next armoured block (of a kind) that has an end."""
    while (begin := _ARMOUR_BEGIN.search(text, position)) is not None:
        if kind is None or begin[1] == kind:
            last = b"-----END PGP " + begin[1] + b"-----"
            end = text.find(last, begin.end())
            if end < 0:
                return None
            return _Armour(begin.start(), begin.end(), end, end + len(last))
        position = begin.end()
    return None


def sealed(data: bytes, asked: Asked) -> SignatureFact:
    """Say for which keys an encrypted message is; a message that is not encrypted is said so.

    Raises `Broken` when the bytes are no OpenPGP message.
    """
    recipients: list[Recipient] = []
    data_found = False
    for tag, body in packets(dearmour(data)):
        if tag == _PKESK and len(recipients) < MOST:
            recipients.append(_for_key(body))
        elif tag == _SKESK and len(recipients) < MOST:
            recipients.append(Recipient("wachtwoord"))
        elif tag in (_COMPRESSED, _LITERAL, _ONE_PASS, _SIGNATURE):
            return _unchecked(asked, "ingepakt")
        elif tag not in (_PKESK, _SKESK):
            data_found = tag in _ENCRYPTED
            break
    if not (recipients or data_found):
        raise Broken("no message")
    return SignatureFact(
        Kind.PGP_ENCRYPTED,
        asked.place,
        Result.UNREADABLE,
        "sleutel_van_ontvanger_nodig",
        moment=asked.moment,
        recipients=tuple(recipients),
    )


def dearmour(data: bytes) -> bytes:
    """Give the bytes within the first ASCII armour, or the bytes themselves. Raises `Broken`."""
    block = _armour(data)
    if block is None:
        return data
    lines = data[block.inside : block.inside_end].replace(b"\r", b"").split(b"\n")
    headers = next((n for n, line in enumerate(lines) if b":" not in line), len(lines))
    lines = lines[headers:]
    kept = [line.strip() for line in lines if line.strip() and not line.startswith(b"=")]
    try:
        return binascii.a2b_base64(b"".join(kept))
    except binascii.Error as error:
        raise Broken("armour") from error


def packets(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Give tag and body of each packet; of one with an open end, its first piece. Raises `Broken`."""
    position = 0
    while position < len(data):
        first = data[position]
        if not first & 0x80:
            raise Broken("tag")
        position += 1
        if first & 0x40:
            tag = first & 0x3F
            length, position, whole = _new_length(data, position)
        else:
            tag = (first >> 2) & 0x0F
            size = (1, 2, 4, 0)[first & 3]
            length = int.from_bytes(data[position : position + size]) if size else len(data)
            position, whole = position + size, size > 0
        yield tag, data[position : position + length]
        if not whole:
            return
        position += length


def _new_length(data: bytes, position: int) -> tuple[int, int, bool]:
    octet = data[position] if position < len(data) else 0
    if octet < 192:
        return octet, position + 1, True
    if octet < 224:
        second = data[position + 1] if position + 1 < len(data) else 0
        return ((octet - 192) << 8) + second + 192, position + 2, True
    if octet == 255:
        return int.from_bytes(data[position + 1 : position + 5]), position + 5, True
    return 1 << (octet & 0x1F), position + 1, False


def _signatures(data: bytes) -> Iterator[bytes]:
    for tag, body in packets(data[:_LARGEST_KEY]):
        if tag == _SIGNATURE:
            yield b"\xc2\xff" + len(body).to_bytes(4) + body


def _for_key(body: bytes) -> Recipient:
    """Read the key of a session key packet: version 3 has a key id, version 6 a fingerprint."""
    longer = body[:1] == b"\x06" and len(body) > 2
    key = body[3 : 2 + body[1]] if longer else body[1:9]
    hidden = not key.strip(b"\0")
    return Recipient("sleutel", key_id=None if hidden else key.hex())


def _unchecked(asked: Asked, reason: str) -> SignatureFact:
    return SignatureFact(
        Kind.PGP,
        asked.place,
        Result.UNCHECKED,
        reason,
        moment=asked.moment,
        trust=Trust.UNCHECKED,
    )


def _judged(
    packet: bytes, contents: Sequence[bytes], asked: Asked, clear: bytes | None = None
) -> SignatureFact:
    fact = _unchecked(asked, "sleutel_ontbreekt")
    try:
        signature = pysequoia.Sig.from_bytes(packet)
    except RuntimeError:  # the one error of the library
        return replace(fact, reason="niet_te_lezen")
    try:
        hashing, by = _word(signature.hash_algorithm), _word(signature.key_algorithm)
    except RuntimeError:  # a number that the library has no name for
        return replace(fact, reason="algoritme_onbekend")
    key_id = signature.issuer_fingerprint or signature.issuer_key_id
    fact = replace(
        fact,
        signer=Signer(
            name=printable(signature.signers_user_id) if signature.signers_user_id else None,
            key_id=key_id,
        ),
        signed_at=signature.created.isoformat() if signature.created else None,
        valid_then=_in_force(signature, asked.moment),
        algorithm=f"{hashing} {by}",
        weak=hashing in _WEAK,
    )
    if clear is not None:
        contents = (_clear_text(clear),)
    fitting = [one for one in contents if _prefix_fits(packet[6:], one)]
    if not fitting:
        return replace(fact, result=Result.CHANGED, body=Result.CHANGED, reason="inhoud_gewijzigd")
    for keys, trust in ((asked.trusted, Trust.TRUSTED), (asked.found, Trust.UNCHECKED)):
        for cert in _certs(keys):
            names = _key_names(cert)
            if key_id is None or not any(n.endswith(key_id[-16:]) for n in names):
                continue
            said = replace(
                fact,
                signer=_holder(cert, key_id),
                trust=trust,
                trust_root=cert.fingerprint if trust is Trust.TRUSTED else None,
                same_sender=_is_sender(cert, asked.sender),
            )
            return _verified(said, signature, cert, fitting, clear)
    return replace(fact, trust=Trust.UNTRUSTED) if asked.trusted else fact


def _verified(
    fact: SignatureFact,
    signature: pysequoia.Sig,
    cert: pysequoia.Cert,
    contents: Sequence[bytes],
    clear: bytes | None,
) -> SignatureFact:
    for content in contents:
        try:
            if clear is not None:
                found = pysequoia.verify(bytes=clear, store=lambda _: [cert])
            else:
                found = pysequoia.verify(bytes=content, store=lambda _: [cert], signature=signature)
        except RuntimeError:
            # The library does not tell a wrong signature from a key that it does not accept (revoked, too
            # weak), so neither do we.
            continue
        if found.valid_sigs:
            return replace(fact, result=Result.INTACT, body=Result.INTACT, reason="")
    return replace(fact, reason="handtekening_niet_aanvaard")


def _prefix_fits(body: bytes, content: bytes) -> bool:
    """Compare the first 16 bits of the hash, which a signature of version 4 carries in the open.

    It needs no key and finds a changed content but for one in 65,536; other versions are not judged.
    """
    if body[:1] != b"\x04" or len(body) < 6:
        return True
    name = _HASHES.get(body[3])
    end = 6 + int.from_bytes(body[4:6])
    said = end + 2 + int.from_bytes(body[end : end + 2])
    if name is None:
        return True
    if body[1] == _TEXT:
        content = re.sub(rb"\r\n|\n", b"\r\n", content)
    made = hashlib.new(name, content, usedforsecurity=False)
    made.update(body[:end] + b"\x04\xff" + end.to_bytes(4))
    return made.digest()[:2] == body[said : said + 2]


def _clear_text(block: bytes) -> bytes:
    """Give the signed text of a clear-signed block (RFC 9580 section 7)."""
    text = block[: block.rindex(_SIGNATURE_BEGIN)].replace(b"\r\n", b"\n")
    lines = text.split(b"\n\n", 1)[-1].removesuffix(b"\n").split(b"\n")
    return b"\r\n".join(line.removeprefix(b"- ").rstrip(b" \t\r") for line in lines)


def _certs(files: Sequence[bytes]) -> Iterator[pysequoia.Cert]:
    for data in files[:MOST]:
        if len(data) > _LARGEST_KEY:
            continue
        try:
            certs = pysequoia.Cert.split_bytes(data)
        except RuntimeError:
            certs = []  # no key after all: the signature then stays without one
        yield from certs[:MOST]


def _key_names(cert: pysequoia.Cert) -> list[str]:
    pile = pysequoia.packet.PacketPile.from_bytes(bytes(cert))
    return [p.fingerprint for p in pile if p.fingerprint]


def _holder(cert: pysequoia.Cert, key_id: str) -> Signer:
    name, address = _person(cert)
    return Signer(name=name, address=address, key_id=key_id)


def _person(cert: pysequoia.Cert) -> tuple[str | None, str | None]:
    for user in _users(cert):
        match = _USER.match(user)
        if match:
            return printable(match[1]) or None, printable(match[2])
        return (None, user) if "@" in user else (user, None)
    return None, None


def _is_sender(cert: pysequoia.Cert, sender: str | None) -> bool | None:
    users = _users(cert)
    if not sender or not users:
        return None
    found = [m[2] if (m := _USER.match(user)) else user for user in users]
    return sender.casefold() in {address.casefold() for address in found}


def _users(cert: pysequoia.Cert) -> list[str]:
    try:
        return [printable(str(user)) for user in cert.user_ids]
    except RuntimeError:
        return []  # a key that the library does not accept names nobody


def _in_force(signature: pysequoia.Sig, moment: str | None) -> bool | None:
    then = instant(moment)
    if then is None or signature.expiration is None:
        return None
    return then <= signature.expiration


def _word(value: object) -> str:
    return str(value).rpartition(".")[2].lower()
