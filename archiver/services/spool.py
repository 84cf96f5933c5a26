"""The records of one source while they wait for its bytes to be durable, as their own JSON lines."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from archiver.model import Conversation, EmailMessage
from archiver.vault import disk
from archiver.wire import load

IN_MEMORY = 256 * 1024  # bytes of one source; what is more waits in a temporary file


class Spool:
    """Records in the order in which they were read; `folder` is for what does not fit in memory.

    Adding and reading raise `DiskFull` or `StoreRefused` when that folder cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self._lines = tempfile.SpooledTemporaryFile(IN_MEMORY, dir=str(folder))  # noqa: SIM115
        self.count = 0

    def add(self, line: bytes) -> None:
        """Keep one message or conversation, as `archiver.wire.dump` writes it."""
        try:
            self._lines.write(line)
            self._lines.write(b"\n")
        except OSError as error:
            raise disk.failure(error, len(line)) from error
        self.count += 1

    def __iter__(self) -> Iterator[EmailMessage | Conversation]:
        try:
            self._lines.seek(0)
        except OSError as error:  # what was still buffered is written here
            raise disk.failure(error, IN_MEMORY) from error
        for line in self._lines:
            record = load(line)
            assert isinstance(record, EmailMessage | Conversation)
            yield record

    def close(self) -> None:
        """Throw the records away."""
        self._lines.close()
