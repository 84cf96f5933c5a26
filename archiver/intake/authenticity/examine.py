"""Find every signature, seal and claim of a message in its raw bytes, and judge each of them.

Pure and offline: the same bytes, sending moment and keys give the same facts. Messages inside the message
and content inside a signature are looked at too, with a stack of our own and a limit.
"""

from __future__ import annotations

import binascii
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from cryptography import x509
from cryptography.utils import CryptographyDeprecationWarning

from archiver.intake import headers, parts
from archiver.intake.authenticity import certificates, pgp, smime
from archiver.intake.authenticity.arc import arc
from archiver.intake.authenticity.claims import claims
from archiver.intake.authenticity.dkim import Mail, bodies_of, crlf, dkim, fields_of
from archiver.intake.authenticity.facts import Keys, Kind, Result, SignatureFact
from archiver.intake.charsets import decode
from archiver.intake.encoded_words import parameters
from archiver.intake.protocol import Limits

MOST = 200  # facts of one message that are kept
_CMS_TYPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_CMS_SIGNATURE = frozenset({"application/pkcs7-signature", "application/x-pkcs7-signature"})
_CMS_NAME = re.compile(r"(?i)\.(?:p7m|p7s|p7z)$")
_HEADER = re.compile(rb"[!-9;-~]{1,80}:")
_BROKEN = (ValueError, TypeError, KeyError, IndexError, OverflowError, RecursionError)
_DEFAULT = Limits()
_NO_KEYS = Keys()


@dataclass(slots=True)
class _Look:
    """What is looked at, and what was found so far."""

    moment: str | None
    roots: tuple[x509.Certificate, ...]
    keys: Keys
    limits: Limits
    facts: list[SignatureFact] = field(default_factory=list)
    sender: str | None = None
    waiting: list[tuple[str, bytes, int, bool]] = field(default_factory=list)


def authenticity(
    raw: bytes,
    sent: str | None,
    keys: Keys = _NO_KEYS,
    *,
    derived: bool = False,
    attached: Sequence[tuple[str, bytes]] = (),
    limits: Limits = _DEFAULT,
) -> tuple[SignatureFact, ...]:
    """Give the facts of one message, those of its header first. Never raises on any message.

    `sent` is the sending moment (ISO 8601 with offset) by which certificates are judged. `derived` says
    that the bytes were made from Outlook's data: then a server's signature over the content cannot be
    judged. `attached` are, of a message that is no MIME itself, its header (place "") and its signed or
    sealed parts (place, bytes). Raises ValueError when a trusted certificate in `keys` cannot be read.
    """
    look = _Look(sent, certificates.read_roots(keys.roots), keys, limits)
    if attached:
        for place, data in attached:
            if data[:1] == b"\x30":
                _guarded(look, Kind.SMIME, place, _cms(look, place, data, (), 1))
            elif _HEADER.match(data):
                look.waiting.append((place, data, 1, True))
    else:
        look.waiting.append(("", raw, 0, derived))
    while look.waiting and len(look.facts) < MOST:
        place, data, depth, made = look.waiting.pop(0)
        _message(look, place, data, depth, made)
    return tuple(look.facts[:MOST])


