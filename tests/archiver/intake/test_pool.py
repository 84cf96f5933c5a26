from __future__ import annotations

import hashlib
import sys
import threading
import time
import tracemalloc
from pathlib import Path

import pytest

from archiver.errors import Cancelled
from archiver.intake.pool import Event, Finished, Parsed, Started, read_inline, read_sources
from archiver.intake.protocol import Limits, ParseContext
from archiver.model import Conversation, EmailMessage, Ledger
from archiver.progress import Silent
from archiver.services.answers import KEEP, YES
from tests.helpers import dying_reader

HERE = Path(__file__).parent
FAKE = (sys.executable, str(HERE / "fake_worker.py"))


def nep(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(f"NEP {text}")
    return path


def read(*paths: Path, limits: Limits | None = None, workers: int = 2) -> list[Event]:
    context = ParseContext(limits or Limits())
    return list(read_sources(paths, context, Silent(), workers, FAKE))


def finished(events: list[Event]) -> dict[str, Finished]:
    return {e.path.name: e for e in events if isinstance(e, Finished)}


def test_many_files_over_two_children_come_in_source_order(tmp_path: Path) -> None:
    for n in range(40):
        # The first is by far the longest: the others are ready before it and must wait.
        nep(tmp_path, f"{n:02}.nep", f"ok {5000 if n == 0 else n % 5}")
    events = read(tmp_path)
    names = [e.path.name for e in events if isinstance(e, Finished)]
    assert names == [f"{n:02}.nep" for n in range(40)]
    current = None
    for event in events:
        if isinstance(event, Started):
            assert current is None
            current = event.path
        else:
            assert event.path == current
            if isinstance(event, Finished):
                current = None
    records = [e.record for e in events if isinstance(e, Parsed) and e.path.name == "00.nep"]
    assert [r.index for r in records if isinstance(r, EmailMessage)] == list(range(5000))
    done = finished(events)["00.nep"]
    assert done.ledger == Ledger(messages=5000, parts=5000)
    assert done.sha256 == hashlib.sha256((tmp_path / "00.nep").read_bytes()).hexdigest()
    assert done.findings == ()


@pytest.mark.parametrize("crash", ["kill", "segfault"])
def test_a_child_that_dies_costs_its_file_a_finding_and_nothing_else(
    tmp_path: Path, crash: str
) -> None:
    bad = nep(tmp_path, "a.nep", f"{crash} 100")
    nep(tmp_path, "b.nep", "ok 2")
    events = read(tmp_path)
    done = finished(events)
    assert [f.code for f in done["a.nep"].findings] == ["bestand.half_gelezen"]
    assert done["a.nep"].findings[0].params == {"bestand": "a.nep", "soort": "afgebroken"}
    assert done["a.nep"].sha256 == hashlib.sha256(bad.read_bytes()).hexdigest()
    assert done["a.nep"].ledger.refused == 1
    # What was given before the crash is in the ledger, no more and no less.
    given = sum(isinstance(e, Parsed) and e.path.name == "a.nep" for e in events)
    assert given > 0
    assert done["a.nep"].ledger.messages == given
    assert done["b.nep"].findings == ()
    assert done["b.nep"].ledger == Ledger(messages=2, parts=2)


@pytest.mark.parametrize("hang", ["loop", "sleep"])
def test_a_child_that_is_silent_is_killed(tmp_path: Path, hang: str) -> None:
    nep(tmp_path, "a.nep", f"{hang} 1")
    nep(tmp_path, "b.nep", "ok 1")
    started = time.monotonic()
    done = finished(read(tmp_path, limits=Limits(seconds=2)))
    assert time.monotonic() - started < 20
    assert [f.code for f in done["a.nep"].findings] == ["bestand.lezer_gestopt"]
    assert done["b.nep"].findings == ()


def test_a_parser_that_eats_memory_is_stopped(tmp_path: Path) -> None:
    nep(tmp_path, "a.nep", "memory 1")
    nep(tmp_path, "b.nep", "ok 1")
    done = finished(read(tmp_path, limits=Limits(memory_bytes=400 * 1024 * 1024)))
    (finding,) = done["a.nep"].findings
    assert (finding.code, finding.params["soort"]) == ("bestand.half_gelezen", "MemoryError")
    assert done["b.nep"].findings == ()


def kept(events: list[Event]) -> Conversation:
    """Check that a file was kept whole and nothing else was said of it."""
    started, parsed, end = events
    assert isinstance(started, Started)
    assert isinstance(parsed, Parsed)
    assert isinstance(end, Finished)
    assert (end.findings, end.ledger) == ((), Ledger())
    assert isinstance(parsed.record, Conversation)
    assert (parsed.record.format, parsed.record.sha256) == ("niet_geduid", end.sha256)
    return parsed.record


@pytest.mark.parametrize("how", ["kill", "segfault", "tijd", "geheugen", "fout"])
def test_a_file_whose_reader_dies_is_kept_whole_when_asked_and_no_reader_starts_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    starts = tmp_path / "keren"
    dying_reader.let_die(monkeypatch, starts)
    path = tmp_path / "a.eml"
    path.write_bytes(b"From: a@b.example\r\nSubject: STERF " + how.encode() + b" 0\r\n\r\nx\r\n")
    limits = Limits(seconds=2)
    (_, end) = read_sources([path], ParseContext(limits), Silent())
    assert isinstance(end, Finished)
    code = "bestand.niet_leesbaar" if how == "fout" else "bestand.lezer_gestopt"
    assert [f.code for f in end.findings] == [code]
    assert dying_reader.starts(starts) == 1
    record = kept(list(read_sources([path], ParseContext(limits, {KEEP: YES}), Silent())))
    assert record.findings[0].params["reden"] == code
    assert dying_reader.starts(starts) == 2
    # Who knows that its reader died, says so: then none is started.
    events = list(read_sources([path], ParseContext(limits, {KEEP: code}), Silent()))
    assert kept(events) == record
    assert isinstance(events[0], Started)
    found = events[0].identification
    assert (found.format, found.media_type) == ("niet_geduid", "message/rfc822")
    assert found.findings == ()
    assert dying_reader.starts(starts) == 2


def test_a_file_is_kept_whole_even_when_nothing_survives_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.eml"
    path.write_bytes(b"x")
    dies = (sys.executable, "-c", "import os; os.abort()")
    context = ParseContext(answers={KEEP: YES})
    kept(list(read_sources([path], context, Silent(), 1, dies)))


def test_a_program_whose_reader_dies_is_never_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dying_reader.let_die(monkeypatch, tmp_path / "keren")
    path = tmp_path / "brief.exe"
    path.write_bytes(b"From: a@b.example\r\nSubject: STERF kill 0\r\n\r\nx\r\n")
    for answer in (YES, "bestand.lezer_gestopt"):
        context = ParseContext(answers={KEEP: answer})
        (_, end) = read_sources([path], context, Silent())
        assert isinstance(end, Finished)
        assert end.findings[0].code == "bestand.programma"


def test_the_bad_input_of_the_issue_each_ends_as_a_finding_and_the_rest_goes_on(
    tmp_path: Path,
) -> None:
    (tmp_path / "a-leeg.eml").touch()
    (tmp_path / "b-lus").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "c-onbekend.bin").write_bytes(b"\x00\x01\x02")
    (tmp_path / "d-half.zip").write_bytes(b"PK\x03\x04half")
    with (tmp_path / "e-groot.bin").open("wb") as stream:
        stream.truncate(2 * 1024**3)
    nep(tmp_path, "f\x07\x1b[2J.nep", "ok 1")
    nep(tmp_path, "g.nep", "raise 1")
    nep(tmp_path, "h.nep", "ok 1")
    events = read(tmp_path, tmp_path / "i-weg.eml")
    found = {e.path.name: [f.code for f in e.findings] for e in events if isinstance(e, Finished)}
    assert found == {
        "a-leeg.eml": ["bestand.leeg"],
        "b-lus": ["bestand.map_lus"],
        "c-onbekend.bin": ["bestand.onbekend_formaat"],
        "d-half.zip": ["bestand.beschadigd"],
        "e-groot.bin": ["bestand.onbekend_formaat"],
        "f\x07\x1b[2J.nep": ["bestand.naam_stuurtekens"],
        "g.nep": ["bestand.half_gelezen"],
        "h.nep": [],
        "i-weg.eml": ["bestand.verdwenen"],
    }
    for event in events:
        if isinstance(event, Finished):
            for finding in event.findings:
                assert finding.params["bestand"]
                assert "\x1b" not in str(finding.params["bestand"])
    assert finished(events)["e-groot.bin"].size == 2 * 1024**3


