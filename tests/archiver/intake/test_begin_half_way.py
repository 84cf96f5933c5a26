"""A reader that begins half way gives exactly the records that it gave there before, and reads no more."""

from __future__ import annotations

import hashlib
import mmap
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.intake import mbox, pst, worker
from archiver.intake.pool import Comparing, Parsed, Started, read_sources
from archiver.intake.protocol import ParseContext, Resume, Start
from archiver.model import EmailMessage, Identification, Record, Unreadable
from archiver.progress import Silent
from tests.helpers import mailboxes
from tests.helpers.messages import mail

FROM = b"From joris@veldermeer.example Tue Nov 17 14:52:00 2026"


def starts(records: list[Record]) -> Iterator[Start]:
    for record in records:
        assert isinstance(record, EmailMessage | Unreadable)
        assert record.span is not None
        yield Start(record.index + 1, record.span.end)


def dialects() -> dict[str, bytes]:
    """Blank lines between the messages or not, CRLF or LF, lengths that are believed, an open end."""
    unix = [mail(f"B {n}", number=n, text="a\r\n" * n).replace(b"\r\n", b"\n") for n in range(8)]
    empty = [*unix[:3], b"\n", *unix[3:]]
    counted = []
    for one in unix:
        head, _, body = one.partition(b"\n\n")
        body += b"\nFrom here on it is text\n\nFrom x Tue Nov 17 14:52:00 2026\nA: b\n"
        counted.append(head + b"\nContent-Length: %d\n\n" % len(body) + body)
    return {
        "lf": b"".join(FROM + b"\n" + one + b"\n" for one in empty),
        "crlf": b"".join(FROM + b"\r\n" + one.replace(b"\n", b"\r\n") + b"\r\n" for one in unix),
        "geen witregel": b"".join(FROM + b"\n" + one for one in unix),
        "lengtes": b"".join(FROM + b"\n" + one + b"\n\n\n" for one in counted),
        "open einde": b"".join(FROM + b"\n" + one + b"\n" for one in unix).rstrip(b"\n"),
        "begin met witregels": b"\n\n" + b"".join(FROM + b"\n" + one + b"\n" for one in unix),
    }


@pytest.mark.parametrize("dialect", list(dialects()))
def test_a_mailbox_from_every_message_on(tmp_path: Path, dialect: str) -> None:
    box = tmp_path / "a.mbox"
    box.write_bytes(dialects()[dialect])
    whole = list(mbox.parse(box, ParseContext()))
    assert len(whole) >= 8
    for start in starts(whole):
        assert list(mbox.parse(box, ParseContext(start=start))) == whole[start.index :]


def test_a_mailbox_is_not_looked_at_before_its_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = tmp_path / "a.mbox"
    box.write_bytes(dialects()["lf"])
    whole = list(mbox.parse(box, ParseContext()))
    looked: list[int] = []

    def noted(data: mmap.mmap, position: int = 0) -> Iterator[mbox.Slot]:
        looked.append(position)
        return slots(data, position)

    slots = mbox.slots
    monkeypatch.setattr(mbox, "slots", noted)
    start = list(starts(whole))[5]
    list(mbox.parse(box, ParseContext(start=start)))
    assert looked == [start.byte]


def test_a_start_where_no_message_follows_is_not_believed(tmp_path: Path) -> None:
    box = tmp_path / "a.mbox"
    box.write_bytes(dialects()["lf"])
    whole = list(mbox.parse(box, ParseContext()))
    for byte in (0, 60, 10**9):
        assert list(mbox.parse(box, ParseContext(start=Start(3, byte)))) == whole


def test_a_store_from_every_item_on_reads_only_what_follows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = mailboxes.pst(tmp_path / "a.pst", {"Een": 7, "Twee": 5})
    whole = list(pst.parse(box, ParseContext()))
    derived: list[int] = []
    derive = pst.derive

    def counting(store: pst.Store, node: pst.Node, limits: pst.Limits) -> object:
        derived.append(node.nid)
        return derive(store, node, limits)

    monkeypatch.setattr(pst, "derive", counting)
    for start in starts(whole):
        derived.clear()
        assert list(pst.parse(box, ParseContext(start=start))) == whole[start.index :]
        assert len(derived) == len(whole) - start.index


def test_only_equal_bytes_let_a_reader_begin_half_way(tmp_path: Path) -> None:
    box = tmp_path / "a.mbox"
    box.write_bytes(dialects()["lf"])
    raw = box.read_bytes()
    sha256 = hashlib.sha256(raw).hexdigest()
    start = list(starts(list(mbox.parse(box, ParseContext()))))[4]
    right, wrong = Resume(sha256, len(raw), start), Resume("0" * 64, len(raw), start)
    for resume, first in (([wrong, right], 5), ([wrong], 0), ([Resume(sha256, 7, start)], 0)):
        parts = list(worker.read_source(box, ParseContext(), lambda: None, resume=resume))
        kinds = [type(part) for part in parts]
        known = worker.GoesOn in kinds
        assert known == (first > 0)
        if known:
            assert kinds.index(worker.GoesOn) < kinds.index(Identification), "said before it begins"
        records = [p for p in parts if isinstance(p, EmailMessage | Unreadable)]
        assert records[0].index == first
        outcome = parts[-1]
        assert isinstance(outcome, worker.Outcome)
        assert (outcome.sha256, outcome.size) == (sha256, len(raw)), "hashed again after reading"


def test_a_child_says_that_it_goes_on_and_how_far_the_comparison_is(tmp_path: Path) -> None:
    box = tmp_path / "a.mbox"
    box.write_bytes(dialects()["lf"])
    raw = box.read_bytes()
    start = list(starts(list(mbox.parse(box, ParseContext()))))[4]
    known = [Resume(hashlib.sha256(raw).hexdigest(), len(raw), start)]
    events = list(read_sources([box], ParseContext(), Silent(), before=lambda path: known))
    assert events[0] == Comparing(box, len(raw), len(raw))
    started = events[1]
    assert isinstance(started, Started)
    assert started.goes_on is not None
    assert started.goes_on.sha256 == known[0].sha256
    assert started.goes_on.changed_ns == box.stat().st_mtime_ns
    given = [e.record.index for e in events if isinstance(e, Parsed)]
    assert given == [5, 6, 7, 8]
