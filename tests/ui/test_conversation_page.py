"""Heel gesprek: one conversation out of all its exports, by keyboard alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QWidget

from archiver.bootstrap import open_archive
from archiver.model import ChatMessage, Conversation, Span
from archiver.progress import Progress, Silent
from archiver.services.comparison import Export
from archiver.services.conversation_parts import LinkExports, PartState, link_exports
from archiver.services.conversation_view import ConversationView, explained, joined, letter
from archiver.services.intake import TakeIn, take_in
from tests.helpers import phones, quarters
from tests.helpers.fake_services import FakeCore
from tests.ui.conftest import Driver, Open, werkmap_in
from tests.ui.test_responsive import MOST_SECONDS, TRIES, Heartbeat, busy_machine
from ui.models.conversation_rows import ConversationRows, Presence
from ui.operations.archive import ArchiveCore
from ui.operations.conversation_core import ShownExport, WholeConversation, passages
from ui.views.conversation_page import ConversationPage

Role = Qt.ItemDataRole


def secured(werkmap: Path, *exports: tuple[str, Path]) -> list[str]:
    """Secure these exports, each with its owner, and link each to the one before."""
    archive = open_archive(werkmap, origin="test")
    ids: list[str] = []
    for owner, path in exports:
        ids += take_in(archive, TakeIn((path,), owner=owner), Silent()).changes.ids
    for one, other in pairwise(ids):
        link_exports(archive, LinkExports(one, other, "zelfde groep"), Silent())
    archive.close()
    return ids


@pytest.fixture
def three(werkmap: Path, tmp_path: Path) -> list[str]:
    """Mira's phone, Joris' phone, and Mira's phone a week later."""
    return secured(
        werkmap,
        ("Mira", phones.write(tmp_path, "een", phones.first_phone())),
        ("Joris", phones.write(tmp_path, "twee", phones.second_phone())),
        ("Mira", phones.write(tmp_path, "drie", phones.later_phone())),
    )


def to_conversation(driver: Driver) -> None:
    for queue in ("getagd", "te_beoordelen"):
        driver.window.go(queue)
        driver.idle()
        if driver.titles():
            return


def opened(driver: Driver) -> ConversationPage:
    to_conversation(driver)
    driver.press("Ctrl+Shift+H")
    page = driver.window.conversation_page
    driver.until(lambda: page.model.whole is not None)
    driver.idle()
    return page


def marks(page: ConversationPage, row: int) -> str:
    """A: has it; a: in other words; (A): lacks it; nothing: begins later or had ended."""
    words = {
        Presence.HAS: "{}",
        Presence.OTHER: "{}*",
        Presence.GONE: "({})",
        Presence.BEYOND: "",
    }
    shown = zip(page.model.exports, page.model.presence(row), strict=True)
    return " ".join(words[how].format(export.letter) for export, how in shown).strip()


def test_from_the_list_through_the_differences_to_two_side_by_side_and_back(
    open_window: Open, werkmap: Path, three: list[str]
) -> None:
    driver = open_window(ArchiveCore(werkmap))
    page = opened(driver)
    assert QApplication.focusWidget() is page.view
    assert [marks(page, row) for row in range(page.model.rowCount())] == [
        *["A B C"] * 5,
        "A (B) C",
        "A B* C",
        "A B C",
        *["C"] * 3,
    ]
    assert page.count.text() == "Verschil 1 van 2", "the first difference is current"
    assert "verwijderd" in page.model.absences(5)[0]
    driver.press("N")
    assert page.view.currentIndex().row() == 6
    (other,) = page.model.others(6)
    assert other.words == "Andere woorden in B"
    assert "vóór vrijdag graag" in other.text
    assert "voor vrijdag weten" in (page.model.entry(6).message.text or ""), "both are there"
    driver.press("N")
    assert driver.window.task_bar.said == "In deze richting is er geen verschil meer."
    driver.press("V")
    assert page.model.rowCount() == 2
    assert page.view.currentIndex().row() == 1, "the message that is read stays current"
    driver.press("P")
    assert page.count.text() == "Verschil 1 van 2"
    driver.press("V")
    assert page.view.currentIndex().row() == 5
    driver.press("Ctrl+Shift+G")
    compared = driver.window.comparison_page
    driver.until(lambda: compared.model.compared is not None)
    driver.idle()
    assert compared.own is not None
    assert {compared.own.id, compared.choice.currentData()} == {three[0], three[1]}
    driver.press("Ctrl+Shift+H")
    driver.until(lambda: page.model.whole is not None and not page.loading)
    assert driver.window.pages.currentWidget() is page
    driver.press("Escape")
    assert driver.window.pages.currentWidget() is driver.window.list_page


