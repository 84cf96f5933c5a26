"""Opening an attachment: the right bytes, a safe name, not to be written, nothing left, no programs."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from archiver.errors import InputRefused, StoreDamaged
from archiver.model import EmailMessage
from archiver.progress import Silent
from archiver.services import overview
from archiver.services.archive import Archive
from archiver.services.attachment_copy import Risk, copy_of_file, copy_of_item, risk_of, tidy
from archiver.services.intake import TakeIn, take_in
from archiver.services.preview import Look, Previewed, preview
from tests.helpers.messages import OWNER, mail

FILES = [
    ("plan.txt", "text/plain", b"een plan"),
    ("../../etc/..\\stiekem\u202etxt.docm", "application/msword", b"macro"),
    ("factuur.pdf", "application/pdf", b"MZ\x90\0programma"),
    ("foto.jpg.exe", "image/jpeg", b"\xff\xd8\xff"),
]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "binnen.eml"
    path.write_bytes(mail("Met bijlagen", attachments=FILES, inner=mail("Binnenste", number=2)))
    return path


def test_a_copy_of_a_secured_attachment(archive: Archive, source: Path) -> None:
    (item_id,) = take_in(archive, TakeIn((source,), owner=OWNER), Silent()).changes.ids
    record = overview.item(archive, item_id).record
    assert isinstance(record, EmailMessage)
    plan, turned, pdf, exe, inner = record.attachments
    made = copy_of_item(archive, item_id, plan)
    assert (made.name, made.read_bytes()) == ("plan.txt", b"een plan")
    assert made.is_relative_to(archive.werkmap / "tijdelijk")
    if os.name == "posix":
        assert stat.S_IMODE(made.stat().st_mode) == 0o400
        assert stat.S_IMODE(made.parent.stat().st_mode) == 0o700
    other = copy_of_item(archive, item_id, turned)
    assert other.parent.parent == archive.werkmap / "tijdelijk"
    assert "\u202e" not in other.name
    assert other.suffix == ".docm"
    assert copy_of_item(archive, item_id, inner).suffix == ".eml"
    for program in (pdf, exe):
        with pytest.raises(InputRefused, match=r"bijlage\.programma"):
            copy_of_item(archive, item_id, program)
    tidy(archive)
    assert list((archive.werkmap / "tijdelijk").glob("bijlage-*")) == []


def test_a_copy_of_what_is_not_stored_yet(archive: Archive, source: Path) -> None:
    events = preview(archive, Look((source,)), Silent())
    (row,) = [event.row for event in events if isinstance(event, Previewed)]
    assert isinstance(row.record, EmailMessage)
    made = copy_of_file(archive, row.path, row.record, row.record.attachments[0])
    assert made.read_bytes() == b"een plan"
    source.write_bytes(source.read_bytes().replace(b"Beste", b"Bests"))
    with pytest.raises(InputRefused, match="veranderde"):
        copy_of_file(archive, row.path, row.record, row.record.attachments[0])


def test_bytes_that_are_not_what_was_secured_are_not_given(archive: Archive, source: Path) -> None:
    (item_id,) = take_in(archive, TakeIn((source,), owner=OWNER), Silent()).changes.ids
    item = overview.item(archive, item_id)
    blob = archive.vault.path(item.source_sha256)
    blob.chmod(0o600)
    blob.write_bytes(blob.read_bytes().replace(b"Beste", b"Bests"))
    assert isinstance(item.record, EmailMessage)
    with pytest.raises(StoreDamaged):
        copy_of_item(archive, item_id, item.record.attachments[0])


@pytest.mark.parametrize(
    ("name", "risk"),
    [
        ("verslag.pdf", Risk.GEWOON),
        ("verslag", Risk.GEWOON),
        (None, Risk.GEWOON),
        ("begroting.XLSM", Risk.RISKANT),
        ("pagina.html", Risk.RISKANT),
        ("alles.zip", Risk.RISKANT),
        ("factuur.pdf.lnk", Risk.PROGRAMMA),
        ("factuur.pdf.exe. ", Risk.PROGRAMMA),
        ("Setup.MSI", Risk.PROGRAMMA),
    ],
)
def test_the_risk_by_name(name: str | None, risk: Risk) -> None:
    assert risk_of(name) is risk
