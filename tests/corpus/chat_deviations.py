"""The list of known disagreements in ``docs/afwijkingen-chat.md``, as data to compare with."""

from __future__ import annotations

import re
from typing import NamedTuple

from tests.helpers.shared import ROOT

LIST = ROOT / "docs" / "afwijkingen-chat.md"


class Deviation(NamedTuple):
    """One fact on which the corpus and our reading disagree."""

    file: str
    fact: str
    expected: str
    read: str


def listed(section: str) -> set[Deviation]:
    """Give the rows of the table under ``## <section>``; every row must give a reason."""
    text = LIST.read_text(encoding="utf-8")
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    body = dict(zip(parts[1::2], parts[2::2], strict=True))[section]
    found: set[Deviation] = set()
    for line in body.splitlines():
        if not line.startswith("| `"):
            continue
        cells = [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]
        assert len(cells) == 5, line
        assert len(cells[4]) > 10, f"no reason: {line}"
        found.add(Deviation(*cells[:4]))
    return found
