"""How the messages of one delivery stand to each other, in the relation types of MDTO.

An answer "Refereert aan" what it answers or names; without ids the Thread-Index of Outlook says it. One
message of a chat that answers none "Refereert aan" the first of its chat.
MDTO has no word for copies: of two with one Message-ID and other bytes the later "Is een versie van"
the earlier. Of a message in pieces the first "Heeft nodig" the others. A relation only leads to what
is in the same delivery, and never comes from an equal subject.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from archiver.export.scratch import Scratch, digest
from archiver.links import ROOT_HEX, answered, bare, chat_of, known_as, piece_of
from archiver.model import EmailMessage, Item
from metadata import begrippen
from metadata.mdto import (
    GerelateerdInformatieobjectGegevens,
    IdentificatieGegevens,
    VerwijzingGegevens,
)

Relation = GerelateerdInformatieobjectGegevens
_STEP_HEX = 10  # every answer in Outlook adds 5 bytes to the Thread-Index
_MOST_COPIES = 50  # that are looked at for the nearest
_TABLES = (
    "CREATE TABLE related (seq INTEGER PRIMARY KEY, id TEXT, naam TEXT, sha BLOB, source BLOB,"
    " owner BLOB, name BLOB, place BLOB, piece BLOB, number INTEGER, sealed BLOB, chat BLOB)",
    "CREATE TABLE opened (seq INTEGER, number INTEGER, sha BLOB)",
)
_INDEXES = (
    "CREATE INDEX related_name ON related (name, seq) WHERE name IS NOT NULL",
    "CREATE INDEX related_place ON related (place, seq) WHERE place IS NOT NULL",
    "CREATE INDEX related_piece ON related (piece, number, seq) WHERE piece IS NOT NULL",
    "CREATE INDEX related_chat ON related (chat, seq) WHERE chat IS NOT NULL",
    "CREATE INDEX related_sealed ON related (sealed, seq) WHERE sealed IS NOT NULL",
    "CREATE INDEX opened_sha ON opened (sha, seq)",
    "CREATE INDEX opened_seq ON opened (seq, number)",
)


@dataclass(frozen=True, slots=True)
class _Other:
    seq: int
    id: str
    naam: str
    sha: bytes
    source: bytes
    owner: bytes | None


class Relations:
    """All items of a delivery are added in their order and `settle` is called; then each is asked.

    `bron` is the identificatieBron of our own ids.
    """

    def __init__(self, scratch: Scratch, bron: str) -> None:
        self._scratch = scratch
        self._bron = bron
        for table in _TABLES:
            scratch.run(table)

    def add(self, seq: int, item: Item, naam: str) -> None:
        """Add an item; `naam` is what its informatieobject is called."""
        record = item.record
        piece = known = index = chat = None
        if isinstance(record, EmailMessage):
            piece, known, index = piece_of(record), known_as(record), record.thread_index
            chat = chat_of(record)
        row = (
            seq,
            item.id,
            naam,
            digest(record.sha256),
            digest(item.source_id),
            digest(item.owner) if item.owner else None,
            digest(known) if known else None,
            digest(index) if index else None,
            digest(piece[0]) if piece else None,
            piece[1] if piece else None,
            digest(item.source_sha256) if record.format == "sealed" else None,
            digest(chat) if chat else None,
        )
        self._scratch.run(f"INSERT INTO related VALUES ({','.join('?' * len(row))})", row)
        opened = (
            (seq, number, digest(str(finding.params.get("sha256"))))
            for number, finding in enumerate(record.findings)
            if finding.code == "chat.ontsleuteld"
        )
        self._scratch.many("INSERT INTO opened VALUES (?, ?, ?)", opened)

    def settle(self) -> None:
        """Make it quick to ask."""
        for index in _INDEXES:
            self._scratch.run(index)

    def of(self, seq: int, item: Item) -> tuple[Relation, ...]:
        """Give the relations of an item.

        A conversation that was read from an opened backup "Is een versie van" the sealed original.
        """
        if found := tuple(self._opened(seq, item)):
            return found
        record = item.record
        if not isinstance(record, EmailMessage):
            return ()
        whole = (
            *self._answers(seq, item, record),
            *self._versions(seq, record),
            *self._needs(seq, record),
        )
        return tuple(dict.fromkeys(whole))

    def _answers(self, seq: int, item: Item, record: EmailMessage) -> Iterator[Relation]:
        named = dict.fromkeys((*map(bare, record.references), answered(record.in_reply_to)))
        chat = chat_of(record)
        if record.post is not None and chat and record.post.parent:
            named[f"{chat}/{record.post.parent}"] = None
        groups = [near for one in named if one and (near := self._near("name", one))]
        index = record.thread_index or ""
        if chat:
            groups = groups or [self._near("chat", chat)[:1]]
        elif not groups and len(index) > ROOT_HEX:
            groups = [self._near("place", index[:-_STEP_HEX])]
        for group in groups:
            target = _nearest(item, group)
            if target is not None and target.seq != seq:
                yield self._to(target, "Refereert aan")

    def _near(self, column: str, value: str) -> list[_Other]:
        return list(self._others(f"{column} = ? ORDER BY seq LIMIT {_MOST_COPIES}", digest(value)))

    def _versions(self, seq: int, record: EmailMessage) -> Iterator[Relation]:
        known, own = known_as(record), digest(record.sha256)
        first = next(self._others("name = ? ORDER BY seq", digest(known)), None) if known else None
        if first is None:
            return
        if first.seq == seq:
            for other in self._others("name = ? ORDER BY seq", digest(known)):
                if other.sha != own:
                    yield self._to(other, "Heeft Versie")
        elif first.sha != own:
            yield self._to(first, "Is een versie van")

    def _needs(self, seq: int, record: EmailMessage) -> Iterator[Relation]:
        piece = piece_of(record)
        if piece is None:
            return
        group = self._others("piece = ? ORDER BY number, seq", digest(piece[0]))
        first = next(group)
        if first.seq == seq:
            yield from (self._to(other, "Heeft nodig") for other in group)
        else:
            yield self._to(first, "Is vereist door")

    def _opened(self, seq: int, item: Item) -> Iterator[Relation]:
        """Give what binds a sealed original and what was read from it; of equal originals the last."""
        said = "SELECT sha FROM opened WHERE seq = ? ORDER BY number DESC"
        for (sha,) in self._scratch.rows(said, (seq,)):
            if original := next(self._others("sealed = ? ORDER BY seq DESC", sha), None):
                yield self._to(original, "Is een versie van")
                break
        if item.record.format != "sealed":
            return
        own = digest(item.source_sha256)
        last = next(self._others("sealed = ? ORDER BY seq DESC", own))
        if last.seq == seq:
            where = "seq IN (SELECT seq FROM opened WHERE sha = ?) ORDER BY seq"
            yield from (self._to(other, "Heeft Versie") for other in self._others(where, own))

    def _others(self, where: str, value: bytes) -> Iterator[_Other]:
        columns = "seq, id, naam, sha, source, owner"
        for row in self._scratch.rows(f"SELECT {columns} FROM related WHERE {where}", (value,)):
            yield _Other(*row)

    def _to(self, target: _Other, label: str) -> Relation:
        kenmerk = IdentificatieGegevens(f"urn:uuid:{target.id}", self._bron)
        return Relation(VerwijzingGegevens(target.naam, kenmerk), begrippen.relatie(label))


def _nearest(item: Item, near: list[_Other]) -> _Other | None:
    """Of several copies the one from the same container, else from the same mailbox, else the first."""
    source, owner = digest(item.source_id), digest(item.owner) if item.owner else None
    beside = [other for other in near if other.source == source]
    own = [other for other in near if owner is not None and other.owner == owner]
    return next(iter((*beside, *own, *near[:1])), None)
