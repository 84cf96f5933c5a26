"""How fast a WhatsApp export is read and taken in: beside the plain expression per line and two peers.

Run: ``python -m benchmarks.chat [lines] [--large] [--write]``. It makes its own chat. whatstk and
chat-miner come from PyPI into a throw-away environment; one that cannot be had is said. ``--large``
adds ten times as many lines, for us only. Everything is CPU seconds of a process with all that it
started, and the peak memory of the largest of them.
"""

from __future__ import annotations

import argparse
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
import venv
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import report

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


def taken_in(path: Path) -> int:
    """Take the export in whole: parsed, classified, hashed, stored and durable."""
    from archiver import bootstrap
    from archiver.progress import Silent
    from archiver.services.intake import TakeIn, take_in

    archive = bootstrap.open_archive(path.parent / f"map-{time.monotonic_ns()}", origin="cli")
    result = take_in(archive, TakeIn((path,)), Silent())
    archive.close()
    return sum(source.ledger_stored.messages for source in result.sources)


def first_screen(path: Path) -> int:
    """Drop the export until its first messages can be shown, as the window does."""
    from archiver.intake.pool import Begun, read_sources
    from archiver.intake.protocol import ParseContext
    from archiver.progress import Silent
    from archiver.services.reading import read_file

    events = read_sources([path], ParseContext(messages=False), Silent())
    shown = next(len(read_file(e.path, e.record).chat) for e in events if isinstance(e, Begun))
    events.close()  # type: ignore[attr-defined]
    return shown


RUNS = {
    "one expression per line (floor)": floor,
    "archiefklaar reads": ours,
    "archiefklaar takes in": taken_in,
    "archiefklaar, first screen of a drop": first_screen,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One process: events, CPU seconds with its children, peak memory in MB."""

    lines: int
    name: str
    events: int
    seconds: float
    peak: float


def measure(name: str, path: Path) -> None:
    """Run one reader in this process and print its figures; start-up of the reading child counts.

    The modules are loaded before: a window that takes a drop has been open for a while.
    """
    import archiver.services.intake
    import archiver.services.reading  # noqa: F401

    before = time.process_time()
    events = RUNS[name](path)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = time.process_time() - before + children.ru_utime + children.ru_stime
    peak = max(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, children.ru_maxrss)
    print(events, spent, peak / 1024)


def in_child(command: list[str], name: str, count: int) -> Outcome | str:
    """Run a reader in its own process; the reason when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    figures = done.stdout.split()
    if done.returncode or len(figures) != 3:
        return f"{name}: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}"
    made = Outcome(count, name, int(figures[0]), float(figures[1]), float(figures[2]))
    print(f"{made.seconds:8.2f} s {made.peak:6.0f} MB  {count} {name}", flush=True)
    return made


def peers(place: Path) -> tuple[str, str]:
    """Make the environment of the peers: its Python, or the reason that there is none."""
    venv.create(place, with_pip=True)
    python = str(place / "bin" / "python")
    done = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", *PEERS], capture_output=True, text=True
    )
    if done.returncode == 0:
        return python, ""
    return "", (done.stderr.strip().splitlines() or ["pip gave no reason"])[-1]


def run(folder: Path, counts: list[int]) -> tuple[list[Outcome], list[str]]:
    """Measure everything on the first count, and us alone on the others."""
    outcomes: list[Outcome | str] = []
    python, why = peers(folder / "peers")
    for count in counts:
        path = folder / "WhatsApp-chat met Meting.txt"
        write_chat(path, count)
        print(f"{count} lines, {path.stat().st_size / 1e6:.0f} MB", flush=True)
        names = [name for name in RUNS if count == counts[0] or name.startswith("archiefklaar")]
        for name in names:
            own = [sys.executable, "-m", "benchmarks.chat", "--measure", name, str(path)]
            outcomes.append(in_child(own, name, count))
        for name, code in PEERS.items() if python and count == counts[0] else ():
            outcomes.append(
                in_child([python, "-c", MEASURE.format(code=code), str(path)], name, count)
            )
    out = [o for o in outcomes if isinstance(o, str)] + ([f"peers: {why}"] if why else [])
    return [o for o in outcomes if isinstance(o, Outcome)], out


def table(outcomes: list[Outcome]) -> str:
    """Lay the outcomes beside what we take for reading."""
    own = {o.lines: o for o in outcomes if o.name == "archiefklaar reads"}
    rows = ["| lines | what | events | CPU s | peak MB | ours is |", "|--:|:--|--:|--:|--:|--:|"]
    for o in outcomes:
        ratio = f"{o.seconds / own[o.lines].seconds:.2f} x" if o.lines in own else ""
        shown = ratio if not o.name.startswith("archiefklaar") else ""
        rows.append(
            f"| {o.lines:,} | {o.name} | {o.events:,} | {o.seconds:.2f} | {o.peak:.0f} | {shown} |"
        )
    return "\n".join(rows) + "\n"


def verdicts(outcomes: list[Outcome]) -> list[report.Verdict]:
    """Hold the outcomes against what was asked."""
    made: list[report.Verdict] = []
    by = {(o.lines, o.name): o for o in outcomes}
    for (count, name), o in by.items():
        if name == "archiefklaar takes in":
            asked = 20 * count / 1_000_000
            made.append((o.seconds <= asked, f"{count:,}: {o.seconds:.1f} s (asked {asked:.0f})"))
            made.append((o.peak <= 400, f"{count:,}: peak {o.peak:.0f} MB (asked 400)"))
            first = by.get((min(c for c, _ in by), name))
            if first is not None and first is not o:
                each = o.seconds / count / (first.seconds / first.lines)
                made.append((each <= 1.15, f"per line {each:.2f} x that of {first.lines:,} (1.15)"))
        if name.endswith("first screen of a drop"):
            made.append((o.seconds < 1, f"{count:,}: first screen {o.seconds:.2f} s (asked 1)"))
    return made


def main() -> None:
    if sys.argv[1:2] == ["--measure"]:
        measure(sys.argv[2], Path(sys.argv[3]))
        return
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("lines", nargs="?", type=int, default=1_000_000)
    asked.add_argument("--large", action="store_true")
    asked.add_argument("--write", action="store_true")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        counts = [given.lines, *([given.lines * 10] if given.large else [])]
        outcomes, out = run(Path(folder), counts)
    judged = verdicts(outcomes)
    print(
        table(outcomes), *(f"{'met' if ok else 'NOT MET'}: {what}" for ok, what in judged), sep="\n"
    )
    if given.write:
        data = {"outcomes": [asdict(o) for o in outcomes]}
        report.keep("chat", table(outcomes), judged, data, out)


if __name__ == "__main__":
    main()
