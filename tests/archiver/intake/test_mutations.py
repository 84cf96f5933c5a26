"""A short, always equal piece of the fuzzing: broken messages keep every promise of the reader."""

from __future__ import annotations

import random

import pytest

from tests.archiver.intake.mutations import check, corpus_seeds, mutated, own_seeds
from tests.helpers.shared import SHARED


@pytest.mark.parametrize("seed", range(5))
def test_broken_messages_of_our_own(seed: int) -> None:
    chance, seeds = random.Random(seed), own_seeds()
    for _ in range(300):
        check(mutated(seeds, chance))


@pytest.mark.corpus
@pytest.mark.skipif(SHARED is None, reason="*** CORPUS ABSENT: broken mail was NOT checked ***")
def test_broken_messages_of_the_corpus() -> None:
    chance, seeds = random.Random(1), corpus_seeds()
    assert len(seeds) >= 400
    for _ in range(1_500):
        check(mutated(seeds, chance))
