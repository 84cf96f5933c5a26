"""Mailboxes: slots, separators and blank lines together are the whole file, in every variant."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archiver.intake import mbox
from archiver.intake.protocol import Head, Limits, ParseContext
from archiver.model import EmailMessage, Unreadable
from tests.archiver.intake.messages import HEADER

SEPARATOR = b"From anja@gemeente.example Tue Mar  3 09:15:00 2026\n"
SHORT = b"From: anja@gemeente.example\nSubject: kort\n\n"


def head(data: bytes) -> Head:
    return Head(data, len(data), "naam")


def texts(data: bytes) -> list[bytes]:
    return [data[slot.start : slot.end] for slot in mbox.slots(data)]


def read(tmp_path: Path, data: bytes, limits: Limits | None = None) -> list[object]:
    path = tmp_path / "postvak"
    path.write_bytes(data)
    return list(mbox.parse(path, ParseContext(limits or Limits())))


# --- writers of the variants, as their programs write them ----------------------------------------


def mboxo(messages: list[bytes]) -> bytes:
    quoted = [m.replace(b"\nFrom ", b"\n>From ") for m in messages]
    return b"".join(SEPARATOR + m + b"\n" for m in quoted)


def mboxrd(messages: list[bytes]) -> bytes:
    def quote(line: bytes) -> bytes:
        return b">" + line if line.lstrip(b">").startswith(b"From ") else line

    quoted = [b"\n".join(quote(line) for line in m.split(b"\n")) for m in messages]
    return b"".join(SEPARATOR + m + b"\n" for m in quoted)


def mboxcl2(messages: list[bytes]) -> bytes:
    found = b""
    for message in messages:
        header, _, body = message.partition(b"\n\n")
        length = b"\nContent-Length: %d\n\n" % len(body)
        found += SEPARATOR + header + length + body + b"\n"
    return found


BODY = st.lists(
    st.sampled_from(
        [
            b"Hallo",
            b"",
            b"From hier gaat het verder",
            b"From 9 to 5",
            b">From hem",
            b">>From haar",
            b"From: iemand",
            b"From the meeting at 10:30 on Mon",
            b"Content-Length: 3",
            b"\xe9\x00\r",
        ]
    ),
    max_size=8,
).map(lambda lines: SHORT + b"".join(line + b"\n" for line in lines))
MESSAGES = st.lists(BODY, min_size=1, max_size=5)


@given(MESSAGES)
def test_mboxo_gives_back_every_message(messages: list[bytes]) -> None:
    found = texts(mboxo(messages))
    assert [m.replace(b"\n>From ", b"\nFrom ") for m in found] == [
        m.replace(b"\n>From ", b"\nFrom ") for m in messages
    ]


@given(MESSAGES)
def test_mboxrd_gives_back_every_message(messages: list[bytes]) -> None:
    assert len(texts(mboxrd(messages))) == len(messages)


@given(MESSAGES)
def test_mboxcl2_gives_back_every_message_byte_for_byte(messages: list[bytes]) -> None:
    found = texts(mboxcl2(messages))
    bare = [
        b"\n".join(ln for ln in m.split(b"\n") if not ln.startswith(b"Content-Length:"))
        for m in found
    ]
    wanted = [
        b"\n".join(ln for ln in m.split(b"\n") if not ln.startswith(b"Content-Length:"))
        for m in messages
    ]
    assert bare == wanted


def test_mboxcl2_holds_a_whole_mailbox_in_a_message() -> None:
    inner = SHORT + mboxo([SHORT + b"binnen\n", SHORT + b"ook binnen\n"])
    assert len(texts(mboxcl2([inner, SHORT + b"buiten\n"]))) == 2


@settings(max_examples=300)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=40),
            st.sampled_from(
                [
                    b"\n",
                    b"\r\n",
                    b"\n\n",
                    SEPARATOR,
                    SEPARATOR.replace(b"\n", b"\r\n"),
                    b"From - \n",
                    b"From 123@xxx\n",
                    b"\nFrom x\n",
                    b"Subject: x\n",
                    b"X-Iets: x\n",
                    b"Content-Length: 5\n",
                    b"Content-Length: 99999999999\n",
                    b"From ",
                ]
            ),
        ),
        max_size=25,
    )
)
@example([b""])
@example([SEPARATOR])
@example([b"\n", SEPARATOR, b"\n"])
def test_slots_separators_and_blank_lines_are_the_whole_file(pieces: list[bytes]) -> None:
    data = b"".join(pieces)
    position = 0
    for slot in mbox.slots(data):
        between = data[position : slot.separator]
        assert between.strip(b"\r\n") == b""
        assert len(between) <= 4 or position == 0
        separator = data[slot.separator : slot.start]
        assert separator.count(b"\n") <= 1
        assert slot.separator < slot.start <= slot.end
        position = slot.end
    assert data[position:].strip(b"\r\n") == b""


# --- what separates, and what does not ------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        b"From anja@x.example Tue Mar  3 09:15:00 2026",
        b"From anja@x.example Tue Mar  3 09:15 2026",
        b"From anja@x.example  Tue Mar 3 09:15:00 CET 2026",
        b"From anja@x.example Tue Mar 03 09:15:00 +0100 2026",
        b"From anja@x.example Tue, 3 Mar 2026 09:15:00 +0100",
        b'From "Anja de Boer" Tue Mar  3 09:15:00 2026',
        b"From - Tue Mar  3 09:15:00 2026",
        b"From MAILER-DAEMON Tue Mar  3 09:15:00 2026",
        b"From -",
        b"From - ",
        b"From 1844347792267117879@xxx",
        b"From ???@??? 03/03/2026 09:15",
    ],
)
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_separator(line: bytes, end: bytes) -> None:
    data = end.join([line, b"Subject: een", b"", b"Tekst", b"", line, b"Subject: twee", b"", b"x"])
    assert len(texts(data)) == 2
    assert mbox.score(head(data)) >= 90


@pytest.mark.parametrize(
    "line",
    [
        b"From Monday on we work from 9:30 to 17:00",
        b"From Mon to Fri the desk is open at 10:30",
        b"From now on",
        b"From: anja@x.example",
        b"From  here",
        b"From anja@x.example to bob@x.example in 2026",
        b"from anja@x.example Tue Mar  3 09:15:00 2026",
        b">From anja@x.example Tue Mar  3 09:15:00 2026",
        b" From anja@x.example Tue Mar  3 09:15:00 2026",
    ],
)
@pytest.mark.parametrize("following", [b"meer tekst", b"Let op: morgen dicht", b""])
def test_text_that_begins_with_from_is_no_separator(line: bytes, following: bytes) -> None:
    body = b"\n".join([b"Tekst", b"", line, following, b"slot"])
    assert len(texts(SEPARATOR + SHORT + body)) == 1


def test_no_file_without_a_separator_is_a_mailbox() -> None:
    assert mbox.score(head(HEADER + b"\r\nTekst")) == 0
    assert mbox.score(head(b"")) == 0
    assert mbox.score(head(b"From the desk of the mayor\n\nBeste allen")) == 0


def test_one_message_behind_a_line_with_only_a_sender_is_rather_a_mail() -> None:
    assert mbox.score(head(b"From anja@x.example\r\n" + HEADER + b"\r\nTekst")) < 85


# --- records --------------------------------------------------------------------------------------


def test_messages_with_index_span_and_quoting_said(tmp_path: Path) -> None:
    data = mboxo([SHORT + b"een\n", SHORT + b"twee\nFrom hier\n"])
    one, two = read(tmp_path, data)
    assert isinstance(one, EmailMessage)
    assert isinstance(two, EmailMessage)
    assert (one.index, two.index) == (0, 1)
    assert data[two.span.start : two.span.end] == SHORT + b"twee\n>From hier\n"
    assert [f.code for f in two.findings if f.code.startswith("mbox.")] == ["mbox.from_geciteerd"]
    assert [f.code for f in one.findings if f.code.startswith("mbox.")] == []


def test_a_quoted_line_in_a_message_keeps_its_bytes(tmp_path: Path) -> None:
    (message,) = read(tmp_path, SEPARATOR + SHORT + b">From hem\n>>From haar\n")
    assert isinstance(message, EmailMessage)
    assert message.size == len(SHORT + b">From hem\n>>From haar\n")


def test_an_empty_message_is_said_and_the_rest_goes_on(tmp_path: Path) -> None:
    found = read(tmp_path, SEPARATOR + b"\n" + SEPARATOR + SHORT + b"x\n")
    assert [type(f) for f in found] == [Unreadable, EmailMessage]


def test_a_message_too_large_is_said_and_the_rest_goes_on(tmp_path: Path) -> None:
    data = mboxo([SHORT + b"x" * 5_000, SHORT + b"klein\n"])
    large, small = read(tmp_path, data, Limits(message_bytes=1_000))
    assert isinstance(large, Unreadable)
    assert [f.code for f in large.findings] == ["mail.te_groot"]
    assert isinstance(small, EmailMessage)


def test_a_length_that_lies_is_not_believed(tmp_path: Path) -> None:
    lying = SEPARATOR + b"Subject: een\nContent-Length: 7\n\nlanger dan zeven\n\n"
    assert len(read(tmp_path, lying + SEPARATOR + SHORT + b"twee\n")) == 2


def test_crlf_mailboxes(tmp_path: Path) -> None:
    data = mboxo([SHORT + b"een\n", SHORT + b"twee\n"]).replace(b"\n", b"\r\n")
    one, two = read(tmp_path, data)
    assert isinstance(one, EmailMessage)
    assert isinstance(two, EmailMessage)
    assert data[one.span.start : one.span.end].endswith(b"een\r\n")
