"""A conversation in parts: one decision and one dossier for the whole, exceptions possible and shown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from archiver.model import ItemStatus
from archiver.progress import Silent
from archiver.services import overview, undo
from archiver.services.appraisal import Decide, accept, decide
from archiver.services.archive import Archive
from archiver.services.conversation_parts import LinkExports, PartState, link_exports, parts_states
from archiver.services.describe import Edit, edit
from archiver.services.intake import TakeIn, take_in
from archiver.store import items
from tests.helpers import phones


@pytest.fixture
def parts(archive: Archive, tmp_path: Path) -> tuple[str, str, str]:
    """Secure three exports of one conversation; the first is linked to the others."""
    ids: list[str] = []
    for place, text in (
        ("een", phones.first_phone()),
        ("twee", phones.later_phone()),
        ("drie", phones.second_phone()),
    ):
        path = phones.write(tmp_path, place, text)
        ids += take_in(archive, TakeIn((path,), owner=place), Silent()).changes.ids
    for other in ids[1:]:
        link_exports(archive, LinkExports(ids[0], other, "zelfde groep"), Silent())
    return ids[0], ids[1], ids[2]


def decided(archive: Archive, *ids: str) -> list[str | None]:
    found = [overview.item(archive, i).decision for i in ids]
    return [d.waardering if d else None for d in found]


def states(archive: Archive, item_id: str) -> dict[str | None, PartState]:
    return {state.owner: state for state in parts_states(archive, item_id)}


def test_one_decision_holds_for_every_export_and_is_one_step(
    archive: Archive, parts: tuple[str, str, str]
) -> None:
    changes = decide(archive, Decide((parts[1],), "B", "van belang"), Silent())
    assert set(changes.ids) == set(parts)
    assert decided(archive, *parts) == ["B", "B", "B"]
    undo.undo(archive)
    assert decided(archive, *parts) == [None, None, None]


def test_a_term_runs_from_the_last_message_of_the_conversation(
    archive: Archive, parts: tuple[str, str, str]
) -> None:
    decide(archive, Decide((parts[0],), "V", "geen belang", termijn="P5Y"), Silent())
    found = [overview.item(archive, i).decision for i in parts]
    assert {(d.startdatum, d.einddatum) for d in found if d} == {("2026-11-23", "2031-11-23")}


def test_an_exception_is_shown_and_a_later_decision_leaves_it(
    archive: Archive, parts: tuple[str, str, str]
) -> None:
    decide(archive, Decide((parts[2],), "B", "telefoon van de wethouder", alone=True), Silent())
    assert decided(archive, *parts) == [None, None, "B"]
    decide(archive, Decide((parts[0],), "V", "geen belang", termijn="P5Y"), Silent())
    assert decided(archive, *parts) == ["V", "V", "B"]
    shown = states(archive, parts[0])
    assert [shown[who].exception for who in ("een", "twee", "drie")] == [False, False, True]
    decide(archive, Decide((parts[2],), "V", "toch niet", termijn="P5Y"), Silent())
    assert decided(archive, *parts) == ["V", "V", "V"]
    assert not any(state.exception for state in parts_states(archive, parts[0]))


def test_accepting_a_proposal_accepts_it_for_the_conversation_once(
    archive: Archive, parts: tuple[str, str, str]
) -> None:
    with archive.register.write() as tx:
        for item_id, value in zip(parts, ("N", "B", "V"), strict=True):
            proposal = {**items.get(tx, item_id).proposal, "waardering": value}
            items.update(tx, item_id, proposal=proposal)
    changes = accept(archive, parts, "voorstel gevolgd", Silent())
    assert len(changes.ids) == 3
    assert decided(archive, *parts) == ["B", "B", "B"], "by its latest export"


def test_a_dossier_is_that_of_the_conversation_and_an_exception_stays(
    archive: Archive, parts: tuple[str, str, str]
) -> None:
    edit(archive, Edit((parts[0],), dossier="Kade", title="Groep kade"), Silent())
    found = [overview.item(archive, i) for i in parts]
    assert {i.dossier.naam for i in found if i.dossier} == {"Kade"}
    assert [i.title for i in found] == ["Groep kade", "Team Kade", "Team Kade"]
    edit(archive, Edit((parts[1],), dossier="Wethouder", alone=True), Silent())
    edit(archive, Edit((parts[0],), dossier="Kade 2"), Silent())
    shown = states(archive, parts[0])
    assert [shown[who].dossier for who in ("een", "twee", "drie")] == [
        "Kade 2",
        "Wethouder",
        "Kade 2",
    ]
    assert shown["twee"].exception
    undo.undo(archive)
    assert {s.dossier for s in parts_states(archive, parts[0])} == {"Kade", "Wethouder"}


def test_what_has_left_stays_as_it_left(archive: Archive, parts: tuple[str, str, str]) -> None:
    with archive.register.write() as tx:
        items.update(tx, parts[1], status=ItemStatus.VERPAKT)
    decide(archive, Decide((parts[0],), "B", "van belang"), Silent())
    assert decided(archive, *parts) == ["B", None, "B"]
    assert overview.item(archive, parts[1]).status is ItemStatus.VERPAKT


def test_a_mail_or_a_conversation_that_stands_alone_is_its_own_whole(
    archive: Archive, drop: Path
) -> None:
    ids = take_in(archive, TakeIn((drop,)), Silent()).changes.ids
    decide(archive, Decide(ids[:1], "B", "van belang", alone=True), Silent())
    found = overview.item(archive, ids[0]).decision
    assert found is not None
    assert found == replace(found, alleen=False)
    assert decided(archive, *ids[1:]) == [None] * (len(ids) - 1)
