"""Vergelijken: two exports side by side, by keyboard alone; linking, taking apart, undoing."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QWidget

from archiver.bootstrap import open_archive
from archiver.model import Changes, ChatMessage, Conversation, Span
from archiver.progress import Progress, Silent
from archiver.services.chat_match import Overlap, compare
from archiver.services.comparison import Compared, Export, FileConversation, Recognition, Subject
from archiver.services.intake import TakeIn, take_in
from tests.helpers import phones
from tests.helpers.fake_services import FakeCore
from tests.ui.conftest import Driver, Open
from ui.models.comparison_rows import Column, ComparisonRows, reason_words
from ui.operations.archive import ArchiveCore
from ui.operations.comparison_core import Candidate
from ui.views.comparison import ComparisonPage


@pytest.fixture
def pair(werkmap: Path, tmp_path: Path) -> tuple[str, str]:
    """Secure Mira's and Joris' export of one group; gives their ids."""
    archive = open_archive(werkmap, origin="test")
    ids: list[str] = []
    for owner, text in (("Mira", phones.first_phone()), ("Joris", phones.second_phone())):
        path = phones.write(tmp_path, owner, text)
        ids += take_in(archive, TakeIn((path,), owner=owner), Silent()).changes.ids
    archive.close()
    return ids[0], ids[1]


def opened(driver: Driver) -> ComparisonPage:
    """Go to a conversation of Getagd or Te beoordelen and press Ctrl+Shift+G."""
    page = driver.window.comparison_page
    driver.window.go("getagd")
    driver.idle()
    if not driver.titles():
        driver.window.go("te_beoordelen")
        driver.idle()
    driver.press("Ctrl+Shift+G")
    driver.until(lambda: page.model.compared is not None)
    driver.idle()
    return page


def here(page: ComparisonPage) -> str:
    row = page.model.row(page.view.currentIndex().row())
    return f"{row.kind}.{row.reason}"


def test_by_keyboard_from_the_list_to_a_link_and_back(
    open_window: Open, werkmap: Path, pair: tuple[str, str]
) -> None:
    driver = open_window(ArchiveCore(werkmap))
    page = opened(driver)
    assert {page.own.id, page.others[0].id} == set(pair) if page.own else False
    assert page.choice.currentText().endswith("(lijkt hierop)")
    assert page.model.counts == {
        "match": 6,
        "differs": 1,
        **dict.fromkeys(_only(page), 1),
        _not(page): 0,
    }
    assert QApplication.focusWidget() is page.view
    assert here(page).endswith("missing_there"), "the first difference is current"
    driver.press("N")
    assert here(page) == "differs.wording"
    assert page.count.text() == "Verschil 2 van 2"
    driver.press("N")
    assert driver.window.task_bar.said == "In deze richting is er geen verschil meer."
    driver.press("P")
    assert here(page).endswith("missing_there")
    driver.press("V")
    assert page.model.rowCount() == 2
    assert here(page).endswith("missing_there"), "the row that is read stays current"
    driver.press("V")
    assert page.model.rowCount() == 8
    driver.press("Ctrl+Return")
    assert QApplication.focusWidget() is page.side.why, "without a reason nothing is linked"
    driver.write("Dezelfde groep")
    driver.press("Ctrl+Return")
    driver.until(lambda: page.choice.currentText().endswith("(gekoppeld)"))
    driver.idle()
    assert page.side.main.text() == "Koppeling losmaken"
    driver.until(driver.window.actions_by_name["undo"].isEnabled)
    driver.press("Ctrl+Z")
    driver.until(lambda: page.side.main.text() == "Exports koppelen" and not page.loading)
    driver.idle()
    page.focus()
    driver.press("Escape")
    assert driver.window.pages.currentWidget() is driver.window.list_page


def _only(page: ComparisonPage) -> list[str]:
    """On which side Mira's export is depends on the order of the list."""
    return ["only_left" if page.own and page.own.owner == "Mira" else "only_right"]


