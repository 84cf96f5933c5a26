"""Choosing from a mailbox on the command line: its folders, a part of it, and later the rest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archiver.intake.pool import Event, Parsed, read_sources
from archiver.services import container_intake, intake, mailbox_intake
from tests.archiver.test_cli import run as run  # the same command line, on the same work folder
from tests.helpers import mailboxes

FOLDERS = {"Postvak IN": 6, "Projecten": 5, "Privé": 4}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    mailboxes.pst(tmp_path / "a.pst", FOLDERS)
    (tmp_path / "los.eml").write_bytes(b"From: a@b.example\r\nSubject: x\r\n\r\nx\r\n")
    return tmp_path


def test_the_folders_of_a_mailbox_are_listed_and_nothing_is_stored(run: Any, folder: Path) -> None:
    code, lines, _ = run("mappen", str(folder / "a.pst"))
    assert code == 0
    assert lines.pop() == {"kind": "postvak", "path": str(folder / "a.pst"), "berichten": 15}
    assert {line["map"]: line["berichten"] for line in lines} == {
        "Postbus/Postvak IN": 6,
        "Postbus/Projecten": 5,
        "Postbus/Privé": 4,
    }
    code, lines, errors = run("mappen", str(folder / "los.eml"))
    assert (code, lines) == (1, [])
    assert "geen postvak" in errors


def test_a_part_of_a_mailbox_and_later_the_rest(run: Any, folder: Path) -> None:
    box = str(folder / "a.pst")
    chosen = ("--map", "Postbus/Projecten", "--van-persoon", "fatma", "--tot", "2023-11-22")
    code, (source, counts), _ = run("neem-op", box, *chosen)
    assert code == 0
    assert source["status"] == "opgenomen"
    assert len(source["items"]) == 1  # numbers 6 to 10; odd ones are of Fatma; until day 8
    assert source["ledger"]["not_chosen"] == 14
    assert counts == {
        "kind": "keuze",
        "opgenomen": 1,
        "eerder": 0,
        "niet_gekozen": 14,
        "geweigerd": 0,
    }
    code, (source, counts), _ = run("neem-op", box, "--map", "Postbus")
    assert (counts["opgenomen"], counts["eerder"]) == (14, 1)
    code, (source,), _ = run("neem-op", box)
    assert source["status"] == "dubbel"
    assert run("verifieer")[0] == 0


def test_labels_of_gmail_count_each_and_a_message_once(run: Any, tmp_path: Path) -> None:
    box = str(mailboxes.gmail(tmp_path / "takeout.mbox"))
    _, (*lines, total), _ = run("mappen", box)
    assert total["berichten"] == 6
    assert {line["map"]: line["berichten"] for line in lines} == {
        "": 1,
        "Inbox": 4,
        "Kunst, cultuur": 1,
        "Privé": 2,
        "Sent": 1,
        "Werk": 1,
        "Werk/Kadebrug": 2,
    }
    chosen = ("--map", "Werk", "--map", "Inbox", "--zonder-map", "Privé")
    code, (source, counts), _ = run("neem-op", box, *chosen)
    assert code == 0
    assert (counts["opgenomen"], counts["niet_gekozen"]) == (3, 3)
    assert source["ledger"]["messages"] == 3
    _, (_, counts), _ = run("neem-op", box, "--map", "Werk", "--map", "Privé")
    assert (counts["opgenomen"], counts["eerder"]) == (2, 3)
    assert run("verifieer")[0] == 0


def test_a_choice_that_holds_nothing_is_said(run: Any, folder: Path) -> None:
    code, (source, _), errors = run("neem-op", str(folder / "a.pst"), "--map", "Bestaat niet")
    assert code == 1
    assert source["findings"][0]["code"] == "postvak.niets_gekozen"
    rules = folder / "r.toml"
    rules.write_text("[[uitsluiten]]\nreden = 'prive'\nzoek = 'x'\n", encoding="utf-8")
    code, _, errors = run(
        "neem-op", str(folder / "a.pst"), "--map", "X", "--uitsluiten", str(rules)
    )
    assert code == 2
    assert "--uitsluiten" in errors


@pytest.mark.parametrize("chosen", [(), ("--map", "Postbus")], ids=["alles", "een deel"])
def test_after_ctrl_c_it_says_where_it_goes_on(
    run: Any, folder: Path, monkeypatch: pytest.MonkeyPatch, chosen: tuple[str, ...]
) -> None:
    monkeypatch.setattr(container_intake, "PIECE", 4)
    box = str(folder / "a.pst")

    def interrupted(*given: Any, **named: Any) -> Iterator[Event]:
        left = 10
        for event in read_sources(*given, **named):
            left -= isinstance(event, Parsed)
            if left < 0:
                raise KeyboardInterrupt
            yield event

    with monkeypatch.context() as ctrl_c:
        for module in (intake, mailbox_intake):
            ctrl_c.setattr(module, "read_sources", interrupted)
        code, lines, errors = run("neem-op", box, *chosen)
    assert (code, lines) == (1, [])
    assert "Gestopt" in errors
    code, (source, *_), errors = run("neem-op", box, *chosen)
    assert code == 0
    assert "a.pst: verder vanaf bericht 9. 8 berichten zijn al vastgelegd" in errors
    assert len(source["items"]) == 7
    assert (source["ledger"]["messages"], source["ledger"]["earlier"]) == (7, 8)
    assert run("verifieer")[0] == 0
    code, (source, *_), errors = run("neem-op", box, *chosen)
    assert source["status"] == "dubbel"
    assert "verder vanaf" not in errors
