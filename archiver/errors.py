"""The error tree of the core.

    ArchiverError            code, params, place; never a text for people
    |-- KnownError           not our fault or not allowed: shown to the user with what to do
    |   |-- InputRefused     this file or place cannot be used (exit 1, or 3 when nothing was done)
    |   |-- RuleRefused      a rule of section 3 of the design forbids it (exit 3)
    |   |-- DiskFull         the disk is full or nearly so; nothing is half done (likewise)
    |   |-- StoreDamaged     register, vault or audit trail does not match itself (exit 4)
    |   |-- StoreRefused     the work folder cannot be used: newer version, network folder, locked (likewise)
    |   `-- Cancelled        the user stopped the work; what was finished stays
    `-- BugError             our fault: report it, never swallow it (exit 70)

Texts are looked up under ``fout.<code>`` by `archiver.texts` at the edge.
"""

from __future__ import annotations

from archiver.findings import Finding, Params, Severity


class ArchiverError(Exception):
    """Base of all errors that the core raises on purpose."""

    def __init__(self, code: str, params: Params | None = None, place: str = "") -> None:
        super().__init__(code, dict(params or {}), place)
        self.code = code
        self.params: Params = dict(params or {})
        self.place = place

    def as_finding(self) -> Finding:
        """Give the same thing as a finding, for a report that goes on with the next file."""
        return Finding(self.code, self.params, self.place, Severity.FOUT)


class KnownError(ArchiverError):
    """Something outside the program went wrong, or a rule forbids it."""


class InputRefused(KnownError):
    """A file cannot be taken in; the rest of the drop goes on."""


class RuleRefused(KnownError):
    """A rule that always holds forbids what was asked."""


class DiskFull(KnownError):
    """There is no room; nothing was half stored."""


class StoreDamaged(KnownError):
    """Register, vault or audit trail does not match itself."""


class StoreRefused(KnownError):
    """The work folder cannot be used as it is."""


class Cancelled(KnownError):
    """The user stopped the work; what was finished stays."""

    def __init__(self) -> None:
        super().__init__("gestopt")


class BugError(ArchiverError):
    """A mistake of ours; it is reported, never swallowed."""
