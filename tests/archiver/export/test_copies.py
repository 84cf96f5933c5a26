"""Reading copies and header records: made from the record, the same each time, valid UTF-8 always."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from archiver.export import leeskopie
from archiver.export.kopregels import gesprek, kopregels
from archiver.export.streams import pieces, whole
from archiver.model import Attachment, ChatAttachment, ChatMessage, Span
from tests.archiver.export.test_describe import CHAT, MAIL, SOURCE, item


def test_the_copy_of_a_mail_has_what_a_reader_needs() -> None:
    mail = replace(MAIL, attachments=(Attachment("tabel.csv", "text/csv", 8, "0" * 64, "2"),))
    assert leeskopie.email(mail, "Beste Mira,\n\nAkkoord.\n\n").decode() == (
        "Van: Joris Blankert <j.blankert@veldermeer.example>\n"
        "Aan: Mira van Oosterhof <m.vanoosterhof@veldermeer.example>\n"
        "Cc: cc@veldermeer.example\n"
        "Datum: 2026-11-17T14:52:00+01:00\n"
        "Onderwerp: Vraag\n"
        "Bijlagen: tabel.csv (8 bytes)\n"
        "\nBeste Mira,\n\nAkkoord.\n"
    )


def test_the_copy_of_a_chat_has_day_marks_and_says_what_is_missing() -> None:
    messages = [
        ChatMessage("c", 0, Span(0, 1), sender="Mira", sent="2026-11-17T09:12:01", text="Hoi"),
        ChatMessage(
            "c", 1, Span(1, 2), sent="2026-11-17T09:13:00", text="groep gemaakt", type="system"
        ),
        ChatMessage(
            "c",
            2,
            Span(2, 3),
            sender="Joris",
            sent="2026-11-18T08:00:10",
            attachments=(ChatAttachment("foto.jpg", False),),
        ),
    ]
    assert b"".join(leeskopie.chat(CHAT, messages)).decode() == (
        "Team Brug\nDeelnemers: Joris, Mira\n"
        "\n== 2026-11-17 ==\n09:12:01 Mira: Hoi\n09:13:00 groep gemaakt\n"
        "\n== 2026-11-18 ==\n08:00:10 Joris:  [foto.jpg, ontbreekt in de export]\n"
    )


def test_a_header_record_holds_all_headers_and_the_place_in_the_source() -> None:
    headers = [("Received", "een"), ("Received", "twee"), ("X-Vreemd", "\ud800")]
    made = json.loads(kopregels(item(), SOURCE, headers, [], {"2": "M-0001-B01"}))
    assert made["schema"] == "archiefklaar-kopregels/1"
    assert made["koppen"] == [list(h) for h in headers]
    assert made["bron"]["sha256"] == SOURCE.sha256
    assert (made["bron"]["begin"], made["bron"]["einde"]) == (0, 10)
    assert made["onderdelen"] == {"2": "M-0001-B01"}


def test_a_conversation_is_one_document_with_a_message_per_line() -> None:
    messages = [
        ChatMessage("c", n, Span(n, n + 1), sender="Mira", text=f"regel {n}\nen meer")
        for n in range(3)
    ]
    data = b"".join(gesprek(CHAT, messages))
    document = json.loads(data)
    assert [m["text"] for m in document["berichten"]] == [m.text for m in messages]
    assert sum(line.startswith(b'{"kind"') for line in data.split(b"\n")) == 3
    assert json.loads(b"".join(gesprek(CHAT, [])))["berichten"] == []


@given(st.text(), st.text())
def test_whatever_was_written_it_is_utf8(subject: str, text: str) -> None:
    mail = replace(MAIL, subject=subject)
    leeskopie.email(mail, text).decode("utf-8")
    json.loads(kopregels(item(mail), SOURCE, [("Subject", subject)], [], {}))


@given(st.lists(st.binary(max_size=40), max_size=20), st.integers(1, 50))
def test_pieces_read_as_one_stream_and_again(parts: list[bytes], step: int) -> None:
    opener = pieces(lambda: parts)
    for _ in range(2):
        with opener() as stream:
            read = b""
            while chunk := stream.read(step):
                read += chunk
        assert read == b"".join(parts)
    with whole(lambda: b"abc")() as stream:
        assert stream.read() == b"abc"
