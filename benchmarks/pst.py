"""How fast and how lean a .pst is read, beside libpff and readpst: python -m benchmarks.pst [FILE...].

Invented stores are written by another process, of the kinds in KINDS; every tenth mail has an attached
mail. ``--huge`` adds one of an office of 5 GB, for memory and linearity. Files given (real stores) are read
after them, together. Each reader is a process of its own: speed is of store bytes per second of processor
time, memory the most that it ever held. libpff and readpst do less: the first gives texts and the bytes of
attachments, which are hashed; the second writes an .eml of each mail. Neither makes a record: no language,
no people, no findings, nothing of what is inside an attached mail.
"""

from __future__ import annotations

import argparse
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
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

WORDS = ["de", "gemeente", "heeft", "besluit", "nota", "bijlage", "overleg", "begroting", "raad"]
WORDS += ["advies", "vergunning", "zaak"]
LIBPFF = """
import sys, time, hashlib, resource, pypff
start = time.process_time()
mails = 0
for path in sys.argv[1:]:
    store = pypff.file(); store.open(path)
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
            except (OSError, AttributeError):
                pass
used = time.process_time() - start
print(mails, used, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


@dataclass(frozen=True, slots=True)
class Kind:
    """What mail a store holds. Of files there are as many of 10 to 100 kB as of 100 kB to 1 MB."""

    name: str
    in_ten: int  # so many of ten mails have a file
    smallest: int = 1  # bytes of a file
    largest: int = 1


KINDS = {
    "office": Kind("of an office, 75 kB a mail", 3, 10_000, 960_000),
    "small": Kind("only small mail, 12 kB", 0),
    "large": Kind("only mail with attachments", 10, 50_000, 2_000_000),
}
REQUIRED_SPEED, REQUIRED_MEMORY = 60, 150  # MB per second; MB
HUGE = 5_000  # MB
GOLDEN = 0.618034
GROWTH = 1.15


def write(path: Path, megabytes: int, kind: Kind) -> None:
    chance = random.Random(5)
    with path.open("w+b") as stream:
        maker = StoreMaker(stream)
        top = maker.folder(0x401, "Postvak IN")
        number = 0
        while stream.tell() < megabytes * 1_000_000:
            number += 1
            maker.add(top, mail(chance, number, kind))
        maker.finish()


def mail(chance: random.Random, number: int, kind: Kind) -> Mail:
    plain = "\r\n".join(" ".join(chance.choices(WORDS, k=12)) for _ in range(40))
    files = []
    if 3 * number % 10 < kind.in_ten:
        # Spread evenly, so that a store of any size has the same average.
        size = round(kind.smallest * (kind.largest / kind.smallest) ** (number * GOLDEN % 1))
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


@dataclass(frozen=True, slots=True)
class Outcome:
    """One or more stores read; `size` in MB (1,000,000 bytes), `memory` in MB (1024 * 1024)."""

    store: str
    reader: str
    size: float
    mails: int
    cpu: float
    memory: float | None = None

    @property
    def speed(self) -> float:
        return self.size / self.cpu


def ours(store: str, paths: Sequence[Path]) -> Outcome:
    """Read stores in a process of its own, so that nothing else counts."""
    order = [sys.executable, "-m", "benchmarks.pst", "--read", *map(str, paths)]
    done = subprocess.run(order, check=True, capture_output=True, text=True, cwd=ROOT)
    mails, cpu, memory = map(float, done.stdout.split())
    return Outcome(store, "archiefklaar", size_of(paths), int(mails), cpu, round(memory))


def read(paths: Sequence[Path]) -> None:
    start = time.process_time()
    ledger = Ledger()
    for path in paths:
        for record in pst.parse(path, ParseContext()):
            ledger += count(record)
    used = time.process_time() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if ledger.refused:
        raise SystemExit(f"{ledger.refused} items were refused")
    print(ledger.messages, used, memory)


def others(store: str, paths: Sequence[Path]) -> Iterator[Outcome]:
    """Read the same stores with libpff and readpst, as far as they are here."""
    order = [sys.executable, "-c", LIBPFF, *map(str, paths)]
    done = subprocess.run(order, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        mails, used, memory = map(float, done.stdout.split())
        yield Outcome(store, "libpff", size_of(paths), int(mails), used, round(memory))
    if shutil.which("readpst"):
        with tempfile.TemporaryDirectory(dir=paths[0].parent) as folder:
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            for number, path in enumerate(paths):
                target = Path(folder, str(number))
                target.mkdir()
                order = ["readpst", "-q", "-e", "-D", "-j", "0", "-o", str(target), str(path)]
                subprocess.run(order, capture_output=True, check=False)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            written = sum(1 for one in Path(folder).rglob("*") if one.is_file())
        yield Outcome(store, "readpst", size_of(paths), written, used)


def size_of(paths: Sequence[Path]) -> float:
    return sum(path.stat().st_size for path in paths) / 1_000_000


def invented(folder: Path, megabytes: int, huge: bool) -> Iterator[list[Outcome]]:
    """Measure every kind of store, and that of 5 GB when asked; ours comes first."""
    plan = [(key, megabytes, True) for key in KINDS] if megabytes else []
    if huge:
        plan.append(("office", HUGE, False))
    for key, size, beside in plan:
        path = folder / "verzonnen.pst"
        # Elsewhere, so that its memory is not counted as ours.
        order = [sys.executable, "-m", "benchmarks.pst", "--write-store", str(path)]
        order += ["--megabytes", str(size), "--kind", key]
        subprocess.run(order, check=True, cwd=ROOT)
        name = KINDS[key].name
        yield [ours(name, [path]), *(others(name, [path]) if beside else ())]
        path.unlink()


def table_of(groups: Sequence[Sequence[Outcome]]) -> str:
    table = (
        "| store | MB | read by | mails | kB a mail | CPU s | MB/CPU-s | ms CPU a mail | peak MB |"
    )
    table += " ours is |\n|:--|--:|:--|--:|--:|--:|--:|--:|--:|--:|\n"
    for first, *rest in groups:
        for o in (first, *rest):
            ratio = "" if o is first else f"{o.cpu / first.cpu:.2f} x"
            table += (
                f"| {o.store} | {o.size:,.0f} | {o.reader} | {o.mails:,} | {1000 * o.size / o.mails:.0f}"
                f" | {o.cpu:.2f} | {o.speed:.0f} | {1000 * o.cpu / o.mails:.2f} | {o.memory or ''}"
                f" | {ratio} |\n"
            )
    return table


def verdicts_of(made: Sequence[Outcome], megabytes: int) -> list[report.Verdict]:
    """Judge our reading of the invented stores."""
    verdicts = [
        (
            o.speed >= REQUIRED_SPEED,
            f"{o.store}, {o.size:,.0f} MB: {o.speed:.0f} MB/CPU-s (asked {REQUIRED_SPEED})",
        )
        for o in made
    ]
    most = max(o.memory or 0 for o in made)
    verdicts.append((most < REQUIRED_MEMORY, f"peak {most:.0f} MB (asked < {REQUIRED_MEMORY})"))
    if made[-1].size >= HUGE and len(made) > 1:
        growth = made[0].speed / made[-1].speed
        words = f"time per MB at {HUGE:,} MB is {growth:.2f} x that at {megabytes} MB"
        verdicts.append((growth <= GROWTH, f"{words} (asked <= {GROWTH})"))
    return verdicts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="real stores, read together")
    parser.add_argument("--megabytes", type=int, default=150, help="of each kind; 0 for none")
    parser.add_argument("--huge", action="store_true", help="also one store of 5 GB")
    parser.add_argument("--folder", type=Path, default=None, help="where the stores may be written")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--kind", choices=KINDS, default="office", help=argparse.SUPPRESS)
    parser.add_argument("--write-store", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--read", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.write_store:
        write(given.write_store, given.megabytes, KINDS[given.kind])
        return 0
    if given.read:
        read(given.files)
        return 0
    groups: list[list[Outcome]] = []
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        for group in invented(Path(folder), given.megabytes, given.huge):
            groups.append(group)
            print(*group, sep="\n", flush=True)
    verdicts = verdicts_of([group[0] for group in groups], given.megabytes) if groups else []
    if given.files:
        name = f"{len(given.files)} real stores"
        groups.append([ours(name, given.files), *others(name, given.files)])
    table = table_of(groups)
    print(table)
    for good, what in verdicts:
        print("met:" if good else "NOT MET:", what)
    if given.write:
        data = {"outcomes": [asdict(o) for group in groups for o in group]}
        report.keep("pst", table, verdicts, data)
    return 0 if all(good for good, _ in verdicts) else 1


if __name__ == "__main__":
    raise SystemExit(main())
