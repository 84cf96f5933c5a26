"""How soon a mailbox opens as folders: ``python -m benchmarks.mailbox_tree``, with start-up of the reader.

Seconds until the first folder with a number and until all are counted, of invented mailboxes; and how soon
the first messages are there. Nothing is stored.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from archiver.intake.outline import FolderCount
from archiver.intake.pool import Parsed, read_sources
from archiver.intake.protocol import ParseContext
from archiver.progress import Silent
from archiver.services.selection import folders
from benchmarks.mailbox import mbox
from tests.helpers import mailboxes

SIZES = (1_000, 20_000)


def boxes(folder: Path) -> Iterator[tuple[str, int, Path]]:
    """Write a mailbox of each kind and size."""
    for size in SIZES:
        path = folder / f"{size}.mbox"
        mbox(path, size)
        yield "mbox", size, path
        path = folder / f"{size}.pst"
        spread = {f"Map {n}": size // 20 for n in range(20)}
        mailboxes.pst(path, spread, text="Hierbij de stukken voor donderdag. " * 80)
        yield "pst", size, path


def main() -> None:
    """Measure, and write a table."""
    print("| kind | messages | MB | first folder s | all counted s | first message s |")
    print("|:--|--:|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as place:
        for kind, size, path in boxes(Path(place)):
            start, first, counts = time.perf_counter(), 0.0, dict[tuple[str, ...], int]()
            for event in folders(path, Silent()):
                if isinstance(event, FolderCount):
                    first = first or time.perf_counter() - start
                    counts[event.folders] = event.count
            whole = time.perf_counter() - start
            assert sum(counts.values()) == size
            start = time.perf_counter()
            for record in read_sources([path], ParseContext(messages=False), Silent()):
                if isinstance(record, Parsed):
                    break
            message = time.perf_counter() - start
            megabytes = path.stat().st_size / 1_000_000
            figures = f"{first:.2f} | {whole:.2f} | {message:.2f}"
            print(f"| {kind} | {size:,} | {megabytes:,.0f} | {figures} |", flush=True)
            path.unlink()


if __name__ == "__main__":
    main()
