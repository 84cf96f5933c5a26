"""What a start loads: a look at one file must not wait for the register or for readers it has no use for."""

from __future__ import annotations

import subprocess
import sys

import pytest


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
