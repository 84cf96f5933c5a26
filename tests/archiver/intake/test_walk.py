from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.intake.walk import display_name, files_of, open_failure, safe_name


def codes(paths: list[Path]) -> list[tuple[str, str]]:
    return [(f.path.name, f.refusal.code if f.refusal else "") for f in files_of(paths)]


def test_folders_are_opened_in_a_stable_order(tmp_path: Path) -> None:
    for name in ("b/2.eml", "b/1.eml", "a.eml", "c/d/e/f.eml"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    found = [f.path.relative_to(tmp_path).as_posix() for f in files_of([tmp_path])]
    assert found == ["a.eml", "b/1.eml", "b/2.eml", "c/d/e/f.eml"]


def test_a_folder_that_holds_itself_is_refused_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "map").mkdir()
    (tmp_path / "map" / "lus").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "zich").symlink_to(tmp_path / "zich")
    (tmp_path / "zz.eml").write_text("x")
    assert codes([tmp_path]) == [
        ("lus", "bestand.map_lus"),
        ("zich", "bestand.map_lus"),
        ("zz.eml", ""),
    ]


def test_the_same_folder_twice_without_a_loop_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.eml").write_text("x")
    (tmp_path / "b").symlink_to(tmp_path / "a", target_is_directory=True)
    assert codes([tmp_path]) == [("x.eml", ""), ("x.eml", "")]


def test_special_files_empty_files_and_vanished_files_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "pijp")
    (tmp_path / "leeg.eml").touch()
    with socket.socket(socket.AF_UNIX) as server:
        monkeypatch.chdir(tmp_path)
        server.bind("contact")
        assert codes([tmp_path, tmp_path / "weg.eml"]) == [
            ("contact", "bestand.geen_bestand"),
            ("leeg.eml", "bestand.leeg"),
            ("pijp", "bestand.geen_bestand"),
            ("weg.eml", "bestand.verdwenen"),
        ]


def test_a_folder_without_permission_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The tests may run as root, who may open everything: let the system refuse.
    closed = tmp_path / "dicht"
    closed.mkdir()
    (tmp_path / "open.eml").write_text("x")
    original = Path.iterdir

    def iterdir(path: Path):  # type: ignore[no-untyped-def]
        if path == closed:
            raise PermissionError(13, "nee")
        return original(path)

    monkeypatch.setattr(Path, "iterdir", iterdir)
    assert codes([tmp_path]) == [("dicht", "bestand.geen_toegang"), ("open.eml", "")]


def test_a_share_that_went_away_is_a_vanished_file() -> None:
    import errno

    gone = open_failure(Path("x.eml"), OSError(errno.EHOSTDOWN, "weg"))
    broken = open_failure(Path("x.eml"), OSError(errno.EIO, "stuk"))
    assert (gone.code, broken.code) == ("bestand.verdwenen", "bestand.niet_te_openen")
    assert gone.params == {"bestand": "x.eml"}


def test_a_name_with_control_characters_is_shown_safely_and_noted(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[31m\u202egnp.eml"
    path.write_text("x")
    (found,) = files_of([tmp_path])
    assert found.path == path
    assert found.refusal is None
    assert [n.code for n in found.notes] == ["bestand.naam_stuurtekens"]
    assert display_name(path) == "a\ufffd[31m\ufffdgnp.eml"


def test_a_name_that_is_no_unicode_is_shown_safely(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/caf\xe9.eml"
    Path(os.fsdecode(raw)).write_text("x")
    (found,) = files_of([tmp_path])
    assert display_name(found.path) == "caf\ufffd.eml"
    assert found.notes[0].code == "bestand.naam_stuurtekens"


def test_what_belongs_to_a_chat_text_is_not_listed_itself(tmp_path: Path) -> None:
    for name in ("_chat.txt", "IMG.jpg", "ander.eml"):
        (tmp_path / name).write_text("x")
    found = files_of([tmp_path], lambda text: [text.parent / "IMG.jpg"])
    assert [f.path.name for f in found] == ["_chat.txt", "ander.eml"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("..\\..\\x.pdf", "_.._x.pdf"),
        ("nota\x00\r\n.pdf", "nota.pdf"),
        ("e\u0301.txt", "é.txt"),
        ("CON.txt", "_CON.txt"),
        ("lpt1", "_lpt1"),
        ("a:b*c?.docx", "a_b_c_.docx"),
        ("verslag. ", "verslag"),
        (".bashrc", "bashrc"),
        ("..", "naamloos"),
        ("///", "naamloos"),
        ("", "naamloos"),
        (None, "naamloos"),
        ("\u202efdp.exe", "fdp.exe"),
    ],
)
def test_safe_names(name: str | None, expected: str) -> None:
    assert safe_name(name) == expected


def test_a_long_name_keeps_its_extension() -> None:
    assert safe_name("é" * 200 + ".docx") == "é" * 57 + ".docx"


@given(st.text(alphabet=st.characters(), max_size=300))
def test_a_safe_name_is_always_one_plain_file_name(name: str) -> None:
    safe = safe_name(name)
    assert safe
    assert len(safe.encode()) <= 120
    assert not set(safe) & set('<>:"/\\|?*\x00')
    assert safe not in (".", "..")
    assert safe[-1] not in ". "
    assert safe_name(safe) == safe
