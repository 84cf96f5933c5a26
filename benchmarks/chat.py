"""How fast a WhatsApp export is read: a million lines, beside one plain expression per line.

Run: ``python benchmarks/chat.py [lines]``. It makes its own chat, so nothing else is needed.
"""

from __future__ import annotations

import random
import re
import resource
import sys
import tempfile
import time
from pathlib import Path

from archiver.intake.chat import whatsapp
from archiver.intake.protocol import ParseContext

WORDS = ("de", "nota", "voor", "het", "overleg", "staat", "klaar", "graag", "reactie", "akkoord")
PEOPLE = ("Sanne Bakker", "Ömer Yılmaz", "Jan de Vries", "+31 6 12345678", "Karin")


def write_chat(path: Path, count: int) -> None:
    """Write `count` lines as a Dutch Android phone does: one in eleven continues a message."""
    random.seed(1)
    with path.open("w", encoding="utf-8", newline="\n") as out:
        minute = 0
        for number in range(count):
            words = " ".join(random.choices(WORDS, k=8))
            if number % 11 == 10:
                out.write(f"{words} en nog iets\n")
                continue
            minute += number % 3 == 0
            day, rest = divmod(minute, 1440)
            stamp = f"{day % 28 + 1:02d}-{day // 28 % 12 + 1:02d}-{2015 + day // 336} "
            stamp += f"{rest // 60:02d}:{rest % 60:02d} - "
            if number % 50 == 0:
                out.write(f"{stamp}Jan de Vries heeft Karin toegevoegd\n")
            elif number % 40 == 3:
                out.write(
                    f"{stamp}Karin: ‎IMG-20220502-WA{number % 9999:04d}.jpg (bestand bijgevoegd)\n"
                )
            else:
                out.write(f"{stamp}{random.choice(PEOPLE)}: {words}\n")


def floor(path: Path) -> int:
    """The least a reader can do: one expression per line, text kept."""
    pattern = re.compile(r"^(\d{2}-\d{2}-\d{4}) (\d{2}:\d{2}) - (?:([^:]+): )?(.*)$")
    kept: list[list[str]] = []
    with path.open(encoding="utf-8") as source:
        for line in source:
            found = pattern.match(line)
            if found:
                kept.append([*found.groups("")])
            else:
                kept[-1][3] += "\n" + line
    return len(kept)


def ours(path: Path) -> int:
    """Read the whole export and let every message go, as intake does."""
    return sum(1 for _ in whatsapp.parse(path, ParseContext())) - 1


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "WhatsApp-chat met Meting.txt"
        write_chat(path, count)
        print(f"{count} lines, {path.stat().st_size / 1e6:.0f} MB")
        for name, run in (("ours", ours), ("floor", floor)):
            start = time.process_time()
            events = run(path)
            spent = time.process_time() - start
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(f"{name}: {spent:.1f} s CPU, {events / spent:,.0f} events/s, peak {peak:.0f} MB")


if __name__ == "__main__":
    main()
