from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.intake import registry
from archiver.intake.protocol import Head

HEAD = Head(b"x", 1, "x")


@pytest.fixture
def parsers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, score in (("nep_laag", 19), ("nep_hoog", 80), ("nep_even", 80)):
        module = types.ModuleType(name)
        module.FORMAT = name  # type: ignore[attr-defined]
        module.score = lambda head, score=score: score  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, name, module)
    registry.load.cache_clear()
    yield
    registry.load.cache_clear()


@pytest.mark.usefixtures("parsers")
def test_the_highest_score_wins_and_the_first_on_a_tie() -> None:
    choice = registry.choose(Path("x"), HEAD, ["nep_laag", "nep_hoog", "nep_even"])
    assert choice is not None
    assert (choice.format, choice.score) == ("nep_hoog", 80)


@pytest.mark.usefixtures("parsers")
def test_below_twenty_nobody_guesses() -> None:
    assert registry.choose(Path("x"), HEAD, ["nep_laag"]) is None


@pytest.mark.usefixtures("parsers")
def test_a_parser_may_look_at_the_file_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    module = sys.modules["nep_laag"]
    monkeypatch.setattr(module, "score_path", lambda path, head: 95, raising=False)
    choice = registry.choose(Path("x"), HEAD, ["nep_hoog", "nep_laag"])
    assert choice is not None
    assert choice.format == "nep_laag"


def test_a_parser_that_is_not_installed_costs_nothing() -> None:
    assert registry.load("archiver.intake.bestaat_niet") is None


def test_a_parser_that_is_broken_is_not_hidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "nep_stuk.py").write_text("import module_die_er_niet_is\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError):
        registry.load("nep_stuk")


def test_every_listed_parser_keeps_to_the_protocol() -> None:
    for name in registry.PARSERS:
        parser = registry.load(name)
        assert parser is not None, name
        assert isinstance(parser.FORMAT, str)
        assert parser.score(Head(b"", 0, "")) == 0
