"""One opened work folder: vault, register, settings and the rules of appraisal together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archiver.model import AuditEvent
from archiver.services.dossier_hints import DossierHint
from archiver.settings import Settings
from archiver.store.database import Register
from archiver.vault.vault import Vault
from selectielijst.proposal import Policy


@dataclass(frozen=True, slots=True)
class Archive:
    """What every service works on. `actor` is the person, `origin` the program (cli or ui)."""

    werkmap: Path
    vault: Vault
    register: Register
    settings: Settings
    policy: Policy
    hints: tuple[DossierHint, ...]
    actor: str
    origin: str

    def close(self) -> None:
        """Close the register; the vault holds no open files."""
        self.register.close()

    def event(
        self,
        action: str,
        object_: str,
        result: str = "gelukt",
        *,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        reason: str | None = None,
    ) -> AuditEvent:
        """Make an audit event by this actor; the store adds the time and the chain."""
        return AuditEvent(action, object_, result, self.actor, self.origin, before, after, reason)


def now() -> str:
    """Give the moment with offset, to the second: the form that MDTO dateTime wants."""
    return datetime.now(UTC).astimezone().isoformat(timespec="seconds")
