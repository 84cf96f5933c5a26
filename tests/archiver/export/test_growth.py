"""Making and checking a package holds one object at a time: a larger mailbox costs no memory."""

from __future__ import annotations

import gc
import hashlib
import io
import multiprocessing
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from archiver.errors import Cancelled
from archiver.export import mdto, package_hash, sidecar
from archiver.export.check import check
from archiver.export.compose import PackageItem, compose
from archiver.export.delivery import open_delivery
from archiver.export.ledger import delivered
from archiver.export.plan import Plan
from archiver.export.scratch import Scratch
from archiver.model import Attachment, Item, Source
from archiver.progress import Silent
from metadata.mdto import IdentificatieGegevens, Informatieobject, VerwijzingGegevens
from metadata.xml import to_xml
from tests.archiver.export.test_describe import CONTEXT, MAIL, SOURCE, item

FEW, MANY = 60, 240
MORE = 1_000  # bytes of memory that one more message may cost; it was 24,000 and 9,000
DELIVERY = "01a21638-0000-7000-8000-0000000000aa"


def hold_less(change: Callable[[object, str, int], None]) -> None:
    """What is held at once is less than a mailbox of the test."""
    change(sidecar, "BATCH", 20)
    change(sidecar, "WIDE", 8_000)
    change(package_hash, "RUN", 100)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    hold_less(monkeypatch.setattr)


def mail(number: int) -> tuple[Item, bytes, Source]:
    raw = f"Bericht {number}\n".encode() * 40
    part = b"bijlage" * 9
    attachment = Attachment("plan.txt", "text/plain", len(part), digest(part), "2")
    record = replace(
        MAIL,
        message_id=f"<{number}@x>",
        references=(f"<{number - 1}@x>",),
        sha256=digest(raw),
        size=len(raw),
        attachments=(attachment,),
    )
    made = replace(
        item(record, id=f"01a21638-0000-7000-8000-{number:012d}"), sha256=digest(raw), index=number
    )
    return made, raw, SOURCE


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def given(number: int) -> PackageItem:
    made, raw, source = mail(number)
    return PackageItem(
        made,
        source,
        original=lambda: io.BytesIO(raw),
        original_size=len(raw),
        part=lambda _: lambda: io.BytesIO(b"bijlage" * 9),
        container=lambda: io.BytesIO(b"postbus"),
        siblings=10**6,  # the file itself stays behind
    )


def write(count: int, target: Path, progress: Silent | None = None) -> mdto.Written:
    with Scratch() as scratch:
        plan = Plan(scratch, CONTEXT)
        for number in range(count):
            made, _, source = mail(number)
            plan.add(made, source, 10**6)
        plan.settle()
        order = compose(plan, given, DELIVERY, "Proef")
        return mdto.write(order, target, progress or Silent())


def root() -> Informatieobject:
    with Scratch() as scratch:
        plan = Plan(scratch, CONTEXT)
        made, _, source = mail(0)
        plan.add(made, source, 10**6)
        plan.settle()
        return compose(plan, given, DELIVERY, "Proef").root.informatieobject


def peak(work: Callable[[], object]) -> int:
    """Give the most bytes that are held at once, in the leaner of two runs.

    In one of them the table of strings that Python shares (`sys.intern`, by pathlib) may be made anew.
    Circles of references, such as the JSON library makes for every document, are cleared up at once: how
    long they wait otherwise depends on what the program did before.
    """
    return min(_peak(work), _peak(work))


def _peak(work: Callable[[], object]) -> int:
    gc.collect()
    gc.set_threshold(20, 1, 1)
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def peaks(folder: Path) -> dict[str, tuple[int, int]]:
    """Give per work the bytes held at once for few and for many messages; run in a process of its own."""
    hold_less(setattr)
    made = {count: write(count, folder / f"warm-{count}") for count in (FEW, MANY)}
    check(made[FEW].folder, Silent())  # schema and lists are loaded once
    again: list[mdto.Written] = []
    works: dict[str, Callable[[int], object]] = {
        "make": lambda count: again.append(write(count, folder / f"pakket-{len(again)}")),
        "check": lambda count: check(made[count].folder, Silent()),
        "count": lambda count: delivered(open_delivery(made[count].folder), Silent()),
    }
    try:
        return {
            name: (peak(lambda w=work: w(FEW)), peak(lambda w=work: w(MANY)))  # type: ignore[misc]
            for name, work in works.items()
        }
    finally:
        for written in (*made.values(), *again):
            mdto.discard(written)


