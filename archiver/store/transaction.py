"""One transaction of the register, as the table modules get it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from archiver.store.trail import Trail


@dataclass(slots=True)
class Tx:
    """One transaction. `head` is the new end of the audit chain (size, hash), if it grew."""

    connection: Connection
    trail: Trail
    head: tuple[int, str] | None = None
