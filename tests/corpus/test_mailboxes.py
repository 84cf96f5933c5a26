"""Apple Mail, Maildir, .olm and zips of the corpus: facts of the peers, counts, bytes, nothing lost."""

from __future__ import annotations

import hashlib
import json
import tarfile
import zipfile
from functools import lru_cache
from pathlib import Path

import pytest

from archiver.intake import containers, emlx, mime, olm, zip_of_mail
from archiver.intake.pool import Parsed, read_inline
from archiver.intake.protocol import ParseContext
from archiver.ledger import all_attachments, count
from archiver.model import EmailMessage, Ledger, Unreadable
from tests.helpers.shared import SHARED

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(SHARED is None, reason="*** CORPUS ABSENT: mailboxes were NOT checked ***"),
]


def corpus() -> Path:
    assert SHARED is not None
    return SHARED / "corpus" / "email"


def read(path: Path) -> list[EmailMessage | Unreadable]:
    events = read_inline(path, ParseContext())
    records = [event.record for event in events if isinstance(event, Parsed)]
    return [r for r in records if isinstance(r, EmailMessage | Unreadable)]


# --- Apple Mail ----------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def apple() -> dict[str, EmailMessage | Unreadable]:
    found = {}
    for path in sorted((corpus() / "emlx").rglob("*.emlx")):
        records = read(path)
        if records:
            (found[path.name],) = records
    return found


def test_every_emlx_but_the_one_that_is_none_is_read() -> None:
    found = apple()
    assert "invalid.emlx" not in found
    assert len(found) == 12
    assert all(isinstance(r, EmailMessage) for r in found.values())


def test_the_message_is_the_one_the_peer_takes_out() -> None:
    expected = (corpus() / "emlx/partial-emlx-converter/expected/114862.eml").read_bytes()
    path = corpus() / "emlx/partial-emlx-converter/114862.emlx"
    mail = apple()["114862.emlx"]
    assert isinstance(mail, EmailMessage)
    raw = path.read_bytes()[mail.span.start : mail.span.end]
    assert raw.replace(b"\r\n", b"\n").strip() == expected.replace(b"\r\n", b"\n").strip()
    assert "emlx.lengte_klopt_niet" not in [f.code for f in mail.findings]


def test_the_length_lines_that_lie_are_those_of_shortened_samples() -> None:
    """The peer made names and texts unrecognisable in three files and left the first line as it was."""
    lying = {
        name
        for name, mail in apple().items()
        if "emlx.lengte_klopt_niet" in [f.code for f in mail.findings]
    }
    assert lying == {"136153.partial.emlx", "207046.partial.emlx", "229417.partial.emlx"}
    for name in lying:
        path = corpus() / "emlx/partial-emlx-converter" / name
        mail = apple()[name]
        assert isinstance(mail, EmailMessage)
        assert path.read_bytes()[mail.span.end :].startswith(b"<?xml")


def test_attachments_that_lie_elsewhere_are_said() -> None:
    """Their folder of attachments is not in the corpus: each one must be named as absent."""
    partial = [(n, m) for n, m in apple().items() if ".partial." in n]
    assert len(partial) == 7
    for name, mail in partial:
        said = [f for f in mail.findings if f.code == "emlx.bijlage_ontbreekt"]
        assert said, name


def test_attachments_beside_complete_the_message_as_the_peer_does(tmp_path: Path) -> None:
    """Put the files that the peer's expected message holds beside it: they are all taken along."""
    source = corpus() / "emlx/partial-emlx-converter"
    expected = (source / "expected/114892.eml").read_bytes()
    messages = tmp_path / "Messages"
    messages.mkdir()
    path = messages / "114892.partial.emlx"
    path.write_bytes((source / path.name).read_bytes())
    before = apple()[path.name]
    assert isinstance(before, EmailMessage)
    missing = {f.params["naam"] for f in before.findings if f.code == "emlx.bijlage_ontbreekt"}
    wanted: dict[str, str] = {}
    for leaf in mime.structure(expected).leaves:
        if leaf.name and (leaf.name in missing or leaf.address in missing):
            data = leaf.decoded(expected)[0]
            folder = tmp_path / "Attachments" / "114892" / leaf.address
            folder.mkdir(parents=True)
            (folder / "bestand").write_bytes(data)
            wanted[leaf.name] = hashlib.sha256(data).hexdigest()
    assert wanted
    (mail,) = read(path)
    assert isinstance(mail, EmailMessage)
    found = {a.name: a.sha256 for a in mail.attachments if a.part.startswith(emlx.BESIDE)}
    assert found == wanted
    assert len(list(emlx.files_beside(path, mail))) == len(wanted)


