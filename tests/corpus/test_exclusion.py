"""Of every real chat a third is taken out: nothing of it is anywhere, and the proof holds."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pdfminer.high_level import extract_text

from archiver.progress import Silent
from archiver.services.exclusion import Rule, take_in_without
from archiver.services.inspect import inspect
from archiver.services.intake import TakeIn
from archiver.services.packaging_run import MakePackage, make_package
from tests.helpers.messages import OWNER, work_folder
from tests.helpers.shared import ROOT, SHARED

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(SHARED is None, reason="*** CORPUS ABSENT: nothing was taken out of it ***"),
]
OUT = range(0, 300_000, 3)
LONG = 14  # characters; a shorter text is said by many


def _texts(folder: Path) -> tuple[set[str], set[str]]:
    """Give the texts and names of media that go out and occur in nothing that stays, and the others."""
    gone: set[str] = set()
    kept: set[str] = set()
    for line in inspect((folder,), Silent(), messages=True):
        if line["kind"] == "chat_message":
            said = [line["text"] or "", *(a["name"] for a in line["attachments"])]
            (gone if line["index"] in OUT else kept).update(s.strip() for s in said)
    gone = {text for text in gone if len(text) >= LONG}
    joined = "\n".join("".join(text.split()) for text in kept)
    return {text for text in gone if "".join(text.split()) not in joined}, kept


def _files(folder: Path) -> Iterator[tuple[Path, bytes]]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield path, path.read_bytes()


def test_nothing_of_a_third_of_every_chat_is_anywhere_afterwards(tmp_path: Path) -> None:
    assert SHARED is not None
    source = SHARED / "corpus" / "chat"
    gone, _ = _texts(source)
    assert len(gone) > 150
    archive = work_folder(tmp_path / "werkmap")
    rules = (Rule("prive", berichten=frozenset(OUT)),)
    result = take_in_without(archive, TakeIn((source,), owner=OWNER), rules, Silent())
    assert sum(bool(s.item_ids) for s in result.sources) > 70
    sealed = [s for s in result.sources if "uitsluiten_verzegeld" in {f.code for f in s.findings}]
    assert sealed, "what nobody reads is not let in past a rule"
    assert not any(s.item_ids for s in sealed)
    made = make_package(archive, MakePackage(tmp_path / "levering"), Silent())
    assert made.released
    open_ = list(_files(archive.werkmap))
    archive.close()
    forms = {
        form: text
        for text in gone
        for form in (text.encode(), json.dumps(text)[1:-1].encode(), text.encode("utf-16-le"))
    }
    for path, data in (*open_, *_files(tmp_path / "werkmap"), *_files(made.path)):
        assert not [text for form, text in forms.items() if form in data], path.name
    for path in made.path.rglob("*-leeskopie.pdf"):
        read = "".join(extract_text(path).replace("\u200b", "").split())
        assert not [text for text in gone if "".join(text.split()) in read], path.name
    script = ROOT / "packaging" / "bewijs" / "controleer.py"
    done = subprocess.run(
        [sys.executable, str(script), str(made.path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-2_000:]
