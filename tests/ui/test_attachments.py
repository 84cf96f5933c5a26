"""Attachments open read-only through the system, after a warning, with the keyboard alone."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tests.helpers.messages import mail
from tests.ui.conftest import Driver

FILES = [
    ("plan.txt", "text/plain", b"een plan"),
    ("begroting.xlsm", "application/vnd.ms-excel", b"PK macro"),
    ("installeer.exe", "application/octet-stream", b"MZ\x90\0"),
]


@pytest.fixture
def opened(real: Driver, tmp_path: Path) -> list[Path]:
    """A message with attachments is read in Nieuw; what is handed to the system is noted."""
    handed: list[Path] = []

    def take(path: Path) -> bool:
        handed.append(path)
        return True

    real.window.list_page.attachments.hand_over = take
    source = tmp_path / "binnen.eml"
    source.write_bytes(mail("Met bijlagen", attachments=FILES))
    real.window.add([source])
    real.until(lambda: real.titles())
    real.idle()
    return handed


def test_a_warning_first_then_a_copy_that_cannot_be_written(
    real: Driver, opened: list[Path], werkmap: Path
) -> None:
    row = real.window.list_page.inspector.reader.attachments
    real.press("Ctrl+Shift+B", "Return")
    assert row.card.isVisible()
    assert "schadelijk" in row._about.text()
    assert row.no.hasFocus(), "the safe answer has the focus"
    real.press("Escape")
    assert not row.card.isVisible()
    assert opened == []
    real.press("Return", "Tab")
    assert row.yes.hasFocus()
    real.press("Space")
    real.until(lambda: opened)
    real.idle()
    assert opened[0].read_bytes() == b"een plan"
    assert opened[0].is_relative_to(werkmap / "tijdelijk")
    if os.name == "posix":
        assert stat.S_IMODE(opened[0].stat().st_mode) == 0o400
    assert "plan.txt is geopend" in real.window.task_bar.said
    real.window.ask_close = lambda: True  # type: ignore[method-assign]
    real.window.close()
    assert not opened[0].exists(), "nothing of it stays"


def test_macros_get_a_sterner_warning_and_a_program_is_not_opened(
    real: Driver, opened: list[Path]
) -> None:
    row = real.window.list_page.inspector.reader.attachments
    real.press("Ctrl+Shift+B", "Tab", "Return")
    assert "macro" in row._about.text()
    assert row.yes.text() == "Toch openen"
    real.press("Escape", "Tab", "Return")
    assert "is een programma" in row._about.text()
    assert not row.yes.isVisible()
    assert opened == []


def test_a_secured_attachment_opens_too_and_one_that_nothing_opens_is_said(
    real: Driver, opened: list[Path]
) -> None:
    real.press("Ctrl+Return")
    real.until(lambda: not real.desk.rows)
    real.idle()
    real.press("Ctrl+2" if real.desk.state.counts["getagd"] else "Ctrl+3")
    real.until(lambda: real.titles() == ["Met bijlagen"])
    real.idle()
    real.window.list_page.attachments.hand_over = lambda path: False
    real.press("Ctrl+Shift+B", "Return", "Tab", "Space")
    real.until(lambda: "geen programma" in real.window.task_bar.said)
    assert "plan.txt" in real.window.task_bar.said