def _not(page: ComparisonPage) -> str:
    return "only_right" if _only(page) == ["only_left"] else "only_left"


def test_taking_a_link_away_asks_a_reason_too(
    open_window: Open, werkmap: Path, pair: tuple[str, str]
) -> None:
    driver = open_window(ArchiveCore(werkmap))
    page = opened(driver)
    for words, ends in (("zelfde groep", "(gekoppeld)"), ("toch niet", "(lijkt hierop)")):
        page.side.why.setFocus()
        driver.write(words)
        driver.press("Return")
        driver.until(lambda e=ends: page.choice.currentText().endswith(e))  # type: ignore[misc]
        driver.until(lambda: page.model.compared is not None)
        driver.idle()
    archive = driver.desk.core.archive  # type: ignore[attr-defined]
    from archiver.services import overview

    reasons = [e.event.reason for e in overview.history(archive, pair[0])]
    assert reasons[-2:] == ["zelfde groep", "toch niet"]


def test_two_chosen_lines_are_compared_with_each_other(
    open_window: Open, werkmap: Path, pair: tuple[str, str]
) -> None:
    driver = open_window(ArchiveCore(werkmap))
    driver.window.go("te_beoordelen")
    driver.idle()
    if not driver.titles():
        driver.window.go("getagd")
        driver.idle()
    driver.press("Ctrl+A", "Ctrl+Shift+G")
    page = driver.window.comparison_page
    driver.until(lambda: page.model.compared is not None)
    assert page.own is not None
    assert {page.own.id, page.choice.currentData()} == set(pair)


def test_after_securing_it_is_said_and_nothing_is_linked(
    open_window: Open, werkmap: Path, tmp_path: Path
) -> None:
    driver = open_window(ArchiveCore(werkmap))
    for place, text in (("een", phones.first_phone()), ("twee", phones.later_phone())):
        driver.desk.add([phones.write(tmp_path, place, text)])
        driver.until(lambda: driver.desk.task and not driver.desk.task.running)
        driver.idle()
        driver.desk.secure()
        driver.until(lambda: not driver.desk.rows)
        driver.idle()
    assert driver.window.task_bar.said.startswith("Team Kade lijkt een andere export")
    page = opened(driver)
    assert page.model.counts["match"] == 8
    assert not any(c.how == "gekoppeld" for c in page.others)
    assert "t/m" in page.model.names[0], "two of one owner are told apart by their last day"


def test_a_mail_cannot_be_compared_and_a_lonely_chat_says_what_to_do(
    open_window: Open, werkmap: Path, tmp_path: Path, fake: Driver
) -> None:
    fake.desk.add([Path("brief.eml")])
    fake.until(lambda: fake.titles())
    fake.idle()
    fake.press("Ctrl+Shift+G")
    assert fake.window.task_bar.said.startswith("Kies eerst een chatgesprek.")
    driver = open_window(ArchiveCore(werkmap))
    driver.desk.add([phones.write(tmp_path, "een", phones.first_phone())])
    driver.until(lambda: driver.desk.task and not driver.desk.task.running)
    driver.idle()
    driver.desk.secure()
    driver.until(lambda: not driver.desk.rows)
    driver.idle()
    driver.window.go("te_beoordelen")
    driver.idle()
    if not driver.titles():
        driver.window.go("getagd")
        driver.idle()
    driver.press("Ctrl+Shift+G")
    page = driver.window.comparison_page
    driver.until(lambda: not page.loading and page.own is not None)
    driver.idle()
    assert page.nothing.accessibleName().startswith("Er is nog geen ander gesprek")
    driver.press("Escape")
    assert driver.window.pages.currentWidget() is driver.window.list_page


# --- made comparisons -------------------------------------------------------------------------------


