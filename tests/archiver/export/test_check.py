"""Our own check: a sound package passes, and every planted defect is found by its code."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from archiver import texts
from archiver.export.check import check
from archiver.findings import Severity
from archiver.progress import Silent
from tests.helpers import packages


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return packages.make(tmp_path_factory.mktemp("pakket"))


def test_a_sound_package_passes_every_check(sound: Path) -> None:
    report = check(sound, Silent())
    assert report.findings == ()
    assert report.sound
    assert set(report.passed) == {
        f"controle.{n}" for n in ("schema", "getal", "lijst", "termijn", "origineel")
    }


@pytest.mark.parametrize("defect", packages.DEFECTS)
def test_a_planted_defect_is_found(sound: Path, tmp_path: Path, defect: str) -> None:
    spoil, code = packages.DEFECTS[defect]
    package = tmp_path / "levering"
    shutil.copytree(sound, package, symlinks=True)
    spoil(package)
    report = check(package, Silent())
    found = {f.code for f in report.findings if f.severity is Severity.FOUT}
    assert code in found
    assert not report.sound
    for finding in report.findings:
        key = f"bevinding.{finding.code}"
        for language in ("nl", "en"):
            assert texts.text(key, language, finding.params)


def test_the_collection_folder_itself_can_be_checked(sound: Path) -> None:
    report = check(packages.root(sound), Silent())
    assert report.sound
    assert [f.code for f in report.findings] == ["pakket.pakbon_niet_gekeurd"]


def test_advice_is_no_error(sound: Path, tmp_path: Path) -> None:
    package = tmp_path / "levering"
    shutil.copytree(sound, package)
    (package / "leesmij.txt").write_text("hoi")
    report = check(package, Silent())
    assert report.sound
    assert [(f.code, f.severity) for f in report.findings] == [
        ("pakket.los_bestand", Severity.LET_OP)
    ]


def test_a_check_changes_nothing(sound: Path) -> None:
    before = {p: (p.stat().st_mtime_ns, p.stat().st_size) for p in sound.rglob("*")}
    check(sound, Silent())
    assert {p: (p.stat().st_mtime_ns, p.stat().st_size) for p in sound.rglob("*")} == before
