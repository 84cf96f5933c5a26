"""Taking private messages out before anything is stored: the whole flow with a keyboard only."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from archiver.model import ChatMessage, Span
from archiver.services import preview
from tests.helpers.fake_services import FakeCore
from tests.ui.conftest import SAMPLES, Driver, Open
from ui.models.chat_messages import ChatMessages, Gap, Wanted
from ui.operations.chat_choices import Picked
from ui.views.chat_bubbles import Wrap
from ui.views.chat_out import ChatOut

EXPORT = "WhatsApp-chat met Team Kadebrug.zip"
SECRET = (
    "de kleine moet naar het ziekenhuis",
    "Sterkte! Hoop dat het meevalt",
    "ledenvergadering van de partij",
)
KEPT = "Leg het wel vast bij Teun"


@pytest.fixture
def export(tmp_path: Path) -> Path:
    folder = tmp_path / "telefoon"
    folder.mkdir()
    return Path(shutil.copy(SAMPLES / "mira-van-oosterhof" / EXPORT, folder))


def opened(driver: Driver, path: Path) -> ChatOut:
    """Drop a file and open screen c for its first line."""
    driver.desk.add([path])
    driver.until(lambda: driver.desk.task and not driver.desk.task.running)
    driver.idle()
    driver.press("Ctrl+Shift+P")
    page = driver.window.chat_page
    assert driver.window.pages.currentWidget() is page
    driver.until(lambda: not page.loading)
    driver.idle()
    return page


def row_with(page: ChatOut, words: str) -> int:
    return next(n for n, m in enumerate(page.model.messages) if words in (m.text or ""))


def everything_below(folder: Path) -> dict[str, bytes]:
    """Every byte of every file, with the members of zips."""
    found: dict[str, bytes] = {}
    for path in folder.rglob("*"):
        if path.is_file():
            found[str(path)] = path.read_bytes()
            if found[str(path)][:2] == b"PK":
                with ZipFile(path) as inner:
                    found |= {f"{path}#{name}": inner.read(name) for name in inner.namelist()}
    return found


def test_three_messages_out_by_keyboard_and_nowhere_afterwards(
    real: Driver, export: Path, werkmap: Path
) -> None:
    page = opened(real, export)
    total = page.model.rowCount()
    assert total == 46
    real.press("N")  # the first that may be private, and nothing is chosen by itself
    assert page.view.currentIndex().row() == row_with(page, SECRET[0])
    assert "ziekenhuis" in page.hint.text()
    assert page.model.out == {}
    real.press("3", "N")
    assert page.view.currentIndex().row() == row_with(page, SECRET[1])
    real.press("Space", "N", "2")
    assert sorted(page.model.out.values()) == [
        "bijzondere persoonsgegevens",
        "partijpolitiek",
        "prive",
    ]
    page.side.show_preview()
    shown = page.side.preview.toPlainText()
    assert not any(secret in shown for secret in SECRET)
    assert KEPT in shown
    assert "2 eruit: privé en bijzondere persoonsgegevens" in shown
    assert [label.text() for label in page.side._numbers] == ["43", "3", "46"]
    assert real.desk.rows
    assert not any(everything_below(werkmap / "kluis").values())

    real.press("Escape")  # the choice stays
    assert real.window.pages.currentWidget() is real.window.list_page
    assert real.window.list_page.list.current().state()[2] == "3 gaan eruit"  # type: ignore[union-attr]
    real.idle()
    real.press("Ctrl+Shift+P")
    real.until(lambda: not page.loading)
    assert len(page.model.out) == 3

    real.press("Ctrl+Return")
    assert page.side.asking, "it is asked once more, in the pane"
    assert real.desk.rows
    real.press("Ctrl+Return")
    real.until(lambda: real.desk.task and real.desk.task.secures and not real.desk.task.running)
    real.idle()
    assert real.desk.rows == {}
    assert real.desk.state.counts["getagd"] + real.desk.state.counts["te_beoordelen"] == 1

    everywhere = everything_below(werkmap)  # register and its WAL too: they are still open
    assert any(KEPT.encode() in data for data in everywhere.values())
    for secret in SECRET:
        for form in (secret, json.dumps(secret)[1:-1], secret.upper()):
            for coding in ("utf-8", "utf-16-le"):
                raw = form.encode(coding)
                assert [name for name, data in everywhere.items() if raw in data] == []
    extract = next(json.loads(d) for d in everywhere.values() if d[:1] == b"{" and b'"boom"' in d)
    assert extract["tellingen"]["bewaard"] == 43
    assert sum(extract["tellingen"]["weggelaten"].values()) == 3


def test_a_range_by_shift_put_back_undone_and_cleared(real: Driver, export: Path) -> None:
    page = opened(real, export)
    real.press("Down", "Shift+Down", "Shift+Down", "Space")
    assert sorted(page.model.out) == [1, 2, 3]
    real.press("Space")
    assert page.model.out == {}
    real.press("Ctrl+Z")
    assert sorted(page.model.out) == [1, 2, 3]
    real.press("2")
    assert set(page.model.out.values()) == {"partijpolitiek"}
    page.side.put_all_back.emit()
    assert page.model.out == {}


def test_by_person_period_and_word(real: Driver, export: Path) -> None:
    page = opened(real, export)
    real.press("Ctrl+F")
    assert page.finder.words.hasFocus()
    real.write("bewoner")
    real.press("Return")
    assert "bewoner" in (page.model.messages[page.view.currentIndex().row()].text or "").casefold()
    page.finder.words.clear()
    page.finder.person.setCurrentText("Joris Blankert")
    page.finder.since.setText("16-11-2026")
    page.finder.look()
    page.finder.out.click()
    gone = [m for m in page.model.messages if m.index in page.model.out]
    assert len(gone) == 3
    assert {m.sender for m in gone} == {"Joris Blankert"}
    assert {(m.sent or "")[:10] for m in gone} == {"2026-11-16"}
    page.finder.until.setText("morgen")
    page.finder.look()
    assert "16-11-2026" in page.finder.found.text(), "a date that is none is said, not guessed"
    page.finder.words.setFocus()
    real.press("Escape")
    assert page.view.hasFocus()
    assert real.window.pages.currentWidget() is page


def test_hits_one_by_one_forward_and_back(real: Driver, export: Path) -> None:
    page = opened(real, export)
    real.press("Ctrl+F")
    real.write("DÉ")
    real.until(lambda: page.finder.hits.rows)
    first, second, *_, last = page.finder.hits.rows
    for key, row in (
        ("Return", first),
        ("F3", second),
        ("Shift+F3", first),
        ("Shift+Return", last),
    ):
        real.press(key)
        assert page.view.currentIndex().row() == row, key
        assert page.finder.words.hasFocus()
    assert page.model.out == {}


def test_a_file_that_changed_since_it_was_read_is_not_secured(real: Driver, export: Path) -> None:
    page = opened(real, export)
    real.press("3")
    with ZipFile(export, "a") as more:
        more.writestr("later.txt", "erbij")
    real.press("Ctrl+Return", "Ctrl+Return")
    real.until(lambda: real.desk.task and real.desk.task.secures and not real.desk.task.running)
    real.idle()
    assert len(real.desk.rows) == 1, "positions of another file say nothing: nothing is stored"
    assert sum(v for k, v in real.desk.state.counts.items() if k != "nieuw") == 0
    assert page.model.out


def test_the_choice_stays_when_the_file_is_dropped_again(real: Driver, export: Path) -> None:
    opened(real, export)
    real.press("1", "Escape")
    real.desk.add([export])
    real.until(lambda: real.desk.task and not real.desk.task.running)
    real.idle()
    assert [row.out for row in real.desk.rows.values()] == [1]
    assert [len(out) for out in real.desk.chats.picked().out.values()] == [1]
    real.window.list_page.list.focus()
    real.press("Delete")
    assert real.desk.chats.picked() == Picked(), "taken off the desk: nothing is kept of it"


def test_mail_has_nothing_to_take_out(fake: Driver) -> None:
    fake.desk.add([Path("brief.eml")])
    fake.until(lambda: fake.titles())
    fake.idle()
    fake.press("Ctrl+Shift+P")
    assert fake.window.pages.currentWidget() is fake.window.list_page
    assert fake.window.task_bar.said.startswith("Kies eerst een gesprek.")


AMBIGUOUS = "".join(
    f"{month}/{day}/26, 09:0{day} - {who}: Bericht {month} {day}\r\n"
    for month, day, who in ((3, 4, "Anna de Wit"), (4, 5, "Bram Vos"), (5, 6, "Anna de Wit"))
)


def test_an_open_question_is_a_card_and_its_answer_goes_along(real: Driver, tmp_path: Path) -> None:
    path = tmp_path / "WhatsApp-chat met Anna de Wit.txt"
    path.write_text(AMBIGUOUS, encoding="utf-8")
    real.desk.add([path])
    real.until(lambda: real.desk.task and not real.desk.task.running)
    real.idle()
    card = real.window.list_page.question
    assert card.isVisible()
    shown = {b.text() for b in card.choices if b.isVisible()}
    assert shown == {"Woensdag 4 maart 2026", "Vrijdag 3 april 2026"}
    month_first = next(b for b in card.choices if "maart" in b.text())
    month_first.setFocus()
    real.press("Space")
    real.until(lambda: "Dank je" in real.window.task_bar.said)
    real.idle()
    row = real.window.list_page.list.current()
    assert row is not None
    assert [asked.name for asked in card.asked] == ["owner", "zone"]
    assert card.choices[0].hasFocus(), "the next question"
    assert (row.date or "").startswith("2026-0")
    real.window.list_page.list.focus()
    real.press("Ctrl+Shift+P")
    page = real.window.chat_page
    real.until(lambda: not page.loading)
    assert [(m.sent or "")[:10] for m in page.model.messages] == [
        "2026-03-04",
        "2026-04-05",
        "2026-05-06",
    ]
    real.press("End", "1", "Ctrl+Return", "Ctrl+Return")
    real.until(lambda: real.desk.task and real.desk.task.secures and not real.desk.task.running)
    real.idle()
    assert real.desk.rows == {}
    stored = [p.read_bytes() for p in (tmp_path / "werkmap" / "kluis").rglob("*") if p.is_file()]
    assert any(b"2026-03-04" in data for data in stored), "read with the answer"
    assert not any(b"Bericht 5 6" in data for data in stored)


# --- the model ---------------------------------------------------------------------------------------


def messages(count: int) -> list[ChatMessage]:
    return [
        ChatMessage(
            "c",
            n,
            Span(n, n + 1),
            sender=("Anna", "Bram")[n % 2],
            sent=f"2026-{n // 3000 % 12 + 1:02}-{n // 100 % 28 + 1:02}T10:00:00",
            text=f"Bericht nummer {n} over de planning van de kade en nog wat meer",
        )
        for n in range(count)
    ]


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def test_what_stays_and_the_bars_add_up(app: object) -> None:
    model = ChatMessages()
    model.add(messages(12))
    model.take_out([2, 3], "prive")
    model.take_out([4], "partijpolitiek")
    model.take_out([11], "prive")
    assert model.remains(0, 11) == [
        0,
        1,
        Gap(3, ("prive", "partijpolitiek")),
        *range(5, 11),
        Gap(1, ("prive",)),
    ]
    for most in (3, 5, 12, 100):
        bars = model.bars(most)
        assert sum(count for count, _ in bars) == 12
        assert sum(out for _, out in bars) == 4
    wanted = Wanted(sender="Anna", words="nummer 1")
    assert [row for row, m in enumerate(model.messages) if wanted.holds(m)] == [10]
    assert Wanted().empty
    model.put_back([3])
    assert sorted(model.out) == [2, 4, 11]
    assert model.undo()
    assert sorted(model.out) == [2, 3, 4, 11]


def test_lines_fit_their_width_and_lose_no_word(app: object) -> None:
    from PySide6.QtGui import QFontMetricsF

    from ui.theme import BODY, font

    wrap, metrics = Wrap(font(BODY)), QFontMetricsF(font(BODY))
    text = "Een zin met woorden.\n\n" + "https://voorbeeld.invalid/" + "a" * 400 + "  dubbel"
    lines = wrap.lines(text, 300)
    assert "".join(lines).replace(" ", "") == text.replace("\n", "").replace(" ", "")
    assert all(metrics.horizontalAdvance(line) <= 301 for line in lines)
    assert len(wrap.lines("regel\n" * 500, 300)) == 40


def test_the_first_messages_are_there_before_the_file_is_read(
    real: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader of the whole file is held back: what is on the screen did not need it."""
    path = tmp_path / "WhatsApp-chat met Kade.txt"
    lines = (f"13-03-2026 09:{n // 60:02d} - Anna: Regel {n} over de nota\n" for n in range(3_000))
    path.write_text("".join(lines), encoding="utf-8")
    real.desk.add([path])
    real.until(lambda: real.desk.task and not real.desk.task.running)
    real.idle()
    go = threading.Event()
    really = preview.read_sources

    def held(*given: Any) -> Iterator[Any]:
        assert go.wait(60)
        yield from really(*given)

    monkeypatch.setattr(preview, "read_sources", held)
    real.press("Ctrl+Shift+P")
    page = real.window.chat_page
    real.until(lambda: page.model.rowCount() > 0)
    shown = page.model.rowCount()
    assert shown < 3_000
    assert page.loading
    assert page.model.messages[0].text == "Regel 0 over de nota"
    assert str(shown) in page.hint.text().replace(".", "")
    real.press("Down", "Down", "Space", "1", "Ctrl+Z", "Ctrl+Return")
    page.finder.take_out.emit([0, 1])
    assert page.model.out == {}, "nothing is chosen while only a part is there"
    assert not page.side.asking
    real.press("Home", "Down", "Shift+Down")
    assert page.chosen() == [1, 2], "also before the last row has its place"
    go.set()
    real.until(lambda: not page.loading)
    assert [m.index for m in page.model.messages] == list(range(3_000))
    assert page.view.currentIndex().row() == 2
    real.press("Space")
    assert sorted(page.model.out) == [1, 2]


