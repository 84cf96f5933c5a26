"""Signatures in the shared corpus: no crash, and what others found of them is found here too."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from dkim.canonicalization import CanonicalizationPolicy

from archiver.intake import headers
from archiver.intake.authenticity import dkim
from archiver.intake.authenticity.examine import authenticity
from archiver.intake.authenticity.facts import Kind, Result, SignatureFact
from archiver.intake.authenticity.tags import base64_of, read_tags
from archiver.intake.protocol import Limits
from tests.helpers.shared import SHARED

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(SHARED is None, reason="CORPUS ABSENT: no signed mail to judge"),
]
EMAIL = (SHARED or Path()) / "corpus" / "email"
SENT = "2020-10-14T18:36:08+00:00"
# Name of the file -> kind and outcome of its facts, as the makers of the file say (names and readmes of
# comm-central and notmuch, the test suite of MimeKit) or openssl says.
KNOWN = {
    "smime/notmuch/smime-onepart-signed.eml": [(Kind.SMIME, Result.INTACT)],
    "smime/notmuch/smime-multipart-signed.eml": [(Kind.SMIME, Result.INTACT)],
    "smime/notmuch/protected-headers__smime-onepart-signed.eml": [(Kind.SMIME, Result.INTACT)],
    "smime/notmuch/smime-sign+enc.eml": [(Kind.SMIME_ENCRYPTED, Result.UNREADABLE)],
    "smime/notmuch/simple-encrypted": [(Kind.PGP_ENCRYPTED, Result.UNREADABLE)],
    "smime/mimekit/thunderbird-signed.txt": [(Kind.SMIME, Result.INTACT)],
    "smime/mimekit/octet-stream-with-mixed-line-endings.dat": [(Kind.SMIME, Result.INTACT)],
    "pgp/comm-central/bob-to-alice-signed-damaged-signature.eml": [(Kind.PGP, Result.CHANGED)],
    "pgp/comm-central/sigspoof-git-commit.eml": [(Kind.PGP, Result.CHANGED)],
    "pgp/comm-central/outer-smime-bad-sig-inner-pgp-enc.eml": [
        (Kind.SMIME, Result.CHANGED),
        (Kind.PGP_ENCRYPTED, Result.UNREADABLE),
    ],
    "pgp/comm-central/outer-smime-bad-sig-inner-pgp-enc-sig-with-mixed.eml": [
        (Kind.SMIME, Result.CHANGED),
        (Kind.PGP_ENCRYPTED, Result.UNREADABLE),
    ],
    "pgp/comm-central/inline-signed-latin1.eml": [(Kind.PGP, Result.UNCHECKED)],
    "pgp/comm-central/inline-signed-utf8.eml": [(Kind.PGP, Result.UNCHECKED)],
    "pgp/comm-central/unsigned-unencrypted-from-bob-to-alice.eml": [],
}
WITH_KEY = {
    "signed-by-0x3099ff1238852b9f-to-0xf231550c4f47e38e-unencrypted-with-key.eml": (
        "carol@example.com",
        "3099ff1238852b9f",
    ),
    "signed-by-0xfbfcc82a015e7330-to-0xf231550c4f47e38e-unencrypted-with-key.eml": (
        "bob@openpgp.example",
        "fbfcc82a015e7330",
    ),
}
BODIES = ("eml", "threads", "malformed", "mbox", "maildir")


def facts(path: Path) -> list[SignatureFact]:
    found = authenticity(path.read_bytes(), SENT)
    return [fact for fact in found if fact.kind is not Kind.CLAIM]


@pytest.mark.parametrize("name", KNOWN)
def test_the_outcome_is_what_others_found(name: str) -> None:
    assert [(fact.kind, fact.result) for fact in facts(EMAIL / name)] == KNOWN[name]


@pytest.mark.parametrize("name", WITH_KEY)
def test_with_the_key_in_the_message_the_signer_is_the_one_in_the_name(name: str) -> None:
    (fact,) = facts(EMAIL / "pgp" / "comm-central" / name)
    address, key = WITH_KEY[name]
    assert fact.result is Result.INTACT
    assert fact.signer is not None
    assert fact.signer.address == address
    assert (fact.signer.key_id or "").endswith(key)


def test_recipients_are_those_in_the_names() -> None:
    """The names say for which primary key; of each key one subkey opens."""
    subkeys = {"f231550c4f47e38e": "4766f6b9d5f21eb6"}
    checked = 0
    for path in sorted((EMAIL / "pgp" / "comm-central").glob("*encrypted-to-0x*.eml")):
        primary = path.name.partition("encrypted-to-0x")[2][:16]
        found = [f for f in facts(path) if f.kind is Kind.PGP_ENCRYPTED]
        assert found, path.name
        assert subkeys[primary] in {r.key_id for r in found[0].recipients}, path.name
        checked += 1
    assert checked >= 8


def test_every_file_is_judged_without_an_error() -> None:
    seen = 0
    for path in sorted(EMAIL.rglob("*")):
        if path.is_file() and path.stat().st_size < 8_000_000:
            assert isinstance(authenticity(path.read_bytes(), SENT), tuple)
            seen += 1
    assert seen > 700


def test_the_content_hash_is_that_of_the_second_reader() -> None:
    """dkimpy hashes every body too; both say the same of every signature of the corpus."""
    agreed = {True: 0, False: 0}
    for path, field, body in signatures():
        tags = read_tags(field.value)
        forms = tags.get("c", "simple/simple").encode()
        policy = CanonicalizationPolicy.from_c_value(forms)
        content = policy.canonicalize_body(body)
        if "l" in tags:
            content = content[: int(tags["l"])]
        name = tags["a"].partition("-")[2]
        same = hashlib.new(name, content).digest() == base64_of(tags["bh"])
        mail = dkim.Mail((field,), (body,), SENT)
        fact = dkim.judge(Kind.DKIM, field, mail, {})
        assert (fact.body is Result.INTACT) == same, path.name
        agreed[same] += 1
    assert agreed[True] >= 20
    assert agreed[False] >= 10


def signatures() -> Iterator[tuple[Path, dkim.Field, bytes]]:
    for folder in BODIES:
        for path in sorted((EMAIL / folder).rglob("*")):
            raw = path.read_bytes() if path.is_file() else b""
            if b"dkim-signature" not in raw[:100_000].lower():
                continue
            start = headers.skip_envelope(raw)
            block = headers.read_fields(raw, start, len(raw), Limits())
            for field in dkim.fields_of(raw[start : block.end]):
                if field.name == dkim.FIELD and "bh" in read_tags(field.value):
                    yield path, field, dkim.bodies_of(raw[block.end :])[0]
