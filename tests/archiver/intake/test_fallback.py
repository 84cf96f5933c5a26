"""A mistake of ours costs a message its details, never its place, and never the rest of the drop."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.intake import eml, headers, mbox, mime
from archiver.intake.fallback import header_only
from archiver.intake.protocol import ParseContext
from archiver.intake.worker import Outcome, read_source
from archiver.model import EmailMessage, Span
from tests.archiver.intake.messages import HEADER, codes, multipart, part, read

RAW = HEADER + b"\r\nTekst\r\n"


@pytest.fixture
def bug(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plant a mistake that only some messages hit."""
    good = headers.date

    def bad(raw: bytes | None) -> object:
        if raw is not None and b"2013" in raw:
            raise ValueError("geheim@example.nl")
        return good(raw)

    monkeypatch.setattr(headers, "date", bad)


HIT = RAW.replace(b"2026", b"2013")


@pytest.mark.usefixtures("bug")
def test_the_header_is_read_by_the_standard_library_and_the_mistake_is_said() -> None:
    message = read(HIT)
    assert codes(message) == ["mail.lezer_mislukt"]
    assert message.findings[0].params == {"soort": "ValueError"}
    assert message.subject == "Vergunning Dorpsstraat"
    assert message.sender is not None
    assert message.sender.address == "anja@gemeente.example"
    assert message.date == "2013-03-03T09:15:00+01:00"
    assert message.message_id == "<1@gemeente.example>"
    assert message.size == len(HIT)
    assert "geheim" not in repr(message)


@pytest.mark.usefixtures("bug")
def test_only_the_attached_message_that_fails_is_read_less() -> None:
    outer = read(HEADER + multipart(part(HIT, b"message/rfc822"), part(RAW, b"message/rfc822")))
    first, second = (a.message for a in outer.attachments)
    assert first is not None
    assert second is not None
    assert codes(outer) == codes(second) == []
    assert codes(first) == ["mail.lezer_mislukt"]


@pytest.mark.usefixtures("bug")
def test_the_rest_of_the_mailbox_goes_on(tmp_path: Path) -> None:
    line = b"From anja@x.example Tue Mar  3 09:15:00 2026\r\n"
    path = tmp_path / "postvak"
    path.write_bytes(line + RAW + b"\r\n" + line + HIT + b"\r\n" + line + RAW)
    found = [m for m in mbox.parse(path, ParseContext()) if isinstance(m, EmailMessage)]
    assert [codes(m) for m in found] == [[], ["mail.lezer_mislukt"], []]


def test_no_memory_is_not_a_mistake_of_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(mime, "structure", full)
    with pytest.raises(MemoryError):
        read(RAW)


@pytest.mark.parametrize("error", [MemoryError(), RecursionError(), ValueError(), KeyError("x")])
def test_a_reader_that_fails_altogether_is_a_finding_on_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    path = tmp_path / "a.eml"
    path.write_bytes(RAW)

    def fails(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(eml, "read_message", fails)
    *_, outcome = read_source(path, ParseContext(), lambda: None)
    assert isinstance(outcome, Outcome)
    (finding,) = outcome.findings
    memory = isinstance(error, MemoryError)
    assert finding.code == ("bestand.lezer_gestopt" if memory else "bestand.niet_leesbaar")
    assert finding.params == {"bestand": "a.eml", "soort": type(error).__name__}
    assert outcome.ledger.refused == 1
    assert outcome.sha256 is not None


@given(st.binary(max_size=300))
def test_the_fallback_itself_reads_anything(raw: bytes) -> None:
    for data in (raw, b"From: " + raw, b"Date: " + raw, b"Subject: " + raw):
        found = header_only(data, format="eml", index=0, span=Span(0, 1), error=ValueError())
        assert found.size == len(data)
