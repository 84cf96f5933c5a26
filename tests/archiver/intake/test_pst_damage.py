from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.errors import InputRefused
from archiver.intake import pst
from archiver.intake.protocol import Limits, ParseContext
from archiver.ledger import count
from archiver.model import EmailMessage, Unreadable
from tests.helpers.pst_maker import FORMS, File, Mail, StoreMaker
from tests.helpers.pst_stores import codes, mails, records, store


def test_remains_of_deleted_items_are_counted(tmp_path: Path) -> None:
    path = store(tmp_path)
    older = path.read_bytes()
    pages = _pages(older, 0x81)
    (leaf,) = [older[at : at + 512] for at in pages]
    nid = 0x12345 << 5 | 4
    body = bytearray(leaf)
    body[0:8] = nid.to_bytes(8, "little")
    path.write_bytes(older.ljust(-(-len(older) // 512) * 512, b"\0") + _resealed(bytes(body)))
    findings = {f.code: f.params for f in pst.remarks(path, ParseContext())}
    assert findings["pst.resten"] == {"n": 1}
    assert len(records(path)) == 1


@pytest.mark.parametrize("kind", [0x80, 0x81])
@pytest.mark.parametrize("form", ["ansi", "unicode", "4k"])
def test_a_store_with_a_broken_root_page_is_searched(tmp_path: Path, form: str, kind: int) -> None:
    more = {f"m{n}": Mail(f"bericht {n}", plain="x" * n) for n in range(180)}
    path = store(tmp_path, form, **more)
    whole = [m.subject for m in mails(path)]
    data = bytearray(path.read_bytes())
    size = FORMS[form].page
    root = int.from_bytes(data[_root_field(form, kind) : _root_field(form, kind) + 4], "little")
    assert data[root + (4061 if size == 4096 else 499 if form == "ansi" else 491)] > 0
    data[root : root + size] = bytes(size)
    path.write_bytes(data)
    found = mails(path)
    assert [m.subject for m in found] == whole
    if kind == 0x81:
        assert "pst.index_hersteld" in [f.code for f in pst.remarks(path, ParseContext())]


def test_a_broken_page_in_the_middle_of_a_tree_loses_nothing_below_it(tmp_path: Path) -> None:
    path = store(tmp_path, **{f"m{n}": Mail(str(n)) for n in range(400)})
    whole = {m.place for m in mails(path)}
    data = bytearray(path.read_bytes())
    root = int.from_bytes(data[224:232], "little")
    assert data[root + 491] == 2
    broken = int.from_bytes(data[root + 16 + 24 : root + 24 + 24], "little")  # the second branch
    data[broken : broken + 512] = bytes(512)
    path.write_bytes(data)
    found = mails(path)
    assert len(found) == len(whole)
    assert {m.place for m in found} == whole


@pytest.mark.parametrize("leaf", [0, 1])
@pytest.mark.parametrize("key", [0x3A24, 0x7FFFF4, 0x200024])
def test_an_item_with_a_damaged_number_can_be_opened_again(
    tmp_path: Path, leaf: int, key: int
) -> None:
    """Found by fuzzing: it was listed, and a search by its number came out elsewhere."""
    path = store(tmp_path, **{f"m{n}": Mail(f"bericht {n}") for n in range(40)})
    data = bytearray(path.read_bytes())
    leaves = [at for at in _pages(data, 0x81) if data[at + 491] == 0]
    numbers = [at + n * 32 for at in leaves for n in range(data[at + 488])]
    messages = [at for at in numbers if data[at] & 0x1F == 4]
    where = messages[3] if leaf == 0 else messages[-3]
    data[where : where + 8] = key.to_bytes(8, "little")
    path.write_bytes(data)
    found = mails(path)
    assert len(found) >= len(messages) - 1
    for mail in found:
        again = pst.message_bytes(path, str(mail.place))
        assert hashlib.sha256(again).hexdigest() == mail.sha256


def test_a_broken_block_is_said_and_the_rest_is_read(tmp_path: Path) -> None:
    path = store(tmp_path, a=Mail("een", files=[File("x.bin", b"merkteken" * 100)]), b=Mail("twee"))
    data = bytearray(path.read_bytes())
    from archiver.intake import pst_cipher

    at = data.find(pst_cipher.encode(b"merkteken" * 3, 1, 0))
    data[at] ^= 0xFF
    path.write_bytes(data)
    outer, broken, last = mails(path)
    (said,) = [one for one in broken.findings if one.code == "pst.controlegetal"]
    assert said.params == {"n": 1}
    assert "pst.controlegetal" not in codes(outer)
    assert last.subject == "twee"


def test_a_missing_block_costs_its_attachment_only(tmp_path: Path) -> None:
    path = store(tmp_path, a=Mail("een", plain="ja", files=[File("x.bin", b"y" * 5000)]))
    data = path.read_bytes()
    # Take the block of the attachment out of the block tree: its identifier becomes another.
    for leaf in _pages(data, 0x80):
        page = bytearray(data[leaf : leaf + 512])
        for at in range(0, 24 * page[488], 24):
            if page[491] == 0 and int.from_bytes(page[at + 16 : at + 18], "little") == 5000:
                page[at] ^= 0x80
        data = data[:leaf] + _resealed(bytes(page)) + data[leaf + 512 :]
    path.write_bytes(data)
    found = mails(path)[1]
    assert found.subject == "een"
    (attachment,) = found.attachments
    assert attachment.size == 0
    assert "pst.bijlage_stuk" in codes(found)


def test_no_store_and_a_store_that_only_windows_can_open(tmp_path: Path) -> None:
    short = tmp_path / "kort.pst"
    short.write_bytes(b"!BDN" + bytes(20))
    (refused,) = records(short)
    assert isinstance(refused, Unreadable)
    assert codes(refused) == ["pst.geen_postvak"]
    locked = store(tmp_path)
    data = bytearray(locked.read_bytes())
    data[513] = 0x10
    locked.write_bytes(data)
    (refused,) = records(locked)
    assert isinstance(refused, Unreadable)
    assert codes(refused) == ["pst.versleuteld"]


def test_an_item_beyond_the_limits_is_refused_and_the_next_is_read(tmp_path: Path) -> None:
    path = store(tmp_path, a=Mail("groot", files=[File("x", b"z" * 300_000)]), b=Mail("klein"))
    for limits in (Limits(message_bytes=200_000), Limits(memory_bytes=800_000)):
        found = records(path, limits)
        assert [type(r) for r in found] == [EmailMessage, Unreadable, EmailMessage]
        assert codes(found[1]) == ["pst.deel_te_groot"]  # type: ignore[arg-type]


def test_items_in_items_stop_at_the_depth_limit(tmp_path: Path) -> None:
    deep = Mail("bodem")
    for level in range(12):
        deep = Mail(f"laag {level}", files=[File("in", item=deep)])
    found = mails(store(tmp_path, a=deep), Limits(depth=5))[1]
    assert count(found).attached_messages == 4
    assert "mail.te_diep" in _all_codes(found)


def test_a_tree_that_points_at_itself_ends(tmp_path: Path) -> None:
    path = store(tmp_path, **{f"m{n}": Mail(str(n)) for n in range(60)})
    data = bytearray(path.read_bytes())
    root = int.from_bytes(data[224:232], "little")
    page = bytearray(data[root : root + 512])
    for at in range(16, 24 * page[488], 24):
        page[at : at + 8] = root.to_bytes(8, "little")
    data[root : root + 512] = _resealed(bytes(page))
    path.write_bytes(data)
    assert len(records(path)) < 200


def test_a_leaf_that_is_pointed_at_twice_gives_its_items_once(tmp_path: Path) -> None:
    path = store(tmp_path, **{f"m{n}": Mail(str(n)) for n in range(60)})
    data = bytearray(path.read_bytes())
    root = int.from_bytes(data[224:232], "little")
    page = bytearray(data[root : root + 512])
    assert page[491] == 1
    last = 24 * (page[488] - 1)
    for at in range(0, last, 24):
        page[at + 16 : at + 24] = page[last + 16 : last + 24]
    data[root : root + 512] = _resealed(bytes(page))
    path.write_bytes(data)
    places = [r.place for r in records(path) if isinstance(r, EmailMessage)]
    assert len(places) == len(set(places)) > 0


def test_a_list_of_a_million_crumbs_costs_its_item_only(tmp_path: Path) -> None:
    path = tmp_path / "x.pst"
    with path.open("w+b") as stream:
        maker = StoreMaker(stream)
        top = maker.folder(0x401, "Boven")
        crumb = maker.data(b"x")
        inner = maker._joined([crumb] * 1_000, b"x" * 1_000)
        whole = maker._joined([inner] * 1_000, b"x" * 1_000_000)
        maker.add(top, Mail("kruimels", files=[File("f", item=Mail("in"))]))
        maker.nodes.append((0x20000 << 5 | 4, whole, 0, top))
        maker.add(top, Mail("heel"))
        maker.finish()
    start = time.process_time()
    found = records(path)
    assert time.process_time() - start < 5
    assert [type(r) for r in found] == [EmailMessage, EmailMessage, Unreadable]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("pst")
    found = {}
    for form in FORMS:
        at = folder / form
        at.mkdir()
        found[form] = store(at, form, a=Mail("een"), b=Mail("twee", plain="x" * 300)).read_bytes()
    return found


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_mutation_crashes_the_reader(
    tmp_path: Path, small: dict[str, bytes], data: st.DataObject
) -> None:
    form = data.draw(st.sampled_from(list(FORMS)))
    raw = bytearray(small[form])
    used = [at for at in range(0, len(raw), 64) if any(raw[at : at + 64])]
    for _ in range(data.draw(st.integers(1, 12))):
        at = data.draw(st.sampled_from(used)) + data.draw(st.integers(0, 63))
        raw[min(at, len(raw) - 1)] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del raw[data.draw(st.integers(0, len(raw))) :]
    path = tmp_path / "stuk.pst"
    path.write_bytes(raw)
    limits = Limits(message_bytes=20_000_000)
    found = list(pst.parse(path, ParseContext(limits)))
    pst.remarks(path, ParseContext(limits))
    for record in found:
        count(record)


def test_properties_of_any_heap_never_crash(small: dict[str, bytes]) -> None:
    from archiver.intake.pst_heap import Properties, table_rows
    from archiver.intake.pst_store import Node, Store

    opened = Store(io.BytesIO(small["unicode"]))
    reached = 0
    for bid in range(0, 400, 4):
        for read in _readers(Properties, table_rows):
            try:
                read(opened, Node(bid, bid, 0))
                reached += 1
            except InputRefused:
                continue
    assert reached > 5


def _readers(properties: type, rows: Callable[..., object]) -> list[Callable[..., object]]:
    return [properties.of, lambda store, node: list(rows(store, node, range(65_536), "cp1252"))]  # type: ignore[attr-defined, call-overload]


def _all_codes(mail: EmailMessage) -> set[str]:
    found = {f.code for f in mail.findings}
    for attachment in mail.attachments:
        if attachment.message is not None:
            found |= _all_codes(attachment.message)
    return found


def _pages(data: bytes, kind: int) -> list[int]:
    marks = (at for at in range(0, len(data) - 511, 512))
    return [at for at in marks if data[at + 496 : at + 498] == bytes([kind, kind])]


def _resealed(page: bytes) -> bytes:
    import zlib

    crc = zlib.crc32(page[:496], 0xFFFFFFFF) ^ 0xFFFFFFFF
    return page[:500] + crc.to_bytes(4, "little") + page[504:]


def _root_field(form: str, kind: int) -> int:
    if form == "ansi":
        return 188 if kind == 0x81 else 196
    return 224 if kind == 0x81 else 240
