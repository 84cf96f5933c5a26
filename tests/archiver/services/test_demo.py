"""The demo is the whole main job; it balances and it can be run again."""

from __future__ import annotations

from pathlib import Path

import pytest

from archiver import texts
from archiver.bootstrap import open_archive
from archiver.errors import RuleRefused
from archiver.export.check import check
from archiver.progress import Silent
from archiver.services.archive import Archive
from archiver.services.demo import DemoOutcome, run_demo


def opened(werkmap: Path, actor: str) -> Archive:
    return open_archive(werkmap, actor=actor, origin="test")


def run(target: Path, language: str = "nl") -> tuple[DemoOutcome, list[str]]:
    said: list[str] = []
    return run_demo(target, opened, said.append, language, texts.text, Silent()), said


def test_the_demo_ends_with_a_sound_package_and_says_why_per_message(tmp_path: Path) -> None:
    outcome, said = run(tmp_path / "demo")
    assert outcome.sound
    assert check(outcome.package, Silent()).sound
    drawn = "\n".join(said)
    for key in [f"M-{n:04d}/" for n in range(1, 26)] + ["C-0001/", "C-0002/"]:
        assert key in drawn
    assert drawn.count("» ") == 27
    assert "Blijvend bewaren - Mira van Oosterhof was toen gemeentesecretaris" in drawn
    assert "gelezen = vastgelegd = verpakt: klopt" in drawn


def test_the_demo_can_be_run_again_and_in_english(tmp_path: Path) -> None:
    run(tmp_path / "demo")
    outcome, said = run(tmp_path / "demo", "en")
    assert outcome.sound
    assert any("Keep permanently" in line for line in said)


def test_the_demo_leaves_other_peoples_files_alone(tmp_path: Path) -> None:
    mine = tmp_path / "demo" / "pakket" / "van mij.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("blijft")
    with pytest.raises(RuleRefused, match="demo_map_bezet"):
        run(tmp_path / "demo")
    assert mine.read_text() == "blijft"