# --- Maildir -------------------------------------------------------------------------------------


def test_a_tar_of_mail_is_not_taken_for_one_mail() -> None:
    assert read(corpus() / "maildir" / "notmuch-default.tar") == []


def test_every_file_of_the_maildir_is_a_message(tmp_path: Path) -> None:
    with tarfile.open(corpus() / "maildir" / "notmuch-default.tar") as archive:
        files = [m for m in archive.getmembers() if m.isfile()]
        archive.extractall(tmp_path, filter="data")
    found = read(tmp_path)
    mails = [r for r in found if isinstance(r, EmailMessage)]
    assert len(mails) == len(files) == 53  # the peer's own count
    boxed = [m for m in mails if m.format == "maildir"]
    assert len(boxed) == sum("cur" in m.name or "new" in m.name for m in files)
    assert {m.folder for m in boxed} >= {"INBOX", "bar", "baz"}


# --- Outlook for Mac -----------------------------------------------------------------------------


def archive_of_outlook() -> Path:
    return corpus() / "olm" / "aspose-net" / "SampleOLM.olm"


def test_every_message_and_attachment_of_the_olm_is_read() -> None:
    path = archive_of_outlook()
    with zipfile.ZipFile(path) as archive:
        infos = [i for i in archive.infolist() if not i.is_dir()]
        parts = [i for i in infos if "com.microsoft.__Attachments/" in i.filename]
        messages = [i for i in infos if "/message_" in i.filename]
        hashes = sorted(hashlib.sha256(archive.read(i)).hexdigest() for i in parts)
    records = read(path)
    mails = [r for r in records if isinstance(r, EmailMessage)]
    assert len(mails) == len(records) == len(messages) == 22
    assert sorted(a.sha256 for m in mails for a in m.attachments) == hashes
    total = sum((count(m) for m in mails), Ledger())
    assert total.attached_messages == 8
    assert [f.code for f in olm.remarks(path, ParseContext())] == ["olm.andere_items"]


def test_moments_of_an_olm_are_utc() -> None:
    """The attached original of a message names its zone: the archive gives the same moment."""
    mails = [r for r in read(archive_of_outlook()) if isinstance(r, EmailMessage)]
    outer = {m.subject: m.date for m in mails}
    inner = {
        a.message.subject: a.message.date
        for m in mails
        for a in all_attachments(m)
        if a.message is not None
    }
    assert inner["message 1"] == "2011-06-21T16:46:39-07:00"
    assert outer["message 1"] == "2011-06-21T23:46:39+00:00"


def test_the_olm_and_the_pst_of_one_mailbox_agree() -> None:
    from archiver.intake import pst

    store = corpus() / "pst" / "aspose-net" / "Outlook.pst"
    in_store = {
        (m.subject, (m.date or "")[:19]): {a.sha256 for a in m.attachments if a.kind == "file"}
        for m in pst.parse(store, ParseContext())
        if isinstance(m, EmailMessage) and m.folder == "Top of Personal Folders/Sent Items"
    }
    in_archive = {
        (m.subject, (m.date or "")[:19]): {a.sha256 for a in m.attachments if a.kind == "file"}
        for m in read(archive_of_outlook())
        if isinstance(m, EmailMessage) and m.folder == "Local/Outlook2 PST/Sent Items"
    }
    assert len(in_archive) == 6
    for key, files in in_archive.items():
        assert in_store[key] == files


# --- a zip of the corpus -------------------------------------------------------------------------


def test_a_zip_of_corpus_files_gives_the_same_as_the_files(tmp_path: Path) -> None:
    sources = sorted((corpus() / "eml" / "imap_tools").rglob("*.eml"))[:40]
    sources += sorted((corpus() / "mbox" / "tika").glob("*.mbox"))
    sources += sorted((corpus() / "msg").rglob("*.msg"))[:10]
    path = tmp_path / "alles.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, source in enumerate(sources):
            archive.write(source, f"{number}/{source.name}")
    loose = [r for source in sources for r in read(source)]
    zipped = list(zip_of_mail.parse(path, ParseContext()))
    apart = [m for m in loose if isinstance(m, EmailMessage)]
    inside = [m for m in zipped if isinstance(m, EmailMessage)]
    assert len(sources) > 50
    assert [m.sha256 for m in inside] == [m.sha256 for m in apart]
    assert [_content(m) for m in inside] == [_content(m) for m in apart]
    for mail in inside:
        raw = containers.message_bytes(path, mail.place or "")
        assert hashlib.sha256(raw).hexdigest() == mail.sha256


def _content(mail: EmailMessage) -> str:
    return json.dumps([mail.subject, mail.date, [a.sha256 for a in mail.attachments]])
