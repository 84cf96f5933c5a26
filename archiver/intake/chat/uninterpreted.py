"""A file that no reader understands, kept whole because a person asked for it: "niet geduid".

Never chosen by content: `archiver.intake.worker` asks for it, with the answer `KEEP`, about a file that
would be refused otherwise. What it is about is typed by the user (`archiver.services.questions`). A
program, an empty file, what cannot be opened and what unpacks without end stay refused.
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
_UNREAD = frozenset({"bestand.onbekend_formaat", "bestand.wachtwoord", "bestand.beschadigd"})
_HOSTILE = frozenset({"chat.zip_te_groot"})


def why_unread(codes: Iterable[str]) -> str | None:
    """Give the code for which a refused file may be kept whole; None when it may not."""
    said = tuple(codes)
    if _HOSTILE.intersection(said):
        return None
    return next((c for c in said if c in _UNREAD or c.startswith("chat.")), None)


def asked(answers: Mapping[str, str]) -> bool:
    """Tell whether somebody asked to keep what cannot be read."""
    return answers.get(KEEP) == YES


def identified(found: Identification, why: str) -> Identification:
    """Give what is known of the format of such a file, without the finding that it was refused."""
    kept = tuple(f for f in found.findings if f.code != why)
    return replace(found, format=FORMAT, findings=kept)


def whole(path: Path, why: str) -> Conversation:
    """Give the `Conversation` without messages of a file that could not be read; `why` is a code.

    Raises OSError.
    """
    with path.open("rb") as stream:
        digest, size = hashlib.file_digest(stream, "sha256").hexdigest(), stream.tell()
    return Conversation(
        id=f"{FORMAT}-{digest[:16]}",
        format=FORMAT,
        platform=PLATFORM,
        index=0,
        size=size,
        sha256=digest,
        title=path.name,
        text_sha256=digest,
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
    yield whole(path, "bestand.onbekend_formaat")


def messages(path: Path, record: Conversation, context: ParseContext) -> Iterator[ChatMessage]:
    """Give nothing: nobody reads what is in it."""
    yield from ()
