"""Sealed backups open with the right key, and only with that; what comes out holds no keys."""

from __future__ import annotations

import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.errors import InputRefused
from archiver.intake import registry
from archiver.intake.chat import opening, sealed, signal_database
from archiver.intake.chat.derived_zip import ORIGIN, origin_of
from archiver.intake.identify import head_of
from archiver.intake.protocol import Limits, ParseContext, Secret
from archiver.model import ChatMessage, Conversation, Unreadable
from tests.helpers import sealed as made
from tests.helpers.shared import SHARED

Maker = Callable[[Path], tuple[Path, str]]


def _whatsapp(folder: Path) -> tuple[Path, str]:
    path = folder / "msgstore.db.crypt15"
    path.write_bytes(made.crypt15(made.whatsapp_database(folder / "maak.db")))
    (folder / "maak.db").unlink()
    return path, made.WHATSAPP_KEY


def _android(folder: Path) -> tuple[Path, str]:
    path = folder / "signal-2026-11-17.backup"
    path.write_bytes(made.signal_backup())
    return path, made.PASSPHRASE


def _threema(folder: Path) -> tuple[Path, str]:
    path = folder / "threema-backup.zip"
    path.write_bytes(made.threema())
    return path, made.PASSWORD


MAKERS: dict[str, Maker] = {
    "whatsapp_crypt": _whatsapp,
    "signal_backup": _android,
    "signal_map": lambda folder: (made.signal_local(folder), made.RECOVERY),
    "signal_desktop": lambda folder: (made.signal_desktop(folder), made.DESKTOP_KEY),
    "threema_backup": _threema,
}
WRONG = {
    "whatsapp_crypt": "0" * 64,
    "signal_backup": "1" * 30,
    "signal_map": "a" * 64,
    "signal_desktop": "0" * 64,
    "threema_backup": "Zwaluwstaart-Paardenbloem-92",
}


def opened(tmp_path: Path, kind: str) -> Path:
    folder = tmp_path / "bron"
    folder.mkdir()
    path, key = MAKERS[kind](folder)
    target = tmp_path / "uit.zip"
    opening.unseal(path, key, target, Limits())
    return target


def read(path: Path, owner: str | None = "Joris") -> tuple[list[Conversation], list[ChatMessage]]:
    choice = registry.choose(path, head_of(path))
    assert choice is not None
    records = list(
        choice.parser.parse(path, ParseContext(answers={"owner": owner} if owner else {}))
    )
    assert not [r for r in records if isinstance(r, Unreadable)]
    return (
        [r for r in records if isinstance(r, Conversation)],
        [r for r in records if isinstance(r, ChatMessage)],
    )


@pytest.mark.parametrize("kind", MAKERS)
def test_what_is_sealed_asks_for_its_key_as_a_secret(tmp_path: Path, kind: str) -> None:
    path, _ = MAKERS[kind](tmp_path)
    assert opening.can_open(path) == kind
    assert kind in sealed.OPENABLE
    (record,) = sealed.parse(path, ParseContext())
    assert isinstance(record, Conversation)
    (question,) = [f for f in record.findings if f.code == "chat.sleutel_vragen"]
    assert question.params["antwoord"] == "geheim"
    assert f"chat.verzegeld_{kind}" in [f.code for f in record.findings]


@pytest.mark.parametrize("kind", MAKERS)
def test_the_right_key_gives_the_words_and_says_of_what(tmp_path: Path, kind: str) -> None:
    target = opened(tmp_path, kind)
    records, messages = read(target)
    assert "De brug gaat dicht" in [m.text for m in messages]
    assert "Akkoord" in [m.text for m in messages]
    said = origin_of(target)
    assert said is not None
    (finding,) = [f for f in records[0].findings if f.code == "chat.ontsleuteld"]
    assert finding.params["sha256"] == said["origineel"]["sha256"]
    with zipfile.ZipFile(target) as archive:
        content = b"".join(archive.read(name) for name in archive.namelist())
        assert made.SECRET_FIELD not in content
        assert all(m.date_time[0] == 1980 for m in archive.infolist())