def messages(count: int, *, skip: int = 0) -> tuple[ChatMessage, ...]:
    return tuple(
        ChatMessage(
            "c",
            n,
            Span(n, n + 1),
            sender=("Anna", "Bram")[n % 2],
            sent=f"2026-{n // 3000 % 12 + 1:02}-{n // 100 % 28 + 1:02}T10:{n % 60:02}:00",
            text=f"Bericht nummer {n} over de planning van de kade",
        )
        for n in range(count)
        if not skip or n % skip
    )


def made(left: tuple[ChatMessage, ...], right: tuple[ChatMessage, ...]) -> Compared:
    record = Conversation("c", "whatsapp", "whatsapp", 0, 1, "0" * 64, title="Team Kade")
    seen = Recognition(True, True, (2, 2), Overlap(len(right), len(right)))
    return Compared(
        Export("links", record, left), Export("rechts", record, right), seen, compare(left, right)
    )


@dataclass
class FakeComparing:
    """Gives one comparison; what was linked is noted."""

    compared: Compared
    links: list[tuple[str, str, str, bool]] = field(default_factory=list)

    def candidates(
        self, subject: Subject, desk: Sequence[FileConversation] = ()
    ) -> tuple[Candidate, ...]:
        return tuple(
            Candidate(i, "Team Kade", who, "2026-01-01", "2026-12-01", 9, "ander")
            for i, who in (("links", "Mira"), ("rechts", "Joris"))
        )

    def alike(self, subject: Subject, progress: Progress) -> tuple[Candidate, ...]:
        return ()

    def compare(self, left: Subject, right: Subject, progress: Progress) -> Compared:
        return self.compared

    def link(self, left: str, right: str, reason: str, progress: Progress) -> Changes:
        self.links.append((left, right, reason, True))
        return Changes("items", (left, right), "t")

    def unlink(self, left: str, right: str, reason: str, progress: Progress) -> Changes:
        self.links.append((left, right, reason, False))
        return Changes("items", (left, right), "t")


def shown(open_window: Open, compared: Compared) -> tuple[Driver, ComparisonPage]:
    driver = open_window(FakeCore(comparisons=FakeComparing(compared)))
    page = driver.window.comparison_page
    driver.window.conversations.compare("links", None)
    driver.until(lambda: page.model.compared is not None)
    driver.idle()
    return driver, page


