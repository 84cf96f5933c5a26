"""What holds for every file: small, named after a noun, said what it is for, nothing forbidden."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.helpers.shared import ROOT, SHARED
from tests.helpers.source import PACKAGES, calls, imported, modules, tracked

LONGEST = 500
FORBIDDEN_IMPORTS = {"pickle", "shelve", "marshal", "dill", "cloudpickle", "imp"}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__"}
VAGUE = {"util", "utils", "helper", "helpers", "misc", "common", "tools", "stuff"}
# Written by us, says SOURCES.md of the collection: the values have sources, the wording is ours.
OUR_OWN = {
    f"selectielijst/{name}.json"
    for name in ("archiefregels", "beslisregels", "model-chat", "model-email-rijk")
}
# Places of the machine on which this was made, and addresses that only worked there. Written in
# parts, so that this file does not contain them.
HERE = re.compile(r"(?<![\w.~-])/(?:work|root|tmp|opt/pypi[\w-]*|opt/wheels)" + "/")
INDEXES = re.compile(
    r"--(?:extra-index|index|trusted-host|find-links)(?:-url)?[ =]|"
    r"https?://[\w.-]*(?:artifactory|nexus|devpi|pypi\.(?!org))",
    re.IGNORECASE,
)


def text_files() -> list[tuple[str, str]]:
    files = tracked()
    if files is None:
        pytest.skip("no git here: the tracked files are not known")
    found = []
    for path in files:
        data = path.read_bytes()
        if b"\0" not in data[:8000]:
            found.append((path.relative_to(ROOT).as_posix(), data.decode("utf-8", "replace")))
    assert len(found) > 100
    return found


def test_no_place_of_a_machine_and_no_private_index_in_any_file() -> None:
    found = [
        f"{name}: {match.group()}"
        for name, text in text_files()
        for pattern in (HERE, INDEXES)
        for match in pattern.finditer(text)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "text",
    [
        "cd /work" + "/main",
        '"/root' + '/x"',
        "see /tmp" + "/x",
        "file:///opt/pypi" + "/simple",
        "pip --index" + "-url x",
        "https://nex" + "us.org/x",
    ],
)
def test_that_check_can_fail(text: str) -> None:
    assert HERE.search(text) or INDEXES.search(text)


@pytest.mark.corpus
@pytest.mark.skipif(SHARED is None, reason="CORPUS ABSENT: nothing to compare the files with")
def test_no_file_of_others_is_in_the_project() -> None:
    """The shared collection holds other people's work; facts carry over, files do not."""
    files = tracked()
    if files is None or SHARED is None:
        pytest.skip("no git here: the tracked files are not known")
    ours = {path.read_bytes(): path.name for path in files if path.stat().st_size > 64}
    sizes = {len(data) for data in ours}
    found = [
        f"{ours[data]} is {path.relative_to(SHARED)}"
        for path in SHARED.rglob("*")
        if path.is_file() and path.stat().st_size in sizes
        if path.relative_to(SHARED).as_posix() not in OUR_OWN
        if path.relative_to(SHARED).parts[0] != "ontwerp"  # our design: its icons and words
        if (data := path.read_bytes()) in ours
    ]
    assert not found, "\n".join(found)


def test_no_file_of_python_is_long() -> None:
    folders = (*PACKAGES, "tests", "packaging", "benchmarks")
    long = {
        path.relative_to(ROOT).as_posix(): lines
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        if (lines := path.read_text(encoding="utf-8").count("\n")) > LONGEST
    }
    assert long == {}


def test_files_are_named_after_a_noun() -> None:
    assert [m.name for m in modules() if Path(m.name).stem in VAGUE] == []


def test_the_folder_packaging_is_not_a_package() -> None:
    """It would shadow the library of that name, which pytest itself needs."""
    assert (ROOT / "packaging").is_dir()
    assert not (ROOT / "packaging" / "__init__.py").exists()


def test_every_module_says_what_it_is_for() -> None:
    empty = [m.name for m in modules() if m.text.strip() and not ast.get_docstring(m.tree)]
    assert empty == []


def test_every_package_has_its_file() -> None:
    """Without `__init__.py` a folder is left out of the wheel without a word."""
    folders = {Path(m.name).parent for m in modules()}
    assert [f for f in sorted(folders) if not (ROOT / f / "__init__.py").is_file()] == []


def test_nothing_is_swallowed() -> None:
    """No bare except, and no broad one that only passes."""
    found = []
    for module in modules():
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.ExceptHandler):
                continue
            name = node.type.id if isinstance(node.type, ast.Name) else None
            silent = all(isinstance(line, ast.Pass | ast.Continue) for line in node.body)
            if node.type is None or (name in ("Exception", "BaseException") and silent):
                found.append(f"{module.name}:{node.lineno}")
    assert not found, "\n".join(found)


def test_nothing_runs_what_it_reads() -> None:
    found = [m.name for m in modules() if imported(m.tree) & FORBIDDEN_IMPORTS]
    for module in modules():
        for node in ast.walk(module.tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in FORBIDDEN_CALLS
            ):
                found.append(f"{module.name}:{node.lineno}")
        for _, call in calls(module.tree):
            for keyword in call.keywords:
                value = keyword.value
                if keyword.arg == "shell" and isinstance(value, ast.Constant) and value.value:
                    found.append(f"{module.name}:{call.lineno}")
    assert not found, "\n".join(found)


def test_nothing_calls_home() -> None:
    """Modules that open a connection are named here; there are none yet."""
    network = {"socket", "ssl", "urllib.request", "http.client", "smtplib", "ftplib", "requests"}
    found = []
    for module in modules():
        for node in ast.walk(module.tree):
            names: set[str] = set()
            if isinstance(node, ast.Import):
                names = {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
            if names & network or any(name.startswith("PySide6.QtNetwork") for name in names):
                found.append(f"{module.name}:{node.lineno}")
    assert not found, "\n".join(found)
