"""Invented exports of one WhatsApp group from two phones, and from one phone at two moments."""

from __future__ import annotations

from pathlib import Path

E2E = (
    "Berichten en oproepen worden end-to-end versleuteld. Niemand buiten deze chat kan ze lezen "
    "of beluisteren, zelfs WhatsApp niet. Tik voor meer informatie."
)
TALK = (
    ("14:00", "Mira van Oosterhof", "De vergunning voor de kade ligt bij mij op tafel."),
    ("14:02", "Joris Blankert", "Mooi, dan kan de aannemer donderdag beginnen."),
    ("14:05", "Samira Tolhuizen", "Ik stuur vanmiddag een brief naar de bewoners."),
    ("14:09", "Joris Blankert", "Ok"),
    ("14:11", "Mira van Oosterhof", "Let op het geluid in de nacht, daar komen vragen over."),
    ("14:20", "Samira Tolhuizen", "De raad wil voor vrijdag weten wat het kost."),
    ("14:31", "Joris Blankert", "Ongeveer twee ton, zonder het meerwerk."),
)
LABELS = {"Joris Blankert": "Joris Werk", "Samira Tolhuizen": "+31 6 12345678"}
"""What the second phone calls them."""


def android(day: str, talk: list[tuple[str, str, str]]) -> str:
    """Write an export of a Dutch Android phone; `day` is dd-mm-jjjj."""
    lines = [f"{day} 13:59 - {E2E}"]
    lines += [f"{day} {time} - {who}: {text}" for time, who, text in talk]
    return "\n".join(lines) + "\n"


def first_phone() -> str:
    """Give what Mira's phone has."""
    return android("16-11-2026", list(TALK))


def second_phone() -> str:
    """Give what another phone has: other labels, one message deleted there, one in other words."""
    talk = [(time, LABELS.get(who, who), text) for time, who, text in TALK]
    del talk[4]
    time, who, text = talk[4]
    talk[4] = (time, who, text.replace("voor vrijdag", "vóór vrijdag graag"))
    return android("16-11-2026", talk)


def later_phone() -> str:
    """Give what Mira's phone has a week later: everything, and three messages more."""
    later = [
        ("09:00", "Joris Blankert", "De aannemer is begonnen, alles loopt volgens plan."),
        ("09:03", "Mira van Oosterhof", "Fijn om te horen."),
        ("09:10", "Samira Tolhuizen", "Er kwamen twee vragen binnen over het geluid."),
    ]
    return first_phone() + "".join(f"23-11-2026 {t} - {who}: {text}\n" for t, who, text in later)


def write(folder: Path, place: str, text: str) -> Path:
    """Lay an export in a folder of its own, with the name that the phone gives it."""
    path = folder / place / "WhatsApp-chat met Team Kade.txt"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    return path