def timed(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def test_a_hundred_thousand_messages_are_there_at_once(open_window: Open) -> None:
    compared = made(messages(100_000), messages(100_000, skip=10))
    driver, page = shown(open_window, compared)
    assert page.model.counts == {
        "match": 90_000,
        "differs": 0,
        "only_left": 10_000,
        "only_right": 0,
    }
    assert timed(lambda: page.filter(only=True)) < 1.0
    assert page.model.rowCount() == 10_000
    assert timed(lambda: page.filter(only=False)) < 1.0
    assert timed(lambda: driver.press("End")) < 1.0
    assert timed(lambda: driver.press("P")) < 1.0
    assert page.model.number_of(page.view.currentIndex().row()) == 10_000
    assert page.count.text() == "Verschil 10.000 van 10.000"


def test_everything_has_a_name_tab_and_f6_reach_it(open_window: Open) -> None:
    driver, page = shown(open_window, made(messages(20), messages(20, skip=4)))
    from PySide6.QtCore import Qt

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
    assert {page.view, page.choice, page.side.both, page.side.why} <= set(seen)
    page.focus()
    stops = []
    for _ in range(5):
        driver.press("F6")
        stops.append(QApplication.focusWidget())
    assert page.side.both in stops
    assert page.side.why in stops
    assert stops[-1] is page.view


def test_a_row_is_one_sentence_for_a_screen_reader(app: object) -> None:
    left, right = list(messages(6)), list(messages(6))
    del right[3]
    model = ComparisonRows()
    model.show(made(tuple(left), tuple(right)), ("Export van Mira", "Export van Joris"))
    words = model.spoken(3)
    assert words.startswith("Alleen links, Daar voor één persoon verwijderd, of nooit aangekomen")
    assert "Bericht nummer 3" in words
    assert "Export van Joris" not in words
    assert model.message(3, Column.RIGHT) is None
    assert reason_words(model.row(0)) == "Zelfde tekst en tijd"
    assert model.next_difference(3, 1) is None
    assert model.next_difference(4, -1) == 3
    model.show_only_differences(True)
    assert (model.rowCount(), model.number_of(0)) == (1, 1)


def test_hostile_words_are_shown_as_words(open_window: Open) -> None:
    left, right = list(messages(12)), list(messages(12))
    evil = "<img src='http://voorbeeld.invalid/x.png'><b>vet</b> en nog wat woorden"
    left[4] = ChatMessage("c", 4, left[4].span, sender="<b>A</b>", sent=left[4].sent, text=evil)
    right[4] = ChatMessage(
        "c", 4, left[4].span, sender="<b>A</b>", sent=left[4].sent, text=f"{evil} meer"
    )
    _, page = shown(open_window, made(tuple(left), tuple(right)))
    assert here(page) == "differs.wording"
    assert page.side.both.toPlainText().count("<b>vet</b>") == 2


@pytest.mark.parametrize("width", [1440, 1024])
def test_nothing_is_cut_in_a_narrow_window(open_window: Open, width: int) -> None:
    driver, page = shown(open_window, made(messages(20), messages(20, skip=4)))
    driver.window.resize(width, 700)
    QApplication.processEvents()
    right = driver.window.width()
    for widget in (page.side.main, page.only, page.next, page.choice):
        edge = widget.mapTo(driver.window, widget.rect().bottomRight())
        assert edge.x() <= right
        assert edge.y() <= driver.window.height()
        assert widget.width() >= widget.minimumSizeHint().width()


def test_one_decision_for_all_exports_and_an_exception_for_one_is_shown(
    open_window: Open, werkmap: Path, pair: tuple[str, str]
) -> None:
    from archiver.services import overview
    from archiver.services.conversation_parts import LinkExports, link_exports
    from ui.operations.core import Change

    archive = open_archive(werkmap, origin="test")
    link_exports(archive, LinkExports(*pair, "zelfde groep"), Silent())
    archive.close()
    driver = open_window(ArchiveCore(werkmap))
    archive = driver.desk.core.archive  # type: ignore[attr-defined]

    def values() -> list[str | None]:
        found = [overview.item(archive, i).decision for i in pair]
        return [d.waardering if d else None for d in found]

    for queue in ("getagd", "te_beoordelen"):
        driver.window.go(queue)
        driver.idle()
        if driver.titles():
            break
    inspector = driver.window.list_page.inspector
    driver.until(lambda: inspector._row is not None and inspector._row.exports == 2)
    row = driver.window.list_page.list.current()
    assert row is not None
    inspector.edit("B")
    assert inspector.editor.alone.isVisibleTo(inspector.editor)
    inspector.editor.reason.setText("van de wethouder")
    inspector.editor.alone.setChecked(True)
    assert inspector.editor.change().alone
    inspector.stop_editing()
    driver.desk.decide([pair[1]], Change(waardering="B", reason="van de wethouder", alone=True))
    driver.until(lambda: values() == [None, "B"])
    driver.idle()
    driver.desk.decide([pair[0]], Change(waardering="V", termijn="P5Y", reason="geen belang"))
    driver.until(lambda: values() == ["V", "B"])
    driver.idle()
    (stored,) = driver.desk.core.rows([pair[0]])
    (fact,) = [f for f in driver.desk.core.detail(stored).facts if f.label == "gegeven.delen"]
    assert "2 exports" in fact.value
    assert "Joris" in fact.value
    assert "blijvend bewaren (uitzondering)" in fact.value
