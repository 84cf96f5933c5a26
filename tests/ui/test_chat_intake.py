"""A phone export in the window: the first messages at once, and only the questions that are open."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QLabel

from archiver.findings import Finding
from tests.archiver.intake.chat.test_screenshot import png
from tests.helpers.doubts import DOUBTS, SCREENSHOT, exports
from tests.ui.conftest import Driver
from ui.words import finding_text


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
    browser = page.inspector.reader.browser
    real.until(lambda: "2.000 van 60.000" in browser.toPlainText())
    assert "wordt nog gelezen" not in browser.toPlainText()


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


AMBIGUOUS = "".join(
    f"{month}/{day}/26, 09:0{day} - {who}: {words}\n"
    for month, day, who, words in (
        (3, 4, "Anna de Wit", "Is de nota over de kade klaar?"),
        (3, 4, "Bram Vos", "Ik moet eerst met de kleine naar het ziekenhuis"),
        (4, 5, "Bram Vos", "De nota is klaar, graag je akkoord"),
        (5, 6, "Anna de Wit", "Akkoord"),
    )
)


def test_the_whole_way_of_a_phone_export_with_the_keyboard(
    real: Driver, tmp_path: Path, werkmap: Path
) -> None:
    """Drop, three questions, read, take out, dossier, secure; then the same phone again: no question."""
    export = tmp_path / "WhatsApp-chat met Kade.txt"
    export.write_text(AMBIGUOUS, encoding="utf-8")
    page = real.window.list_page
    card = page.question
    real.desk.add([export])
    real.until(lambda: real.desk.task and not real.desk.task.running)
    real.idle()
    page.list.focus()
    assert [asked.name for asked in card.asked] == ["date_order", "owner", "zone"]
    assert "Is de nota over de kade klaar?" in page.inspector.reader.browser.toPlainText()

    real.press("F6")
    assert card.choices[0].hasFocus()
    if "maart" not in card.choices[0].text():
        real.press("Tab")
    real.press("Space")
    real.until(lambda: [asked.name for asked in card.asked] == ["owner", "zone"])
    real.idle()
    while not card.other.hasFocus():
        real.press("Tab")
    real.write("Bram Vos")
    real.press("Return")
    real.until(lambda: [asked.name for asked in card.asked] == ["zone"])
    real.idle()
    assert card.choices[0].hasFocus()
    assert card.choices[0].text() == "Nederlandse tijd"
    real.press("Space")
    real.until(lambda: not card.asked)
    real.idle()
    assert page.list.table.hasFocus()
    facts = page.inspector
    row = page.list.current()
    assert row is not None
    assert row.preview is not None
    assert [(a.question, a.value) for a in row.preview.record.answers] == [  # type: ignore[union-attr]
        ("owner", "Bram Vos"),
        ("zone", "Europe/Amsterdam"),
        ("date_order", "mdy"),
    ]

    real.press("F2")
    while not facts.editor.dossier.hasFocus():
        real.press("Tab")
    real.press("Ctrl+A")
    real.write("Kadebrug")
    real.press("Return")
    real.idle()
    assert next(iter(real.desk.rows.values())).dossier == "Kadebrug"

    page.list.focus()
    real.press("Ctrl+Shift+P")
    chat = real.window.chat_page
    real.until(lambda: not chat.loading)
    assert chat.model.own(1), "the answer says which messages are their own"
    real.press("N", "3", "Ctrl+Return", "Ctrl+Return")
    real.until(lambda: real.desk.task and real.desk.task.secures and not real.desk.task.running)
    real.idle()
    assert real.desk.rows == {}
    stored = [p.read_bytes() for p in (werkmap / "kluis").rglob("*") if p.is_file()]
    assert not any(b"ziekenhuis" in data for data in stored)
    assert any(b"2026-03-04" in data for data in stored)

    again = tmp_path / "WhatsApp-chat met Brug.txt"
    again.write_text("13-06-2026 09:00 - Bram Vos: Dag\n", encoding="utf-8")
    real.desk.add([again])
    real.until(lambda: real.desk.task and not real.desk.task.running)
    real.idle()
    assert card.asked == (), "remembered"


def test_what_may_be_missing_is_said_beside_the_conversation(real: Driver, tmp_path: Path) -> None:
    path = tmp_path / "WhatsApp-chat met Kade.txt"
    path.write_text(
        "13-03-2026 09:00 - Anna: Kijk\n"
        "13-03-2026 09:05 - Bram: IMG-20260313-WA0001.jpg (bestand bijgevoegd)\n"
        "13-03-2026 08:00 - Anna: Eerder\n",
        encoding="utf-8",
    )
    real.desk.add([path])
    real.until(lambda: real.desk.task and not real.desk.task.running)
    real.idle()
    remarks = real.window.list_page.inspector.remarks
    assert remarks.isVisible()
    said = " ".join(label.text() for label in remarks.findChildren(QLabel))
    row = real.window.list_page.list.current()
    assert row is not None
    codes = {f.code for f in row.findings}
    assert {"chat.media_ontbreekt", "chat.tijd_terug", "chat.export_afgekapt_begin"} <= codes
    assert all(finding_text(f) in said for f in row.findings)


def test_every_doubt_about_an_export_stands_beside_it(real: Driver, tmp_path: Path) -> None:
    files = exports(tmp_path / "telefoon")
    real.desk.add([tmp_path / "telefoon"])
    real.until(lambda: real.desk.task and not real.desk.task.running)
    real.idle()
    page = real.window.list_page
    shown: dict[str, str] = {}
    for place in range(page.list.model.rowCount()):
        page.list.go_to(place)
        real.idle()
        row = page.list.current()
        assert row is not None
        remarks = page.inspector.remarks
        said = " ".join(label.text() for label in remarks.findChildren(QLabel))
        shown[Path(str(row.key[0])).name] = said if remarks.isVisible() else ""
    for name, (_, code, params) in DOUBTS.items():
        assert finding_text(Finding(code, params)) in shown[files[name].name], name
    picture = files["Plaatje"].name
    assert finding_text(Finding(SCREENSHOT, {"naam": picture})) in shown[picture]
    assert "ontbreken" not in shown[files["Heel"].name]


def test_a_file_taken_off_the_desk_and_dropped_again_is_secured(
    real: Driver, tmp_path: Path
) -> None:
    """It stood in the list, and was left out of what is secured without a word."""
    files = exports(tmp_path / "telefoon")
    again, other = files["Begin"], files["Heel"]
    real.desk.add([again, other])
    real.until(lambda: real.desk.task and not real.desk.task.running)
    real.idle()
    page = real.window.list_page
    place = next(
        n for n, row in enumerate(real.desk.rows.values()) if str(row.key[0]) == str(again)
    )
    page.list.go_to(place)
    page.list.focus()
    current = page.list.current()
    assert current is not None
    gone = str(current.key[0])
    real.press("Delete")
    assert gone not in {str(key[0]) for key in real.desk.rows}
    real.desk.add([Path(gone)])
    real.until(lambda: real.desk.task and not real.desk.task.running)
    real.idle()
    assert len(real.desk.rows) == 2
    real.press("Ctrl+Return")
    real.until(lambda: real.desk.task and real.desk.task.secures and not real.desk.task.running)
    real.idle()
    assert real.desk.rows == {}
    counts = real.desk.state.counts
    assert counts["getagd"] + counts["te_beoordelen"] == 2


def test_of_a_screenshot_people_and_period_are_typed(real: Driver, tmp_path: Path) -> None:
    path = tmp_path / "Schermafbeelding.png"
    path.write_bytes(png())
    real.desk.add([path])
    real.until(lambda: real.desk.task and not real.desk.task.running)
    real.idle()
    card = real.window.list_page.question
    assert [a.name for a in card.asked] == ["platform", "title", "participants", "period"]
    real.window.list_page.list.focus()
    real.press("F6")
    assert card.choices[0].hasFocus()
    assert [b.text() for b in card.choices] == ["WhatsApp", "Signal", "Telegram", "Teams"]
    while not card.other.hasFocus():
        real.press("Tab")
    real.write("Discord")
    real.press("Return")
    real.until(lambda: [a.name for a in card.asked] == ["title", "participants", "period"])
    real.idle()
    assert card.other.hasFocus()
    real.write("Appgroep Kade")
    real.press("Return")
    real.until(lambda: [a.name for a in card.asked] == ["participants", "period"])
    real.idle()
    real.write("Anna de Wit; Bram Vos")
    real.press("Return")
    real.until(lambda: [asked.name for asked in card.asked] == ["period"])
    real.idle()
    real.write("volgende week")
    real.press("Return")
    assert "geen periode" in card._words.text()
    card.other.selectAll()
    real.write("1-3-2026 t/m 5-3-2026")
    real.press("Return")
    real.until(lambda: not card.asked)
    real.idle()
    row = real.window.list_page.list.current()
    assert row is not None
    assert row.title == "Appgroep Kade"
    assert row.date == "2026-03-05"
