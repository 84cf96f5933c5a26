"""The tables of the register, as SQLAlchemy 2 typed classes. No SQLite-only types."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

VERSION = (1, 0)


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
    identification: Mapped[dict[str, Any]] = mapped_column(JSON)
    status: Mapped[str] = mapped_column(String(16))
    taken_in_at: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(Text)
    owner: Mapped[str | None] = mapped_column(Text)
    ledger: Mapped[dict[str, int]] = mapped_column(JSON)
    findings: Mapped[list[Any]] = mapped_column(JSON)
    duplicate_of: Mapped[str | None] = mapped_column(ForeignKey("source.id"))


class DossierTable(Base):
    """A case or project file."""

    __tablename__ = "dossier"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    naam: Mapped[str] = mapped_column(Text, unique=True)
    proces: Mapped[str | None] = mapped_column(Text)
    afgesloten: Mapped[str | None] = mapped_column(String(40))


class ItemTable(Base):
    """One message or conversation."""

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
    record: Mapped[dict[str, Any]] = mapped_column(JSON)
    meta: Mapped[dict[str, Any]] = mapped_column(JSON)
    proposal: Mapped[dict[str, Any]] = mapped_column(JSON)
    dossier_id: Mapped[str | None] = mapped_column(ForeignKey("dossier.id"), index=True)
    owner: Mapped[str | None] = mapped_column(Text)
    secured_at: Mapped[str] = mapped_column(String(40))
    messages: Mapped[int] = mapped_column(Integer)
    parts: Mapped[int] = mapped_column(Integer)
    undecodable: Mapped[int] = mapped_column(Integer)
    findings: Mapped[int] = mapped_column(Integer)
    __table_args__ = (Index("item_queue", "status", "date"),)


class AttachmentTable(Base):
    """One attachment of an item, those of attached messages included."""

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


class DecisionTable(Base):
    """Every decision ever made; the newest that was not withdrawn counts."""

    __tablename__ = "decision"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    item_id: Mapped[str] = mapped_column(ForeignKey("item.id"), index=True)
    withdrawn: Mapped[bool] = mapped_column(default=False)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)


class PackageTable(Base):
    """One package that left."""

    __tablename__ = "package"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)


class AuditTable(Base):
    """The audit trail: rows are added, never changed; the chain shows it when they are."""

    __tablename__ = "audit"
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    object: Mapped[str] = mapped_column(Text, index=True)
    entry: Mapped[str] = mapped_column(Text)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
