"""A folder in memory where the system has one: hundreds of runs there do not wait for the disk."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

_MEMORY = Path("/dev/shm")
_ENOUGH = 60_000_000


def quick_place() -> str | None:
    if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ENOUGH:
        return str(_MEMORY)
    return None


@pytest.fixture
def quick_path() -> Iterator[Path]:
    """Like `tmp_path`."""
    with tempfile.TemporaryDirectory(prefix="archiefklaar-", dir=quick_place()) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def quick_module_path() -> Iterator[Path]:
    """Like `quick_path`, for all tests of a module."""
    with tempfile.TemporaryDirectory(prefix="archiefklaar-", dir=quick_place()) as folder:
        yield Path(folder)
