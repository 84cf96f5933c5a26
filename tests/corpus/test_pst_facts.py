"""Every .pst and .ost of the corpus: facts of the peers, counts of libpff and readpst, nothing lost."""

from __future__ import annotations

import hashlib
import random
import shutil
import subprocess
from collections import Counter
from email import message_from_bytes
from email.utils import parsedate_to_datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from archiver.intake import containers, pst, registry
from archiver.intake.identify import head_of, identify
from archiver.intake.protocol import Limits, ParseContext
from archiver.ledger import all_attachments, count
from archiver.model import EmailMessage, Unreadable
from tests.helpers.shared import SHARED

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(SHARED is None, reason="*** CORPUS ABSENT: .pst was NOT checked ***"),
]
# Not among the .eml files of readpst: contacts and appointments are .vcf and .ics there, and a
# folder of Exchange that is no mail is left out.
NO_MAIL = ("IPM.CONTACT", "IPM.DISTLIST", "IPM.APPOINTMENT", "IPM.MICROSOFT.SCHEDULEDATA")


def stores() -> list[Path]:
    assert SHARED is not None
    corpus = SHARED / "corpus" / "email"
    return sorted([*(corpus / "pst").rglob("*.pst"), *(corpus / "ost").rglob("*.ost")])


STORES = stores() if SHARED is not None else []
each = pytest.mark.parametrize("path", STORES, ids=lambda p: p.name)


@lru_cache(maxsize=16)
def items(path: Path) -> dict[int, EmailMessage]:
    found = list(pst.parse(path, ParseContext()))
    assert not any(isinstance(record, Unreadable) for record in found)
    mails = [record for record in found if isinstance(record, EmailMessage)]
    assert [mail.index for mail in mails] == list(range(len(mails)))
    return {int((mail.place or "").removeprefix("pst:"), 16): mail for mail in mails}


@lru_cache(maxsize=16)
def by_libpff(path: Path) -> dict[int, dict[str, Any]]:
    pypff = pytest.importorskip("pypff", reason="*** libpff ABSENT: .pst was NOT compared ***")
    store = pypff.file()
    store.open(str(path))
    found: dict[int, dict[str, Any]] = {}
    todo = [store.get_root_folder()]
    while todo:
        folder = todo.pop()
        todo += [folder.get_sub_folder(n) for n in range(folder.number_of_sub_folders)]
        for number in range(folder.number_of_sub_messages):
            item = folder.get_sub_message(number)
            facts: dict[str, Any] = {"folder": folder.name, "parts": []}
            found[item.identifier] = facts
            if not hasattr(item, "number_of_attachments"):
                continue  # libpff reads items that are no mail as bare records
            facts["subject"] = item.subject or ""
            facts["people"] = 0 if item.recipients is None else item.recipients.number_of_recipients
            for place in range(item.number_of_attachments):
                part = item.get_attachment(place)
                entries = part.get_record_set(0)
                method = next(
                    (e.data_as_integer for e in entries.entries if e.entry_type == 0x3705), None
                )
                size = part.get_size()
                data = part.read_buffer(size) if size else b""
                sha256 = hashlib.sha256(data).hexdigest()
                facts["parts"].append("message" if method == 5 else sha256)
    return found


def our_part(mail: EmailMessage) -> list[str]:
    return [
        "message" if a.kind == "message" and a.media_type == "message/rfc822" else a.sha256
        for a in mail.attachments
    ]


