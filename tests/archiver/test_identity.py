"""New ids are UUID version 7: unique, in the order in which they were made, with the time in front."""

from __future__ import annotations

import threading
import time
import uuid

import pytest

from archiver import identity
from archiver.identity import Ids, new_id


def test_an_id_is_a_uuid_of_version_7() -> None:
    value = uuid.UUID(new_id())
    assert value.version == 7
    assert value.variant == uuid.RFC_4122


def test_ids_sort_in_the_order_in_which_they_were_made() -> None:
    ids = [new_id() for _ in range(10_000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)


def test_the_time_stands_in_front() -> None:
    before = time.time_ns() // 1_000_000
    stamp = uuid.UUID(new_id()).int >> 80
    after = time.time_ns() // 1_000_000
    assert before <= stamp <= after + 60_000  # ahead only when many were just made


def test_a_clock_that_goes_back_does_not_disturb_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    first = new_id()
    monkeypatch.setattr(identity.time, "time_ns", lambda: 1_000_000_000)
    later = [new_id() for _ in range(5_000)]
    assert [first, *later] == sorted([first, *later])


def test_threads_never_get_the_same_id() -> None:
    found: list[str] = []

    def make() -> None:
        found.extend([new_id() for _ in range(2_000)])

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 16_000


def test_many_ids_are_kept_small_and_read_as_texts() -> None:
    made = [new_id() for _ in range(1_000)]
    ids = Ids(made[:400])
    ids.extend(made[400:])
    assert list(ids) == made
    assert (len(ids), ids[0], ids[-1], ids[5:8]) == (1_000, made[0], made[-1], tuple(made[5:8]))
    assert ids == made
    assert ids == tuple(made)
    assert tuple(made) == ids
    assert ids != made[1:]
    assert not Ids()
    assert made[7] in ids
    with pytest.raises(IndexError):
        ids[1_000]
    with pytest.raises(ValueError, match="UUID string"):
        ids.extend(["geen"])
    joined = Ids()
    joined.extend(ids)
    assert joined == ids
    assert len(joined._raw) == 16_000
