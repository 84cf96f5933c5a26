"""How messages in one package stand to each other: answers, copies, pieces; never from a subject."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from archiver.export import describe
from archiver.export.naming import item_name
from archiver.export.relations import Relation, Relations
from archiver.export.scratch import Scratch
from archiver.findings import Finding
from archiver.model import EmailMessage, Item
from metadata.mdto import Informatieobject
from tests.archiver.export.test_describe import CHAT, CONTEXT, MAIL, SOURCE, described, item

Given = tuple[Item, Informatieobject]


def mail(number: int, **change: Any) -> Given:
    owner, source = change.pop("owner", None), change.pop("source_id", "bron")
    fields = {"message_id": f"<{number}@x>", "sha256": f"{number:064x}", **change}
    made = item(replace(MAIL, **fields), id=f"01a21638-0000-7000-8000-{number:012d}")
    made = replace(made, owner=owner, source_id=source)
    return made, describe.item_object(made, SOURCE, CONTEXT, [])


def relations(given: Sequence[Given]) -> list[tuple[Relation, ...]]:
    with Scratch() as scratch:
        found = Relations(scratch, CONTEXT.bron)
        for seq, (one, obj) in enumerate(given):
            assert item_name(one) == obj.naam
            found.add(seq, one, obj.naam)
        found.settle()
        return [found.of(seq, one) for seq, (one, _) in enumerate(given)]


def told(given: Sequence[Given]) -> list[list[tuple[str, int]]]:
    numbers = {obj.identificatie[0].identificatieKenmerk: n for n, (_, obj) in enumerate(given)}
    return [
        [
            (
                one.gerelateerdInformatieobjectTypeRelatie.begripLabel,
                numbers[
                    one.gerelateerdInformatieobjectVerwijzing.verwijzingIdentificatie.identificatieKenmerk  # type: ignore[union-attr]
                ],
            )
            for one in found
        ]
        for found in relations(given)
    ]


def test_an_answer_refers_to_what_it_answers_and_names() -> None:
    given = [mail(0), mail(1, in_reply_to="<0@x>"), mail(2, references=("<0@x>", "<1@x>"))]
    assert told(given) == [
        [],
        [("Refereert aan", 0)],
        [("Refereert aan", 0), ("Refereert aan", 1)],
    ]


def test_an_equal_subject_and_a_message_elsewhere_relate_to_nothing() -> None:
    assert told([mail(0), mail(1), mail(2, in_reply_to="<weg@x>")]) == [[], [], []]


def test_outlook_without_ids_follows_the_index() -> None:
    head = "01" * 22
    first = mail(0, message_id=None, thread_index=head)
    second = mail(1, message_id=None, thread_index=head + "0000000001")
    assert told([first, second]) == [[], [("Refereert aan", 0)]]


def test_copies_are_versions_of_each_other_and_equal_bytes_are_not() -> None:
    sent, received = mail(0), mail(1, message_id="<0@x>")
    again = mail(2, message_id="<0@x>", sha256=f"{0:064x}")
    assert told([sent, received, again]) == [
        [("Heeft Versie", 1)],
        [("Is een versie van", 0)],
        [],
    ]


def test_an_answer_refers_to_the_copy_in_its_own_mailbox() -> None:
    sent = mail(0, owner="Joris", source_id="a")
    received = mail(1, message_id="<0@x>", owner="Mira", source_id="b")
    answer = mail(2, in_reply_to="<0@x>", owner="Mira", source_id="c")
    same = mail(3, in_reply_to="<0@x>", source_id="a")
    found = told([sent, received, answer, same])
    assert found[2] == [("Refereert aan", 1)]
    assert found[3] == [("Refereert aan", 0)]


def test_the_first_piece_needs_the_others() -> None:
    def piece(number: int) -> Given:
        params = {"nummer": str(number), "totaal": "3", "sleutel": "ab"}
        return mail(number, findings=(Finding("mail.deel_van_bericht", params),))

    assert told([piece(3), piece(1), piece(2)]) == [
        [("Is vereist door", 1)],
        [("Heeft nodig", 2), ("Heeft nodig", 0)],
        [("Is vereist door", 1)],
    ]


def test_a_conversation_has_none_and_what_is_made_is_valid() -> None:
    chat = item(CHAT, id="01a21638-0000-7000-8000-00000000ffff")
    given = [mail(0), (chat, describe.item_object(chat, SOURCE, CONTEXT, []))]
    assert told(given) == [[], []]
    assert isinstance(MAIL, EmailMessage)
    described(item())


def test_many_copies_and_a_circle_cost_little() -> None:
    given = [mail(n, message_id="<0@x>", in_reply_to="<0@x>") for n in range(3_000)]
    started = time.process_time()
    assert len(relations(given)) == 3_000
    assert time.process_time() - started < 10
