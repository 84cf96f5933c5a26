"""What was found about the authenticity of one message: one `SignatureFact` per proof or claim.

Archiefregeling art. 24 asks holder, moment and result of the check of a signature; these facts hold the
holder and the result, who asks for them adds the moment and the official.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from archiver.findings import Finding, Severity

LONGEST = 2_000  # characters of a name or a claim that are kept


class Kind(StrEnum):
    """What the proof or claim is."""

    SMIME = "smime"
    SMIME_ENCRYPTED = "smime-versleuteld"
    PGP = "pgp"
    PGP_ENCRYPTED = "pgp-versleuteld"
    DKIM = "dkim"
    ARC_MESSAGE = "arc-bericht"
    ARC_SEAL = "arc-zegel"
    CLAIM = "bewering"


class Result(StrEnum):
    """What checking gave. Nothing is called intact that was not checked with a key."""

    INTACT = "ongewijzigd"
    CHANGED = "gewijzigd"
    UNCHECKED = "nu_niet_te_controleren"
    UNREADABLE = "nu_niet_te_lezen"
    CLAIMED = "beweerd"


class Trust(StrEnum):
    """Whether the holder of the key was checked against an issuer that this organisation trusts."""

    UNCHECKED = "niet tegen een vertrouwde uitgever gecontroleerd"
    TRUSTED = "vertrouwde uitgever"
    UNTRUSTED = "geen vertrouwde uitgever"
    NONE = "niet van toepassing"


@dataclass(frozen=True, slots=True)
class Signer:
    """Who holds the key as the signature and its certificate say; each field may be absent."""

    name: str | None = None
    address: str | None = None
    serial: str | None = None  # of the certificate, hex
    issuer: str | None = None
    key_id: str | None = None  # of PGP: fingerprint or key id, hex; of DKIM: selector


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate as the message holds it. Times are ISO 8601 in UTC, `sha256` is of the DER."""

    subject: str
    issuer: str
    serial: str
    not_before: str
    not_after: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Recipient:
    """What opens encrypted content: the private key of a certificate, of a PGP key, or a password."""

    kind: str  # certificaat, sleutel, wachtwoord
    issuer: str | None = None
    serial: str | None = None
    key_id: str | None = None


