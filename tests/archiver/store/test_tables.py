"""What the tables give: queues, search, counts, ledgers, decisions, blobs."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.errors import BugError, RuleRefused
from archiver.identity import new_id
from archiver.ledger import count
from archiver.model import Dossier, ItemKind, ItemStatus, SourceStatus, Value
from archiver.store import audit, decisions, dossiers, items, packages, rows, soundness, sources
from archiver.store.canonical import date_key, fold, json_text
from archiver.store.database import Register
from tests.archiver.store import made


def test_an_item_comes_back_as_it_went_in(register: Register) -> None:
    of = made.source()
    dossier = Dossier("dossier-1", "Straatvaart", "P1", "2024-01-01")
    wanted = made.item(made.mail(), of, dossier=dossier)
    talk = made.item(made.chat(), of, id="gesprek")
    with register.write() as tx:
        sources.add(tx, of)
        dossiers.add(tx, dossier)
        assert items.add_many(tx, [wanted, talk]) == 2
    with register.read() as tx:
        assert items.get(tx, wanted.id) == wanted
        assert items.get(tx, talk.id) == talk
        assert sources.get(tx, of.id) == of


_CHARACTERS = st.characters(codec="utf-8") | st.characters(
    min_codepoint=0xDC80, max_codepoint=0xDCFF
)
_ANYTHING = st.text(_CHARACTERS, max_size=40)


@settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(title=_ANYTHING, sender=_ANYTHING, name=_ANYTHING)
def test_any_text_can_be_stored_and_stays_sound(
    register: Register, title: str, sender: str, name: str
) -> None:
    """100 runs: lone surrogates, NUL, emoji, right-to-left, everything that a header can hold."""
    of = made.source(new_id(), path=name)
    record = made.mail(subject=title, folder=name)
    with register.write() as tx:
        sources.add(tx, of)
        items.add_many(tx, [made.item(record, of, title=title, sender=sender, owner=name)])
        audit.append(tx, made.event("opname", f"source:{of.id}", result="opgenomen", reason=title))
    with register.read() as tx:
        found = items.get(tx, f"{of.id}-0")
        assert found.record == record  # exactly, surrogates too
        assert found.title == title.encode("utf-8", "backslashreplace").decode("utf-8")
        assert list(rows.verify(tx)) == []
        assert list(audit.verify(tx)) == []


def test_queues_and_counts(filled: Register) -> None:
    with filled.read() as tx:
        assert items.counts(tx) == {ItemStatus.GETAGD: 5, ItemStatus.BESLOTEN: 1}
        assert items.count(tx) == 6
        assert items.ids(tx, status=ItemStatus.BESLOTEN) == ["bron-1-0"]
        assert items.ids(tx, kind=ItemKind.CONVERSATION) == ["bron-2-0"]
        assert items.ids(tx, source_id="bron-1") == [f"bron-1-{i}" for i in range(5)]
        assert len(items.ids(tx, dossier_id="dossier-1")) == 5


def test_newest_first_by_the_moment_itself(register: Register) -> None:
    dates = [
        ("later", "2024-03-01T09:30:00Z"),
        ("eerder", "2024-03-01T10:00:00+01:00"),
        ("zonder-zone", "2024-02-01T00:00:00"),
        ("onzin", "geen datum"),
        ("niets", None),
    ]
    with register.write() as tx:
        sources.add(tx, made.source())
        items.add_many(
            tx,
            (
                made.item(made.mail(i), made.source(), id=name, date=date)
                for i, (name, date) in enumerate(dates)
            ),
        )
    with register.read() as tx:
        assert items.ids(tx) == ["onzin", "later", "eerder", "zonder-zone", "niets"]
        assert [r.date for r in items.rows(tx, ["later", "weg", "niets"])] == [dates[0][1], None]


@pytest.mark.parametrize(
    ("date", "key"),
    [
        ("2024-03-01T10:00:00+01:00", "2024-03-01T09:00:00"),
        ("2024-03-01T09:00:00Z", "2024-03-01T09:00:00"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+14:00"),
        (None, ""),
        ("x" * 60, "x" * 40),
    ],
)
def test_date_key(date: str | None, key: str) -> None:
    assert date_key(date) == key


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("VRAAG 3", ["bron-1-3"]),
        ("zoë", [f"bron-1-{i}" for i in (4, 3, 2, 1, 0)]),
        ("ZOE", [f"bron-1-{i}" for i in (4, 3, 2, 1, 0)]),
        ("straatvaart", [f"bron-1-{i}" for i in (4, 3, 2, 1, 0)]),
        ("groep", ["bron-2-0"]),
        ("%", []),
        ("vraag_3", []),
        ("'; DROP TABLE item; --", []),
        ("\ud800", []),
    ],
)
def test_search_is_blind_to_case_and_accents_and_takes_text_as_text(
    filled: Register, search: str, found: list[str]
) -> None:
    with filled.read() as tx:
        assert items.ids(tx, search=search) == found


def test_fold_keeps_title_and_sender_apart() -> None:
    assert fold("Één", None, "ZOË") == "een\nzoe"


def test_list_rows(filled: Register) -> None:
    with filled.read() as tx:
        row = items.rows(tx, ["bron-1-0"])[0]
    assert (row.title, row.dossier, row.waardering) == ("Vraag 0", "Straatvaart", "V")
    assert (row.attachment_count, row.finding_count) == (2, 1)  # those inside one count with it


def test_the_ledger_of_the_register_is_the_ledger_of_the_records(filled: Register) -> None:
    with filled.read() as tx:
        assert items.ledger(tx, "bron-1") == made.total(made.records())
        assert items.ledger(tx, "bron-2") == count(made.chat())


def test_a_change_changes_what_is_given_only(filled: Register) -> None:
    with filled.write() as tx:
        before = items.get(tx, "bron-1-1")
        items.update(tx, "bron-1-1", title="Nieuwe naam", values={"naam": Value("n", "medewerker")})
        after = items.get(tx, "bron-1-1")
        assert (after.title, after.values["naam"].source) == ("Nieuwe naam", "medewerker")
        assert (after.dossier, after.proposal, after.record) == (
            before.dossier,
            before.proposal,
            before.record,
        )
        assert items.ids(tx, search="nieuwe naam") == ["bron-1-1"]
        items.update(tx, "bron-1-1", dossier_id=None)
        assert items.get(tx, "bron-1-1").dossier is None
        assert list(soundness.verify(tx)) == []


@pytest.mark.parametrize("name", ["weg", "\udcff", ""])
def test_what_nobody_made_is_refused(filled: Register, name: str) -> None:
    with filled.write() as tx:
        for act in (
            lambda: items.get(tx, name),
            lambda: items.update(tx, name, title="x"),
            lambda: sources.get(tx, name),
        ):
            with pytest.raises(RuleRefused, match="onbekend"):
                act()
        assert items.rows(tx, [name]) == []


def test_a_dossier_has_one_name(filled: Register) -> None:
    with filled.read() as tx:
        assert dossiers.find_by_name(tx, "Straatvaart") == dossiers.get(tx, "dossier-1")
        assert dossiers.find_by_name(tx, "straatvaart") is None
        assert [d.naam for d in dossiers.all(tx)] == ["Straatvaart"]
    with pytest.raises(BugError), filled.write() as tx:
        dossiers.add(tx, Dossier("dossier-2", "Straatvaart"))


def test_the_newest_decision_counts_and_withdrawing_keeps_it(filled: Register) -> None:
    with filled.write() as tx:
        decisions.add(tx, "bron-1-0", made.decision("V"))
        assert items.get(tx, "bron-1-0").decision == made.decision("V")
        decisions.withdraw(tx, "bron-1-0")
        assert decisions.current(tx, "bron-1-0") == made.decision("B")
        decisions.withdraw(tx, "bron-1-0")
        decisions.withdraw(tx, "bron-1-0")
        assert decisions.current(tx, "bron-1-0") is None
        assert [(d.waardering, w) for d, w in decisions.history(tx, "bron-1-0")] == [
            ("B", True),
            ("V", True),
        ]
        assert list(rows.verify(tx)) == []


def test_sources_by_hash_and_second_occurrences(filled: Register) -> None:
    with filled.write() as tx:
        sources.add(tx, made.source("bron-8", status=SourceStatus.DUBBEL, duplicate_of="bron-1"))
        first = sources.by_sha256(tx, made.sha(1))
        assert first is not None
        assert first.id == "bron-1"
        assert sources.by_sha256(tx, made.sha(12)) is None


def test_blobs_are_sources_and_media_that_stood_beside_a_text(register: Register) -> None:
    of, zipped = (
        made.source(sha256=made.sha(3), size=700),
        made.source("bron-2", sha256=made.sha(5)),
    )
    inside = made.item(made.chat(text_member="_chat.txt"), zipped)
    with register.write() as tx:
        sources.add(tx, of)
        sources.add(tx, zipped)
        items.add_many(tx, [made.item(made.chat(), of)], {made.sha(4)})
        items.add_many(tx, [inside, made.item(made.mail(1), zipped)])
    with register.read() as tx:
        assert dict(sources.blobs(tx)) == {made.sha(3): 700, made.sha(5): 500, made.sha(4): 33}


def test_items_by_message_id(filled: Register) -> None:
    with filled.read() as tx:
        wanted = [f"<{i}@voorbeeld.nl>" for i in range(1200)]
        found = items.by_message_ids(tx, wanted)
    assert found == {f"<{i}@voorbeeld.nl>": [f"bron-1-{i}"] for i in range(5)}


def test_packages(filled: Register) -> None:
    with filled.read() as tx:
        (row,) = packages.all(tx)
    assert (row.id, row.item_ids) == ("pakket-1", ("bron-1-0",))


def test_canonical_json() -> None:
    assert json_text({"b": 1, "a": ["é", None]}) == '{"a":["é",null],"b":1}'
    assert json_text("\udc80") == '"\\udc80"'
    with pytest.raises(ValueError, match="JSON"):
        json_text(float("nan"))
