from __future__ import annotations

import re
import sys

import pytest

from archiver.intake import content, msg, outlook_msg
from tests.helpers import outlook
from tests.helpers.shared import ROOT

CONTACT = {0x001A: "IPM.Contact", 0x3001: "Jan de Vries", 0x3A06: "Jan", 0x3A11: "de Vries"}


def test_the_details_of_a_contact_are_part_of_its_text() -> None:
    raw = outlook.msg({**CONTACT, 0x3A08: "030 123 45 67", 0x1000: "belt liever niet"})
    assert ("First Name", "Jan") in outlook_msg.details(raw, "")
    text = content.readable(raw).plain
    assert "Business: 030 123 45 67" in text
    assert text.endswith("belt liever niet")


def test_details_in_an_old_character_set() -> None:
    raw = outlook.msg({**CONTACT, 0x3A11: "Jiří Dvořák", 0x3FDE: 28592}, codec="cp1250")
    assert ("Last Name", "Jiří Dvořák") in outlook_msg.details(raw, "cp1250")
    assert "Jiří Dvořák" in content.readable(raw).plain


def test_a_file_that_extract_msg_cannot_read_has_no_details() -> None:
    assert outlook_msg.details(b"geen bestand van Outlook", "") == ()
    assert outlook_msg.details(outlook.msg({0x001A: "IPM.Onbekend"}), "") == ()


def test_it_stops_when_it_takes_too_long() -> None:
    assert outlook_msg.details(outlook.msg(CONTACT), "", seconds=0.001) == ()


def test_a_mail_needs_no_second_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("details are for contacts, tasks and meetings")

    monkeypatch.setattr(msg, "details", never)
    assert content.readable(outlook.msg({0x001A: "IPM.Note", 0x1000: "tekst"})).plain == "tekst"


def test_extract_msg_is_named_in_one_module_and_loaded_late() -> None:
    using = [
        path.name
        for folder in ("archiver", "ui", "metadata", "selectielijst")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if re.search(r"^\s*(?:from|import) extract_msg", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert using == ["outlook_msg.py"]
    import subprocess

    code = "import archiver.intake.msg, sys; raise SystemExit('extract_msg' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