def test_a_message_names_its_exports_to_the_mouse_and_to_a_screen_reader(
    open_window: Open, werkmap: Path, three: list[str]
) -> None:
    page = opened(open_window(ArchiveCore(werkmap)))
    for role in (Role.ToolTipRole, Role.AccessibleTextRole):
        words = str(page.model.index(5).data(role))
        assert "A: Export van Mira, WhatsApp-chat met Team Kade.txt: staat hier" in words
        assert "B: Export van Joris, WhatsApp-chat met Team Kade.txt: staat hier niet" in words
    assert "geluid in de nacht" in str(page.model.index(5).data(Role.AccessibleTextRole))
    shown = page.side.each.toPlainText()
    assert "Staat hier niet, verwijderd of nooit aangekomen" in shown
    assert shown.count("geluid in de nacht") == 2, "as A and as C have it"


def test_the_legend_says_whose_which_days_and_what_goes_on(
    open_window: Open, werkmap: Path, three: list[str]
) -> None:
    page = opened(open_window(ArchiveCore(werkmap)))
    words = page.side.legend.toPlainText()
    assert [export.letter for export in page.model.exports] == ["A", "B", "C"]
    assert words.count("Export van Mira") == 2
    assert "ma 16 nov 2026 t/m ma 23 nov 2026, 11 berichten" in words
    assert "8 ook in een eerdere export, 3 alleen hier" in words
    assert "Gaat verder waar A stopt: 3 nieuwe berichten" in words, "of the same phone"
    assert words.count("WhatsApp-chat met Team Kade.txt") == 3
    assert words.count(", nog niet besloten") == 3


def test_four_quarters_go_on_without_a_double_or_a_difference(
    open_window: Open, werkmap: Path, tmp_path: Path
) -> None:
    secured(werkmap, *(("Mira", path) for path in quarters.write(tmp_path)))
    driver = open_window(ArchiveCore(werkmap))
    page = opened(driver)
    assert page.model.rowCount() == 16
    assert [marks(page, row) for row in range(16)] == [x for x in "ABCD" for _ in range(4)]
    assert page.model.differences == 0
    passages_said = {row: words for row in range(16) if (words := page.model.passage(row))}
    assert passages_said == {
        4: "Hier stopt A  Hier begint B",
        8: "Hier stopt B  Hier begint C",
        12: "Hier stopt C  Hier begint D",
    }
    driver.press("V")
    assert page.nothing.accessibleName().startswith("Er zijn geen verschillen.")
    driver.press("Escape")
    assert driver.window.pages.currentWidget() is driver.window.list_page


def test_a_conversation_of_one_export_is_read_whole_and_a_mail_is_refused(
    open_window: Open, werkmap: Path, tmp_path: Path, fake: Driver
) -> None:
    fake.desk.add([Path("brief.eml")])
    fake.until(lambda: fake.titles())
    fake.idle()
    fake.press("Ctrl+Shift+H")
    assert fake.window.task_bar.said.startswith("Kies eerst een vastgelegd gesprek.")
    secured(werkmap, ("Mira", phones.write(tmp_path, "een", phones.first_phone())))
    page = opened(open_window(ArchiveCore(werkmap)))
    assert page.model.rowCount() == 8
    assert page.subtitle.text().startswith("Team Kade. Er is één export vastgelegd.")
    assert not page.pair.isEnabled()