def test_a_choice_stays_when_its_messages_cannot_be_shown_again(real: Driver, export: Path) -> None:
    page = opened(real, export)
    real.press("3", "Escape")
    hidden = export.rename(export.with_suffix(".weg"))
    real.window.list_page.list.focus()
    real.press("Ctrl+Shift+P")
    real.until(lambda: not page.loading)
    real.idle()
    assert page.model.rowCount() == 0
    assert [len(out) for out in real.desk.chats.picked().out.values()] == [1]
    hidden.rename(export)


def test_a_hundred_thousand_messages_are_there_at_once(open_window: Open, tmp_path: Path) -> None:
    path = tmp_path / "gesprek.txt"
    path.write_text("voor omvang en tijd", encoding="utf-8")
    many = messages(100_000)
    core = FakeCore(chat=[many[:500], many[500:]])
    driver = open_window(core)
    driver.desk.add([path])
    driver.until(lambda: driver.titles())
    driver.idle()
    page = driver.window.chat_page
    row = driver.window.list_page.list.current()
    assert row is not None
    start = time.perf_counter()
    driver.window.take_out(row)
    driver.until(lambda: page.model.rowCount() > 0)
    assert time.perf_counter() - start < 1.5
    driver.until(lambda: page.model.rowCount() == 100_000 and not page.loading)
    assert timed(lambda: driver.press("Space")) < 0.5
    assert timed(lambda: driver.press("Down", "1")) < 0.5
    page.finder.open()
    page.finder.person.setCurrentText("Bram")
    assert timed(page.finder.look) < 0.1
    assert page.finder.out.isHidden(), "no number is offered that is not known yet"
    driver.until(lambda: not page.finder.hits.busy)
    assert timed(page.finder.out.click) < 1.0
    assert len(page.model.out) == 50_001
    page.focus()
    driver.press("Escape", "Ctrl+Return")
    driver.until(lambda: any(name == "picked" for name, _ in core.calls))
    picked = next(value for name, value in core.calls if name == "picked")
    assert isinstance(picked, Picked)
    assert sum(len(out) for out in picked.out.values()) == 50_001
