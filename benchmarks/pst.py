"""How fast and how lean a .pst is read: python -m benchmarks.pst [--megabytes 150] [--write] [FILE...].

Without files invented stores are written by another process, of three kinds: only mail of about 12 kB;
half of the bytes in such mail and half in mail with attachments of 50 kB to 2 MB; only the latter. Every
tenth has an attached mail. ``--huge`` adds one of 5 GB, for memory and linearity. Each is read in a process
of its own: speed is of store bytes per second of processor time, memory the most that it ever held. Files
given are read by libpff and readpst too, when they are here: those do less (no derived mail, no hashes of
parts), a scale and no contest. They do not read the invented store: it has no tables of the folder tree,
which we do not need.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from archiver.intake import pst  # noqa: E402
from archiver.intake.protocol import ParseContext  # noqa: E402
from archiver.ledger import count  # noqa: E402
from archiver.model import Ledger  # noqa: E402
from benchmarks import report  # noqa: E402
from tests.helpers.pst_maker import File, Mail, StoreMaker  # noqa: E402

WORDS = [
    "de",
    "gemeente",
    "heeft",
    "besluit",
    "nota",
    "bijlage",
    "overleg",
    "begroting",
    "raad",
    "advies",
    "vergunning",
    "zaak",
]
LIBPFF = """
import sys, time, hashlib, pypff
start = time.process_time()
store = pypff.file(); store.open(sys.argv[1])
mails = parts = 0
todo = [store.get_root_folder()]
while todo:
    folder = todo.pop()
    todo += [folder.get_sub_folder(n) for n in range(folder.number_of_sub_folders)]
    for n in range(folder.number_of_sub_messages):
        item = folder.get_sub_message(n)
        mails += 1
        try:
            item.subject, item.plain_text_body, item.html_body, item.transport_headers
            for k in range(item.number_of_attachments):
                part = item.get_attachment(k)
                hashlib.sha256(part.read_buffer(part.get_size()))
                parts += 1
        except (OSError, AttributeError):
            pass
