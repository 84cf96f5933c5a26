"""A damaged register: opening or `verifieer` says so, or the damage was in bytes that mean nothing.

810 runs: 240 changed bytes, each of the 100 bytes of the header, 30 cut files, 30 emptied pages, 30
bits that tip, 20 exchanged pages, 60 changed bytes and 40 cuts in a write-ahead log, 20 changed bytes
in the file of ends, 240 runs of other commands; and each way to lose or exchange a whole file. Never
a traceback, never another content without a word.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from archiver import cli
from archiver.bootstrap import open_archive
from archiver.intake.pool import Event, read_inline
from archiver.intake.protocol import ParseContext
from archiver.model import Changes
from archiver.progress import Progress, Silent
from archiver.services import appraisal, describe, intake
from archiver.services.archive import Archive
from archiver.services.intake import TakeIn, take_in
from archiver.store.schema import VERSION
from archiver.store.sqlite import driver
from tests.robustness import mails

DAMAGED, REFUSED_TO_OPEN = 4, 3
PAGE = 4096
Damage = Callable[[bytearray, random.Random], None]


class Original:
    """A work folder with 60 mails, closed; one that was killed with a full log; what both hold."""

    def __init__(self, folder: Path) -> None:
        self.closed = folder / "werkmap"
        self.killed = folder / "gedood"
        self.older = folder / "ouder"
        mails.drop(folder / "drop", 1, 40)
        mails.drop(folder / "drop2", 2, 20)
        archive = open_archive(self.closed, actor="zoe", origin="proef")
        work(archive, folder / "drop")
        archive.close()
        shutil.copytree(self.closed, self.older)
        archive = open_archive(self.closed, actor="zoe", origin="proef")
        work(archive, folder / "drop2")
        shutil.copytree(self.closed, self.killed, ignore=shutil.ignore_patterns("*-shm"))
        archive.close()
        self.content = content(self.closed)
        assert (self.killed / "register.db-wal").stat().st_size > 100_000


def work(archive: Archive, drop: Path) -> Changes:
    changes = take_in(archive, TakeIn((drop,), dossier="Straatvaart"), Silent()).changes
    appraisal.decide(archive, appraisal.Decide(changes.ids[:9], "B", "van belang"), Silent())
    return describe.edit(archive, describe.Edit(changes.ids[9:12], title="Anders"), Silent())


def content(werkmap: Path) -> dict[str, list[tuple[object, ...]]]:
    """Give every row of every table."""
    connection = driver.connect(str(werkmap / "register.db"))
    names = [
        name
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        if not name.startswith("sqlite_")
    ]
    found = {
        name: sorted(connection.execute(f"SELECT * FROM {name} NOT INDEXED").fetchall(), key=repr)
        for name in names
    }
    connection.close()
    return found


@pytest.fixture(scope="module")
def original(quick_module_path: Path) -> Original:
    def inline(
        paths: Iterable[Path], context: ParseContext, progress: Progress, **_: object
    ) -> Iterator[Event]:
        for path in paths:
            yield from read_inline(path, context)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(intake, "read_sources", inline)
        return Original(quick_module_path)


def flip_byte(raw: bytearray, chance: random.Random) -> None:
    raw[chance.randrange(len(raw))] ^= chance.randint(1, 255)


def tip_bit(raw: bytearray, chance: random.Random) -> None:
    raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)


def cut(raw: bytearray, chance: random.Random) -> None:
    del raw[chance.randrange(len(raw)) :]


def empty_page(raw: bytearray, chance: random.Random) -> None:
    start = chance.randrange(len(raw) // PAGE) * PAGE
    raw[start : start + PAGE] = bytes(PAGE)


def exchange_pages(raw: bytearray, chance: random.Random) -> None:
    one, two = (n * PAGE for n in chance.sample(range(len(raw) // PAGE), 2))
    raw[one : one + PAGE], raw[two : two + PAGE] = raw[two : two + PAGE], raw[one : one + PAGE]


@pytest.mark.parametrize(
    ("damage", "runs", "certain"),
    [
        (flip_byte, 240, 0.5),
        (tip_bit, 30, 0.5),
        (cut, 30, 1.0),
        (empty_page, 30, 0.9),
        (exchange_pages, 20, 1.0),
    ],
)
def test_the_register(
    original: Original, quick_path: Path, damage: Damage, runs: int, certain: float
) -> None:
    """350 runs; at least the given part must be noticed, the rest must have changed nothing."""
    noticed = damaged(original, original.closed, "register.db", quick_path, damage, runs)
    assert noticed >= runs * certain, noticed


def several(raw: bytearray, chance: random.Random) -> None:
    for _ in range(chance.randint(2, 40)):
        flip_byte(raw, chance)


@pytest.mark.parametrize("damage", [flip_byte, several])
def test_the_other_commands_end_with_a_sentence_too(
    original: Original, quick_path: Path, damage: Damage
) -> None:
    """240 runs: four commands on 30 registers with one changed byte and 30 with more."""
    raw = (original.closed / "register.db").read_bytes()
    stopped = 0
    for seed in range(30):
        place = copy(original.closed, quick_path / str(seed))
        broken = bytearray(raw)
        damage(broken, random.Random(f"opdrachten {damage.__name__} {seed}"))
        (place / "register.db").write_bytes(broken)
        for command in (
            ["zoek", "bericht"],
            ["beoordeel"],
            ["besluit", "--alle"],
            ["maak-ongedaan"],
        ):
            code = cli.run(["--werkmap", str(place), *command])
            assert code in (0, DAMAGED, REFUSED_TO_OPEN, cli.REFUSED), (seed, command)
            stopped += code == DAMAGED
        shutil.rmtree(place)
    assert stopped >= 10, stopped


def test_every_byte_of_the_header(original: Original, quick_path: Path) -> None:
    """100 runs: each byte of the file's header with all its bits tipped."""
    raw = (original.closed / "register.db").read_bytes()
    for at in range(100):
        place = copy(original.closed, quick_path / str(at))
        broken = bytearray(raw)
        broken[at] ^= 255
        (place / "register.db").write_bytes(broken)
        said(original, place, at)
        shutil.rmtree(place)


