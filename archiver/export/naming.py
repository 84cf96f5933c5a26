"""Names in a delivery and values in its metadata, made safe.

Names follow "Naamgeving" of the SIP specification of MDTO and what Windows accepts.
"""

from __future__ import annotations

import re
import unicodedata
import uuid
from datetime import date, datetime, timedelta

from archiver.model import EmailMessage, Item

NAME_LIMIT = 80
NO_SUBJECT = "(zonder onderwerp)"
_INVISIBLE = {"Cc", "Cf", "Zs", "Zl", "Zp"}
DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def clean(text: str | None, limit: int | None = None) -> str:
    """Give one line that XML can carry, at most `limit` characters; "" when nothing is visible."""
    if not text:
        return ""
    kept = []
    for character in text:
        category = unicodedata.category(character)
        if category == "Cs" or character in "\ufffe\uffff":
            continue
        kept.append(" " if category == "Cc" else character)
    line = " ".join("".join(kept).split())
    if all(unicodedata.category(c) in _INVISIBLE for c in line):
        return ""
    if limit is not None and len(line) > limit:
        line = line[: limit - 1].rstrip() + "…"
    return line


def item_name(item: Item) -> str:
    """Give the name of an e-mail or conversation: what a person gave it, else its title or subject."""
    given, record = item.values.get("naam"), item.record
    name = (clean(given.value) if given is not None else "") or clean(item.title)
    if isinstance(record, EmailMessage):
        name = name or clean(record.subject) or NO_SUBJECT
    else:
        name = name or clean(record.title) or f"Chatgesprek {record.platform}"
    return clean(name, NAME_LIMIT)


def safe(text: str, fallback: str, limit: int = 40) -> str:
    """Give a name of ASCII letters, digits, hyphen and underscore; `fallback` when none is left."""
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9_]+", "-", ascii_only).strip("-_")[:limit].strip("-_")
    if not name or DEVICES.fullmatch(name):
        return fallback
    return name


def extension(name: str | None, fallback: str) -> str:
    """Give the extension of an original file name when it is plain, else `fallback`."""
    found = re.search(r"\.([A-Za-z0-9]{1,8})$", (name or "").strip())
    return found.group(1).lower() if found else fallback


def derived_urn(base: str, what: str) -> str:
    """Give an id for a part or file: the same for the same `base` (UUID) and `what`, always."""
    return f"urn:uuid:{uuid.uuid5(as_uuid(base), what)}"


def urn(value: str) -> str:
    """Give ``urn:uuid:...`` for an id of the register."""
    return f"urn:uuid:{as_uuid(value)}"


def as_uuid(value: str) -> uuid.UUID:
    """Read a UUID; another kind of id becomes a UUID that is always the same for it."""
    try:
        return uuid.UUID(value)
    except ValueError:
        encoded = value.encode("utf-8", "surrogatepass").hex()
        return uuid.uuid5(uuid.NAMESPACE_URL, f"archiefklaar:{encoded}")


def moment(text: str | None) -> str | None:
    """Give an xs:dateTime or xs:date for what the source says, or None when it is neither."""
    if not text:
        return None
    if len(text) == 10:
        return day(text)
    try:
        found = datetime.fromisoformat(text)
        offset = found.utcoffset()
        if offset is not None and (abs(offset) > timedelta(hours=14) or offset.seconds % 60):
            # XML Schema has no such zone; the instant stays the same.
            found = datetime.fromisoformat(text) - offset
            return found.replace(tzinfo=None).isoformat() + "Z"
    except (ValueError, OverflowError):
        return None
    return found.isoformat()


def day(text: str | None) -> str | None:
    """Give the xs:date that `text` begins with, or None."""
    try:
        return date.fromisoformat((text or "")[:10]).isoformat()
    except ValueError:
        return None
