"""Every error and finding of vault and register has a text that says what to do."""

from __future__ import annotations

import re
from pathlib import Path

from archiver import texts
from archiver.store import database

PACKAGES = [Path(database.__file__).parent, Path(database.__file__).parents[1] / "vault"]
ERROR = re.compile(r'(?:StoreDamaged|StoreRefused|DiskFull|InputRefused)(?:\(|, )\s*"([a-z_.]+)"')
FINDING = re.compile(r'"((?:register|spoor|kluis)\.[a-z_]+)"')
CHOSEN = {"spoor", "spoor_achter", "onbekend"}  # found by no pattern above


def test_every_code_has_a_text_in_both_languages() -> None:
    sources = [p.read_text(encoding="utf-8") for folder in PACKAGES for p in folder.glob("*.py")]
    errors = {code for text in sources for code in ERROR.findall(text)} | CHOSEN
    findings = {code for text in sources for code in FINDING.findall(text)}
    assert len(errors) >= 15
    assert len(findings) >= 15
    wanted = {f"fout.{code}" for code in errors} | {f"bevinding.{code}" for code in findings}
    assert wanted - texts.table().keys() == set()