@pytest.mark.parametrize("minor", range(VERSION[1] + 2))
def test_another_minor_version_in_the_stamp(
    original: Original, quick_path: Path, minor: int
) -> None:
    """The stamp of an older version on newer tables is damage; a newer minor version opens."""
    place = copy(original.closed, quick_path / "a")
    raw = bytearray((place / "register.db").read_bytes())
    assert raw[60:64] == bytes([0, VERSION[0], 0, VERSION[1]])
    raw[63] = minor
    (place / "register.db").write_bytes(raw)
    assert said(original, place) is (minor < VERSION[1])


@pytest.mark.parametrize(("damage", "runs", "certain"), [(flip_byte, 60, 0.9), (cut, 40, 0.9)])
def test_the_log_of_a_killed_program(
    original: Original, quick_path: Path, damage: Damage, runs: int, certain: float
) -> None:
    """100 runs: a log that is not whole loses what was acknowledged, and the trail beside it shows it."""
    noticed = damaged(original, original.killed, "register.db-wal", quick_path, damage, runs)
    assert noticed >= runs * certain, noticed


def test_the_file_of_ends(original: Original, quick_path: Path) -> None:
    """20 runs."""
    damaged(original, original.closed, "register.spoor.txt", quick_path, flip_byte, 20)


def damaged(
    original: Original, werkmap: Path, name: str, quick_path: Path, damage: Damage, runs: int
) -> int:
    """Damage a file of a copy in each run; gives how often that was noticed."""
    noticed = 0
    raw = (werkmap / name).read_bytes()
    for seed in range(runs):
        place = copy(werkmap, quick_path / str(seed))
        broken = bytearray(raw)
        damage(broken, random.Random(f"{name} {damage.__name__} {seed}"))
        (place / name).write_bytes(broken)
        noticed += said(original, place, seed)
        shutil.rmtree(place)
    return noticed


