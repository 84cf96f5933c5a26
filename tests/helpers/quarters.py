"""One invented WhatsApp group, delivered as an export per quarter: the same people, no day in common."""

from __future__ import annotations

from pathlib import Path

from tests.helpers import phones

PEOPLE = ("Mira van Oosterhof", "Joris Blankert", "Samira Tolhuizen")
MONTHS = {"k1": "02", "k2": "05", "k3": "08", "k4": "11"}
TALK = (
    ("{m}/1: de planning van de kade ligt klaar voor de raad.", 0),
    ("{m}/2: de aannemer vraagt om het bestek van dit kwartaal.", 1),
    ("{m}/3: de bewoners kregen een brief over het geluid.", 2),
    ("{m}/4: de rekening van dit kwartaal is goedgekeurd.", 0),
)


def quarter(name: str, *, last: str = "") -> str:
    """Write what the phone exports of one quarter; `last` is one more message at its end."""
    month = MONTHS[name]
    lines = [
        f"{15 + n}-{month}-2026 10:0{n} - {PEOPLE[who]}: {words.format(m=name)}"
        for n, (words, who) in enumerate(TALK)
    ]
    if last:
        lines.append(f"25-{month}-2026 11:00 - {PEOPLE[1]}: {last}")
    return "\n".join(lines) + "\n"


def write(folder: Path) -> tuple[Path, ...]:
    """Lay the four exports down, each in a folder of its own, with the name that the phone gives."""
    return tuple(phones.write(folder, name, quarter(name)) for name in MONTHS)
