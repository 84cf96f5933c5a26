from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.errors import InputRefused
from archiver.intake import containers, registry, zip_of_mail
from archiver.intake.identify import head_of
from archiver.intake.protocol import Limits, ParseContext
from archiver.model import EmailMessage, Record, Unreadable

MAIL = b"From: ada@v.nl\r\nTo: bo@v.nl\r\nSubject: %s\r\nDate: Mon, 1 Jan 2024 10:00:00 +0100\r\n\r\nhoi\r\n"
MBOX = (
    b"From x Mon Jan  1 10:00:00 2024\nFrom: a@b.nl\nTo: b@b.nl\nSubject: een\n"
    b"X-Gmail-Labels: Werk\n\nx\n\n"
    b"From x Mon Jan  1 11:00:00 2024\nFrom: a@b.nl\nTo: b@b.nl\nSubject: twee\n\ny\n"
)
INVITE = (
    b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nDTSTAMP:20240305T093000Z\r\n"
    b"SUMMARY:Overleg\r\nORGANIZER:mailto:jan@voorbeeld.nl\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def make(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return path


def records(path: Path, limits: Limits | None = None) -> list[Record]:
    return list(zip_of_mail.parse(path, ParseContext(limits or Limits())))


def mails(path: Path) -> list[EmailMessage]:
    return [r for r in records(path) if isinstance(r, EmailMessage)]


def test_every_kind_of_mail_gets_a_place_and_its_bytes_come_back(tmp_path: Path) -> None:
    emlx = b"%d\n" % len(MAIL % b"appel") + MAIL % b"appel" + b'<?xml version="1.0"?><plist/>'
    path = make(
        tmp_path / "mail.zip",
        {
            "map/een.eml": MAIL % b"los",
            "postvak.mbox": MBOX,
            "zonder-extensie": MAIL % b"kaal",
            "3.emlx": emlx,
            "leesmij.txt": b"geen mail",
            "uitnodiging.ics": INVITE,
        },
    )
    found = mails(path)
    assert [m.subject for m in found] == ["los", "een", "twee", "kaal", "appel", "Overleg"]
    assert [m.index for m in found] == [0, 1, 2, 3, 4, 5]
    assert [m.format for m in found] == ["eml", "mbox", "mbox", "eml", "emlx", "ics"]
    assert [m.folder for m in found] == ["map", "postvak.mbox", "postvak.mbox", None, None, None]
    assert [m.labels for m in found] == [(), ("Werk",), (), (), (), ()]
    assert found[0].place == "zip:0:map/een.eml"
    for mail in found:
        raw = containers.message_bytes(path, mail.place or "")
        assert hashlib.sha256(raw).hexdigest() == mail.sha256
        assert len(raw) == mail.size
    (finding,) = zip_of_mail.remarks(path, ParseContext())
    assert finding.code == "zip.geen_mail"
    assert finding.params == {"n": 1, "namen": "leesmij.txt"}


def test_the_registry_chooses_it_for_a_zip_with_mail_only(tmp_path: Path) -> None:
    path = make(tmp_path / "a", {"x.eml": MAIL % b"s"})
    choice = registry.choose(path, head_of(path))
    assert choice is not None
    assert choice.format == "zip"
    for members in (
        {"foto.jpg": b"\xff\xd8"},
        {"[Content_Types].xml": b"<x/>", "bijlage.eml": MAIL % b"s"},
        {"mimetype": b"application/vnd.oasis", "x.eml": MAIL % b"s"},
        {"x.eml": b"geen mail"},
        {},
    ):
        other = make(tmp_path / "b", members)
        assert zip_of_mail.score_path(other, head_of(other)) == 0, members


def test_names_that_occur_twice_and_names_that_climb_are_harmless(tmp_path: Path) -> None:
    path = tmp_path / "dubbel.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../x.eml", MAIL % b"een")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("../../x.eml", MAIL % b"twee")
        archive.writestr("a#0-5:b.eml", MAIL % b"drie")
    before = sorted(p for p in tmp_path.parent.rglob("*"))
    found = mails(path)
    assert [m.subject for m in found] == ["een", "twee", "drie"]
    for mail in found:
        raw = containers.message_bytes(path, mail.place or "")
        assert hashlib.sha256(raw).hexdigest() == mail.sha256
    assert sorted(p for p in tmp_path.parent.rglob("*")) == before


