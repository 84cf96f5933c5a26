"""Check everything that was secured: vault, register, audit trail, and that they fit together."""

from __future__ import annotations

from dataclasses import dataclass

from archiver.findings import Finding, Severity
from archiver.progress import Progress
from archiver.services.archive import Archive
from archiver.store import audit, items, sources


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
    """Hash every blob again, follow the audit chain, compare the ledgers; names all that differs."""
    findings: list[Finding] = []
    with archive.register.read() as tx:
        known = {s.sha256: s for s in sources.all(tx)}
        expected = list(sources.blobs(tx))
        findings += audit.verify(tx)
        entries = audit.count(tx)
        counted = sum(items.counts(tx).values())
        for source in known.values():
            if source.duplicate_of is not None:
                continue
            stored = items.ledger(tx, source.id)
            for name, (a, b) in source.ledger.difference(stored).items():
                if name == "refused":
                    continue
                findings.append(
                    Finding(
                        "grootboek.verschil",
                        {"wat": name, "gelezen": a, "vastgelegd": b},
                        place=source.path,
                        severity=Severity.FOUT,
                    )
                )
    findings += archive.vault.verify(expected, progress)
    return VerifyReport(len(expected), counted, entries, tuple(findings))
