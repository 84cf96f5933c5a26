from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.errors import InputRefused
from archiver.intake import containers, olm, registry
from archiver.intake.identify import head_of
from archiver.intake.mime import part_bytes
from archiver.intake.protocol import Limits, ParseContext, Start
from archiver.model import Address, EmailMessage, Record, Unreadable

BOX = "Accounts/ada@voorbeeld.nl/com.microsoft.__Messages/Postvak IN/"
FILES = BOX + "com.microsoft.__Attachments/"
INNER = b"From: ada@v.nl\r\nTo: bo@v.nl\r\nSubject: binnen\r\nDate: Mon, 1 Jan 2024 10:00:00 +0100\r\n\r\nx"


def person(address: str, name: str) -> str:
    return (
        f"<emailAddress OPFContactEmailAddressAddress={quoteattr(address)}"
        f" OPFContactEmailAddressName={quoteattr(name)}/>"
    )


def email(subject: str, attachments: str = "", more: str = "") -> str:
    return (
        "<email>"
        f"<OPFMessageCopySubject>{escape(subject)}</OPFMessageCopySubject>"
        "<OPFMessageCopyHTMLBody>&lt;html&gt;&lt;img src='cid:p1'&gt;tekst&lt;/html&gt;"
        "</OPFMessageCopyHTMLBody>"
        "<OPFMessageCopyBody>tekst</OPFMessageCopyBody>"
        f"<OPFMessageCopyFromAddresses>{person('ada@v.nl', 'Ada, de eerste')}</OPFMessageCopyFromAddresses>"
        f"<OPFMessageCopyToAddresses>{person('bo@v.nl', 'bo@v.nl')}</OPFMessageCopyToAddresses>"
        f"<OPFMessageCopyCCAddresses>{person('', 'Team Zorg')}</OPFMessageCopyCCAddresses>"
        "<OPFMessageCopyMessageID>1@v.nl</OPFMessageCopyMessageID>"
        "<OPFMessageCopyReferences>&lt;0@v.nl&gt; z@v.nl</OPFMessageCopyReferences>"
        "<OPFMessageCopySentTime>2024-01-01T09:00:00</OPFMessageCopySentTime>"
        f"<OPFMessageCopyAttachmentList>{attachments}</OPFMessageCopyAttachmentList>{more}</email>"
    )


def attached(name: str, url: str, media_type: str = "application/pdf", cid: str = "") -> str:
    return (
        f"<messageAttachment OPFAttachmentName={quoteattr(name)} OPFAttachmentURL={quoteattr(url)}"
        f" OPFAttachmentContentType={quoteattr(media_type)} OPFAttachmentContentID={quoteattr(cid)}/>"
    )