@each
def test_the_store_is_recognised_by_content(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "zonder-naam"
    shutil.copyfile(path, copy)
    choice = registry.choose(copy, head_of(copy))
    assert choice is not None
    assert choice.format == "pst"


@each
def test_the_store_is_named_and_its_extension_believed(path: Path) -> None:
    found = identify(path, head_of(path), "pst")
    assert found.findings == ()
    assert found.media_type == "application/vnd.ms-outlook-pst"
    # PRONOM does not know the offline store of this Outlook: then it has no number.
    expected = (None, "inlezen") if path.suffix == ".ost" else ("x-fmt/249", "pronom")
    assert (found.puid, found.basis) == expected


@each
def test_the_same_items_and_attachments_as_libpff(path: Path) -> None:
    ours, theirs = items(path), by_libpff(path)
    assert set(ours) == set(theirs)
    for nid, facts in theirs.items():
        assert sorted(our_part(ours[nid])) == sorted(facts["parts"]), hex(nid)
        if "subject" in facts:
            # A header field has no space at its end; the property may.
            assert (ours[nid].subject or "") == facts["subject"].strip(), hex(nid)
        if facts["folder"]:
            assert (ours[nid].folder or "").split("/")[-1] == facts["folder"]


def test_attached_messages_lost_none() -> None:
    """libpff knows that a part is a message; it cannot reach what is in it. We read each of them."""
    expected = sum(f["parts"].count("message") for p in STORES for f in by_libpff(p).values())
    found = [a for p in STORES for m in items(p).values() for a in m.attachments if a.message]
    assert len(found) >= expected > 0
    assert all(a.message is not None and a.message.findings is not None for a in found)
    total = sum(count(m).attached_messages for p in STORES for m in items(p).values())
    assert total >= expected


@each
@pytest.mark.skipif(shutil.which("readpst") is None, reason="*** readpst ABSENT: NOT compared ***")
def test_as_many_mails_as_readpst(path: Path, tmp_path: Path) -> None:
    command = ["readpst", "-q", "-e", "-D", "-j", "0", "-t", "eajc", "-o", str(tmp_path), str(path)]
    subprocess.run(command, check=True, capture_output=True)
    theirs = Counter(p.suffix for p in tmp_path.rglob("*") if p.is_file())
    classes = [(m.item_class or "").upper() for m in items(path).values()]
    assert sum(not c.startswith(NO_MAIL) for c in classes) == theirs[".eml"]
    assert sum(c.startswith("IPM.APPOINTMENT") for c in classes) == theirs[".ics"]
    assert sum(c.startswith("IPM.CONTACT") for c in classes) == theirs[".vcf"]


@each
@pytest.mark.skipif(shutil.which("readpst") is None, reason="*** readpst ABSENT: NOT compared ***")
def test_as_many_attached_messages_as_readpst(path: Path, tmp_path: Path) -> None:
    """readpst rewrites them, so it cannot tell what is in them; how many there are it can."""
    command = ["readpst", "-q", "-e", "-D", "-j", "0", "-t", "eajc", "-o", str(tmp_path), str(path)]
    subprocess.run(command, check=True, capture_output=True)
    theirs = sum(
        part.get_content_type() == "message/rfc822"
        for found in tmp_path.rglob("*.eml")
        for part in message_from_bytes(found.read_bytes()).walk()
    )
    ours = [a for m in items(path).values() for a in all_attachments(m) if a.kind == "message"]
    assert len(ours) == theirs
    assert all(a.message is not None and a.size > 0 for a in ours)


@each
def test_as_many_items_without_a_folder_as_libpff(path: Path) -> None:
    pypff = pytest.importorskip("pypff", reason="*** libpff ABSENT: .pst was NOT compared ***")
    store = pypff.file()
    store.open(str(path))
    orphans = [m for m in items(path).values() if "pst.wees" in [f.code for f in m.findings]]
    assert len(orphans) == store.number_of_orphan_items


@each
def test_every_derived_mail_comes_back_bit_by_bit(path: Path) -> None:
    for mail in items(path).values():
        raw = containers.message_bytes(path, mail.place or "")
        assert hashlib.sha256(raw).hexdigest() == mail.sha256
        assert len(raw) == mail.size


@each
def test_the_ledger_counts_what_the_records_hold(path: Path) -> None:
    mails = list(items(path).values())
    total = sum((count(m) for m in mails[1:]), count(mails[0]))
    assert total.messages == len(mails)
    assert total.attachments == sum(len(list(all_attachments(m))) for m in mails)
    assert total.refused == 0


def test_what_tika_says_of_its_store() -> None:
    path = next(p for p in STORES if p.name == "testPST.pst")
    by_subject = {m.subject: m for m in items(path).values()}
    mail = by_subject["Re: Feature Generators"]
    assert mail.sender is not None
    assert (mail.sender.name, mail.sender.address) == ("Jörn Kottmann", "kottmann@gmail.com")
    assert [a.address for a in mail.to] == ["users@opennlp.apache.org"]
    assert mail.message_id == "<530D9CAC.5080901@gmail.com>"
    assert mail.folder == "Début du fichier de données Outlook"
    # Tika gives the moment of sending in UTC; the header keeps the zone of the sender.
    moment = parsedate_to_datetime(mail.date_raw or "")
    assert moment.timestamp() == 1_393_401_004  # 2014-02-26T07:50:04Z
    (attached,) = by_subject["FW: First email"].attachments
    assert attached.message is not None
    assert attached.message.subject == "First email"
    assert [a.name for a in attached.message.attachments] == ["attachment.docx"]
    # Ten for tika: the store, seven items, one item in an item and its document.
    assert 1 + len(by_subject) + 2 == 10


def test_every_kind_of_body_is_read() -> None:
    path = next(p for p in STORES if p.name == "testPST_variousBodyTypes.pst")
    mails = list(items(path).values())
    assert 1 + len(mails) == 5  # as tika counts: the store and its items
    assert all(m.body.text_length > 0 or m.body.has_html for m in mails)


def test_a_password_is_said_and_keeps_nothing_shut() -> None:
    path = next(p for p in STORES if p.name == "passwordprotectedPST.pst")
    assert len(items(path)) == 18
    assert "pst.wachtwoord" in [f.code for f in pst.remarks(path, ParseContext())]


@each
def test_a_damaged_copy_is_read_as_far_as_possible(path: Path, tmp_path: Path) -> None:
    whole = len(items(path))
    chance = random.Random(7)
    copy = tmp_path / "stuk"
    limits = ParseContext(Limits())
    reached = 0
    for _ in range(6):
        data = bytearray(path.read_bytes())
        for _ in range(40):
            data[chance.randrange(1024, len(data))] = chance.randrange(256)
        copy.write_bytes(data)
        found = list(pst.parse(copy, limits))
        pst.remarks(copy, limits)
        reached += sum(isinstance(r, EmailMessage) for r in found)
    assert reached >= 6 * whole * 0.8
    copy.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert list(pst.parse(copy, limits)) is not None