@dataclass(frozen=True, slots=True)
class SignatureFact:
    """One proof or claim. `place` is the part that holds it ("" the header, "2/1" part 1 inside part 2).

    `reason` is a code that says why the result is not intact. `body` says of the content alone whether its
    hash is right (None: not known). `valid_then` says whether the certificate or signature was in force at
    the sending moment (`moment`), None when that cannot be said. `signed_at` is what the signer says.
    `same_sender` compares the address of the holder with the sender of the message. `weak` names a hash
    that no longer proves much (md5, sha1). `claim` and `by` are the words of another server, unchecked.
    """

    kind: Kind
    place: str
    result: Result
    reason: str = ""
    signer: Signer | None = None
    signed_at: str | None = None
    moment: str | None = None
    valid_then: bool | None = None
    algorithm: str = ""
    weak: bool = False
    body: Result | None = None
    partial: bool = False  # the signature does not cover the whole content
    same_sender: bool | None = None
    chain: tuple[Certificate, ...] = ()
    trust: Trust = Trust.NONE
    trust_root: str | None = None
    recipients: tuple[Recipient, ...] = ()
    by: str | None = None
    claim: str | None = None

    def as_json(self) -> dict[str, object]:
        """Give the plain form for the header record; what is not known is left out."""
        entry: dict[str, object | None] = {
            "soort": self.kind.value,
            "plaats": self.place,
            "uitkomst": self.result.value,
            "reden": self.reason or None,
            "houder": _plain(self.signer, _SIGNER) if self.signer else None,
            "ondertekend_op": self.signed_at,
            "verzonden_op": self.moment,
            "geldig_bij_verzenden": self.valid_then,
            "algoritme": self.algorithm or None,
            "zwak": self.weak or None,
            "inhoud": self.body.value if self.body else None,
            "dekt_niet_alles": self.partial or None,
            "adres_is_afzender": self.same_sender,
            "certificaten": [_plain(c, _CERTIFICATE) for c in self.chain] or None,
            "vertrouwen": self.trust.value if self.trust is not Trust.NONE else None,
            "vertrouwde_uitgever": self.trust_root,
            "te_openen_met": [_plain(r, _RECIPIENT) for r in self.recipients] or None,
            "volgens": self.by,
            "bewering": self.claim,
        }
        return {key: value for key, value in entry.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Keys:
    """What this organisation trusts, read from its work folder; by default nothing.

    `roots` are certificates of issuers (PEM), `pgp` public keys (armoured or binary), `dkim` TXT records by
    name (``selector._domainkey.domain``, lower case).
    """

    roots: tuple[bytes, ...] = ()
    pgp: tuple[bytes, ...] = ()
    dkim: Mapping[str, str] = field(default_factory=dict)


_SIGNER = {
    "name": "naam",
    "address": "adres",
    "serial": "serienummer",
    "issuer": "uitgever",
    "key_id": "sleutel",
}
_CERTIFICATE = {
    "subject": "houder",
    "issuer": "uitgever",
    "serial": "serienummer",
    "not_before": "geldig_van",
    "not_after": "geldig_tot",
    "sha256": "sha256",
}
_RECIPIENT = {
    "kind": "soort",
    "issuer": "uitgever",
    "serial": "serienummer",
    "key_id": "sleutel",
}


_OTHERWISE = "echtheid.onleesbaar"
_WHY = {
    "sleutel_ontbreekt": "echtheid.niet_te_controleren",
    "certificaat_ontbreekt": "echtheid.niet_te_controleren",
    "certificaat_onleesbaar": "echtheid.niet_te_controleren",
    "sleutel_ingetrokken": "echtheid.sleutel_onbruikbaar",
    "sleutel_onleesbaar": "echtheid.sleutel_onbruikbaar",
    "handtekening_niet_aanvaard": "echtheid.sleutel_onbruikbaar",
    "afgeleid": "echtheid.afgeleid",
    "later_bewerkt": "echtheid.later_bewerkt",
    "algoritme_onbekend": "echtheid.algoritme_onbekend",
    "oude_vorm": "echtheid.algoritme_onbekend",
}


def _plain(thing: object, names: Mapping[str, str]) -> dict[str, str]:
    return {
        dutch: value for name, dutch in names.items() if (value := getattr(thing, name)) is not None
    }


def printable(text: str) -> str:
    """Make a name or claim fit to keep: no control characters, white space folded, bounded."""
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f]+", " ", text[: LONGEST * 2]).strip()[:LONGEST]


def findings_of(facts: tuple[SignatureFact, ...]) -> tuple[Finding, ...]:
    """Give what a person should know of these facts, in their order. Claims are for the record only."""
    return tuple(found for fact in facts if (found := _finding(fact)) is not None)


def _finding(fact: SignatureFact) -> Finding | None:
    who = {"soort": fact.kind.value, "houder": _holder(fact)}
    if fact.result is Result.CHANGED:
        return Finding("echtheid.gewijzigd", who, fact.place, Severity.LET_OP)
    if fact.result is Result.INTACT:
        code = "echtheid.vertrouwd" if fact.trust is Trust.TRUSTED else "echtheid.ongewijzigd"
        return Finding(code, who, fact.place, Severity.INFO)
    if fact.result is Result.UNREADABLE:
        return Finding("echtheid.versleuteld", {"n": len(fact.recipients)}, fact.place)
    if fact.result is Result.UNCHECKED:
        if fact.body is Result.INTACT and fact.reason == "sleutel_ontbreekt":
            return Finding("echtheid.sleutel_ontbreekt", who, fact.place, Severity.INFO)
        return Finding(_WHY.get(fact.reason, _OTHERWISE), who, fact.place, Severity.INFO)
    return None


def _holder(fact: SignatureFact) -> str:
    signer = fact.signer or Signer()
    return signer.name or signer.address or signer.key_id or signer.serial or "?"
