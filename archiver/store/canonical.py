"""One way to write values as text, so that hashes over them can be made again anywhere.

JSON in UTF-8 with sorted keys and no spaces. A lone surrogate (a file name that is not UTF-8)
becomes the escape ``\\udc80``: valid in JSON, visible in a text column, which can be stored.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from archiver import folding
from archiver.errors import StoreDamaged

_JSON: Final = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
)
_SEAL: Final = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), default=repr)


def json_text(value: Any) -> str:
    """Write a value as canonical JSON."""
    return storable(_JSON.encode(value))


def from_json_text(text: Any) -> Any:
    """Read stored JSON. Raises `StoreDamaged` when it is none: we never wrote that."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError, TypeError) as error:
        raise StoreDamaged("register_beschadigd", place="json") from error


def storable(text: str) -> str:
    """Give text that UTF-8 can hold."""
    if text.isascii():
        return text
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def seal(values: Iterable[Any]) -> str:
    """Give a checksum of the stored values of a row: it shows a flipped bit, it stops no forger."""
    made = _SEAL.encode(list(values))
    return hashlib.blake2b(made.encode("ascii"), digest_size=16).hexdigest()


def fold(*texts: str | None) -> str:
    """Give texts without case and accents as they are stored: the form to search in."""
    return storable(folding.fold(*texts))


def date_key(date: str | None) -> str:
    """Give a date (ISO 8601, with or without offset) in UTC, to sort by; empty without a date."""
    if not date:
        return ""
    try:
        moment = datetime.fromisoformat(date)
        if moment.tzinfo is not None:
            moment = moment.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return storable(date)[:40]
    return moment.isoformat(timespec="seconds")
