"""A phone export in the window: the first messages at once, and only the questions that are open."""

from __future__ import annotations

from pathlib import Path

from tests.ui.conftest import Driver


def test_the_first_messages_of_a_large_export_are_there_while_the_rest_is_read(
    real: Driver, tmp_path: Path
) -> None:
    path = tmp_path / "WhatsApp-chat met Kade.txt"
    lines = (
        f"1{3 + n // 12_000}-03-2026 09:{n // 1_000 % 60:02d} - {('Anna', 'Bram')[n % 2]}: Regel {n}"
        " over de nota van de kade, graag je reactie\n"
        for n in range(60_000)
    )
    path.write_text("".join(lines), encoding="utf-8")
    real.desk.add([path])
    page = real.window.list_page
    real.until(lambda: real.desk.rows)
    row = next(iter(real.desk.rows.values()))
    assert row.begun
    assert row.state()[2] == "Wordt gelezen"
    real.until(lambda: "Regel 0" in page.inspector.reader.browser.toPlainText())
    real.until(lambda: real.desk.task and not real.desk.task.running)
    real.idle()
    assert len(real.desk.rows) == 1
    whole = next(iter(real.desk.rows.values()))
    assert not whole.begun
    assert page.list.model.rowCount() == 1
    shown = page.inspector.reader.browser.toPlainText()
    assert "wordt nog gelezen" not in shown
    assert "2.000 van 60.000" in shown


def test_a_large_export_that_is_stopped_leaves_no_half_line(real: Driver, tmp_path: Path) -> None:
    path = tmp_path / "WhatsApp-chat met Kade.txt"
    line = "13-03-2026 09:00 - Anna: Regel over de nota van de kade, graag je reactie\n"
    path.write_text(line * 200_000, encoding="utf-8")
    real.desk.add([path])
    real.until(lambda: real.desk.rows)
    real.desk.stop()
    real.until(lambda: real.desk.task and not real.desk.task.running)
    real.idle()
    assert real.desk.rows == {}
    assert real.window.list_page.list.model.rowCount() == 0
