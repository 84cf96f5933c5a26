"""What the organisation and the user have set: ``instellingen.toml`` in the work folder.

Keys: organisatie (naam, identificatie, contact), gebruiker (naam, rol), taal. An absent file gives the
defaults; a broken one is a `StoreRefused`, because guessing an organisation would end up in packages.
"""

from __future__ import annotations

import getpass
import tomllib
from dataclasses import dataclass
from pathlib import Path

from archiver.errors import StoreRefused


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force. `rol` is medewerker, recordmanager or archivaris."""

    organisatie: str = "Organisatie (nog in te stellen)"
    organisatie_id: str | None = None
    contact: str = "informatiebeheer (nog in te stellen)"
    gebruiker: str = ""
    rol: str = "medewerker"
    taal: str = "nl"
    locatie_doelsysteem: str = "af te spreken met de ontvanger"


def read_settings(path: Path) -> Settings:
    """Read the file, or give the defaults when it is not there. Raises `StoreRefused`."""
    if not path.exists():
        return Settings(gebruiker=_login_name())
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise StoreRefused("instellingen_onleesbaar", {"bestand": path.name}) from error
    organisatie, gebruiker = data.get("organisatie", {}), data.get("gebruiker", {})
    default = Settings()
    return Settings(
        organisatie=str(organisatie.get("naam", default.organisatie)),
        organisatie_id=organisatie.get("identificatie"),
        contact=str(organisatie.get("contact", default.contact)),
        gebruiker=str(gebruiker.get("naam", "")) or _login_name(),
        rol=str(gebruiker.get("rol", default.rol)),
        taal=str(data.get("taal", default.taal)),
        locatie_doelsysteem=str(organisatie.get("locatie", default.locatie_doelsysteem)),
    )


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "onbekende gebruiker"
