"""Ctrl+F in Heel gesprek and Vergelijken: typing finds, hits one by one, by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtGui import QAccessible, QAccessibleInterface, QImage, QTextCursor
from PySide6.QtWidgets import QApplication, QTextBrowser

from archiver.model import ChatMessage, Span
from archiver.services.comparison import Compared
from tests.ui import test_comparison as pair
from tests.ui import test_conversation_page as whole
from tests.ui.conftest import Driver, Open
from tests.ui.test_responsive import MOST_SECONDS, TRIES, Heartbeat, busy_machine
from ui import a11y
from ui.models.comparison_rows import Column
from ui.theme import theme
from ui.views.comparison import ComparisonPage
from ui.views.conversation_page import ConversationPage
from ui.views.difference_page import DifferencePage

Said = list[str]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Said:
    """What a screen reader hears."""
    heard: Said = []
    monkeypatch.setattr(a11y, "announce", lambda widget, text, **_: heard.append(text))
    return heard


def message(n: int, sender: str, text: str) -> ChatMessage:
    sent = f"2026-11-16T10:{n:02}:00"
    return ChatMessage("c", n, Span(n, n + 1), sender=sender, sent=sent, text=text)


LEFT = (
    message(0, "Anna", "Goedemorgen, hoe staat het met de vergunning van de kade?"),
    message(1, "Renée", "Die ligt bij de afdeling Bouwen op tafel."),
    message(2, "Anna", "De raad wil voor vrijdag weten wat het kost."),
    message(3, "Renée", "Alleen hier staat dat het café meedoet 😀 met de KADE."),
    message(4, "Anna", "Ik bel vanmiddag even met de aannemer."),
    message(5, "Renée", "Dan spreken we elkaar donderdag op het stadhuis."),
)
RIGHT = (
    *LEFT[:2],
    replace(LEFT[2], text="De raad wil vóór vrijdag graag weten wat het café kost."),
    *LEFT[4:],
)


def compared(open_window: Open, left: object = LEFT, right: object = RIGHT) -> Page:
    found: Compared = pair.made(left, right)  # type: ignore[arg-type]
    return pair.shown(open_window, found)


def joined(open_window: Open) -> Page:
    return whole.shown(open_window, whole.made(LEFT, RIGHT))


Page = tuple[Driver, DifferencePage]
Make = Callable[[Open], Page]
BOTH = pytest.mark.parametrize("make", [compared, joined], ids=["vergelijken", "heel-gesprek"])


def here(page: DifferencePage) -> int:
    return page.view.currentIndex().row()


def search(driver: Driver, page: DifferencePage, words: str) -> None:
    """Type it as a user does; the answer comes by itself."""
    page.finder.words.selectAll()
    driver.write(words)
    driver.until(lambda: not page.finder._wait.isActive() and not page.finder.hits.busy)


@BOTH
def test_hits_of_both_exports_one_by_one_by_keyboard(
    open_window: Open, make: Make, said: Said
) -> None:
    driver, page = make(open_window)
    driver.press("Home", "Ctrl+F")
    assert QApplication.focusWidget() is page.finder.words
    search(driver, page, "CAFE")
    assert page.finder.hits.rows == [2, 3], "one is at the right only, one at the left only"
    assert page.finder.found.text() == "Treffer 1 van 2"
    assert here(page) == 2, "typing goes to the first hit"
    assert said[-1].startswith("Treffer 1 van 2. ")
    assert "vrijdag" in said[-1], "a screen reader hears the message too"
    for keys, row, words in (
        ("Return", 3, "Treffer 2 van 2"),
        ("F3", 2, "Treffer 1 van 2"),
        ("Shift+Return", 3, "Treffer 2 van 2"),
        ("Shift+F3", 2, "Treffer 1 van 2"),
        ("Enter", 3, "Treffer 2 van 2"),
    ):
        driver.press(keys)
        assert (here(page), page.finder.found.text()) == (row, words), keys
        assert said[-1].startswith(words)
        assert QApplication.focusWidget() is page.finder.words
    driver.press("Escape")
    assert page.finder.isHidden()
    assert QApplication.focusWidget() is page.view, "the focus is back, at the hit"
    assert here(page) == 3
    assert page.model.marked == ""
    driver.press("Up", "F3")
    assert QApplication.focusWidget() is page.finder.words, "F3 opens it with the same words"
    assert page.finder.words.selectedText() == "CAFE"
    assert page.finder.found.text() == "Treffer 1 van 2"
    page.focus()
    driver.press("Home")
    assert page.finder.found.text() == "2 treffers", "none of them is current"
    driver.press("Shift+F3")
    assert here(page) == 3, "round the beginning, with the focus in the list"
    driver.press("Escape", "Escape")
    assert driver.window.pages.currentWidget() is not page
    assert page.finder.words.text() == ""


@BOTH
def test_a_name_is_found_and_nothing_is_said_to_be_nothing(
    open_window: Open, make: Make, said: Said
) -> None:
    driver, page = make(open_window)
    driver.press("End", "Ctrl+F")
    search(driver, page, "renee")
    assert page.finder.hits.rows == [1, 3, 5]
    assert here(page) == 5, "the hit where the reader is"
    search(driver, page, "bestaat niet")
    assert page.finder.found.text() == said[-1] == "Geen treffers"
    assert here(page) == 5
    assert not page.finder.next.isEnabled()
    driver.press("Return")
    assert here(page) == 5
    assert said[-1] == "Geen treffers"
    page.finder.words.clear()
    driver.until(lambda: page.finder.found.text() == "")
    search(driver, page, "kade")
    assert page.finder.hits.rows == [0, 3]


@BOTH
def test_what_is_filtered_out_is_not_found_and_that_is_said(open_window: Open, make: Make) -> None:
    driver, page = make(open_window)
    driver.press("Ctrl+F")
    search(driver, page, "kade")
    assert len(page.finder.hits.rows) == 2
    page.filter(only=True)
    driver.until(lambda: not page.finder.hits.busy)
    assert page.finder.hits.rows == [1]
    page.finder.words.setFocus()
    search(driver, page, "goedemorgen")
    assert page.finder.found.text() == "Geen treffers in de verschillen"
    page.filter(only=False)
    assert page.finder.hits.rows == [0]


def grabbed(page: DifferencePage, colour: str) -> int:
    """Count the pixels of a colour in the list."""
    picture: QImage = page.view.viewport().grab().toImage()
    wanted = int(colour.lstrip("#"), 16)
    return sum(
        picture.pixel(x, y) & 0xFFFFFF == wanted
        for x in range(0, picture.width())
        for y in range(0, picture.height(), 2)
    )


def beside(side: QTextBrowser) -> list[str]:
    """Give what is marked in the text beside the list."""
    document, shown = side.document(), ""
    cursor = QTextCursor(document)
    for place in range(1, document.characterCount()):
        cursor.setPosition(place)
        hit = cursor.charFormat().fontUnderline()
        shown += str(document.characterAt(place - 1)) if hit else "|"
    return [part for part in shown.split("|") if part]


@BOTH
def test_the_words_are_marked_in_the_list_and_beside_it(open_window: Open, make: Make) -> None:
    driver, page = make(open_window)
    driver.press("Home", "Ctrl+F")
    plain = grabbed(page, theme().warn_fill)
    search(driver, page, "vergunning")
    assert grabbed(page, theme().warn_fill) > plain + 200
    side = page.side.each if isinstance(page, ConversationPage) else page.side.both
    assert beside(side) == ["vergunning"] * 2
    search(driver, page, "kade")
    driver.press("Return")
    assert set(beside(side)) == {"KADE"}
    search(driver, page, "export")
    assert beside(side) == [], "our own words are no hit"
    driver.press("Escape")
    assert beside(side) == []
    assert grabbed(page, theme().warn_fill) <= plain + 200


def test_a_hit_far_in_a_long_message_is_seen_in_its_row(open_window: Open) -> None:
    long = "Een lange inleiding over van alles en nog wat. " * 40 + "Daarna komt de sluiswachter."
    left = (*LEFT[:4], replace(LEFT[4], text=long), *LEFT[5:])
    for make in (
        lambda: compared(open_window, left, left),
        lambda: whole.shown(open_window, whole.made(left, left)),
    ):
        driver, page = make()
        driver.window.resize(1024, 600)
        driver.press("Home", "Ctrl+F")
        plain = grabbed(page, theme().warn)
        search(driver, page, "sluiswachter")
        assert here(page) == 4
        assert grabbed(page, theme().warn) > plain, type(page).__name__


def many(open_window: Open) -> list[Callable[[], Page]]:
    ninety = pair.messages(100_000, skip=10)
    return [
        lambda: pair.shown(open_window, pair.made(pair.messages(100_000), ninety)),
        lambda: whole.shown(
            open_window, whole.made(whole.messages(100_000), whole.messages(100_000, skip=10))
        ),
    ]


@pytest.mark.heartbeat
@pytest.mark.parametrize("number", [0, 1], ids=["vergelijken", "heel-gesprek"])
def test_no_gap_above_100_ms_while_100000_messages_are_searched(
    open_window: Open, number: int
) -> None:
    driver, page = many(open_window)[number]()
    plain: list[float] = []
    for _ in range(TRIES):
        page.focus()
        driver.press("Home", "Ctrl+F")
        heart = Heartbeat()
        search(driver, page, "kade")
        assert page.finder.found.text() == "Treffer 1 van 100.000"
        driver.press("Shift+Return")
        assert here(page) == 99_999
        search(driver, page, "nummer 7777")
        assert len(page.finder.hits.rows) == 11
        driver.press("Return", "F3", "Escape")
        heart.stop()
        assert heart.beats > 20
        assert heart.longest_own <= MOST_SECONDS
        plain.append(heart.longest)
        if heart.longest <= MOST_SECONDS or busy_machine():
            return
    pytest.fail(f"the window stood still, in every try: {plain}")


def test_enter_while_it_searches_goes_when_it_is_there_and_leaving_stops_it(
    open_window: Open,
) -> None:
    driver, page = many(open_window)[0]()
    driver.press("Home", "Ctrl+F")
    driver.write("nummer 4242")
    driver.press("Return")
    assert page.finder.hits.busy
    driver.until(lambda: not page.finder.hits.busy)
    assert page.finder.found.text() == "Treffer 1 van 11"
    assert here(page) == 4242
    page.finder.words.selectAll()
    driver.write("kade")
    driver.press("Return")
    assert page.finder.hits.busy
    driver.press("Escape", "Escape")
    assert driver.window.pages.currentWidget() is not page
    assert not page.finder.hits.busy
    page.model.show(None, ("", ""))  # type: ignore[call-arg]
    driver.idle()


@BOTH
def test_everything_has_a_name_and_the_tab_key_reaches_it(open_window: Open, make: Make) -> None:
    driver, page = make(open_window)
    driver.press("Ctrl+F")
    search(driver, page, "kade")
    parts = (page.finder.words, page.finder.back, page.finder.next, page.finder.shut)
    names = []
    for part in parts:
        interface: QAccessibleInterface | None = QAccessible.queryAccessibleInterface(part)
        assert interface is not None
        names.append(interface.text(QAccessible.Text.Name))
        assert min(part.width(), part.height()) >= 24
    assert names == ["Zoek in dit gesprek", "Vorige treffer", "Volgende treffer", "Zoeken sluiten"]
    seen = []
    for _ in range(60):
        seen.append(QApplication.focusWidget())
        driver.press("Tab")
    assert {*parts, page.search} <= set(seen)
    assert [part for part in seen if part in parts][:4] == list(parts), "in the order of reading"
    driver.window.resize(1024, 700)
    QApplication.processEvents()
    assert page.search.accessibleName() == "Zoeken"
    for part in parts:
        assert part.width() >= part.minimumSizeHint().width()
        assert part.mapTo(driver.window, part.rect().bottomRight()).x() <= driver.window.width()


def test_f3_where_nothing_is_searched_does_nothing(fake: Driver) -> None:
    fake.press("F3", "Shift+F3")
    assert fake.window.pages.currentWidget() is fake.window.empty


def test_a_comparison_column_is_searched_on_its_own_side(open_window: Open) -> None:
    _, page = compared(open_window)
    assert isinstance(page, ComparisonPage)
    assert page.model.message(3, Column.RIGHT) is None
    assert page.model.mentions(3, "meedoet")
    assert page.model.mentions(2, "voor vrijdag weten"), "the words of the left"
    assert page.model.mentions(2, "graag weten"), "the words of the right"
    assert not page.model.mentions(2, "anna de raad")
