"""The audit trail: canonical, chained, append-only, and no tampering that stays unnamed."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from archiver.errors import BugError, DiskFull, StoreDamaged
from archiver.store import audit
from archiver.store.canonical import json_text
from archiver.store.database import Register
from archiver.store.sqlite import driver
from archiver.store.trail import Trail
from tests.archiver.store import made

ENTRIES = 24
RUNS = 40  # of each way to tamper, seeded


def test_each_entry_has_the_fields_of_bio2_and_covers_the_one_before(register: Register) -> None:
    with register.write() as tx:
        first = audit.append(tx, made.event(before={"b": 1, "a": "é"}, reason="daarom"))
        second = audit.append(tx, made.event("besluit", "item:y"))
    with register.read() as tx:
        assert audit.entries(tx) == [first, second]
        assert audit.entries(tx, object="item:y") == [second]
        line = tx.connection.exec_driver_sql("SELECT entry FROM audit WHERE seq = 1").scalar_one()
    data = json.loads(line)
    assert line == json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert set(data) == {
        *("seq", "time", "actor", "origin", "action", "object", "result"),
        *("before", "after", "reason", "previous"),
    }
    assert data["time"].endswith("+00:00")
    assert first.previous == audit.GENESIS
    assert second.previous == first.hash == hashlib.sha256(line.encode()).hexdigest()


def test_newest_first_over_more_than_one_page(register: Register) -> None:
    with register.write() as tx:
        audit.append_many(tx, (made.event(object=f"item:{i}") for i in range(450)))
    with register.read() as tx:
        assert [e.seq for e in audit.newest(tx)] == list(range(450, 0, -1))
        assert audit.count(tx) == 450


@pytest.mark.parametrize(
    "sql", ["UPDATE audit SET entry = '{}'", "DELETE FROM audit", "DELETE FROM audit WHERE seq = 4"]
)
def test_the_register_itself_only_adds_entries(filled: Register, sql: str) -> None:
    with pytest.raises(BugError), filled.write() as tx:
        tx.connection.exec_driver_sql(sql)


def test_a_crash_around_the_commit_is_no_tampering(register: Register) -> None:
    trail = Trail(register.path.with_suffix(".spoor.txt"))

    def sound() -> bool:
        with register.read() as tx:
            audit.check_end(tx)
            return list(audit.verify(tx)) == []

    with register.write() as tx:
        audit.append(tx, made.event())
    trail.intend(2, "0" * 64)  # killed before the commit
    assert sound()
    trail.confirm = lambda *_: None  # type: ignore[method-assign]
    register._trail = trail
    with register.write() as tx:  # killed after the commit, before the confirmation
        audit.append(tx, made.event())
    assert sound()
    trail.intend(3, "1" * 64)  # and the next start was killed before its commit
    assert sound()
    with trail.path.open("ab") as stream:
        stream.write(b"vast 3 abc")  # a torn line
    assert sound()
    with register.write() as tx:
        audit.append(tx, made.event())
    assert sound()
    assert b"abc" not in trail.path.read_bytes()


def test_a_full_disk_at_the_intention_takes_the_whole_write_back(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise DiskFull("schijf_vol", {"ruimte": "1 MB"})

    monkeypatch.setattr(Trail, "intend", full)
    with pytest.raises(DiskFull), register.write() as tx:
        audit.append(tx, made.event())
    with register.read() as tx:
        assert audit.count(tx) == 0


# --- tampering -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("spoor")
    register = Register.open(folder / "register.db")
    chance = random.Random(7)
    written = 0
    while written < ENTRIES:
        size = min(chance.randint(1, 5), ENTRIES - written)
        with register.write() as tx:
            audit.append_many(tx, (made.event(object=f"item:{written + i}") for i in range(size)))
        written += size
    register.close()
    return folder


class Chain:
    """The trail as an attacker sees it who can write in the file."""

    def __init__(self, path: Path) -> None:
        connection = driver.connect(str(path), isolation_level=None)
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("DROP TRIGGER audit_no_UPDATE")
        connection.execute("DROP TRIGGER audit_no_DELETE")
        self.rows: list[list[Any]] = [
            list(r)
            for r in connection.execute(
                "SELECT seq, object, entry, previous, hash FROM audit ORDER BY seq"
            )
        ]
        self._connection = connection

    def save(self) -> None:
        self._connection.execute("BEGIN")
        self._connection.execute("DELETE FROM audit")
        self._connection.executemany("INSERT INTO audit VALUES (?, ?, ?, ?, ?)", self.rows)
        self._connection.execute("COMMIT")
        for verb in ("UPDATE", "DELETE"):
            self._connection.execute(
                f"\nCREATE TRIGGER IF NOT EXISTS audit_no_{verb} BEFORE {verb} ON audit\n"
                "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END\n"
            )
        self._connection.close()

    def alter(self, at: int, chance: random.Random) -> None:
        """Change a field of the entry at a place in the list, its hash not."""
        data = json.loads(self.rows[at][2])
        field = chance.choice(["time", "actor", "origin", "action", "result", "reason", "before"])
        data[field] = f"anders {chance.random()}"
        self.rows[at][2] = json_text(data)

    def rehash(self, at: int) -> None:
        """Make an entry fit itself."""
        self.rows[at][4] = hashlib.sha256(self.rows[at][2].encode()).hexdigest()

    def rechain(self, start: int) -> None:
        """Make everything from a place on fit what stands before it."""
        previous = self.rows[start - 1][4] if start else audit.GENESIS
        for at in range(start, len(self.rows)):
            data = {**json.loads(self.rows[at][2]), "previous": previous, "seq": at + 1}
            text = json_text(data)
            previous_hash, previous = previous, hashlib.sha256(text.encode()).hexdigest()
            self.rows[at] = [at + 1, data["object"], text, previous_hash, previous]


def changed(chain: Chain, chance: random.Random) -> set[int]:
    at = chance.randrange(ENTRIES)
    chain.alter(at, chance)
    return {at + 1}


def changed_column(chain: Chain, chance: random.Random) -> set[int]:
    at, column = chance.randrange(ENTRIES), chance.choice([1, 3, 4])
    chain.rows[at][column] = "f" * 64
    return {at + 1}


def changed_with_its_hash(chain: Chain, chance: random.Random) -> set[int]:
    at = chance.randrange(ENTRIES)
    chain.alter(at, chance)
    chain.rehash(at)
    return {at + 1}


def removed(chain: Chain, chance: random.Random) -> set[int]:
    at = chance.randrange(ENTRIES)
    del chain.rows[at]
    return {at + 1}


def inserted(chain: Chain, chance: random.Random) -> set[int]:
    """A forged entry that fits on the one before it; the later ones get the next number."""
    at = chance.randrange(ENTRIES + 1)
    forged = list(chain.rows[max(at - 1, 0)])
    chain.rows.insert(at, forged)
    for place in range(at + 1, len(chain.rows)):
        chain.rows[place][0] += 1
    rest, chain.rows = chain.rows[at + 1 :], chain.rows[: at + 1]
    chain.rechain(at)
    chain.rows += rest
    return {at + 1}


def inserted_before_the_first(chain: Chain, chance: random.Random) -> set[int]:
    number = -chance.randrange(5)
    chain.rows.append([number, *chain.rows[chance.randrange(ENTRIES)][1:]])
    return {number}


def swapped(chain: Chain, chance: random.Random) -> set[int]:
    one, two = chance.sample(range(ENTRIES), 2)
    chain.rows[one][1:], chain.rows[two][1:] = chain.rows[two][1:], chain.rows[one][1:]
    return {one + 1, two + 1}


def cut_off(chain: Chain, chance: random.Random) -> set[int]:
    kept = chance.randrange(ENTRIES)
    del chain.rows[kept:]
    return set(range(kept + 1, ENTRIES + 1))


@pytest.mark.parametrize(
    "tamper",
    [
        changed,
        changed_column,
        changed_with_its_hash,
        removed,
        inserted,
        inserted_before_the_first,
        swapped,
        cut_off,
    ],
)
@pytest.mark.parametrize("reopened", [True, False], ids=["reopened", "while open"])
def test_tampering_is_named(
    original: Path, tmp_path: Path, tamper: Callable[..., set[int]], reopened: bool
) -> None:
    """640 runs: 40 of each of 8 ways, with the register closed and with it open."""
    for path, seed in copies(original, tmp_path):
        register = None if reopened else Register.open(path)
        chain = Chain(path)
        touched = tamper(chain, random.Random(seed))
        chain.save()
        named = named_by(path, register)
        assert touched <= named, (tamper.__name__, seed, touched, named)


def test_a_whole_new_chain_is_named(original: Path, tmp_path: Path) -> None:
    """40 runs: everything from a point on is made again and fits itself; the file beside it does not."""
    for path, seed in copies(original, tmp_path):
        chance = random.Random(seed)
        chain = Chain(path)
        at = chance.randrange(ENTRIES)
        chain.alter(at, chance)
        chain.rechain(at)
        chain.save()
        named = named_by(path)
        assert named
        assert min(named) >= at + 1


def test_without_its_file_of_ends_the_trail_says_so(original: Path, tmp_path: Path) -> None:
    path, _ = next(copies(original, tmp_path))
    path.with_suffix(".spoor.txt").unlink()
    assert named_by(path) == {ENTRIES}


def test_damage_in_the_file_of_ends_is_named(original: Path, tmp_path: Path) -> None:
    """40 runs of one changed byte."""
    for path, seed in copies(original, tmp_path):
        chance = random.Random(seed)
        beside = path.with_suffix(".spoor.txt")
        raw = bytearray(beside.read_bytes())
        at = chance.randrange(len(raw))
        raw[at] = (raw[at] + chance.randint(1, 255)) % 256
        beside.write_bytes(raw)
        # A changed intention that was confirmed afterwards says nothing any more.
        lines = beside.read_bytes().split(b"\n")
        line = raw[: at + 1].count(b"\n")
        harmless = lines[line].startswith(b"voornemen ") and len(lines[line].split(b" ")) == 3
        assert named_by(path) or harmless or at == len(raw) - 1, seed


def test_an_untouched_trail_has_nothing_to_name(original: Path, tmp_path: Path) -> None:
    path, _ = next(copies(original, tmp_path))
    chain = Chain(path)
    chain.save()
    assert named_by(path) == set()


def copies(original: Path, folder: Path) -> Iterator[tuple[Path, int]]:
    for seed in range(RUNS):
        place = folder / str(seed)
        shutil.copytree(original, place)
        yield place / "register.db", seed


def named_by(path: Path, register: Register | None = None) -> set[int]:
    """Give the numbers that opening or verifying names."""
    try:
        register = register or Register.open(path)
    except StoreDamaged as damage:
        numbers = map(int, str(damage.params["regels"]).split(", "))
        found = [{"nr": number} for number in numbers]
        if damage.code == "spoor_achter":
            found.append(damage.params)
    else:
        with register.read() as tx:
            found = [{"nr": 0, **f.params} for f in audit.verify(tx)]
        register.close()
    named: set[int] = set()
    for params in found:
        first, last = int(params["nr"]), int(params.get("tot", params["nr"]))
        named |= {*range(first, last + 1), int(params.get("vorige", first))}
    return named
