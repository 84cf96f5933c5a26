"""The tables of docs/afwijkingen-msg.md, read by machine: file, fact, theirs, ours, reason."""

from __future__ import annotations

from tests.corpus.msg_facts import Fact
from tests.helpers.shared import ROOT

LIST = ROOT / "docs" / "afwijkingen-msg.md"
Row = tuple[str, str, str, str]


def listed(folder: str) -> set[Row]:
    """Give the rows about files below this folder of the corpus; every row has a reason."""
    rows: set[Row] = set()
    for line in LIST.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]
        if len(cells) == 5 and cells[0].startswith(f"{folder}/"):
            assert len(cells[4]) > 20, f"no reason: {line}"
            rows.add((cells[0], cells[1], cells[2], cells[3]))
    return rows


def row_of(fact: Fact) -> Row:
    """Give the row that a disagreement must have."""
    return fact.file, fact.what, fact.theirs, fact.ours
