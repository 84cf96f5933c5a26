"""What belongs to a message: across containers, copies and duplicates told apart, nothing from a subject."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from archiver.model import EmailMessage
from archiver.progress import Silent
from archiver.services import overview
from archiver.services.archive import Archive
from archiver.services.intake import TakeIn, take_in
from archiver.services.related import Related, related, related_to
from archiver.services.threads import entry_of, threads_of
from archiver.store import items, sources
from tests.archiver.store import made
from tests.helpers.messages import WHATSAPP, mail, mbox


def put(archive: Archive, folder: Path, files: dict[str, bytes], owner: str) -> None:
    folder.mkdir(exist_ok=True)
    for name, data in files.items():
        path = folder / name
        path.write_bytes(data)
        take_in(archive, TakeIn((path,), owner=owner), Silent())


def found(archive: Archive, title: str, owner: str | None = None) -> Related:
    for item_id in overview.item_ids(archive):
        item = overview.item(archive, item_id)
        if item.title == title and owner in (None, item.owner):
            result = related(archive, item_id)
            assert result is not None
            return result
    raise AssertionError(title)


def day(number: int) -> str:
    return f"{number:02d} Nov 2026 10:00:00 +0100"


def answer(number: int, to: int, title: str) -> bytes:
    return mail(
        title, number=number, reply_to=f"<bericht-{to}@veldermeer.example>", date=day(number)
    )


def received(raw: bytes) -> bytes:
    """The same message as the other side has it: one more line on top."""
    return b"Received: from mx.example by post.example; Tue, 17 Nov 2026 14:53:00 +0100\r\n" + raw


def test_a_thread_is_put_together_across_containers_in_order_of_time(
    archive: Archive, tmp_path: Path
) -> None:
    first, last = mail("Vraag", number=1, date=day(1)), answer(4, 3, "Anders genoemd")
    put(archive, tmp_path / "a", {"post.mbox": mbox([last, answer(2, 1, "RE: Vraag")])}, "Mira")
    put(archive, tmp_path / "b", {"een.eml": first, "drie.eml": answer(3, 2, "FW")}, "Joris")
    for title in ("Vraag", "RE: Vraag", "FW", "Anders genoemd"):
        result = found(archive, title)
        whole = sorted((*result.thread, result.self_), key=lambda r: r.date or "")
        assert [r.title for r in whole] == ["Vraag", "RE: Vraag", "FW", "Anders genoemd"]
        assert [r.container for r in whole] == ["een.eml", "post.mbox", "drie.eml", "post.mbox"]
        assert [r.owner for r in whole] == ["Joris", "Mira", "Joris", "Mira"]
        assert [r.basis for r in whole] == [None, "in_reply_to", "in_reply_to", "in_reply_to"]
        assert whole[1].parent == whole[0].id
        assert not result.copies
        assert not result.gaps


def test_an_equal_subject_joins_nothing(archive: Archive, tmp_path: Path) -> None:
    files = {"1.eml": mail("Nota", number=1), "2.eml": mail("Nota", number=2)}
    put(archive, tmp_path / "a", files, "Mira")
    assert found(archive, "Nota").alone


def test_the_copies_of_sender_and_receiver_are_both_kept_and_know_of_each_other(
    archive: Archive, tmp_path: Path
) -> None:
    sent = mail("Besluit", number=1)
    put(archive, tmp_path / "a", {"verzonden.eml": sent}, "Joris")
    put(archive, tmp_path / "b", {"ontvangen.eml": received(sent)}, "Mira")
    assert len(overview.item_ids(archive)) == 2
    for owner, other in (("Joris", "Mira"), ("Mira", "Joris")):
        result = found(archive, "Besluit", owner)
        assert [c.owner for c in result.copies] == [other]
        assert not result.thread
        assert not result.duplicates


def test_equal_bytes_in_two_containers_are_duplicates_and_no_copies(
    archive: Archive, tmp_path: Path
) -> None:
    raw = mail("Verslag", number=1).replace(b"\r\n", b"\n")
    put(archive, tmp_path / "a", {"los.eml": raw + b"\n"}, "Joris")
    put(archive, tmp_path / "b", {"post.mbox": mbox([raw, mail("x", number=2)])}, "Mira")
    result = found(archive, "Verslag", "Joris")
    assert len(result.copies) + len(result.duplicates) == 1
    same = found(archive, "Verslag", "Mira")
    assert len(same.copies) + len(same.duplicates) == 1


def test_a_thread_counts_a_message_once_however_many_copies(
    archive: Archive, tmp_path: Path
) -> None:
    first = mail("Vraag", number=1, date=day(1))
    put(archive, tmp_path / "a", {"1.eml": first, "2.eml": answer(2, 1, "RE")}, "Joris")
    put(archive, tmp_path / "b", {"3.eml": received(first)}, "Mira")
    assert [r.title for r in found(archive, "RE").thread] == ["Vraag"]
    assert [r.title for r in found(archive, "Vraag", "Mira").thread] == ["RE"]


def test_what_nobody_has_is_a_gap(archive: Archive, tmp_path: Path) -> None:
    put(
        archive, tmp_path / "a", {"1.eml": answer(2, 1, "RE"), "2.eml": answer(3, 1, "Ook")}, "Mira"
    )
    result = found(archive, "RE")
    assert result.gaps == ("bericht-1@veldermeer.example",)
    assert result.self_.missing == "bericht-1@veldermeer.example"
    assert [r.title for r in result.thread] == ["Ook"]


def test_outlook_conversations_without_ids_are_joined_by_their_index(
    archive: Archive, tmp_path: Path
) -> None:
    head = b"From: a@x.example\r\nDate: Tue, 17 Nov 2026 14:52:00 +0100\r\n"
    one = head + b"Subject: Een\r\nThread-Index: AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ==\r\n\r\nx"
    two = head + b"Subject: Twee\r\nThread-Index: AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQAAAAAB\r\n\r\ny"
    put(archive, tmp_path / "a", {"1.eml": one, "2.eml": two}, "Mira")
    result = found(archive, "Twee")
    assert [r.title for r in result.thread] == ["Een"]
    assert result.self_.basis == "thread_index"


def test_a_message_that_is_not_stored_finds_its_copy(archive: Archive, tmp_path: Path) -> None:
    sent = mail("Besluit", number=1)
    put(archive, tmp_path / "a", {"verzonden.eml": sent}, "Joris")
    put(archive, tmp_path / "b", {"ander.eml": mail("Los", number=9)}, "Joris")
    record = overview.item(archive, found(archive, "Los").self_.id).record
    assert isinstance(record, EmailMessage)
    assert related_to(archive, record).duplicates[0].title == "Los"
    other = replace(record, message_id="<bericht-1@veldermeer.example>", sha256="0" * 64)
    assert [c.owner for c in related_to(archive, other).copies] == ["Joris"]
    assert related_to(archive, replace(other, message_id="<niemand@x>")).alone


@pytest.mark.parametrize("seed", range(4))
def test_the_lookup_finds_what_looking_at_everything_finds(archive: Archive, seed: int) -> None:
    """60 messages with copies, gaps and circles: the index misses none and adds none."""
    dice = random.Random(seed)
    of = made.source()

    def one(number: int) -> EmailMessage:
        def other() -> str:
            return f"<{dice.randrange(80)}@x>"

        return made.mail(
            number,
            message_id=f"<{dice.randrange(50)}@x>" if dice.random() < 0.9 else None,
            in_reply_to=other() if dice.random() < 0.2 else None,
            references=tuple(other() for _ in range(dice.choice((0, 0, 0, 1, 3)))),
            thread_index=f"{dice.randrange(12):02x}" * 22 if dice.random() < 0.1 else None,
        )

    mails = [one(number) for number in range(60)]
    stored = [made.item(m, of, id=f"{n:04d}") for n, m in enumerate(mails)]
    with archive.register.write() as tx:
        sources.add(tx, of)
        items.add_many(tx, stored)
    threads = threads_of(entry_of(i.id, m) for i, m in zip(stored, mails, strict=True))
    whole = {place.key: thread for thread in threads for place in thread.places}
    assert 5 < len(threads) < 55
    for item in stored:
        result = related(archive, item.id)
        assert result is not None
        expected = {place.key for place in whole[item.id].places}
        named = {r.id for r in (result.self_, *result.thread, *result.copies, *result.duplicates)}
        assert named <= expected
        # Of messages with copies the thread names one.
        without = {(mails[int(k)].message_id or k) for k in expected}
        assert without == {(mails[int(k)].message_id or k) for k in named}
        assert set(result.gaps) == set(whole[item.id].gaps)


def test_a_conversation_of_a_chat_has_no_kin(archive: Archive, tmp_path: Path) -> None:
    put(archive, tmp_path / "a", {"_chat.txt": WHATSAPP.encode()}, "Mira")
    (item_id,) = overview.item_ids(archive)
    assert related(archive, item_id) is None


@pytest.mark.parametrize("own", ["<a@x>", "<b@x>"])
def test_a_circle_ends_and_is_said(archive: Archive, tmp_path: Path, own: str) -> None:
    def circle(name: str, other: str) -> bytes:
        return (
            f"From: a@x.example\r\nSubject: {name}\r\nMessage-ID: <{name}@x>\r\n"
            f"In-Reply-To: <{other}@x>\r\n\r\nx".encode()
        )

    put(archive, tmp_path / "a", {"1.eml": circle("a", "b"), "2.eml": circle("b", "a")}, "Mira")
    result = found(archive, own[1])
    assert sum(r.loop for r in (result.self_, *result.thread)) == 1
