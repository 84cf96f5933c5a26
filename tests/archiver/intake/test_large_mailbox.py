"""A mailbox is read in the memory of one message, and the mailbox of the benchmark is what it says."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from archiver.intake import mbox
from archiver.intake.protocol import ParseContext
from archiver.model import EmailMessage
from benchmarks import mailbox

MESSAGE = b"From a@b.example Mon Jan  5 09:00:00 2026\nFrom: a@b.example\nSubject: groot\n\n"
EXPECTED = "5171bccf5a20a76345cf136b0aae071b0e07ba82418e055c6f304ae9d29763d0"
READ = """
import re, sys
from pathlib import Path
from archiver.intake import mbox
from archiver.intake.protocol import ParseContext
count = sum(1 for _ in mbox.parse(Path(sys.argv[1]), ParseContext()))
# Not ru_maxrss: that begins at the size of the process that started this one.
print(count, re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /proc")
def test_memory_does_not_grow_with_the_mailbox(tmp_path: Path) -> None:
    """Pages of the mapped file count as memory, so all 160 MB of it would show here."""
    path = tmp_path / "groot.mbox"
    body = b"Een regel van het bericht, steeds opnieuw.\n" * 23_000
    with path.open("wb") as out:
        for _ in range(160):
            out.write(MESSAGE + body + b"\n")
    assert path.stat().st_size > 150_000_000
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path)],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    count, kibibytes = map(int, done.stdout.split())
    assert count == 160
    assert kibibytes < 70 * 1024


def test_the_mailbox_of_the_benchmark_is_the_same_everywhere(tmp_path: Path) -> None:
    """Else figures of two machines, or of two years, say nothing about each other."""
    path = tmp_path / "klein.mbox"
    mailbox.mbox(path, 300)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == EXPECTED
    mailbox.maildir(tmp_path / "map", 300)
    apart = sorted((tmp_path / "map" / "cur").iterdir(), key=lambda p: int(p.name.split(".")[1]))
    read = list(mbox.parse(path, ParseContext()))
    assert [r.sha256 for r in read if isinstance(r, EmailMessage)] == [
        hashlib.sha256(p.read_bytes()).hexdigest() for p in apart
    ]


def test_the_mailbox_of_the_benchmark_has_what_mail_has(tmp_path: Path) -> None:
    path = tmp_path / "klein.mbox"
    mailbox.mbox(path, 1_000)
    read = [r for r in mbox.parse(path, ParseContext()) if isinstance(r, EmailMessage)]
    assert len(read) == 1_000
    assert 11_000 < path.stat().st_size / 1_000 < 14_000
    assert 0.2 < sum(bool(m.attachments) for m in read) / 1_000 < 0.4
    assert any(a.message for m in read for a in m.attachments)
    assert any(a.inline for m in read for a in m.attachments)
    assert all(m.sender and m.date and m.subject and m.message_id for m in read)
    assert {m.in_reply_to for m in read} - {None} <= {m.message_id for m in read}
