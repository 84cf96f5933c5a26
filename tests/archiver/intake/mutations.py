"""Break messages in the ways that disks, servers and attackers do, and check what must always hold.

``python -m tests.archiver.intake.mutations SECONDS [SEED]`` goes on for as long as you like; the tests do a
short, always equal piece of it. What is found belongs in the tests as a case of its own.
"""

from __future__ import annotations

import hashlib
import json
import random
import sys
import time
from collections.abc import Sequence

from archiver.intake import headers, mbox
from archiver.intake.body_text import readable, safe_html
from archiver.intake.mime import part_bytes
from archiver.wire import from_wire, to_wire
from tests.archiver.intake.messages import HEADER, multipart, part, read
from tests.helpers.shared import SHARED

PIECES = (
    b"\n",
    b"\r\n",
    b"\r",
    b"--",
    b"=?utf-8?b?",
    b"?=",
    b'"',
    b";",
    b"*0*=",
    b"%",
    b"(",
    b"<",
    b"\x00",
    b"\xff",
    b"Content-Type: multipart/mixed; boundary=a\n",
    b"Content-Type: message/rfc822\n",
    b"Content-Transfer-Encoding: base64\n",
    b"begin 644 x\n",
    b"=ybegin name=x\n",
    b"\nFrom ",
    b"Content-Length: 9\n",
    b"\xd0\xcf\x11\xe0",
)
_LARGEST = 300_000  # bytes of a message of the corpus that is used
SLOW = 2  # seconds of CPU that no message of this size may cost


def own_seeds() -> list[bytes]:
    """Give invented messages of many kinds."""
    inner = HEADER + b"\r\nTekst"
    return [
        inner,
        HEADER + multipart(part(b"een"), part(b"<p>twee</p>", b"text/html"), kind=b"alternative"),
        HEADER + multipart(part(inner, b"message/rfc822"), part(b"QUJD", b"image/png", b"base64")),
        HEADER + multipart(part(b"begin 644 a\n#86)C\n`\nend\n"), part(b"=E9", encoding=b"x")),
        b"Subject: =?utf-8?q?caf=C3=A9?=\r\nTo: A: b@x, c@y;, d\r\nDate: 1 Jan 26 1:2 +0100\r\n\r\n",
    ]


def corpus_seeds() -> list[bytes]:
    """Give the messages of the corpus; empty when it is absent."""
    if SHARED is None:
        return []
    files = sorted((SHARED / "corpus" / "email").rglob("*.eml"))
    return [f.read_bytes() for f in files if 0 < f.stat().st_size < _LARGEST]


def mutated(seeds: Sequence[bytes], chance: random.Random) -> bytes:
    """Give one of the messages with a few things wrong."""
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.randint(1, 12)):
        place = chance.randrange(len(data) + 1)
        kind = chance.randrange(6)
        if kind == 0 and place < len(data):
            data[place] ^= 1 << chance.randrange(8)
        elif kind == 1:
            del data[place : place + chance.randint(1, 200)]
        elif kind == 2:
            data[place:place] = chance.choice(PIECES) * chance.choice((1, 1, 1, 2, 50))
        elif kind == 3 and chance.random() < 0.3:
            del data[place:]
        elif kind == 4:
            data[place:place] = data[place // 2 : place // 2 + chance.randint(1, 500)]
        else:
            other = chance.choice(seeds)
            start = chance.randrange(len(other) + 1)
            data[place:place] = other[start : start + chance.randint(1, 800)]
    return bytes(data)


def check(raw: bytes) -> None:
    """Fail when a promise of the reader is broken for these bytes."""
    started = time.process_time()
    message = read(raw)
    assert message.sha256 == hashlib.sha256(raw).hexdigest()
    assert "mail.lezer_mislukt" not in {f.code for f in message.findings}
    assert from_wire(json.loads(json.dumps(to_wire(message)))) == message
    for attachment in message.attachments:
        data = part_bytes(raw, attachment.part)
        assert hashlib.sha256(data).hexdigest() == attachment.sha256
    html = readable(raw).html
    if html is not None:
        safe_html(html)
    headers.all_headers(raw)
    position = 0
    for slot in mbox.slots(raw):
        assert raw[position : slot.separator].strip(b"\r\n") == b""
        assert slot.separator < slot.start <= slot.end
        position = slot.end
    assert raw[position:].strip(b"\r\n") == b""
    assert time.process_time() - started < SLOW


def main(seconds: float, seed: int) -> int:
    """Go on for so many seconds; the first message that fails is in the error."""
    seeds = [*own_seeds(), *corpus_seeds()]
    chance, runs, end = random.Random(seed), 0, time.monotonic() + seconds
    while time.monotonic() < end:
        raw = mutated(seeds, chance)
        try:
            check(raw)
        except Exception as error:
            raise AssertionError(f"run {runs} of seed {seed}: {raw!r}") from error
        runs += 1
    sys.stdout.write(f"{runs} messages, none failed\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0))
