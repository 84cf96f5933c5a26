"""The command line ``archiefklaar``: a stable contract (DESIGN section 5). Imports no Qt.

Exit codes: 0 done, 1 done with findings that need attention or stopped half way, 2 wrong use,
3 refused: nothing was done (a rule, the work folder or the place for the result forbids it),
4 damaged store, 70 a mistake of ours (traceback on stderr; EX_SOFTWARE of sysexits.h). With ``--json``
every line on stdout is one JSON object; messages go to stderr.
"""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path

import click

from archiver.cli.appraisal import beoordeel, besluit, maak_ongedaan, zoek
from archiver.cli.context import (
    ATTENTION,
    BUG,
    DAMAGED,
    OK,
    REFUSED,
    WRONG_USE,
    Context,
    finding_text,
)
from archiver.cli.conversations import gesprek, koppel
from archiver.cli.export import exporteer
from archiver.cli.intake import inspect, neem_op, vergelijk
from archiver.cli.mailbox import mappen
from archiver.cli.packages import demo, keur, verifieer, verpak
from archiver.cli.people import personen
from archiver.cli.related import samenhang
from archiver.cli.speech import printable, wrong_use
from archiver.errors import Cancelled, KnownError, RuleRefused, StoreDamaged
from archiver.settings import default_werkmap


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--werkmap", type=click.Path(file_okay=False), default=None)
@click.option("--json", "as_json", is_flag=True, help="Eén JSON-object per regel.")
@click.option("--taal", type=click.Choice(["nl", "en"]), default="nl")
@click.option("--als", "actor", default=None, help="Naam van wie dit doet.")
@click.version_option(package_name="archiefklaar")
@click.pass_context
def cli(
    ctx: click.Context, werkmap: str | None, as_json: bool, taal: str, actor: str | None
) -> None:
    """Maak e-mail en chat archiefklaar: innemen, waarderen, verpakken, bewijzen.

    Afsluitcodes: 0 gedaan; 1 gedaan, maar er is iets om naar te kijken; 2 verkeerd gebruik; 3
    geweigerd, er is niets gedaan; 4 de opslag is beschadigd; 70 een fout van ons.
    """
    context: Context = ctx.obj
    context.as_json, context.language, context.actor = as_json, taal, actor
    if werkmap == "":  # an empty variable in a script must not mean the folder one stands in
        raise click.UsageError(context.text("cli.werkmap_leeg"), ctx)
    context.werkmap = Path(werkmap) if werkmap is not None else context.werkmap


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.pass_obj
def gui(ctx: Context, paths: tuple[Path, ...]) -> None:
    """Open het venster (een eigen proces; de opdrachtregel zelf laadt geen Qt)."""
    import subprocess

    command = [sys.executable, "-m", "ui.app", "--werkmap", str(ctx.werkmap)]
    raise SystemExit(subprocess.call([*command, *map(str, paths)]))


for _command in (
    inspect,
    vergelijk,
    koppel,
    gesprek,
    personen,
    mappen,
    neem_op,
    beoordeel,
    besluit,
    zoek,
    samenhang,
    verpak,
    exporteer,
    keur,
    verifieer,
    maak_ongedaan,
    demo,
    gui,
):
    cli.add_command(_command)


def main(argv: list[str] | None = None) -> None:
    """Run the command line and turn what happened into an exit code.

    A mistake of ours is shown whole, with one sentence for people, under an exit code of its own.
    """
    context = Context(default_werkmap(), as_json=False, language="nl")
    try:
        code = run(sys.argv[1:] if argv is None else argv, context)
    except Exception:  # the edge of the process: said below, and the traceback is the report
        traceback.print_exc()
        click.echo(context.text("cli.fout.onverwacht"), err=True)
        code = BUG
    raise SystemExit(code)


def run(argv: list[str], context: Context | None = None) -> int:
    """Run one command and give its exit code; closes the work folder whatever happened."""
    context = context or Context(default_werkmap(), as_json=False, language="nl")
    try:
        cli.main(argv, prog_name="archiefklaar", standalone_mode=False, obj=context)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as wrong:
        click.echo(wrong_use(wrong, context.text), err=True)
        return WRONG_USE
    except BrokenPipeError:
        # Whoever reads our output (head, less) has seen enough; nothing more can be said there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ATTENTION
    except (click.Abort, KeyboardInterrupt):
        click.echo(context.text("fout.gestopt"), err=True)
        return ATTENTION
    except KnownError as error:
        place = f"{error.place}: " if error.place else ""
        said = place + finding_text(error.as_finding(), context.language)
        click.echo(printable(said), err=True)
        return _code(error, context)
    finally:
        if context.archive is not None:
            context.archive.close()
    return context.exit_code or (ATTENTION if context.attention else OK)


def _code(error: KnownError, context: Context) -> int:
    """Give the exit code of what ended a command: 3 when it had done nothing yet."""
    if isinstance(error, StoreDamaged):
        return DAMAGED
    if isinstance(error, RuleRefused):
        return REFUSED
    if isinstance(error, Cancelled) or context.answered:
        return ATTENTION
    return REFUSED
