"""A file that no reader understands, kept whole because a person asked for it: "niet geduid".

Never chosen by content: `archiver.intake.worker` asks for it, with the answer `KEEP`, about a file that
would be refused otherwise, and `archiver.intake.pool` when its reader failed. What it is about is typed by
the user (`archiver.services.questions`). A program, an empty file, what cannot be opened and what unpacks
without end stay refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from archiver.findings import Finding
from archiver.intake.protocol import Head, ParseContext
from archiver.model import ChatMessage, Conversation, Identification, Record

FORMAT = "niet_geduid"
PLATFORM = "onbekend"
KEEP, YES = "kept_whole", "ja"
KEPT = "chat.toch_bewaard"  # `reden` is the code for which no reader took it
FAILED = frozenset({"bestand.lezer_gestopt", "bestand.niet_leesbaar"})  # the reader gave nothing
_UNREAD = frozenset({"bestand.onbekend_formaat", "bestand.wachtwoord", "bestand.beschadigd"})
_NEVER = frozenset({"chat.zip_te_groot", "bestand.programma"})


def why_unread(codes: Iterable[str]) -> str | None:
    """Give the code for which a refused file may be kept whole; None when it may not."""
    said = tuple(codes)
    if _NEVER.intersection(said):
        return None
    return next((c for c in said if c in _UNREAD | FAILED or c.startswith("chat.")), None)


def answer_for(why: str) -> str:
    """Give the answer to `KEEP` about a file that was refused for `why`.

    `YES`: what can be read is read. Of a file whose reader failed it is the code itself: no reader starts.
    """
    return why if why in FAILED else YES


def asked(answers: Mapping[str, str]) -> bool:
    """Tell whether somebody asked to keep what cannot be read."""
    return KEEP in answers


def why_not_to_read(answers: Mapping[str, str]) -> str | None:
    """Give the code for which no reader may start: an earlier one failed on this file; else None."""
    why = answers.get(KEEP)
    return why if why in FAILED else None


def identified(found: Identification, *, read: bool) -> Identification:
    """Give what is known of the format of such a file, without the finding that it was refused.

    Of a file that no reader tried to `read` nobody can say that its extension is wrong.
    """
    kept = tuple(f for f in found.findings if read and f.code not in _UNREAD)
    return replace(found, format=FORMAT, findings=kept)


def whole(path: Path, why: str, sha256: str, size: int) -> Conversation:
    """Give the `Conversation` without messages of a file that could not be read; `why` is a code."""
    return Conversation(
        id=f"{FORMAT}-{sha256[:16]}",
        format=FORMAT,
        platform=PLATFORM,
        index=0,
        size=size,
        sha256=sha256,
        title=path.name,
        text_sha256=sha256,
        text_size=size,
        findings=(
            Finding(KEPT, {"naam": path.name, "reden": why}, path.name),
            Finding("chat.niet_geduid", {"naam": path.name}, path.name),
        ),
    )


def score(head: Head) -> int:
    """Never by content: a person asks."""
    return 0


def parse(path: Path, context: ParseContext) -> Iterator[Record]:
    """Give the conversation, for who has the file already."""
    with path.open("rb") as stream:
        digest, size = hashlib.file_digest(stream, "sha256").hexdigest(), stream.tell()
    yield whole(path, "bestand.onbekend_formaat", digest, size)


def messages(path: Path, record: Conversation, context: ParseContext) -> Iterator[ChatMessage]:
    """Give nothing: nobody reads what is in it."""
    yield from ()
