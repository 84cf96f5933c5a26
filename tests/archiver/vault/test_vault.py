"""The vault: bytes come back as they went in, are never overwritten, and are checked when read."""

from __future__ import annotations

import hashlib
import io
import os
import random
import stat
import threading
from pathlib import Path

import pytest

from archiver.errors import BugError, Cancelled, InputRefused, StoreDamaged, StoreRefused
from archiver.findings import Severity
from archiver.progress import Silent
from archiver.vault import disk
from archiver.vault.places import PIECE
from archiver.vault.vault import Vault

SIZES = (0, 1, 4095, 4096, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 17)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "kluis", margin=0)


def put(vault: Vault, data: bytes) -> str:
    with vault.batch() as batch:
        stored = batch.add(io.BytesIO(data))
        batch.commit()
    return stored.sha256


def names(vault: Vault) -> list[str]:
    return sorted(p.name for p in (vault.root / "sha256").rglob("*") if not p.is_dir())


def temporary(vault: Vault) -> list[Path]:
    return list((vault.root / "tmp").iterdir())


def swap(vault: Vault, sha256: str, data: bytes) -> Path:
    """Give a blob other bytes, as a fault of the disk or a person would."""
    place = vault.path(sha256)
    place.chmod(0o644)
    place.write_bytes(data)
    return place


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("way", ["file", "stream"])
def test_bytes_come_back_identical(vault: Vault, tmp_path: Path, size: int, way: str) -> None:
    data = random.Random(size).randbytes(size)
    source: Path | io.BytesIO = io.BytesIO(data)
    if way == "file":
        source = tmp_path / "bron"
        source.write_bytes(data)
    with vault.batch() as batch:
        stored = batch.add(source)
        batch.commit()
    assert (stored.sha256, stored.size) == (hashlib.sha256(data).hexdigest(), size)
    assert stored.new
    assert vault.read_verified(stored.sha256) == data
    with vault.open_verified(stored.sha256) as stream:
        assert stream.read() == data
    with vault.open(stored.sha256) as stream:
        assert stream.read() == data
    assert vault.slice(stored.sha256, size // 3, size) == data[size // 3 :]
    assert list(vault.verify([(stored.sha256, size)], Silent())) == []


def test_blobs_are_read_only_and_stand_under_their_hash(vault: Vault) -> None:
    sha256 = put(vault, b"brief")
    place = vault.path(sha256)
    assert place.relative_to(vault.root).parts == ("sha256", sha256[:2], sha256[2:4], sha256)
    assert stat.S_IMODE(place.stat().st_mode) == 0o444
    assert temporary(vault) == []


def test_without_commit_nothing_is_left(vault: Vault) -> None:
    with vault.batch() as batch:
        batch.add(io.BytesIO(b"niet"))
        assert temporary(vault)
    assert names(vault) == temporary(vault) == []
    with pytest.raises(BugError):
        batch.add(io.BytesIO(b"te laat"))
    with pytest.raises(BugError):
        batch.commit()


def test_the_same_bytes_are_stored_once(vault: Vault) -> None:
    with vault.batch() as batch:
        first, second = batch.add(io.BytesIO(b"brief")), batch.add(io.BytesIO(b"brief"))
        batch.commit()
    place = vault.path(first.sha256)
    before = place.stat()
    with vault.batch() as batch:
        third = batch.add(io.BytesIO(b"brief"))
        batch.commit()
    assert [s.new for s in (first, second, third)] == [True, False, False]
    after = place.stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert names(vault) == [first.sha256]


def test_it_refuses_to_overwrite_and_names_the_blob_that_is_wrong(vault: Vault) -> None:
    sha256 = put(vault, b"brief")
    place = swap(vault, sha256, b"BRIEF")
    with vault.batch() as batch:
        with pytest.raises(StoreDamaged) as caught:
            batch.add(io.BytesIO(b"brief"))
        assert caught.value.place == sha256
        other = batch.add(io.BytesIO(b"andere brief"))  # the batch goes on
        batch.commit()
    assert place.read_bytes() == b"BRIEF"  # kept as evidence
    assert vault.read_verified(other.sha256) == b"andere brief"


def test_a_name_taken_between_adding_and_naming_is_not_overwritten(vault: Vault) -> None:
    with vault.batch() as slow:
        stored = slow.add(io.BytesIO(b"brief"))
        assert put(vault, b"brief") == stored.sha256
        inode = vault.path(stored.sha256).stat().st_ino
        slow.commit()
    assert vault.path(stored.sha256).stat().st_ino == inode


def test_naming_refuses_a_taken_name(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"nieuw")
    (tmp_path / "b").write_bytes(b"oud")
    with pytest.raises(FileExistsError):
        disk.name_once(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == b"oud"


def test_a_disk_without_hard_links_keeps_the_rule(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise PermissionError(1, "no links here")

    monkeypatch.setattr(Path, "hardlink_to", no_links)
    sha256 = put(vault, b"brief")
    assert vault.read_verified(sha256) == b"brief"
    (vault.root / "tmp" / "x").write_bytes(b"anders")
    with pytest.raises(FileExistsError):
        disk.name_once(vault.root / "tmp" / "x", vault.path(sha256))
    assert vault.read_verified(sha256) == b"brief"


def test_every_flipped_byte_is_noticed_on_every_way_of_reading(vault: Vault) -> None:
    """300 runs: one changed byte in a blob of 5,000, seeded."""
    data = random.Random(1).randbytes(5_000)
    sha256 = put(vault, data)
    chance = random.Random(2)
    for _ in range(300):
        at, by = chance.randrange(len(data)), chance.randint(1, 255)
        broken = bytearray(data)
        broken[at] ^= by
        swap(vault, sha256, bytes(broken))
        for read in (vault.read_verified, vault.open_verified, vault.open):
            with pytest.raises(StoreDamaged) as caught:
                read(sha256)
            assert caught.value.place == sha256
        (finding,) = vault.verify([(sha256, len(data))], Silent())
        assert (finding.code, finding.place, finding.severity) == (
            "kluis.veranderd",
            sha256,
            Severity.FOUT,
        )
    swap(vault, sha256, data)
    assert vault.read_verified(sha256) == data


def test_verifying_names_all_that_differs(vault: Vault) -> None:
    kept, gone, cut, changed, linked, surplus = (put(vault, bytes([i]) * 9) for i in range(6))
    vault.path(gone).unlink()
    swap(vault, cut, b"\x02" * 8)
    swap(vault, changed, b"\x09" * 9)
    target = vault.path(linked)
    target.rename(vault.root / "elders")
    target.symlink_to(vault.root / "elders")
    stray = vault.root / "sha256" / "notitie.txt"
    stray.write_text("hoort hier niet")
    expected = [(name, 9) for name in (kept, gone, cut, changed, linked)]
    found = {(f.code, f.place) for f in vault.verify([*expected, ("../../etc", 1)], Silent())}
    assert found == {
        ("kluis.mist", gone),
        ("kluis.omvang", cut),
        ("kluis.veranderd", changed),
        ("kluis.veranderd", linked),
        ("kluis.koppeling", linked),
        ("kluis.te_veel", surplus),
        ("kluis.te_veel", "notitie.txt"),
        ("kluis.mist", "../../etc"),
    }


def test_verifying_can_be_stopped(vault: Vault) -> None:
    class Stop(Silent):
        def cancelled(self) -> bool:
            return True

    sha256 = put(vault, b"brief")
    with pytest.raises(Cancelled):
        list(vault.verify([(sha256, 5)], Stop()))


@pytest.mark.parametrize("name", ["../../../etc/passwd", "A" * 64, "a" * 63, "", "a" * 64 + "\n"])
def test_a_name_that_is_no_hash_reaches_no_file(vault: Vault, name: str) -> None:
    for read in (vault.path, vault.read_verified, vault.open_verified):
        with pytest.raises(StoreDamaged):
            read(name)
    with pytest.raises(StoreDamaged):
        vault.slice(name, 0, 1)


def test_a_missing_blob_is_named(vault: Vault) -> None:
    for read in (vault.path, vault.read_verified, vault.open_verified):
        with pytest.raises(StoreDamaged) as caught:
            read("a" * 64)
        assert (caught.value.code, caught.value.place) == ("kluis_mist", "a" * 64)


def test_a_slice_past_the_end_is_damage(vault: Vault) -> None:
    sha256 = put(vault, b"brief")
    with pytest.raises(StoreDamaged):
        vault.slice(sha256, 0, 6)


def test_links_are_never_followed(vault: Vault, tmp_path: Path) -> None:
    sha256 = put(vault, b"brief")
    folder = vault.path(sha256).parent
    folder.rename(tmp_path / "elders")
    folder.symlink_to(tmp_path / "elders", target_is_directory=True)
    with pytest.raises(StoreDamaged):
        vault.read_verified(sha256)
    with vault.batch() as batch, pytest.raises(StoreDamaged):
        batch.add(io.BytesIO(b"brief"))
    elsewhere = tmp_path / "kluis2"
    elsewhere.mkdir()
    (elsewhere / "sha256").symlink_to(tmp_path / "elders", target_is_directory=True)
    with pytest.raises(StoreRefused):
        Vault(elsewhere)


def test_pipes_and_folders_are_no_files(vault: Vault, tmp_path: Path) -> None:
    pipe = tmp_path / "pijp"
    os.mkfifo(pipe)
    with vault.batch() as batch:
        with pytest.raises(InputRefused):
            batch.add(pipe)
        with pytest.raises((InputRefused, OSError)):
            batch.add(tmp_path)
        with pytest.raises(FileNotFoundError):
            batch.add(tmp_path / "weg")
        kept = batch.add(io.BytesIO(b"brief"))
        batch.commit()
    assert names(vault) == [kept.sha256]


def test_a_source_that_fails_halfway_leaves_the_rest_of_the_batch(vault: Vault) -> None:
    class Broken(io.RawIOBase):
        def __init__(self) -> None:
            self._pieces = iter([b"half"])

        def read(self, _: int = -1) -> bytes:
            try:
                return next(self._pieces)
            except StopIteration:
                raise OSError(5, "network gone") from None

    with vault.batch() as batch:
        kept = batch.add(io.BytesIO(b"heel"))
        with pytest.raises(OSError, match="network gone"):
            batch.add(Broken())  # type: ignore[arg-type]
        assert len(temporary(vault)) == 1
        batch.commit()
    assert names(vault) == [kept.sha256]


# --- at start-up ---------------------------------------------------------------------------------


def test_sweeping_removes_what_was_being_written_and_sets_orphans_aside(vault: Vault) -> None:
    known, orphan = put(vault, b"bekend"), put(vault, b"wees")
    (vault.root / "tmp" / "half").write_bytes(b"half")
    stray = vault.root / "sha256" / "notitie.txt"
    stray.write_text("hoort hier niet")
    swept = vault.sweep({known}.__contains__)
    assert (swept.temporary, swept.orphans, swept.restored) == (1, 1, 0)
    assert temporary(vault) == []
    assert (vault.root / "wees" / orphan).read_bytes() == b"wees"  # never thrown away
    assert names(vault) == sorted([known, "notitie.txt"])  # for `verify` to name
    again = vault.sweep({known}.__contains__)
    assert (again.temporary, again.orphans, again.restored) == (0, 0, 0)


def test_an_orphan_that_a_row_knows_again_comes_back(vault: Vault) -> None:
    sha256, wrong = put(vault, b"bekend"), put(vault, b"anders")
    vault.sweep(lambda _: False)
    aside = vault.root / "wees" / wrong
    aside.chmod(0o644)
    aside.write_bytes(b"ANDERS")
    assert vault.sweep({sha256, wrong}.__contains__).restored == 1
    assert vault.read_verified(sha256) == b"bekend"
    assert names(vault) == [sha256]  # bytes that are not right stay aside


def test_an_orphan_of_a_crash_is_taken_in_again(vault: Vault) -> None:
    sha256 = put(vault, b"brief")
    vault.sweep(lambda _: False)
    assert put(vault, b"brief") == sha256
    assert vault.read_verified(sha256) == b"brief"
    vault.sweep({sha256}.__contains__)
    assert vault.read_verified(sha256) == b"brief"


# --- order of durability -------------------------------------------------------------------------


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What is asked of the disk, in order."""
    made: list[tuple[str, str]] = []
    for name in ("flush_file", "name_once", "flush_folder"):
        real = getattr(disk, name)

        def note(*paths: Path, name: str = name, real: object = real) -> None:
            made.append((name, paths[-1].name))
            assert callable(real)
            real(*paths)

        monkeypatch.setattr(disk, name, note)
    return made


def test_files_are_durable_before_names_and_names_before_the_end(
    vault: Vault, calls: list[tuple[str, str]]
) -> None:
    with vault.batch() as batch:
        for number in range(5):
            batch.add(io.BytesIO(bytes([number])))
        assert calls == []  # one pass per batch, not one per message
        batch.commit()
    order = [name for name, _ in calls]
    files, links = order.count("flush_file"), order.count("name_once")
    assert (files, links) == (5, 5)
    assert order == sorted(order, key=["flush_file", "name_once", "flush_folder"].index)
    flushed = {folder for name, folder in calls if name == "flush_folder"}
    assert {"sha256", "kluis"} <= flushed
    assert {n[:2] for n in names(vault)} <= flushed


def test_flushing_reaches_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda fd: (synced.append(os.fstat(fd).st_ino), real(fd))[1])
    (tmp_path / "a").write_bytes(b"a")
    disk.flush_file(tmp_path / "a")
    disk.flush_folder(tmp_path)
    assert synced == [(tmp_path / "a").stat().st_ino, tmp_path.stat().st_ino]


def test_two_batches_at_once_keep_both(vault: Vault) -> None:
    def add(start: int) -> None:
        for number in range(start, start + 20):
            put(vault, number.to_bytes(2, "big"))

    threads = [threading.Thread(target=add, args=(start,)) for start in (0, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert names(vault) == sorted(
        hashlib.sha256(n.to_bytes(2, "big")).hexdigest() for n in range(30)
    )
    assert temporary(vault) == []


def test_a_copy_is_watched_and_can_be_stopped_between_two_pieces(
    vault: Vault, tmp_path: Path
) -> None:
    source = tmp_path / "groot"
    source.write_bytes(random.Random(1).randbytes(5 * PIECE + 9))
    done: list[int] = []

    def stop(so_far: int) -> None:
        done.append(so_far)
        if so_far >= 3 * PIECE:
            raise Cancelled

    with vault.batch() as batch:
        kept = batch.add(io.BytesIO(b"brief"))
        with pytest.raises(Cancelled):
            batch.add(source, stop)
        assert len(temporary(vault)) == 1, "nothing of the half copy"
        batch.commit()
    assert done == [PIECE, 2 * PIECE, 3 * PIECE]
    assert names(vault) == [kept.sha256]
    done.clear()
    with vault.batch() as batch:
        whole = batch.add(source, done.append)
        batch.commit()
    assert done == [*(n * PIECE for n in range(1, 6)), 5 * PIECE + 9]
    assert vault.read_verified(whole.sha256) == source.read_bytes()


def test_what_the_vault_holds_is_hashed_again_and_not_copied(vault: Vault) -> None:
    data = random.Random(2).randbytes(2 * PIECE)
    sha256 = put(vault, data)
    done: list[int] = []
    with vault.batch() as batch:
        assert batch.holds(sha256, len(data), done.append)
        assert temporary(vault) == []
        assert not batch.holds("0" * 64, len(data))
        batch.commit()
    assert done == [PIECE, 2 * PIECE]
    swap(vault, sha256, data[:-1] + b"x")
    with vault.batch() as batch, pytest.raises(StoreDamaged):
        batch.holds(sha256, len(data))
    with vault.batch() as batch, pytest.raises(Cancelled):
        batch.holds(sha256, len(data), cancel)


def cancel(so_far: int) -> None:
    raise Cancelled
