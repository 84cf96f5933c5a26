"""`inspect --json` on every .eml and .mbox of the corpus, against the contract of DESIGN section 5."""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from archiver.progress import Silent
from archiver.services.inspect import inspect
from tests.helpers.shared import SHARED

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(SHARED is None, reason="*** CORPUS ABSENT: inspect was NOT checked ***"),
]
# No message by content, whatever the name or the manifest says.
NO_MESSAGE = {
    "eml/deltachat/gmx-quote-body.eml": "only the HTML body of a mail, without any header",
    "eml/enmime/erroneous.raw": "one line that is no header field",
    "eml/tika-misc/testFOXMAIL.box": "a Foxmail folder: a format of its own with binary marks",
    "malformed/spamassassin-spam/bsmtp": "an SMTP dialogue, not a message",
    "malformed/spamassassin-spam/bsmtpnull": "one empty line",
}
KEYS = {
    "kind": str,
    "path": str,
    "index": int,
    "format": str,
    "message_id": (str, None),
    "subject": (str, None),
    "from": (dict, None),
    "to": list,
    "cc": list,
    "bcc": list,
    "date": (str, None),
    "in_reply_to": (str, None),
    "references": list,
    "attachments": list,
    "body": dict,
    "signed": (str, None),
    "encrypted": (str, None),
    "findings": list,
}
# What we tell besides the contract; a key that is in neither list is a mistake.
MORE = {
    "authentication": (str, None),
    "thread_index": (str, None),
    "date_raw": (str, None),
    "date_local": (str, None),
    "folder": (str, None),
    "size": int,
    "sha256": str,
    "labels": list,
    "post": (dict, None),
}
ATTACHMENT = {
    "name": (str, None),
    "media_type": str,
    "size": int,
    "sha256": str,
    "inline": bool,
    "kind": str,
}
ATTACHMENT_MORE = {"part": str, "message": dict}
NO_DATE = {"mail.datum_ontbreekt", "mail.datum_onleesbaar", "mail.tijdzone_ontbreekt"}
KINDS = {"file", "message", "signature", "calendar", "tnef", "report"}
_SHA256 = re.compile(r"[0-9a-f]{64}")
_OFFSET = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d(?::\d\d)?")


@lru_cache(maxsize=1)
def lines() -> dict[str, list[dict[str, Any]]]:
    """Inspect every mail file of the corpus once: file -> lines."""
    assert SHARED is not None
    corpus = SHARED / "corpus" / "email"
    csv.field_size_limit(1 << 30)
    with (corpus / "MANIFEST.csv").open(encoding="utf-8", newline="") as stream:
        rows = [r for r in csv.DictReader(stream) if r["format"] in ("eml", "mbox")]
    found: dict[str, list[dict[str, Any]]] = {r["file"]: [] for r in rows}
    for line in inspect(tuple(corpus / file for file in found), Silent()):
        json.dumps(line)
        found[Path(line["path"]).relative_to(corpus).as_posix()].append(line)
    return found


def messages() -> list[dict[str, Any]]:
    """Give every line of a message, those of attached messages too."""
    found = [line for given in lines().values() for line in given if line["kind"] == "email"]
    for message in found:
        found += [a["message"] for a in message["attachments"] if "message" in a]
    return found


def check(data: Mapping[str, Any], wanted: Mapping[str, Any], more: Mapping[str, Any]) -> None:
    """Fail when a key is absent, unknown or of another type."""
    assert set(wanted) <= set(data), set(wanted) - set(data)
    assert set(data) <= {*wanted, *more}, set(data) - {*wanted, *more}
    for key, kinds in {**wanted, **more}.items():
        if key not in data:
            continue
        allowed = kinds if isinstance(kinds, tuple) else (kinds,)
        if data[key] is None:
            assert None in allowed, key
        else:
            assert type(data[key]) in allowed, (key, data[key])


def test_every_file_gives_lines_and_none_crashes() -> None:
    assert len(lines()) >= 620
    unread = {f for f, given in lines().items() if any(ln["kind"] != "email" for ln in given)}
    assert unread == set(NO_MESSAGE)
    assert all(lines().values())


@pytest.mark.parametrize("file", NO_MESSAGE)
def test_what_is_no_message_says_so(file: str) -> None:
    (line,) = lines()[file]
    assert set(line) == {"kind", "path", "index", "findings"}
    assert line["kind"] == "unreadable"
    assert line["findings"][0]["code"] == "bestand.onbekend_formaat"


def test_keys_and_types_are_those_of_the_contract() -> None:
    for message in messages():
        check(message, KEYS if message["path"] is not None else KEYS | {"path": (None,)}, MORE)
        for part in message["attachments"]:
            check(part, ATTACHMENT, ATTACHMENT_MORE)
        for address in [*message["to"], *message["cc"], *message["bcc"], message["from"] or {}]:
            assert set(address) in (set(), {"name", "address"})
            assert all(v is None or (isinstance(v, str) and v) for v in address.values())
        assert set(message["body"]) == {"text_sha256", "text_length", "has_html"}
        for finding in message["findings"]:
            assert {"code", "params"} <= set(finding)


def test_index_counts_from_zero_in_every_file() -> None:
    for given in lines().values():
        assert [line["index"] for line in given] == list(range(len(given)))
    assert max(len(given) for given in lines().values()) >= 29


def test_dates_are_iso_8601_with_offset_or_null() -> None:
    assert sum(message["date"] is not None for message in messages()) >= 590
    for message in messages():
        codes = {f["code"] for f in message["findings"]}
        if message["date"] is None:
            assert codes & NO_DATE, message["date_raw"]
        else:
            assert _OFFSET.fullmatch(message["date"]), message["date"]
            assert datetime.fromisoformat(message["date"]).tzinfo is not None


def test_hashes_and_sizes_are_hashes_and_sizes() -> None:
    seen: dict[str, set[int]] = defaultdict(set)
    for message in messages():
        assert _SHA256.fullmatch(message["sha256"])
        assert message["size"] > 0 or message["path"] is None
        text = message["body"]["text_sha256"]
        assert text is None or _SHA256.fullmatch(text)
        assert (text is not None) or message["body"]["text_length"] == 0
        for part in message["attachments"]:
            assert _SHA256.fullmatch(part["sha256"])
            assert part["size"] >= 0
            assert part["kind"] in KINDS
            assert re.fullmatch(r"[^/\s]+/[^/\s]+", part["media_type"]), part["media_type"]
            seen[part["sha256"]].add(part["size"])
    assert all(len(sizes) == 1 for sizes in seen.values())


def test_no_attached_message_is_lost() -> None:
    attached = [
        part
        for message in messages()
        for part in message["attachments"]
        if part["kind"] == "message"
    ]
    assert len(attached) >= 60
    assert all("message" in part for part in attached)
    assert all(part["message"]["sha256"] == part["sha256"] for part in attached)
