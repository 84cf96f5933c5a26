"""Every finding of the chat readers has words in both languages that need no missing value."""

from __future__ import annotations

import re
from importlib import import_module
from importlib.resources import files

from archiver.intake.chat import sealed
from archiver.texts import table

CODE = re.compile(r"""["'](chat\.[a-z_]+)["']""")


def _codes() -> set[str]:
    found: set[str] = set()
    for entry in files(import_module("archiver.intake.chat")).iterdir():
        if entry.name.endswith(".py"):
            found |= set(CODE.findall(entry.read_text(encoding="utf-8")))
    found |= {f"chat.verzegeld_{kind}" for kind in sealed.KINDS}
    found |= {f"chat.bericht_{how}" for how in ("hersteld", "tekens", "onleesbaar")}
    return found - {"chat.md", "chat.db"}  # file names


def test_every_code_has_words() -> None:
    codes = _codes()
    assert len(codes) > 40
    words = table()
    for code in codes:
        row = words.get(f"bevinding.{code}") or words.get(f"fout.{code}")
        assert row is not None, code
        assert row["nl"]
        assert row["en"]


def test_what_is_said_of_one_message_can_be_said_of_all() -> None:
    info = {"chat.bericht_eerder", "chat.bericht_onderwerp", "chat.bericht_opmaak"}
    info |= {"chat.bericht_te_groot"}
    words = table()
    for code in _codes():
        if code.startswith("chat.bericht_") and code not in info:
            many = code.replace("bericht_", "berichten_", 1)
            row = words[f"bevinding.{many}"]
            assert "{aantal}" in row["nl"]
            assert "{aantal}" in row["en"]


def test_both_languages_ask_for_the_same_values() -> None:
    slot = re.compile(r"\{(\w+)\}")
    for key, row in table().items():
        if key.startswith("bevinding.chat."):
            assert set(slot.findall(row["nl"])) == set(slot.findall(row["en"])), key
