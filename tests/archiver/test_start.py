"""What a start loads: a look at one file must not wait for the register or for readers it has no use for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.messages import mail


@pytest.mark.parametrize(
    ("module", "not_yet"),
    [
        ("archiver.cli", ("sqlalchemy", "sqlcipher3", "lxml", "pygfried", "PySide6")),
        (
            "archiver.intake.worker",
            ("sqlalchemy", "lxml", "pygfried", "magic", "extract_msg", "nh3"),
        ),
    ],
)
def test_a_start_loads_only_what_it_needs(module: str, not_yet: tuple[str, ...]) -> None:
    asked = f"import sys, {module}; print([m for m in {not_yet!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_drop_of_mail_does_not_load_what_compares_conversations(tmp_path: Path) -> None:
    (tmp_path / "los.eml").write_bytes(mail("Los"))
    asked = (
        "import sys, archiver.cli as cli\n"
        "if __name__ == '__main__':\n"
        "    code = cli.run(['--werkmap', sys.argv[1], 'neem-op', sys.argv[2]])\n"
        "    names = ('archiver.services.comparison', 'archiver.services.reading')\n"
        "    print(code, [n for n in names if n in sys.modules])\n"
    )
    script = tmp_path / "start.py"
    script.write_text(asked, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, script, tmp_path / "werkmap", tmp_path / "los.eml"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "0 []", done.stdout + done.stderr