def make(path: Path, members: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return path


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    attachments = (
        attached("plan é.pdf", FILES + "1")
        + attached("p.png", FILES + "2", "image/png", "p1")
        + attached("binnen.eml", FILES + "3", "application/octet-stream")
        + attached("weg.doc", FILES + "9")
    )
    return make(
        tmp_path / "x.olm",
        {
            BOX
            + "message_00000.xml": f"<emails>{email('een', attachments)}{email('twee')}</emails>",
            FILES + "1": b"%PDF" + bytes(300),
            FILES + "2": b"\x89PNG",
            FILES + "3": INNER,
            FILES + "4": b"van niemand",
            "Local/Address Book/Contacts.xml": "<contacts/>",
            BOX + "message_00001.xml": "geen xml",
        },
    )


def records(path: Path, limits: Limits | None = None) -> list[Record]:
    return list(olm.parse(path, ParseContext(limits or Limits())))


def test_an_archive_from_every_message_on(archive: Path) -> None:
    whole = records(archive)
    for index in range(4):
        later = list(olm.parse(archive, ParseContext(start=Start(index))))
        assert [r for r in later if r.index >= index] == whole[index:]  # type: ignore[union-attr]


def test_messages_of_an_archive(archive: Path) -> None:
    one, two, broken = records(archive)
    assert isinstance(one, EmailMessage)
    assert isinstance(two, EmailMessage)
    assert isinstance(broken, Unreadable)
    assert (one.subject, two.subject) == ("een", "twee")
    assert one.sender == Address("Ada, de eerste", "ada@v.nl")
    assert one.to == (Address(None, "bo@v.nl"),)
    assert one.cc == (Address("Team Zorg", None),)
    assert one.date == "2024-01-01T09:00:00+00:00"
    assert one.message_id == "<1@v.nl>"
    assert one.references == ("<0@v.nl>", "<z@v.nl>")
    assert one.folder == "Accounts/ada@voorbeeld.nl/Postvak IN"
    assert one.place == "olm:0#0"
    assert two.place == "olm:0#1"
    assert one.body.has_html
    assert one.body.text_length == 5


def test_attachments_keep_their_bytes_and_missing_ones_are_said(archive: Path) -> None:
    one = records(archive)[0]
    assert isinstance(one, EmailMessage)
    by_name = {a.name: a for a in one.attachments}
    assert by_name["plan é.pdf"].sha256 == hashlib.sha256(b"%PDF" + bytes(300)).hexdigest()
    assert by_name["p.png"].inline
    inner = by_name["binnen.eml"]
    assert inner.message is not None
    assert inner.message.subject == "binnen"
    assert by_name["weg.doc"].size == 0
    assert "olm.bijlage_ontbreekt" in [f.code for f in one.findings]
    raw = containers.message_bytes(archive, one.place or "")
    assert part_bytes(raw, inner.part) == INNER


def test_the_derived_mail_comes_back_the_same(archive: Path) -> None:
    for record in records(archive)[:2]:
        assert isinstance(record, EmailMessage)
        raw = containers.message_bytes(archive, record.place or "")
        assert (hashlib.sha256(raw).hexdigest(), len(raw)) == (record.sha256, record.size)
    for place in ("olm:0#7", "olm:99#0", "olm:x"):
        with pytest.raises(InputRefused):
            containers.message_bytes(archive, place)


def test_what_is_not_read_is_counted(archive: Path) -> None:
    said = {f.code: f.params["n"] for f in olm.remarks(archive, ParseContext())}
    assert said == {"olm.andere_items": 1, "olm.losse_bijlagen": 1}


def test_chosen_by_content(archive: Path) -> None:
    renamed = archive.rename(archive.with_suffix(".zip"))
    choice = registry.choose(renamed, head_of(renamed))
    assert choice is not None
    assert choice.format == "olm"


def test_entities_load_nothing(tmp_path: Path) -> None:
    (tmp_path / "geheim.txt").write_text("geheim")
    xml = (
        f'<!DOCTYPE e [<!ENTITY x SYSTEM "file://{tmp_path}/geheim.txt"><!ENTITY a "lol">'
        '<!ENTITY b "&a;&a;&a;&a;">]><emails><email><OPFMessageCopySubject>&x;&b;'
        "</OPFMessageCopySubject></email></emails>"
    )
    (record,) = records(make(tmp_path / "x.olm", {BOX + "message_0.xml": xml}))
    assert isinstance(record, EmailMessage)
    assert "geheim" not in (record.subject or "")


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(junk=st.binary(max_size=40), at=st.integers(0, 3_000))
def test_no_xml_crashes(tmp_path: Path, junk: bytes, at: int) -> None:
    xml = f"<emails>{email('een', attached('a', FILES + '1'))}</emails>".encode()
    at %= len(xml)
    path = make(tmp_path / "x.olm", {BOX + "m.xml": xml[:at] + junk + xml[at:], FILES + "1": b"x"})
    records(path)
    olm.remarks(path, ParseContext())


def test_a_mailbox_may_have_more_members_than_a_zip(tmp_path: Path) -> None:
    members: dict[str, str | bytes] = {
        f"{BOX}message_{n:05}.xml": f"<emails>{email(str(n))}</emails>" for n in range(30)
    }
    path = make(tmp_path / "x.olm", members)
    assert len(records(path, Limits(zip_members=2))) == 30
    (refused,) = records(path, Limits(zip_members=1))
    assert isinstance(refused, Unreadable)
