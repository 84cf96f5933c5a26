"""Packages against an independent checker that plays the receiving e-depot, over the whole corpus."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.export.check import check
from archiver.findings import Severity
from archiver.model import SourceStatus
from archiver.progress import Silent
from archiver.services.answers import KEEP, YES
from archiver.services.archive import Archive
from archiver.services.intake import SourceResult, TakeIn, take_in
from archiver.services.packaging_run import MadePackage, MakePackage, make_package
from archiver.services.verify import verify
from tests.archiver.services.test_kept_whole import FACTS, UNKNOWN, write
from tests.helpers import packages
from tests.helpers.messages import work_folder
from tests.helpers.shared import SHARED

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(SHARED is None, reason="the shared corpus is not here: NOTHING was checked"),
]

# Our check is stricter or milder here, on purpose: what -> why.
ONLY_OURS = {
    "two collections": "the receiver takes a folder without sidecar beside the collection as a remark",
    "a long name": "the receiver's profile norm has no limit on the path, nha has; ours always warns",
}


def receiver(package: Path, profile: str) -> tuple[int, list[str]]:
    """Let the independent checker look: number of errors, and their lines."""
    assert SHARED is not None
    tool = SHARED / "tools" / "check_sip.py"
    done = subprocess.run(
        [sys.executable, str(tool), str(package), "--profile", profile, "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    report = json.loads(done.stdout)
    lines = [
        f"{f['rule']} {f['path']}: {f['message']}"
        for f in report["findings"]
        if f["severity"] == "ERROR"
    ]
    return report["errors"], lines


@pytest.fixture(scope="module")
def everything(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Archive, tuple[SourceResult, ...], MadePackage]]:
    assert SHARED is not None
    folder = tmp_path_factory.mktemp("alles")
    archive = work_folder(folder / "werkmap")
    taken = take_in(archive, TakeIn((SHARED / "corpus",), owner="Corpus"), Silent())
    made = make_package(archive, MakePackage(folder / "levering"), Silent())
    yield archive, taken.sources, made
    archive.close()


def test_the_package_of_the_whole_corpus_leaves(
    everything: tuple[Archive, tuple[SourceResult, ...], MadePackage],
) -> None:
    _, sources, made = everything
    assert sum(s.status is SourceStatus.OPGENOMEN for s in sources) > 700
    assert made.released, [f for f in made.findings if f.severity is Severity.FOUT][:10]


@pytest.mark.parametrize("profile", ["norm", "nha"])
def test_the_receiver_takes_the_package_of_the_whole_corpus(
    everything: tuple[Archive, tuple[SourceResult, ...], MadePackage], profile: str
) -> None:
    errors, lines = receiver(everything[2].path, profile)
    assert errors == 0, lines[:20]


def test_every_original_comes_back_bit_identical(
    everything: tuple[Archive, tuple[SourceResult, ...], MadePackage],
) -> None:
    """From the vault and from the package, every file that was taken in."""
    archive, sources, made = everything
    delivered = {
        hashlib.sha256(p.read_bytes()).hexdigest()
        for p in made.path.rglob("*")
        if p.is_file() and not p.name.endswith(".mdto.xml")
    }
    checked = 0
    for source in sources:
        if source.status is SourceStatus.GEWEIGERD:
            assert source.findings, source.path
            continue
        original = Path(source.path).read_bytes()
        sha256 = hashlib.sha256(original).hexdigest()
        assert archive.vault.read_verified(sha256) == original, source.path
        assert sha256 in delivered, source.path
        checked += 1
    assert checked > 850


def test_the_ledger_balances_over_the_whole_corpus(
    everything: tuple[Archive, tuple[SourceResult, ...], MadePackage],
) -> None:
    archive, sources, _ = everything
    for source in sources:
        if source.status is SourceStatus.OPGENOMEN:
            assert not source.ledger.difference(source.ledger_stored), source.path
    assert verify(archive, Silent()).sound


def test_a_good_package_of_somebody_else_passes() -> None:
    assert SHARED is not None
    example = SHARED / "standards" / "eigen-voorbeelden" / "mdto-sip"
    report = check(example, Silent())
    assert [f for f in report.findings if f.severity is Severity.FOUT] == []


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return packages.make(tmp_path_factory.mktemp("pakket"))


def test_both_accept_the_sound_package(sound: Path) -> None:
    assert check(sound, Silent()).findings == ()
    assert receiver(sound, "norm") == (0, [])
    assert receiver(sound, "nha") == (0, [])


@pytest.mark.parametrize("defect", packages.DEFECTS)
def test_what_the_receiver_refuses_we_refuse_first(
    sound: Path, tmp_path: Path, defect: str
) -> None:
    package = tmp_path / "levering"
    shutil.copytree(sound, package, symlinks=True)
    packages.DEFECTS[defect][0](package)
    ours = not check(package, Silent()).sound
    theirs = receiver(package, "nha")[0] > 0
    assert ours
    assert theirs or defect in ONLY_OURS


@pytest.mark.parametrize("profile", ["norm", "nha"])
def test_files_that_nobody_reads_pass_the_receiver_too(tmp_path: Path, profile: str) -> None:
    folder = tmp_path / "binnen"
    for name, data in UNKNOWN.items():
        write(folder, name, data)
    archive = work_folder(tmp_path / "werkmap")
    take_in(archive, TakeIn((folder,), answers={KEEP: YES} | FACTS), Silent())
    made = make_package(archive, MakePackage(tmp_path / "levering"), Silent())
    archive.close()
    assert made.released
    assert len(list((tmp_path / "levering").rglob("*.docx"))) == 1
    assert receiver(tmp_path / "levering", profile) == (0, [])
