"""An open register in a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.store.database import Register
from tests.archiver.store import made


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    opened = Register.open(tmp_path / "register.db")
    yield opened
    opened.close()


@pytest.fixture
def filled(register: Register) -> Register:
    made.fill(register)
    return register
