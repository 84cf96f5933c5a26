"""What other projects' own tests say about the e-mail corpus, laid beside what `inspect` says.

The facts come from MANIFEST.csv and the expected files beside the messages; none is made up here. A
fact whose form differs but whose meaning does not is brought to one form first (`tests.corpus.forms`
says which). Run as a module it prints the disagreements as rows for docs/afwijkingen.md.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path
from typing import Any

from archiver.intake.mime import part_bytes
from archiver.progress import Silent
from archiver.services.inspect import inspect
from tests.corpus.forms import Line, Pairs, attachments, bare, row, text_like
from tests.corpus.mailbox_facts import mailbox, tika
from tests.corpus.stalwart_facts import stalwart


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing a peer's test states, and what we say; both in the same form."""

    file: str
    what: str
    theirs: str
    ours: str

    @property
    def agrees(self) -> bool:
        """Tell whether both say the same."""
        return self.theirs == self.ours


def facts(corpus: Path) -> list[Fact]:
    """Give every fact about the .eml and .mbox files; `corpus` is the folder with MANIFEST.csv."""
    csv.field_size_limit(1 << 30)
    with (corpus / "MANIFEST.csv").open(encoding="utf-8", newline="") as stream:
        rows = [r for r in csv.DictReader(stream) if r["format"] in ("eml", "mbox")]
    rows = [r for r in rows if r["facts_json"] or r["expected_files"]]
    lines: dict[str, list[Line]] = defaultdict(list)
    for line in inspect(tuple(corpus / r["file"] for r in rows), Silent()):
        lines[Path(line["path"]).relative_to(corpus).as_posix()].append(line)
    found: list[Fact] = []
    for listed in rows:
        file = listed["file"]
        peer = file.split("/")[1]
        stated = json.loads(listed["facts_json"] or "{}")
        ours = lines[file]
        if peer == "imap_tools":
            pairs = _imap_tools(stated, (corpus / file).read_bytes(), ours[0])
        elif peer == "stalwart":
            expected = json.loads((corpus / listed["expected_files"]).read_text(encoding="utf-8"))
            pairs = stalwart(expected, (corpus / file).read_bytes(), ours[0])
        elif listed["format"] == "mbox":
            pairs = mailbox(stated, corpus / file, listed["expected_files"].split(";"), ours)
        else:
            pairs = tika(stated, ours[0])
        found += [Fact(file, what, _text(theirs), _text(own)) for what, theirs, own in pairs]
    return found


def _text(value: object) -> str:
    if value is None or value == "" or value == []:
        return "-"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _imap_tools(stated: Mapping[str, Any], raw: bytes, line: Line) -> Pairs:
    sender = line.get("from") or {}
    yield "onderwerp", stated["subject"], line.get("subject")
    yield "afzender", stated["from"], sender.get("address")
    yield "naam afzender", stated["from_name"], sender.get("name")
    for field in ("to", "cc", "bcc"):
        yield field, stated[field], [a["address"] or "" for a in line.get(field, ())]
    yield "datum", stated["date"], line.get("date") or line.get("date_local")
    yield "datumregel", _unfolded(stated["date_header"]), _unfolded(line.get("date_raw") or "")
    yield "tekst", stated["text_sha256"], text_like(stated["text_sha256"], raw, line, walk=True)
    if "message_id" in stated:
        yield "bericht-id", bare(stated["message_id"]), bare(line.get("message_id"))
    theirs = [
        {"naam": a["name"], "type": a["type"], "grootte": a["size"], "sha256": a["sha256"]}
        for a in stated["attachments"]
    ]
    yield from attachments(theirs, list(_walked(line, raw, stated["attachments"])))


def _walked(
    line: Line, raw: bytes, theirs: Sequence[Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Count as imap_tools does: what has a name or is a message, also inside attached messages."""
    hashes = {a["sha256"] for a in theirs}
    for attachment in line.get("attachments", ()):
        data = part_bytes(raw, attachment["part"])
        if attachment["kind"] == "message":
            # Their library writes a message anew: so does this, from our bytes, when that is theirs.
            anew = message_from_bytes(data).as_bytes()
            form = anew if hashlib.sha256(anew).hexdigest() in hashes else data
            yield row(attachment, form)
        elif attachment["name"] or attachment["inline"]:
            yield row(attachment)
        yield from _walked(attachment.get("message", {}), data, theirs)


def _unfolded(text: str) -> str:
    return " ".join(text.split())
