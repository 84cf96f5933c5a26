"""How the command line says things: lines that a terminal can show, wrong use in the user's language."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

import click

_HALF = re.compile("[\ud800-\udfff]")
_OWN_WORDS = re.compile(r"(No such command)? ?(?:Got unexpected extra arguments? )?['(](.*?)[')]")
_DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def printable(text: str) -> str:
    """Make text safe for a terminal: what a message wrote must not move, hide or reorder anything."""
    if text.isprintable():
        return text
    return "".join(
        "\N{REPLACEMENT CHARACTER}"
        if character in _DIRECTION
        or (character not in "\n\t" and unicodedata.category(character) in ("Cc", "Cs"))
        else character
        for character in text
    )


def json_line(data: Mapping[str, Any]) -> bytes:
    """Make one line of JSON in UTF-8; bytes of a name that are no text stay as ``\\udc..`` escapes."""
    line = json.dumps(data, ensure_ascii=False)
    return _HALF.sub(lambda half: f"\\u{ord(half[0]):04x}", line).encode()


def wrong_use(error: click.ClickException, text: Callable[..., str]) -> str:
    """Say what is wrong with the way the command was given, and where to look."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    command = context.command_path if context is not None else "archiefklaar"
    said = error.message
    if isinstance(error, click.NoSuchOption):
        said = text("cli.fout.optie", naam=error.option_name)
    elif isinstance(error, click.MissingParameter):
        said = text("cli.fout.mist", naam=_name(error))
    elif isinstance(error, click.BadParameter):
        said = f"{text('cli.fout.waarde', naam=_name(error))} {_allowed(error, text)}"
    elif found := _OWN_WORDS.match(error.message):
        # click has no class of its own for these two, only its English words.
        said = text("cli.fout.opdracht" if found[1] else "cli.fout.te_veel", naam=found[2])
    return printable(f"{said}\n{text('cli.fout.hulp', opdracht=command)}")


def _allowed(error: click.BadParameter, text: Callable[..., str]) -> str:
    kind = error.param.type if error.param is not None else None
    if isinstance(kind, click.Choice):
        return text("cli.fout.keuze", keuzes=", ".join(map(str, kind.choices)))
    if isinstance(kind, click.DateTime):
        return text("cli.fout.datum")
    if isinstance(kind, click.Path):
        return text("cli.fout.bestand")
    return error.message


def _name(error: click.BadParameter) -> str:
    if error.param is None:
        return ""
    options = [o for o in error.param.opts if o.startswith("-")]
    return options[-1] if options else error.param.human_readable_name
