"""Arguments and options that more than one command takes."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import click

from archiver.cli.context import Context
from archiver.services.answers import KEY, Secret, is_zone

PATHS = click.argument(
    "paths", nargs=-1, required=True, type=click.Path(path_type=Path, exists=False)
)
DATUMVOLGORDE = click.option(
    "--datumvolgorde",
    type=click.Choice(["dmy", "mdy", "ymd"]),
    default=None,
    help="Voor een chat-export waarvan de datums op twee manieren te lezen zijn.",
)


def _known_charset(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    """Take only a name that Python knows, so that a typing error is not a silent guess."""
    try:
        return codecs.lookup(value).name if value else None
    except LookupError as error:
        raise click.BadParameter(value or "") from error


def _moment(ctx: click.Context, _: click.Parameter, value: str | None) -> str | None:
    """Take a date with time and offset, written as MDTO wants it."""
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is not None and len(value) > len("2026-01-01"):
            return moment.isoformat(timespec="seconds")
    except (ValueError, OverflowError):
        pass
    raise click.BadParameter(ctx.obj.text("cli.moment"))


def _zone(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Take the name of a time zone; BadParameter for anything else."""
    if value is None or is_zone(value):
        return value
    raise click.BadParameter(ctx.obj.text("cli.tijdzone"))


MOMENT = click.option(
    "--moment",
    callback=_moment,
    default=None,
    help="Tijdstip van maken met zone (2026-11-26T10:00:00+01:00); hetzelfde geeft dezelfde bytes.",
)

TIJDZONE = click.option(
    "--tijdzone",
    callback=_zone,
    default=None,
    help="Tijdzone van een chat-export zonder tijdzone: Europe/Amsterdam, America/Kralendijk, UTC, ...",
)

TEKENSET = click.option(
    "--tekenset",
    callback=_known_charset,
    default=None,
    help="Voor oude Outlook-berichten met vreemde tekens: cp1250, cp1251, cp932, ...",
)


SLEUTEL_UIT = click.option(
    "--sleutel-uit",
    type=click.File("rb"),
    default=None,
    help="Bestand met de sleutel of het wachtwoord van een versleutelde back-up; - is de invoer.",
)
SLEUTEL_VRAGEN = click.option(
    "--sleutel-vragen", is_flag=True, help="Vraag de sleutel; wat je typt is niet te zien."
)
_LONGEST_KEY = 4_096  # bytes


def secret(ctx: Context, file: BinaryIO | None, ask: bool) -> dict[str, str]:
    """Give the key of this call as answer; it is never an argument, because others can see those."""
    if file is not None:
        try:
            key = file.read(_LONGEST_KEY).decode("utf-8").strip("\r\n")
        except UnicodeDecodeError as error:
            raise click.BadParameter(ctx.text("cli.sleutel_geen_tekst")) from error
    elif ask:
        key = click.prompt(ctx.text("cli.sleutel"), hide_input=True, err=True)
    else:
        return {}
    return {KEY: Secret(key)}


def typed_facts(command: Callable[..., None]) -> Callable[..., None]:
    """Add what a person tells of an original that is not read: program, title, people and period."""
    for option, text in (
        ("--reden", "Met --onbekend bewaren: waarom het toch bewaard wordt."),
        ("--platform", "Van een origineel dat niet te lezen is: uit welke app het komt."),
        ("--periode", "Van een origineel dat niet te lezen is: 2026-03-01/2026-03-05."),
        ("--deelnemers", 'Van een origineel dat niet te lezen is: "Anna de Wit; Bram Vos".'),
        ("--titel", "Van een origineel dat niet te lezen is: hoe het gesprek heet."),
    ):
        command = click.option(option, default=None, help=text)(command)
    return command


ONBEKEND = click.option(
    "--onbekend",
    type=click.Choice(["weigeren", "bewaren"]),
    default="weigeren",
    show_default=True,
    help="Een bestand dat geen lezer kent: weigeren, of als geheel bewaren (niet geduid).",
)


def facts(
    titel: str | None,
    deelnemers: str | None,
    periode: str | None,
    platform: str | None,
    reden: str | None,
) -> dict[str, str]:
    """Give the facts of this call as intake takes them."""
    given = {
        "title": titel,
        "participants": deelnemers,
        "period": periode,
        "platform": platform,
        "reason": reden,
    }
    return {question: answer for question, answer in given.items() if answer}


def answers(
    datumvolgorde: str | None, tekenset: str | None, tijdzone: str | None = None
) -> dict[str, str]:
    """Give the answers of this call as intake takes them."""
    given = {"date_order": datumvolgorde, "codepage": tekenset, "zone": tijdzone}
    return {question: answer for question, answer in given.items() if answer}
