"""Gesprek in the inspector: what belongs to a message, in few words, opened by keyboard."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from archiver.services.pieces import Pieces
from archiver.services.related import Related, Relative
from tests.helpers.messages import mail
from tests.ui.conftest import Driver
from ui.views.thread_block import MessageLine, ThreadBlock


def one(name: str, owner: str | None = "Mira", container: str = "post.mbox") -> Relative:
    return Relative(name, f"Titel {name}", "Joris", "2026-11-17T14:52:00+01:00", owner, container)


def block(related: Related | None, pieces: Pieces | None = None) -> ThreadBlock:
    made = ThreadBlock()
    made.show_related(related, pieces)
    made.show()
    QApplication.processEvents()  # a layout shows what was added in the next round
    return made


def test_a_message_that_stands_alone_shows_nothing(app: QApplication) -> None:
    for made in (ThreadBlock(), ThreadBlock()):
        made.show_related(Related(one("a")))
        assert made.isHidden()


def test_it_says_how_many_and_in_whose_mailbox_the_copies_are(app: QApplication) -> None:
    made = block(
        Related(
            one("a"),
            thread=tuple(one(str(n)) for n in range(4)),
            copies=(one("k", "Joris Blankert"), one("l", None, "archief.pst")),
            duplicates=(one("d", container="los.eml"),),
            gaps=("weg@x",),
        )
    )
    assert made.words[1:] == (
        "Hoort bij 4 berichten",
        "Kopie in het postvak van Joris Blankert",
        "Kopie in archief.pst",
        "Precies hetzelfde bestaat ook in los.eml",
        "1 bericht uit dit gesprek is niet in dit archief",
    )


def test_only_copies_show_no_button(app: QApplication) -> None:
    made = block(Related(one("a"), copies=tuple(one(str(n)) for n in range(5))))
    assert made.button.isHidden()
    assert made.words[-1] == "En nog 2 kopieën"


def test_the_messages_open_in_place_and_a_long_thread_stays_short(app: QApplication) -> None:
    made = block(Related(one("a"), thread=tuple(one(str(n)) for n in range(60)), more=True))
    assert made.words[-1] == "Hoort bij meer dan 60 berichten"
    made.button.click()
    QApplication.processEvents()
    assert made.button.text() == "Verbergen"
    assert sum("Titel" in words for words in made.words) == 50
    assert made.words[-1] == "En nog 10 berichten"
    made.button.click()
    assert made.words[-1] == "Hoort bij meer dan 60 berichten"


def test_a_line_goes_to_its_message_by_click_and_by_enter(app: QApplication) -> None:
    made = block(Related(one("a"), thread=(one("1"), one("2")), copies=(one("k"),)))
    asked: list[str] = []
    made.wanted.connect(asked.append)
    made.button.click()
    lines = made.findChildren(MessageLine)
    assert all(line.focusPolicy() == Qt.FocusPolicy.StrongFocus for line in lines)
    assert {line.accessibleName().partition(" 2026")[0] for line in lines} >= {
        "Ga naar Kopie in het postvak van Mira"
    }
    for line in lines:
        QTest.keyClick(line, Qt.Key.Key_Return)
    assert sorted(asked) == ["1", "2", "k"]
    lines[0].click()
    assert len(asked) == 4


@pytest.mark.parametrize(
    ("pieces", "said"),
    [
        (Pieces(2, 3, (1, 2, 3), (), ()), "Alle stukken zijn er"),
        (Pieces(2, None, (2,), (), ()), "van ?. Er zijn er 1"),
        (Pieces(2, 3, (1, 2, 3), (), (2,)), "tweemaal"),
        (Pieces(2, 3, (1, 2, 3), (), (), too_large=True), "te groot"),
    ],
)
def test_a_piece_says_whether_the_message_is_whole(
    app: QApplication, pieces: Pieces, said: str
) -> None:
    assert said in block(Related(one("a")), pieces).words[-1]


def test_the_window_shows_a_thread_over_two_files(real: Driver, tmp_path: Path) -> None:
    first = mail("Vraag", number=1)
    (tmp_path / "een.eml").write_bytes(first)
    (tmp_path / "kopie.eml").write_bytes(b"Received: from a by b\r\n" + first)
    answer = mail("RE: Vraag", number=2, reply_to="<bericht-1@veldermeer.example>")
    (tmp_path / "twee.eml").write_bytes(answer)
    real.window.add([tmp_path / name for name in ("een.eml", "kopie.eml", "twee.eml")])
    real.idle()
    real.window.list_page.act()
    real.idle()
    real.window.go("getagd")
    real.idle()
    if not real.titles():
        real.window.go("te_beoordelen")
        real.idle()
    shown = real.window.list_page
    shown.list.go_to(real.titles().index("RE: Vraag"))
    real.idle()
    real.until(lambda: not shown.inspector.related.isHidden())
    assert shown.inspector.related.words[1:] == ("Hoort bij 1 bericht",)
    shown.inspector.related.button.click()
    (line,) = shown.inspector.related.findChildren(MessageLine)
    line.setFocus()
    QTest.keyClick(line, Qt.Key.Key_Return)
    real.idle()
    assert shown.list.current().title == "Vraag"
    assert shown.list.table.hasFocus()
    other = "te_beoordelen" if shown.queue == "getagd" else "getagd"
    ids = [str(key) for key in shown.list.model.keys]
    real.window.go(other)
    real.idle()
    shown.go_to_message(ids[0])
    real.idle()
    assert "Dat bericht staat in" in real.window.task_bar.said
    real.window.go("getagd" if other == "te_beoordelen" else "te_beoordelen")
    real.idle()
    shown.list.go_to(real.titles().index("Vraag"))
    real.idle()
    real.until(lambda: len(shown.inspector.related.words) == 3)
    assert shown.inspector.related.words[-1] == "Kopie in het postvak van Mira van Oosterhof"
