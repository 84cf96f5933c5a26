"""Wire the parts together once: one work folder becomes one `Archive`."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

from archiver.errors import StoreRefused
from archiver.services.archive import Archive
from archiver.services.dossier_hints import DossierHint, read_hints
from archiver.settings import default_werkmap, read_settings
from archiver.store import sources
from archiver.store.database import Register
from archiver.vault.vault import Vault
from selectielijst.errors import ListError
from selectielijst.policy import read_policy
from selectielijst.proposal import Policy

__all__ = ["default_werkmap", "open_archive"]


def open_archive(werkmap: Path, *, actor: str | None = None, origin: str) -> Archive:
    """Open or make the work folder and sweep what a crash left behind.

    Raises `StoreRefused` (newer version, network folder, in use, a list that cannot be read) or
    `StoreDamaged`.
    """
    try:
        werkmap.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreRefused("werkmap_niet_te_maken", {"pad": str(werkmap)}) from error
    settings = read_settings(werkmap / "instellingen.toml")
    policy, hints = _rules(werkmap / "selectie")
    register = Register.open(werkmap / "register.db")
    try:
        vault = Vault(werkmap / "kluis")
        with register.read() as tx:
            known = {sha256 for sha256, _ in sources.blobs(tx)}
        try:
            vault.sweep(known.__contains__)
        except OSError as error:
            raise StoreRefused("kluis_niet_te_openen") from error
        shutil.rmtree(werkmap / "tijdelijk", ignore_errors=True)
        archive = Archive(
            werkmap=werkmap,
            vault=vault,
            register=register,
            settings=settings,
            policy=policy,
            hints=hints,
            actor=actor or settings.gebruiker,
            origin=origin,
        )
        if any((werkmap / "onderweg").glob("*.json")):
            _settle(archive)
        return archive
    except BaseException:
        register.close()
        raise


def _settle(archive: Archive) -> None:
    """Record what was released just before a crash; loads XML, so only who needs it waits."""
    from archiver.services.package_intent import settle

    settle(archive)


def _rules(folder: Path) -> tuple[Policy, tuple[DossierHint, ...]]:
    """Read what the organisation laid down; a rule that cannot be read is never skipped."""
    hints = folder / "dossiers.csv"
    try:
        return read_policy(folder), read_hints(hints)
    except ListError as error:
        name = error.place or folder.name
        raise StoreRefused(error.code, {"bestand": name, **error.params}, name) from error
    except UnicodeDecodeError as error:
        raise StoreRefused("lijst_geen_utf8", {"bestand": hints.name}, hints.name) from error
    except csv.Error as error:
        raise StoreRefused("lijst_geen_csv", {"bestand": hints.name}, hints.name) from error
    except OSError as error:
        params = {"bestand": hints.name, "oorzaak": type(error).__name__}
        raise StoreRefused("lijst_onleesbaar", params, hints.name) from error
