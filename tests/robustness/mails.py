"""Many small invented mails, the same ones for the same number."""

from __future__ import annotations

import hashlib
import io
import random
from pathlib import Path


def mail(name: str) -> bytes:
    """Give one small mail; every twentieth has the bytes of another."""
    chance = random.Random(name)
    if chance.random() < 0.05:
        name = "steeds dezelfde"
    body = "".join(chance.choice("abcdefgh \r") for _ in range(chance.randrange(1_500)))
    return (
        f"From: Zoë <zoe@voorbeeld.nl>\r\nTo: mira@voorbeeld.nl\r\nSubject: Bericht {name}\r\n"
        f"Date: Fri, 01 Mar 2024 10:00:{chance.randrange(60):02} +0100\r\n"
        f"Message-ID: <{hashlib.md5(name.encode()).hexdigest()}@voorbeeld.nl>\r\n\r\n{body}\r\n"
    ).encode()


def groups(plan: int) -> list[list[bytes]]:
    """Give the groups of a plan: what becomes durable together, each content once."""
    chance = random.Random(plan)
    amounts = [chance.randint(1, 4) for _ in range(3)]
    made = [
        {sha(data): data for data in (mail(f"{plan}.{g}.{i}") for i in range(amount))}
        for g, amount in enumerate(amounts)
    ]
    return [list(group.values()) for group in made]


def drop(folder: Path, run: int, amount: int = 5) -> dict[str, bytes]:
    """Lay the mails of a run in a folder and give them by SHA-256."""
    folder.mkdir()
    made = [mail(f"drop {run}.{number}") for number in range(amount)]
    for number, data in enumerate(made):
        (folder / f"{number}.eml").write_bytes(data)
    return {sha(data): data for data in made}


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def stream(data: bytes) -> io.BytesIO:
    return io.BytesIO(data)
