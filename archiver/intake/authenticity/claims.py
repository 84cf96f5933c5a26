"""What servers on the way say they checked: Authentication-Results (RFC 8601) and its ARC twin (RFC 8617).

Anyone can write such a line, so it is kept as a claim with the name that it gives itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from archiver.intake.authenticity.facts import Kind, Result, SignatureFact, printable

MOST = 50  # claims of one message that are kept

_NAMES = frozenset({b"authentication-results", b"arc-authentication-results", b"received-spf"})
_SERVER = re.compile(r"\s*(?:i\s*=\s*\d{1,2}\s*;)?\s*([^\s;]{1,255})")
_RECEIVER = re.compile(r"\breceiver\s*=\s*([^\s;]{1,255})")


def claims(pairs: Sequence[tuple[bytes, bytes]], moment: str | None) -> list[SignatureFact]:
    """Give the claims of the header in order; `pairs` are lower-case names and raw values."""
    found: list[SignatureFact] = []
    for name, value in pairs:
        if name not in _NAMES or len(found) == MOST:
            continue
        text = value.decode("utf-8", "replace")
        server = _RECEIVER.search(text) if name == b"received-spf" else _SERVER.match(text)
        found.append(
            SignatureFact(
                Kind.CLAIM,
                "",
                Result.CLAIMED,
                moment=moment,
                by=server[1] if server else None,
                claim=printable(f"{name.decode('ascii')}: {text}"),
            )
        )
    return found
