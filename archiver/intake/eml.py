"""One e-mail per file (RFC 5322), recognised by its header and never by its name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from archiver.findings import Finding, Severity
from archiver.intake.headers import KNOWN_FIELDS, skip_envelope
from archiver.intake.mime import read_message
from archiver.intake.protocol import Head, ParseContext
from archiver.intake.walk import display_name
from archiver.model import Record, Span, Unreadable

FORMAT = "eml"
_FIELD = re.compile(rb"([!-9;-~]{1,80})[ \t]*:")


def score(head: Head) -> int:
    """Score by the header lines at the start: how many are fields that mail has."""
    if head.data[257:262] == b"ustar":
        return 0  # a tar of mail begins with a name and then a header: it is not one mail
    start = skip_envelope(head.data)
    known = fields = lines = 0
    for line in re.split(rb"\r\n|\n|\r", head.data[start : start + 16_384])[:80]:
        if not line:
            break
        if line[:1] in b" \t":
            continue
        lines += 1
        match = _FIELD.match(line)
        if match is None:
            break
        fields += 1
        known += match[1].lower() in KNOWN_FIELDS
    if known == 0 or fields == 0:
        return 0
    if known >= 3:
        return 85
    return 70 if known == 2 else 45 if fields == lines else 30


def parse(path: Path, context: ParseContext) -> Iterator[Record]:
    """Read the one message of the file; its span is the whole file."""
    size = path.stat().st_size
    if size > context.limits.message_bytes:
        grens = f"{context.limits.message_bytes // 1_000_000} MB"
        yield Unreadable((_refusal("bestand.te_groot", path, {"grens": grens}),))
        return
    raw = path.read_bytes()
    if not raw.strip():
        yield Unreadable((_refusal("bestand.leeg", path, {}),))
        return
    yield read_message(raw, format=FORMAT, index=0, span=Span(0, len(raw)), limits=context.limits)


def _refusal(code: str, path: Path, params: Mapping[str, str]) -> Finding:
    name = display_name(path)
    return Finding(code, {"bestand": name, **params}, name, Severity.FOUT)
