"""The page of a conversation: everything is there, nothing is markup, nothing comes from outside."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from archiver.export.gesprek_html import page
from archiver.model import ChatAttachment, ChatMessage, Conversation, Extract, Span
from tests.archiver.export.test_describe import CHAT

PHOTO = ChatAttachment("foto.jpg", True, "exact", "media/foto.jpg", "image/jpeg", 3, "0" * 64)


class Reader(HTMLParser):
    """Collects the tags with their attributes, and the text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def read(record: Conversation, messages: list[ChatMessage], **files: str) -> Reader:
    reader = Reader()
    paths = {"media/foto.jpg": "C-0001-B01/C-0001-B01-foto.jpg"}
    reader.feed(b"".join(page(record, messages, {**paths, **files})).decode("utf-8"))
    return reader


def message(index: int, **given_: object) -> ChatMessage:
    fields = {"sender": "Mira", "sent": "2026-11-17T09:12:01", "text": f"regel {index}", **given_}
    return ChatMessage("c", index, Span(0, 1), **fields)  # type: ignore[arg-type]


def test_days_messages_media_and_replies() -> None:
    shown = read(
        CHAT,
        [
            message(0, id="a"),
            message(1, text=None, attachments=(PHOTO, ChatAttachment("weg.pdf", False))),
            message(2, reply_to="a", edited=True, sent="2026-11-18T08:00:00"),
            message(3, reply_to="onbekend", type="text"),
            message(4, type="system", sender=None, text="Joris is toegevoegd"),
        ],
    )
    assert "17 november 2026" in shown.text
    assert "18 november 2026" in shown.text
    assert [a["src"] for t, a in shown.tags if t == "img"] == ["C-0001-B01/C-0001-B01-foto.jpg"]
    assert [a["alt"] for t, a in shown.tags if t == "img"] == ["foto.jpg"]
    assert "weg.pdf (ontbreekt in de export)" in shown.text
    assert ("a", {"href": "#b0"}) in shown.tags
    assert "Antwoord op een bericht dat hier niet staat" in shown.text
    assert ", bewerkt" in shown.text
    assert sum(t == "article" for t, _ in shown.tags) == 4
    assert ("html", {"lang": "nl"}) in shown.tags


def test_what_was_taken_out_is_counted_where_it_stood() -> None:
    extract = Extract("0" * 64, 1, "0" * 64, 7, {"prive": 4})
    record = replace(CHAT, extract=extract, message_count=3)
    shown = read(record, [message(1), message(2), message(5)])
    words = [w for w in shown.text.splitlines() if "weggelaten" in w]
    assert words == ["1 bericht weggelaten", "2 berichten weggelaten", "1 bericht weggelaten"]
    assert "Weggelaten vóór het vastleggen: prive: 4." in shown.text


@given(st.text(), st.text(), st.text())
def test_no_word_of_a_message_becomes_markup(sender: str, text: str, name: str) -> None:
    plain = [(t, sorted(a)) for t, a in read(CHAT, [message(0, attachments=(PHOTO,))]).tags]
    hostile = "<script>alert(1)</script>\"'><img src=http://x>"
    medium = replace(PHOTO, name=name + hostile)
    shown = read(
        CHAT, [message(0, sender=sender + hostile, text=text + hostile, attachments=(medium,))]
    )
    assert [(t, sorted(a)) for t, a in shown.tags] == plain
    for _, attributes in shown.tags:
        for key in ("src", "href"):
            assert "//" not in (attributes.get(key) or "")
