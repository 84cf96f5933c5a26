"""A full disk, before and during: it is said, nothing is half done, and with room again it goes on.

Runs: each of some 50 steps on disk of one take-in fails in turn (no room; a fifth of them also as a
quota, as a file that is too large, as a broken disk and as one that became read-only), 20 fill levels
of the register, and 24 fill levels of a real small disk where the system lets us mount one.
"""

from __future__ import annotations

import contextlib
import errno
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from archiver import bootstrap
from archiver.bootstrap import open_archive
from archiver.errors import DiskFull, StoreRefused
from archiver.intake.pool import Event, read_inline
from archiver.intake.protocol import ParseContext
from archiver.model import SourceStatus
from archiver.progress import Progress, Silent
from archiver.services import intake
from archiver.services.archive import Archive
from archiver.services.intake import TakeIn, take_in
from archiver.services.verify import verify
from archiver.store import items, sources
from archiver.store.trail import Trail
from archiver.vault import disk
from archiver.vault.vault import Vault
from tests.robustness import mails

MAILS = 5
LEVELS = 24


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small groups, mails read in this process, and no margin unless a test sets one."""

    def inline(
        paths: Iterable[Path], context: ParseContext, progress: Progress, **_: object
    ) -> Iterator[Event]:
        for path in paths:
            yield from read_inline(path, context)

    monkeypatch.setattr(intake, "read_sources", inline)
    monkeypatch.setattr(intake, "GROUP_SOURCES", 2)
    monkeypatch.setattr(bootstrap, "Vault", partial(Vault, margin=0))


def opened(werkmap: Path) -> Archive:
    return open_archive(werkmap, actor="zoe", origin="proef")


def stopped_by(archive: Archive, command: TakeIn) -> str:
    """Take in and give the code of the disk error that stopped it; empty when nothing did."""
    try:
        take_in(archive, command, Silent())
    except (DiskFull, StoreRefused) as error:
        return error.code
    return ""


def check(archive: Archive, wanted: dict[str, bytes], *, all_in: bool) -> int:
    """Nothing half-done: what is in the register is whole. Gives how many sources that are."""
    report = verify(archive, Silent())
    # Bytes of a group whose row did not fit are no error; the next start sets them aside.
    assert [f for f in report.findings if f.code != "kluis.te_veel"] == []
    assert list((archive.werkmap / "kluis" / "tmp").iterdir()) == []
    with archive.register.read() as tx:
        found = [s for s in sources.all(tx) if s.status is SourceStatus.OPGENOMEN]
        for source in found:
            assert archive.vault.read_verified(source.sha256) == wanted[source.sha256]
            assert len(items.ids(tx, source_id=source.id)) == 1
    shas = {s.sha256 for s in found}
    assert len(shas) == len(found)
    if all_in:
        assert shas == wanted.keys()
    return len(found)


def test_no_room_before_the_first_write(quick_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = mails.drop(quick_path / "drop", 1, MAILS)
    monkeypatch.setattr(bootstrap, "Vault", partial(Vault, margin=1 << 60))
    archive = opened(quick_path / "werkmap")
    with pytest.raises(DiskFull) as caught:
        take_in(archive, TakeIn((quick_path / "drop",)), Silent())
    assert caught.value.code == "schijf_vol"
    assert str(caught.value.params["ruimte"]).endswith(" MB")
    assert check(archive, wanted, all_in=False) == 0
    assert list((quick_path / "werkmap" / "kluis" / "sha256").iterdir()) == []
    archive.close()


@pytest.mark.parametrize(
    ("number", "every"),
    [(errno.ENOSPC, 1), (errno.EDQUOT, 5), (errno.EFBIG, 5), (errno.EIO, 5), (errno.EROFS, 5)],
)
def test_every_write_fails_in_turn(
    quick_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, every: int
) -> None:
    """Some 50 runs: each write, flush and name of one take-in fails once; two more errors in some."""
    wanted = mails.drop(quick_path / "drop", 2, MAILS)
    command = TakeIn((quick_path / "drop",))
    failing = 0
    while True:
        archive = opened(quick_path / f"werkmap-{failing}")
        with monkeypatch.context() as patch:
            reached = fail_at(patch, failing, number)
            code = stopped_by(archive, command)
        if reached() in ("", "confirm"):  # past the last step, or after the commit
            assert code == ""
        else:
            assert code in ("schijf_vol", "bestand_past_niet_op_schijf", "kluis_schijffout")
        check(archive, wanted, all_in=not reached())
        take_in(archive, command, Silent())  # there is room again
        check(archive, wanted, all_in=True)
        archive.close()
        if not reached():
            break
        failing += every
    assert failing >= 30


def fail_at(patch: pytest.MonkeyPatch, at: int, number: int) -> Callable[[], str]:
    """Let the n-th step on disk fail, halfway when it is a write; tells which one it was."""
    steps = iter(range(1_000_000))
    hit: list[str] = []

    def failing(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def act(*given: Any) -> Any:
            if next(steps) == at:
                hit.append(name)
                if name == "write_all":
                    real(given[0], given[1][: len(given[1]) // 2])
                raise OSError(number, "no room")
            return real(*given)

        return act

    for name in ("create", "write_all", "flush_file", "name_once", "flush_folder"):
        patch.setattr(disk, name, failing(name, getattr(disk, name)))
    real_append = Trail._append

    def append(self: Trail, line: str, *, durable: bool) -> None:
        if next(steps) == at:
            hit.append("intend" if durable else "confirm")
            raise DiskFull("schijf_vol", {"ruimte": "1 MB"})
        real_append(self, line, durable=durable)

    patch.setattr(Trail, "_append", append)
    return lambda: hit[0] if hit else ""


def test_the_register_has_no_room(quick_path: Path) -> None:
    """20 fill levels: SQLite itself says that the file may not grow."""
    wanted = mails.drop(quick_path / "drop", 3, 12)
    command = TakeIn((quick_path / "drop",))
    refused = 0
    for spare in range(20):
        archive = opened(quick_path / f"werkmap-{spare}")
        limit_pages(archive, spare)
        if code := stopped_by(archive, command):
            assert code == "schijf_vol"
            refused += 1
            limit_pages(archive, 1_000_000)
            check(archive, wanted, all_in=False)
            take_in(archive, command, Silent())
        check(archive, wanted, all_in=True)
        archive.close()
    assert 4 <= refused < 20, refused  # the lowest levels stop it, the highest do not


def limit_pages(archive: Archive, spare: int) -> None:
    with archive.register.read() as tx:
        used = tx.connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        tx.connection.exec_driver_sql(f"PRAGMA max_page_count = {used + spare}")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "schijf"
    place.mkdir()
    if sys.platform != "linux" or mount("-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)):
        pytest.skip("*** NO REAL FULL DISK: this system does not let us mount a small one ***")
    yield place
    assert subprocess.run(["umount", str(place)], check=False).returncode == 0


def mount(*given: str) -> int:
    try:
        return subprocess.run(["mount", *given], check=False, capture_output=True).returncode
    except FileNotFoundError:
        return 1


def test_a_real_disk_fills_up(tmp_path: Path, small_disk: Path) -> None:
    """24 levels of free space on a disk of 3 MB, from nearly none to just enough."""
    wanted = mails.drop(tmp_path / "drop", 4, 30)
    command = TakeIn((tmp_path / "drop",))
    before = during = 0
    for level in range(LEVELS):
        werkmap = small_disk / f"werkmap-{level}"
        archive = opened(werkmap)
        fill(small_disk / "ballast", leave=level * 40_000)
        if stopped_by(archive, command):
            (small_disk / "ballast").unlink()
            in_register = check(archive, wanted, all_in=False)
            during += in_register > 0
            before += in_register == 0
            take_in(archive, command, Silent())
        check(archive, wanted, all_in=True)
        archive.close()
        (small_disk / "ballast").unlink(missing_ok=True)
        remove(werkmap)
    assert before >= 1
    assert during >= 3, (before, during)


def test_a_full_disk_can_still_be_read(tmp_path: Path, small_disk: Path) -> None:
    wanted = mails.drop(tmp_path / "drop", 5, MAILS)
    archive = opened(small_disk / "werkmap")
    take_in(archive, TakeIn((tmp_path / "drop",)), Silent())
    fill(small_disk / "ballast", leave=0)
    check(archive, wanted, all_in=True)
    archive.close()


def fill(ballast: Path, leave: int) -> None:
    """Fill the disk until `leave` bytes are free."""
    with ballast.open("wb", buffering=0) as stream:
        with contextlib.suppress(OSError):
            while stream.write(bytes(4096)):
                pass
        stream.truncate(max(stream.tell() - leave, 0))


def remove(folder: Path) -> None:
    for place in sorted(folder.rglob("*"), reverse=True):
        place.rmdir() if place.is_dir() else place.unlink()
    folder.rmdir()