def copy(werkmap: Path, place: Path) -> Path:
    """Copy a work folder; the vault's files are linked, for nothing here writes in them."""
    shutil.copytree(werkmap, place, copy_function=link_or_copy)
    return place


def link_or_copy(source: str, target: str) -> None:
    if "kluis" in Path(source).parts:
        Path(target).hardlink_to(source)
    else:
        shutil.copy(source, target)


def said(original: Original, werkmap: Path, run: object = "") -> bool:
    """Run `verifieer`: tells whether it named damage. If not, the content must be what it was."""
    code = cli.run(["--werkmap", str(werkmap), "verifieer"])
    if code == 0:
        assert content(werkmap) == original.content, run
        return False
    assert code in (DAMAGED, REFUSED_TO_OPEN), (run, code)
    return True


def test_an_untouched_copy_is_sound(
    original: Original, quick_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not said(original, copy(original.closed, quick_path / "a"))
    assert not said(original, copy(original.killed, quick_path / "b"))
    assert "60 berichten" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("start", "lose", "code"),
    [
        ("killed", "register.db-wal", "register is ouder"),
        ("killed", "register.db", "opnieuw"),
        ("closed", "register.db", "opnieuw"),
        ("closed", "register.spoor.txt", "stand van het spoor is weg"),
    ],
)
def test_a_lost_file(
    original: Original,
    quick_path: Path,
    capsys: pytest.CaptureFixture[str],
    start: str,
    lose: str,
    code: str,
) -> None:
    place = copy(getattr(original, start), quick_path / "a")
    (place / lose).unlink()
    assert cli.run(["--werkmap", str(place), "verifieer"]) == DAMAGED
    shown = capsys.readouterr()
    assert code in shown.out + shown.err


@pytest.mark.parametrize("name", ["register.db", "register.db-wal"])
def test_an_older_copy_put_back(
    original: Original, quick_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    place = copy(original.closed, quick_path / "a")
    older = original.older / "register.db"
    if name == "register.db":
        shutil.copy(older, place / name)
    else:  # the log of another time beside a newer register
        shutil.copy(original.killed / name, place / name)
        shutil.copy(older, place / "register.db")
        raw = bytearray((place / name).read_bytes())
        raw[16:24] = bytes(8)  # another salt: no frame belongs to this file
        (place / name).write_bytes(raw)
    assert cli.run(["--werkmap", str(place), "verifieer"]) == DAMAGED
    assert "ouder dan het spoor" in capsys.readouterr().err


def test_the_register_of_another_folder(original: Original, quick_path: Path) -> None:
    place = copy(original.closed, quick_path / "a")
    other = open_archive(quick_path / "b", actor="piet", origin="proef")
    with other.register.write() as tx:
        from archiver.store import audit
        from tests.archiver.store import made

        audit.append_many(tx, (made.event(object=f"item:{n}") for n in range(200)))
    other.close()
    shutil.copy(quick_path / "b" / "register.db", place / "register.db")
    assert cli.run(["--werkmap", str(place), "verifieer"]) == DAMAGED


@pytest.mark.parametrize(
    "raw", [b"", b"\0" * PAGE * 3, b"geen register" * 1000, b"SQLite format 3\0"]
)
def test_something_else_under_its_name(original: Original, quick_path: Path, raw: bytes) -> None:
    place = copy(original.closed, quick_path / "a")
    (place / "register.db").write_bytes(raw)
    assert cli.run(["--werkmap", str(place), "verifieer"]) == DAMAGED


def test_a_folder_under_its_name(original: Original, quick_path: Path) -> None:
    place = copy(original.closed, quick_path / "a")
    (place / "register.db").unlink()
    (place / "register.db").mkdir()
    assert cli.run(["--werkmap", str(place), "verifieer"]) == REFUSED_TO_OPEN
