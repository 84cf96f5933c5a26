"""Values of a structured export, read without trust: what is not of the kind expected is absent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from archiver.model import ChatMessage

_LONE = re.compile("[\ud800-\udfff]")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = 253_402_300_799_000  # 9999-12-31 in milliseconds


def text_of(value: object) -> str | None:
    """Give a text; half a surrogate pair becomes U+FFFD, because no encoding can hold it."""
    if not isinstance(value, str):
        return None
    return _LONE.sub("\ufffd", value)


def words(value: object) -> str:
    """Give a text, empty when it is none."""
    return text_of(value) or ""


def number(value: object) -> int | None:
    """Give a whole number that may be written as a text (protobuf JSON writes int64 so)."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if abs(value) < 1e15 else None
    if isinstance(value, str) and len(value) < 20:
        try:
            return int(value)
        except ValueError:
            return None
    return None


def table(value: object) -> Mapping[str, Any]:
    """Give an object, empty when it is none."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[Any]:
    """Give a list, empty when it is none."""
    return value if isinstance(value, list) else []


def label(value: object) -> str | None:
    """Give an identity as text, whether it was written as text or number."""
    if isinstance(value, str):
        return text_of(value) or None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return None


def utc(milliseconds: int | None) -> str | None:
    """Give milliseconds since 1970 as ISO 8601 in UTC; None when absent or no possible time."""
    if milliseconds is None or not 0 < milliseconds <= _LAST:
        return None
    at = _EPOCH + timedelta(milliseconds=milliseconds)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}Z"


def utc_seconds(seconds: int | None) -> str | None:
    """Give seconds since 1970 as ISO 8601 in UTC; None when absent or no possible time."""
    if seconds is None or not 0 < seconds <= _LAST // 1000:
        return None
    return f"{_EPOCH + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}"


def iso_utc(value: object) -> str | None:
    """Give an ISO 8601 time that is in UTC with milliseconds and Z; other zones as found."""
    found = iso(value)
    if found is None:
        return None
    at = datetime.fromisoformat(found)
    if at.utcoffset() != timedelta(0):
        return found
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def iso(value: object) -> str | None:
    """Give a time that is already ISO 8601, as found; None when it is no time."""
    found = text_of(value)
    if found is None or len(found) > 40:
        return None
    try:
        datetime.fromisoformat(found)
    except ValueError:
        return None
    return found


@dataclass(frozen=True, order=True, slots=True)
class Moment:
    """A time to compare with; `absolute` tells whether its zone is known (then it is in UTC)."""

    at: datetime
    absolute: bool


def moment(message: ChatMessage) -> Moment | None:
    """Give the time of a message to compare with; None when it has none."""
    if message.sent is None:
        return None
    try:
        at = datetime.fromisoformat(message.sent)
        if at.tzinfo is None:
            return Moment(at, False)
        return Moment(at.astimezone(UTC).replace(tzinfo=None), True)
    except (ValueError, OverflowError):
        return None