@pytest.mark.parametrize("kind", MAKERS)
def test_a_wrong_key_is_said_and_leaves_nothing(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "bron"
    folder.mkdir()
    path, _ = MAKERS[kind](folder)
    for key, code in ((WRONG[kind], "chat.sleutel_verkeerd"), ("bèta", None)):
        with pytest.raises(InputRefused) as refused:
            opening.unseal(path, key, tmp_path / "uit.zip", Limits())
        if code is not None:
            assert refused.value.code == code
        assert key not in repr(refused.value)
    assert [p.name for p in tmp_path.iterdir()] == ["bron"]


@pytest.mark.parametrize("kind", MAKERS)
def test_the_same_original_gives_the_same_derivative(tmp_path: Path, kind: str) -> None:
    path, key = MAKERS[kind](tmp_path)
    for name in ("een.zip", "twee.zip"):
        opening.unseal(path, key, tmp_path / name, Limits())
    assert (tmp_path / "een.zip").read_bytes() == (tmp_path / "twee.zip").read_bytes()


@pytest.mark.parametrize("kind", MAKERS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_damaged_file_never_crashes_and_never_passes_for_whole(
    tmp_path_factory: pytest.TempPathFactory, kind: str, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("stuk")
    path, key = MAKERS[kind](folder)
    content = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        content = content[:place]
    else:
        content[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    try:
        opening.unseal(path, key, folder / "uit.zip", Limits())
    except InputRefused:
        assert not (folder / "uit.zip").exists()


def test_whatsapp_by_the_other_marks(tmp_path: Path) -> None:
    path, key = _whatsapp(tmp_path)
    spaced = " ".join(key[i : i + 4].upper() for i in range(0, 64, 4))
    opening.unseal(path, spaced, tmp_path / "uit.zip", Limits())
    whole = path.read_bytes()
    damaged = whole[:200] + bytes([whole[200] ^ 1]) + whole[201:]
    path.write_bytes(damaged)
    with pytest.raises(InputRefused, match=r"chat\.verzegeld_beschadigd"):
        opening.unseal(path, key, tmp_path / "stuk.zip", Limits())
    header = made.proto((1, 1), (2, made.proto((5, b"i" * 16))), (4, made.proto((1, "2.21.1.2"))))
    (tmp_path / "oud.crypt14").write_bytes(bytes([len(header)]) + b"\x01" + header + bytes(80))
    with pytest.raises(InputRefused, match=r"chat\.verzegeld_sleutelbestand"):
        opening.unseal(tmp_path / "oud.crypt14", key, tmp_path / "oud.zip", Limits())


def test_a_bomb_is_stopped(tmp_path: Path) -> None:
    path = tmp_path / "msgstore.db.crypt15"
    path.write_bytes(made.crypt15(b"SQLite format 3\0" + bytes(3_000_000)))
    with pytest.raises(InputRefused, match=r"chat\.zip_te_groot"):
        opening.unseal(path, made.WHATSAPP_KEY, tmp_path / "uit.zip", Limits(zip_bytes=1_000_000))
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("version", [0, 1])
def test_signal_android_in_full(tmp_path: Path, version: int) -> None:
    path = tmp_path / "signal.backup"
    path.write_bytes(made.signal_backup(version=version))
    target = tmp_path / "uit.zip"
    opening.unseal(path, made.PASSPHRASE.replace(" ", ""), target, Limits())
    (record,), messages = read(target)
    assert record.title == "Team Brug"
    assert record.format == signal_database.FORMAT
    assert [m.sender for m in messages] == ["Mira", "Joris", "Joris", "Joris", "Joris"]
    assert messages[0].reactions == (
        {"emoji": "👍", "sender": "Joris", "sent": messages[0].reactions[0]["sent"]},
    )
    assert messages[1].reply_to == messages[0].id
    photo = messages[2].attachments[0]
    assert (photo.name, photo.present, photo.size) == ("brug.jpg", True, len(made.PHOTO))
    assert messages[3].text == "Nieuwe tekst"
    assert messages[3].edited
    assert "Oude tekst" in [f.params.get("tekst") for f in messages[3].findings]
    assert "chat.bericht_verloopt" in [f.code for f in messages[3].findings]
    assert (messages[4].type, messages[4].system) == ("call", "missed")
    with zipfile.ZipFile(target) as archive:
        assert archive.read("bijlagen/9") == made.PHOTO
        (tmp_path / "uit.db").write_bytes(archive.read("signal-android.db"))
    connection = sqlite3.connect(tmp_path / "uit.db")
    names = {n for (n,) in connection.execute("SELECT name FROM sqlite_master")}
    connection.close()
    assert {n for n in names if not n.startswith("sqlite_")} == {
        "recipient",
        "groups",
        "thread",
        "message",
        "attachment",
        "reaction",
    }


def test_a_signal_backup_without_end_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "signal.backup"
    path.write_bytes(made.signal_backup(end=False))
    with pytest.raises(InputRefused, match=r"chat\.verzegeld_beschadigd"):
        opening.unseal(path, made.PASSPHRASE, tmp_path / "uit.zip", Limits())


def test_signal_local_in_full(tmp_path: Path) -> None:
    target = opened(tmp_path, "signal_map")
    (record,), messages = read(target)
    assert record.title == "Mira"
    assert [m.sender for m in messages] == ["Joris Blankert", "Mira", "Mira", "Mira"]
    assert messages[1].reply_to == messages[0].id
    photo = messages[2].attachments[0]
    assert (photo.name, photo.present, photo.match) == ("brug.jpg", True, "hash")
    assert (messages[3].type, messages[3].system) == ("call", "missed")


def test_a_recovery_key_as_signal_shows_it(tmp_path: Path) -> None:
    path, key = MAKERS["signal_map"](tmp_path)
    shown = key.upper().replace("O", "#").replace("0", "=")
    grouped = " ".join(shown[i : i + 4] for i in range(0, 64, 4))
    opening.unseal(path, grouped, tmp_path / "uit.zip", Limits())


def test_the_keys_of_signal_by_its_published_values() -> None:
    """Known values that Signal publishes with its own code (AEP, account, keys)."""
    from archiver.intake.chat.open_signal_local import _hkdf

    pool = b"dtjs858asj6tv0jzsqrsmj0ubp335pisj98e9ssnss8myoc08drhtcktyawvx45l"
    root = _hkdf(pool, b"20240801_SIGNAL_BACKUP_KEY", 32)
    assert root.hex() == "ea26a2ddb5dba5ef9e34e1b8dea1f5ae7f255306a6d2d883e542306eaa9fe985"
    number = bytes.fromhex("8a624fbc45379043f39f1391cddc5fe8")
    keys = _hkdf(root, b"20241007_SIGNAL_BACKUP_ENCRYPT_MESSAGE_BACKUP:" + number, 64)
    assert keys.hex() == (
        "f425e22a607c529717e1e1b29f9fe139f9d1c7e7d01e371c7753c544a3026649"
        "e143f4ad5668d8bfed2f88562f0693f53bda2c0e55c9d71730f30e24695fd6df"
    )


def test_signal_desktop_in_full(tmp_path: Path) -> None:
    target = opened(tmp_path, "signal_desktop")
    (record,), messages = read(target)
    assert record.title == "Mira"
    assert [m.sender for m in messages] == ["Mira", "Joris", "Mira"]
    assert messages[0].reactions[0]["emoji"] == "👍"
    assert messages[1].reply_to == messages[0].id
    photo, absent = messages[2].attachments
    assert (photo.name, photo.present, photo.size) == ("brug.jpg", True, len(made.PHOTO))
    assert (absent.name, absent.present) == ("weg.pdf", False)
    with zipfile.ZipFile(target) as archive:
        assert archive.read("attachments.noindex/ab/abcd") == made.PHOTO


def test_threema_without_the_key_of_the_account(tmp_path: Path) -> None:
    target = opened(tmp_path, "threema_backup")
    with zipfile.ZipFile(target) as archive:
        assert "identity" not in archive.namelist()
        for name, content in made.THREEMA.items():
            assert name == "identity" or archive.read(name) == content
    (record,), messages = read(target)
    assert record.title == "Mira"
    assert messages[2].attachments[0].present
    (said,) = [f for f in record.findings if f.code == "chat.ontsleuteld_zonder"]
    assert "sleutels van het account" in str(said.params["wat"])


def test_a_secret_does_not_show_itself() -> None:
    secret = Secret(made.PASSWORD)
    context = ParseContext(answers={"key": secret})
    for shown in (
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret!r}",
        repr(context),
        f"{secret:>40}",
    ):
        assert made.PASSWORD not in shown
    assert secret.reveal() == made.PASSWORD


def test_no_zip_without_its_statement_is_taken_for_a_derivative(tmp_path: Path) -> None:
    for number, statement in enumerate(
        (b"{", b"[]", b'{"schema": "x"}', b'{"schema": 1, "origineel": 2}')
    ):
        path = tmp_path / f"{number}.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(ORIGIN, statement)
        assert origin_of(path) is None


@pytest.mark.corpus
@pytest.mark.skipif(SHARED is None, reason="CORPUS ABSENT: no real encrypted backup to open")
def test_a_real_backup_of_whatsapp_gives_the_published_database(tmp_path: Path) -> None:
    assert SHARED is not None
    folder = SHARED / "corpus" / "chat" / "whatsapp-db" / "wa-crypt-tools"
    key = (folder / "encrypted_backup.key").read_bytes()[-32:].hex()
    opening.unseal(folder / "msgstore.db.crypt15", key, tmp_path / "uit.zip", Limits())
    with zipfile.ZipFile(tmp_path / "uit.zip") as archive:
        assert archive.read("msgstore.db") == (folder / "msgstore.db").read_bytes()


def test_an_exported_chat_of_threema_with_a_password(tmp_path: Path) -> None:
    text = "[17-11-2026 09:12] Mira: <0a1b-brug.jpg>\n[17-11-2026 09:13] Joris: Akkoord\n"
    members = {"messages.txt": text.encode(), "0a1b-brug.jpg": made.PHOTO}
    path = tmp_path / "chat-Mira.zip"
    path.write_bytes(made.threema(members=members))
    assert opening.can_open(path) == "threema_backup"
    opening.unseal(path, made.PASSWORD, tmp_path / "uit.zip", Limits())
    _, messages = read(tmp_path / "uit.zip")
    assert [m.text for m in messages] == ["<0a1b-brug.jpg>", "Akkoord"]
    assert messages[0].attachments[0].present
