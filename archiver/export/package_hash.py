"""The hash of a whole package, over the lines of all its files in order, however many there are.

Per file a line ``<sha256>  <path inside the collection>\\n``, sorted by bytes, SHA-256 over all of them.
Anyone can recompute it with find, sha256sum and sort.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterator

from archiver.export.scratch import Scratch

RUN = 8_192  # lines that are sorted in memory; what is more goes to disk in sorted runs


class PackageHash:
    """Takes the files in any order."""

    def __init__(self, scratch: Scratch) -> None:
        self._scratch = scratch
        self._lines: list[bytes] = []
        self._ends = [0]
        scratch.run("CREATE TABLE line (number INTEGER PRIMARY KEY, line BLOB)")

    def add(self, sha256: str, path: str) -> None:
        """Add one file; `path` is relative to the collection folder, with ``/``."""
        # A foreign package may have names that are no UTF-8; they are hashed as the disk has them.
        self._lines.append(f"{sha256}  {path}\n".encode("utf-8", "surrogateescape"))
        if len(self._lines) >= RUN:
            self._lines.sort()
            self._scratch.many("INSERT INTO line (line) VALUES (?)", ((n,) for n in self._lines))
            self._ends.append(self._ends[-1] + len(self._lines))
            self._lines.clear()

    def hexdigest(self) -> str:
        """Give the hash over all that was added."""
        self._lines.sort()
        whole = hashlib.sha256()
        bounds = zip(self._ends, self._ends[1:], strict=False)
        for line in heapq.merge(self._lines, *(self._run(*pair) for pair in bounds)):
            whole.update(line)
        return whole.hexdigest()

    def _run(self, start: int, end: int) -> Iterator[bytes]:
        question = "SELECT line FROM line WHERE number > ? AND number <= ? ORDER BY number"
        for (line,) in self._scratch.rows(question, (start, end)):
            yield line
