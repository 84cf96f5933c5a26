"""How fast mail is read and secured: ours, libratom and mu on the same invented mailbox, in one run.

Run: ``python -m benchmarks.intake [--sizes 1000,10000,100000] [--folder DIR] [--write]``. Each run is a
fresh process, start-up included. CPU seconds are those of the process and all it started (wait4); memory
is the peak of the largest of them, mapped pages included. libratom gets a throw-away environment, because
it pins old dependencies; what is not installed is left out, and said. ``--write`` keeps the outcome in
``uitkomsten/intake.json`` and in the README beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from benchmarks import mailbox

HERE = Path(__file__).parent
ROOT = HERE.parent
OWNER = "Mira van Oosterhof"
REPEATS = {1_000: 3, 10_000: 3}  # the median counts; other sizes run once
REQUIRED_SPEED = 1_500  # messages per CPU-second, of the whole take-in
REQUIRED_MEMORY = 150  # MB, of every process
REQUIRED_LINEAR = 1.15  # seconds per message at the largest size against the one before


@dataclass(frozen=True, slots=True)
class Mail:
    """One mailbox in both forms."""

    count: int
    mbox: Path
    maildir: Path


@dataclass(frozen=True, slots=True)
class Tool:
    """What is measured: the command, and how many messages it says it handled."""

    name: str
    does: str
    command: Callable[[Mail, Path], list[str]]
    counted: Callable[[Path, Path], int]
    prepare: Callable[[Mail, Path], None] = lambda mail, place: None


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
    """Count what the register holds, and check that the vault has the mailbox."""
    line = json.loads(out.read_text().splitlines()[0])
    blob = place / "werk" / "kluis" / "sha256" / line["sha256"][:2] / line["sha256"][2:4]
    if line["status"] != "opgenomen" or (blob / line["sha256"]).stat().st_size != line["size"]:
        raise SystemExit("the mailbox is not in the vault")
    return len(line["items"]) if line["ledger"]["messages"] == len(line["items"]) else -1


def lines(out: Path, place: Path) -> int:
    with out.open("rb") as stream:
        return sum(line.startswith(b'{"kind": "email"') for line in stream)


def rows(out: Path, place: Path) -> int:
    with sqlite3.connect(place / "report.sqlite3") as report:
        return int(report.execute("select count(*) from message").fetchone()[0])


def mu_init(mail: Mail, place: Path) -> None:
    home = f"--muhome={place}/mu"
    command = ["mu", "init", home, f"--maildir={mail.maildir}", "--quiet"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def mu_counted(out: Path, place: Path) -> int:
    command = ["mu", "find", f"--muhome={place}/mu", "--fields=i", "--nocolor", ""]
    found = subprocess.run(command, check=True, capture_output=True)
    return len(found.stdout.splitlines())


OURS = "archiefklaar neem-op"
TOOLS = (
    Tool(
        OURS,
        "parse, decode and hash every message and attachment, original to the vault (fsync), proposal"
        " with its reason, register with search columns and seals, audit trail",
        lambda mail, place: ours(
            "--werkmap", f"{place}/werk", "--json", "neem-op", "--eigenaar", OWNER, str(mail.mbox)
        ),
        taken,
        with_policy,
    ),
    Tool(
        "archiefklaar inspect",
        "parse, decode and hash every message and attachment, one line of JSON each; stores nothing",
        lambda mail, place: ours("--json", "inspect", str(mail.mbox)),
        lines,
    ),
)
MU = Tool(
    "mu index",
    "headers and text of a Maildir into a full-text index (C++); no hashes, no attachment bytes, no copy",
    lambda mail, place: ["mu", "index", f"--muhome={place}/mu", "--quiet"],
    mu_counted,
    mu_init,
)


def libratom(program: Path) -> tuple[Tool, ...]:
    def report(*options: str) -> Callable[[Mail, Path], list[str]]:
        return lambda mail, place: [
            *(str(program), "report", "-j", "1", *options),
            *("-o", f"{place}/report.sqlite3", str(mail.mbox)),
        ]

    return (
        Tool(
            "libratom report",
            "date, and name, type and encoded size of attachments into SQLite; MD5 and SHA-256 of the file",
            report(),
            rows,
        ),
        Tool(
            "libratom report -m",
            "the same with all headers and the body of every message",
            report("-m"),
            rows,
        ),
    )


def others(folder: Path) -> tuple[Tool, ...]:
    """Give the peers that this machine has, installing libratom in a place of its own."""
    found: tuple[Tool, ...] = ()
    environment = folder / "libratom"
    print("libratom: installing in a throw-away environment", flush=True)
    venv.create(environment, with_pip=True)
    pip = [str(environment / "bin" / "pip"), "install", "--quiet", "libratom"]
    if subprocess.run(pip, capture_output=True).returncode == 0:
        found = libratom(environment / "bin" / "ratom")
    else:
        print("LEFT OUT: libratom cannot be installed here", flush=True)
    if shutil.which("mu"):
        return (*found, MU)
    print("LEFT OUT: mu is not here (Debian package maildir-utils)", flush=True)
    return found


def machine() -> dict[str, str | int]:
    """Say on what this was measured; nothing that names the machine."""
    model = platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        model = names[0].split(":", 1)[1].strip() if names else model
    return {
        "processor": model,
        "cores": os.cpu_count() or 1,
        "python": platform.python_version(),
        "system": platform.system(),
        "date": date.today().isoformat(),
        "load": f"{os.getloadavg()[0]:.1f}",
    }


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


def verdicts(outcomes: list[Outcome]) -> list[tuple[bool, str]]:
    """Hold our own figures against what issue 2 asks."""
    own = {o.messages: o for o in outcomes if o.tool == OURS}
    said = []
    for size, found in own.items():
        if size >= 10_000:
            good = found.speed >= REQUIRED_SPEED
            said.append((good, f"{size:,}: {found.speed:,.0f}/CPU-s (asked {REQUIRED_SPEED:,})"))
        good = found.peak < REQUIRED_MEMORY
        said.append((good, f"{size:,}: peak {found.peak:.0f} MB (asked < {REQUIRED_MEMORY})"))
    if {10_000, 100_000} <= set(own):
        growth = own[10_000].speed / own[100_000].speed
        words = f"time per message at 100,000 is {growth:.2f} x that at 10,000"
        said.append((growth <= REQUIRED_LINEAR, f"{words} (asked <= {REQUIRED_LINEAR})"))
    return said


def write(outcomes: list[Outcome], sizes: dict[int, int]) -> None:
    """Keep the outcome for people (README) and for programs (JSON)."""
    facts = machine()
    found = {
        "machine": facts,
        "mbox_bytes": sizes,
        "outcomes": [{**asdict(o), "messages_per_cpu_second": round(o.speed)} for o in outcomes],
        "asked": [{"met": good, "what": what} for good, what in verdicts(outcomes)],
    }
    (HERE / "uitkomsten").mkdir(exist_ok=True)
    (HERE / "uitkomsten" / "intake.json").write_text(json.dumps(found, indent=1) + "\n")
    begin, end = "<!-- intake -->\n", "<!-- /intake -->"
    readme = HERE / "README.md"
    before, _, rest = readme.read_text().partition(begin)
    _, _, after = rest.partition(end)
    where = ", ".join(f"{key} {value}" for key, value in facts.items())
    judged = "\n".join(f"- {'met' if g else 'NOT MET'}: {what}" for g, what in verdicts(outcomes))
    readme.write_text(
        f"{before}{begin}Measured: {where}.\n\n{table(outcomes)}\n{judged}\n{end}{after}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--folder", type=Path, default=None, help="where 5 GB may be written")
    parser.add_argument("--only-ours", action="store_true")
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    outcomes: list[Outcome] = []
    sizes: dict[int, int] = {}
    with tempfile.TemporaryDirectory(dir=chosen.folder, prefix="benchmark-") as name:
        folder = Path(name)
        tools = TOOLS if chosen.only_ours else (*TOOLS, *others(folder))
        for tool in tools:
            print(f"{tool.name}: {tool.does}")
        for size in map(int, chosen.sizes.split(",")):
            mail = Mail(size, folder / f"{size}.mbox", folder / f"{size}.maildir")
            mailbox.mbox(mail.mbox, size)
            if MU in tools:
                mailbox.maildir(mail.maildir, size)
            sizes[size] = mail.mbox.stat().st_size
            print(f"{size:,} messages, {sizes[size] / 1e6:.0f} MB", flush=True)
            for tool in tools:
                outcomes.append(measure(tool, mail, folder))
                print(f"  {outcomes[-1]}", flush=True)
            mail.mbox.unlink()
            shutil.rmtree(mail.maildir, ignore_errors=True)
    print(table(outcomes))
    for good, what in verdicts(outcomes):
        print("met:" if good else "NOT MET:", what)
    if chosen.write:
        write(outcomes, sizes)
    return 0 if all(good for good, _ in verdicts(outcomes)) else 1


if __name__ == "__main__":
    raise SystemExit(main())
