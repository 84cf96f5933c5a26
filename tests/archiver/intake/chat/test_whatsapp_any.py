"""Any sequence of events in any supported dialect is read back equal; damage loses nothing."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from archiver.intake.chat import whatsapp
from archiver.intake.chat.whatsapp_system import recognise
from archiver.intake.protocol import ParseContext
from archiver.model import ChatMessage, Conversation, Unreadable
from tests.archiver.intake.chat.dialects import (
    Dialect,
    Event,
    dialects,
    events,
    looks_like_header,
    systems,
    write,
)

PIECES = (
    *(b"\n", b"\r", b"\r\n", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xe2\x80\x8e", b": ", b"["),
    *(
        b"\n[3/2/26, 09:15:00] X: ",
        b"\n3-2-26 09:15 - X: ",
        b"\n99-99-99 99:99 - ",
        b"\xc2\x85",
        b"\x1a",
    ),
)

calm = settings(
    deadline=None,
    max_examples=300,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)


def _read(path: Path, **answers: str) -> tuple[Conversation, list[ChatMessage]]:
    records = list(whatsapp.parse(path, ParseContext(answers=answers)))
    conversation = records[0]
    assert isinstance(conversation, Conversation), conversation
    return conversation, [m for m in records[1:] if isinstance(m, ChatMessage)]


@calm
@given(
    dialect=dialects,
    told=st.lists(st.one_of(events, events, systems), min_size=1, max_size=12),
    ended=st.booleans(),
)
def test_events_are_read_back_equal(
    tmp_path: Path, dialect: Dialect, told: list[Event], ended: bool
) -> None:
    assume(not any(looks_like_header(e.text, dialect.layout) for e in told))
    assume(ended or not told[-1].text.endswith("\n"))
    path = tmp_path / "chat.txt"
    path.write_bytes(write(dialect, told, ended))
    conversation, messages = _read(path, date_order=dialect.order)
    assert whatsapp.unaccounted(conversation, messages) == ()
    assert len(messages) == len(told)
    forced = "day_above_12" in str(conversation.date_order_basis)
    for event, message in zip(told, messages, strict=True):
        if event.system is not None:
            assert (message.type, message.system) == ("system", event.system)
            assert event.text in (message.text or "")
        elif recognise(f"{event.sender}: {event.text}", False).system:
            continue  # a person whose name and words are exactly a line of the app
        else:
            assert message.sender == event.sender
            assert (message.text or "").replace("\r\n", "\n") == event.text
        if conversation.date_order == dialect.order:
            assert message.sent == dialect.sent(event.at)
        else:
            # The numbers themselves contradict the answer, which must be said.
            assert forced
            assert "chat.datumvolgorde_tegenspraak" in {f.code for f in conversation.findings}


@calm
@given(dialect=dialects, told=st.lists(events, min_size=1, max_size=12))
def test_without_an_answer_no_time_is_wrong(
    tmp_path: Path, dialect: Dialect, told: list[Event]
) -> None:
    assume(not any(looks_like_header(e.text, dialect.layout) for e in told))
    path = tmp_path / "chat.txt"
    path.write_bytes(write(dialect, told))
    conversation, messages = _read(path)
    asked = "chat.datumvolgorde_vragen" in {f.code for f in conversation.findings}
    assert asked == (conversation.date_order is None)
    for event, message in zip(told, messages, strict=True):
        assert message.sent in (None, dialect.sent(event.at))


@calm
@given(
    dialect=dialects,
    told=st.lists(st.one_of(events, systems), min_size=1, max_size=6),
    data=st.data(),
)
def test_damaged_bytes_stay_accounted_for(
    tmp_path: Path, dialect: Dialect, told: list[Event], data: st.DataObject
) -> None:
    whole = bytearray(write(dialect, told))
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, max(0, len(whole) - 1)))
        how = data.draw(st.integers(0, 4))
        if how == 0:
            whole[at : at + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
        elif how == 1:
            del whole[at : at + data.draw(st.integers(1, 20))]
        elif how == 2:
            whole[at:at] = data.draw(st.sampled_from(PIECES))
        elif how == 3:  # a piece twice, as of a disk or a bad merge
            whole[at:at] = whole[at // 2 : at // 2 + data.draw(st.integers(1, 60))]
        else:
            del whole[at:]
    path = tmp_path / "chat.txt"
    path.write_bytes(bytes(whole))
    records = list(whatsapp.parse(path, ParseContext()))
    assert records
    if isinstance(records[0], Unreadable):
        assert records[0].findings
        return
    conversation, messages = _read(path)
    assert conversation.text_size == len(whole)
    assert whatsapp.unaccounted(conversation, messages) == ()
    # Every byte of a body comes back from its span.
    original = path.read_bytes()
    if conversation.encoding == "utf-8":
        for message in messages:
            piece = original[message.span.start : message.span.end].decode("utf-8", "replace")
            assert (message.text or "") in piece or message.edited
