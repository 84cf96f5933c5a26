"""The command line ``archiefklaar``: a stable contract (DESIGN section 5). Imports no Qt.

Exit codes: 0 done, 1 done with findings that need attention, 2 wrong use, 3 refused by a rule,
4 damaged store. With ``--json`` every line on stdout is one JSON object; messages go to stderr.
"""

from __future__ import annotations

import codecs
import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archiver import texts
from archiver.errors import KnownError, RuleRefused, StoreDamaged
from archiver.findings import Finding, Severity
from archiver.services import inspect as inspection
from archiver.settings import default_werkmap
from selectielijst.words import sentence

if TYPE_CHECKING:
    from archiver.services.archive import Archive

OK, ATTENTION, WRONG_USE, REFUSED, DAMAGED = 0, 1, 2, 3, 4


@dataclass(slots=True)
class Context:
    """What every command gets: where, how to answer, and in which language."""

    werkmap: Path
    as_json: bool
    language: str
    attention: bool = False
    exit_code: int = OK
    actor: str | None = None
    archive: Archive | None = field(default=None)

    def open(self) -> Archive:
        """Open the work folder once."""
        if self.archive is None:
            self.archive = opened(self.werkmap, self.actor)
        return self.archive

    def out(self, data: dict[str, Any], line: str) -> None:
        """Write one result: JSON for programs, a line for people."""
        click.echo(json.dumps(data, ensure_ascii=False) if self.as_json else line)

    def say(self, message: str) -> None:
        """Write a message for people; never on stdout when that holds JSON."""
        click.echo(message, err=self.as_json)

    def text(self, key: str, **params: object) -> str:
        """Look up a text in the language of this call."""
        return texts.text(key, self.language, params)

    def findings(self, found: Iterable[Finding]) -> None:
        """Show findings in words and remember whether one needs attention."""
        for finding in found:
            if finding.severity is Severity.INFO:
                continue
            self.attention = True
            place = f"{finding.place}: " if finding.place else ""
            click.echo(f"  ! {place}{finding_text(finding, self.language)}", err=True)


def opened(werkmap: Path, actor: str | None) -> Archive:
    """Open a work folder; the register is loaded here, so that `inspect` starts without it."""
    from archiver.bootstrap import open_archive

    return open_archive(werkmap, actor=actor, origin="cli")


