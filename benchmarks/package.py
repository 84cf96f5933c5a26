"""How fast a package is made and checked, and in how much memory: ours only, on the invented mailbox.

Run: ``python -m benchmarks.package [--sizes 500,2000,10000] [--folder DIR]``. Figures are of whole
processes, as in `benchmarks.intake`. Making a package includes our own check of it.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks import mailbox
from benchmarks.intake import ours, run

MOMENT = "2026-11-26T10:00:00+01:00"


def measure(size: int, folder: Path) -> None:
    """Take in, package and check one mailbox; print a row for each step."""
    mbox, work, package = folder / f"{size}.mbox", folder / f"w{size}", folder / f"p{size}"
    mailbox.mbox(mbox, size)
    steps = {
        "neem-op": ("neem-op", str(mbox)),
        "verpak": ("verpak", "--naar", str(package), "--moment", MOMENT),
        "keur": ("keur", str(package)),
        "verifieer": ("verifieer",),
    }
    for name, arguments in steps.items():
        cpu, wall, peak = run(ours("--werkmap", str(work), "--json", *arguments), folder / "out")
        each = cpu / size * 1000
        print(
            f"| {size:,} | {name} | {cpu:.1f} | {each:.1f} | {wall:.1f} | {peak:.0f} |", flush=True
        )


def main() -> None:
    """Measure every size in an empty place."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="500,2000,10000")
    parser.add_argument("--folder", type=Path, default=None)
    given = parser.parse_args()
    print(
        "| messages | step | CPU s | ms CPU a message | wall s | peak MB |\n|--:|:--|--:|--:|--:|--:|"
    )
    with tempfile.TemporaryDirectory(dir=given.folder, prefix="benchmark-") as name:
        for size in map(int, given.sizes.split(",")):
            measure(size, Path(name))


if __name__ == "__main__":
    main()
