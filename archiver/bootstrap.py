"""Wire the parts together once: one work folder becomes one `Archive`."""

from __future__ import annotations

import shutil
from pathlib import Path

from archiver.errors import StoreRefused
from archiver.services.archive import Archive
from archiver.services.dossier_hints import read_hints
from archiver.settings import default_werkmap, read_settings
from archiver.store import sources
from archiver.store.database import Register
from archiver.vault.vault import Vault
from selectielijst.policy import read_policy

__all__ = ["default_werkmap", "open_archive"]


def open_archive(werkmap: Path, *, actor: str | None = None, origin: str) -> Archive:
    """Open or make the work folder and sweep what a crash left behind.

    Raises `StoreRefused` (newer version, network folder, in use) or `StoreDamaged`.
    """
    try:
        werkmap.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreRefused("werkmap_niet_te_maken", {"pad": str(werkmap)}) from error
    settings = read_settings(werkmap / "instellingen.toml")
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
        return Archive(
            werkmap=werkmap,
            vault=vault,
            register=register,
            settings=settings,
            policy=read_policy(werkmap / "selectie"),
            hints=read_hints(werkmap / "selectie" / "dossiers.csv"),
            actor=actor or settings.gebruiker,
            origin=origin,
        )
    except BaseException:
        register.close()
        raise