print(mails, parts, time.process_time() - start)
"""


def write(path: Path, megabytes: int, share: float) -> None:
    chance = random.Random(5)
    with path.open("w+b") as stream:
        maker = StoreMaker(stream)
        top = maker.folder(0x401, "Postvak IN")
        number = 0
        while stream.tell() < megabytes * 1_000_000:
            number += 1
            large = stream.tell() >= megabytes * 1_000_000 * (1 - share)
            maker.add(top, mail(chance, number, large))
        maker.finish()


def mail(chance: random.Random, number: int, large: bool) -> Mail:
    plain = "\r\n".join(" ".join(chance.choices(WORDS, k=12)) for _ in range(40))
    files = []
    if large:
        size = chance.randrange(50_000, 2_000_000)
        files.append(File(f"bijlage {number}.bin", chance.randbytes(size), "application/pdf"))
    if number % 10 == 0:
        files.append(File("doorgestuurd", item=Mail("Binnen", plain=plain, sent=number)))
    return Mail(
        f"Bericht {number}",
        plain=plain,
        html=f"<html><body><p>{plain}</p></body></html>".encode(),
        sender=("Afzender", "SMTP", "afzender@voorbeeld.nl"),
        people=[(1, "Ontvanger", "SMTP", f"o{n}@voorbeeld.nl", None) for n in range(3)],
        sent=1_600_000_000 + number,
        files=files,
        headers=f"Message-ID: <{number}@voorbeeld.example>\r\n"
        "Received: from a by b; Mon, 1 Jan 2024 10:00:00 +0100\r\n",
    )


KINDS = {"mail of 12 kB": 0.0, "half small, half with attachments": 0.5, "with attachments": 1.0}
REQUIRED_SPEED, REQUIRED_MEMORY = 60, 150  # MB per second; MB
HUGE = 5_000  # MB


@dataclass(frozen=True, slots=True)
class Outcome:
    """One store read; `size` in MB (1,000,000 bytes), `memory` in MB (1024 * 1024)."""

    kind: str
    size: float
    mails: int
    parts: int
    cpu: float
    memory: float

    @property
    def speed(self) -> float:
        return self.size / self.cpu


def measured(kind: str, path: Path) -> Outcome:
    """Read a store in a process of its own, so that nothing else counts."""
    order = [sys.executable, "-m", "benchmarks.pst", "--one", str(path)]
    done = subprocess.run(order, check=True, capture_output=True, text=True, cwd=ROOT)
    mails, parts, refused, cpu, memory = map(float, done.stdout.split())
    if refused:
        raise SystemExit(f"{kind}: {refused:.0f} items were refused")
    size = path.stat().st_size / 1_000_000
    return Outcome(kind, round(size), int(mails), int(parts), round(cpu, 2), round(memory))


def one(path: Path) -> None:
    start = time.process_time()
    ledger = Ledger()
    for record in pst.parse(path, ParseContext()):
        ledger += count(record)
    used = time.process_time() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(ledger.messages, ledger.attachments, ledger.refused, used, memory)


def kinds(folder: Path, megabytes: int, huge: bool, keep: bool) -> bool:
    """Measure every kind of store; True when all that was asked is met."""
    outcomes: list[Outcome] = []
    plan = [(kind, share, megabytes) for kind, share in KINDS.items()]
    if huge:
        plan.append(("half small, half with attachments", 0.5, HUGE))
    for kind, share, size in plan:
        path = folder / "verzonnen.pst"
        # Elsewhere, so that its memory is not counted as ours.
        order = [sys.executable, "-m", "benchmarks.pst", "--write-store", str(path)]
        order += ["--megabytes", str(size), "--large", str(share)]
        subprocess.run(order, check=True, cwd=ROOT)
        outcomes.append(measured(kind, path))
        path.unlink()
        print(f"  {outcomes[-1]}", flush=True)
    table = "| store | MB | mails | CPU s | MB/CPU-s | mails/CPU-s | peak MB |\n"
    table += "|:--|--:|--:|--:|--:|--:|--:|\n" + "".join(
        f"| {o.kind} | {o.size:,.0f} | {o.mails:,} | {o.cpu:.1f} | {o.speed:.0f}"
        f" | {o.mails / o.cpu:,.0f} | {o.memory:.0f} |\n"
        for o in outcomes
    )
    verdicts = [
        (
            o.speed >= REQUIRED_SPEED,
            f"{o.kind}, {o.size:,.0f} MB: {o.speed:.0f} MB/CPU-s (asked 60)",
        )
        for o in outcomes
    ]
    most = max(o.memory for o in outcomes)
    verdicts.append((most < REQUIRED_MEMORY, f"peak {most:.0f} MB (asked < {REQUIRED_MEMORY})"))
    if huge:
        growth = outcomes[1].speed / outcomes[-1].speed
        words = f"time per MB at {HUGE:,} MB is {growth:.2f} x that at {megabytes} MB"
        verdicts.append((growth <= 1.15, f"{words} (asked <= 1.15)"))
    print(table)
    for good, what in verdicts:
        print("met:" if good else "NOT MET:", what)
    if keep:
        data = {"outcomes": [{**asdict(o), "mb_per_cpu_second": round(o.speed)} for o in outcomes]}
        report.keep("pst", table, verdicts, data)
    return all(good for good, _ in verdicts)


def measure(path: Path, profile: bool) -> None:
    profiler = cProfile.Profile()
    if profile:
        profiler.enable()
    start = time.process_time()
    ledger = Ledger()
    for record in pst.parse(path, ParseContext()):
        ledger += count(record)
    used = time.process_time() - start
    profiler.disable()
    size = path.stat().st_size / 1_000_000
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{path.name}: {size:.0f} MB, {ledger.messages} mails, {ledger.attachments} parts,"
        f" {ledger.attached_messages} attached mails, {ledger.refused} refused"
    )
    print(
        f"  here    {used:6.1f} cpu-s  {size / used:5.0f} MB/cpu-s"
        f"  {ledger.messages / used:6.0f} mails/cpu-s  {memory:.0f} MB most memory"
    )
    if profile:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(18)


def others(path: Path) -> None:
    size = path.stat().st_size / 1_000_000
    done = subprocess.run(
        [sys.executable, "-c", LIBPFF, str(path)], capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        mails, parts, used = done.stdout.split()
        print(
            f"  libpff  {float(used):6.1f} cpu-s  {size / float(used):5.0f} MB/cpu-s"
            f"  {mails} mails, {parts} parts"
        )
    if shutil.which("readpst"):
        with tempfile.TemporaryDirectory() as folder:
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run(
                ["readpst", "-q", "-e", "-D", "-j", "0", "-o", folder, str(path)],
                capture_output=True,
                check=False,
            )
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            used_ = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            files = sum(1 for p in Path(folder).rglob("*") if p.is_file())
        print(f"  readpst {used_:6.1f} cpu-s  {size / used_:5.0f} MB/cpu-s  {files} files written")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--megabytes", type=int, default=150)
    parser.add_argument("--huge", action="store_true", help="also one store of 5 GB")
    parser.add_argument("--folder", type=Path, default=None, help="where the stores may be written")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--large", type=float, default=0.5, help=argparse.SUPPRESS)
    parser.add_argument("--write-store", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.write_store:
        write(given.write_store, given.megabytes, given.large)
    elif given.one:
        one(given.one)
    elif given.files:
        for path in given.files:
            measure(path, given.profile)
            others(path)
    else:
        with tempfile.TemporaryDirectory(dir=given.folder) as folder:
            return 0 if kinds(Path(folder), given.megabytes, given.huge, given.write) else 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
