"""Damage to any structured export: no reader crashes, and no byte is lost out of sight."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.intake.chat.exports import unaccounted
from archiver.intake.chat.json_places import cut, load
from archiver.intake.identify import head_of
from archiver.intake.protocol import Head, ParseContext
from archiver.intake.registry import PARSERS, SURE_ENOUGH
from archiver.intake.registry import load as load_parser
from archiver.model import ChatMessage, Conversation, Unreadable
from archiver.wire import to_wire
from tests.archiver.intake.chat import (
    test_mattermost,
    test_signal,
    test_slack,
    test_sms,
    test_teams,
    test_telegram,
    test_web_platforms,
    test_webvtt,
    test_whatsapp,
)

SAMPLES: dict[str, Callable[[], bytes]] = {
    "signal": lambda: "".join(f"{json.dumps(f)}\n" for f in test_signal.FRAMES).encode(),
    "signal_export": lambda: "".join(f"{json.dumps(f)}\n" for f in test_signal.LINES).encode(),
    "telegram": lambda: json.dumps(test_telegram.CHAT, ensure_ascii=False).encode(),
    "telegram_html": lambda: test_telegram.PAGE.encode(),
    "teams": lambda: json.dumps({"value": test_teams.VALUE}).encode(),
    "mattermost": test_mattermost.bulk,
    "mattermost_xml": lambda: test_mattermost.ACTIANCE,
    "mattermost_csv": lambda: (test_mattermost.HEADER + test_mattermost.ROWS).encode(),
    "sms": lambda: test_sms.BACKUP.encode(),
    "meta": lambda: json.dumps(test_web_platforms.META).encode(),
    "linkedin": lambda: test_web_platforms.LINKEDIN.encode(),
    "rsmf": lambda: json.dumps(test_web_platforms.MANIFEST).encode(),
    "web_archive": lambda: test_web_platforms.warc(packed=True),
    "webvtt": lambda: test_webvtt.MEETING.encode(),
}


@pytest.mark.parametrize("name", sorted(SAMPLES))
@settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_damaged_exports_stay_accounted_for(tmp_path: Path, name: str, data: st.DataObject) -> None:
    whole = bytearray(SAMPLES[name]())
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, max(0, len(whole) - 1)))
        what = data.draw(st.integers(0, 3))
        if what == 0:
            whole[at : at + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
        elif what == 1:
            del whole[at : at + data.draw(st.integers(1, 40))]
        elif what == 2:
            whole[at:at] = data.draw(
                st.sampled_from((b'"', b"{", b"[", b"}", b"]", b",", b"\\", b"<", b"null", b"\n"))
            )
        else:
            del whole[at:]
    path = tmp_path / "export.bin"
    path.write_bytes(bytes(whole))
    parser = import_module(f"archiver.intake.chat.{name}")
    parser.score(Head(bytes(whole[:65_536]), len(whole), path.name))
    records = list(parser.parse(path, ParseContext()))
    assert records
    for record in records:
        json.dumps(to_wire(record))
        if isinstance(record, Unreadable):
            assert record.findings
    conversations = [r for r in records if isinstance(r, Conversation)]
    if conversations:
        assert unaccounted(records, {"": len(whole)}) == {}
        said = sum(isinstance(r, ChatMessage) for r in records)
        assert said == sum(c.message_count for c in conversations)


def _zips() -> dict[str, bytes]:
    """Make a zip for every reader that opens one."""
    found: dict[str, bytes] = {}
    members: dict[str, dict[str, bytes]] = {
        "whatsapp": {"WhatsApp-chat met Kade.txt": test_whatsapp.CHAT.encode(), "a.jpg": b"1"},
        "telegram": {"x/result.json": SAMPLES["telegram"](), "x/files/nota.pdf": b"%PDF"},
        "signal": {"b/main.jsonl": SAMPLES["signal"](), "b/files/aa/x": test_signal.PICTURE},
        "slack": {
            "users.json": json.dumps(test_slack.USERS).encode(),
            "channels.json": json.dumps(test_slack.CHANNELS).encode(),
            "kade/2026-02-03.json": json.dumps(test_slack.DAY1).encode(),
        },
        "rsmf": {"rsmf_manifest.json": SAMPLES["rsmf"](), "a.pdf": b"%PDF"},
        "web_archive": {"datapackage.json": b"{}", "pages/pages.jsonl": b'{"url": "x"}\n'},
    }
    for name, files in members.items():
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, raw in files.items():
                archive.writestr(member, raw)
        found[name] = out.getvalue()
    return found


ZIPS = _zips()


@pytest.mark.parametrize("name", sorted(ZIPS))
@settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
@pytest.mark.filterwarnings("ignore::UserWarning")  # zipfile warns of names given twice
def test_damaged_zips_are_findings_and_no_crash(
    tmp_path: Path, name: str, data: st.DataObject
) -> None:
    whole = bytearray(ZIPS[name])
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at] = data.draw(st.integers(0, 255))
    path = tmp_path / "export.zip"
    path.write_bytes(bytes(whole))
    parser = import_module(f"archiver.intake.chat.{name}")
    parser.score_path(path, head_of(path))
    for record in parser.parse(path, ParseContext()):
        json.dumps(to_wire(record))


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=12,
)


@settings(deadline=None, max_examples=200)
@given(
    messages=st.lists(st.dictionaries(st.text(max_size=4), values, max_size=4), max_size=6),
    around=st.dictionaries(st.text(max_size=4).filter(lambda k: k != "messages"), values),
    indent=st.sampled_from((None, 0, 2)),
    plain=st.booleans(),
)
def test_any_json_is_cut_into_its_elements(
    messages: list[object], around: dict[str, object], indent: int | None, plain: bool
) -> None:
    raw = json.dumps({**around, "messages": messages}, indent=indent, ensure_ascii=plain)
    buffer = raw.encode("utf-8", "surrogatepass")
    document = cut(buffer, (("messages", None),))
    assert document.whole
    found = [load(buffer[s.start : s.end])[0] for s in document.spans(("messages",))]
    assert found == messages
    frame = dict(document.frame)
    assert frame.pop("messages") == [None] * len(messages)
    assert frame == around


def test_deep_nesting_is_no_crash() -> None:
    deep = b'{"messages": [' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"]}"
    document = cut(deep, (("messages", None),))
    (span,) = document.spans(("messages",))
    assert load(deep[span.start : span.end]) == (None, "onleesbaar")
    assert cut(b"[" * 200_000, ((None,),)).whole is False


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_one_reader_and_no_other_takes_a_sample(tmp_path: Path, name: str) -> None:
    path = tmp_path / "export.bin"
    path.write_bytes(SAMPLES[name]())
    head = head_of(path)
    takers = []
    for parser in PARSERS:
        module = load_parser(parser)
        if module is None:
            continue
        score_path = getattr(module, "score_path", None)
        if (score_path(path, head) if score_path else module.score(head)) >= SURE_ENOUGH:
            takers.append(parser)
    assert takers == [f"archiver.intake.chat.{name}"]
