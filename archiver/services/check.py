"""Check a package, our own or somebody else's, before it may leave or after it came in."""

from __future__ import annotations

from pathlib import Path

from archiver.errors import InputRefused
from archiver.export.check import CheckReport, check
from archiver.progress import Progress


def check_package(path: Path, progress: Progress) -> CheckReport:
    """Check the package folder. Raises `InputRefused` when there is no folder at `path`."""
    if not path.is_dir():
        raise InputRefused("pakket_niet_gevonden", {"pad": str(path)})
    return check(path, progress)
