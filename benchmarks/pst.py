"""How fast and how lean a .pst is read: python benchmarks/pst.py [--megabytes 500] [--large 0.5] [FILE...].

Without files an invented store is written by another process: half of its bytes in mails of about 12 kB,
half in mails with attachments of 50 kB to 2 MB, every tenth with an attached mail. Speed is of store bytes
per second of processor time; memory is the most this process ever held. Files given are read by libpff and
readpst too, when they are here: those do less (no derived mail, no hashes of parts), a scale and no contest.
They do not read the invented store: it has no tables of the folder tree, which we do not need.
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
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from archiver.intake import pst  # noqa: E402
from archiver.intake.protocol import ParseContext  # noqa: E402
from archiver.ledger import count  # noqa: E402
from archiver.model import Ledger  # noqa: E402
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
    parser.add_argument("--megabytes", type=int, default=500)
    parser.add_argument("--large", type=float, default=0.5, help="share of mails with large files")
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.write:
        write(given.write, given.megabytes, given.large)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        files = given.files
        if not files:
            files = [Path(folder, "verzonnen.pst")]
            # Elsewhere, so that its memory is not counted as ours.
            order = [sys.executable, __file__, "--write", str(files[0])]
            order += ["--megabytes", str(given.megabytes), "--large", str(given.large)]
            subprocess.run(order, check=True)
        for path in files:
            measure(path, given.profile)
            if given.files:
                others(path)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
