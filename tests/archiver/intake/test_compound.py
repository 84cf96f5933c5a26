from __future__ import annotations

import io

import olefile
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.intake.compound import Entry, NotCompound, open_compound, write_compound


def stream(name: str, data: bytes) -> Entry:
    return Entry(name, size=len(data), data=data)


def storage(name: str, *children: Entry) -> Entry:
    return Entry(name, children={c.name.lower(): c for c in children})


def contents(raw: bytes) -> dict[tuple[str, ...], bytes]:
    found = open_compound(raw)
    out: dict[tuple[str, ...], bytes] = {}
    waiting = [(found.root, ())]
    while waiting:
        entry, path = waiting.pop()
        for child in (entry.children or {}).values():
            if child.children is None:
                out[(*path, child.name)] = found.read(child)
            else:
                waiting.append((child, (*path, child.name)))  # type: ignore[arg-type]
    return out


def by_olefile(raw: bytes) -> dict[tuple[str, ...], bytes]:
    with olefile.OleFileIO(io.BytesIO(raw)) as ole:
        return {tuple(path): ole.openstream(path).read() for path in ole.listdir()}


TREE = storage(
    "",
    stream("leeg", b""),
    stream("klein", b"klein"),
    stream("grens", b"g" * 4096),
    stream("net-eronder", b"n" * 4095),
    stream("groot", bytes(range(256)) * 700),
    storage("map", stream("x", b"1" * 64), storage("diep", stream("y", b"2" * 65))),
)


def test_what_is_written_reads_back_and_olefile_reads_the_same() -> None:
    raw = write_compound(TREE)
    assert contents(raw) == by_olefile(raw)
    assert contents(raw)["map", "diep", "y"] == b"2" * 65
    assert contents(raw)["leeg",] == b""


def test_the_same_tree_gives_the_same_bytes() -> None:
    assert write_compound(TREE) == write_compound(TREE)
    assert write_compound(open_with_data(write_compound(TREE))) == write_compound(TREE)


def open_with_data(raw: bytes) -> Entry:
    found = open_compound(raw)
    waiting = [found.root]
    while waiting:
        for child in (waiting.pop().children or {}).values():
            if child.children is None:
                child.data = found.read(child)
            else:
                waiting.append(child)
    return found.root


def test_a_file_with_more_tables_than_fit_in_the_header() -> None:
    raw = write_compound(storage("", stream("a", b"a" * 9_000_000), stream("b", b"b")))
    assert by_olefile(raw) == contents(raw)


@given(
    st.dictionaries(
        st.text("abcXYZ_#0123", min_size=1, max_size=31).map(str.lower),
        st.binary(max_size=9_000),
        max_size=40,
    )
)
@settings(max_examples=40, deadline=None)
def test_any_streams_come_back(streams: dict[str, bytes]) -> None:
    raw = write_compound(storage("", *(stream(n, d) for n, d in streams.items())))
    assert contents(raw) == {(n,): d for n, d in streams.items()} == by_olefile(raw)


@pytest.mark.parametrize(
    "raw", [b"", b"\xd0\xcf\x11\xe0", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), b"x" * 2000]
)
def test_what_is_no_compound_file_is_said_to_be_none(raw: bytes) -> None:
    with pytest.raises(NotCompound):
        open_compound(raw)


def test_a_cut_file_gives_what_is_left_and_says_so() -> None:
    raw = write_compound(storage("", stream("a", b"a" * 20_000), stream("b", b"b" * 20_000)))
    found = open_compound(raw[:-10_000])
    assert found.read(found.root.children["a"]) == b"a" * 20_000  # type: ignore[index]
    assert 9_000 < len(found.read(found.root.children["b"])) < 20_000  # type: ignore[index]
    assert found.damage == {"afgekapt"}


def test_a_chain_in_a_circle_ends() -> None:
    raw = bytearray(write_compound(storage("", stream("a", b"a" * 20_000))))
    # The table is the first sector; let every sector point at itself.
    for place in range(3, 40):
        raw[512 + 4 * place : 516 + 4 * place] = place.to_bytes(4, "little")
    found = open_compound(bytes(raw))
    assert len(found.read(found.root.children["a"])) <= 20_000  # type: ignore[index]


def test_a_circle_with_a_huge_size_gives_no_more_than_the_file() -> None:
    raw = bytearray(write_compound(storage("", stream("a", b"a" * 20_000))))
    for place in range(3, 40):
        raw[512 + 4 * place : 516 + 4 * place] = place.to_bytes(4, "little")
    found = open_compound(bytes(raw))
    entry = found.root.children["a"]  # type: ignore[index]
    entry.size = 300_000_000
    assert len(found.read(entry)) <= len(raw) + 512
    assert "afgekapt" in found.damage


def test_a_thousand_streams_over_one_chain_stop_at_the_size_of_the_file() -> None:
    streams = [stream(f"s{n}", b"") for n in range(3_000)]
    raw = bytearray(write_compound(storage("", stream("z", b"z" * 3_000_000), *streams)))
    found = open_compound(bytes(raw))
    real = found.root.children["z"]  # type: ignore[index]
    for entry in (found.root.children or {}).values():
        entry.start, entry.size = real.start, real.size
    total = sum(len(found.read(e)) for e in (found.root.children or {}).values())
    assert total < 10_000_000
    assert "dubbel" in found.damage


def test_a_directory_in_a_circle_ends() -> None:
    raw = bytearray(write_compound(TREE))
    place = (int.from_bytes(raw[48:52], "little") + 1) * 512
    # The second entry becomes its own left and right neighbour and its own child.
    raw[place + 128 + 68 : place + 128 + 80] = (1).to_bytes(4, "little") * 3
    assert "directory" in open_compound(bytes(raw)).damage
