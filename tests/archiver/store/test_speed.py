"""The register keeps up: 10,000 mails with 30,000 attachments and 1,000 entries in the trail."""

from __future__ import annotations

import time
from pathlib import Path

from archiver.model import Attachment, EmailMessage
from archiver.store import audit, items, soundness, sources
from archiver.store.database import Register
from tests.archiver.store import made

AMOUNT = 10_000
SECONDS = 4.0  # of processor time; it takes about 1.2 where the target is 2


def message(index: int) -> EmailMessage:
    attached = tuple(
        Attachment(f"stuk {n}.pdf", "application/pdf", 1000, made.sha(index * 3 + n), str(n + 2))
        for n in range(3)
    )
    return made.mail(index, attachments=attached, parts=4)


def test_writing_and_checking_ten_thousand_mails(tmp_path: Path) -> None:
    of = made.source()
    wanted = [made.item(message(i), of) for i in range(AMOUNT)]
    register = Register.open(tmp_path / "register.db")
    began = time.process_time()
    with register.write() as tx:
        sources.add(tx, of)
        items.add_many(tx, wanted)
        audit.append_many(tx, (made.event("opname", f"source:{of.id}") for _ in range(1_000)))
    written = time.process_time() - began
    began = time.process_time()
    with register.read() as tx:
        assert [f.code for f in soundness.verify(tx)] == ["register.rij_ontbreekt"]
        assert items.ledger(tx, of.id).attachments == 3 * AMOUNT
    checked = time.process_time() - began
    register.close()
    assert written < SECONDS, written
    assert checked < SECONDS, checked
