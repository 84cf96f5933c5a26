"""What may be missing from a chat export is said on the command line, each in words and with its numbers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archiver import cli
from archiver.texts import text
from tests.helpers.doubts import CODES, DOUBTS, SCREENSHOT, exports


@pytest.mark.parametrize("command", ["inspect", "neem-op"])
def test_every_doubt_is_said_beside_the_file_it_is_about(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    files = exports(tmp_path / "telefoon")
    given = ["--werkmap", str(tmp_path / "werkmap"), command, str(tmp_path / "telefoon")]
    assert cli.run(given) in (cli.OK, cli.ATTENTION)
    lines = capsys.readouterr().err.splitlines()
    for name, (_, code, params) in DOUBTS.items():
        words = text(f"bevinding.{code}", "nl", params)
        assert [line for line in lines if files[name].name in line and words in line], name
    said = text(f"bevinding.{SCREENSHOT}", "nl", {"naam": files["Plaatje"].name})
    assert [line for line in lines if said in line]
    whole = [line for line in lines if files["Heel"].name in line]
    assert not whole, "an export in which nothing is wrong is not doubted"


def test_for_other_programs_each_has_its_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = exports(tmp_path / "telefoon")
    cli.run(["--json", "--werkmap", str(tmp_path / "w"), "inspect", str(tmp_path / "telefoon")])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    found = {Path(line["path"]).name: line["findings"] for line in lines}
    for name, (_, code, params) in DOUBTS.items():
        said = [f for f in found[files[name].name] if f["code"] in CODES]
        assert [(f["code"], f["params"]) for f in said] == [(code, params)], "this, and no other"
    assert SCREENSHOT in {f["code"] for f in found[files["Plaatje"].name]}
    assert not {f["code"] for f in found[files["Heel"].name]} & CODES


@pytest.mark.parametrize("language", ["nl", "en"])
def test_each_says_what_it_means_and_not_only_that_something_is_wrong(language: str) -> None:
    for code in CODES:
        words = text(f"bevinding.{code}", language, {})
        assert words.count(".") >= 2, code
