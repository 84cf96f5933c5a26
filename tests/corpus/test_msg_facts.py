"""Every .msg and .oft of the corpus: facts of the peers, bytes of attachments, nothing lost."""

from __future__ import annotations

import hashlib
import time
import warnings
from collections import Counter
from functools import lru_cache
from pathlib import Path

import olefile
import pytest

from archiver.intake import content, mapi, msg, registry, rtf
from archiver.intake.identify import head_of
from archiver.ledger import all_attachments, count
from archiver.model import EmailMessage
from tests.corpus.msg_deviations import LIST, listed, row_of
from tests.corpus.msg_facts import Fact, facts, read
from tests.helpers.shared import SHARED

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(SHARED is None, reason="*** CORPUS ABSENT: .msg was NOT checked ***"),
]
ESSENTIAL = ("onderwerp", "afzender", "datum", "naam", "namen", "grootte")


def corpus() -> Path:
    assert SHARED is not None
    return SHARED / "corpus" / "email"


@lru_cache(maxsize=1)
def files() -> tuple[Path, ...]:
    return tuple(sorted([*(corpus() / "msg").rglob("*.msg"), *(corpus() / "oft").rglob("*.oft")]))


@lru_cache(maxsize=1)
def all_facts() -> tuple[Fact, ...]:
    return tuple(facts(corpus()))


def test_every_disagreement_is_listed_with_its_reason_and_no_other() -> None:
    assert {row_of(f) for f in all_facts() if not f.agrees} == listed("msg")


def test_at_least_98_percent_of_the_facts_agree() -> None:
    essential = [f for f in all_facts() if set(f.what.split()) & set(ESSENTIAL)]
    for chosen, least in ((list(all_facts()), 650), (essential, 250)):
        assert len(chosen) >= least
        wrong = sum(not f.agrees for f in chosen)
        assert 100 * wrong / len(chosen) <= 2
        assert f"| {len(chosen)} | {wrong} |" in LIST.read_text(encoding="utf-8")


def test_every_file_is_chosen_by_content_and_gives_one_message() -> None:
    assert len(files()) == 87
    for path in files():
        choice = registry.choose(path, head_of(path))
        assert choice is not None
        assert choice.format == "msg", path.name
        read(path)


def test_every_attachment_stream_is_in_the_record_once_with_every_byte() -> None:
    """The oracle is olefile: all data streams and attached items anywhere in the file."""
    seen = 0
    for path in files():
        streams: Counter[str] = Counter()
        items = 0
        with olefile.OleFileIO(path) as ole:
            for entry in ole.listdir(streams=True, storages=True):
                if entry[-1].lower() == "__substg1.0_37010102":
                    streams[hashlib.sha256(ole.openstream(entry).read()).hexdigest()] += 1
                in_item = [*entry, "__properties_version1.0"]
                items += entry[-1].lower() == "__substg1.0_3701000d" and ole.exists(in_item)
        record = read(path)
        ours = Counter(
            a.sha256
            for message in in_outlook(record)
            for a in message.attachments
            if a.media_type not in ("application/vnd.ms-outlook", "application/x-ole-storage")
        )
        assert ours == streams, path.name
        derived = sum(
            a.media_type == "application/vnd.ms-outlook"
            for message in in_outlook(record)
            for a in message.attachments
        )
        assert derived == items, path.name
        seen += sum(streams.values()) + items
    assert seen >= 89


def in_outlook(record: EmailMessage) -> list[EmailMessage]:
    """Give the record and the items attached to it as items, not as mail inside a file."""
    found = [record]
    for message in found:
        found += [a.message for a in message.attachments if a.message and a.message.format == "msg"]
    return found


def test_attachments_are_those_of_extract_msg() -> None:
    import extract_msg
    from extract_msg.enums import ErrorBehavior

    compared = 0
    for path in files():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            opened = extract_msg.openMsg(str(path), errorBehavior=ErrorBehavior.SUPPRESS_ALL)
            theirs = [a.data for a in getattr(opened, "rawAttachments", opened.attachments)]
            opened.close()
        record = read(path)
        assert len(theirs) == len(record.attachments), path.name
        for data, attachment in zip(theirs, record.attachments, strict=True):
            if isinstance(data, bytes):
                assert hashlib.sha256(data).hexdigest() == attachment.sha256, path.name
                compared += 1
    assert compared >= 48


def test_every_part_comes_back_at_every_depth_and_reads_the_same() -> None:
    parts = 0
    for path in files():
        raw = path.read_bytes()
        waiting = [(raw, read(path))]
        while waiting:
            data, message = waiting.pop()
            for attachment in message.attachments:
                inside = content.part_bytes(data, attachment.part)
                assert hashlib.sha256(inside).hexdigest() == attachment.sha256, path.name
                parts += 1
                if attachment.message is None:
                    continue
                waiting.append((inside, attachment.message))
                if attachment.message.format == "msg":
                    assert msg.read_message(inside) == attachment.message, path.name
        assert count(read(path)).attachments == len(list(all_attachments(read(path))))
    assert parts >= 90


def test_every_item_has_text_within_seconds() -> None:
    empty = set()
    for path in files():
        raw = path.read_bytes()
        begin = time.monotonic()
        text = content.readable(raw).plain
        assert time.monotonic() - begin < 10, path.name
        if not text.strip():
            empty.add(path.name)
            # Then the item is a mail and its body is white space or absent, in every form it has.
            record = read(path)
            assert record.item_class == "IPM.Note", path.name
            assert record.body.text_length < 10, path.name
    assert len(empty) == 10


def bare(html: str) -> str:
    return "".join(html.replace("&nbsp;", "").split())


def test_html_inside_rtf_is_the_same_as_rtfde_makes_it() -> None:
    """White space apart: RTFDE ends a line with one character and writes a hard space as &nbsp;."""
    from RTFDE.deencapsulate import DeEncapsulator
    from RTFDE.exceptions import MalformedEncapsulatedRtf

    compared = 0
    unread = []
    for path in files():
        packed = msg._open(path.read_bytes(), None).properties.binary(mapi.RTF)
        plain = rtf.decompress(packed or b"")
        if b"\\fromhtml" not in plain[:1024] or len(plain) > 30_000:
            continue
        theirs = DeEncapsulator(plain)
        try:
            theirs.deencapsulate()
        except (MalformedEncapsulatedRtf, ValueError):  # invented files that it cannot read
            unread.append(path.name)
            continue
        ours = rtf.convert(plain).html or ""
        assert bare(ours) == bare(theirs.html.decode()), path.name
        compared += 1
    assert compared >= 10
    assert unread == ["MsgHeaders.msg", "New-Draft.msg"]


def test_mutations_of_real_files_never_stop_the_reader() -> None:
    import random

    chance = random.Random(20261126)  # a fixed seed: the same mutations every time
    small = [p for p in files() if p.stat().st_size < 60_000]
    for path in small:
        raw = path.read_bytes()
        for _ in range(12):
            changed = bytearray(raw)
            for _ in range(chance.randint(1, 40)):
                changed[chance.randrange(8, len(changed))] = chance.randrange(256)
            if chance.random() < 0.3:
                del changed[chance.randrange(512, len(changed)) :]
            record = msg.read_message(bytes(changed))
            for attachment in record.attachments:
                content.part_bytes(bytes(changed), attachment.part)
