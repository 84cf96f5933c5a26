from __future__ import annotations

import hashlib
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from archiver.intake import emlx
from archiver.intake.identify import head_of
from archiver.intake.protocol import Head, Limits, ParseContext
from archiver.model import EmailMessage, Unreadable

MAIL = (
    b"From: ada@voorbeeld.nl\nTo: bo@voorbeeld.nl\nSubject: Uit Apple Mail\n"
    b"Date: Mon, 1 Jan 2024 10:00:00 +0100\n\nhallo\n"
)
PARTIAL = (
    b"From: ada@voorbeeld.nl\nTo: bo@voorbeeld.nl\nSubject: Half\n"
    b"Content-Type: multipart/mixed; boundary=g\n\n"
    b"--g\nContent-Type: text/plain\n\ntekst\n"
    b"--g\nContent-Type: application/pdf; name=rapport.pdf\nX-Apple-Content-Length: 12\n"
    b"Content-Transfer-Encoding: base64\n\n"
    b"--g\nContent-Type: application/pdf; name=weg.pdf\nX-Apple-Content-Length: 12\n\n--g--\n"
)


def plist(flags: int) -> bytes:
    return (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0">\n<dict>\n\t<key>flags</key>\n'
        b"\t<integer>%d</integer>\n</dict>\n</plist>\n" % flags
    )


def write(path: Path, mail: bytes, flags: int = 1, length: int | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    count = len(mail) if length is None else length
    path.write_bytes(b"%-9d\n" % count + mail + plist(flags))
    return path


def read(path: Path) -> EmailMessage:
    (record,) = emlx.parse(path, ParseContext())
    assert isinstance(record, EmailMessage)
    return record


def test_the_message_is_the_slice_between_length_and_list(tmp_path: Path) -> None:
    path = write(tmp_path / "1.emlx", MAIL)
    mail = read(path)
    raw = path.read_bytes()[mail.span.start : mail.span.end]
    assert raw == MAIL
    assert mail.sha256 == hashlib.sha256(MAIL).hexdigest()
    assert mail.subject == "Uit Apple Mail"
    assert mail.format == "emlx"


def test_flags_are_said_in_the_words_of_imap(tmp_path: Path) -> None:
    mail = read(write(tmp_path / "1.emlx", MAIL, flags=1 | 1 << 2 | 1 << 4 | 8 << 40))
    (finding,) = [f for f in mail.findings if f.code == "mail.vlaggen"]
    assert finding.params["vlaggen"] == "\\Seen \\Answered \\Flagged"


def test_a_length_that_lies_is_not_believed(tmp_path: Path) -> None:
    for length in (0, 5, len(MAIL) - 1, len(MAIL) + 3, 10**11):
        path = write(tmp_path / "1.emlx", MAIL, length=length)
        mail = read(path)
        assert path.read_bytes()[mail.span.start : mail.span.end] == MAIL, length
        assert "emlx.lengte_klopt_niet" in [f.code for f in mail.findings]


def test_a_file_without_list_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "1.emlx"
    path.write_bytes(b"%d\n" % len(MAIL) + MAIL)
    mail = read(path)
    assert mail.size == len(MAIL)
    assert "emlx.lengte_klopt_niet" not in [f.code for f in mail.findings]


def test_attachments_beside_a_partial_message_are_hashed_and_named(tmp_path: Path) -> None:
    box = tmp_path / "Archief.mbox" / "2020.mbox" / "Data"
    path = write(box / "Messages" / "114.partial.emlx", PARTIAL)
    beside = box / "Attachments" / "114" / "2" / "rapport.pdf"
    beside.parent.mkdir(parents=True)
    beside.write_bytes(b"%PDF-1.4 los")
    mail = read(path)
    found, missing = mail.attachments
    assert found.part == "beside:2"
    assert (found.size, found.sha256) == (12, hashlib.sha256(b"%PDF-1.4 los").hexdigest())
    assert missing.part == "3"
    said = {f.code: f.params for f in mail.findings}
    assert said["emlx.bijlage_los"] == {"naam": "rapport.pdf"}
    assert said["emlx.bijlage_ontbreekt"] == {"naam": "weg.pdf"}
    assert [found for found, _ in emlx.files_beside(path, mail)] == [beside]
    assert mail.folder == "Archief/2020"


def test_no_name_in_a_message_leads_out_of_its_folder(tmp_path: Path) -> None:
    secret = tmp_path / "geheim.txt"
    secret.write_bytes(b"geheim")
    nasty = PARTIAL.replace(b"name=rapport.pdf", b'name="../../../../geheim.txt"')
    path = write(tmp_path / "a" / "Messages" / "1.partial.emlx", nasty)
    folder = tmp_path / "a" / "Attachments" / "1" / "2"
    folder.mkdir(parents=True)
    (folder / "link").symlink_to(secret)
    mail = read(path)
    assert all(not a.part.startswith("beside:") for a in mail.attachments)


def test_score_needs_a_number_and_a_mail(tmp_path: Path) -> None:
    assert emlx.score(head_of(write(tmp_path / "x.bin", MAIL))) == 90
    for data in (b"this is an invalid .emlx structure", b"12\nniets", MAIL, b""):
        assert emlx.score(Head(data, len(data), "x.emlx")) == 0


def test_what_is_no_emlx_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.emlx"
    path.write_bytes(b"geen getal\n" + MAIL)
    (record,) = emlx.parse(path, ParseContext())
    assert isinstance(record, Unreadable)
    (record,) = emlx.parse(write(path, MAIL), ParseContext(Limits(message_bytes=10)))
    assert isinstance(record, Unreadable)


@given(st.binary(max_size=300), st.integers(0, 400))
def test_no_bytes_crash_the_layout(data: bytes, length: int) -> None:
    raw = b"%d\n" % length + data
    where = emlx.layout(raw)
    assert 0 < where.start <= where.end <= len(raw)
