"""The tables of the register, as SQLAlchemy 2 typed classes. No SQLite-only types.

`seal` is a checksum over the other columns of a row: it shows damage to the file that the database
itself cannot see (`archiver.store.rows`). Version 1.1 added the seals, `date_key`, `fold` and
`in_vault`; 1.2 the table `link`; 1.3 the tables `person` and `person_label`.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

VERSION: Final = (1, 3)


class Json(UserDefinedType[str]):
    """Canonical JSON, handed over as text: the seal covers the text exactly as it is stored."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """Give the type in SQL."""
        return "JSON"


class Base(DeclarativeBase):
    """Base of all tables."""


class SourceTable(Base):
    """One occurrence of a dropped file."""

    __tablename__ = "source"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    batch: Mapped[str] = mapped_column(String(36), index=True)
    path: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int] = mapped_column(Integer)
    identification: Mapped[str] = mapped_column(Json)
    status: Mapped[str] = mapped_column(String(16))
    taken_in_at: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(Text)
    owner: Mapped[str | None] = mapped_column(Text)
    ledger: Mapped[str] = mapped_column(Json)
    findings: Mapped[str] = mapped_column(Json)
    duplicate_of: Mapped[str | None] = mapped_column(ForeignKey("source.id"))
    seal: Mapped[str] = mapped_column(String(32), server_default="")


class DossierTable(Base):
    """A case or project file."""

    __tablename__ = "dossier"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    naam: Mapped[str] = mapped_column(Text, unique=True)
    proces: Mapped[str | None] = mapped_column(Text)
    afgesloten: Mapped[str | None] = mapped_column(String(40))
    seal: Mapped[str] = mapped_column(String(32), server_default="")


class ItemTable(Base):
    """One message or conversation.

    `date_key` is the date in UTC, only to sort by; `fold` is title and sender without case and
    accents, only to search in. Both can be made again.
    """

    __tablename__ = "item"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    source_id: Mapped[str] = mapped_column(ForeignKey("source.id"), index=True)
    position: Mapped[int] = mapped_column(Integer)
    span_start: Mapped[int] = mapped_column(Integer)
    span_end: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    title: Mapped[str] = mapped_column(Text)
    sender: Mapped[str | None] = mapped_column(Text)
    date: Mapped[str | None] = mapped_column(String(40))
    message_id: Mapped[str | None] = mapped_column(Text, index=True)
    status: Mapped[str] = mapped_column(String(16))
    record: Mapped[str] = mapped_column(Json)
    meta: Mapped[str] = mapped_column(Json)
    proposal: Mapped[str] = mapped_column(Json)
    dossier_id: Mapped[str | None] = mapped_column(ForeignKey("dossier.id"), index=True)
    owner: Mapped[str | None] = mapped_column(Text)
    secured_at: Mapped[str] = mapped_column(String(40))
    messages: Mapped[int] = mapped_column(Integer)
    parts: Mapped[int] = mapped_column(Integer)
    undecodable: Mapped[int] = mapped_column(Integer)
    findings: Mapped[int] = mapped_column(Integer)
    date_key: Mapped[str] = mapped_column(String(40), server_default="")
    fold: Mapped[str] = mapped_column(Text, server_default="")
    seal: Mapped[str] = mapped_column(String(32), server_default="")
    __table_args__ = (
        Index("item_queue_date", "status", "date_key", "id"),
        Index("item_date", "date_key", "id"),
    )


class AttachmentTable(Base):
    """One attachment of an item, those of attached messages included.

    `in_vault`: the bytes are a blob of their own (a file beside a chat text or an Apple mail), not a
    part of the source.
    """

    __tablename__ = "attachment"
    item_id: Mapped[str] = mapped_column(ForeignKey("item.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    parent: Mapped[int | None] = mapped_column(Integer)
    part: Mapped[str] = mapped_column(Text)
    name: Mapped[str | None] = mapped_column(Text)
    media_type: Mapped[str | None] = mapped_column(Text)
    size: Mapped[int | None] = mapped_column(Integer)
    sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    parts: Mapped[int] = mapped_column(Integer, default=0)
    undecodable: Mapped[int] = mapped_column(Integer, default=0)
    in_vault: Mapped[bool] = mapped_column(server_default="0")
    seal: Mapped[str] = mapped_column(String(32), server_default="")


class LinkTable(Base):
    """The keys by which messages that belong together find each other (`archiver.links`)."""

    __tablename__ = "link"
    item_id: Mapped[str] = mapped_column(ForeignKey("item.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    key: Mapped[str] = mapped_column(String(32))
    seal: Mapped[str] = mapped_column(String(32), server_default="")
    __table_args__ = (Index("link_key", "key", "item_id"),)


class PersonTable(Base):
    """Someone whom people recognised behind names, numbers and accounts."""

    __tablename__ = "person"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    naam: Mapped[str] = mapped_column(Text)
    seal: Mapped[str] = mapped_column(String(32), server_default="")


class PersonLabelTable(Base):
    """A name, number, address or account that someone decided is a person; `key` is a hash of it.

    Rows are withdrawn, never erased: what was decided once stays visible.
    """

    __tablename__ = "person_label"
    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(16))
    label: Mapped[str] = mapped_column(Text)
    scope: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    at: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(Text)
    withdrawn: Mapped[bool] = mapped_column(default=False)
    seal: Mapped[str] = mapped_column(String(32), server_default="")


class DecisionTable(Base):
    """Every decision ever made; the newest that was not withdrawn counts."""

    __tablename__ = "decision"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    item_id: Mapped[str] = mapped_column(ForeignKey("item.id"), index=True)
    withdrawn: Mapped[bool] = mapped_column(default=False)
    content: Mapped[str] = mapped_column(Json)
    seal: Mapped[str] = mapped_column(String(32), server_default="")


class PackageTable(Base):
    """One package that left."""

    __tablename__ = "package"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    content: Mapped[str] = mapped_column(Json)
    seal: Mapped[str] = mapped_column(String(32), server_default="")


class AuditTable(Base):
    """The audit trail: rows are added, never changed; the chain shows it when they are."""

    __tablename__ = "audit"
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    object: Mapped[str] = mapped_column(Text, index=True)
    entry: Mapped[str] = mapped_column(Text)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


SEALED: Final[tuple[type[Base], ...]] = (
    SourceTable,
    DossierTable,
    ItemTable,
    AttachmentTable,
    LinkTable,
    PersonTable,
    PersonLabelTable,
    DecisionTable,
    PackageTable,
)
"""Every table with a seal; the audit trail has its chain."""