def test_mailboxes_inside_are_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("y.eml", MAIL % b"y")
    path = make(
        tmp_path / "z.zip",
        {"a.pst": b"!BDN" + bytes(600), "b.zip": inner.getvalue(), "c.eml": MAIL % b"c"},
    )
    found = records(path)
    said = [[f.code for f in r.findings][:1] for r in found]  # type: ignore[union-attr]
    assert said[:2] == [["zip.eerst_uitpakken"], ["zip.eerst_uitpakken"]]
    assert isinstance(found[2], EmailMessage)


def test_bombs_and_broken_members_cost_themselves_only(tmp_path: Path) -> None:
    bomb = MAIL % b"bom" + bytes(40_000_000)
    path = make(
        tmp_path / "z.zip",
        {"bom.eml": bomb, "stuk.eml": MAIL % (b"x" * 300), "goed.eml": MAIL % b"g"},
    )
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        broken = archive.infolist()[1]
        start = broken.header_offset + 30 + len(broken.filename)
    data[start + broken.compress_size - 6] ^= 0xFF
    path.write_bytes(data)
    first, second, third = records(path)
    assert isinstance(first, Unreadable)
    assert first.findings[0].code == "zip.bom"
    assert isinstance(second, Unreadable)
    assert second.findings[0].code == "zip.lid_beschadigd"
    assert isinstance(third, EmailMessage)


def test_limits_of_the_whole_zip(tmp_path: Path) -> None:
    path = make(tmp_path / "z.zip", {f"{n}.eml": MAIL % b"x" for n in range(5)})
    for limits in (Limits(zip_members=4), Limits(zip_bytes=100)):
        (record,) = records(path, limits)
        assert isinstance(record, Unreadable)
        assert record.findings[0].code == "zip.te_groot"
    small = records(path, Limits(message_bytes=20))
    assert all(isinstance(r, Unreadable) for r in small)


def test_a_locked_member_is_said(tmp_path: Path) -> None:
    path = make(tmp_path / "z.zip", {"a.eml": MAIL % b"a", "b.eml": MAIL % b"b"})
    data = bytearray(path.read_bytes())
    central = data.index(b"PK\x01\x02")
    data[central + 8] |= 1
    data[6] |= 1
    path.write_bytes(data)
    first, second = records(path)
    assert isinstance(first, Unreadable)
    assert first.findings[0].code == "zip.lid_wachtwoord"
    assert isinstance(second, EmailMessage)


def test_places_that_are_not_there(tmp_path: Path) -> None:
    path = make(tmp_path / "z.zip", {"a.eml": MAIL % b"a"})
    for place in ("zip:7:a.eml", "zip:a", "zip:"):
        with pytest.raises(InputRefused):
            containers.message_bytes(path, place)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    changes=st.lists(st.tuples(st.integers(0, 2_000), st.integers(0, 255)), max_size=10),
    keep=st.integers(0, 2_000),
)
def test_no_mutation_crashes(tmp_path: Path, changes: list[tuple[int, int]], keep: int) -> None:
    path = make(tmp_path / "z.zip", {"a.eml": MAIL % b"a", "b.mbox": MBOX, "c.txt": b"c"})
    data = bytearray(path.read_bytes())
    for at, value in changes:
        data[at % len(data)] = value
    path.write_bytes(data[: max(keep, 4)] if keep % 3 == 0 else data)
    zip_of_mail.score_path(path, head_of(path))
    list(zip_of_mail.parse(path, ParseContext()))
    zip_of_mail.remarks(path, ParseContext())
