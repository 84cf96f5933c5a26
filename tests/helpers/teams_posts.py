"""Invented messages of Teams as Purview exports them: items of a .pst, and loose .msg files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from tests.helpers import outlook
from tests.helpers.pst_maker import BINARY, Mail, Props, StoreMaker, moment, text

SET = UUID("f6e4ba45-c83c-45da-8f38-43bd3fe76d5c").bytes_le.hex()
PREFIX = "IOpenTypedFacet.SkypeSpaces_ConversationPost_Extension#"
NAMES = ("ThreadId", "ThreadType", "Topic", "SkypeItemId", "ParentMessageId", "CreatedDateTime")
NAMED: list[tuple[str, int | str]] = [
    ("2983060000000000c000000000000046", 0x8501),
    *((SET, PREFIX + name) for name in NAMES),
]
CHAT = "19:kade@thread.v2"
CLASS = "IPM.SkypeTeams.Message"
T0 = 1_770_105_600  # 2026-02-03 08:00 UTC


def post(
    number: int,
    words: str,
    sender: str = "Sanne Bakker",
    chat: str | None = CHAT,
    *,
    answers: int | None = None,
    topic: str | None = "Kade",
    item_class: str = CLASS,
    extra: Props | None = None,
) -> Mail:
    """Make the item of message `number`, a minute later for each number."""
    at = T0 + 60 * number
    known = (
        chat,
        "chat" if chat else None,
        topic,
        str(at),
        str(T0 + 60 * answers) if answers else None,
    )
    named = {0x8001 + n: text(value) for n, value in enumerate(known) if value is not None}
    named[0x8006] = moment(at)
    return Mail(
        "",
        plain=words,
        sender=(sender, "SMTP", sender.split()[0].lower() + "@voorbeeld.nl"),
        people=[(1, "Jan Smit", "SMTP", "jan@voorbeeld.nl", None)],
        sent=at,
        item_class=item_class,
        extra=named | dict(extra or {}),
    )


def store(path: Path, posts: Sequence[Mail], folder: str = "TeamsMessagesData") -> Path:
    """Write a .pst with these items in one folder, and one ordinary mail in another."""
    with path.open("w+b") as stream:
        maker = StoreMaker(stream)
        guids, entries, texts = outlook.name_map(NAMED)
        maker.node(0x61, {2: (BINARY, guids), 3: (BINARY, entries), 4: (BINARY, texts)}, 0)
        top = maker.folder(0x401, folder)
        for one in posts:
            maker.add(top, one)
        inbox = maker.folder(0x402, "Postvak IN")
        maker.add(
            inbox, Mail("Verslag", plain="Zie bijlage.", sent=T0, sender=("Bo", "SMTP", "bo@v.nl"))
        )
        maker.finish()
    return path


def loose(
    path: Path, number: int, words: str, chat: str | None = CHAT, item_class: str = CLASS
) -> Path:
    """Write one message as a .msg."""
    at = T0 + 60 * number
    made: dict[int, outlook.Value] = {
        0x001A: item_class,
        0x1000: words,
        0x0C1A: "Sanne Bakker",
        0x0C1F: "sanne@voorbeeld.nl",
        0x0039: datetime.fromtimestamp(at, UTC),
        0x8003: "Kade",
        0x8004: str(at),
    }
    if chat is not None:
        made[0x8001] = chat
    path.write_bytes(outlook.msg(made, names=NAMED))
    return path
