"""DKIM (RFC 6376, RFC 8463): the hash of the content always, the signature when the key is at hand.

The key stands in the DNS of the sender and changes; this program asks no network. A key that the
organisation kept (``werkmap/dkim/*.txt``) is used, else only the content is judged.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

from archiver.intake.authenticity.facts import Kind, Result, SignatureFact, Signer, printable
from archiver.intake.authenticity.tags import base64_of, read_tags

MOST = 30  # signatures of one message that are judged
FIELD = b"dkim-signature"
_HASH: Mapping[str, hashes.HashAlgorithm] = {
    "rsa-sha256": hashes.SHA256(),
    "rsa-sha1": hashes.SHA1(),
    "ed25519-sha256": hashes.SHA256(),
}
_SIGNATURE_VALUE = re.compile(rb"(?s)((?:\A|;)\s*b\s*=)[^;]*")
_LINE_END = re.compile(rb"\r\n|\n")
_SPACE = re.compile(rb"[ \t]+")


@dataclass(frozen=True, slots=True)
class Field:
    """A header field: its name in lower case and all its bytes, folds as CRLF, without the last one."""

    name: bytes
    raw: bytes

    @property
    def value(self) -> bytes:
        """Give what stands behind the colon."""
        return self.raw.partition(b":")[2]


@dataclass(frozen=True, slots=True)
class Mail:
    """A message as DKIM sees it: fields in order, and the bodies that were perhaps signed (CRLF lines).

    The second body, if any, is the first without the ``>`` that an mbox puts before ``From ``. Without
    bodies (a message made from Outlook's data) the content cannot be judged.
    """

    fields: tuple[Field, ...]
    bodies: tuple[bytes, ...]
    moment: str | None
    prepared: dict[str, tuple[bytes, ...]] = field(default_factory=dict, compare=False)

    def contents(self, form: str) -> tuple[bytes, ...]:
        """Give the bodies in a canonical form, made once for all signatures."""
        if form not in self.prepared:
            self.prepared[form] = tuple(canonical_body(body, form) for body in self.bodies)
        return self.prepared[form]


def fields_of(block: bytes) -> tuple[Field, ...]:
    """Split a header block into its fields."""
    found = []
    for raw in re.split(rb"\r\n(?![ \t])", crlf(block)):
        name, colon, _ = raw.partition(b":")
        if colon:
            found.append(Field(name.strip().lower(), raw))
    return tuple(found)


def bodies_of(body: bytes) -> tuple[bytes, ...]:
    """Give the body with CRLF lines, and once more without the quoting of an mbox if that differs."""
    plain = crlf(body)
    unquoted = re.sub(rb"(?m)^>(>*From )", rb"\1", plain)
    return (plain,) if unquoted == plain else (plain, unquoted)


def crlf(data: bytes) -> bytes:
    """Let every line end in CRLF, as mail travels."""
    return _LINE_END.sub(b"\r\n", data)


def dkim(mail: Mail, keys: Mapping[str, str]) -> list[SignatureFact]:
    """Judge every DKIM signature of the header, from top to bottom."""
    signed = [f for f in mail.fields if f.name == FIELD][:MOST]
    return [judge(Kind.DKIM, own, mail, keys) for own in signed]


def judge(kind: Kind, own: Field, mail: Mail, keys: Mapping[str, str]) -> SignatureFact:
    """Judge one DKIM-Signature or ARC-Message-Signature. Never raises on any bytes."""
    tags = read_tags(own.value)
    fact = described(kind, tags, mail)
    hashing = _HASH.get(tags.get("a", "").lower())
    if hashing is None:
        return replace(fact, reason="algoritme_onbekend")
    if "bh" not in tags:
        return replace(fact, reason="oude_vorm")  # drafts of before 2007 hashed all in one
    try:
        said = base64_of(tags.get("bh", ""))
        signature = base64_of(tags.get("b", ""))
        length = int(tags["l"]) if "l" in tags else None
    except ValueError:
        return replace(fact, reason="niet_te_lezen")
    if not said or not signature or (length is not None and length < 0):
        return replace(fact, reason="niet_te_lezen")
    if not mail.bodies:
        return replace(fact, reason="afgeleid")
    head_form, _, body_form = tags.get("c", "simple/simple").lower().partition("/")
    longest = 0
    for content in mail.contents("relaxed" if body_form == "relaxed" else "simple"):
        longest = max(longest, len(content))
        if length is not None and length > len(content):
            continue
        if hashlib.new(hashing.name, content[:length], usedforsecurity=False).digest() == said:
            break
    else:
        return replace(fact, result=Result.CHANGED, body=Result.CHANGED, reason="inhoud_gewijzigd")
    fact = replace(fact, body=Result.INTACT, partial=length is not None and length < longest)
    names = [part.strip().lower().encode() for part in tags.get("h", "").split(":")]
    signed = header_hash_input(mail.fields, names, own, head_form)
    return verified(fact, tags, signature, signed, keys)


def verified(
    fact: SignatureFact,
    tags: Mapping[str, str],
    signature: bytes,
    signed: bytes,
    keys: Mapping[str, str],
) -> SignatureFact:
    """Check the signature itself with the key that was kept; without one it stays unchecked."""
    record = keys.get(f"{tags.get('s', '')}._domainkey.{tags.get('d', '')}".lower())
    if record is None:
        return replace(fact, reason="sleutel_ontbreekt")
    algorithm = tags.get("a", "").lower()
    try:
        key = base64_of(read_tags(record.encode()).get("p", ""))
        if not key:
            return replace(fact, reason="sleutel_ingetrokken")
        if algorithm.startswith("ed25519"):
            ed25519.Ed25519PublicKey.from_public_bytes(key).verify(
                signature, hashlib.sha256(signed).digest()
            )
        else:
            public = serialization.load_der_public_key(key)
            if not isinstance(public, rsa.RSAPublicKey):
                return replace(fact, reason="sleutel_onleesbaar")
            fact = replace(fact, weak=fact.weak or public.key_size < 1024)
            public.verify(signature, signed, padding.PKCS1v15(), _HASH[algorithm])
    except InvalidSignature:
        return replace(fact, result=Result.CHANGED, reason="handtekening_klopt_niet")
    except (ValueError, UnsupportedAlgorithm):
        return replace(fact, reason="sleutel_onleesbaar")
    return replace(fact, result=Result.INTACT, reason="")


def described(kind: Kind, tags: Mapping[str, str], mail: Mail) -> SignatureFact:
    """Say what the tags say, before anything is checked."""
    domain = printable(tags.get("d", "")).lower()
    signed_at, expires = _time(tags.get("t")), _time(tags.get("x"))
    sender = next((f.value for f in mail.fields if f.name == b"from"), b"")
    addressed = re.findall(rb"@([A-Za-z0-9.-]{1,255})", sender)
    host = addressed[-1].decode("ascii").lower() if addressed else None
    algorithm = printable(tags.get("a", "")).lower()
    return SignatureFact(
        kind,
        "",
        Result.UNCHECKED,
        signer=Signer(
            name=domain or None,
            # In the fields of ARC the tag i is the number of the hop.
            address=printable(tags.get("i", "")) or None if kind is Kind.DKIM else None,
            key_id=printable(tags.get("s", "")) or None,
        ),
        signed_at=signed_at,
        moment=mail.moment,
        valid_then=_in_force(mail.moment, expires),
        algorithm=algorithm,
        weak=algorithm.endswith("sha1"),
        same_sender=(host == domain or host.endswith(f".{domain}")) if host and domain else None,
    )


def canonical_body(body: bytes, form: str) -> bytes:
    """Make the body as it is hashed (RFC 6376 section 3.4.3 and 3.4.4)."""
    if form == "relaxed":
        body = _SPACE.sub(b" ", body)
        body = body.replace(b" \r\n", b"\r\n")
        body = body[:-1] if body.endswith(b" ") else body
    end = len(body)
    while body.endswith(b"\r\n", 0, end):
        end -= 2
    if not end:
        return b"" if form == "relaxed" else b"\r\n"
    return body[:end] + b"\r\n"


def canonical_field(raw: bytes, form: str) -> bytes:
    """Make a field as it is hashed, without a line end (RFC 6376 section 3.4.1 and 3.4.2)."""
    if form != "relaxed":
        return raw
    name, _, value = raw.partition(b":")
    value = _SPACE.sub(b" ", value.replace(b"\r\n", b"")).strip(b" \t")
    return name.strip().lower() + b":" + value


def header_hash_input(
    fields: Sequence[Field], names: Sequence[bytes], own: Field, form: str
) -> bytes:
    """Give the bytes that are signed: the named fields from the bottom up, then the signature itself."""
    left: dict[bytes, list[Field]] = {}
    for one in fields:
        if one is not own:
            left.setdefault(one.name, []).append(one)
    pieces = []
    for name in names:
        if waiting := left.get(name):
            pieces.append(canonical_field(waiting.pop().raw, form) + b"\r\n")
    return b"".join(pieces) + canonical_field(without_value(own.raw), form)


def without_value(raw: bytes) -> bytes:
    """Take the value of ``b=`` out, as it was when the signature was made."""
    name, colon, value = raw.partition(b":")
    return name + colon + _SIGNATURE_VALUE.sub(rb"\1", value, count=1)


def _time(text: str | None) -> str | None:
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 11:
        return None
    return datetime.fromtimestamp(int(text), UTC).isoformat()


def _in_force(moment: str | None, expires: str | None) -> bool | None:
    if moment is None or expires is None:
        return None
    try:
        then = datetime.fromisoformat(moment)
    except ValueError:
        return None
    return None if then.tzinfo is None else then <= datetime.fromisoformat(expires)
