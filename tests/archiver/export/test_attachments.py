"""Attachments as objects: exact bytes, unique names, deep nesting on short paths."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

from archiver.export.attachments import NESTED, parts_of
from archiver.export.compose import PackageItem
from archiver.export.model import PackageObject
from archiver.model import Attachment, ChatAttachment, EmailMessage
from tests.archiver.export.test_describe import CHAT, CONTEXT, MAIL, SOURCE, item

SHA = "0" * 64


def deep(levels: int) -> EmailMessage:
    message = replace(MAIL, attachments=(Attachment("kern.txt", "text/plain", 4, SHA, "2"),))
    for _ in range(levels):
        wrapped = Attachment(None, "message/rfc822", 9, SHA, "2", kind="message", message=message)
        message = replace(MAIL, attachments=(wrapped,))
    return message


def given(record: EmailMessage) -> PackageItem:
    return PackageItem(
        item(record),
        SOURCE,
        lambda: io.BytesIO(b""),
        10,
        part=lambda path: lambda: io.BytesIO(b"x"),
    )


def below(obj: PackageObject) -> list[PackageObject]:
    return [obj, *(o for child in obj.children for o in below(child))]


def depth(obj: PackageObject) -> int:
    return 1 + max((depth(child) for child in obj.children), default=0)


def test_every_level_is_there_and_the_path_stays_short() -> None:
    parts = parts_of(given(deep(30)), "M-0001", CONTEXT)
    objects = [o for child in parts.children for o in below(child)]
    assert len(objects) == 31
    assert max(depth(child) for child in parts.children) == NESTED
    names = [o.key for o in objects] + [f.name for o in objects for f in o.files]
    assert len(names) == len(set(names))
    assert max(map(len, names)) < 60
    assert len(parts.keys) == 31
    assert list(parts.keys)[2] == "2/2/2"


def test_names_from_a_message_never_reach_the_path() -> None:
    hostile = (
        "../../weg.exe",
        "C:\\autoexec.bat",
        "con",
        "\x00\u202egpj.exe",
        "a" * 400 + ".pdf",
        "...",
    )
    attachments = tuple(
        Attachment(name, "application/octet-stream", 1, SHA, str(n))
        for n, name in enumerate(hostile)
    )
    parts = parts_of(given(replace(MAIL, attachments=attachments)), "M-0001", CONTEXT)
    for child, name in zip(parts.children, hostile, strict=True):
        written = child.files[0].name
        assert Path(written).name == written
        assert written.startswith(child.key)
        assert written.isascii()
        assert written.count(".") == 1
        assert len(written) < 60
        assert child.informatieobject.naam != name or name.isprintable()


def test_a_medium_that_was_not_exported_is_named_and_left_out() -> None:
    media = (
        ChatAttachment("IMG-1.jpg", True, "exact", "IMG-1.jpg", "image/jpeg", 3, SHA),
        ChatAttachment("IMG-2.jpg", False),
        ChatAttachment("IMG-3.jpg", True, "exact", "IMG-3.jpg", "image/jpeg", 0, SHA),
    )
    chat = item(replace(CHAT, media=media))
    parts = parts_of(replace(given(MAIL), item=chat), "C-0001", CONTEXT)
    assert [c.informatieobject.naam for c in parts.children] == ["IMG-1.jpg"]
    assert [(p.naam, p.reden) for p in parts.left_out] == [
        ("IMG-2.jpg", "ontbreekt"),
        ("IMG-3.jpg", "leeg"),
    ]
