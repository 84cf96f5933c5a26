"""How fast a WhatsApp export is read: a million lines, beside one plain expression per line.

Run: ``python benchmarks/chat.py [lines] [python-with-peers]``. It makes its own chat. The second
argument names the Python of an environment in which whatstk and chat-miner are installed; they
are left out when it is absent. Each reader runs in its own process, so that its memory is its own.
"""

from __future__ import annotations

import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

WORDS = ("de", "nota", "voor", "het", "overleg", "staat", "klaar", "graag", "reactie", "akkoord")
PEOPLE = ("Sanne Bakker", "Ömer Yılmaz", "Jan de Vries", "+31 6 12345678", "Karin")
PEERS = {
    "whatstk": "from whatstk import WhatsAppChat as W;"
    "print(len(W.from_source(PATH, max_size=None).df))",
    "chat-miner": "from chatminer.chatparsers import WhatsAppParser as W; p = W(PATH);"
    "p.parse_file(); print(len(p.parsed_messages.get_df()))",
}
MEASURE = (
    "import resource, sys, time; PATH = sys.argv[1]; start = time.process_time(); {code};"
    "print(time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
)


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
    from archiver.intake.chat import whatsapp
    from archiver.intake.protocol import ParseContext

    return sum(1 for _ in whatsapp.parse(path, ParseContext())) - 1


def first_message(path: Path) -> int:
    """Read until the first message is there: what the first screen waits for."""
    from archiver.intake.chat import whatsapp
    from archiver.intake.protocol import ParseContext

    records = whatsapp.parse(path, ParseContext())
    next(records)
    next(records)
    return 1


def first_screen(path: Path) -> int:
    """Open a chat that was taken in before and read the 2,000 messages of its first screen."""
    from archiver.intake.chat import whatsapp
    from archiver.intake.protocol import ParseContext
    from archiver.model import Conversation

    record = Conversation("c", "whatsapp", "whatsapp", 0, 0, "", date_order="dmy")
    return sum(1 for _ in islice(whatsapp.messages(path, record, ParseContext()), 2_000))


RUNS = {
    "ours": ours,
    "floor": floor,
    "first message at intake": first_message,
    "first screen again": first_screen,
}


def measure(name: str, path: Path) -> None:
    """Run one reader in this process and print its figures."""
    start = time.process_time()
    events = RUNS[name](path)
    spent = time.process_time() - start
    print(events, spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def in_child(command: list[str], name: str) -> None:
    """Run a reader in its own process and print one line about it."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    figures = done.stdout.split()
    if done.returncode or len(figures) != 3:
        print(f"{name}: failed ({done.stderr.strip().splitlines()[-1:]})")
        return
    events, spent, peak = int(figures[0]), float(figures[1]), float(figures[2])
    print(f"{name}: {events} events, {spent:.1f} s CPU, {events / spent:,.0f}/s, {peak:.0f} MB")


def main() -> None:
    if sys.argv[1:2] == ["--measure"]:
        measure(sys.argv[2], Path(sys.argv[3]))
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "WhatsApp-chat met Meting.txt"
        write_chat(path, count)
        print(f"{count} lines, {path.stat().st_size / 1e6:.0f} MB")
        for name in RUNS:
            in_child([sys.executable, __file__, "--measure", name, str(path)], name)
        for name, code in PEERS.items() if len(sys.argv) > 2 else ():
            in_child([sys.argv[2], "-c", MEASURE.format(code=code), str(path)], name)


if __name__ == "__main__":
    main()
