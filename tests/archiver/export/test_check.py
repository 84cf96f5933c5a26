"""Our own check: a sound package passes, and every planted defect is found by its code."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from archiver import texts
from archiver.export import check as module
from archiver.export.check import check
from archiver.export.delivery import open_delivery
from archiver.export.scratch import Scratch
from archiver.findings import Severity
from archiver.progress import Silent
from metadata.mdto import IdentificatieGegevens, VerwijzingGegevens
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


def test_a_name_that_is_no_text_and_a_pakbon_without_end_are_findings(
    sound: Path, tmp_path: Path
) -> None:
    package = tmp_path / "levering"
    shutil.copytree(sound, package)
    (packages.one(package, "M-0001") / "caf\udce9.txt").write_bytes(b"x")
    with (package / "pakbon.xml").open("wb") as stream:
        stream.truncate(3 * 1024**3)
    found = {(f.code, f.place.rpartition("/")[2]) for f in check(package, Silent()).findings}
    assert ("pakket.bestand_zonder_sidecar", "caf\udce9.txt") in found
    assert ("pakket.sidecar_groot", "pakbon.xml") in found


def test_a_wide_folder_is_compared_in_one_pass(
    sound: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mailbox has thousands of messages in one folder: no message is held against all others."""
    asked = 0
    really = module._ident

    def counted(one: IdentificatieGegevens) -> tuple[str, str]:
        nonlocal asked
        asked += 1
        return really(one)

    monkeypatch.setattr(module, "_ident", counted)
    ids = [IdentificatieGegevens(f"urn:uuid:{n}", "bron") for n in range(2_000)]
    state = module._State(open_delivery(sound), Scratch())
    things = [
        module._Thing(str(n), module._identified(state, (one,), ""), (), frozenset(), 0, "")
        for n, one in enumerate(ids)
    ]
    references = tuple(VerwijzingGegevens("x", one) for one in ids[1:])
    module._named(state, "plaats", references, things, "pakket.bevat")
    assert [(f.code, f.params) for f in state.delivery.findings] == [
        ("pakket.bevat_mist", {"naam": "0", "n": 0})
    ]
    assert asked <= 2 * len(ids)