class _StopAfter(Silent):
    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    def cancelled(self) -> bool:
        return time.monotonic() > self._until


def test_stopping_kills_a_busy_child_at_once(tmp_path: Path) -> None:
    nep(tmp_path, "a.nep", "loop 0")
    started = time.monotonic()
    with pytest.raises(Cancelled):
        list(read_sources([tmp_path], ParseContext(), _StopAfter(1.0), 2, FAKE))
    assert time.monotonic() - started < 3
    assert threading.active_count() == 1


def test_leaving_the_stream_early_leaves_nothing_behind(tmp_path: Path) -> None:
    nep(tmp_path, "a.nep", "sleep 5000")
    stream = read_sources([tmp_path], ParseContext(), Silent(), 2, FAKE)
    assert isinstance(next(stream), Started)
    stream.close()  # type: ignore[attr-defined]
    assert threading.active_count() == 1


def test_a_slow_consumer_keeps_memory_flat(tmp_path: Path) -> None:
    nep(tmp_path, "a.nep", "ok 60000")
    stream = read_sources([tmp_path], ParseContext(), Silent(), 1, FAKE)
    next(stream)
    tracemalloc.start()
    try:
        time.sleep(1.5)  # the reader runs ahead as far as it may
        count = sum(isinstance(e, Parsed) for e in stream)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 60000
    assert peak < 8 * 1024 * 1024


def test_the_same_events_without_children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(HERE)
    nep(tmp_path, "a.nep", "ok 3")
    nep(tmp_path, "b.nep", "raise 1")
    (tmp_path / "c.eml").touch()
    inline = list(read_inline(tmp_path, ParseContext(), ["fake_parser"]))
    assert inline == read(tmp_path)
