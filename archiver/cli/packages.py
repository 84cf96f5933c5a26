"""Commands that make and judge packages and prove the store: verpak, keur, verifieer, demo."""

from __future__ import annotations

from pathlib import Path

import click

from archiver import texts
from archiver.cli.context import DAMAGED, REFUSED, Context, Line, finding_text, opened
from archiver.cli.options import MOMENT
from archiver.findings import Severity
from archiver.services import inspect as inspection


@click.command()
@click.option("--profiel", type=click.Choice(["mdto"]), default="mdto")
@click.option("--selectie", default=None)
@click.option("--dossier", default=None)
@click.option("--alleen-besloten", is_flag=True)
@click.option("--naam", default=None, help="Titel van de aanlevering.")
@MOMENT
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


@click.command()
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
    remarks = len(report.findings) - errors
    counts = {
        "errors": errors,
        "remarks": remarks,
        "informatieobjecten": report.counts.informatieobjecten,
        "bestanden": report.counts.bestanden,
        "bytes": report.counts.bytes,
        "sound": report.sound,
    }
    ctx.summary(counts, ctx.text("cli.gekeurd", fouten=errors, n=remarks))


@click.command()
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
    counts = {
        "blobs": report.blobs,
        "items": report.items,
        "entries": report.entries,
        "errors": sum(f.severity is Severity.FOUT for f in report.findings),
        "sound": report.sound,
    }
    words = ctx.text("cli.geverifieerd", n=report.blobs, items=report.items, regels=report.entries)
    ctx.summary(counts, words)
    if not report.sound:
        ctx.exit_code = DAMAGED
    ctx.attention = ctx.attention or any(f.severity is not Severity.INFO for f in report.findings)


@click.command()
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
