"""Where the shared corpus is: beside the checkout or where ARCHIEFKLAAR_SHARED says; else None."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def _shared() -> Path | None:
    named = os.environ.get("ARCHIEFKLAAR_SHARED")
    folder = Path(named) if named else ROOT.parent / "shared"
    return folder if (folder / "corpus").is_dir() else None


SHARED: Path | None = _shared()