def _message(look: _Look, place: str, raw: bytes, depth: int, derived: bool) -> None:
    raw = parts.plain_line_ends(raw)
    start = headers.skip_envelope(raw)
    fields = headers.read_fields(raw, start, len(raw), look.limits)
    senders = headers.addresses(fields.every(b"from"))
    if senders or not depth:
        look.sender = senders[0].address if senders else None
    named = {name for name, _ in fields.pairs}
    before = len(look.facts)
    if named & {b"dkim-signature", b"arc-seal", b"arc-message-signature"}:
        bodies = () if derived else bodies_of(raw[fields.end :])
        mail = Mail(fields_of(raw[start : fields.end]), bodies, look.moment)
        look.facts += dkim(mail, look.keys.dkim)
        look.facts += arc(mail, look.keys.dkim)
    look.facts += claims(fields.pairs, look.moment)
    heads = len(look.facts)
    if place:
        look.facts[before:] = [_placed(fact, place) for fact in look.facts[before:]]
    prefix = f"{place}/" if place else ""
    shape = parts.structure(raw, look.limits)
    found = _keys_in(raw, fields, shape)
    for signed in _multiparts(raw, start, look.limits):
        where = prefix + signed.address
        if signed.pgp:
            asked = pgp.Asked(where, look.moment, look.sender, found, look.keys.pgp)
            judge = _pgp_detached(signed.signature, signed.contents, asked)
            _guarded(look, Kind.PGP, where, judge)
        else:
            judge = _cms(look, where, signed.signature, signed.contents, depth)
            _guarded(look, Kind.SMIME, where, judge)
    for leaf in shape.leaves:
        where = prefix + leaf.address
        asked = pgp.Asked(where, look.moment, look.sender, found, look.keys.pgp)
        if leaf.media_type in _CMS_TYPES or (
            leaf.media_type not in _CMS_SIGNATURE and leaf.name and _CMS_NAME.search(leaf.name)
        ):
            data = leaf.decoded(raw)[0]
            if data[:1] == b"\x30":
                _guarded(look, Kind.SMIME, where, _cms(look, where, data, (), depth))
            elif _HEADER.match(data) and depth + 1 < look.limits.depth:
                # Outlook calls a whole multipart/signed smime.p7m.
                look.waiting.append((where, data, depth + 1, True))
        elif leaf.kind == "message" and depth + 1 < look.limits.depth:
            look.waiting.append((where, leaf.decoded(raw)[0], depth + 1, False))
        elif _may_hold_pgp(leaf) and b"-----BEGIN PGP" in (data := leaf.decoded(raw)[0]):
            texts = _texts(data, leaf.params.get("charset"))
            _guarded(look, Kind.PGP, where, _pgp_text(texts, asked))
    _note_empty(look, place, shape, heads)


def _note_empty(look: _Look, place: str, shape: parts.Structure, before: int) -> None:
    """Say it when a message calls itself signed or encrypted and nothing of it could be found."""
    kinds = {fact.kind for fact in look.facts[before:]}
    sealed = {"pgp": Kind.PGP_ENCRYPTED, "smime": Kind.SMIME_ENCRYPTED}.get(shape.encrypted or "")
    signed = {"pgp": Kind.PGP, "smime": Kind.SMIME}.get(shape.signed or "")
    if sealed and not kinds & {Kind.PGP, Kind.SMIME, sealed}:
        look.facts.append(
            SignatureFact(sealed, place, Result.UNREADABLE, "niet_te_lezen", moment=look.moment)
        )
    elif signed and not kinds & {Kind.PGP, Kind.SMIME}:
        look.facts.append(
            SignatureFact(signed, place, Result.UNCHECKED, "geen_handtekening", moment=look.moment)
        )


def _may_hold_pgp(leaf: parts.Part) -> bool:
    """Say whether a part is worth decoding in search of armour: a text, or one that is named so."""
    return leaf.media_type.startswith(("text", "application/pgp")) or (
        leaf.name or ""
    ).lower().endswith((".asc", ".pgp", ".gpg"))


def _placed(fact: SignatureFact, place: str) -> SignatureFact:
    return replace(fact, place=place)


def _guarded(
    look: _Look, kind: Kind, place: str, judge: Callable[[], Sequence[SignatureFact]]
) -> None:
    """Let broken bytes end as a fact that says so."""
    try:
        with warnings.catch_warnings():
            # A certificate that breaks the norm in small things is judged like any other.
            warnings.simplefilter("ignore", CryptographyDeprecationWarning)
            look.facts += judge()
    except _BROKEN as error:
        look.facts.append(
            SignatureFact(
                kind,
                place,
                Result.UNCHECKED,
                "niet_te_lezen",
                moment=look.moment,
                claim=type(error).__name__,
            )
        )


