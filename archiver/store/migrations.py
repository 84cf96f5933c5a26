"""Bring an older register to this version: a copy first, then all steps in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from sqlalchemy import Connection, Engine

from archiver.errors import StoreRefused
from archiver.store import rows, sqlite, to_1_1, to_1_2, to_1_3
from archiver.store.schema import VERSION, Base
from archiver.store.trail import Trail

Step = Callable[[Connection, Path, Trail], None]

STEPS: Final[Mapping[tuple[int, int], Step]] = MappingProxyType(
    {(1, 1): to_1_1.step, (1, 2): to_1_2.step, (1, 3): to_1_3.step}
)
"""(major, minor) that the step leads to -> what it does. A step that was released never changes.

A step after 1.1 that adds columns must compare the seals before it does, with the old columns.
"""

_SEALED_SINCE = (1, 1)  # of rows that have a seal a broken one must stay broken, and be seen


def migrate(
    engine: Engine,
    path: Path,
    trail: Trail,
    steps: Mapping[tuple[int, int], Step] = STEPS,
    version: tuple[int, int] = VERSION,
) -> None:
    """Bring the register to `version`; nothing changes when a step fails.

    Raises `StoreRefused` ("nieuwere_versie") when a program with a newer major version made it; a
    newer minor version opens, because it only added what this version may ignore.
    """
    with engine.connect() as connection, connection.begin():
        found = sqlite.user_version(connection)
    if found[0] > version[0]:
        raise StoreRefused("nieuwere_versie", {"versie": f"{found[0]}.{found[1]}"})
    if found >= version:
        return
    if found != (0, 0):
        copy_aside(engine, path, found)
    with (
        engine.connect().execution_options(transaction="EXCLUSIVE") as connection,
        connection.begin(),
    ):
        if found == (0, 0):
            Base.metadata.create_all(connection)
            sqlite.protect_audit(connection)
        else:
            for step in sorted(steps):
                if found < step <= version:
                    steps[step](connection, path, trail)
            if found < _SEALED_SINCE:
                rows.seal_all(connection)
        sqlite.set_user_version(connection, *version)


def copy_aside(engine: Engine, path: Path, version: tuple[int, int]) -> Path:
    """Make a whole copy of the register beside it before it changes, over an earlier copy."""
    target = path.with_name(f"{path.stem}-voor-{version[0]}.{version[1]}.db")
    fresh = target.with_suffix(".nieuw")
    fresh.unlink(missing_ok=True)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        sqlite.copy_to(connection, fresh)
    fresh.replace(target)
    return target
