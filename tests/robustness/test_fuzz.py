"""What fuzzing found stays found: every kept input, and every seed, keeps all promises of its reader.

The fuzzing itself is `tests.robustness.fuzz.run`; docs/fuzzen.md tells how long it ran and what it
found. Kept inputs were made by the fuzzer from our own invented samples.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from archiver.intake import msg
from tests.archiver.intake.mutations import mutated, own_seeds
from tests.robustness.fuzz.readers import READERS, checked, starting_points
from tests.robustness.fuzz.seeds import by_reader

CASES = sorted((Path(__file__).parent / "fuzz" / "gevallen").glob("*/*.bin"))


@pytest.mark.parametrize("case", CASES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_what_was_found_once(case: Path, quick_path: Path) -> None:
    checked(case.parent.name, quick_path)(case.read_bytes())


@pytest.fixture(scope="module")
def samples() -> dict[str, list[bytes]]:
    return by_reader(with_corpus=False)


@pytest.mark.parametrize("name", sorted(READERS))
def test_samples_and_damaged_samples_keep_every_promise(
    name: str, samples: dict[str, list[bytes]], quick_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # extract-msg runs in a process of its own, which a damaged item cannot harm; it only costs time.
    monkeypatch.setattr(msg, "details", lambda raw, codec: ())
    check = checked(name, quick_path)
    known = starting_points(name, samples) or own_seeds()  # at least, bytes that are not its own
    for seed in known:
        check(seed)
    chance = random.Random(name)
    for _ in range(40):
        check(mutated(known, chance))


def test_every_reader_of_the_registry_is_fuzzed() -> None:
    from archiver.intake.registry import PARSERS

    assert {name.rpartition(".")[2] for name in PARSERS} <= set(READERS)
