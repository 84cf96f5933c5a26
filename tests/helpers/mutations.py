"""Damage to an XML document, one change at a time, the same for the same seed."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from lxml import etree

XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
# Wrong and right by turns, for every type that the two norms use.
VALUES: tuple[str, ...] = (
    *("", " ", "x", "0", "-1", "+7", "1.5", "1e3", "12 bytes", "99999999999999999999", "true"),
    *("2026", "2026-13", "2026-11", "2026-02-30", "2026-11-04", "2026-11-04Z", "-0044", "0000"),
    *("2026-11-04T10:00:00", "2026-11-04T10:00:00+01:00", "2026-11-04T24:00:00", "04-11-2026"),
    *("2026-11-04T25:00:00", "2026+01:00", "20261104", "P7Y", "P1Y6M", "P10W", "P", "-P7Y", "7Y"),
    *("nl", "nl-NL", "dut", "eng", "NL_nl", "nederlands", "qaa", "Serie", "Record", "Bestand"),
    *("fmt/950", "urn:x:y", "a b", "http://[", "%zz", "Vernietigen", "Geheim", "Openbaar"),
    *("x" * 255, "x" * 256, "x" * 2000, "x" * 2001),
)


@dataclass(frozen=True)
class Mutant:
    """A document with what was done to it."""

    what: str
    root: etree._Element


def mutants(root: etree._Element, count: int, seed: str) -> list[Mutant]:
    """Give `count` damaged copies, each with one to three changes."""
    random = Random(seed)
    names = sorted({str(element.tag) for element in root.iter(etree.Element)})
    made: list[Mutant] = []
    while len(made) < count:
        damaged = copy.deepcopy(root)
        done = []
        for _ in range(random.choice((1, 1, 1, 1, 2, 3))):
            change = random.choice(CHANGES)
            if change(damaged, random, names):
                done.append(change.__name__.strip("_"))
        if done:
            made.append(Mutant(" + ".join(done), damaged))
    return made


def systematic(root: etree._Element) -> Iterator[Mutant]:
    """Give every document that lacks one element, and every one that has one element twice."""
    for position, element in enumerate(root.iter(etree.Element)):
        if element.getparent() is None:
            continue
        for what, change in (("without", _without), ("twice", _twice)):
            damaged = copy.deepcopy(root)
            change(list(damaged.iter(etree.Element))[position])
            yield Mutant(f"{what} {etree.QName(element).localname}", damaged)


def _without(element: etree._Element) -> None:
    parent = element.getparent()
    assert parent is not None
    parent.remove(element)


def _twice(element: etree._Element) -> None:
    element.addnext(copy.deepcopy(element))


def _pick(root: etree._Element, random: Random) -> etree._Element | None:
    inside = [element for element in root.iter(etree.Element) if element.getparent() is not None]
    return random.choice(inside) if inside else None


def _leaf(root: etree._Element, random: Random) -> etree._Element | None:
    leaves = [element for element in root.iter(etree.Element) if len(element) == 0]
    return random.choice(leaves) if leaves else None


def _remove(root: etree._Element, random: Random, names: Sequence[str]) -> bool:
    element = _pick(root, random)
    if element is None:
        return False
    _without(element)
    return True


def _duplicate(root: etree._Element, random: Random, names: Sequence[str]) -> bool:
    element = _pick(root, random)
    if element is None:
        return False
    _twice(element)
    return True


def _reorder(root: etree._Element, random: Random, names: Sequence[str]) -> bool:
    element = _pick(root, random)
    parent = element.getparent() if element is not None else None
    if element is None or parent is None or len(parent) < 2:
        return False
    parent.insert(random.randrange(len(parent)), element)
    return True


def _move(root: etree._Element, random: Random, names: Sequence[str]) -> bool:
    element, target = _pick(root, random), _pick(root, random)
    if element is None or target is None or element in target.iterancestors():
        return False
    if element is target:
        return False
    target.insert(random.randint(0, len(target)), element)
    return True


def _rename(root: etree._Element, random: Random, names: Sequence[str]) -> bool:
    element = _pick(root, random)
    if element is None:
        return False
    element.tag = random.choice((*names, f"{element.tag}X"))
    return True


def _other_namespace(root: etree._Element, random: Random, names: Sequence[str]) -> bool:
    element = _pick(root, random)
    if element is None:
        return False
    space = random.choice(("", "{urn:anders}"))
    element.tag = space + etree.QName(element).localname
    return True


def _add_element(root: etree._Element, random: Random, names: Sequence[str]) -> bool:
    element = _pick(root, random)
    if element is None:
        return False
    new = etree.Element(random.choice((*names, "{urn:anders}k")))
    new.text = random.choice(VALUES)
    element.insert(random.randint(0, len(element)), new)
    return True


def _change_text(root: etree._Element, random: Random, names: Sequence[str]) -> bool:
    element = _leaf(root, random)
    if element is None:
        return False
    element.text = random.choice(VALUES)
    return True


def _empty_text(root: etree._Element, random: Random, names: Sequence[str]) -> bool:
    element = _leaf(root, random)
    if element is None:
        return False
    element.text = None
    return True


def _white_space(root: etree._Element, random: Random, names: Sequence[str]) -> bool:
    element = _leaf(root, random)
    if element is None:
        return False
    element.text = f"\n {element.text or ''}\t"
    return True


def _loose_text(root: etree._Element, random: Random, names: Sequence[str]) -> bool:
    element = _pick(root, random)
    if element is None:
        return False
    element.tail = f"{element.tail or ''}los"
    return True


def _attribute(root: etree._Element, random: Random, names: Sequence[str]) -> bool:
    element = random.choice(list(root.iter(etree.Element)))
    name = random.choice(
        ("lokaal", "type", "bronElement", "id", "{urn:anders}a", f"{XSI}nil", f"{XSI}type")
    )
    element.set(name, random.choice(("true", "x", "")))
    return True


def _comment(root: etree._Element, random: Random, names: Sequence[str]) -> bool:
    element = random.choice(list(root.iter(etree.Element)))
    element.insert(0, etree.Comment("opmerking"))
    return True


Change = Callable[[etree._Element, Random, Sequence[str]], bool]
CHANGES: tuple[Change, ...] = (
    *(_remove, _duplicate, _reorder, _move, _rename, _other_namespace, _add_element),
    *(_change_text, _change_text, _change_text, _empty_text, _white_space, _loose_text),
    *(_attribute, _comment),
)


@dataclass
class Verdicts:
    """How two schemas judged the same documents; a mutant that they disagree on is kept."""

    accepted: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    only_ours_accepts: list[str] = field(default_factory=list)
    only_theirs_accepts: list[str] = field(default_factory=list)

    def judge(self, ours: etree.XMLSchema, theirs: etree.XMLSchema, mutant: Mutant) -> None:
        """Let both judge one document."""
        here, there = ours.validate(mutant.root), theirs.validate(mutant.root)
        if here and there:
            self.accepted[mutant.what] += 1
        elif not here and not there:
            self.refused[mutant.what] += 1
        else:
            log = str((theirs if here else ours).error_log)[:300]
            place = self.only_ours_accepts if here else self.only_theirs_accepts
            place.append(f"{mutant.what}: {log}")
