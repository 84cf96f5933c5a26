"""Messages that belong together, found in the register by a key in common."""

from __future__ import annotations

from archiver.links import keys_of
from archiver.store import items, links, soundness, sources
from archiver.store.database import Register
from archiver.store.schema import LinkTable
from archiver.store.sqlite import driver
from tests.archiver.store import made


def chain(register: Register, amount: int) -> None:
    """Put messages in the register that each answer the one before, and one that answers nothing."""
    of = made.source()
    mails = [
        made.mail(n, in_reply_to=f"<{n - 1}@voorbeeld.nl>" if n else None) for n in range(amount)
    ]
    alone = made.mail(amount, message_id="<alleen@voorbeeld.nl>")
    with register.write() as tx:
        sources.add(tx, of)
        items.add_many(tx, [made.item(m, of) for m in (*mails, alone)])


def test_kin_is_found_through_others_and_no_further(register: Register) -> None:
    chain(register, 5)
    with register.read() as tx:
        ids, more = links.kin(tx, keys_of(made.mail(0)), 100)
        found = links.read(tx, ids)
        assert not more
        assert [row.id for row in found] == [f"bron-1-{n}" for n in range(5)]
        assert found[0].path == "post.mbox"
        assert links.kin(tx, keys_of(made.mail(9, message_id="<niemand@x>")), 100) == (set(), False)
        assert (
            next(iter(soundness.verify(tx))).place == "source:bron-1"
        )  # only the trail was not told


def test_a_mailing_without_end_is_cut_off_and_said(register: Register) -> None:
    of = made.source()
    mails = [made.mail(n, references=("<begin@voorbeeld.nl>",)) for n in range(1_200)]
    with register.write() as tx:
        sources.add(tx, of)
        items.add_many(tx, [made.item(m, of) for m in mails])
    with register.read() as tx:
        ids, more = links.kin(tx, keys_of(mails[0]), 500)
        assert (len(ids), more) == (500, True)
        ids, more = links.kin(tx, keys_of(mails[0]), 1_200)
        assert (len(ids), more) == (1_200, False)
        assert len(links.read(tx, ids)) == 1_200


def test_a_long_chain_ends_at_the_limit(register: Register) -> None:
    chain(register, 300)
    with register.read() as tx:
        assert links.kin(tx, keys_of(made.mail(0)), 50)[1]
        assert len(links.kin(tx, keys_of(made.mail(0)), 1_000)[0]) == 300


def test_the_lookup_uses_its_index(register: Register) -> None:
    chain(register, 3)
    with register.read() as tx:
        plan = tx.connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT DISTINCT item_id FROM link WHERE key IN ('a', 'b')"
        ).fetchall()
    assert any("link_key" in str(row) for row in plan)


def test_a_changed_link_is_named(register: Register) -> None:
    chain(register, 2)
    register.close()
    connection = driver.connect(str(register.path))
    connection.execute("UPDATE link SET key = 'ander' WHERE item_id = 'bron-1-1' AND position = 0")
    connection.commit()
    connection.close()
    again = Register.open(register.path)
    with again.read() as tx:
        places = [f.place for f in soundness.verify(tx) if f.code == "register.rij_veranderd"]
    again.close()
    assert places == [f"{LinkTable.__tablename__}:bron-1-1:0"]


def test_equal_bytes_are_found_without_any_id(register: Register) -> None:
    of, other = made.source(), made.source("bron-2")
    record = made.mail(0, message_id=None)
    with register.write() as tx:
        for each in (of, other):
            sources.add(tx, each)
            items.add_many(tx, [made.item(record, each)])
    with register.read() as tx:
        assert links.same_bytes(tx, record.sha256, 10) == ["bron-1-0", "bron-2-0"]
