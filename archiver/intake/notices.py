"""Parts that are about another message or not whole: reports, pieces of a message, content elsewhere.

RFC 3464 (delivery), RFC 8098 (reading), RFC 2046 sections 5.2.2 (message/partial) and 5.2.3
(message/external-body). Nothing is fetched and nothing is put together here: it is said. What puts
pieces together is `archiver.services.pieces`.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping

from archiver.findings import Finding, Severity
from archiver.intake.walk import is_reserved

# The second of each is for addresses beyond ASCII (RFC 6533).
DELIVERY = ("message/delivery-status", "message/global-delivery-status")
READING = ("message/disposition-notification", "message/global-disposition-notification")
_ACTION = re.compile(rb"(?im)^action[ \t]*:[ \t]*([a-z]{1,20})")
_ORDINARY = re.compile(r"[\w .,()+-]{1,120}", re.ASCII)
_WORD = re.compile(r"[\w.-]{1,40}", re.ASCII)


def notices(media_type: str, params: Mapping[str, str], data: bytes) -> Iterator[Finding]:
    """Give what must be said of a part ``message/...``; `data` are its decoded bytes."""
    if media_type in DELIVERY:
        yield from _delivery(data)
    elif media_type in READING:
        yield Finding("mail.leesbevestiging", severity=Severity.INFO)
    elif media_type == "message/partial":
        number, total = _word(params.get("number")), _word(params.get("total"))
        # The id tells the pieces of one message from those of another; it is foreign text, so hashed.
        id_ = params.get("id", "").encode("utf-8", "replace")
        name = hashlib.sha256(id_).hexdigest()[:16] if id_ else ""
        yield Finding("mail.deel_van_bericht", {"nummer": number, "totaal": total, "sleutel": name})
    elif media_type == "message/external-body":
        yield Finding("mail.inhoud_elders", {"toegang": _word(params.get("access-type"))})


def name_notice(name: str, address: str) -> Finding | None:
    """Say it of a name that misleads: hidden or turning characters, a path, a device, endless length.

    The name stays as the message gives it; files are written under `archiver.intake.walk.safe_name`.
    """
    if _ORDINARY.fullmatch(name) and not is_reserved(name):
        return None
    hidden = any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in name)
    if hidden or "/" in name or "\\" in name or len(name.encode("utf-8", "replace")) > 255:
        return Finding("mail.bijlagenaam_misleidt", {"deel": address})
    return Finding("mail.bijlagenaam_misleidt", {"deel": address}) if is_reserved(name) else None


def _delivery(data: bytes) -> Iterator[Finding]:
    # One block per recipient; who they are stands in the part, not in a finding.
    actions = Counter(match[1].lower() for match in _ACTION.finditer(data))
    failed, delayed = actions.pop(b"failed", 0), actions.pop(b"delayed", 0)
    if failed:
        yield Finding("mail.bezorging_mislukt", {"n": failed}, severity=Severity.INFO)
    if delayed:
        yield Finding("mail.bezorging_vertraagd", {"n": delayed}, severity=Severity.INFO)
    if done := actions.total():
        yield Finding("mail.bezorgd", {"n": done}, severity=Severity.INFO)


def _word(value: str | None) -> str:
    """A parameter is foreign text: only a short word of it goes into a finding."""
    match = _WORD.match(value or "")
    return match[0] if match else "?"
