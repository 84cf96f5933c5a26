"""What other projects' own tests say about the e-mail corpus, laid beside what `inspect` says.

The facts come from MANIFEST.csv and the expected files beside the messages; none is made up here. A
fact whose form differs but whose meaning does not is brought to one form first (`_DIFFERENT_FORM`
below says which). Run as a module it prints the disagreements as rows for docs/afwijkingen.md.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from archiver.intake.body_text import text_parts
from archiver.intake.mbox import slots
from archiver.progress import Silent
from archiver.services.inspect import inspect

_DIFFERENT_FORM = """
Message ids are compared without angle brackets: one peer strips them, we keep them.
An absent name or address is "" for one peer and null for us.
The text is compared by its hash; CRLF and LF are the same, no text is the hash of nothing.
A folded header line is compared unfolded, with white space made one blank.
Dates of tika are in UTC: the moments are compared. Of all others the offset counts too.
"""
Line = Mapping[str, Any]


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
    for row in rows:
        file = row["file"]
        peer = file.split("/")[1]
        stated = json.loads(row["facts_json"] or "{}")
        ours = lines[file]
        if peer == "imap_tools":
            pairs = _imap_tools(stated, (corpus / file).read_bytes(), ours[0])
        elif peer == "stalwart":
            expected = json.loads((corpus / row["expected_files"]).read_text(encoding="utf-8"))
            pairs = _stalwart(expected, (corpus / file).read_bytes(), ours[0])
        elif row["format"] == "mbox":
            pairs = _mailbox(stated, corpus / file, row["expected_files"].split(";"), ours)
        else:
            pairs = _tika(stated, ours[0])
        found += [Fact(file, what, _text(theirs), _text(own)) for what, theirs, own in pairs]
    return found


Pairs = Iterator[tuple[str, object, object]]


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
    yield "datum", stated["date"], line.get("date")
    yield "datumregel", _unfolded(stated["date_header"]), _unfolded(line.get("date_raw") or "")
    yield "tekst", stated["text_sha256"], _text_like(stated["text_sha256"], raw, line)
    if "message_id" in stated:
        yield "bericht-id", _bare(stated["message_id"]), _bare(line.get("message_id"))
    theirs = [
        {"naam": a["name"], "type": a["type"], "grootte": a["size"], "sha256": a["sha256"]}
        for a in stated["attachments"]
    ]
    yield from _attachments(theirs, line)


def _stalwart(expected: Mapping[str, Any], raw: bytes, line: Line) -> Pairs:
    parts = expected["parts"]
    top = {h["name"]: h["value"] for h in parts[0]["headers"] if isinstance(h["name"], str)}
    if "Text" in top.get("subject", {}):
        yield "onderwerp", top["subject"]["Text"], line.get("subject")
    if senders := _mailboxes(top.get("from", {})):
        yield "afzender", senders[0], _mailbox_of(line.get("from") or {})
    for field in ("to", "cc", "bcc"):
        if listed := _mailboxes(top.get(field, {})):
            yield field, listed, [_mailbox_of(a) for a in line.get(field, ())]
    if "DateTime" in top.get("date", {}):
        yield "datum", _moment(top["date"]["DateTime"]), line.get("date")
    if "Text" in top.get("message_id", {}):
        yield "bericht-id", top["message_id"]["Text"], _bare(line.get("message_id"))
    texts = [parts[n]["body"] for n in expected["text_body"] if n not in expected["attachments"]]
    if texts and all("Text" in body for body in texts):
        whole = _sha256("".join(body["Text"] for body in texts))
        yield "tekst", whole, _text_like(whole, raw, line)
    theirs = [_stalwart_part(parts[n], raw) for n in expected["attachments"]]
    yield from _attachments(theirs, line)


def _stalwart_part(part: Mapping[str, Any], raw: bytes) -> dict[str, object]:
    named: dict[str, str] = {}
    found: dict[str, object] = {}
    for header in part["headers"]:
        value = header["value"].get("ContentType") if isinstance(header["value"], dict) else None
        if value is None:
            continue
        wanted = {"content_disposition": "filename", "content_type": "name"}.get(header["name"])
        for attribute in value["attributes"] or ():
            if attribute["name"] == wanted:
                named[attribute["name"]] = attribute["value"]
        if header["name"] == "content_type" and value["c_subtype"]:
            found["type"] = f"{value['c_type']}/{value['c_subtype']}".casefold()
    found["naam"] = named.get("filename") or named.get("name") or ""
    ((kind, body),) = part["body"].items()
    if kind in ("Binary", "InlineBinary"):
        data = bytes(body)
        found |= {"grootte": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    elif kind == "Message" and "content_transfer_encoding" not in [
        h["name"] for h in part["headers"]
    ]:
        data = raw[part["offset_body"] : part["offset_end"]]
        found |= {"grootte": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    return found


def _tika(stated: Mapping[str, Any], line: Line) -> Pairs:
    sender = line.get("from") or {}
    if "subject" in stated:
        yield "onderwerp", stated["subject"], line.get("subject")
    if isinstance(stated.get("from"), list):
        yield "afzender", stated["from"][0], _mailbox_of(sender)
    elif "from" in stated:
        yield "afzender", stated["from"], sender.get("name") or sender.get("address")
    if "from_name_test" in stated:
        yield "naam afzender", stated["from_name_test"], sender.get("name")
    if "to_list" in stated:
        yield "to", stated["to_list"], [a["address"] or a["name"] for a in line["to"]]
    if "date" in stated:
        yield "datum", _utc(stated["date"]), _utc(line.get("date"))
    if "date_prefix" in stated:
        size = len(stated["date_prefix"])
        yield "datum (begin)", stated["date_prefix"], (line.get("date") or "")[:size]
    if "n_attachments" in stated:
        yield "aantal bijlagen", stated["n_attachments"], len(line["attachments"])
    if "attachment_names" in stated:
        names = [a["name"] for a in line["attachments"] if a["name"]]
        yield from _names(stated["attachment_names"], names)
    if "inner_subject" in stated:
        # For them the mailbox is the outer document; for us a line is a message in it.
        yield "onderwerp", stated["inner_subject"], line.get("subject")


def _mailbox(
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
        yield "datum", _utc(stated["date"]), _utc(first.get("date"))
    if "attachment_names" in stated:
        names = [a["name"] for line in lines for a in line["attachments"] if a["name"]]
        yield from _names(stated["attachment_names"], names)
    for name in expected:
        if name.endswith("offsets.json"):
            yield from _offsets(path, path.parent / Path(name).name)


def _names(theirs: Sequence[str], own: Sequence[str]) -> Pairs:
    """Their tests look whether a name is there, not whether it is the only one."""
    for number, name in enumerate(theirs):
        yield f"bijlage {number} naam", name, name if name in own else ", ".join(own)


def _offsets(path: Path, expected: Path) -> Pairs:
    own = list(slots(path.read_bytes()))
    for number, theirs in enumerate(json.loads(expected.read_text(encoding="utf-8"))):
        slot = own[number] if number < len(own) else None
        yield f"plaats {number} scheidingsregel", theirs["mboxMarkerOffset"], slot and slot.separator
        yield f"plaats {number} begin", theirs["beginOffset"], slot and slot.start
        yield f"plaats {number} eind", theirs["endOffset"], slot and slot.end


def _attachments(theirs: list[dict[str, object]], line: Line) -> Pairs:
    own = [
        {"naam": a["name"], "type": a["media_type"], "grootte": a["size"], "sha256": a["sha256"]}
        for a in line.get("attachments", ())
    ]
    yield "aantal bijlagen", len(theirs), len(own)
    for number, one in enumerate(theirs):
        match = _same(one, own)
        if match is not None:
            own.remove(match)
        for key, value in one.items():
            yield f"bijlage {number} {key}", value, match and match[key]


def _same(one: Mapping[str, object], own: list[dict[str, Any]]) -> dict[str, Any] | None:
    for key in ("sha256", "naam"):
        for candidate in own:
            if one.get(key) and candidate[key] == one[key]:
                return candidate
    return own[0] if own else None


def _mailboxes(value: Mapping[str, Any]) -> list[list[str]]:
    found = value.get("Address") or {}
    listed = found.get("List") or [a for g in found.get("Group") or () for a in g["addresses"]]
    return [_mailbox_of(a) for a in listed]


def _mailbox_of(address: Mapping[str, Any]) -> list[str]:
    return [address.get("name") or "", address.get("address") or ""]


def _text_like(theirs: str, raw: bytes, line: Line) -> str:
    """Give the hash of our text; of the same text with the other line ends when that is theirs."""
    if line.get("format") == "mbox":
        slot = next(slots(raw))
        raw = raw[slot.start : slot.end]
    text = "".join(text_parts(raw)[0])
    assert line.get("body") is None or line["body"]["text_sha256"] in (None, _sha256(text))
    plain = text.replace("\r\n", "\n")
    for form in (plain, plain.replace("\n", "\r\n")):
        if _sha256(form) == theirs:
            return theirs
    return _sha256(text)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _unfolded(text: str) -> str:
    return " ".join(text.split())


def _bare(text: str | None) -> str:
    return (text or "").strip().strip("<>")


def _moment(parts: Mapping[str, Any]) -> str:
    sign = "-" if parts["tz_before_gmt"] else "+"
    return (
        f"{parts['year']:04}-{parts['month']:02}-{parts['day']:02}T{parts['hour']:02}"
        f":{parts['minute']:02}:{parts['second']:02}"
        f"{sign}{parts['tz_hour']:02}:{parts['tz_minute']:02}"
    )


def _utc(text: str | None) -> str:
    if text is None:
        return ""
    moment = datetime.fromisoformat(text)
    return str(moment.timestamp()) if moment.tzinfo else text


if __name__ == "__main__":
    from tests.helpers.shared import SHARED

    assert SHARED is not None
    all_facts = facts(SHARED / "corpus" / "email")
    for fact in all_facts:
        if not fact.agrees:
            print(fact.file, "|", fact.what, "|", fact.theirs[:120], "|", fact.ours[:120])
    wrong = sum(not f.agrees for f in all_facts)
    print(len(all_facts), wrong, f"{100 - 100 * wrong / len(all_facts):.2f} %")