def test_undoing_a_link_is_seen_at_once(open_window: Open, werkmap: Path, three: list[str]) -> None:
    driver = open_window(ArchiveCore(werkmap))
    page = opened(driver)
    driver.until(driver.window.actions_by_name["undo"].isEnabled)
    driver.press("Ctrl+Z")
    driver.until(lambda: not page.loading and len(page.model.exports) < 3)
    driver.idle()
    assert driver.window.pages.currentWidget() is page


# --- made conversations ------------------------------------------------------------------------------


def messages(count: int, *, skip: int = 0, start: int = 0) -> tuple[ChatMessage, ...]:
    return tuple(
        ChatMessage(
            "c",
            n,
            Span(n, n + 1),
            sender=("Anna", "Bram")[n % 2],
            sent=f"2026-{n // 3000 % 12 + 1:02}-{n // 100 % 28 + 1:02}"
            f"T{10 + n % 100 // 60}:{n % 100 % 60:02}:00",
            text=f"Bericht nummer {n} over de planning van de kade",
        )
        for n in range(start, count)
        if not skip or n % skip
    )


def made(*exports: tuple[ChatMessage, ...]) -> WholeConversation:
    record = Conversation("c", "whatsapp", "whatsapp", 0, 1, "0" * 64, title="Team Kade")
    held = tuple(Export(str(n), record, one) for n, one in enumerate(exports))
    view = ConversationView(held, explained(joined(exports), held))
    shown = tuple(
        ShownExport(
            letter(share.export),
            PartState(
                *(str(share.export), "Mira", "2026-01-01", "2026-12-01", None, None, False),
                file=f"export-{share.export}.txt",
            ),
            share,
        )
        for share in view.shares()
    )
    different = tuple(place for place, entry in enumerate(view.entries) if entry.differs)
    return WholeConversation("0", "Team Kade", view, shown, different, passages(view.entries))


@dataclass
class FakeWhole:
    """Gives one conversation."""

    found: WholeConversation

    def whole(self, item_id: str, progress: Progress) -> WholeConversation:
        return self.found


def shown(open_window: Open, found: WholeConversation) -> tuple[Driver, ConversationPage]:
    driver = open_window(FakeCore(comparisons=FakeWhole(found)))
    page = driver.window.conversation_page
    driver.window.conversations.show_whole("0")
    driver.until(lambda: page.model.whole is not None)
    driver.idle()
    return driver, page


