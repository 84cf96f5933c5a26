"""The JSON lines of ``archiefklaar vergelijk``: a head per pair of conversations, a line per row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from archiver.findings import Finding, Severity
from archiver.services.chat_match import Kind, Row
from archiver.services.comparison import Compared


def head_json(compared: Compared) -> dict[str, Any]:
    """Give what holds for the pair: why it is one conversation, who is who, clocks, counts."""
    rows = Counter(row.kind for row in compared.comparison.rows)
    seen = compared.recognition
    return {
        "kind": "comparison",
        "left": compared.left.name,
        "right": compared.right.name,
        "same_conversation": seen.same,
        "basis": {
            "platform": seen.platform,
            "title": seen.title,
            "participants": list(seen.people),
            "messages": [seen.overlap.shared, seen.overlap.of],
        },
        "people": [asdict(link) for link in compared.comparison.people],
        "shifts": {str(seconds): n for seconds, n in compared.comparison.shifts.items()},
        "continues": compared.comparison.continues(),
        "new": list(compared.comparison.new_right()),
        "counts": compared.comparison.counts(),
        "totals": {
            "links": compared.left.conversation.title or compared.left.name,
            "rechts": compared.right.conversation.title or compared.right.name,
            "gelijk": rows[Kind.MATCH],
            "anders": rows[Kind.DIFFERS],
            "alleen_links": rows[Kind.ONLY_LEFT],
            "alleen_rechts": rows[Kind.ONLY_RIGHT],
        },
    }


def row_json(compared: Compared, row: Row) -> dict[str, Any]:
    """Give one row; time, sender and text are of the left export when it has the message."""
    left = compared.left.messages[row.left] if row.left is not None else None
    right = compared.right.messages[row.right] if row.right is not None else None
    shown = left or right
    assert shown is not None
    return {
        "kind": row.kind.value,
        "left": row.left,
        "right": row.right,
        "reason": row.reason,
        "seconds": row.seconds,
        "moved": row.moved,
        "sent": shown.sent,
        "sender": shown.sender,
        "text": shown.text,
        "other_text": right.text if left and right and left.text != right.text else None,
    }


def finding_of(compared: Compared) -> Iterator[Finding]:
    """Warn when two exports that were compared do not look like one conversation."""
    seen = compared.recognition
    if not seen.same:
        yield Finding(
            "chat.ander_gesprek",
            {"gedeeld": seen.overlap.shared, "van": seen.overlap.of},
            compared.right.name,
            Severity.LET_OP,
        )
