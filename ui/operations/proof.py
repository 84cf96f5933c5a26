"""What proves where an e-mail came from, in sentences for the inspector: who signed, result, trust."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from archiver.errors import ArchiverError
from archiver.model import EmailMessage
from ui.models.row import Row
from ui.operations.runner import Job, Lane
from ui.words import finding_text, moment, t

if TYPE_CHECKING:
    from archiver.services.archive import Archive
    from archiver.services.authenticity import SignatureFact
    from ui.operations.desk import Desk

_LONGEST = 160
_NAMES = {
    "smime": "S/MIME",
    "pgp": "PGP",
    "dkim": "DKIM",
    "arc-bericht": "ARC",
    "arc-zegel": "ARC",
}
_LOOKS = {
    "gewijzigd": ("uitzondering", "warn"),
    "nu_niet_te_controleren": ("onbekend", "secondary"),
    "nu_niet_te_lezen": ("prive", "warn"),
    "beweerd": ("persoon", "secondary"),
}


@dataclass(frozen=True, slots=True)
class Proof:
    """One proof or claim: icon and ink, the sentence, and the facts under it."""

    icon: str
    ink: str
    sentence: str
    details: tuple[str, ...] = ()


def proofs(archive: Archive, row: Row) -> tuple[Proof, ...]:
    """Judge the message of a line; empty when it is not signed. Raises what the services raise."""
    from archiver.services import authenticity, overview, reading

    if row.kind != "email":
        return ()
    if row.preview is None:
        facts = authenticity.facts_of(archive, overview.item(archive, str(row.key)))
    else:
        record = row.preview.record
        assert isinstance(record, EmailMessage)
        raw = reading.file_bytes(row.preview.path, record)
        facts = authenticity.facts_in(record, raw, authenticity.keys_of(archive.werkmap))
    return tuple(_proof(fact) for fact in facts)


def _proof(fact: SignatureFact) -> Proof:
    from archiver.services.authenticity import findings_of

    trusted = fact.trust_root is not None
    icon, ink = _LOOKS.get(fact.result, ("besloten", "ok") if trusted else ("waarom", "accent"))
    found = findings_of((fact,))
    if found:
        params = {**found[0].params}
        if "soort" in params:
            params["soort"] = _NAMES.get(fact.kind, str(params["soort"]))
        sentence = finding_text(replace(found[0], params=params))
    else:
        sentence = t(
            "echtheid.bewering", door=fact.by or "?", bewering=(fact.claim or "")[:_LONGEST]
        )
    return Proof(icon, ink, sentence, tuple(_details(fact)))


def _details(fact: SignatureFact) -> list[str]:
    made: list[str] = []
    signer = fact.signer
    if signer is not None and (signer.name or signer.address):
        who = ", ".join(part for part in (signer.name, signer.address) if part)
        made.append(t("echtheid.wie", wie=who))
    if signer is not None and signer.issuer:
        made.append(t("echtheid.uitgever", uitgever=signer.issuer))
    if fact.trust_root:
        made.append(t("echtheid.wortel", wortel=fact.trust_root))
    elif fact.kind in ("smime", "pgp") and fact.result == "ongewijzigd":
        made.append(t("echtheid.geen_wortel"))
    if fact.signed_at:
        made.append(t("echtheid.wanneer", wanneer=moment(fact.signed_at, year=True)))
    if fact.valid_then is not None:
        made.append(t("echtheid.geldig" if fact.valid_then else "echtheid.ongeldig"))
    if fact.same_sender is False:
        made.append(t("echtheid.ander_adres"))
    for recipient in fact.recipients[:10]:
        which = recipient.serial or recipient.key_id or ""
        key = f"echtheid.nodig.{recipient.kind}"
        made.append(t(key, welke=which, uitgever=recipient.issuer or "?"))
    return made


class ProofReader:
    """Asks beside the window, after the message itself was read; an earlier question is dropped."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._asked: object = None

    def ask(self, row: Row, came: Callable[[tuple[Proof, ...]], None]) -> None:
        """Judge a line; a failure is one line too: what cannot be checked is said."""
        self._asked = asked = object()

        def work(job: Job) -> tuple[Proof, ...]:
            return self._desk.core.proofs(row) if asked is self._asked else ()

        def failed(error: ArchiverError) -> None:
            if asked is self._asked:
                came((Proof("uitzondering", "warn", finding_text(error.as_finding())),))

        self._desk.runner.start(
            work,
            done=lambda found: came(found) if asked is self._asked else None,
            failed=failed,
            lane=Lane.READING,
        )
