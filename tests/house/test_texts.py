"""Every text stands once, in two languages, with the same gaps; every code has one; none is dead."""

from __future__ import annotations

import ast
import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from string import Formatter

import pytest

from tests.helpers.shared import ROOT
from tests.helpers.source import PACKAGES, calls, modules

WORDS = ROOT / "archiver" / "data" / "woorden"
LATER = ROOT / "tests" / "house" / "woorden_voor_later.csv"
CODE = re.compile(r"[a-z][a-z0-9]*(?:\.[a-z][a-z0-9_]*)+")
# Calls that make a finding or an error; their first argument is a code.
MAKERS = {"Finding", "Violation", "XmlError", "ListError"} | {
    *("KnownError", "InputRefused", "RuleRefused", "DiskFull", "StoreDamaged", "StoreRefused"),
}
# A mistake of ours has no text per code: the window and the command line say so in general.
PREFIXES = ("bevinding.", "fout.")
# Values that the edges fill in themselves, from the place of a finding.
GIVEN = {"bestand"}
# Texts whose key is made from two parts that are both values: what makes them.
FAMILIES = {
    "ontbreekt.": "selectielijst.words: what is missing for a proposal",
    "gebeurtenis.": "selectielijst.words: what starts a term",
    "reden.": "selectielijst.words: why something is kept apart",
}


@dataclass(frozen=True)
class Text:
    """One row of a word list."""

    key: str
    nl: str
    en: str
    where: str
    file: str


@lru_cache(maxsize=1)
def texts() -> tuple[Text, ...]:
    found = []
    for path in sorted(WORDS.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                found.append(Text(row["key"], row["nl"], row["en"], row["where"], path.name))
    assert len(found) > 500
    return tuple(found)


@lru_cache(maxsize=1)
def keys() -> frozenset[str]:
    return frozenset(text.key for text in texts())


def gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_a_key_stands_in_one_place_only() -> None:
    counts = Counter(text.key for text in texts())
    assert {key: n for key, n in counts.items() if n > 1} == {}


@pytest.mark.parametrize("path", sorted(WORDS.glob("*.csv")), ids=lambda path: path.stem)
def test_every_row_is_whole(path: Path) -> None:
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    assert rows[0] == ["key", "nl", "en", "where"]
    for row in rows[1:]:
        assert len(row) == 4, row
        assert all(cell == cell.strip() for cell in row[:3]), row
        assert re.fullmatch(r"[a-z0-9_]+(\.[A-Za-z0-9_-]+)+", row[0]), row[0]


def test_every_text_is_in_two_languages() -> None:
    assert [text.key for text in texts() if not text.nl or not text.en] == []


def test_both_languages_have_the_same_gaps() -> None:
    different = {t.key: (gaps(t.nl), gaps(t.en)) for t in texts() if gaps(t.nl) != gaps(t.en)}
    assert different == {}


def test_every_gap_has_a_name() -> None:
    unnamed = [
        t.key for t in texts() for g in gaps(t.nl) if not re.fullmatch(r"[a-z_][a-z0-9_]*", g)
    ]
    assert unnamed == []


@dataclass(frozen=True)
class Made:
    """A place where a code is given; `params` is None when they are not written out there."""

    where: str
    maker: str
    code: str
    params: frozenset[str] | None
    pattern: bool = False


def _params(maker: str, call: ast.Call) -> frozenset[str] | None:
    """Give the names of the values that go along; None when they are not written out here."""
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    if maker == "XmlError":  # takes them by name
        return None if None in named else frozenset(name for name in named if name)
    position = 2 if maker == "Violation" else 1
    given = named.get("params", call.args[position] if len(call.args) > position else None)
    if given is None:
        return frozenset()
    if not isinstance(given, ast.Dict):
        return None
    keys = [key.value for key in given.keys if isinstance(key, ast.Constant)]
    return frozenset(map(str, keys)) if len(keys) == len(given.keys) else None


@lru_cache(maxsize=1)
def made() -> tuple[Made, ...]:
    found = []
    for module in modules():
        for maker, call in calls(module.tree):
            if not call.args:
                continue
            where, first = f"{module.name}:{call.lineno}", call.args[0]
            options = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
            for option in options:
                if isinstance(option, ast.Constant) and isinstance(option.value, str):
                    if maker in MAKERS:
                        found.append(Made(where, maker, option.value, _params(maker, call)))
                    elif CODE.fullmatch(option.value):
                        found.append(Made(where, maker, option.value, None))
                elif isinstance(option, ast.JoinedStr) and maker in MAKERS:
                    found.append(Made(where, maker, _pattern(option), None, pattern=True))
    assert len(found) > 100
    return tuple(found)


def _pattern(node: ast.JoinedStr) -> str:
    parts = [
        re.escape(v.value) if isinstance(v, ast.Constant) else "[a-z0-9_]+" for v in node.values
    ]
    return "".join(parts)


def families() -> set[str]:
    """Give the first words of codes that have a text: ``mail`` of ``bevinding.mail.te_groot``."""
    return {
        key.removeprefix(prefix).partition(".")[0]
        for key in keys()
        for prefix in PREFIXES
        if key.startswith(prefix) and "." in key.removeprefix(prefix)
    }


def has_text(code: str) -> bool:
    return any(prefix + code in keys() for prefix in PREFIXES)


def test_every_code_has_a_text() -> None:
    known = families()
    missing = sorted(
        f"{one.code} ({one.where})"
        for one in made()
        if not one.pattern
        and (one.maker in MAKERS or one.code.partition(".")[0] in known)
        and one.code not in keys()
        and not has_text(one.code)
    )
    assert not missing, "\n".join(missing)


def test_every_family_of_codes_has_texts() -> None:
    for one in made():
        if one.pattern:
            pattern = re.compile(rf"(?:bevinding|fout)\.{one.code}")
            assert any(pattern.fullmatch(key) for key in keys()), one


def test_every_gap_of_a_code_is_filled_where_the_code_is_given() -> None:
    table = {text.key: gaps(text.nl) for text in texts()}
    empty = []
    for one in made():
        if one.params is None or one.maker not in MAKERS:
            continue
        for prefix in PREFIXES:
            left = table.get(prefix + one.code, set()) - one.params - GIVEN
            if left:
                empty.append(f"{one.code} ({one.where}): {sorted(left)}")
    assert not empty, "\n".join(empty)


@lru_cache(maxsize=1)
def _strings() -> tuple[frozenset[str], frozenset[str]]:
    """Give every string of the source and data, and every pattern that makes a key."""
    constants: set[str] = set()
    patterns: set[str] = set()
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                constants.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                patterns.add(_pattern_of_key(node))
            elif (
                isinstance(node, ast.BinOp)
                and isinstance(node.op, ast.Add)
                and isinstance(node.left, ast.Constant)
                and isinstance(node.left.value, str)
            ):
                patterns.add(re.escape(node.left.value) + ".+")
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.json"):
            constants.update(re.findall(r'"([^"\n]*)"', path.read_text(encoding="utf-8")))
    # Only patterns that begin with a whole first word of a key, else anything would match.
    named = {p for p in patterns if re.match(r"[a-z_]{3,}(?:\\\.|_)", p) and r"\." in p}
    return frozenset(constants), frozenset(named)


def _pattern_of_key(node: ast.JoinedStr) -> str:
    return "".join(re.escape(v.value) if isinstance(v, ast.Constant) else ".+" for v in node.values)


@lru_cache(maxsize=1)
def _endings() -> frozenset[str]:
    """Give what is put after a key or code to make another: ``f"{code}_mist"``, ``f"{key}.een"``."""
    found = set()
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.JoinedStr) and len(node.values) == 2:
                first, last = node.values
                if isinstance(first, ast.FormattedValue) and isinstance(last, ast.Constant):
                    found.add(str(last.value))
    return frozenset(ending for ending in found if re.fullmatch(r"[._][a-z0-9_]+", ending))


