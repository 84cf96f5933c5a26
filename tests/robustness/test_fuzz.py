"""What fuzzing found stays found: every kept input, and every seed, keeps all promises of its reader.

The fuzzing itself is `tests.robustness.fuzz.run`; docs/fuzzen.md tells how long it ran and what it
found. Kept inputs were made by the fuzzer from our own invented samples.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.archiver.intake.mutations import mutated
from tests.robustness.fuzz.readers import READERS, checked, starting_points

CASES = sorted((Path(__file__).parent / "fuzz" / "gevallen").glob("*/*.bin"))


@pytest.mark.parametrize("case", CASES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_what_was_found_once(case: Path, quick_path: Path) -> None:
    checked(case.parent.name, quick_path)(case.read_bytes())


@pytest.mark.parametrize("name", sorted(READERS))
def test_samples_and_damaged_samples_keep_every_promise(name: str, quick_path: Path) -> None:
    check, seeds = checked(name, quick_path), starting_points(name, {})
    for seed in seeds:
        check(seed)
    chance = random.Random(name)
    for _ in range(25 if seeds else 0):
        check(mutated(seeds, chance))


def test_every_reader_of_the_registry_is_fuzzed() -> None:
    from archiver.intake.registry import PARSERS

    assert {name.rpartition(".")[2] for name in PARSERS} <= set(READERS)
