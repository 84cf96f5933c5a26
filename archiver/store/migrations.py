"""From any older register to this version: numbered steps, a copy first, one transaction."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from archiver.errors import StoreRefused
from archiver.store import sqlite
from archiver.store.schema import VERSION, Base

Step = Callable[[Any], None]

# (major, minor) that the step leads to -> what it does. Never change a step that was released.
STEPS: dict[tuple[int, int], Step] = {}


def migrate(engine: Engine, path: Path) -> None:
    """Bring the register to `VERSION`.

    Raises `StoreRefused` ("nieuwere_versie") when a newer program with another major version made it;
    a newer minor version opens, because it only added what this version may ignore.
    """
    with engine.connect() as connection:
        found = sqlite.user_version(connection)
    if found[0] > VERSION[0]:
        raise StoreRefused("nieuwere_versie", {"versie": f"{found[0]}.{found[1]}"})
    if found == (0, 0):
        with engine.connect().execution_options(transaction="EXCLUSIVE") as connection:
            with connection.begin():
                Base.metadata.create_all(connection)
                sqlite.set_user_version(connection, *VERSION)
        return
    pending = [step for step in sorted(STEPS) if found < step <= VERSION]
    if not pending:
        return
    copy_aside(engine, path, found)
    with engine.connect().execution_options(transaction="EXCLUSIVE") as connection:
        with connection.begin():
            for step in pending:
                STEPS[step](connection)
            sqlite.set_user_version(connection, *VERSION)


def copy_aside(engine: Engine, path: Path, version: tuple[int, int]) -> Path:
    """Make a whole copy of the register beside it before it changes."""
    target = path.with_name(f"{path.stem}-voor-{version[0]}.{version[1]}.db")
    target.unlink(missing_ok=True)
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        raw.execute("VACUUM INTO ?", (os.fspath(target),))
    return target
