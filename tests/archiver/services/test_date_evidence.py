"""Another export of the same chat decides the order of day and month; nothing else is guessed."""

from __future__ import annotations

from pathlib import Path

from archiver.model import Conversation
from archiver.progress import Silent
from archiver.services.archive import Archive
from archiver.services.date_evidence import BASIS
from archiver.services.intake import TakeIn, take_in
from archiver.services.preview import Look, Previewed, preview
from archiver.store import items

SAID = (
    "Is de nota over de kade klaar?",
    "De aannemer begint volgende week",
    "Akkoord met de tekst",
)
# 4 March, 5 April and 6 May, as an American phone writes them; under the other reading they exist too.
DAYS = tuple(zip((3, 4, 5), (4, 5, 6), SAID, strict=True))
OPEN = "".join(f"{m}/{d}/26, 09:00 - Anna: {words}\n" for m, d, words in DAYS)
KNOWN = "".join(f"0{d}-0{m}-2026 09:00 - Anna: {words}\n" for m, d, words in DAYS)
KNOWN += "13-05-2026 10:00 - Bram: Dag\n"


def export(folder: Path, text: str, name: str = "Kade") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"WhatsApp-chat met {name}.txt"
    path.write_text(text, encoding="utf-8")
    return path


def looked(archive: Archive, *paths: Path) -> dict[Path, Conversation]:
    """The last row of every file: a later file of the drop may decide an earlier one."""
    found: dict[Path, Conversation] = {}
    for event in preview(archive, Look(paths), Silent()):
        if isinstance(event, Previewed) and isinstance(event.row.record, Conversation):
            found[event.row.path] = event.row.record
    return found


def codes(record: Conversation) -> set[str]:
    return {finding.code for finding in record.findings}


def test_an_export_that_was_secured_before_decides(archive: Archive, tmp_path: Path) -> None:
    mine = export(tmp_path / "a", OPEN)
    assert looked(archive, mine)[mine].date_order is None
    take_in(archive, TakeIn((export(tmp_path / "b", KNOWN),)), Silent())
    record = looked(archive, mine)[mine]
    assert (record.date_order, record.date_order_basis) == ("mdy", BASIS)
    assert (record.first, record.last) == ("2026-03-04T09:00:00", "2026-05-06T09:00:00")
    assert "chat.datumvolgorde_vragen" not in codes(record)
    assert "chat.datumvolgorde_andere_export" in codes(record)


def test_an_export_of_the_same_drop_decides_before_and_after(
    archive: Archive, tmp_path: Path
) -> None:
    mine, other = export(tmp_path / "a", OPEN), export(tmp_path / "b", KNOWN)
    for order in ((mine, other), (other, mine)):
        assert looked(archive, *order)[mine].date_order == "mdy"
    result = take_in(archive, TakeIn((mine, other)), Silent())
    with archive.register.read() as tx:
        records = [items.get(tx, i).record for s in result.sources for i in s.item_ids]
    assert {r.date_order for r in records if isinstance(r, Conversation)} == {"mdy", "dmy"}


def test_texts_that_disagree_or_say_too_little_decide_nothing(
    archive: Archive, tmp_path: Path
) -> None:
    mine = export(tmp_path / "a", OPEN)
    swapped = KNOWN.replace("04-03-2026", "03-04-2026")
    few = "04-03-2026 09:00 - Anna: Is de nota over de kade klaar?\n13-05-2026 10:00 - Bram: Dag\n"
    strange = KNOWN.replace("Anna", "Chris").replace("Bram", "Dirk")
    for number, (text, name) in enumerate(((swapped, "Kade"), (few, "Kade"), (strange, "Brug"))):
        other = export(tmp_path / f"b{number}", text, name)
        record = looked(archive, mine, other)[mine]
        assert record.date_order is None
        assert "chat.datumvolgorde_vragen" in codes(record)
