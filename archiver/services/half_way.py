"""How far a mailbox is that was stopped half way, so that the next run begins where it ended.

It is written with every piece, in the finding that says that the source is not finished. It is believed only
when every message before that place is accounted for: as an item, as not chosen, or as not readable.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from archiver.errors import StoreDamaged
from archiver.findings import Finding, Severity
from archiver.intake.protocol import Resume, Start
from archiver.model import EmailMessage, Source, Unreadable
from archiver.services.archive import Archive
from archiver.services.selection import Choice
from archiver.store import items, sources
from archiver.store.database import Tx

MOST = 500  # folders, and messages that cannot be read; with more the next run reads from the beginning
_FOLDERS = 200  # findings about folders of a finished source; what is more is counted together
_LEFT, _REST = "postvak.niet_gekozen", "postvak.niet_gekozen_rest"
# What a reader notices by what it read before: it would stand with another message after a stop.
_BY_ORDER = frozenset({"pst.controlegetal"})


@dataclass(frozen=True, slots=True)
class HalfWay:
    """A source that was stopped half way; of the messages before `start` nothing is unknown."""

    source: Source
    start: Start
    choice: str  # which messages were chosen, as `name_of` has it
    left: Counter[str]  # not chosen, by folder
    refused: frozenset[int]
    unreadable: tuple[Finding, ...]

    @property
    def resume(self) -> Resume:
        """Give what a reader must know to go on."""
        return Resume(self.source.sha256, self.source.size, self.start)

    def fits(self, choice: Choice) -> bool:
        """Tell whether nothing that was left before would be chosen now."""
        return not self.left or self.choice == name_of(choice)


def half_ways(archive: Archive) -> tuple[HalfWay, ...]:
    """Give every source that was stopped half way and of which it is certain how far it was."""
    try:
        with archive.register.read() as tx:
            found = [_read(tx, source) for source in sources.unfinished(tx)]
    except StoreDamaged:
        return ()  # a row that was changed is named by `verify`; nothing goes on from there
    return tuple(one for one in found if one is not None)


def fitting(halves: Iterable[HalfWay], choice: Choice) -> dict[str, HalfWay]:
    """Give by the SHA-256 of their bytes those from which this choice can go on, of each the furthest."""
    ordered = sorted(halves, key=lambda one: one.start.index)
    return {one.source.sha256: one for one in ordered if one.fits(choice)}


def marks(tx: Tx, sha256: str) -> bytearray:
    """Give a byte for every message of these bytes: 1 for those that are items, whatever their source."""
    found = bytearray()
    for index in items.each_position(tx, sha256):
        if index >= len(found):
            found.extend(bytes(index + 1 - len(found)))
        found[index] = 1
    return found


def findings(
    secured: int,
    start: Start | None,
    choice: Choice,
    left: Counter[str],
    refused: Sequence[int],
    unreadable: Sequence[Finding],
) -> tuple[Finding, ...]:
    """Say of a source that it is not finished, how many messages are secured, and where it goes on.

    `start` is None when that cannot be said.
    """
    params: dict[str, str | int] = {"n": secured}
    if start is not None and max(len(left), len(unreadable), len(refused)) <= MOST:
        params |= {"vanaf": start.index, "byte": start.byte, "keuze": name_of(choice)}
        params["geweigerd"] = " ".join(map(str, refused))
    said = Finding(sources.UNFINISHED, params, severity=Severity.LET_OP)
    return (said, *unreadable, *left_behind(left, MOST))


def left_behind(left: Counter[str], most: int = _FOLDERS) -> Iterator[Finding]:
    """Name every folder of which messages were not chosen, with how many."""
    named = left.most_common(most)
    for folder, number in named:
        params: dict[str, Any] = {"n": number, "map": folder}
        yield Finding(_LEFT, params, severity=Severity.INFO)
    rest = left.total() - sum(number for _, number in named)
    if rest:
        params = {"n": rest, "mappen": len(left) - len(named)}
        yield Finding(_REST, params, severity=Severity.INFO)


def depends_on_order(record: EmailMessage | Unreadable) -> bool:
    """Tell whether something was noticed that another order of reading puts elsewhere."""
    return any(found.code in _BY_ORDER for found in record.findings)


def name_of(choice: Choice) -> str:
    """Give a short name that two choices share only when they are the same."""
    plain = json.dumps(asdict(choice), sort_keys=True, default=sorted)
    return hashlib.sha256(plain.encode()).hexdigest()[:32]


def _read(tx: Tx, source: Source) -> HalfWay | None:
    said = next(f for f in source.findings if f.code == sources.UNFINISHED).params
    index, byte = said.get("vanaf"), said.get("byte")
    if not isinstance(index, int) or not isinstance(byte, int):
        return None  # written before there was such a place, or too much to remember
    refused = frozenset(int(n) for n in str(said["geweigerd"]).split())
    named = (f.params for f in source.findings if f.code == _LEFT)
    left = Counter({str(params["map"]): int(params["n"]) for params in named})
    rest = tuple(f for f in source.findings if f.code not in (sources.UNFINISHED, _LEFT))
    whole = marks(tx, source.sha256).count(1, 0, index) + left.total() + len(refused) == index
    if not whole or left.total() != source.ledger.not_chosen:
        return None
    return HalfWay(source, Start(index, byte), str(said["keuze"]), left, refused, rest)