def _cms(
    look: _Look, place: str, data: bytes, contents: Sequence[bytes], depth: int
) -> Callable[[], Sequence[SignatureFact]]:
    def judge() -> Sequence[SignatureFact]:
        asked = smime.Asked(place, look.moment, look.sender, look.roots)
        opened = smime.open_cms(data, contents, asked)
        if opened.content is not None and depth + 1 < look.limits.depth:
            # What the signature wraps may be signed, sealed or a message again.
            look.waiting.append((place, opened.content, depth + 1, True))
        return opened.facts

    return judge


def _pgp_detached(
    signature: bytes, contents: Sequence[bytes], asked: pgp.Asked
) -> Callable[[], Sequence[SignatureFact]]:
    return lambda: pgp.detached(signature, contents, asked)


def _texts(data: bytes, charset: str | None) -> tuple[bytes, ...]:
    """Give a text as it came and as UTF-8: some programs sign the one and send the other."""
    again = decode(data, charset)[0].encode("utf-8", "replace")
    return (data,) if again == data else (data, again)


def _pgp_text(texts: Sequence[bytes], asked: pgp.Asked) -> Callable[[], Sequence[SignatureFact]]:
    def judge() -> Sequence[SignatureFact]:
        facts, *others = (pgp.clear_signed(text, asked) for text in texts)
        for other in others:
            if len(other) == len(facts):
                pairs = zip(facts, other, strict=True)
                facts = [b if a.result is Result.CHANGED else a for a, b in pairs]
        return [*facts, *(pgp.sealed(one, asked) for one in pgp.messages_in(texts[0]))]

    return judge


@dataclass(frozen=True, slots=True)
class _Signed:
    """A multipart/signed: its address, the forms of what was signed, and the signature."""

    address: str
    pgp: bool
    contents: tuple[bytes, ...]
    signature: bytes


def _multiparts(raw: bytes, start: int, limits: Limits) -> Iterator[_Signed]:
    """Find every multipart/signed with two parts, from the outside in."""
    fields = headers.read_fields(raw, start, len(raw), limits)
    todo = [(fields, fields.end, len(raw), "", 0)]
    seen = 0
    while todo and seen < limits.parts:
        block, start, end, address, depth = todo.pop()
        seen += 1
        media_type, params = parameters(block.first(b"content-type") or b"text/plain")
        boundary = params.get("boundary")
        if not media_type.startswith("multipart/") or not boundary or depth >= limits.depth:
            continue
        pieces = parts.split(raw, start, end, boundary).parts
        own = [headers.read_fields(raw, a, b, limits) for a, b in pieces]
        prefix = f"{address}." if address else ""
        inside = [
            (one, min(one.end, b), b, f"{prefix}{number}", depth + 1)
            for number, (one, (_, b)) in enumerate(zip(own, pieces, strict=True), 1)
        ]
        todo.extend(reversed(inside))
        if media_type == "multipart/signed" and len(pieces) >= 2:
            content = raw[slice(*pieces[0])]
            signature = parts.structure(raw[slice(*pieces[1])], limits).leaves[0]
            kind, _ = parameters(own[1].first(b"content-type") or b"")
            yield _Signed(
                f"{prefix}2",
                "pgp" in params.get("protocol", "").casefold() or "pgp" in kind,
                tuple(dict.fromkeys((crlf(content), content, crlf(content) + b"\r\n"))),
                signature.decoded(raw[slice(*pieces[1])])[0],
            )


def _keys_in(raw: bytes, fields: headers.Fields, shape: parts.Structure) -> tuple[bytes, ...]:
    """Give the PGP keys that the message brings along: attached, or in its Autocrypt header."""
    found = [
        leaf.decoded(raw)[0] for leaf in shape.leaves if leaf.media_type == "application/pgp-keys"
    ]
    for value in fields.every(b"autocrypt"):
        data = value.partition(b"keydata=")[2].partition(b";")[0]
        try:
            found.append(binascii.a2b_base64(b"".join(data.split())))
        except binascii.Error:
            found.append(b"")  # a damaged header is no key
    return tuple(one for one in found if one)
