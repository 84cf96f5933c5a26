"""What must be known of all items of a delivery before the first of them is written.

Where each will lie, what it is called, how it relates to the others, which levels share their appraisal,
and how much there will be. It is kept in a `Scratch`, so that a large mailbox costs no memory.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from archiver.export import describe
from archiver.export.attachments import sizes
from archiver.export.describe import Context
from archiver.export.itemfiles import has_original, made_count
from archiver.export.model import PackageObject
from archiver.export.naming import item_name
from archiver.export.relations import Relation, Relations
from archiver.export.scratch import Scratch, digest
from archiver.links import linked
from archiver.model import Conversation, EmailMessage, Item, Source
from metadata import begrippen
from metadata.mdto import IdentificatieGegevens, VerwijzingGegevens

_ITEM = (
    "CREATE TABLE item (seq INTEGER PRIMARY KEY, id TEXT, key TEXT, naam TEXT, dossier TEXT,"
    " source TEXT, siblings INTEGER, contained INTEGER, exact INTEGER, size INTEGER, held BLOB,"
    " linked TEXT)"
)
_SEEN = "CREATE TABLE seen (key BLOB PRIMARY KEY, times INTEGER) WITHOUT ROWID"
_SETTLE = (
    "CREATE INDEX item_id ON item (id)",
    "CREATE INDEX item_place ON item (dossier, source, seq)",
    "CREATE TABLE grouped (dossier TEXT, source TEXT, first INTEGER, n INTEGER, whole INTEGER,"
    " PRIMARY KEY (dossier, source)) WITHOUT ROWID",
    "INSERT INTO grouped SELECT dossier, source, MIN(seq), COUNT(*), 0 FROM item"
    " GROUP BY dossier, source",
    # A file goes along at the level above when all that came out of it lies in one dossier.
    "UPDATE grouped SET whole ="
    " (SELECT contained AND siblings = grouped.n FROM item WHERE seq = grouped.first)",
    "CREATE INDEX grouped_first ON grouped (dossier, whole, first)",
)


@dataclass(frozen=True, slots=True)
class Member:
    """Where an item stands in the order of the delivery, its id, and exports a person linked to it.

    Items with the same `held` share waardering, term and restriction.
    """

    seq: int
    id: str
    held: bytes
    linked: tuple[str, ...]


@dataclass(slots=True)
class Totals:
    """How much there is: items of each kind, and files with their bytes as far as those are known."""

    items: int = 0
    mails: int = 0
    chats: int = 0
    undecided: int = 0
    files: int = 0
    bytes: int = 0


class Plan:
    """All items are added in the order of the delivery and `settle` is called; then it can be asked."""

    def __init__(self, scratch: Scratch, context: Context) -> None:
        self._scratch = scratch
        self.context = context
        self.totals = Totals()
        self._relations = Relations(scratch, context.bron)
        self._linked: set[str] = set()  # made by people, one by one
        scratch.run(_ITEM)
        scratch.run(_SEEN)

    def add(self, item: Item, source: Source, siblings: int) -> None:
        """Add the next item; `siblings` is how many items came from its source."""
        record, total = item.record, self.totals
        mail = isinstance(record, EmailMessage)
        total.mails, total.chats = total.mails + mail, total.chats + (not mail)
        key = f"M-{total.mails:04d}" if mail else f"C-{total.chats:04d}"
        total.undecided += item.decision is None
        if has_original(record, siblings):
            total.files += 1
            total.bytes += record.size if mail else source.size
        parts = list(sizes(record))
        total.files += made_count(record) + len(parts)
        total.bytes += sum(parts)
        naam = item_name(item)
        self._linked.update((item.id, *linked(item)) if linked(item) else ())
        row = (
            total.items,
            item.id,
            key,
            naam,
            item.dossier.id if item.dossier else "",
            source.id,
            siblings,
            contained(item, source, siblings),
            isinstance(record, EmailMessage) and record.place is None,
            source.size,
            digest(repr(describe.retention(item, self.context))),
            " ".join(linked(item)),
        )
        self._scratch.run(f"INSERT INTO item VALUES ({','.join('?' * len(row))})", row)
        self._relations.add(total.items, item, naam)
        total.items += 1

    def settle(self) -> None:
        """Make it quick to ask."""
        for statement in _SETTLE:
            self._scratch.run(statement)
        self._relations.settle()
        question = "SELECT COUNT(*), SUM(size) FROM grouped JOIN item ON seq = first WHERE whole"
        for n, size in self._scratch.rows(question):
            self.totals.files += n
            self.totals.bytes += size or 0

    def key(self, seq: int) -> str:
        """Give the name of the folder of an item."""
        return str(self._value("SELECT key FROM item WHERE seq = ?", seq))

    def naam(self, seq: int) -> str:
        """Give the name of an item."""
        return str(self._value("SELECT naam FROM item WHERE seq = ?", seq))

    def holds(self, ids: Collection[str]) -> bool:
        """Tell whether all these items are in the delivery."""
        question = "SELECT 1 FROM item WHERE id = ?"
        return all(self._scratch.one(question, (one,)) is not None for one in ids)

    def dossiers(self) -> Iterator[tuple[str, int, bool]]:
        """Give id ("" without one) and first item of every dossier, and whether all share the appraisal."""
        question = (
            "SELECT dossier, MIN(seq), MIN(held) = MAX(held) FROM item GROUP BY dossier"
            " ORDER BY MIN(seq)"
        )
        for dossier, first, same in self._scratch.rows(question):
            yield dossier, first, bool(same)

    def shared(self) -> bool:
        """Tell whether all items share the appraisal."""
        return bool(self._value("SELECT MIN(held) = MAX(held) FROM item"))

    def sources(self, dossier: str, whole: bool) -> Iterator[tuple[str, int]]:
        """Give id and first item of the files in a dossier: those that go along whole, or the others."""
        question = (
            "SELECT source, first FROM grouped WHERE dossier = ? AND whole = ? ORDER BY first"
        )
        for source, first in self._scratch.rows(question, (dossier, whole)):
            yield str(source), int(first)

    def members(self, dossier: str, source: str) -> Iterator[Member]:
        """Give the items from one file in a dossier, in order."""
        question = (
            "SELECT seq, id, held, linked FROM item WHERE dossier = ? AND source = ? ORDER BY seq"
        )
        for seq, id_, held, others in self._scratch.rows(question, (dossier, source)):
            yield Member(seq, id_, held, tuple(others.split()))

    def loose(self, dossier: str) -> Iterator[Member]:
        """Give the items of a dossier that lie under no file."""
        for source, _ in self.sources(dossier, False):
            yield from self.members(dossier, source)

    def is_linked(self, member: Member) -> bool:
        """Tell whether somebody linked this item to another, or another to this one."""
        return member.id in self._linked

    def share(self, dossier: str, source: str) -> bool:
        """Tell whether all items from one file in a dossier share the appraisal."""
        question = "SELECT MIN(held) = MAX(held) FROM item WHERE dossier = ? AND source = ?"
        return bool(self._value(question, dossier, source))

    def related(self, seq: int, item: Item) -> tuple[Relation, ...]:
        """Give how an item stands to the others: as messages, and as exports of one conversation."""
        found = self._relations.of(seq, item)
        others = linked(item) if isinstance(item.record, Conversation) else ()
        for other in others:
            row = self._scratch.one(
                "SELECT naam FROM item WHERE id = ? ORDER BY seq DESC", (other,)
            )
            if row is not None:
                kenmerk = IdentificatieGegevens(f"urn:uuid:{other}", self.context.bron)
                target = VerwijzingGegevens(row[0], kenmerk)
                found = (*found, Relation(target, begrippen.relatie("Refereert aan")))
        return found

    def left_behind(self) -> Iterator[int]:
        """Give an item of each file that stays behind while an item has no exact bytes of its own."""
        question = (
            "SELECT MIN(seq) FROM item JOIN grouped USING (dossier, source)"
            " WHERE NOT exact AND contained AND n != siblings GROUP BY item.source ORDER BY MIN(seq)"
        )
        for (seq,) in self._scratch.rows(question):
            yield seq

    def unique(self, obj: PackageObject) -> PackageObject:
        """Keep a kenmerk unique within its bron: a second copy of a message says that it is one.

        Objects are given in the order in which they lie in the delivery, parents first; the children of
        `obj` are taken along when they are there.
        """
        pairs = []
        for pair in obj.informatieobject.identificatie:
            times = self._times(pair)
            if times > 1:
                pair = IdentificatieGegevens(
                    pair.identificatieKenmerk, f"{pair.identificatieBron}, exemplaar {times}"
                )
            pairs.append(pair)
        about = replace(obj.informatieobject, identificatie=tuple(pairs))
        made = replace(obj, informatieobject=about)
        if isinstance(obj.children, tuple):
            made = replace(made, children=tuple(self.unique(child) for child in obj.children))
        return made

    def _times(self, pair: IdentificatieGegevens) -> int:
        key = digest(pair.identificatieKenmerk, pair.identificatieBron)
        found = self._scratch.one("SELECT times FROM seen WHERE key = ?", (key,))
        times = found[0] + 1 if found is not None else 1
        self._scratch.run("INSERT OR REPLACE INTO seen VALUES (?, ?)", (key, times))
        return int(times)

    def _value(self, question: str, *given: str | int) -> str | int:
        row = self._scratch.one(question, given)
        assert row is not None
        value: str | int = row[0]
        return value


def contained(item: Item, source: Source, siblings: int) -> bool:
    """Tell whether the file an item came from is more than that item, or other bytes."""
    return siblings > 1 or item.sha256 != source.sha256
