"""How fast mail is read and secured: ours, libratom, mailbagit and mu on the same messages, in one run.

Run: ``python -m benchmarks.intake [--mbox 1000,10000] [--eml 1000] [--folder DIR] [--write]``. Each run is a
fresh process, start-up included. CPU seconds are those of the process and all it started (wait4); memory
is the peak of the largest of them, mapped pages included. ``--write`` keeps the outcome in ``uitkomsten/``
and in the README beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

from benchmarks import mailbox, report
from benchmarks.peers import MU, Mail, Tool, peers

ROOT = Path(__file__).parent.parent
OWNER = "Mira van Oosterhof"
REPEATS = {1_000: 3}  # the median counts; other sizes run once
REQUIRED_SPEED = 1_500  # messages per CPU-second, of the whole take-in
REQUIRED_MEMORY = 150  # MB, of every process
REQUIRED_LINEAR = 1.15  # seconds per message at the largest size against the one before


@dataclass(frozen=True, slots=True)
class Outcome:
    """One measurement. `cpu` and `wall` are seconds, `peak` MB (1024 * 1024 bytes)."""

    tool: str
    messages: int
    cpu: float
    wall: float
    peak: float

    @property
    def speed(self) -> float:
        return self.messages / self.cpu


def run(command: list[str], out: Path) -> tuple[float, float, float]:
    """Run a command; give CPU seconds and wall seconds, and peak MB of it and all it started."""
    started = time.monotonic()
    with out.open("wb") as stream, out.with_suffix(".err").open("wb") as errors:
        process = subprocess.Popen(command, stdout=stream, stderr=errors, cwd=ROOT)
        _, status, used = os.wait4(process.pid, 0)
    wall = time.monotonic() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):  # 1: done, with findings that need attention
        said = out.with_suffix(".err").read_text(errors="replace")[-2_000:]
        raise SystemExit(f"{command[0]} ended with {process.returncode}:\n{said}")
    return used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024


def measure(tool: Tool, mail: Mail, folder: Path) -> Outcome:
    """Measure one tool on one mailbox, each time in an empty place."""
    found: list[tuple[float, float, float]] = []
    for number in range(REPEATS.get(mail.count, 1)):
        place = folder / f"run-{number}"
        place.mkdir()
        tool.prepare(mail, place)
        out = folder / "out"
        found.append(run(tool.command(mail, place), out))
        if (handled := tool.counted(out, place)) != mail.count:
            raise SystemExit(f"{tool.name} handled {handled} of {mail.count} messages")
        shutil.rmtree(place)
    cpu, wall, peak = (statistics.median(column) for column in zip(*found, strict=True))
    return Outcome(tool.name, mail.count, round(cpu, 2), round(wall, 2), round(peak, 1))


def ours(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "archiver.cli", *arguments]


def with_policy(mail: Mail, place: Path) -> None:
    """Give the work folder the rules of the example municipality: register, holds, hotspots, hints."""
    shutil.copytree(
        ROOT / "archiver" / "data" / "voorbeelden" / "selectie", place / "werk" / "selectie"
    )


def taken(out: Path, place: Path) -> int:
    """Count what the register holds, and check that the vault has every file."""
    handled = 0
    with out.open("rb") as stream:
        for raw in stream:
            line = json.loads(raw)
            blob = place / "werk" / "kluis" / "sha256" / line["sha256"][:2] / line["sha256"][2:4]
            size = (blob / line["sha256"]).stat().st_size
            if line["status"] != "opgenomen" or size != line["size"]:
                raise SystemExit("a file is not in the vault")
            if line["ledger"]["messages"] != len(line["items"]):
                raise SystemExit("the register does not hold what was read")
            handled += len(line["items"])
    return handled


def lines(out: Path, place: Path) -> int:
    with out.open("rb") as stream:
        return sum(line.startswith(b'{"kind": "email"') for line in stream)


OURS = "archiefklaar neem-op"


def tools(kind: str) -> tuple[Tool, ...]:
    """Give ours, for one mailbox ("mbox", "large") or a folder of loose files ("eml")."""

    def source(mail: Mail) -> str:
        return str(mail.folder if kind == "eml" else mail.mbox)

    return (
        Tool(
            OURS,
            "parse, decode and hash every message and attachment, original to the vault (fsync), proposal"
            " with its reason, register with search columns and seals, audit trail",
            lambda mail, place: ours(
                *("--werkmap", f"{place}/werk", "--json", "neem-op", "--eigenaar", OWNER),
                source(mail),
            ),
            taken,
            with_policy,
            most=1_000_000,
        ),
        Tool(
            "archiefklaar inspect",
            "parse, decode and hash every message and attachment, one line of JSON each; stores nothing",
            lambda mail, place: ours("--json", "inspect", source(mail)),
            lines,
            most=1_000_000,
        ),
    )


def table(outcomes: list[Outcome]) -> str:
    """Make the table; the ratio is our take-in against the tool, in messages per CPU-second."""
    text = "| messages | what | CPU s | messages/CPU-s | peak MB | ours is |\n|--:|:--|--:|--:|--:|--:|\n"
    for found in outcomes:
        own = next(o for o in outcomes if (o.tool, o.messages) == (OURS, found.messages))
        ratio = "" if found is own else f"{own.speed / found.speed:.2f} x"
        text += (
            f"| {found.messages:,} | {found.tool} | {found.cpu:.2f} | {found.speed:,.0f}"
            f" | {found.peak:.0f} | {ratio} |\n"
        )
    return text


def verdicts(outcomes: list[Outcome], kind: str) -> list[report.Verdict]:
    """Hold our own figures against what issues 2 and 3 ask."""
    own = {o.messages: o for o in outcomes if o.tool == OURS}
    said = []
    for size, found in own.items():
        if size >= 10_000 and kind == "mbox":
            good = found.speed >= REQUIRED_SPEED
            said.append((good, f"{size:,}: {found.speed:,.0f}/CPU-s (asked {REQUIRED_SPEED:,})"))
        good = found.peak < REQUIRED_MEMORY
        said.append((good, f"{size:,}: peak {found.peak:.0f} MB (asked < {REQUIRED_MEMORY})"))
    counts = sorted(size for size in own if size >= 5_000)
    for less, more in pairwise(counts):
        growth = own[less].speed / own[more].speed
        words = f"time per message at {more:,} is {growth:.2f} x that at {less:,}"
        said.append((growth <= REQUIRED_LINEAR, f"{words} (asked <= {REQUIRED_LINEAR})"))
    return said


def compare(kind: str, counts: list[int], folder: Path, only_ours: bool, keep: bool) -> bool:
    """Measure all on the same messages; True when everything that was asked is met."""
    outcomes: list[Outcome] = []
    sizes: dict[int, int] = {}
    others, out = ((), ()) if only_ours or kind == "large" else peers(kind, folder)
    chosen = (*tools(kind), *others)
    for tool in chosen:
        print(f"{tool.name}: {tool.does}")
    for size in counts:
        mail = Mail(size, *(folder / f"{size}.{form}" for form in ("mbox", "maildir", "eml")))
        used = [tool for tool in chosen if size <= tool.most]
        if kind == "eml":
            mailbox.loose(mail.folder, size)
        else:
            mailbox.mbox(mail.mbox, size, mailbox.heavy if kind == "large" else mailbox.message)
        if MU in used:
            mailbox.maildir(mail.maildir, size)
        given = list(mail.folder.iterdir()) if kind == "eml" else [mail.mbox]
        sizes[size] = sum(path.stat().st_size for path in given)
        print(f"{size:,} messages, {sizes[size] / 1e6:.0f} MB as {kind}", flush=True)
        for tool in used:
            outcomes.append(measure(tool, mail, folder))
            print(f"  {outcomes[-1]}", flush=True)
        mail.mbox.unlink(missing_ok=True)
        for made in (mail.maildir, mail.folder):
            shutil.rmtree(made, ignore_errors=True)
    found = verdicts(outcomes, kind)
    print(table(outcomes))
    for good, what in found:
        print("met:" if good else "NOT MET:", what)
    for reason in out:
        print("LEFT OUT:", reason)
    if keep:
        data = {
            "bytes": sizes,
            "outcomes": [
                {**asdict(o), "messages_per_cpu_second": round(o.speed)} for o in outcomes
            ],
        }
        report.keep("intake" if kind == "mbox" else kind, table(outcomes), found, data, out)
    return all(good for good, _ in found)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mbox", default="1000,10000,100000", help="numbers of messages")
    parser.add_argument("--eml", default="1000,10000")
    parser.add_argument("--large", default="6600,66000", help="the same, of messages of 76 kB")
    parser.add_argument("--folder", type=Path, default=None, help="where 15 GB may be written")
    parser.add_argument("--only-ours", action="store_true")
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    met = True
    with tempfile.TemporaryDirectory(dir=chosen.folder, prefix="benchmark-") as name:
        for kind, given in (("eml", chosen.eml), ("mbox", chosen.mbox), ("large", chosen.large)):
            counts = [int(one) for one in given.split(",") if one]
            if counts:
                met &= compare(kind, counts, Path(name), chosen.only_ours, chosen.write)
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main())
