"""The reader shows a message and can reach nothing outside it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import QImage, QTextDocument
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from archiver.findings import Finding
from archiver.model import Attachment, ChatMessage, Span
from tests.helpers.fake_services import FakeReading
from tests.ui.conftest import Driver
from ui.models.row import Row
from ui.views.attachment_row import AttachmentChip
from ui.views.controls import Text
from ui.views.reader import Reader, SafeBrowser

KINDS = (
    QTextDocument.ResourceType.ImageResource,
    QTextDocument.ResourceType.StyleSheetResource,
    QTextDocument.ResourceType.HtmlResource,
    QTextDocument.ResourceType.UnknownResource,
)


def test_of_a_long_text_the_beginning_is_there_at_once_and_then_the_rest(
    app: QApplication, qtbot: QtBot
) -> None:
    said = tuple(
        ChatMessage("k", place, Span(0, 0), sender="Sanne", text=f"bericht {place}")
        for place in range(2_000)
    )
    lines = "\n".join(f"regel {number}" for number in range(5_000))
    reader = Reader()
    browser = reader.browser
    for reading, first, last in (
        (FakeReading("Kade", None, "", chat=said, chat_total=2_001), "bericht 0", "van 2.001"),
        (FakeReading("Kade", "Jan", lines), "regel 0", "regel 4999"),
    ):
        reader.show_reading(reading)
        assert first in browser.toPlainText()
        assert last not in browser.toPlainText()
        reader.show_reading(FakeReading("Ander", "Jan", "iets anders"))
        qtbot.wait(100)
        assert browser.toPlainText() == "iets anders", "nothing of the one before comes after it"
        reader.show_reading(reading)
        qtbot.waitUntil(lambda last=last: last in browser.toPlainText(), timeout=60_000)  # type: ignore[misc]
        assert browser.verticalScrollBar().value() == 0
    assert browser.toPlainText() == lines
    reader.show_reading(FakeReading("x", "y", "\n" * 4_000 + "onderaan"))
    assert "geen tekst" not in browser.toPlainText()


def test_no_resource_is_loaded_whatever_the_message_asks(app: QApplication, tmp_path: Path) -> None:
    """Also not by Qt itself, which opens an address as a file when it gets no answer."""
    picture = QImage(50, 40, QImage.Format.Format_RGB32)
    picture.fill(0)
    assert picture.save(str(tmp_path / "x.png"))
    (tmp_path / "x.css").write_text("p { color: red }", encoding="utf-8")
    for kind in KINDS:
        browser = SafeBrowser()  # a document keeps what it was given by address
        for name in (
            "https://pixel.example/a.png",
            "file://server/share/a.png",
            QUrl.fromLocalFile(str(tmp_path / "x.png")).toString(),
            QUrl.fromLocalFile(str(tmp_path / "x.css")).toString(),
            str(tmp_path / "x.css"),
            "qrc:/x",
            "cid:1",
        ):
            found = browser.document().resource(kind.value, QUrl(name))
            if kind == QTextDocument.ResourceType.ImageResource:
                assert found.size() == QSize(1, 1), name
            else:
                assert bytes(found) == b" ", name
    assert not browser.openLinks()
    assert not browser.openExternalLinks()


def test_a_hostile_message_makes_no_connection(app: QApplication) -> None:
    calls: list[object] = []
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.5)
    address = f"http://127.0.0.1:{server.getsockname()[1]}/pixel.png"

    def listen() -> None:
        try:
            calls.append(server.accept())
        except TimeoutError:
            return

    listener = threading.Thread(target=listen)
    listener.start()
    reader = Reader()
    reader.resize(500, 400)
    reader.show()
    reader.show_reading(
        FakeReading(
            "Nieuws",
            "Afzender",
            "",
            html=f"<link rel='stylesheet' href='{address}'><img src='{address}'>"
            f"<div style=\"background:url('{address}')\">x</div><a href='{address}'>klik</a>",
        )
    )
    QApplication.processEvents()
    listener.join()
    server.close()
    assert calls == []
    reader.close()


def test_a_link_does_not_leave_the_reader(app: QApplication) -> None:
    reader = Reader()
    reader.show_reading(FakeReading("x", "y", "", html="<a href='file:///etc/passwd'>klik</a>"))
    reader.browser.anchorClicked.emit(QUrl("file:///etc/passwd"))
    assert reader.browser.toPlainText() == "klik"


def test_what_a_report_says_stands_before_its_text_and_nothing_is_cut(app: QApplication) -> None:
    reader = Reader()
    reader.resize(488, 400)
    parts = (
        Attachment("logo.png", "image/png", 9, "0" * 64, "1", inline=True),
        Attachment(None, "message/delivery-status", 188, "0" * 64, "2", kind="report"),
        Attachment(None, "message/rfc822", 188, "0" * 64, "3", kind="message"),
    )
    failed = {"adres": "<b>jan</b>@b.example", "reden": "550 5.1.1 onbekend"}
    said = (Finding("rapport.niet_bezorgd", failed),)
    reader.show_reading(FakeReading("x", "y", " \n", attachments=parts, said=said))
    reader.show()
    assert reader.browser.toPlainText() == "In dit bericht staat geen tekst."
    words = [label.text() for label in reader.said.findChildren(Text)]
    assert words == [
        "Niet bezorgd bij <b>jan</b>@b.example. De reden die de mailserver geeft: 550 5.1.1 onbekend"
    ]
    names = [chip.accessibleName() for chip in reader.attachments.findChildren(AttachmentChip)]
    assert names == [
        "Bijlage Bericht over bezorging  188 byte openen",
        "Bijlage Bijgevoegd bericht  188 byte openen",
        "Bijlage logo.png  9 byte (in de tekst) openen",
    ]
    reader.setFixedHeight(reader.content_height())
    QApplication.processEvents()
    assert reader.attachments.height() >= reader.attachments.wanted_height(440)
    assert reader.said.height() >= reader.said.wanted_height(440) - 8
    reader.show_reading(
        FakeReading("x", "y", "", said=(Finding("rapport.versleuteld"),), html="<img src='cid:1'>")
    )
    assert "geen tekst" not in reader.browser.toPlainText()
    reader.close()


def test_plain_text_is_text_and_never_markup(app: QApplication) -> None:
    reader = Reader()
    reader.show_reading(FakeReading("x", "y", "<b>vet</b> & <img src='https://x.example/'>\n\nb"))
    assert reader.browser.toPlainText().splitlines()[0] == (
        "<b>vet</b> & <img src='https://x.example/'>"
    )


def test_a_message_that_cannot_be_read_gives_its_sentence(fake: Driver) -> None:
    from archiver.errors import InputRefused

    def refuse(row: object) -> object:
        raise InputRefused("bestand.veranderde_tijdens_lezen", {"bestand": "brief.eml"})

    fake.desk.core.read = refuse  # type: ignore[method-assign, assignment]
    fake.window.ask_files = lambda: [Path("brief.eml")]  # type: ignore[method-assign]
    fake.press("Ctrl+O")
    reader = fake.window.list_page.inspector.reader
    fake.until(lambda: reader.sentence.isVisible() and reader.sentence.text())
    fake.idle()
    assert "brief.eml" in reader.sentence.text()
    assert "veranderde_tijdens" not in reader.sentence.text()
    assert fake.titles() == ["Onderwerp brief 0"], "the list and the window live on"


HOSTILE = "<img src='file://server/share/x.png'> & <b>vet</b>"


def test_no_words_of_a_message_are_taken_for_markup(app: QApplication, fake: Driver) -> None:
    """Qt guesses that a tooltip or label is HTML, and would load what stands in it."""
    from tests.helpers import fake_services

    old, fake_services.row = fake_services.row, lambda path, number=0: _hostile(old, path)
    try:
        fake.desk.add([Path(f"{HOSTILE.replace('/', '')}.eml")])
        fake.until(lambda: fake.titles())
        fake.idle()
    finally:
        fake_services.row = old
    model = fake.window.list_page.list.model
    tips = [str(model.index(0, n).data(Qt.ItemDataRole.ToolTipRole)) for n in range(4)]
    fake.press("Ctrl+J")
    tasks = fake.window.tasks_page.model
    tips += [str(tasks.index(0, n).data(Qt.ItemDataRole.ToolTipRole)) for n in range(3)]
    tips += [w.toolTip() for w in fake.window.findChildren(QWidget)]
    assert any("&lt;img" in tip for tip in tips)
    assert not [tip for tip in tips if "<img" in tip or "<b>" in tip]
    for label in fake.window.findChildren(QLabel):
        if "<img" in label.text():
            assert label.textFormat() == Qt.TextFormat.PlainText


def _hostile(make: Callable[[Path, int], Row], path: Path) -> Row:
    made = make(path, 0)
    return replace(made, title=HOSTILE, sender=HOSTILE, dossier=HOSTILE)


def test_a_message_of_a_chat_out_of_a_mailbox_is_marked_among_the_others(app: QApplication) -> None:
    said = tuple(
        ChatMessage("k", place, Span(0, 0), sender="Sanne", text=f"bericht {place}")
        for place in range(80)
    )
    reader = Reader()
    reader.resize(500, 300)
    reader.show()
    reader.show_reading(FakeReading("Kade", None, "", chat=said, chat_total=200, chat_at=60))
    app.processEvents()
    text = reader.browser.toPlainText()
    assert text.index("bericht 59") < text.index("Dit bericht") < text.index("bericht 60")
    assert "80 van de 200" in text
    assert reader.browser.verticalScrollBar().value() > 0, "the message itself is in sight"
    reader.close()
