"""Records come back from their JSON form as they were, whatever stands in them."""

from __future__ import annotations

import dataclasses
import json
import typing
from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver import model
from archiver.findings import Finding, Severity
from archiver.wire import from_wire, to_wire

KINDS = {
    "email": model.EmailMessage,
    "conversation": model.Conversation,
    "chat_message": model.ChatMessage,
    "unreadable": model.Unreadable,
}
RECORDS = st.one_of([st.from_type(cls) for cls in typing.get_args(model.Record)])
SLOW = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def through_json(record: model.Record) -> model.Record:
    return from_wire(json.loads(json.dumps(to_wire(record), sort_keys=True)))


@SLOW
@given(RECORDS)
def test_every_record_comes_back_as_it_was(record: model.Record) -> None:
    assert through_json(record) == record


@SLOW
@given(RECORDS)
def test_the_types_come_back_too(record: model.Record) -> None:
    """Equal is not enough: a list is no tuple for what must be hashed, a dict no dataclass."""
    again = through_json(record)
    assert type(again) is type(record)
    for field in dataclasses.fields(record):
        one, other = getattr(record, field.name), getattr(again, field.name)
        if not isinstance(one, Mapping):
            assert type(one) is type(other), field.name


@pytest.mark.parametrize(("kind", "cls"), KINDS.items())
def test_every_kind_has_its_word(kind: str, cls: type) -> None:
    assert set(typing.get_args(model.Record)) == set(KINDS.values())
    assert KINDS[kind] is cls


def message(**changes: typing.Any) -> model.EmailMessage:
    return model.EmailMessage("eml", 0, model.Span(0, 10), 10, "ab" * 32, **changes)


def test_a_message_in_a_message_in_a_message_comes_back() -> None:
    inner: model.EmailMessage | None = None
    for depth in range(20):
        attached = model.Attachment(
            f"{depth}.eml", "message/rfc822", 10, "cd" * 32, "2", kind="message", message=inner
        )
        inner = message(subject=f"nr {depth}", attachments=(attached,))
    assert inner is not None
    assert through_json(inner) == inner


def test_what_is_as_usual_is_left_out() -> None:
    assert to_wire(message()) == {
        "kind": "email",
        "format": "eml",
        "index": 0,
        "span": {"start": 0, "end": 10},
        "size": 10,
        "sha256": "ab" * 32,
    }


def test_a_value_that_only_looks_like_the_usual_one_is_kept() -> None:
    """None, False, 0 and "" are four different answers (`edited` for example)."""
    base = model.ChatMessage("c", 0, model.Span(0, 1))
    for edited in (None, False, True):
        assert dataclasses.replace(base, edited=edited) == through_json(
            dataclasses.replace(base, edited=edited)
        )
    for text in (None, ""):
        again = through_json(dataclasses.replace(base, text=text))
        assert isinstance(again, model.ChatMessage)
        assert again.text == text


def test_text_that_no_encoding_takes_comes_back() -> None:
    """A name from a header or a disk can hold a lone surrogate."""
    odd = message(subject="kapot \udce9 \x00 \ufffe \u2028")
    assert through_json(odd) == odd


def test_findings_keep_their_severity_and_params() -> None:
    finding = Finding("mail.x", {"n": 3, "naam": "3"}, "deel 2", Severity.FOUT)
    again = through_json(message(findings=(finding,)))
    assert isinstance(again, model.EmailMessage)
    assert again.findings == (finding,)
    assert again.findings[0].severity is Severity.FOUT


@pytest.mark.parametrize(
    "data",
    [{}, {"kind": "fax"}, {"kind": "email"}, {"kind": "unreadable", "findings": [], "nieuw": 1}],
)
def test_what_is_no_record_is_a_bug_and_says_so(data: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError)):
        from_wire(data)
