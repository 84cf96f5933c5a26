"""The PDF of a conversation, read by other programs: tagged, complete, the same bytes every time."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pdfminer.high_level import extract_text

from archiver.errors import KnownError
from archiver.export import gesprek_pdf
from archiver.export.gesprek_pdf import PART, Copy, parts
from archiver.export.lettertypen import shown
from archiver.model import ChatAttachment, ChatMessage, Conversation, Extract, Span
from tests.archiver.export.test_describe import CHAT

MOMENT = "2026-11-18T10:00:00+01:00"
PHOTO = ChatAttachment("foto.jpg", True, "exact", "media/foto.jpg", "image/jpeg", 3, "0" * 64)


def message(index: int, **given_: object) -> ChatMessage:
    fields = {"sender": "Mira", "sent": "2026-11-17T09:12:01", "text": f"regel {index}", **given_}
    return ChatMessage("c", index, Span(0, 1), **fields)  # type: ignore[arg-type]


def copy(messages: list[ChatMessage], record: Conversation = CHAT) -> Copy:
    record = replace(record, message_count=len(messages))
    return Copy(record, lambda: messages, {"media/foto.jpg": "C-0001-B01/foto.jpg"}, MOMENT)


def words(made: bytes) -> str:
    return " ".join(extract_text(io.BytesIO(made)).replace("\u200b", "").split())


def elements(node: Any) -> Iterator[str]:
    """The kinds of element of the tag tree, in reading order."""
    if not isinstance(node, pikepdf.Dictionary):
        return
    if "/S" in node:
        yield str(node.S)[1:]
    children = node.get("/K", [])
    for child in children if isinstance(children, pikepdf.Array) else [children]:
        yield from elements(child)


def test_a_screen_reader_finds_title_language_headings_and_all_words() -> None:
    made = copy(
        [
            message(0, id="a"),
            message(1, text=None, attachments=(PHOTO, ChatAttachment("weg.pdf", False))),
            message(2, reply_to="a", edited=True, sent="2026-11-18T08:00:00"),
            message(3, reactions=({"emoji": "👍", "sender": "Joris"},)),
            message(4, type="system", sender=None, text="Joris is toegevoegd"),
        ]
    ).part(0)
    with pikepdf.open(io.BytesIO(made)) as document:
        assert document.check_pdf_syntax() == []
        assert document.Root.Lang == "nl"
        assert document.Root.MarkInfo.Marked
        assert document.Root.ViewerPreferences.DisplayDocTitle
        with document.open_metadata() as about:
            assert about["dc:title"] == CHAT.title
            assert about["pdfaid:part"] == "2"
            assert about["pdfaid:conformance"] == "A"
            assert about["pdfuaid:part"] == "1"
        kinds = [k for k in elements(document.Root.StructTreeRoot) if k.startswith("H")]
        assert kinds == ["H1", "H2", "H3", "H3", "H2", "H3", "H2", "H3"]
        fonts = [o for o in document.objects if isinstance(o, pikepdf.Dictionary)]
        found = [o for o in fonts if o.get("/Type") == "/FontDescriptor"]
        assert found
        assert all("/FontFile2" in one or "/FontFile3" in one for one in found)
    text = words(made)
    for part in (
        "17 november 2026",
        "18 november 2026",
        "Bijlage: foto.jpg (bestand C-0001-B01/foto.jpg)",
        "Bijlage: weg.pdf (ontbreekt in de export)",
        "Antwoord op een eerder bericht",
        "08:00:00, bewerkt",
        "Reacties: 👍 Joris",
        "Joris is toegevoegd",
    ):
        assert part in text


def test_the_same_conversation_gives_the_same_bytes() -> None:
    messages = [message(i) for i in range(40)]
    assert copy(messages).part(0) == copy(messages).part(0)


def test_what_was_taken_out_is_counted_where_it_stood_and_nowhere_said() -> None:
    record = replace(CHAT, extract=Extract("0" * 64, 1, "0" * 64, 7, {"prive": 4}))
    text = words(copy([message(1), message(2), message(5)], record).part(0))
    assert text.count("weggelaten") == 3
    assert "2 berichten weggelaten" in text
    assert "Weggelaten vóór het vastleggen: prive: 4." in text


def test_no_character_is_dropped_and_nothing_is_markup() -> None:
    said = "*vet* _x_ #let $y$ `z` <script> @ref \\ // 😀 👍🏽 👨‍👩‍👧 ☎ → ½ m² ① שלום Привет"
    text = words(copy([message(0, text=said + " 中\x07")]).part(0))
    for word in said.split()[:-2]:
        assert word in text or word == "שלום"
    assert "[U+4E2D][U+0007]" in text


def test_a_word_without_end_and_a_text_without_end_stay_on_the_page() -> None:
    text = words(copy([message(0, text="w" * 3_000), message(1, text="a b " * 20_000)]).part(0))
    assert text.replace(" ", "").count("w") >= 3_000
    assert "ingekort in deze pdf" in text


def test_a_long_conversation_comes_in_parts_that_together_are_all_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gesprek_pdf, "PART", 3)
    messages = [message(i, text=f"nummer{i:03d}") for i in range(8)]
    asked: list[int] = []
    record = replace(CHAT, message_count=8)

    def read() -> list[ChatMessage]:
        asked.append(1)
        return messages

    whole = Copy(record, read, {}, MOMENT)
    assert parts(record) == 3
    texts = [words(whole.part(number)) for number in range(3)]
    assert len(asked) == 1
    for number, text in enumerate(texts):
        assert f"deel {number + 1} van 3" in text
        assert "17 november 2026" in text
        assert [f"nummer{i:03d}" in text for i in range(8)] == [i // 3 == number for i in range(8)]
    assert words(whole.part(1)) == texts[1]


def test_it_is_made_wherever_the_program_was_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert copy([message(0)]).part(0).startswith(b"%PDF-")


def test_beyond_the_limit_there_is_no_pdf() -> None:
    assert parts(replace(CHAT, message_count=gesprek_pdf.MOST + 1)) == 0
    assert parts(replace(CHAT, message_count=PART + 1)) == 2
    assert parts(replace(CHAT, message_count=0)) == 1


def test_a_child_that_fails_is_said_and_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gesprek_pdf, "_CHILD", ("false",))
    with pytest.raises(KnownError, match="leeskopie_pdf"):
        copy([message(0)]).part(0)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.text(), st.text()), max_size=20))
def test_any_text_gives_a_valid_pdf(said: list[tuple[str, str]]) -> None:
    made = copy([message(i, sender=s, text=t) for i, (s, t) in enumerate(said)]).part(0)
    with pikepdf.open(io.BytesIO(made)) as document:
        assert document.check_pdf_syntax() == []


@given(st.text())
def test_shown_keeps_what_can_be_shown_and_numbers_the_rest(text: str) -> None:
    found = shown(text)
    assert "\x00" not in found
    assert len(found) >= len(text.replace("\r\n", "\n"))


def png(width: int, height: int) -> bytes:
    rows = b"".join(b"\0" + b"\x14\x5a\xa0" * width for _ in range(height))

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = (chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def test_pictures_are_in_it_with_their_name_and_a_damaged_one_costs_only_itself() -> None:
    content = {
        "goed": png(400, 300),
        "stuk": b"\xff\xd8\xff\xe0 kapot",
        "groot": b"\x89PNG" * 400_000,
    }
    files = [
        ChatAttachment(f"{key}.png", True, "exact", key, "image/png", len(data), "0" * 64)
        for key, data in content.items()
    ]
    messages = [message(i, text=None, attachments=(one,)) for i, one in enumerate(files)]
    asked: list[str] = []

    def opened(path: str) -> io.BytesIO:
        asked.append(path)
        return io.BytesIO(content[path])

    record = replace(CHAT, message_count=3)
    made = Copy(record, lambda: messages, {"goed": "B01/goed.png"}, MOMENT, opened).part(0)
    assert made == Copy(record, lambda: messages, {"goed": "B01/goed.png"}, MOMENT, opened).part(0)
    assert asked == ["goed", "stuk"] * 2  # the large one is named only
    with pikepdf.open(io.BytesIO(made)) as document:
        assert document.check_pdf_syntax() == []
        figures = [
            o
            for o in document.objects
            if isinstance(o, pikepdf.Dictionary) and o.get("/S") == "/Figure"
        ]
        assert [str(f.Alt) for f in figures] == ["Bijlage: goed.png (bestand B01/goed.png)"]
    text = words(made)
    for name in (
        "Bijlage: goed.png (bestand B01/goed.png)",
        "Bijlage: stuk.png",
        "Bijlage: groot.png",
    ):
        assert name in text
