"""What the organisation and the user have set: ``instellingen.toml`` in the work folder.

Keys: organisatie (naam, identificatie, contact, locatie), gebruiker (naam, rol), taal. An absent file
gives the defaults. A broken one, an unknown key or a value that cannot be is a `StoreRefused`: what
is guessed here would end up in packages.
"""

from __future__ import annotations

import getpass
import os
import sys
import tomllib
from collections.abc import Iterator, Mapping
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


# The name in the file -> the field, and the values that it may have (none: any text).
_KEYS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "organisatie.naam": ("organisatie", ()),
    "organisatie.identificatie": ("organisatie_id", ()),
    "organisatie.contact": ("contact", ()),
    "organisatie.locatie": ("locatie_doelsysteem", ()),
    "gebruiker.naam": ("gebruiker", ()),
    "gebruiker.rol": ("rol", ("medewerker", "recordmanager", "archivaris")),
    "taal": ("taal", ("nl", "en")),
}


def read_settings(path: Path) -> Settings:
    """Read the file, or give the defaults when it is not there. Raises `StoreRefused`."""
    if not path.exists():
        return Settings(gebruiker=_login_name())
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise StoreRefused("instellingen_onleesbaar", {"bestand": path.name}) from error
    given = {"gebruiker": _login_name()}
    for name, value in _flat(data):
        allowed = _KEYS.get(name)
        if allowed is None or not isinstance(value, str) or not value.strip():
            raise StoreRefused("instelling_onbekend", {"bestand": path.name, "instelling": name})
        field, values = allowed
        if values and value not in values:
            raise StoreRefused("instelling_onbekend", {"bestand": path.name, "instelling": name})
        given[field] = value
    return Settings(**given)


def _flat(data: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Give every value with its name as people write it: ``organisatie.naam``."""
    for key, value in data.items():
        if isinstance(value, dict):
            yield from ((f"{key}.{inner}", one) for inner, one in value.items())
        else:
            yield key, value


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "onbekende gebruiker"


def default_werkmap() -> Path:
    """Give the user's own data folder for this program, as the platform wants it."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share"))
    return base / "archiefklaar"
