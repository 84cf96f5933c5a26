"""How fast Outlook items are read, beside extract-msg and olefile, in one run on the same files.

Run: ``python -m benchmarks.msg [FOLDER with .msg] [--write]``. Without a folder it makes 400 items: mails
with attachments, some with an item in them, all with an RTF body. Every reader runs in a process of its own.
Ours and extract-msg do the same: subject, people, date, and every attachment with its SHA-256; olefile only
reads every stream, which is the least that anybody over that library can do.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks import report  # noqa: E402

REQUIRED = 150  # items per CPU-second, with the bytes of every attachment
READERS = {
    "ours: record": "list(msg.parse(p, ParseContext()))",
    "ours: text from RTF too": "list(msg.parse(p, ParseContext())); msg.readable(p.read_bytes())",
    "olefile: streams only": "o = olefile.OleFileIO(p.read_bytes());"
    "[o.openstream(e).read() for e in o.listdir()]",
    "extract-msg: with attachments": "m = extract_msg.openMsg(p, errorBehavior=SUPPRESS);"
    "m.subject, getattr(m, 'sender', None), m.date; [d(a) for a in getattr(m, 'attachments', ())]; m.close()",
    "extract-msg: and HTML body": "m = extract_msg.openMsg(p, errorBehavior=SUPPRESS);"
    "m.subject, m.date; [d(a) for a in getattr(m, 'attachments', ())];"
    "getattr(m, 'htmlBody', None); m.close()",
}
MEASURE = """
import hashlib, logging, resource, sys, time, warnings
from pathlib import Path
import olefile
warnings.simplefilter("ignore"); logging.disable(50)
if "extract" in sys.argv[2]:
    import extract_msg
    from extract_msg.enums import ErrorBehavior
    SUPPRESS = ErrorBehavior.SUPPRESS_ALL
from archiver.intake import msg
from archiver.intake.protocol import ParseContext
def d(a):
    if isinstance(a.data, bytes): hashlib.sha256(a.data).hexdigest()
files = sorted(Path(sys.argv[1]).rglob("*.msg"))
def one(p):
    {code}
failed = 0
start = time.process_time()
for p in files:
    try:
        one(p)
    except Exception as error:
        failed += 1
spent = time.process_time() - start
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"{{len(files) / spent:.0f}} {{failed}} {{memory:.0f}}")
"""


def write_items(folder: Path, count: int) -> None:
    """Write invented items; the mean is about 45 kB, as in real folders."""
    from tests.helpers import outlook

    chance = random.Random(1)
    words = (
        "de",
        "nota",
        "voor",
        "het",
        "overleg",
        "staat",
        "klaar",
        "reactie",
        "akkoord",
        "brief",
    )
    for number in range(count):
        text = " ".join(chance.choices(words, k=chance.randint(20, 400)))
        body = (
            rb"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Arial;}}\f0 " + text.encode() + rb"\par}"
        )
        packed = (len(body) + 12).to_bytes(4, "little") + len(body).to_bytes(4, "little")
        mail = {
            **{
                0x001A: "IPM.Note",
                0x0037: f"Nota {number}",
                0x0039: datetime(2024, 3, 5, tzinfo=UTC),
            },
            **{0x0042: "Jan de Vries", 0x0065: "jan@voorbeeld.nl", 0x1000: text},
            **{0x1009: packed + b"MELA" + bytes(4) + body, 0x3FDE: 1252, 0x0071: bytes(22)},
            **{0x0C1A: "Jan de Vries", 0x0C1E: "SMTP", 0x0C1F: "jan@voorbeeld.nl"},
        }
        people = [
            {0x0C15: 1, 0x3001: f"Persoon {n}", 0x3002: "SMTP", 0x3003: f"p{n}@voorbeeld.nl"}
            for n in range(chance.randint(1, 6))
        ]
        attachments = [
            outlook.file(f"stuk {n}.bin", chance.randbytes(chance.randint(1_000, 60_000)))
            for n in range(chance.randint(0, 2))
        ]
        if number % 10 == 0:
            inside = outlook.item(mail, people)
            attachments.append(outlook.attached({0x3705: 5, 0x3001: "bericht"}, inside=inside))
        (folder / f"{number:04d}.msg").write_bytes(outlook.msg(mail, people, attachments))


def main() -> int:
    with tempfile.TemporaryDirectory() as made:
        given = [one for one in sys.argv[1:] if one != "--write"]
        folder = Path(given[0]) if given else Path(made)
        if not given:
            write_items(folder, 400)
        sizes = [p.stat().st_size for p in folder.rglob("*.msg")]
        print(f"{len(sizes)} files, {sum(sizes) / 1e6:.1f} MB")
        table = f"{len(sizes)} items, {sum(sizes) / 1e6:.1f} MB.\n\n"
        table += "| reader | items per CPU-second | failed | MB at most |\n|:--|--:|--:|--:|\n"
        own = 0
        for name, code in READERS.items():
            done = subprocess.run(
                [sys.executable, "-c", MEASURE.format(code=code), str(folder), name],
                capture_output=True,
                text=True,
                check=True,
                cwd=ROOT,
            )
            speed, failed, memory = done.stdout.split()[-3:]
            own = own or int(speed)
            table += f"| {name} | {speed} | {failed} | {memory} |\n"
            print(f"  {name}: {speed}", flush=True)
    print(table)
    verdicts = [(own >= REQUIRED, f"{own} items per CPU-second (asked {REQUIRED})")]
    if "--write" in sys.argv:
        report.keep("msg", table, verdicts, {"items": len(sizes), "per_cpu_second": own})
    return 0 if own >= REQUIRED else 1


if __name__ == "__main__":
    raise SystemExit(main())
