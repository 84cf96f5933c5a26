"""The window never blocks: real heartbeats during real work, and lists of any length."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QTimer
from PySide6.QtTest import QTest

from tests.helpers.fake_services import FakeCore
from tests.ui.conftest import Driver, Open, werkmap_in
from ui.operations.archive import ArchiveCore

pytestmark = pytest.mark.heartbeat

MOST_SECONDS = 0.1
TRIES = 3  # other work can hold any process up once; our own code would do it every time


class Heartbeat(QObject):
    """Notes the time between two turns of the event loop, in seconds.

    `longest_own` counts at most what this process computed meanwhile: another process that got the
    processor is not our gap. `longest` is plain time.
    """

    def __init__(self) -> None:
        super().__init__()
        self.beats, self.longest, self.longest_own = 0, 0.0, 0.0
        self._last = self._now()
        self._timer = QTimer(self)
        self._timer.setInterval(2)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def _beat(self) -> None:
        now = self._now()
        wall, process, window = (a - b for a, b in zip(now, self._last, strict=True))
        self.beats += 1
        self.longest = max(self.longest, wall)
        self.longest_own = max(self.longest_own, window, min(wall, process))
        self._last = now

    @staticmethod
    def _now() -> tuple[float, float, float]:
        return time.perf_counter(), time.process_time(), time.thread_time()

    def stop(self) -> None:
        self._timer.stop()


def busy_machine() -> bool:
    """Tell whether more work wants a processor than there are processors."""
    return os.getloadavg()[0] > (os.cpu_count() or 1)


def generated(folder: Path, mailbox: int, files: int) -> Path:
    """Invented messages: a mailbox, and loose files."""
    folder.mkdir()
    parts = []
    for number in range(mailbox):
        body = "".join(f"Regel {n} van bericht {number} over de Kadebrug.\r\n" for n in range(60))
        parts.append(
            f"From m{number}@voorbeeld.example Mon Nov 16 09:{number % 60:02}:00 2026\n"
            + message(number, body).replace("\r\n", "\n")
            + "\n"
        )
    (folder / "postvak.mbox").write_text("".join(parts), encoding="utf-8")
    for number in range(files):
        text = message(10_000 + number, "Beste collega,\r\n\r\nZie de bijlage.\r\n")
        (folder / f"bericht {number:04}.eml").write_bytes(text.encode())
    return folder


def message(number: int, body: str) -> str:
    return (
        f"From: Collega {number % 40} <collega{number % 40}@veldermeer.example>\r\n"
        f"To: Mira van Oosterhof <m.vanoosterhof@veldermeer.example>\r\n"
        f"Subject: Voortgang {number} van de Kadebrug\r\n"
        f"Date: Mon, 16 Nov 2026 09:{number % 60:02}:00 +0100\r\n"
        f"Message-ID: <gemaakt-{number}@veldermeer.example>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + body
    )


def test_no_gap_above_100_ms_during_intake_of_1000_messages(
    open_window: Open, tmp_path: Path
) -> None:
    plain: list[float] = []
    for attempt in range(TRIES):
        drop = generated(tmp_path / f"drop-{attempt}", mailbox=700, files=300)
        heart = intake(open_window(ArchiveCore(werkmap_in(tmp_path / f"{attempt}"))), drop)
        assert heart.longest_own <= MOST_SECONDS
        plain.append(heart.longest)
        if heart.longest <= MOST_SECONDS or busy_machine():
            return
    pytest.fail(f"the window stood still, in every try: {plain}")


def intake(driver: Driver, drop: Path) -> Heartbeat:
    """Look at 1,000 messages and secure them, while a heart beats in the event loop."""
    heart = Heartbeat()
    driver.desk.add([drop])
    driver.until(lambda: driver.desk.task and not driver.desk.task.running, 60)
    driver.idle()
    assert driver.window.list_page.list.model.rowCount() == 1_000
    driver.press("Ctrl+Return")
    driver.until(lambda: driver.desk.task and not driver.desk.task.running, 60)
    driver.idle()
    heart.stop()
    assert sum(driver.desk.state.counts.values()) == 1_000
    assert driver.desk.task is not None
    assert driver.desk.task.totals()[-1] == ("taak.zoekgeraakt", 0)
    assert heart.beats > 50
    return heart


def test_12000_messages_on_the_desk_do_not_make_the_collector_stop_the_window(
    real: Driver, tmp_path: Path
) -> None:
    """A full cycle collection takes 130 ms with this many records, with every thread standing."""
    drop = generated(tmp_path / "drop", mailbox=12_000, files=5)
    heart = Heartbeat()
    real.desk.add([drop])
    real.until(lambda: real.desk.task and not real.desk.task.running, 60)
    real.idle()
    assert len(real.desk.rows) == 12_005
    heart.stop()
    assert heart.longest_own <= MOST_SECONDS
    real.desk.remove_sources(list(real.desk.rows))
    assert real.titles() == []


class Many(FakeCore):
    """A register with very many messages, fetched by page."""

    def keys(self, queue: str | None, search: str) -> list[str]:
        return [f"id-{n}" for n in range(100_000)]

    def rows(self, ids: object) -> list:  # type: ignore[override, type-arg]
        from dataclasses import replace

        from tests.helpers.fake_services import row

        return [replace(row(Path("a.eml")), key=i, preview=None) for i in ids]  # type: ignore[attr-defined]


@pytest.fixture
def many(open_window: Open) -> Driver:
    driver = open_window(Many())
    driver.press("Ctrl+2")
    driver.until(lambda: driver.window.list_page.list.model.rowCount() == 100_000)
    driver.idle()
    return driver


def test_select_all_of_100000_rows_in_200_ms(many: Driver) -> None:
    page = many.window.list_page
    page.list.table.setFocus()
    started = time.perf_counter()
    many.press("Ctrl+A")
    many.window.repaint()
    took = time.perf_counter() - started
    assert page.list.selected_count() == 100_000
    assert "100.000" in page.list.button.text()
    assert took < 0.2, f"{took:.3f} s"
    started = time.perf_counter()
    assert len(page.list.selected_keys()) == 100_000
    assert time.perf_counter() - started < 0.2


def test_walking_through_100000_rows_keeps_few_of_them(many: Driver) -> None:
    table, model = many.window.list_page.list.table, many.window.list_page.list.model
    beat = Heartbeat()
    for place in range(0, 100_000, 997):
        table.scrollTo(model.index(place, 0))
        many.qtbot.wait(1)
    many.press("Ctrl+End")
    many.idle()
    beat.stop()
    assert beat.longest_own < MOST_SECONDS
    assert sum(len(page) for page in model._pages.values()) <= 64 * 128


def test_20000_calls_that_return_nothing_survive(fake: Driver) -> None:
    """PySide6 6.12.0 takes a reference to None per void call on Python 3.11 and aborts after 5,600."""
    label = fake.window.list_page.list.title
    for number in range(20_000):
        label.setText(str(number))
    QTest.qWait(1)
    assert label.text() == "19999"