def test_four_times_the_messages_cost_the_same_memory(tmp_path: Path) -> None:
    # Not in this process: threads and caches that other tests left behind would be counted too.
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as alone:
        measured = alone.submit(peaks, tmp_path).result()
    for name, (few, many) in measured.items():
        assert (many - few) / (MANY - FEW) < MORE, (name, few, many)


def test_a_wide_package_is_sound_and_each_missing_part_is_found(tmp_path: Path) -> None:
    written = write(FEW, tmp_path / "pakket")
    try:
        assert check(written.folder, Silent()).findings == ()
        dossier = next(written.folder.glob("*/D-0001*"))
        wide = dossier / f"{dossier.name}.mdto.xml"
        assert wide.stat().st_size > sidecar.WIDE
        text = wide.read_text("utf-8")
        kept = text.replace("000000000031<", "00000000dead<", 1)
        assert kept != text
        wide.write_text(kept, "utf-8")
        found = {
            (f.code, f.place.rpartition("/")[2]) for f in check(written.folder, Silent()).findings
        }
        assert ("pakket.bevat_mist", wide.name) in found
        assert ("pakket.bevat_vreemd", wide.name) in found
        wide.write_text(
            text.replace("<naam>", "<naam>\u202e", 1).replace("bevatOnderdeel>", "x>", 2), "utf-8"
        )
        assert "xml.schema" in {f.code for f in check(written.folder, Silent()).findings}
    finally:
        mdto.discard(written)


@pytest.mark.parametrize("count", [0, 1, 19, 20, 21, 40, 65])
def test_a_sidecar_in_pieces_has_the_bytes_of_the_whole(tmp_path: Path, count: int) -> None:
    below = tuple(
        VerwijzingGegevens(f"<bevatOnderdeel> & {n}", IdentificatieGegevens(f"urn:{n}", "bron"))
        for n in range(count)
    )
    obj = root()
    whole = to_xml(replace(obj, bevatOnderdeel=below))
    assert b"".join(sidecar.pieces(obj, below)) == whole
    path = tmp_path / "a.mdto.xml"
    path.write_bytes(whole)
    taken: list[VerwijzingGegevens] = []
    read = sidecar.read_wide(path, taken.extend)
    assert read is not None
    assert (read.obj, tuple(taken), read.sha256) == (obj, below, digest(whole))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"<!DOCTYPE x>" + data[data.index(b"<MDTO") :],
        lambda data: data.replace(b"<bevatOnderdeel>", b"<bevat>", 1),
        lambda data: data.replace(b"<verwijzingNaam>x", b"<verwijzingNaam> x", 1),
        lambda data: data[:-20],
        lambda data: data[:-8],
        lambda data: data.replace(b"  </informatieobject>", b"<x/></informatieobject>"),
    ],
)
def test_what_is_not_plain_is_left_to_who_reads_it_whole(
    tmp_path: Path, spoil: Callable[[bytes], bytes]
) -> None:
    below = tuple(
        VerwijzingGegevens(f"x{n}", IdentificatieGegevens(f"urn:{n}", "bron")) for n in range(45)
    )
    obj = root()
    data = to_xml(replace(obj, bevatOnderdeel=below))
    assert spoil(data) != data
    path = tmp_path / "a.mdto.xml"
    path.write_bytes(spoil(data))
    assert sidecar.read_wide(path, lambda some: None) is None


def test_it_stops_between_any_two_objects(tmp_path: Path) -> None:
    class Stop(Silent):
        def __init__(self, after: int) -> None:
            self.left = after

        def cancelled(self) -> bool:
            self.left -= 1
            return self.left < 0

    for after in range(0, 120, 7):
        with pytest.raises(Cancelled):
            write(30, tmp_path / "pakket", Stop(after))
        assert list(tmp_path.iterdir()) == []


def test_equal_runs_give_equal_bytes_and_the_files_that_were_promised(tmp_path: Path) -> None:
    class Seen(Silent):
        steps: list[tuple[int, int | None]]

        def __init__(self) -> None:
            self.steps = []

        def step(self, done: int, total: int | None, what: str) -> None:
            self.steps.append((done, total))

    seen = Seen()
    one, two = write(FEW, tmp_path / "een", seen), write(FEW, tmp_path / "twee")
    try:
        assert one.counts == two.counts
        assert seen.steps == [(n, one.counts.bestanden) for n in range(one.counts.bestanden)]
        lines = sorted(
            f"{digest(p.read_bytes())}  {p.relative_to(one.folder).as_posix().partition('/')[2]}\n"
            for p in one.folder.rglob("*/*")
            if p.is_file()
        )
        assert digest("".join(lines).encode()) == one.counts.package_hash
    finally:
        mdto.discard(one)
        mdto.discard(two)
