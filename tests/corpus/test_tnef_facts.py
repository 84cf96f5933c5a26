"""Every TNEF file of the corpus, alone and inside mail: names and bytes as the peers took them out."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

import pytest

from archiver.intake import content, eml, registry, tnef
from archiver.intake.identify import head_of
from archiver.intake.protocol import ParseContext
from archiver.ledger import all_attachments, count
from archiver.model import EmailMessage
from tests.corpus.msg_deviations import LIST, listed, row_of
from tests.corpus.msg_facts import Fact
from tests.corpus.tnef_facts import contents, facts, opened
from tests.helpers.shared import SHARED

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(SHARED is None, reason="*** CORPUS ABSENT: TNEF was NOT checked ***"),
]
STORAGE_IID = bytes.fromhex("0b00000000000000c000000000000046")


def corpus() -> Path:
    assert SHARED is not None
    return SHARED / "corpus" / "email"


@lru_cache(maxsize=1)
def all_facts() -> tuple[Fact, ...]:
    return tuple(facts(corpus()))


def test_every_disagreement_is_listed_with_its_reason_and_no_other() -> None:
    assert {row_of(f) for f in all_facts() if not f.agrees} == listed("tnef")
    wrong = sum(not f.agrees for f in all_facts())
    assert len(all_facts()) >= 84
    assert f"| {len(all_facts())} | {wrong} |" in LIST.read_text(encoding="utf-8")


def test_every_file_is_chosen_by_content_and_gives_its_parts_back() -> None:
    seen = 0
    for found, _ in opened(corpus()):
        path = corpus() / found.file
        choice = registry.choose(path, head_of(path))
        assert choice is not None
        assert choice.format == "tnef"
        for attachment, data in contents(found):
            assert hashlib.sha256(data).hexdigest() == attachment.sha256
            seen += 1
            if attachment.kind == "message":
                assert attachment.message == tnef.read_message(data)
    assert seen >= 35


def test_an_ole_object_is_what_mimekit_has_behind_the_identifier_of_its_kind() -> None:
    """The disagreement on OLE objects is exactly these 16 bytes, which are no part of the file."""
    shown = 0
    for found, said in opened(corpus()):
        whole = [(said["folder"] / e["name"]).read_bytes() for e in said.get("extracted", [])]
        for attachment, data in contents(found):
            if data.startswith(b"\xd0\xcf\x11\xe0") and STORAGE_IID + data in whole:
                shown += 1
                assert attachment.kind == "file"
    assert shown == 3


def test_winmail_inside_mail_is_opened() -> None:
    found = 0
    for path in sorted(corpus().rglob("*.eml")):
        raw = path.read_bytes()
        if b"tnef" not in raw.lower() and b"winmail" not in raw.lower():
            continue
        for record in eml.parse(path, ParseContext()):
            assert isinstance(record, EmailMessage)
            for attachment in record.attachments:
                if attachment.kind != "tnef":
                    continue
                found += 1
                data = content.part_bytes(raw, attachment.part)
                assert attachment.message is not None, path.name
                for inner in attachment.message.attachments:
                    inside = content.part_bytes(data, inner.part)
                    assert hashlib.sha256(inside).hexdigest() == inner.sha256
                assert count(record).attachments == len(list(all_attachments(record)))
    assert found >= 4
