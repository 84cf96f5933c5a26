"""Every original of the corpus comes back bit-identical from the vault (rule 1 of the design)."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.bootstrap import open_archive
from archiver.model import SourceStatus
from archiver.progress import Silent
from archiver.services.archive import Archive
from archiver.services.intake import TakeIn, TakeInResult, take_in
from archiver.store import items, sources
from tests.helpers.shared import SHARED

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(SHARED is None, reason="*** CORPUS ABSENT: the vault was NOT checked ***"),
]


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Archive, TakeInResult]]:
    """Take the whole corpus in once."""
    assert SHARED is not None
    archive = open_archive(tmp_path_factory.mktemp("werkmap"), actor="toets", origin="test")
    yield archive, take_in(archive, TakeIn((SHARED / "corpus",)), Silent())
    archive.close()


def secured(result: TakeInResult) -> list[tuple[Path, str]]:
    """Give what is in the vault: the file and the hash under which it stands there."""
    return [
        (Path(source.path), source.sha256)
        for source in result.sources
        if source.status is not SourceStatus.GEWEIGERD and source.sha256 is not None
    ]


def test_every_original_comes_back_bit_identical(taken: tuple[Archive, TakeInResult]) -> None:
    archive, result = taken
    stored = secured(result)
    assert len(stored) >= 600
    for path, sha256 in stored:
        data = path.read_bytes()
        assert hashlib.sha256(data).hexdigest() == sha256
        assert archive.vault.read_verified(sha256) == data


def test_every_mail_of_the_manifest_is_secured_or_refused_by_name(
    taken: tuple[Archive, TakeInResult],
) -> None:
    assert SHARED is not None
    corpus = SHARED / "corpus" / "email"
    csv.field_size_limit(1 << 30)
    with (corpus / "MANIFEST.csv").open(encoding="utf-8", newline="") as stream:
        rows = {r["file"]: r for r in csv.DictReader(stream)}
    found = {Path(s.path): s for s in taken[1].sources}
    for file, row in rows.items():
        source = found[corpus / file]
        if source.status is SourceStatus.GEWEIGERD:
            assert source.findings, file
            assert all(f.code and f.place for f in source.findings), file
        else:
            assert source.sha256 == row["sha256"], file


def test_every_message_is_the_bytes_of_its_span(taken: tuple[Archive, TakeInResult]) -> None:
    archive, result = taken
    checked = 0
    with archive.register.read() as tx:
        for source in result.sources:
            for item_id in source.item_ids:
                item = items.get(tx, item_id)
                part = archive.vault.slice(item.source_sha256, item.span.start, item.span.end)
                if item.record.format in ("eml", "mbox"):
                    assert hashlib.sha256(part).hexdigest() == item.record.sha256
                    checked += 1
    assert checked >= 700


def test_the_vault_agrees_with_the_register(taken: tuple[Archive, TakeInResult]) -> None:
    archive, result = taken
    with archive.register.read() as tx:
        expected = list(sources.blobs(tx))
    assert {sha256 for _, sha256 in secured(result)} <= {sha256 for sha256, _ in expected}
    assert list(archive.vault.verify(expected, Silent())) == []


def test_the_ledger_balances_for_every_source(taken: tuple[Archive, TakeInResult]) -> None:
    _, result = taken
    checked = 0
    for source in result.sources:
        codes = {finding.code for finding in source.findings}
        assert "grootboek.verschil" not in codes, source.path
        if source.status is SourceStatus.OPGENOMEN:
            assert source.ledger.difference(source.ledger_stored) == {}, source.path
            checked += 1
    assert checked >= 600
