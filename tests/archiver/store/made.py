"""Invented sources, items and events for the tests of the register."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from archiver.findings import Finding
from archiver.ledger import count
from archiver.model import (
    Address,
    Attachment,
    AuditEvent,
    ChatAttachment,
    Conversation,
    Decision,
    Dossier,
    EmailMessage,
    Identification,
    Item,
    ItemKind,
    ItemStatus,
    Ledger,
    Source,
    SourceStatus,
    Span,
    Value,
)
from archiver.store import audit, decisions, dossiers, items, packages, persons, sources
from archiver.store.database import Register
from archiver.store.packages import PackageRow

STORED = Path(__file__).parent / "gegevens"


def sha(number: int) -> str:
    return f"{number:064x}"


def mail(index: int = 0, **change: Any) -> EmailMessage:
    inner = EmailMessage(
        format="eml",
        index=0,
        span=Span(0, 90),
        size=90,
        sha256=sha(7_000 + index),
        subject="Binnenste",
        attachments=(Attachment("plan.pdf", "application/pdf", 10, sha(8_000 + index), "2"),),
        parts=2,
        undecodable=1,
    )
    given: dict[str, Any] = {
        "format": "mbox",
        "index": index,
        "span": Span(index * 500, index * 500 + 500),
        "size": 500,
        "sha256": sha(1_000 + index),
        "message_id": f"<{index}@voorbeeld.nl>",
        "subject": f"Vraag {index}",
        "sender": Address("Zoë", "zoe@voorbeeld.nl"),
        "date": f"2024-03-01T10:{index % 60:02}:00+01:00",
        "attachments": (
            Attachment(
                "door.eml", "message/rfc822", 90, inner.sha256, "2", kind="message", message=inner
            ),
            Attachment("foto.png", "image/png", 4, sha(9_000 + index), "3", inline=True),
        ),
        "parts": 3,
        "findings": (Finding("mail.proef", {"nr": index}, "kop"),),
    }
    return EmailMessage(**{**given, **change})


def chat(**change: Any) -> Conversation:
    given: dict[str, Any] = {
        "id": "groep",
        "format": "whatsapp",
        "platform": "whatsapp",
        "index": 0,
        "size": 700,
        "sha256": sha(3),
        "title": "Groep",
        "message_count": 12,
        "last": "2024-03-02T09:00:00",
        "media": (
            ChatAttachment("a.jpg", True, "exact", "/ergens/a.jpg", "image/jpeg", 33, sha(4)),
            ChatAttachment("weg.jpg", False),
        ),
        "text_size": 700,
    }
    return Conversation(**{**given, **change})


def source(id: str = "bron-1", **change: Any) -> Source:
    given: dict[str, Any] = {
        "id": id,
        "batch": "partij-1",
        "path": "post.mbox",
        "sha256": sha(1),
        "size": 500,
        "identification": Identification("mbox", "application/mbox", None, None, "inlezen"),
        "status": SourceStatus.OPGENOMEN,
        "taken_in_at": "2024-04-01T12:00:00+02:00",
        "actor": "zoe",
        "owner": "Zoë",
        "ledger": Ledger(),
        "findings": (Finding("mail.proef", {"nr": 1}),),
    }
    return Source(**{**given, **change})


def item(record: EmailMessage | Conversation, of: Source, **change: Any) -> Item:
    is_mail = isinstance(record, EmailMessage)
    given: dict[str, Any] = {
        "id": f"{of.id}-{record.index}",
        "kind": ItemKind.EMAIL if is_mail else ItemKind.CONVERSATION,
        "source_id": of.id,
        "source_sha256": of.sha256,
        "index": record.index,
        "span": record.span if isinstance(record, EmailMessage) else Span(0, of.size),
        "sha256": record.sha256,
        "title": (record.subject if isinstance(record, EmailMessage) else record.title) or "",
        "sender": "Zoë" if is_mail else None,
        "date": record.date if isinstance(record, EmailMessage) else record.last,
        "status": ItemStatus.GETAGD,
        "record": record,
        "values": {"naam": Value("een naam", "bericht")},
        "proposal": {"waardering": "V", "termijn": "P10Y"},
        "owner": "Zoë",
        "secured_at": of.taken_in_at,
        "findings": record.findings,
    }
    return Item(**{**given, **change})


def event(action: str = "wijziging", object: str = "item:x", **change: Any) -> AuditEvent:
    return AuditEvent(action, object, change.pop("result", "gelukt"), "zoe", "cli", **change)


def decision(waardering: str = "B") -> Decision:
    return Decision(waardering, "zoe", "2024-04-02T12:00:00+02:00", "volgt voorstel")


def records(amount: int = 5) -> Iterator[EmailMessage]:
    return (mail(i) for i in range(amount))


def total(found: Iterable[EmailMessage | Conversation]) -> Ledger:
    return sum((count(record) for record in found), Ledger())


def fill(register: Register) -> None:
    """Put two sources, six items, a dossier, a decision and a package in a register, as services do."""
    post = source(ledger=total(records()))
    group = source("bron-2", path="_chat.txt", sha256=sha(3), size=700, ledger=total((chat(),)))
    dossier = Dossier("dossier-1", "Straatvaart", "P1")
    with register.write() as tx:
        dossiers.add(tx, dossier)
        for each in (post, group):
            sources.add(tx, each)
            audit.append(tx, event("opname", f"source:{each.id}", result="opgenomen"))
        items.add_many(tx, (item(r, post, dossier=dossier) for r in records()))
        items.add_many(tx, (item(chat(), group),))
    with register.write() as tx:
        decisions.add(tx, "bron-1-0", decision())
        items.update(tx, "bron-1-0", status=ItemStatus.BESLOTEN)
        audit.append(tx, event("besluit", "item:bron-1-0", before={"status": "getagd"}))
    with register.write() as tx:
        persons.add(tx, persons.Person("persoon-1", "Zoë de Vries"))
        label = persons.Label("naam", "Zoë werk", "mira")
        persons.put(tx, persons.LabelRow(label, "persoon-1", "zoe", "nu", "collega"))
    with register.write() as tx:
        row = PackageRow("pakket-1", "/uit", "mdto", "nu", "zoe", sha(9), 1, 2, 700, ("bron-1-0",))
        packages.add(tx, row)
        audit.append(tx, event("pakket", "package:pakket-1"))


def stored(version: str, folder: Path) -> Path:
    """Lay the stored register of a schema version in a folder and give its path."""
    path = folder / "register.db"
    shutil.copy(STORED / f"register-{version}.db", path)
    for end, name in ((".spoor.txt", "register.spoor.txt"), (".stand.txt", "spoor-stand.txt")):
        beside = STORED / f"register-{version}{end}"
        if beside.exists():
            shutil.copy(beside, folder / name)
    return path
