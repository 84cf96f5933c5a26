"""Check everything that was secured: vault, register, audit trail, and that they fit together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from archiver.errors import StoreDamaged
from archiver.findings import Finding, Severity
from archiver.model import Ledger, Source, SourceStatus
from archiver.progress import Progress
from archiver.services.archive import Archive
from archiver.services.exclusion import prove_extracts
from archiver.store import audit, items, soundness, sources


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """The outcome: no finding of severity fout means that everything is as it was secured."""

    blobs: int
    items: int
    entries: int
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        """Tell whether nothing differs."""
        return not any(f.severity is Severity.FOUT for f in self.findings)


def verify(archive: Archive, progress: Progress) -> VerifyReport:
    """Check the register, follow the audit chain, compare the ledgers, hash every blob again.

    Names all that differs: a row that was changed, a blob that is missing, changed or surplus, an
    entry of the trail. Raises `StoreDamaged` only when the file is too damaged to be read at all.
    """
    findings: list[Finding] = []
    with archive.register.read() as tx:
        findings += soundness.verify(tx)
        entries = audit.count(tx)
        counted = items.count(tx)
        expected = list(sources.blobs(tx))
        stored = items.ledgers(tx)
        try:
            for source in sources.each(tx):
                if source.status is SourceStatus.OPGENOMEN:
                    findings += _ledger(source, stored.get(source.id, Ledger()))
        except StoreDamaged as damage:
            # The row was named above; the ledgers of the others wait for its repair.
            findings.append(damage.as_finding())
    findings += archive.vault.verify(expected, progress)
    try:
        findings += prove_extracts(archive)
    except StoreDamaged as damage:
        findings.append(damage.as_finding())
    return VerifyReport(len(expected), counted, entries, tuple(findings))


def _ledger(source: Source, stored: Ledger) -> Iterator[Finding]:
    for name, (a, b) in source.ledger.difference(stored).items():
        if name not in ("refused", "not_chosen", "earlier"):  # those have no items
            yield Finding(
                "grootboek.verschil",
                {"wat": name, "gelezen": a, "vastgelegd": b},
                place=source.path,
                severity=Severity.FOUT,
            )
