"""What fuzzing starts from: every file that our own tests write, and small files of the corpus.

Nothing is copied into this folder: a test function that needs no more than `tmp_path` is run, and what
it leaves there is a seed of the reader that takes it.
"""

from __future__ import annotations

import importlib
import inspect
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from archiver.intake import registry
from archiver.intake.identify import head_of
from tests.helpers.shared import ROOT, SHARED

LARGEST = 200_000  # bytes of a seed; more makes every run slow
_MODULES = (
    *("emlx", "ics", "maildir", "mbox", "msg", "olm", "tnef", "zip_of_mail", "pst", "pst_damage"),
    *("chat.test_databases", "chat.test_mattermost", "chat.test_opening", "chat.test_signal"),
    *("chat.test_slack", "chat.test_sms", "chat.test_teams", "chat.test_telegram"),
    *("chat.test_web_platforms", "chat.test_whatsapp"),
)


def by_reader(with_corpus: bool = True) -> dict[str, list[bytes]]:
    """Give the seeds of each reader, by the last word of its module, small ones first."""
    found: dict[str, set[bytes]] = defaultdict(set)
    with tempfile.TemporaryDirectory(prefix="archiefklaar-") as folder:
        run_tests(Path(folder))
        for path in (
            *files(Path(folder)),
            *(corpus() if with_corpus else ()),
            *files(ROOT / "archiver/data/voorbeelden"),
        ):
            choice = registry.choose(path, head_of(path))
            if choice is not None:
                found[choice.parser.__name__.rpartition(".")[2]].add(path.read_bytes())  # type: ignore[attr-defined]
    return {name: sorted(seeds, key=len) for name, seeds in found.items()}


def run_tests(folder: Path) -> None:
    """Let our own tests write their samples below `folder`."""
    for name in _MODULES:
        name = name if "." in name else f"test_{name}"
        module = importlib.import_module(f"tests.archiver.intake.{name}")
        for word, function in inspect.getmembers(module, inspect.isfunction):
            plain = word.startswith("test_") and not hasattr(function, "pytestmark")
            if plain and list(inspect.signature(function).parameters) == ["tmp_path"]:
                place = folder / f"{name}-{word}"
                place.mkdir()
                function(tmp_path=place)


def corpus() -> Iterator[Path]:
    """Give the files of the corpus; none when it is absent."""
    if SHARED is not None:
        yield from files(SHARED / "corpus")


def files(folder: Path) -> Iterator[Path]:
    """Give the files below a folder that are small enough."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and 0 < path.stat().st_size <= LARGEST:
            yield path
