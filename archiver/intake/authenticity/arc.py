"""ARC (RFC 8617): what each server on the way sealed. The content always, the seals with a kept key.

Each hop adds three fields with the same number: what it saw (a claim), a signature over the message as it
was there, and a seal over all sets so far. Only the newest signature has to fit the message as it came in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from archiver.intake.authenticity import dkim
from archiver.intake.authenticity.dkim import Field, Mail
from archiver.intake.authenticity.facts import Kind, Result, SignatureFact, printable
from archiver.intake.authenticity.tags import base64_of, read_tags

HOPS = 50  # RFC 8617 section 4.2.1
_RESULTS = b"arc-authentication-results"
_MESSAGE = b"arc-message-signature"
_SEAL = b"arc-seal"


def arc(mail: Mail, keys: Mapping[str, str]) -> list[SignatureFact]:
    """Judge the sets from the first hop to the last. Never raises on any bytes."""
    sets = _sets(mail)
    found: list[SignatureFact] = []
    newest = max(sets, default=0)
    for number in sorted(sets):
        fields = sets[number]
        if message := fields.get(_MESSAGE):
            fact = dkim.judge(Kind.ARC_MESSAGE, message, mail, keys)
            if fact.result is Result.CHANGED and number < newest:
                # A list or a forwarder may have added a line after this hop: that is what ARC is for.
                fact = replace(fact, result=Result.UNCHECKED, reason="later_bewerkt")
            found.append(replace(fact, by=f"i={number}"))
        if seal := fields.get(_SEAL):
            found.append(replace(_seal(seal, number, sets, mail, keys), by=f"i={number}"))
    return found


def _sets(mail: Mail) -> dict[int, dict[bytes, Field]]:
    sets: dict[int, dict[bytes, Field]] = {}
    for field in mail.fields:
        if field.name not in (_RESULTS, _MESSAGE, _SEAL):
            continue
        number = read_tags(field.value).get("i", "")
        if number.isascii() and number.isdigit() and len(number) < 3 and 1 <= int(number) <= HOPS:
            sets.setdefault(int(number), {}).setdefault(field.name, field)
    return sets


def _seal(
    seal: Field,
    number: int,
    sets: Mapping[int, Mapping[bytes, Field]],
    mail: Mail,
    keys: Mapping[str, str],
) -> SignatureFact:
    tags = read_tags(seal.value)
    fact = dkim.described(Kind.ARC_SEAL, tags, mail)
    fact = replace(fact, claim=printable(f"cv={tags['cv']}") if "cv" in tags else None)
    if fact.algorithm not in ("rsa-sha256", "ed25519-sha256"):
        return replace(fact, reason="algoritme_onbekend")
    try:
        signature = base64_of(tags.get("b", ""))
    except ValueError:
        return replace(fact, reason="niet_te_lezen")
    pieces: list[bytes] = []
    for hop in range(1, number + 1):
        fields = sets.get(hop, {})
        if set(fields) != {_RESULTS, _MESSAGE, _SEAL}:
            return replace(fact, reason="reeks_onvolledig")
        for name in (_RESULTS, _MESSAGE, _SEAL):
            raw = fields[name].raw
            if hop == number and name == _SEAL:
                raw = dkim.without_value(raw)
            pieces.append(dkim.canonical_field(raw, "relaxed"))
    return dkim.verified(fact, tags, signature, b"\r\n".join(pieces), keys)
