"""What must be known of a whole and need not stand in memory: a private database as long as the work lasts.

Nothing in it is kept or durable. With a path it is a file for this user only, which goes away at the
end and lies where leftovers of a killed run are swept; without one it is a nameless file of the system.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Any, Self

_PRAGMAS = (
    "journal_mode=OFF",
    "synchronous=OFF",
    "locking_mode=EXCLUSIVE",
    "temp_store=FILE",
    "cache_size=-4000",
)


class Scratch:
    """The database. Every call raises OSError when the disk is full or fails."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        if path is not None:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            # One program uses it, and a disk on the network may know no locks.
            name = "" if path is None else f"{path.absolute().as_uri()}?nolock=1"
            self._db = sqlite3.connect(name, uri=path is not None, isolation_level=None)
            for pragma in _PRAGMAS:
                self._db.execute(f"PRAGMA {pragma}")
            self._db.execute("BEGIN")
        except sqlite3.Error as error:
            raise _failure(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of it and take it away."""
        self._db.close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def run(self, statement: str, given: Sequence[Any] = ()) -> None:
        """Do one statement."""
        try:
            self._db.execute(statement, given)
        except sqlite3.Error as error:
            raise _failure(error) from error

    def many(self, statement: str, given: Iterable[Sequence[Any]]) -> None:
        """Do one statement for each of the given rows."""
        try:
            self._db.executemany(statement, given)
        except sqlite3.Error as error:
            raise _failure(error) from error

    def rows(self, statement: str, given: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Give the rows of a question, one at a time."""
        try:
            # Not `yield from`: that closes the cursor of a question nobody asks on, also after the end.
            for row in self._db.execute(statement, given):  # noqa: UP028
                yield row
        except sqlite3.Error as error:
            raise _failure(error) from error

    def one(self, statement: str, given: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        """Give the first row, if any."""
        return next(self.rows(statement, given), None)


def digest(*texts: str) -> bytes:
    """Give a short key for texts of any length and content."""
    whole = "\0".join(texts).encode("utf-8", "surrogatepass")
    return blake2b(whole, digest_size=16).digest()


def _failure(error: sqlite3.Error) -> OSError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    number = errno.ENOSPC if code == sqlite3.SQLITE_FULL else errno.EIO
    return OSError(number, str(error))
