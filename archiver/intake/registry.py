"""Which parser reads a file: by what it holds, never by its name alone."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import cast

from archiver.intake.protocol import Head, Parser

PARSERS: tuple[str, ...] = (
    "archiver.intake.eml",
    "archiver.intake.mbox",
    "archiver.intake.msg",
    "archiver.intake.tnef",
    "archiver.intake.ics",
    "archiver.intake.chat.extract",
    "archiver.intake.chat.whatsapp",
    "archiver.intake.chat.signal",
    "archiver.intake.chat.signal_export",
    "archiver.intake.chat.signal_database",
    "archiver.intake.chat.telegram",
    "archiver.intake.chat.telegram_html",
    "archiver.intake.chat.teams",
    "archiver.intake.chat.webvtt",
    "archiver.intake.chat.slack",
    "archiver.intake.chat.mattermost",
    "archiver.intake.chat.mattermost_xml",
    "archiver.intake.chat.mattermost_csv",
    "archiver.intake.chat.sms",
    "archiver.intake.chat.imessage",
    "archiver.intake.chat.whatsapp_db",
    "archiver.intake.chat.meta",
    "archiver.intake.chat.x_messages",
    "archiver.intake.chat.linkedin",
    "archiver.intake.chat.element",
    "archiver.intake.chat.google_chat",
    "archiver.intake.chat.webex",
    "archiver.intake.chat.threema",
    "archiver.intake.chat.rsmf",
    "archiver.intake.chat.web_archive",
    "archiver.intake.chat.sealed",
    "archiver.intake.chat.screenshot",
    "archiver.intake.chat.uninterpreted",
    "archiver.intake.pst",
    "archiver.intake.emlx",
    "archiver.intake.maildir",
    "archiver.intake.olm",
    "archiver.intake.zip_of_mail",
)
SURE_ENOUGH = 20  # below this the format is unknown: nobody guesses


@dataclass(frozen=True, slots=True)
class Choice:
    """The parser that takes a file, and how sure it is (20 to 100)."""

    parser: Parser
    score: int

    @property
    def format(self) -> str:
        """Our word for the format."""
        return self.parser.FORMAT


def choose(path: Path, head: Head, names: Sequence[str] = PARSERS) -> Choice | None:
    """Give the parser with the highest score, the first named on a tie; None when none is sure.

    A module may offer ``score_path(path, head)`` when the first 64 KiB cannot tell (a zip).
    """
    best: Choice | None = None
    for name in names:
        parser = load(name)
        if parser is None:
            continue
        score_path = getattr(parser, "score_path", None)
        score = score_path(path, head) if score_path else parser.score(head)
        if score >= SURE_ENOUGH and (best is None or score > best.score):
            best = Choice(parser, score)
    return best


def companions(path: Path, names: Sequence[str] = PARSERS) -> Iterable[Path]:
    """Give the files beside `path` that belong to it, such as the media of a chat text."""
    for name in names:
        parser = load(name)
        ask = getattr(parser, "companions", None)
        if ask is not None and (found := tuple(ask(path))):
            return found
    return ()


def by_format(word: str, names: Sequence[str] = PARSERS) -> Parser:
    """Give the parser of a format, by our word for it. KeyError when there is none: a bug."""
    for name in names:
        parser = load(name)
        if parser is not None and word == parser.FORMAT:
            return parser
    raise KeyError(word)


@lru_cache(maxsize=64)
def load(name: str) -> Parser | None:
    """Import a parser by name; None when this installation does not have it."""
    try:
        return cast("Parser", importlib.import_module(name))
    except ModuleNotFoundError as error:
        if error.name == name:
            return None
        raise
