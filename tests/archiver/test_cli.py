"""The command line: its contract (DESIGN section 5), its exit codes, and no Qt."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from archiver import cli
from archiver.services.demo import samples
from tests.helpers import outlook
from tests.helpers.messages import WHATSAPP, mail, mbox


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    work = tmp_path / "werkmap"
    shutil.copytree(samples() / "selectie", work / "selectie")
    (tmp_path / "los.eml").write_bytes(mail("Losse vraag", inner=mail("Binnenste", number=2)))
    (tmp_path / "vak.mbox").write_bytes(mbox([mail("Een", number=3), mail("Twee", number=4)]))
    (tmp_path / "_chat.txt").write_text(WHATSAPP, encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def call(*arguments: str, json_out: bool = True) -> tuple[int, list[dict[str, Any]], str]:
        start = ["--werkmap", str(folder / "werkmap"), *(["--json"] if json_out else [])]
        code = cli.run([*start, *map(str, arguments)])
        out, err = capsys.readouterr()
        return code, [json.loads(line) for line in out.splitlines()] if json_out else [], out + err

    return call


def test_inspect_gives_one_line_per_message_and_stores_nothing(run: Any, folder: Path) -> None:
    code, lines, _ = run(
        "inspect", str(folder / "los.eml"), str(folder / "vak.mbox"), str(folder / "_chat.txt")
    )
    assert code == cli.OK
    assert [(line["kind"], line.get("index")) for line in lines] == [
        ("email", 0),
        ("email", 0),
        ("email", 1),
        ("conversation", 0),
    ]
    first = lines[0]
    assert first["subject"] == "Losse vraag"
    assert first["from"] == {"name": "Joris Blankert", "address": "j.blankert@veldermeer.example"}
    assert first["date"] == "2026-11-17T14:52:00+01:00"
    assert [a["kind"] for a in first["attachments"]] == ["message"]
    assert lines[3]["message_count"] == 3
    assert not (folder / "werkmap" / "kluis").exists()


def test_inspect_names_what_cannot_be_read_and_ends_with_1(run: Any, folder: Path) -> None:
    (folder / "ruis.bin").write_bytes(bytes(range(256)))
    code, lines, _ = run("inspect", str(folder / "ruis.bin"), str(folder / "los.eml"))
    assert code == cli.ATTENTION
    assert [line["kind"] for line in lines] == ["unreadable", "email"]
    assert lines[0]["path"].endswith("ruis.bin")
    assert lines[0]["findings"]


def test_an_old_outlook_message_is_read_with_the_character_set_that_was_chosen(
    run: Any, folder: Path
) -> None:
    old = outlook.msg({0x001A: "IPM.Note", 0x0037: "Привет", 0x3FDE: 1252}, codec="cp1251")
    (folder / "oud.msg").write_bytes(old)
    _, plain, _ = run("inspect", str(folder / "oud.msg"))
    _, chosen, _ = run("inspect", str(folder / "oud.msg"), "--tekenset", "cp1251")
    assert (plain[0]["subject"], chosen[0]["subject"]) == ("Ïðèâåò", "Привет")
    code, _, _ = run("inspect", str(folder / "oud.msg"), "--tekenset", "bestaat-niet")
    assert code == cli.WRONG_USE


def test_the_messages_of_a_chat_come_with_messages(run: Any, folder: Path) -> None:
    _, lines, _ = run("inspect", "--messages", str(folder / "_chat.txt"))
    assert [line["kind"] for line in lines] == ["conversation", *["chat_message"] * 3]
    assert [line["sender"] for line in lines[1:]] == ["Mira van Oosterhof"] + ["Joris Blankert"] * 2


def test_the_main_job(run: Any, folder: Path) -> None:
    code, taken, _ = run(
        "neem-op",
        str(folder / "los.eml"),
        str(folder / "vak.mbox"),
        "--eigenaar",
        "Mira van Oosterhof",
    )
    assert code == cli.OK
    assert [t["status"] for t in taken] == ["opgenomen", "opgenomen"]
    code, again, _ = run("neem-op", str(folder / "los.eml"))
    assert (code, [t["status"] for t in again]) == (cli.OK, ["dubbel"])
    _, listed, _ = run("beoordeel")
    assert len(listed) == 3
    assert all(line["sentence"].startswith("Blijvend bewaren - ") for line in listed)
    code, decided, _ = run("besluit", "--alle")
    assert (code, len(decided[0]["decided"])) == (cli.OK, 3)
    _, found, _ = run("zoek", "twee")
    assert [f["title"] for f in found] == ["Twee"]
    code, made, _ = run("verpak", "--naar", str(folder / "levering"))
    assert code == cli.OK
    assert made[0]["released"]
    assert made[0]["ledger"]["messages"] == 3
    code, (summary,), _ = run("keur", str(folder / "levering"))
    assert code == cli.OK
    counted = {name: made[0][name] for name in ("informatieobjecten", "bestanden", "bytes")}
    told = {"kind": "summary", "errors": 0, "remarks": 0, "sound": True}
    assert summary == told | counted
    code, (summary,), _ = run("verifieer")
    assert code == cli.OK
    told = {"kind": "summary", "errors": 0, "sound": True, "blobs": 2, "items": 3}
    assert summary == told | {"entries": summary["entries"]}


def test_search_by_period_and_person(run: Any, folder: Path) -> None:
    late = mail("Later", number=9, date="Wed, 02 Dec 2026 10:00:00 +0100")
    (folder / "later.eml").write_bytes(late)
    (folder / "zonder.eml").write_bytes(mail("Zonder datum", number=10, date=None))
    run("neem-op", *(str(folder / n) for n in ("los.eml", "later.eml", "zonder.eml")))

    def titles(*options: str) -> list[str]:
        return [line["title"] for line in run("zoek", *options)[1]]

    assert titles("--van", "2026-11-17", "--tot", "2026-11-17") == ["Losse vraag"]
    assert titles("--van", "2026-11-18") == ["Later"]
    assert titles("--tot", "2026-12-02") == ["Later", "Losse vraag"]
    assert len(titles("--van-persoon", "blankert")) == 3
    assert titles("--van-persoon", "niemand") == []
    assert run("zoek", "--van", "gisteren", json_out=False)[0] == cli.WRONG_USE


def test_a_rule_that_forbids_ends_with_3(run: Any, folder: Path) -> None:
    run("neem-op", str(folder / "los.eml"), "--eigenaar", "Mira van Oosterhof")
    _, listed, _ = run("beoordeel")
    code, _, said = run("besluit", listed[0]["id"], "--waardering", "V", "--termijn", "P1Y")
    assert code == cli.REFUSED
    assert "Schrijf in één zin waarom" in said


def test_wrong_use_ends_with_2(run: Any) -> None:
    assert run("verpak", json_out=False)[0] == cli.WRONG_USE
    assert run("bestaat-niet", json_out=False)[0] == cli.WRONG_USE


def test_a_damaged_store_ends_with_4(run: Any, folder: Path) -> None:
    run("neem-op", str(folder / "los.eml"))
    blob = next(p for p in (folder / "werkmap" / "kluis").rglob("*") if p.is_file())
    blob.chmod(0o600)
    blob.write_bytes(b"iets anders")
    code, findings, _ = run("verifieer")
    assert code == cli.DAMAGED
    assert blob.name in {f.get("place") for f in findings}


def test_a_changed_package_is_not_accepted(run: Any, folder: Path) -> None:
    run("neem-op", str(folder / "los.eml"))
    run("verpak", "--naar", str(folder / "levering"))
    victim = next((folder / "levering").rglob("*.eml"))
    victim.write_bytes(victim.read_bytes() + b" ")
    code, findings, _ = run("keur", str(folder / "levering"))
    assert code == cli.ATTENTION
    assert "pakket.checksum" in {f.get("code") for f in findings}
    *findings, summary = findings
    assert (summary["sound"], summary["errors"]) == (False, 4)
    assert all(f["text"] and f["text"] != f["code"] for f in findings)


def test_both_languages_say_what_to_do(run: Any, folder: Path) -> None:
    missing = str(folder / "nergens")
    _, _, dutch = run("keur", missing)
    cli_out = run("--taal", "en", "keur", missing)[2]
    assert "Kies de map van de aanlevering" in dutch
    assert "Choose the delivery folder" in cli_out


def test_the_command_line_does_not_load_qt(folder: Path) -> None:
    script = (
        "import sys; from archiver import cli; "
        f"code = cli.run(['--werkmap', {str(folder / 'werkmap')!r}, 'beoordeel']); "
        "print(code, sorted(m for m in sys.modules if m.startswith(('PySide6', 'shiboken', 'extract_msg'))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "0 []"


def test_what_belongs_to_a_message_is_told_as_json_and_in_words(run: Any, folder: Path) -> None:
    first = mail("Een", number=21)
    (folder / "antwoord.eml").write_bytes(
        mail("RE: Een", number=22, reply_to="<bericht-21@veldermeer.example>")
    )
    (folder / "kopie.eml").write_bytes(b"Received: from a by b\r\n" + first)
    (folder / "een.eml").write_bytes(first)
    names = ("antwoord.eml", "kopie.eml", "een.eml")
    run("neem-op", "--eigenaar", "Mira van Oosterhof", *(str(folder / n) for n in names))
    _, lines, _ = run("zoek", "RE: Een")
    code, (told,), _ = run("samenhang", lines[0]["id"])
    assert code == cli.OK
    assert told["item"]["title"] == "RE: Een"
    assert told["item"]["basis"] == "in_reply_to"
    assert [one["title"] for one in told["thread"]] == ["Een"]
    assert (told["copies"], told["duplicates"], told["gaps"]) == ([], [], [])
    assert told["pieces"] is None
    _, (copy,), _ = run("samenhang", told["thread"][0]["id"])
    assert [one["container"] for one in copy["copies"]] in (["kopie.eml"], ["een.eml"])
    _, _, words = run("samenhang", told["thread"][0]["id"], json_out=False)
    assert "Andere berichten in deze reeks: 1" in words
    assert "Kopieën" in words


def test_a_message_in_pieces_is_written_as_one_file_and_over_nothing(
    run: Any, folder: Path
) -> None:
    whole = mail("In stukken", number=31)
    for number, body in ((1, whole[:200]), (2, whole[200:])):
        head = f'Content-Type: message/partial; id="s@x"; number={number}; total=2\r\n\r\n'
        top = b"From: a@x.example\r\nDate: Tue, 17 Nov 2026 14:52:00 +0100\r\nSubject: stuk\r\n"
        (folder / f"stuk{number}.eml").write_bytes(top + head.encode() + body)
    run("neem-op", str(folder / "stuk1.eml"), str(folder / "stuk2.eml"))
    _, lines, _ = run("zoek", "stuk")
    target = folder / "heel.eml"
    code, (told,), _ = run("samenhang", lines[0]["id"], "--naar", str(target))
    assert code == cli.OK
    assert told["pieces"]["present"] == [1, 2]
    assert told["pieces"]["joined"]["size"] == target.stat().st_size
    assert b"Subject: In stukken" in target.read_bytes()
    again, _, words = run("samenhang", lines[0]["id"], "--naar", str(target))
    assert again == cli.REFUSED
    assert "niet overheen" in words
