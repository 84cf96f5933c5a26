"""A message that was sent in pieces: put together when all are there, the pieces untouched, else said."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from archiver.errors import InputRefused
from archiver.intake import partial
from archiver.intake.mime import part_bytes, read_message
from archiver.intake.protocol import Limits
from archiver.model import Span
from archiver.progress import Silent
from archiver.services import attachment_copy, overview
from archiver.services.archive import Archive
from archiver.services.intake import TakeIn, take_in
from archiver.services.packaging_run import MakePackage, make_package
from archiver.services.pieces import Joined, Pieces, pieces_of
from archiver.services.reading import message_bytes
from tests.helpers.messages import OWNER, mail

WHOLE = mail(
    "Het hele stuk", number=7, attachments=[("plan.bin", "image/png", bytes(range(256)) * 9)]
)


def cut(number: int, total: int, body: bytes, id_: str = "stuk@x", said: bool = True) -> bytes:
    """One piece, as RFC 2046 5.2.2.2 shows it."""
    of = f"; total={total}" if said else ""
    return (
        "From: Joris Blankert <j.blankert@veldermeer.example>\r\n"
        "To: Mira van Oosterhof <m.vanoosterhof@veldermeer.example>\r\n"
        "Date: Tue, 17 Nov 2026 14:52:00 +0100\r\n"
        f"Subject: Het hele stuk ({number}/{total})\r\nMessage-ID: <deel{number}@x>\r\n"
        f'MIME-Version: 1.0\r\nContent-Type: message/partial; id="{id_}"; number={number}{of}\r\n\r\n'
    ).encode() + body


def pieces(total: int = 3) -> list[bytes]:
    step = -(-len(WHOLE) // total)
    # Only the last has to say how many there are.
    return [
        cut(n + 1, total, WHOLE[n * step : (n + 1) * step], said=n + 1 == total)
        for n in range(total)
    ]


def put(archive: Archive, folder: Path, given: list[bytes]) -> list[str]:
    folder.mkdir(exist_ok=True)
    for number, raw in enumerate(given):
        (folder / f"{number}.eml").write_bytes(raw)
    take_in(archive, TakeIn((folder,), owner=OWNER), Silent())
    return overview.item_ids(archive)


def look(archive: Archive, item_id: str) -> tuple[Pieces, Joined | None]:
    result = pieces_of(archive, overview.item(archive, item_id))
    assert result is not None
    return result


def test_all_pieces_make_the_message_again_and_stay_what_they_were(
    archive: Archive, tmp_path: Path
) -> None:
    given = pieces()
    ids = put(archive, tmp_path / "in", given[::-1])
    assert len(ids) == 3
    for item_id in ids:
        said, joined = look(archive, item_id)
        assert said.whole
        assert (said.total, said.present) == (3, (1, 2, 3))
        assert joined is not None
        assert joined.record.subject == "Het hele stuk"
        assert joined.record.message_id == "<bericht-7@veldermeer.example>"
        (attached,) = joined.record.attachments
        assert part_bytes(joined.raw, attached.part) == bytes(range(256)) * 9
        reading = overview.reading(archive, item_id)
        assert reading.title == "Het hele stuk"
        assert "Hierbij de stukken." in reading.text
        item = overview.item(archive, item_id)
        assert hashlib.sha256(message_bytes(archive, item)).hexdigest() == item.sha256
    kept = {hashlib.sha256(message_bytes(archive, overview.item(archive, i))).digest() for i in ids}
    assert kept == {hashlib.sha256(raw).digest() for raw in given}


def test_an_attachment_of_the_whole_opens_from_every_piece(
    archive: Archive, tmp_path: Path
) -> None:
    ids = put(archive, tmp_path / "in", pieces())
    for item_id in ids:
        (attached,) = overview.reading(archive, item_id).attachments
        place = attachment_copy.copy_of_item(archive, item_id, attached)
        assert place.name == "plan.bin"
        assert place.read_bytes() == bytes(range(256)) * 9


def test_without_every_piece_what_opens_is_what_the_piece_itself_has(
    archive: Archive, tmp_path: Path
) -> None:
    (item_id,) = put(archive, tmp_path / "in", pieces()[1:2])
    own = overview.item(archive, item_id).record.attachments  # type: ignore[union-attr]
    assert overview.reading(archive, item_id).attachments == own
    for attached in own:
        data = attachment_copy.copy_of_item(archive, item_id, attached).read_bytes()
        assert hashlib.sha256(data).hexdigest() == attached.sha256


def test_the_reading_copy_in_a_package_is_of_the_whole_when_every_piece_goes_along(
    archive: Archive, tmp_path: Path
) -> None:
    given = pieces()
    ids = put(archive, tmp_path / "in", given)

    def copies(name: str, chosen: list[str]) -> list[bytes]:
        command = MakePackage(tmp_path / name, ids=tuple(chosen))
        made = make_package(archive, command, Silent())
        assert made.released
        packed = [p.read_bytes() for p in made.path.rglob("*") if p.is_file()]
        assert all(raw in packed for raw, i in zip(given, ids, strict=True) if i in chosen)
        return [data for data in packed if data.startswith(b"Van: ")]

    whole = copies("heel", ids)
    assert len(whole) == 3
    assert all("Hierbij de stukken." in copy.decode() for copy in whole)
    # What was not chosen must not leave in the text of another.
    last = [i for i in ids if overview.item(archive, i).title.endswith("(3/3)")]
    assert "Hierbij de stukken." not in copies("deel", last)[0].decode()


def test_the_header_of_the_example_in_the_norm() -> None:
    """RFC 2046 section 5.2.2.2: fields of the piece go, those of the message inside come."""
    first = (
        b"X-Weird-Header-1: Foo\nFrom: Bill@host.com\nTo: joe@otherhost.com\n"
        b"Date: Fri, 26 Mar 1993 12:59:38 -0500 (EST)\nSubject: Audio mail (part 1 of 2)\n"
        b'Message-ID: <id1@host.com>\nMIME-Version: 1.0\nContent-type: message/partial; id="ABC@host.com";\n'
        b"\t number=1; total=2\n\n"
        b"X-Weird-Header-1: Bar\nX-Weird-Header-2: Hello\nMessage-ID: <anotherid@foo.com>\n"
        b"Subject: Audio mail\nMIME-Version: 1.0\nContent-type: audio/basic\n"
        b"Content-transfer-encoding: base64\n\n... first half ...\n"
    )
    bodies = [partial.body_of(first, Limits()), b"... second half ...\n"]
    assert partial.join(first, bodies, Limits()) == (
        b"X-Weird-Header-1: Foo\nFrom: Bill@host.com\nTo: joe@otherhost.com\n"
        b"Date: Fri, 26 Mar 1993 12:59:38 -0500 (EST)\nMessage-ID: <anotherid@foo.com>\n"
        b"Subject: Audio mail\nMIME-Version: 1.0\nContent-type: audio/basic\n"
        b"Content-transfer-encoding: base64\n\n... first half ...\n... second half ...\n"
    )


def test_a_piece_alone_is_a_finding_and_says_what_is_missing(
    archive: Archive, tmp_path: Path
) -> None:
    (item_id,) = put(archive, tmp_path / "in", [cut(2, 4, b"midden")])
    item = overview.item(archive, item_id)
    assert "mail.deel_van_bericht" in [f.code for f in item.findings]
    said, joined = look(archive, item_id)
    assert joined is None
    assert (said.number, said.total, said.present, said.missing) == (2, 4, (2,), (1, 3, 4))
    assert overview.reading(archive, item_id).title == "Het hele stuk (2/4)"


def test_nobody_says_how_many_there_are(archive: Archive, tmp_path: Path) -> None:
    ids = put(archive, tmp_path / "in", pieces()[:2])
    said, joined = look(archive, ids[0])
    assert (said.total, said.whole, joined) == (None, False, None)


def test_two_contents_of_one_number_are_not_joined(archive: Archive, tmp_path: Path) -> None:
    ids = put(archive, tmp_path / "in", [*pieces(), cut(2, 3, b"iets anders")])
    said, joined = look(archive, ids[0])
    assert said.conflicting == (2,)
    assert joined is None


def test_a_copy_of_a_piece_is_no_conflict(archive: Archive, tmp_path: Path) -> None:
    given = pieces()
    ids = put(archive, tmp_path / "in", [*given, b"Received: x\r\n" + given[1]])
    assert len(ids) == 4
    assert look(archive, ids[0])[1] is not None


def test_pieces_of_other_messages_are_left_alone(archive: Archive, tmp_path: Path) -> None:
    ids = put(archive, tmp_path / "in", [*pieces()[:2], cut(3, 3, b"van een ander", "ander@x")])
    assert all(look(archive, item_id)[1] is None for item_id in ids)


def test_an_ordinary_message_is_no_piece(archive: Archive, tmp_path: Path) -> None:
    (item_id,) = put(archive, tmp_path / "in", [mail("Gewoon")])
    assert pieces_of(archive, overview.item(archive, item_id)) is None
    with pytest.raises(InputRefused):
        partial.body_of(mail("Gewoon"), Limits())


def test_pieces_that_are_too_much_together_are_not_joined(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (item_id, *_) = put(archive, tmp_path / "in", pieces())
    monkeypatch.setattr("archiver.services.pieces.Limits", lambda: Limits(message_bytes=1_000))
    said, joined = look(archive, item_id)
    assert (said.state, said.present, joined) == ("te_groot", (1, 2, 3), None)


def test_a_header_that_never_ends_joins_without_harm() -> None:
    first = cut(1, 1, b"A: b\r\n" * 10_000)
    raw = partial.join(first, [partial.body_of(first, Limits())], Limits())
    assert read_message(raw, format="eml", index=0, span=Span(0, len(raw))).sender is not None