def names(key: str) -> Iterator[str]:
    """Give the forms in which source may name a key: itself, its stem, its code."""
    codes = [key, *(key.removeprefix(p) for p in PREFIXES if key.startswith(p))]
    given = {one.code for one in made() if one.maker in MAKERS}
    for code in codes:
        if code.isalpha() and code not in given:  # a plain word stands in source for many things
            continue
        yield code
        for ending in _endings():
            if code.endswith(ending):
                yield code.removesuffix(ending)


def used(key: str) -> bool:
    constants, patterns = _strings()
    if any(key.startswith(family) for family in FAMILIES):
        return key.rpartition(".")[2] in constants
    too_wide = {r"bevinding\..+", r"fout\..+"}
    return any(
        name in constants or any(re.fullmatch(p, name) for p in patterns - too_wide)
        for name in names(key)
    )


def later() -> dict[str, str]:
    with LATER.open(encoding="utf-8", newline="") as file:
        return {row["key"]: row["reason"] for row in csv.DictReader(file)}


def test_every_text_is_used_or_waits_for_a_named_reason() -> None:
    dead = sorted(f"{t.file}: {t.key}" for t in texts() if not used(t.key) and t.key not in later())
    assert not dead, "\n".join(dead)


def test_what_waits_really_waits() -> None:
    waiting = later()
    assert sorted(set(waiting) - keys()) == [], "no such text any more: take it out of the list"
    assert [key for key in waiting if used(key)] == [], "in use now: take it out of the list"
    assert [key for key, reason in waiting.items() if not reason.strip()] == []
