"""The list of known disagreements in ``docs/afwijkingen.md``, as data to compare with."""

from __future__ import annotations

import re

from tests.corpus.email_facts import Fact
from tests.helpers.shared import ROOT

LIST = ROOT / "docs" / "afwijkingen.md"
_HASH = re.compile(r"[0-9a-f]{64}")
_WIDTH = 60  # characters of a value in the table

Row = tuple[str, str, str, str]


def row_of(fact: Fact) -> Row:
    """Give the row of a disagreement: file, fact, theirs, ours; values shortened the same way always."""
    return (fact.file, fact.what, _cell(fact.theirs), _cell(fact.ours))


def listed() -> dict[Row, str]:
    """Give every row with the heading it stands under; each heading must explain itself."""
    text = LIST.read_text(encoding="utf-8").partition("\n## Lijst\n")[2]
    found: dict[Row, str] = {}
    for section in re.split(r"^### ", text, flags=re.MULTILINE)[1:]:
        title, _, body = section.partition("\n")
        reason, _, table = body.partition("\n| ")
        assert len(reason.split()) >= 10, f"no reason: {title}"
        for line in table.splitlines():
            if not line.startswith("| `"):
                continue
            cells = [c.strip().strip("`") for c in line.strip().strip("|").split("|")]
            assert len(cells) == 4, line
            row = (cells[0], cells[1], cells[2], cells[3])
            assert row not in found, f"listed twice: {row}"
            found[row] = title
    return found


def _cell(value: str) -> str:
    value = _HASH.sub(lambda m: m[0][:12], value).replace("|", "¦").replace("`", "'")
    value = " ".join(value.split())
    return value if len(value) <= _WIDTH else value[: _WIDTH - 1] + "…"
