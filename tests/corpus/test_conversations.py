"""One conversation out of its exports: two published phones as one view, four quarters in a package."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from archiver.findings import Severity
from archiver.progress import Silent
from archiver.services import overview, undo
from archiver.services.appraisal import Decide, decide
from archiver.services.archive import Archive
from archiver.services.conversation_parts import LinkExports, link_exports, parts_states
from archiver.services.conversation_view import ConversationView, conversation_view
from archiver.services.describe import Edit, edit
from archiver.services.intake import TakeIn, take_in
from archiver.services.packaging_run import MakePackage, make_package
from metadata.mdto import Informatieobject
from metadata.xml import from_xml
from tests.corpus.test_comparison import ALICE, CAROL, phone
from tests.corpus.test_package import receiver
from tests.helpers import quarters
from tests.helpers.messages import work_folder
from tests.helpers.shared import SHARED

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(SHARED is None, reason="*** CORPUS ABSENT: NOTHING was seen as one ***"),
]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    opened = work_folder(tmp_path / "werkmap")
    yield opened
    opened.close()


@pytest.fixture
def view(archive: Archive) -> ConversationView:
    ids: list[str] = []
    for name, who in ((ALICE, "Alice"), (CAROL, "Carol")):
        ids += take_in(archive, TakeIn((phone(name),), owner=who), Silent()).changes.ids
    link_exports(archive, LinkExports(ids[0], ids[1], "dezelfde groep, twee telefoons"), Silent())
    return conversation_view(archive, ids[0], Silent())


def test_the_two_phones_as_one_view(view: ConversationView) -> None:
    """78 messages, each once: 66 the same on both, 2 that differ, 10 that Carol's phone alone has."""
    kinds = Counter(
        "differs"
        if any(w.differs for w in entry.witnesses)
        else "one side"
        if entry.missing
        else "same"
        for entry in view.entries
    )
    assert kinds == {"same": 66, "differs": 2, "one side": 10}
    assert sum(entry.differs for entry in view.entries) == 12
    carol = next(n for n, export in enumerate(view.exports) if len(export.messages) == 78)
    alone = [entry for entry in view.entries if entry.missing]
    assert {w.export for entry in alone for w in entry.witnesses} == {carol}
    assert Counter(m.reason for entry in alone for m in entry.missing) == {
        "left_earlier": 9,
        "system_here_only": 1,
    }


def test_every_line_of_both_phones_stands_there_once_in_the_order_of_the_first(
    view: ConversationView,
) -> None:
    first, second = (
        [w.place for e in view.entries for w in e.witnesses if w.export == number]
        for number in range(2)
    )
    assert first == list(range(len(view.exports[0].messages)))
    assert sorted(second) == list(range(len(view.exports[1].messages)))


@pytest.mark.parametrize("profile", ["norm", "nha"])
def test_four_quarters_stay_one_conversation_to_the_receiver(
    archive: Archive, tmp_path: Path, profile: str
) -> None:
    """Linked, decided once, one quarter an exception, packaged; the receiver finds no error."""
    ids: list[str] = []
    for path in quarters.write(tmp_path):
        ids += take_in(archive, TakeIn((path,), owner="Mira"), Silent()).changes.ids
    for one, other in pairwise(ids):
        link_exports(archive, LinkExports(one, other, "zelfde groep, volgend kwartaal"), Silent())
    edit(archive, Edit((ids[1],), dossier="Kade"), Silent())
    decide(archive, Decide((ids[0],), "V", "geen belang", termijn="P7Y"), Silent())
    found = [overview.item(archive, i).decision for i in ids]
    assert {(d.waardering, d.einddatum) for d in found if d} == {("V", "2033-11-18")}, (
        "one decision for the whole, from the last message of the last quarter"
    )
    undo.undo(archive)
    assert [overview.item(archive, i).decision for i in ids] == [None] * 4, "in one step"
    decide(archive, Decide((ids[0],), "V", "geen belang", termijn="P7Y"), Silent())
    decide(archive, Decide((ids[2],), "B", "kwartaal van het besluit", alone=True), Silent())
    decide(archive, Decide((ids[3],), "V", "geen belang", termijn="P10Y"), Silent())
    states = parts_states(archive, ids[3])
    assert [s.waardering for s in states] == ["V", "V", "B", "V"]
    assert [s.exception for s in states] == [False, False, True, False]
    assert {s.dossier for s in states} == {"Kade"}
    made = make_package(archive, MakePackage(tmp_path / "levering"), Silent())
    assert [f for f in made.findings if f.severity is Severity.FOUT] == []
    assert made.released
    errors, lines = receiver(made.path, profile)
    assert errors == 0, lines
    told = [obj for path in made.path.rglob("*.mdto.xml") if (obj := _object(path))]
    (whole,) = [o for o in told if _kind(o) == "Gesprek in delen"]
    assert len(whole.bevatOnderdeel) == 3, "the exception stands beside them"
    parts = [o for o in told if _kind(o) == "Chatgesprek"]
    held = [o.waardering.begripCode for o in parts if o.waardering is not None]
    assert Counter(held) == {"V": 3, "B": 1}
    assert all("hetzelfde gesprek; 4 berichten" in o.omschrijving[-1] for o in parts)


def _object(path: Path) -> Informatieobject | None:
    found = from_xml(path.read_bytes())
    return found if isinstance(found, Informatieobject) else None


def _kind(obj: Informatieobject) -> str:
    return obj.classificatie[0].begripLabel if obj.classificatie else ""
