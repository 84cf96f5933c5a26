from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from archiver.intake.identify import (
    WHOLE_BYTES,
    head_of,
    identify,
    identify_bytes,
    signature_version,
)
from archiver.model import Identification

PLAIN = b"From: a@example.nl\nTo: b@example.nl\nSubject: hoi\n\ntekst\n"
# The fields that PRONOM's signature of fmt/950 asks.
WITH_MIME = (
    b"MIME-Version: 1.0\r\nDate: Tue, 3 Mar 2026 09:15:00 +0100\r\nFrom: a@example.nl\r\n"
    b"To: b@example.nl\r\nSubject: hoi\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nx\r\n"
)
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489") + (
    bytes.fromhex("0000000049454e44ae426082")
)


def made(folder: Path, name: str, data: bytes, word: str | None) -> Identification:
    path = folder / name
    path.write_bytes(data)
    return identify(path, head_of(path), word)


def codes(found: Identification) -> list[str]:
    return [f.code for f in found.findings]


def test_plain_mail_is_known_by_reading_it_because_pronom_is_blind(tmp_path: Path) -> None:
    found = made(tmp_path, "a.eml", PLAIN, "eml")
    assert found == Identification(
        "eml", "message/rfc822", "fmt/278", "Internet e-mail message format", "inlezen"
    )


def test_mail_with_a_mime_version_is_known_by_pronom(tmp_path: Path) -> None:
    found = made(tmp_path, "a.eml", WITH_MIME, "eml")
    assert (found.puid, found.basis, found.media_type) == ("fmt/950", "pronom", "message/rfc822")
    assert codes(found) == []


@pytest.mark.parametrize("name", ["a.pdf", "a.txt", "a.docx"])
def test_mail_under_another_extension_is_a_finding(tmp_path: Path, name: str) -> None:
    found = made(tmp_path, name, PLAIN, "eml")
    assert found.format == "eml"
    assert codes(found) == ["bestand.extensie_klopt_niet"]
    assert found.findings[0].params["bestand"] == name


@pytest.mark.parametrize("name", ["bericht", "1700000000.M1.host:2,S", "archief.2004"])
def test_a_name_that_promises_nothing_is_no_finding(tmp_path: Path, name: str) -> None:
    assert codes(made(tmp_path, name, PLAIN, "eml")) == []


def test_mbox(tmp_path: Path) -> None:
    data = b"From a@example.nl Mon Jan  1 10:00:00 2024\n" + PLAIN
    found = made(tmp_path, "Inbox", data, "mbox")
    assert (found.puid, found.media_type) == ("fmt/720", "application/mbox")


def test_chat_text_and_chat_zip(tmp_path: Path) -> None:
    text = made(tmp_path, "_chat.txt", b"[01-02-2024, 10:00:00] Jan: hoi\n", "whatsapp")
    assert (text.puid, text.media_type) == ("x-fmt/111", "text/plain")
    path = tmp_path / "chat.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("_chat.txt", "[01-02-2024, 10:00:00] Jan: hoi\n")
    packed = identify(path, head_of(path), "whatsapp")
    assert (packed.puid, packed.media_type, codes(packed)) == ("x-fmt/263", "application/zip", [])


def test_a_program_renamed_to_pdf_is_unmasked(tmp_path: Path) -> None:
    exe = bytearray(512)
    exe[:2], exe[0x3C:0x40], exe[0x80:0x84] = b"MZ", b"\x80\0\0\0", b"PE\0\0"
    found = made(tmp_path, "factuur.pdf", bytes(exe), None)
    assert found.format == "onbekend"
    assert codes(found) == ["bestand.programma", "bestand.extensie_klopt_niet"]
    assert found.media_type != "application/pdf"


def test_an_unknown_format_is_a_finding_that_names_the_file(tmp_path: Path) -> None:
    found = made(tmp_path, "a.pdf", PDF, None)
    assert (found.format, found.puid, found.basis) == ("onbekend", "fmt/18", "pronom")
    assert codes(found) == ["bestand.onbekend_formaat"]
    assert found.findings[0].place == "a.pdf"


def test_a_locked_zip_and_a_broken_zip_say_so(tmp_path: Path) -> None:
    path = tmp_path / "op-slot.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("_chat.txt", "geheim")
    data = bytearray(path.read_bytes())
    central = data.index(b"PK\x01\x02")
    data[6] |= 1
    data[central + 8] |= 1
    path.write_bytes(data)
    assert codes(identify(path, head_of(path), None)) == ["bestand.wachtwoord"]
    assert codes(made(tmp_path, "half.zip", bytes(data[:40]), None))[0] == "bestand.beschadigd"


def test_a_name_that_is_no_unicode_is_identified_all_the_same(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.eml"))
    path.write_bytes(WITH_MIME)
    assert identify(path, head_of(path), "eml").puid == "fmt/950"


def test_the_head_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "groot.bin"
    with path.open("wb") as stream:
        stream.truncate(2 * 1024**3)
    head = head_of(path)
    assert (len(head.data), head.size, head.name) == (65536, 2 * 1024**3, "groot.bin")


@pytest.mark.parametrize(
    ("data", "name", "puid", "media_type"),
    [
        (PDF, "a.pdf", "fmt/18", "application/pdf"),
        (PNG, "b.png", "fmt/11", "image/png"),
        (b"gewone tekst\n", "c.txt", "x-fmt/111", "text/plain"),
        (b"gewone tekst\n", None, "x-fmt/111", "text/plain"),
        (PLAIN, "bericht.eml", "fmt/278", "message/rfc822"),
        (b"", "leeg.txt", None, "application/x-empty"),
    ],
)
def test_attachments(data: bytes, name: str | None, puid: str | None, media_type: str) -> None:
    found = identify_bytes(data, name)
    assert (found.puid, found.media_type, found.findings) == (puid, media_type, ())


def test_an_attachment_name_is_never_used_as_a_path(tmp_path: Path) -> None:
    target = tmp_path / "x.pdf"
    found = identify_bytes(PDF, f"../../..{target}")
    assert found.puid == "fmt/18"
    assert not target.exists()


def test_an_attachment_under_another_extension_is_a_finding() -> None:
    found = identify_bytes(PDF, "foto.jpg")
    assert [f.code for f in found.findings] == ["bestand.extensie_klopt_niet"]


def test_the_signatures_are_named() -> None:
    assert "DROID_SignatureFile" in signature_version()


def test_a_large_file_is_known_by_both_ends(tmp_path: Path) -> None:
    path = tmp_path / "groot.eml"
    with path.open("wb") as stream:
        stream.write(WITH_MIME)
        stream.truncate(WHOLE_BYTES + 1)
    assert identify(path, head_of(path), "eml").puid == "fmt/950"


def test_a_large_document_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "groot.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("vulling.bin", bytes(WHOLE_BYTES + 1))
    assert identify(path, head_of(path), None).puid == "x-fmt/263"
