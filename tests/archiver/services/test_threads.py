"""Threads from what messages say themselves: answers, gaps, circles, copies; never from a subject."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.intake import eml
from archiver.intake.protocol import ParseContext
from archiver.model import EmailMessage
from archiver.services.threads import Entry, Place, Thread, entry_of, threads_of
from tests.archiver.intake.messages import HEADER, read
from tests.helpers.shared import SHARED

HEAD = "01" * 22


def mail(key: str, reply: str = "", references: str = "", **more: str) -> Entry:
    refs = tuple(f"<{r}@x>" for r in references.split())
    return Entry(
        key, more.pop("sha256", key), f"<{key}@x>", f"<{reply}@x>" if reply else None, refs, **more
    )


def keys(threads: list[Thread]) -> list[list[str]]:
    return [[place.key for place in thread.places] for thread in threads]


def test_answers_stand_under_what_they_answer_in_any_order_of_arrival() -> None:
    entries = [mail("c", "b", "a b"), mail("a"), mail("d"), mail("b", "a", "a")]
    first, second = threads_of(entries)
    assert first.places == (
        Place("c", "b", "in_reply_to"),
        Place("a"),
        Place("b", "a", "in_reply_to"),
    )
    assert second.places == (Place("d"),)


def test_references_tell_when_in_reply_to_does_not() -> None:
    (thread,) = threads_of([mail("a"), mail("b", references="a")])
    assert thread.places[1] == Place("b", "a", "references")
    free_text = Entry("c", "c", "<c@x>", "Uw bericht van dinsdag", ("<a@x>",))
    (thread,) = threads_of([mail("a"), free_text])
    assert thread.places[1] == Place("c", "a", "references")


def test_a_message_that_nobody_has_is_a_gap_and_joins_its_answers() -> None:
    (thread,) = threads_of([mail("b", "weg", "weg"), mail("c", "weg", "weg")])
    assert thread.gaps == ("weg@x",)
    assert [p.missing for p in thread.places] == ["weg@x", "weg@x"]
    (thread,) = threads_of([mail("a"), mail("c", "weg", "a weg")])
    assert thread.places[1] == Place("c", "a", "in_reply_to", "weg@x")


def test_an_equal_subject_joins_nothing() -> None:
    one = entry_of("1", read(HEADER + b"\r\nTekst"))
    other = entry_of("2", read(HEADER.replace(b"<1@", b"<2@") + b"\r\nTekst"))
    assert len(threads_of([one, other])) == 2


def test_circles_are_broken_and_said() -> None:
    (thread,) = threads_of([mail("a", "b"), mail("b", "a")])
    assert thread.loops == ("b",)
    assert [p.parent for p in thread.places] == ["b", None]
    (alone,) = threads_of([mail("a", "a")])
    assert alone.loops == ("a",)


def test_copies_are_linked_and_duplicates_told_apart() -> None:
    sent = mail("a", sha256="1")
    received = Entry("b", "2", "<a@x>")
    again = Entry("c", "2", "<a@x>")
    (thread,) = threads_of([sent, received, again, mail("d", "a")])
    assert thread.copies == (("a", "b"),)
    assert thread.duplicates == (("b", "c"),)
    assert keys([thread]) == [["a", "b", "c", "d"]]
    assert thread.places[3] == Place("d", "a", "in_reply_to")


def test_messages_without_id_are_each_their_own() -> None:
    assert len(threads_of([Entry("a", "1"), Entry("b", "2"), Entry("c", "2")])) == 3


def test_thread_index_of_outlook() -> None:
    first = Entry("a", "a", thread_index=HEAD)
    answer = Entry("b", "b", thread_index=HEAD + "0000000001")
    further = Entry("c", "c", thread_index=HEAD + "00000000010000000002")
    lost = Entry("d", "d", thread_index=HEAD + "00000000090000000002")
    other = Entry("e", "e", thread_index="02" * 22)
    thread, alone = threads_of([further, first, answer, lost, other])
    assert thread.places == (
        Place("c", "b", "thread_index"),
        Place("a"),
        Place("b", "a", "thread_index"),
        Place("d"),
    )
    assert keys([alone]) == [["e"]]


def test_ids_are_trusted_before_the_thread_index() -> None:
    first = mail("a", thread_index=HEAD)
    second = mail("b", "a", thread_index=HEAD + "0000000001")
    third = mail("c", "a", thread_index=HEAD + "00000000010000000002")
    (thread,) = threads_of([first, second, third])
    assert thread.places[2] == Place("c", "a", "in_reply_to")


def test_brackets_make_no_difference() -> None:
    bare = Entry("a", "a", "a@x")
    (thread,) = threads_of([bare, mail("b", "a")])
    assert thread.places[1].parent == "a"


NAMES = st.sampled_from("abcdef")


@given(
    st.lists(
        st.tuples(NAMES, st.sampled_from(["", *"abcdef"]), st.lists(NAMES, max_size=4)), max_size=12
    )
)
def test_every_message_is_in_one_thread_and_parents_never_circle(
    given_entries: list[tuple[str, str, list[str]]],
) -> None:
    entries = [
        Entry(
            f"{n}",
            f"{n}",
            f"<{name}@x>",
            f"<{reply}@x>" if reply else None,
            tuple(f"<{r}@x>" for r in refs),
        )
        for n, (name, reply, refs) in enumerate(given_entries)
    ]
    threads = threads_of(entries)
    assert sorted(k for group in keys(threads) for k in group) == sorted(e.key for e in entries)
    for thread in threads:
        parents = {place.key: place.parent for place in thread.places}
        for key in parents:
            seen: set[str] = set()
            step: str | None = key
            while step is not None:
                assert step not in seen
                seen.add(step)
                step = parents[step]


@given(st.permutations(["a", "b", "c", "d", "e"]))
def test_the_order_of_arrival_changes_no_thread(order: list[str]) -> None:
    known = {
        "a": mail("a"),
        "b": mail("b", "a", "a"),
        "c": mail("c", "weg", "a b weg"),
        "d": mail("d", "c", "b weg c"),
        "e": mail("e"),
    }
    found = threads_of([known[key] for key in order])
    assert sorted(sorted(group) for group in keys(found)) == [["a", "b", "c", "d"], ["e"]]
    parents = {p.key: p.parent for thread in found for p in thread.places}
    assert parents == {"a": None, "b": "a", "c": "b", "d": "c", "e": None}


@pytest.mark.parametrize("step", [1, -1])
def test_long_and_hostile_chains_cost_little(step: int) -> None:
    count = 20_000
    chain = [mail(str(n), str(n - 1) if n else "") for n in range(count)][::step]
    started = time.process_time()
    assert len(threads_of(chain)) == 1
    wide = Entry("w", "w", "<w@x>", None, tuple(f"<{n}@y>" for n in range(20_000)))
    assert len(threads_of([wide, wide])) == 1
    assert time.process_time() - started < 3


@pytest.mark.corpus
@pytest.mark.skipif(SHARED is None, reason="*** CORPUS ABSENT: threads were NOT checked ***")
def test_the_threads_of_the_corpus() -> None:
    assert SHARED is not None
    entries = []
    for path in sorted((SHARED / "corpus" / "email" / "threads").rglob("*")):
        if path.is_file():
            entries += [entry_of(path.name, m) for m in _messages(path)]
    threads = threads_of(entries)
    assert len(entries) >= 25
    assert sum(len(t.places) for t in threads) == len(entries)
    assert sum(len(t.places) > 1 for t in threads) >= 4
    assert any(t.gaps for t in threads)


def _messages(path: Path) -> list[EmailMessage]:
    return [m for m in eml.parse(path, ParseContext()) if isinstance(m, EmailMessage)]
