from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from archiver.findings import Finding
from archiver.intake import worker
from archiver.intake.protocol import Limits, ParseContext
from archiver.intake.worker import Outcome, read_source
from archiver.model import EmailMessage, Identification, Ledger
from archiver.wire import load

HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def _fake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(HERE)


def read(path: Path) -> tuple[list[object], Outcome]:
    *parts, outcome = read_source(path, ParseContext(), lambda: None, ["fake_parser"])
    assert isinstance(outcome, Outcome)
    return parts, outcome


def nep(folder: Path, text: str) -> Path:
    path = folder / "a.nep"
    path.write_text(f"NEP {text}")
    return path


def test_a_source_gives_identification_records_and_outcome(tmp_path: Path) -> None:
    path = nep(tmp_path, "ok 3")
    parts, outcome = read(path)
    assert isinstance(parts[0], Identification)
    assert [type(p) for p in parts[1:]] == [EmailMessage] * 3
    assert outcome == Outcome(
        hashlib.sha256(path.read_bytes()).hexdigest(),
        path.stat().st_size,
        Ledger(messages=3, parts=3),
        (),
    )


@pytest.mark.parametrize(
    ("command", "kind"), [("raise", "ValueError"), ("recurse", "RecursionError")]
)
def test_a_parser_that_fails_is_a_finding_with_the_type_and_nothing_of_the_content(
    tmp_path: Path, command: str, kind: str
) -> None:
    path = nep(tmp_path, f"{command} 2")
    parts, outcome = read(path)
    assert len(parts) == 3
    assert [f.code for f in outcome.findings] == ["bestand.half_gelezen"]
    assert outcome.findings[0].params == {"bestand": "a.nep", "soort": kind}
    assert "geheim" not in json.dumps(worker.outcome_json(outcome))
    assert outcome.ledger == Ledger(messages=2, parts=2, refused=1)
    assert outcome.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_file_that_changes_while_it_is_read_is_a_finding(tmp_path: Path) -> None:
    _, outcome = read(nep(tmp_path, "grow 1"))
    assert [f.code for f in outcome.findings] == ["bestand.veranderde_tijdens_lezen"]


def test_a_vanished_file_and_a_closed_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts, outcome = read(tmp_path / "weg.eml")
    assert parts == []
    assert (outcome.sha256, [f.code for f in outcome.findings]) == (None, ["bestand.verdwenen"])

    def closed(path: Path) -> None:
        raise PermissionError(13, "nee")

    monkeypatch.setattr(worker, "head_of", closed)
    _, outcome = read(nep(tmp_path, "ok 1"))
    assert [f.code for f in outcome.findings] == ["bestand.geen_toegang"]


def test_hashing_is_streamed_and_tells_that_it_lives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "groot"
    with path.open("wb") as stream:
        stream.truncate(5 * 1024 * 1024)
    ticks = iter(range(0, 1000, 2))
    monkeypatch.setattr(worker.time, "monotonic", lambda: float(next(ticks)))
    told: list[int] = []
    assert worker.hash_file(path, lambda: told.append(1)) == (
        hashlib.sha256(bytes(5 * 1024 * 1024)).hexdigest(),
        5 * 1024 * 1024,
    )
    assert len(told) == 5


def test_identification_and_outcome_survive_the_wire() -> None:
    finding = Finding("bestand.leeg", {"bestand": "x"}, "x")
    found = Identification("eml", "message/rfc822", None, None, "inlezen", (finding,))
    outcome = Outcome("0" * 64, 3, Ledger(1, 2, 3, 4, 5, 6), (finding,))
    through = json.loads(json.dumps(worker.identification_json(found)))
    assert worker.identification_from(through) == found
    assert worker.outcome_from(json.loads(json.dumps(worker.outcome_json(outcome)))) == outcome


def test_the_process_speaks_json_lines_and_nothing_else(tmp_path: Path) -> None:
    requests = ""
    for name, text in (("a.nep", "print 1"), ("b.nep", "ok 130")):
        (tmp_path / name).write_text(f"NEP {text}")
        requests += (
            json.dumps(
                {
                    "path": str(tmp_path / name),
                    "answers": {},
                    "limits": asdict(Limits()),
                    "messages": True,
                }
            )
            + "\n"
        )
    done = subprocess.run(
        [sys.executable, str(HERE / "fake_worker.py")],
        input=requests,
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"PYTHONPATH": str(HERE.parents[2])},
        check=True,
    )
    lines = iter(done.stdout.encode().splitlines())
    answers, records = [], []
    for line in lines:
        answers.append(json.loads(line))
        records += [load(next(lines)) for _ in range(answers[-1].get("records", 0))]
    assert done.stderr == ""
    assert [next(iter(a)) for a in answers][:3] == ["identification", "records", "done"]
    assert len(records) == 131
    assert answers[-1]["done"]["ledger"]["messages"] == 130
