"""Opening the register: pragmas, one program at a time, safe places, errors of both kinds."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from archiver.errors import ArchiverError, BugError, DiskFull, StoreDamaged, StoreRefused
from archiver.model import Item
from archiver.store import audit, items, place, sources, sqlite
from archiver.store.database import Register
from archiver.store.sqlite import driver, translate
from tests.archiver.store import made


@pytest.mark.parametrize("writing", [False, True])
def test_every_connection_is_durable_and_checks_references(
    register: Register, writing: bool
) -> None:
    found: dict[str, object] = {}

    def look() -> None:
        with register.write() if writing else register.read() as tx:
            for pragma in ("synchronous", "journal_mode", "foreign_keys", "trusted_schema"):
                found[pragma] = tx.connection.exec_driver_sql(f"PRAGMA {pragma}").scalar()

    for run in (look, lambda: in_thread(look)):
        found.clear()
        run()
        assert found == {
            "synchronous": 2,  # FULL
            "journal_mode": "wal",
            "foreign_keys": 1,
            "trusted_schema": 0,
        }


def in_thread(act: object) -> None:
    assert callable(act)
    thread = threading.Thread(target=act)
    thread.start()
    thread.join()


def test_sqlite_is_new_enough_for_wal() -> None:
    assert driver.sqlite_version_info >= sqlite.SAFE_WAL


def test_an_item_without_its_source_is_a_bug_and_leaves_nothing(register: Register) -> None:
    orphan = made.item(made.mail(), made.source("bron-onbekend"))
    with pytest.raises(BugError) as caught:
        write_item(register, orphan)
    assert caught.value.code == "storing"
    with register.read() as tx:
        assert sources.all(tx) == []


def test_a_second_opener_is_refused_and_may_in_after_closing(tmp_path: Path) -> None:
    path = tmp_path / "register.db"
    first = Register.open(path)
    with pytest.raises(StoreRefused) as caught:
        Register.open(path)
    assert caught.value.code == "in_gebruik"
    other = (
        "import sys, pathlib\n"
        "from archiver.store.database import Register\n"
        "from archiver.errors import StoreRefused\n"
        "try: Register.open(pathlib.Path(sys.argv[1]))\n"
        "except StoreRefused as error: sys.exit(error.code)\n"
    )
    run = [sys.executable, "-c", other, str(path)]
    refused = subprocess.run(run, capture_output=True, text=True, check=False)
    assert (refused.returncode, refused.stderr.strip()) == (1, "in_gebruik")
    first.close()
    assert subprocess.run(run, check=False).returncode == 0


def test_a_failed_opening_gives_the_folder_free(tmp_path: Path) -> None:
    path = tmp_path / "register.db"
    path.write_bytes(b"dit is geen register" * 500)
    for _ in range(2):
        with pytest.raises(StoreDamaged) as caught:
            Register.open(path)
        assert caught.value.code == "register_onleesbaar"


@pytest.mark.parametrize(
    "name", ["OneDrive - Gemeente", "Dropbox", "iCloudDrive", "Nextcloud", "Google Drive"]
)
def test_a_synchronised_folder_is_refused(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name / "archief"
    folder.mkdir(parents=True)
    with pytest.raises(StoreRefused) as caught:
        Register.open(folder / "register.db")
    assert caught.value.code == "werkmap_netwerk"
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("kind", "refused"),
    [("nfs4", True), ("cifs", True), ("fuse.sshfs", True), ("ext4", False), ("tmpfs", False)],
)
def test_a_network_folder_is_refused(tmp_path: Path, kind: str, refused: bool) -> None:
    folder = tmp_path / "met spatie"
    folder.mkdir()
    mounts = tmp_path / "mounts"
    point = str(folder.resolve()).replace(" ", "\\040")
    mounts.write_text(f"x / ext4 rw 0 0\nserver:/deel {point} {kind} rw 0 0\nkort\n")
    if refused:
        with pytest.raises(StoreRefused, match="werkmap_netwerk"):
            place.refuse_unsafe(folder / "archief", mounts)
    else:
        place.refuse_unsafe(folder / "archief", mounts)
    place.refuse_unsafe(tmp_path, mounts)  # the folder above it is local


def test_no_mount_table_is_no_network(tmp_path: Path) -> None:
    assert place.mount_type(tmp_path, tmp_path / "geen") is None


def test_a_link_for_a_lock_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "register.slot").symlink_to(tmp_path / "elders")
    with pytest.raises(StoreRefused):
        Register.open(tmp_path / "register.db")
    assert not (tmp_path / "elders").exists()


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (13, DiskFull),  # SQLITE_FULL
        (10 | 3 << 8, DiskFull),  # SQLITE_IOERR_WRITE
        (11, StoreDamaged),  # SQLITE_CORRUPT
        (26, StoreDamaged),  # SQLITE_NOTADB
        (10, StoreDamaged),  # SQLITE_IOERR
        (5, StoreRefused),  # SQLITE_BUSY
        (5 | 2 << 8, StoreRefused),  # SQLITE_BUSY_SNAPSHOT
        (8, StoreRefused),  # SQLITE_READONLY
        (14, StoreRefused),  # SQLITE_CANTOPEN
        (1, BugError),  # SQLITE_ERROR: our SQL is wrong
        (19, BugError),  # SQLITE_CONSTRAINT
        (None, BugError),
    ],
)
def test_what_is_outside_the_program_is_known_and_the_rest_a_bug(
    code: int | None, kind: type[ArchiverError]
) -> None:
    error = driver.OperationalError("proef")
    if code is not None:
        error.sqlite_errorcode = code
    assert type(translate(error)) is kind


def test_the_driver_gives_its_codes(register: Register) -> None:
    with pytest.raises(BugError) as caught, register.read() as tx:
        tx.connection.exec_driver_sql("SELECT * FROM bestaat_niet")
    assert caught.value.params["code"] == 1


def test_a_writer_that_waits_too_long_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0)
    register = Register.open(tmp_path / "register.db")
    other = driver.connect(str(register.path), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreRefused) as caught, register.write():
        pass
    assert caught.value.code == "in_gebruik"
    other.close()
    register.close()


def test_a_register_with_a_key_is_unreadable_without_it(tmp_path: Path) -> None:
    path = tmp_path / "register.db"
    register = Register.open(path, key="geheim'; --")
    made.fill(register)
    register.close()
    raw = path.read_bytes()
    assert not raw.startswith(b"SQLite format 3")
    assert b"Straatvaart" not in raw
    for wrong in (None, "ander"):
        with pytest.raises(StoreDamaged) as caught:
            Register.open(path, key=wrong)
        assert caught.value.code == "register_onleesbaar"
    again = Register.open(path, key="geheim'; --")
    with again.read() as tx:
        assert len(items.ids(tx)) == 6
    again.close()


def test_a_reader_keeps_its_view_while_another_writes(filled: Register) -> None:
    with filled.read() as tx:
        assert len(sources.all(tx)) == 2
        in_thread(lambda: _add_source(filled))
        assert len(sources.all(tx)) == 2
    with filled.read() as tx:
        assert len(sources.all(tx)) == 3


def write_item(register: Register, item: Item | None) -> None:
    """Write a source, then the item; without one something of ours goes wrong after the source."""
    with register.write() as tx:
        sources.add(tx, made.source("bron-9"))
        audit.append(tx, made.event("opname", "source:bron-9"))
        _ = 1 // (0 if item is None else 1)
        items.add_many(tx, [item] if item else [])


def _add_source(register: Register) -> None:
    with register.write() as tx:
        sources.add(tx, made.source("bron-9"))


def test_an_error_inside_a_write_takes_all_of_it_back(filled: Register) -> None:
    before = filled.path.with_suffix(".spoor.txt").read_bytes()
    with pytest.raises(ZeroDivisionError):
        write_item(filled, None)
    with filled.read() as tx:
        assert len(sources.all(tx)) == 2
    assert filled.path.with_suffix(".spoor.txt").read_bytes() == before
