"""Facts of the peers' own tests about .eml and .mbox files, against what `inspect` says."""

from __future__ import annotations

from functools import lru_cache

import pytest

from tests.corpus.email_deviations import LIST, listed, row_of
from tests.corpus.email_facts import Fact, facts
from tests.helpers.shared import SHARED

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(SHARED is None, reason="*** CORPUS ABSENT: e-mail was NOT checked ***"),
]
# Subject, sender, date with zone, attachment names and bytes: what a receiver of a package relies on.
ESSENTIAL = ("afzender", "naam afzender")


@lru_cache(maxsize=1)
def all_facts() -> tuple[Fact, ...]:
    """Read the corpus once for all tests of this module."""
    assert SHARED is not None
    return tuple(facts(SHARED / "corpus" / "email"))


def share(chosen: list[Fact]) -> float:
    """Give the percentage that agrees."""
    return 100 * sum(f.agrees for f in chosen) / len(chosen)


def test_every_disagreement_is_listed_with_its_reason_and_no_other() -> None:
    real = {row_of(f) for f in all_facts() if not f.agrees}
    written = set(listed())
    assert real - written == set(), "not in docs/afwijkingen.md"
    assert written - real == set(), "in docs/afwijkingen.md, but not true any more"


def test_at_least_97_percent_of_all_facts_agree() -> None:
    assert len(all_facts()) >= 2_600
    assert share(list(all_facts())) >= 97.4


def test_at_least_98_percent_of_the_essential_facts_agree() -> None:
    chosen = [f for f in all_facts() if is_essential(f)]
    assert len(chosen) >= 1_000
    assert share(chosen) >= 98.0


def test_the_figures_in_the_document_are_these() -> None:
    for chosen in (list(all_facts()), [f for f in all_facts() if is_essential(f)]):
        wrong = sum(not f.agrees for f in chosen)
        figures = f"| {len(chosen)} | {wrong} | {share(chosen):.1f} % |"
        assert figures in LIST.read_text(encoding="utf-8")


def test_every_file_with_facts_gives_facts() -> None:
    assert len({f.file for f in all_facts()}) >= 230


def is_essential(fact: Fact) -> bool:
    """Tell whether issue 3 counts this fact (its 98 %)."""
    words = fact.what.split()
    return (
        fact.what in ESSENTIAL
        or words[0] in ("onderwerp", "datum", "From")
        or words[-1]
        in (
            "naam",
            "sha256",
        )
    )
