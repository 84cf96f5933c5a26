"""Answers to open questions of a reader, as the command line and the window hand them over.

An answer is a text by the name of its question (``date_order``, ``owner``, ``zone``). The answer to
``KEY`` is a `Secret`: it is used to open a sealed backup, and never shown, logged, stored or put in a
package. The answer to `KEEP` says that a file which no reader understands is kept whole: `YES`, or what
`answer_for` gives.
"""

from __future__ import annotations

import re

from archiver.intake.chat.uninterpreted import KEEP, YES, answer_for, why_unread
from archiver.intake.protocol import Secret

KEY = "key"
_ZONE = re.compile(r"UTC|[A-Za-z_]{2,20}(?:/[A-Za-z0-9_+-]{1,30}){1,2}")

__all__ = ["KEEP", "KEY", "YES", "Secret", "answer_for", "is_zone", "why_unread"]


def is_zone(name: str) -> bool:
    """Tell whether a text can be the name of a time zone in the IANA list."""
    return _ZONE.fullmatch(name) is not None
