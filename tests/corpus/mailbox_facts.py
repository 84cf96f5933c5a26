"""Facts of tika (mail and mailboxes) and of MimeKit (mailboxes with offsets and summaries)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from email.utils import getaddresses, parsedate_to_datetime
from pathlib import Path
from typing import Any

from archiver.intake.mbox import slots
from tests.corpus.forms import Line, Pairs, mailbox_of, names, utc


def tika(stated: Mapping[str, Any], line: Line) -> Pairs:
    sender = line.get("from") or {}
    if "subject" in stated:
        yield "onderwerp", stated["subject"], line.get("subject")
    if isinstance(stated.get("from"), list):
        yield "afzender", stated["from"][0], mailbox_of(sender)
    elif "from" in stated:
        yield "afzender", stated["from"], sender.get("name") or sender.get("address")
    if "from_name_test" in stated:
        yield "naam afzender", stated["from_name_test"], sender.get("name")
    if "to_list" in stated:
        yield "to", stated["to_list"], [a["address"] or a["name"] for a in line["to"]]
    if "date" in stated:
        yield "datum", utc(stated["date"]), utc(line.get("date"))
    if "date_prefix" in stated:
        size = len(stated["date_prefix"])
        yield "datum (begin)", stated["date_prefix"], (line.get("date") or "")[:size]
    if "n_attachments" in stated:
        yield "aantal bijlagen", stated["n_attachments"], len(line["attachments"])
    if "attachment_names" in stated:
        found = [a["name"] for a in line["attachments"] if a["name"]]
        yield from names(stated["attachment_names"], found)
    if "inner_subject" in stated:
        # For them the mailbox is the outer document; for us a line is a message in it.
        yield "onderwerp", stated["inner_subject"], line.get("subject")


def mailbox(
    stated: Mapping[str, Any], path: Path, expected: Sequence[str], lines: list[Line]
) -> Pairs:
    first = lines[0]
    if "n_messages" in stated:
        yield "aantal berichten", stated["n_messages"], len(lines)
    for number, subject in enumerate(stated.get("subjects", ())):
        own = lines[number].get("subject") if number < len(lines) else None
        yield f"onderwerp {number}", subject, own
    if "subject" in stated:
        yield "onderwerp", stated["subject"], first.get("subject")
    if "from" in stated:
        sender = first.get("from") or {}
        own = f"<{sender.get('address')}>"
        yield "afzender", stated["from"], f"{sender['name']} {own}" if sender.get("name") else own
    if "to" in stated:
        yield "to", stated["to"], first["to"][0]["address"] if first["to"] else None
    if "date" in stated:
        yield "datum", utc(stated["date"]), utc(first.get("date"))
    if "attachment_names" in stated:
        found = [a["name"] for line in lines for a in line["attachments"] if a["name"]]
        yield from names(stated["attachment_names"], found)
    for name in expected:
        if name.endswith("offsets.json"):
            yield from _offsets(path, path.parent / Path(name).name)
        elif name.endswith("summary.txt"):
            yield from summary(path.parent / Path(name).name, lines)


def _offsets(path: Path, expected: Path) -> Pairs:
    data = path.read_bytes()
    own = list(slots(data))
    for number, theirs in enumerate(json.loads(expected.read_text(encoding="utf-8"))):
        slot = own[number] if number < len(own) else None
        yield (
            f"plaats {number} scheidingsregel",
            theirs["mboxMarkerOffset"],
            slot and slot.separator,
        )
        yield f"plaats {number} begin", theirs["beginOffset"], slot and slot.start
        yield f"plaats {number} eind", theirs["endOffset"], slot and _their_end(data, slot.end)


def _their_end(data: bytes, end: int) -> int:
    """For MimeKit the line end before a separator belongs to it, even without a blank line."""
    if data[end : end + 5] != b"From ":
        return end
    return end - 2 if data[end - 2 : end] == b"\r\n" else end - 1


def summary(path: Path, lines: list[Line]) -> Pairs:
    """MimeKit's summaries: per message a separator line, four fields and the tree of media types."""
    blocks = path.read_text(encoding="utf-8").replace("\r\n", "\n").strip("\n").split("\n\n")
    for number, block in enumerate(blocks):
        line = lines[number] if number < len(lines) else {}
        _, *rest = block.split("\n")
        stated = dict(r.split(": ", 1) for r in rest if r[:5] in ("From:", "To: ", "Date:"))
        types = [r for r in rest if r.lstrip().startswith("Content-Type: ")]
        for field in ("From", "To"):
            if field in stated:
                theirs = [[n, a] for n, a in getaddresses([stated[field]])]
                listed = (
                    [line["from"]] if field == "From" and line.get("from") else line.get("to", ())
                )
                yield f"{field} {number}", theirs, [mailbox_of(a) for a in listed]
        if "Date" in stated:
            moment = parsedate_to_datetime(stated["Date"])
            yield f"datum {number}", moment.isoformat(), line.get("date")
        own = [a["media_type"] for a in line.get("attachments", ())]
        yield f"bijlagen {number}", _files_of(types), [t for t in own if not t.startswith("text/")]


def _files_of(types: Sequence[str]) -> list[str]:
    """From the indented tree of one message: its leaves that are no text, none of inner messages."""
    found: list[str] = []
    skip: int | None = None
    for line in types:
        depth, name = len(line) - len(line.lstrip()), line.split(": ")[1].casefold()
        if skip is not None and depth > skip:
            continue
        skip = depth if name == "message/rfc822" else None
        if not name.startswith(("text/", "multipart/")):
            found.append(name)
    return found
