"""Signatures of secured messages: what the window asks, and what a package accounts for."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from archiver.errors import StoreRefused
from archiver.intake.authenticity.facts import (
    _WHY,
    Kind,
    Result,
    SignatureFact,
    Signer,
    Trust,
)
from archiver.model import Item
from archiver.progress import Silent
from archiver.services.archive import Archive
from archiver.services.authenticity import facts_of, findings_of, keys_of
from archiver.services.intake import TakeIn, take_in
from archiver.services.packaging_run import MakePackage, make_package
from archiver.store import items
from archiver.texts import text
from tests.archiver.intake.test_authenticity_smime import TEXT, cms_of, detached_mail
from tests.helpers import outlook
from tests.helpers.messages import OWNER, WHATSAPP, mail

MOMENT = "2026-11-26T10:00:00+01:00"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(
    serialization.Encoding.PEM,
    serialization.PrivateFormat.TraditionalOpenSSL,
    serialization.NoEncryption(),
)
CLEAR_SIGNED = detached_mail(cms_of(TEXT)).partition(b"MIME-Version: 1.0\r\n")[2]
PUBLIC = base64.b64encode(
    KEY.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
).decode()


def signed() -> bytes:
    plain = mail()
    return bytes(dkim.sign(plain, b"nov", b"veldermeer.example", PEM)) + plain


def secure(archive: Archive, folder: Path, name: str, data: bytes) -> Item:
    folder.mkdir()
    (folder / name).write_bytes(data)
    result = take_in(archive, TakeIn((folder,), owner=OWNER), Silent())
    assert [s.status.value for s in result.sources] == ["opgenomen"]
    with archive.register.read() as tx:
        return items.get(tx, items.ids(tx)[0])


def keep_key(archive: Archive) -> None:
    folder = archive.werkmap / "dkim"
    folder.mkdir()
    # As DNS tools show a long record: in quoted pieces.
    record = f'"v=DKIM1; k=rsa; p={PUBLIC[:200]}" "{PUBLIC[200:]}"'
    (folder / "nov._domainkey.Veldermeer.example.txt").write_text(record, encoding="utf-8")


def test_a_kept_key_turns_unchecked_into_intact(archive: Archive, tmp_path: Path) -> None:
    item = secure(archive, tmp_path / "in", "een.eml", signed())
    (before,) = facts_of(archive, item)
    assert (before.kind, before.result, before.body) == (
        Kind.DKIM,
        Result.UNCHECKED,
        Result.INTACT,
    )
    assert before.moment == "2026-11-17T14:52:00+01:00"
    keep_key(archive)
    (after,) = facts_of(archive, item)
    assert after.result is Result.INTACT
    assert [f.code for f in findings_of((before, after))] == [
        "echtheid.sleutel_ontbreekt",
        "echtheid.ongewijzigd",
    ]


def test_the_signed_part_of_an_outlook_item_is_judged(archive: Archive, tmp_path: Path) -> None:
    item = {
        0x001A: "IPM.Note.SMIME.MultipartSigned",
        0x0037: "Getekend",
        0x007D: "From: Joris Blankert <j.blankert@veldermeer.example>\r\n"
        "DKIM-Signature: v=1; a=rsa-sha256; d=veldermeer.example; s=nov; h=from; bh=AA==; b=AA==\r\n"
        "Authentication-Results: mx.example; dkim=pass\r\n\r\n",
    }
    files = [outlook.file("smime.p7m", CLEAR_SIGNED, p370E="multipart/signed")]
    found = facts_of(
        archive, secure(archive, tmp_path / "in", "een.msg", outlook.msg(item, attachments=files))
    )
    assert [(f.kind, f.result, f.reason) for f in found] == [
        (Kind.DKIM, Result.UNCHECKED, "afgeleid"),
        (Kind.CLAIM, Result.CLAIMED, ""),
        (Kind.SMIME, Result.INTACT, ""),
    ]
    assert found[2].same_sender is True


def test_a_conversation_has_no_signatures(archive: Archive, tmp_path: Path) -> None:
    item = secure(archive, tmp_path / "in", "_chat.txt", WHATSAPP.encode())
    assert facts_of(archive, item) == ()


def test_a_package_says_what_was_found_when_and_by_whom(archive: Archive, tmp_path: Path) -> None:
    secure(archive, tmp_path / "in", "een.eml", signed())
    made = make_package(archive, MakePackage(tmp_path / "uit", moment=MOMENT), Silent())
    assert made.released
    (record,) = (tmp_path / "uit").rglob("*-kopregels.json")
    told = json.loads(record.read_text(encoding="utf-8"))["echtheid"]
    assert told["gecontroleerd_op"] == MOMENT
    assert told["gecontroleerd_door"] == archive.actor
    assert told["vertrouwde_uitgevers"] == []
    (fact,) = told["feiten"]
    assert (fact["soort"], fact["uitkomst"]) == ("dkim", "nu_niet_te_controleren")
    assert fact["inhoud"] == "ongewijzigd"
    assert fact["houder"]["naam"] == "veldermeer.example"


def test_without_a_folder_nothing_is_trusted(archive: Archive) -> None:
    keys = keys_of(archive.werkmap)
    assert (keys.roots, keys.pgp, dict(keys.dkim)) == ((), (), {})


@pytest.mark.parametrize(
    "data", [b"geen sleutel", b"-----BEGIN CERTIFICATE-----\n!\n", b"x" * 1_000_001]
)
def test_a_broken_certificate_is_refused_by_name(archive: Archive, data: bytes) -> None:
    folder = archive.werkmap / "vertrouwd"
    folder.mkdir()
    (folder / "kapot.pem").write_bytes(data)
    with pytest.raises(StoreRefused) as refused:
        keys_of(archive.werkmap)
    assert refused.value.code == "vertrouwd_onleesbaar"
    assert refused.value.params == {"bestand": "kapot.pem"}


def test_every_outcome_has_a_text_in_which_nothing_is_left_open() -> None:
    def fact(result: Result, reason: str = "", trust: Trust = Trust.UNCHECKED) -> SignatureFact:
        return SignatureFact(Kind.SMIME, "1", result, reason, Signer(name="Mira"), trust=trust)

    facts = (
        fact(Result.INTACT),
        fact(Result.INTACT, trust=Trust.TRUSTED),
        fact(Result.CHANGED),
        fact(Result.UNREADABLE),
        *(fact(Result.UNCHECKED, reason) for reason in (*_WHY, "niet_te_lezen")),
    )
    found = findings_of(facts)
    assert len(found) == len(facts)
    for finding in found:
        for language in ("nl", "en"):
            said = text(f"bevinding.{finding.code}", language, finding.params)
            assert said != f"bevinding.{finding.code}"
            assert "{" not in said
