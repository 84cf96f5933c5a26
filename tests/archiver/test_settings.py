"""Settings: absent gives defaults, broken is refused by name, nothing is guessed in silence."""

from __future__ import annotations

import getpass
from pathlib import Path

import pytest

from archiver.errors import StoreRefused
from archiver.settings import Settings, read_settings


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "instellingen.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_no_file_gives_the_defaults_and_the_login_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "jdevries")
    assert read_settings(tmp_path / "instellingen.toml") == Settings(gebruiker="jdevries")


def test_a_machine_without_a_login_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> str:
        raise KeyError("uid")

    monkeypatch.setattr(getpass, "getuser", none)
    assert read_settings(tmp_path / "x.toml").gebruiker == "onbekende gebruiker"


def test_every_setting_is_read(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """
        taal = "en"
        [organisatie]
        naam = "Gemeente Waterbeke"
        identificatie = "gm9998"
        contact = "archief@waterbeke.example"
        locatie = "Archief/2026"
        [gebruiker]
        naam = "J. de Vries"
        rol = "recordmanager"
        """,
    )
    assert read_settings(path) == Settings(
        organisatie="Gemeente Waterbeke",
        organisatie_id="gm9998",
        contact="archief@waterbeke.example",
        gebruiker="J. de Vries",
        rol="recordmanager",
        taal="en",
        locatie_doelsysteem="Archief/2026",
    )


def test_an_empty_file_gives_the_defaults(tmp_path: Path) -> None:
    settings = read_settings(write(tmp_path, ""))
    assert settings.organisatie == Settings().organisatie
    assert settings.gebruiker


@pytest.mark.parametrize("text", ["organisatie = ", b'naam = "\xff"', "a = 1\na = 2"])
def test_a_broken_file_is_refused_by_name(tmp_path: Path, text: str | bytes) -> None:
    with pytest.raises(StoreRefused) as caught:
        read_settings(write(tmp_path, text))
    assert caught.value.code == "instellingen_onleesbaar"
    assert caught.value.params == {"bestand": "instellingen.toml"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('organisatie = "Gemeente"', "organisatie"),
        ("gebruiker = 3", "gebruiker"),
        ("[organisatie]\nidentificatie = 12", "organisatie.identificatie"),
        ("[organisatie]\nnaam = ['a']", "organisatie.naam"),
        ("[organisatie]\nnaam = ' '", "organisatie.naam"),
        ("[organisatie]\nnamm = 'a'", "organisatie.namm"),
        ("[gebruiker]\nrol = 'beheerder'", "gebruiker.rol"),
        ("taal = 'fr'", "taal"),
        ("[organisatie.adres]\nstraat = 'a'", "organisatie.adres"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_name(tmp_path: Path, text: str, name: str) -> None:
    with pytest.raises(StoreRefused) as caught:
        read_settings(write(tmp_path, text))
    assert caught.value.code == "instelling_onbekend"
    assert caught.value.params == {"bestand": "instellingen.toml", "instelling": name}


def test_a_folder_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "instellingen.toml").mkdir()
    with pytest.raises(StoreRefused):
        read_settings(tmp_path / "instellingen.toml")