def timed(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def test_a_hundred_thousand_messages_of_three_exports_are_there_at_once(open_window: Open) -> None:
    found = made(messages(60_000), messages(80_000, skip=10), messages(100_000, start=30_000))
    driver, page = shown(open_window, found)
    assert page.model.total == 100_000
    assert page.model.differences == 7_999
    assert timed(lambda: page.filter(only=True)) < 1.0
    assert page.model.rowCount() == 7_999
    assert timed(lambda: page.filter(only=False)) < 1.0
    assert timed(lambda: page._go_to(79_985)) < 1.0
    place = page.view.visualRect(page.view.currentIndex())
    assert page.view.viewport().rect().intersects(place), "what is current is on the screen"
    assert timed(lambda: driver.press("P")) < 1.0
    assert timed(lambda: driver.press("N")) < 1.0
    assert page.count.text() == "Verschil 7.999 van 7.999"


def long_phone(count: int) -> str:
    """Write an export of many messages; none is like another."""
    lines = [
        f"{n // 1_000 % 28 + 1:02}-{n // 28_000 + 1:02}-2026 {n % 1_000 // 60:02}:{n % 60:02} - "
        f"{('Anna', 'Bram')[n % 2]}: Bericht nummer {n} over de planning van de kade"
        for n in range(count)
    ]
    return "\n".join(lines) + "\n"


@pytest.mark.heartbeat
def test_no_gap_above_100_ms_while_two_exports_of_30000_messages_are_read_and_laid_over(
    open_window: Open, tmp_path: Path
) -> None:
    plain: list[float] = []
    for attempt in range(TRIES):
        werkmap = werkmap_in(tmp_path / f"{attempt}")
        secured(
            werkmap,
            ("Mira", phones.write(tmp_path / f"{attempt}", "een", long_phone(30_000))),
            ("Mira", phones.write(tmp_path / f"{attempt}", "twee", long_phone(32_000))),
        )
        driver = open_window(ArchiveCore(werkmap))
        to_conversation(driver)
        heart = Heartbeat()
        page = driver.window.conversation_page
        driver.press("Ctrl+Shift+H")
        driver.until(lambda page=page: page.model.total == 32_000, 180)  # type: ignore[misc]
        driver.press("End", "V", "V", "Home", "Escape")
        driver.idle()
        heart.stop()
        assert heart.beats > 50
        assert heart.longest_own <= MOST_SECONDS
        plain.append(heart.longest)
        if heart.longest <= MOST_SECONDS or busy_machine():
            return
    pytest.fail(f"the window stood still, in every try: {plain}")


def test_everything_has_a_name_tab_and_f6_reach_it(open_window: Open) -> None:
    driver, page = shown(open_window, made(messages(20), messages(20, skip=4)))
    wanted = [
        w
        for w in page.findChildren(QWidget)
        if w.isVisible() and w.isEnabled() and w.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]
    for widget in wanted:
        interface = QAccessible.queryAccessibleInterface(widget)
        assert interface is not None
        assert interface.text(QAccessible.Text.Name).strip(), type(widget).__name__
        assert widget.height() >= 24
    seen = []
    for _ in range(len(wanted) * 3):
        seen.append(QApplication.focusWidget())
        driver.press("Tab")
    assert {page.view, page.pair, page.side.legend, page.side.each} <= set(seen)
    page.focus()
    stops = []
    for _ in range(5):
        driver.press("F6")
        stops.append(QApplication.focusWidget())
    assert page.side.legend in stops
    assert page.side.each in stops
    assert stops[-1] is page.view


def test_many_exports_name_only_those_that_have_it(app: object) -> None:
    parts = [messages(10 * n + 10, start=10 * n) for n in range(12)]
    model = ConversationRows()
    model.show(made(*parts))
    assert len(model.exports) == 12
    assert [words.split(":")[0] for words in model.sources(115)] == ["L"]


def test_hostile_words_are_shown_as_words(open_window: Open) -> None:
    evil = "<img src='http://voorbeeld.invalid/x.png'><b>vet</b> en nog wat woorden"
    left, right = list(messages(12)), list(messages(12))
    for side, words in ((left, evil), (right, f"{evil} meer")):
        side[4] = ChatMessage(
            "c", 4, left[4].span, sender="<b>A</b>", sent=left[4].sent, text=words
        )
    _, page = shown(open_window, made(tuple(left), tuple(right)))
    assert page.side.each.toPlainText().count("<b>vet</b>") == 2
    tip = str(page.model.index(4).data(Role.ToolTipRole))
    assert "<b>" not in tip


@pytest.mark.parametrize("width", [1440, 1024])
def test_nothing_is_cut_in_a_narrow_window(open_window: Open, width: int) -> None:
    driver, page = shown(open_window, made(messages(20), messages(20, skip=4)))
    driver.window.resize(width, 700)
    QApplication.processEvents()
    for widget in (page.pair, page.only, page.next):
        edge = widget.mapTo(driver.window, widget.rect().bottomRight())
        assert edge.x() <= driver.window.width()
        assert edge.y() <= driver.window.height()
        assert widget.width() >= widget.minimumSizeHint().width()