class Line:
    """Progress on stderr for a person at a terminal; silent when stderr is not one."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()

    def step(self, done: int, total: int | None, what: str) -> None:
        """Overwrite one line."""
        if self._shown:
            of = f"/{total}" if total is not None else ""
            click.echo(f"\r\x1b[K{done}{of} {what[:60]}", nl=False, err=True)

    def cancelled(self) -> bool:
        """Ctrl+C arrives as KeyboardInterrupt instead."""
        return False


def finding_text(finding: Finding, language: str) -> str:
    """Make the sentence for a finding; a finding from an error has its text under ``fout.``."""
    for prefix in ("bevinding.", "fout."):
        key = prefix + finding.code
        if key in texts.table():
            return texts.text(key, language, {"bestand": finding.place, **finding.params})
    return f"{finding.code} {dict(finding.params) or ''}".strip()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--werkmap", type=click.Path(path_type=Path, file_okay=False), default=None)
@click.option("--json", "as_json", is_flag=True, help="Eén JSON-object per regel.")
@click.option("--taal", type=click.Choice(["nl", "en"]), default="nl")
@click.option("--als", "actor", default=None, help="Naam van wie dit doet.")
@click.version_option(package_name="archiefklaar")
@click.pass_context
def cli(
    ctx: click.Context, werkmap: Path | None, as_json: bool, taal: str, actor: str | None
) -> None:
    """Maak e-mail en chat archiefklaar: innemen, waarderen, verpakken, bewijzen."""
    context: Context = ctx.obj
    context.werkmap = werkmap or context.werkmap
    context.as_json, context.language, context.actor = as_json, taal, actor


_PATHS = click.argument(
    "paths", nargs=-1, required=True, type=click.Path(path_type=Path, exists=False)
)


def _known_charset(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    """Take only a name that Python knows, so that a typing error is not a silent guess."""
    try:
        return codecs.lookup(value).name if value else None
    except LookupError as error:
        raise click.BadParameter(value or "") from error


_TEKENSET = click.option(
    "--tekenset",
    callback=_known_charset,
    default=None,
    help="Voor oude Outlook-berichten met vreemde tekens: cp1250, cp1251, cp932, ...",
)


def _answers(datumvolgorde: str | None, tekenset: str | None) -> dict[str, str]:
    given = {"date_order": datumvolgorde, "codepage": tekenset}
    return {question: answer for question, answer in given.items() if answer}


@cli.command()
@_PATHS
@click.option("--messages", is_flag=True, help="Ook een regel per chatbericht.")
@click.option("--datumvolgorde", type=click.Choice(["dmy", "mdy", "ymd"]), default=None)
@_TEKENSET
@click.pass_obj
def inspect(
    ctx: Context,
    paths: tuple[Path, ...],
    messages: bool,
    datumvolgorde: str | None,
    tekenset: str | None,
) -> None:
    """Lees en toon; sla niets op. Eén regel per bericht of gesprek."""
    answers = _answers(datumvolgorde, tekenset)
    for line in inspection.inspect(paths, Line(), messages=messages, answers=answers):
        if line["kind"] == "unreadable" or any(
            f["severity"] == Severity.FOUT.value for f in line["findings"]
        ):
            ctx.attention = True
        ctx.out(line, inspection.human_line(line))


@cli.command("neem-op")
@_PATHS
@click.option("--dossier", default=None)
@click.option("--eigenaar", default=None, help="Van wie het postvak of de telefoon is.")
@click.option("--datumvolgorde", type=click.Choice(["dmy", "mdy", "ymd"]), default=None)
@_TEKENSET
@click.option(
    "--uitsluiten",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    default=None,
    help="Bestand met regels: welke chatberichten niet worden opgenomen.",
)
@click.pass_obj
def neem_op(
    ctx: Context,
    paths: tuple[Path, ...],
    dossier: str,
    eigenaar: str,
    datumvolgorde: str | None,
    tekenset: str | None,
    uitsluiten: Path | None,
) -> None:
    """Neem op: origineel naar de kluis, dan het register, dan het spoor."""
    from archiver.services.intake import TakeIn, take_in

    answers = _answers(datumvolgorde, tekenset)
    command = TakeIn(paths, dossier=dossier, owner=eigenaar, answers=answers)
    if uitsluiten is None:
        result = take_in(ctx.open(), command, Line())
    else:
        from archiver.services.exclusion import read_rules, take_in_without

        result = take_in_without(ctx.open(), command, read_rules(uitsluiten), Line())
    for source in result.sources:
        if source.status.value == "geweigerd":
            ctx.attention = True
        ctx.out(
            {
                "path": source.path,
                "status": source.status.value,
                "sha256": source.sha256,
                "size": source.size,
                "source": source.source_id,
                "items": list(source.item_ids),
                "ledger": inspection.ledger_json(source.ledger),
                "findings": [f.as_json() for f in source.findings],
            },
            ctx.text(
                "cli.opgenomen." + source.status.value,
                bestand=Path(source.path).name,
                n=len(source.item_ids),
            ),
        )
        ctx.findings(f for f in source.findings if f.severity is Severity.FOUT)


@cli.command()
@click.option("--wachtrij", type=click.Choice(["getagd", "te_beoordelen", "besloten", "verpakt"]))
@click.pass_obj
def beoordeel(ctx: Context, wachtrij: str | None) -> None:
    """Toon per bericht het voorstel met de reden in één zin."""
    from archiver.model import ItemStatus
    from archiver.services import overview

    archive = ctx.open()
    for item_id in overview.item_ids(archive, ItemStatus(wachtrij) if wachtrij else None):
        item = overview.item(archive, item_id)
        words = sentence(item.proposal, ctx.language, texts.text)
        ctx.out(
            {
                "id": item.id,
                "title": item.title,
                "status": item.status.value,
                "dossier": item.dossier.naam if item.dossier else None,
                "proposal": dict(item.proposal),
                "sentence": words,
                "decision": item.decision.waardering if item.decision else None,
            },
            f"{item.id}  {item.status.value:14} {item.title[:50]}\n    {words}",
        )


@cli.command()
@click.argument("ids", nargs=-1)
@click.option("--alle", is_flag=True, help="Alle berichten met een voorstel B of V.")
@click.option("--waardering", type=click.Choice(["B", "V", "N"]), default=None)
@click.option("--termijn", default=None, help="ISO 8601, bijvoorbeeld P10Y.")
@click.option("--reden", default="")
@click.pass_obj
def besluit(
    ctx: Context,
    ids: tuple[str, ...],
    alle: bool,
    waardering: str | None,
    termijn: str | None,
    reden: str,
) -> None:
    """Leg een besluit vast: het voorstel (zonder --waardering) of een eigen waardering met reden."""
    from archiver.model import ItemStatus
    from archiver.services import overview
    from archiver.services.appraisal import Decide, accept, decide

    archive = ctx.open()
    if alle:
        ids = tuple(
            i
            for status in (ItemStatus.GETAGD, ItemStatus.TE_BEOORDELEN)
            for i in overview.item_ids(archive, status)
        )
    if not ids:
        raise click.UsageError(ctx.text("cli.geen_ids"))
    if waardering is None:
        changes = accept(archive, ids, reden or ctx.text("cli.voorstel_gevolgd"), Line())
    else:
        changes = decide(archive, Decide(ids, waardering, reden, termijn), Line())
    ctx.out(
        {"decided": list(changes.ids)},
        ctx.text("cli.besloten", n=len(changes.ids), totaal=len(ids)),
    )


@cli.command()
@click.argument("query", default="")
@click.option("--van", type=click.DateTime(["%Y-%m-%d"]), default=None, help="Eerste dag.")
@click.option("--tot", type=click.DateTime(["%Y-%m-%d"]), default=None, help="Laatste dag.")
@click.option("--van-persoon", default=None, help="Deel van de afzender.")
@click.pass_obj
def zoek(
    ctx: Context,
    query: str,
    van: datetime | None,
    tot: datetime | None,
    van_persoon: str | None,
) -> None:
    """Zoek in titel, afzender en dossier."""
    from archiver.services import overview

    archive = ctx.open()
    ids = overview.item_ids(
        archive,
        search=query,
        since=van.date().isoformat() if van else None,
        until=tot.date().isoformat() if tot else None,
        sender=van_persoon,
    )
    for row in overview.item_rows(archive, ids):
        ctx.out(
            {"id": row.id, "title": row.title, "sender": row.sender, "date": row.date},
            f"{row.id}  {(row.date or '')[:16]:16}  {(row.sender or '')[:24]:24}  {row.title}",
        )


@cli.command()
@click.option("--profiel", type=click.Choice(["mdto"]), default="mdto")
@click.option("--selectie", default=None)
@click.option("--dossier", default=None)
@click.option("--alleen-besloten", is_flag=True)
@click.option("--naam", default=None, help="Titel van de aanlevering.")
@click.option("--moment", default=None, help="Tijdstip van maken; hetzelfde geeft dezelfde bytes.")
@click.option("--naar", type=click.Path(path_type=Path), required=True)
@click.pass_obj
def verpak(
    ctx: Context,
    profiel: str,
    selectie: str | None,
    dossier: str | None,
    alleen_besloten: bool,
    naam: str | None,
    moment: str | None,
    naar: Path,
) -> None:
    """Maak een pakket dat de ontvanger aanneemt; het wordt teruggelezen en nagerekend."""
    from archiver.services.packaging_run import MakePackage, make_package

    command = MakePackage(
        target=naar,
        profile=profiel,
        search=selectie,
        dossier=dossier,
        only_decided=alleen_besloten,
        naam=naam,
        moment=moment,
    )
    result = make_package(ctx.open(), command, Line())
    ctx.findings(result.findings)
    ctx.out(
        {
            "path": str(result.path),
            "released": result.released,
            "informatieobjecten": result.informatieobjecten,
            "bestanden": result.bestanden,
            "bytes": result.bytes,
            "hash": result.package_hash,
            "ledger": inspection.ledger_json(result.ledger),
            "findings": [f.as_json() for f in result.findings],
        },
        ctx.text(
            "cli.verpakt" if result.released else "cli.niet_verpakt",
            n=result.informatieobjecten,
            m=result.bestanden,
            pad=result.path,
        ),
    )
    if not result.released:
        ctx.exit_code = REFUSED


@cli.command()
@click.argument("pakket", type=click.Path(path_type=Path, exists=False))
@click.pass_obj
def keur(ctx: Context, pakket: Path) -> None:
    """Keur een pakket, eigen of vreemd."""
    from archiver.services.check import check_package

    report = check_package(pakket, Line())
    for finding in report.findings:
        if finding.severity is not Severity.INFO:
            ctx.attention = True
        ctx.out(
            {**finding.as_json(), "text": finding_text(finding, ctx.language)},
            f"{finding.severity.value:7} {finding.code} {finding.place}: "
            f"{finding_text(finding, ctx.language)}",
        )
    errors = sum(f.severity is Severity.FOUT for f in report.findings)
    ctx.say(ctx.text("cli.gekeurd", fouten=errors, n=len(report.findings) - errors))


@cli.command()
@click.pass_obj
def verifieer(ctx: Context) -> None:
    """Reken kluis, register en spoor na; noem alles wat afwijkt."""
    from archiver.services.verify import verify

    report = verify(ctx.open(), Line())
    for finding in report.findings:
        ctx.out(
            {**finding.as_json(), "text": finding_text(finding, ctx.language)},
            f"{finding.severity.value} {finding.place} {finding_text(finding, ctx.language)}",
        )
    ctx.say(ctx.text("cli.geverifieerd", n=report.blobs, items=report.items, regels=report.entries))
    if not report.sound:
        ctx.exit_code = DAMAGED


@cli.command("maak-ongedaan")
@click.pass_obj
def maak_ongedaan(ctx: Context) -> None:
    """Maak de laatste wijziging of het laatste besluit ongedaan; het spoor blijft staan."""
    from archiver.services.undo import undo

    changes = undo(ctx.open())
    ctx.out({"undone": list(changes.ids)}, ctx.text("cli.ongedaan", n=len(changes.ids)))


@cli.command()
@click.option("--naar", type=click.Path(path_type=Path), required=True)
@click.pass_obj
def demo(ctx: Context, naar: Path) -> None:
    """Doe het hele werk op de meegeleverde voorbeelden, tot een nagerekend pakket."""
    from archiver.services.demo import run_demo

    outcome = run_demo(naar, opened, ctx.say, ctx.language, texts.text, Line())
    ctx.findings(outcome.findings)
    ctx.attention = False  # the samples hold things to notice on purpose
    if not outcome.sound:
        ctx.exit_code = DAMAGED


@cli.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.pass_obj
def gui(ctx: Context, paths: tuple[Path, ...]) -> None:
    """Open het venster (een eigen proces; de opdrachtregel zelf laadt geen Qt)."""
    import subprocess

    command = [sys.executable, "-m", "ui.app", "--werkmap", str(ctx.werkmap)]
    raise SystemExit(subprocess.call([*command, *map(str, paths)]))


def main(argv: list[str] | None = None) -> None:
    """Run the command line and turn what happened into an exit code."""
    raise SystemExit(run(sys.argv[1:] if argv is None else argv))


def run(argv: list[str]) -> int:
    """Run one command and give its exit code; closes the work folder whatever happened."""
    context = Context(default_werkmap(), as_json=False, language="nl")
    try:
        cli.main(argv, prog_name="archiefklaar", standalone_mode=False, obj=context)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as wrong:
        wrong.show()
        return WRONG_USE
    except (click.Abort, KeyboardInterrupt):
        click.echo(context.text("fout.gestopt"), err=True)
        return ATTENTION
    except KnownError as error:
        place = f"{error.place}: " if error.place else ""
        click.echo(place + finding_text(error.as_finding(), context.language), err=True)
        if isinstance(error, RuleRefused):
            return REFUSED
        return DAMAGED if isinstance(error, StoreDamaged) else ATTENTION
    finally:
        if context.archive is not None:
            context.archive.close()
    return context.exit_code or (ATTENTION if context.attention else OK)


if __name__ == "__main__":
    main()
