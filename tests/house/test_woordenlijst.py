"""The word list is complete for the parts that speak of records, and names nothing that is gone."""

from __future__ import annotations

import ast
import re

import pytest

from tests.helpers.shared import ROOT
from tests.helpers.source import Module, modules

LIST = ROOT / "docs" / "woordenlijst.md"
COVERED = (
    *("archiver/model.py", "archiver/findings.py", "archiver/errors.py", "archiver/progress.py"),
    *("archiver/settings.py", "archiver/services/", "archiver/export/", "archiver/vault/"),
    *("selectielijst/", "metadata/"),
)
# Here the names are the words of the norm themselves.
OF_THE_NORM = ("metadata/mdto.py", "metadata/topx.py")


def rows() -> list[list[str]]:
    found = []
    for line in LIST.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and cells[0] not in ("In de code", "---"):
            found.append(cells)
    assert len(found) > 80
    return found


def public_classes(module: Module) -> list[str]:
    return [
        node.name
        for node in module.tree.body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]


def named() -> set[str]:
    return {name for cells in rows() for name in re.findall(r"`(\w+)`", cells[0])}


def test_every_public_class_is_in_the_list() -> None:
    names = named()
    missing = [
        f"{name} ({module.name})"
        for module in modules()
        if module.name.startswith(COVERED) and module.name not in OF_THE_NORM
        for name in public_classes(module)
        if name not in names
    ]
    assert not missing, "\n".join(missing)


def test_every_row_is_whole_and_its_place_exists() -> None:
    for cells in rows():
        assert len(cells) == 4, cells
        assert all(cells), cells
        (place,) = re.findall(r"`([\w./-]+)`", cells[3])
        assert (ROOT / place).is_file(), cells


def test_every_name_is_in_the_file_that_the_row_names() -> None:
    gone = []
    for cells in rows():
        place = cells[3].strip("`")
        text = (ROOT / place).read_text(encoding="utf-8")
        if place.endswith(".py"):
            gone += [
                f"{name} ({place})"
                for name in re.findall(r"`(\w+)`", cells[0])
                if not re.search(rf"\b{name}\b", text)
            ]
    assert not gone, "\n".join(gone)


@pytest.mark.parametrize("word", ["Informatieobject", "bewaartermijn", "isRepresentatieVan"])
def test_words_of_the_norm_are_spelled_as_the_norm_does(word: str) -> None:
    assert word in LIST.read_text(encoding="utf-8")
