"""The import contracts hold, and each of them bites: planted violations are reported by name."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.helpers.shared import ROOT
from tests.helpers.source import PACKAGES, imported, modules

LAYERS = "The window uses the core, the core uses the pure packages"
INSIDE = "Inside the core: cli, bootstrap, services, parts, model"
QT = "Qt only in ui"
SQL = "SQLAlchemy only in the store"
SERVICES = "The window reaches the core through services only"
EXTRACT_MSG = "extract-msg in one module"
CONTRACTS = (LAYERS, INSIDE, QT, SQL, SERVICES, EXTRACT_MSG)


@dataclass(frozen=True)
class Plant:
    """A line of source at the end of a module, and what must be said about it."""

    module: str
    line: str
    contract: str
    chain: str


PLANTS = [
    Plant("metadata/mdto.py", "import archiver.model", LAYERS, "metadata.mdto -> archiver.model"),
    Plant(
        "metadata/duration.py",
        "from selectielijst import dates",
        LAYERS,
        "metadata.duration -> selectielijst.dates",
    ),
    Plant(
        "selectielijst/words.py",
        "def planted() -> None:\n    from archiver import texts",
        LAYERS,
        "selectielijst.words -> archiver.texts",
    ),
    Plant("archiver/texts.py", "import ui.words", LAYERS, "archiver.texts -> ui.words"),
    Plant("archiver/model.py", "import archiver.services", INSIDE, "model -> archiver.services"),
    Plant("archiver/findings.py", "import archiver.errors", INSIDE, "findings -> archiver.errors"),
    Plant("archiver/ledger.py", "import archiver.vault", INSIDE, "ledger -> archiver.vault"),
    Plant(
        "archiver/vault/places.py",
        "import archiver.store",
        INSIDE,
        "archiver.vault.places -> archiver.store",
    ),
    Plant(
        "archiver/services/verify.py",
        "import archiver.cli",
        INSIDE,
        "archiver.services.verify -> archiver.cli",
    ),
    Plant("archiver/settings.py", "import PySide6", QT, "archiver.settings -> PySide6"),
    Plant(
        "archiver/intake/eml.py",
        "def planted() -> None:\n    from PySide6.QtCore import QObject",
        QT,
        "archiver.intake.eml -> PySide6",
    ),
    Plant("metadata/rules.py", "import PySide6", QT, "metadata.rules -> PySide6"),
    Plant(
        "archiver/services/archive.py",
        "import sqlalchemy",
        SQL,
        "archiver.services.archive -> sqlalchemy",
    ),
    Plant("ui/words.py", "from sqlalchemy import select", SQL, "ui.words -> sqlalchemy"),
    Plant(
        "ui/theme.py",
        "from archiver.store import items",
        SERVICES,
        "ui.theme -> archiver.store.items",
    ),
    Plant("ui/icons.py", "import archiver.vault.vault", SERVICES, "ui.icons -> archiver.vault"),
    Plant(
        "archiver/export/naming.py",
        "import extract_msg",
        EXTRACT_MSG,
        "archiver.export.naming -> extract_msg",
    ),
    Plant("metadata/xml.py", "import extract_msg", EXTRACT_MSG, "metadata.xml -> extract_msg"),
]


def copy_source(folder: Path) -> None:
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            target = folder / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    shutil.copyfile(ROOT / "pyproject.toml", folder / "pyproject.toml")


def lint(folder: Path) -> tuple[int, str]:
    """Run import-linter in a folder, the folder first on the path; give exit code and report."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; sys.path.insert(0, '.');"
            "from importlinter.cli import lint_imports;"
            "sys.exit(lint_imports(config_filename='pyproject.toml', no_cache=True))",
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONPATH": str(folder)},
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give the report over a copy of the source with every violation planted."""
    folder = tmp_path_factory.mktemp("planted")
    copy_source(folder)
    for plant in PLANTS:
        with (folder / plant.module).open("a", encoding="utf-8") as file:
            file.write(f"\n{plant.line}\n")
    code, report = lint(folder)
    assert code != 0
    return report


def test_every_contract_is_kept(tmp_path: Path) -> None:
    copy_source(tmp_path)
    code, report = lint(tmp_path)
    assert code == 0, report
    kept = re.findall(r"^(.+) KEPT", report, re.MULTILINE)
    assert set(kept) >= {LAYERS, INSIDE, QT, SQL, SERVICES, EXTRACT_MSG}


def test_every_contract_breaks_when_it_is_broken(planted: str) -> None:
    broken = set(re.findall(r"^(.+) BROKEN", planted, re.MULTILINE))
    assert broken == {plant.contract for plant in PLANTS}


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.chain)
def test_a_planted_import_is_reported_under_its_contract(planted: str, plant: Plant) -> None:
    details = planted.partition("Broken contracts")[2]
    sections = re.split(rf"^({'|'.join(map(re.escape, CONTRACTS))})$", details, flags=re.MULTILINE)
    found = dict(zip(sections[1::2], sections[2::2], strict=True))
    assert plant.chain in found[plant.contract]


def only_in(name: str, allowed: Callable[[str], bool]) -> list[str]:
    return [m.name for m in modules() if name in imported(m.tree) and not allowed(m.name)]


def test_libraries_stay_where_they_belong() -> None:
    """The contracts name packages; this also sees the modules beside those packages."""
    assert only_in("PySide6", lambda name: name.startswith("ui/")) == []
    assert only_in("sqlalchemy", lambda name: name.startswith("archiver/store/")) == []
    # The one other encrypted database: that of Signal on a computer, opened with a key that is asked.
    sealed = "archiver/intake/chat/open_signal_desktop.py"
    assert only_in("sqlcipher3", lambda n: n.startswith("archiver/store/") or n == sealed) == []
    assert only_in("click", lambda name: name.startswith("archiver/cli")) == []
    readers = only_in("extract_msg", lambda name: False)
    assert len(readers) <= 1
    assert all(name.startswith("archiver/intake/") for name in readers)


def test_the_pure_packages_stay_pure() -> None:
    standard = sys.stdlib_module_names
    for module in modules():
        names = imported(module.tree) - standard
        if module.name.startswith("metadata/"):
            assert names <= {"metadata", "lxml"}, module.name
        if module.name.startswith("selectielijst/"):
            assert names <= {"metadata", "selectielijst"}, module.name


def test_the_command_line_does_not_load_qt() -> None:
    code = (
        "import archiver.cli, archiver.bootstrap, sys;"
        "sys.exit(any(m.partition('.')[0] in ('PySide6', 'shiboken6', 'ui') for m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, timeout=120)
    assert done.returncode == 0
