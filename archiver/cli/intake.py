"""Commands that read what is dropped: inspect, vergelijk, neem-op."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from archiver.cli.context import Context, Line
from archiver.cli.conversations import suggest_links
from archiver.cli.mailbox import choice_of, take_in_part, whereabouts, which_messages
from archiver.cli.options import (
    DATUMVOLGORDE,
    ONBEKEND,
    PATHS,
    SLEUTEL_UIT,
    SLEUTEL_VRAGEN,
    TEKENSET,
    TIJDZONE,
    answers,
    facts,
    secret,
    typed_facts,
)
from archiver.findings import Finding, Severity
from archiver.services import inspect as inspection
from archiver.services.answers import KEEP, YES

if TYPE_CHECKING:
    from archiver.services.intake import SourceResult


@click.command()
@PATHS
@click.option("--messages", is_flag=True, help="Ook een regel per chatbericht.")
@DATUMVOLGORDE
@TEKENSET
@SLEUTEL_UIT
@SLEUTEL_VRAGEN
@click.pass_obj
def inspect(
    ctx: Context,
    paths: tuple[Path, ...],
    messages: bool,
    datumvolgorde: str | None,
    tekenset: str | None,
    sleutel_uit: BinaryIO | None,
    sleutel_vragen: bool,
) -> None:
    """Lees en toon; sla niets op. Eén regel per bericht of gesprek."""
    key = secret(ctx, sleutel_uit, sleutel_vragen)
    given = answers(datumvolgorde, tekenset) | key
    read = inspection.inspect
    if key:
        from archiver.services.opening import inspect_opened

        read = inspect_opened
    for line in read(paths, Line(), messages=messages, answers=given):
        if line["kind"] == "unreadable" or any(
            f["severity"] == Severity.FOUT.value for f in line["findings"]
        ):
            ctx.attention = True
        ctx.out(line, inspection.human_line(line))
        if not ctx.as_json:
            for found in map(Finding.from_json, line["findings"]):
                if found.severity is not Severity.INFO:
                    ctx.show(found, file=Path(line.get("path") or "").name)


@click.command()
@click.argument("links")
@click.argument("rechts")
@DATUMVOLGORDE
@click.pass_obj
def vergelijk(ctx: Context, links: str, rechts: str, datumvolgorde: str | None) -> None:
    """Leg twee exports van een gesprek (bestand of id) naast elkaar; er verandert niets."""
    from archiver.services.comparison import CompareExports, compare_exports
    from archiver.services.comparison_lines import finding_of, head_json, row_json

    command = CompareExports(links, rechts, answers=answers(datumvolgorde, None))
    for compared in compare_exports(ctx.open, command, Line()):
        head = head_json(compared)
        ctx.out(head, ctx.text("vergelijk.kop", **head["totals"]))
        ctx.findings(finding_of(compared))
        for row in compared.comparison.rows:
            said = row_json(compared, row)
            words = ctx.text(f"vergelijk.reden.{row.reason}")
            who = f"{said['sent'] or '-':19}  {said['sender'] or '*'}: {said['text'] or ''}"
            ctx.out(said, f"{row.kind.value:10}  {words:40}  {who}")


@click.command("neem-op")
@PATHS
@click.option("--dossier", default=None)
@click.option("--eigenaar", default=None, help="Van wie het postvak of de telefoon is.")
@which_messages
@typed_facts
@DATUMVOLGORDE
@TIJDZONE
@TEKENSET
@ONBEKEND
@click.option(
    "--uitsluiten",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    default=None,
    help="Bestand met regels: welke chatberichten niet worden opgenomen.",
)
@SLEUTEL_UIT
@SLEUTEL_VRAGEN
@click.pass_obj
def neem_op(
    ctx: Context,
    paths: tuple[Path, ...],
    dossier: str,
    eigenaar: str,
    mappen: tuple[str, ...],
    zonder_map: tuple[str, ...],
    van: datetime | None,
    tot: datetime | None,
    van_persoon: tuple[str, ...],
    titel: str | None,
    deelnemers: str | None,
    periode: str | None,
    platform: str | None,
    reden: str | None,
    datumvolgorde: str | None,
    tijdzone: str | None,
    tekenset: str | None,
    onbekend: str,
    uitsluiten: Path | None,
    sleutel_uit: BinaryIO | None,
    sleutel_vragen: bool,
) -> None:
    """Neem op: origineel naar de kluis, dan het register, dan het spoor."""
    from archiver.services.intake import TakeIn, take_in

    key = secret(ctx, sleutel_uit, sleutel_vragen)
    given = answers(datumvolgorde, tekenset, tijdzone) | key
    given |= facts(titel, deelnemers, periode, platform, reden)
    if onbekend == "bewaren":
        if uitsluiten is not None:  # nothing can be taken out of what nobody reads
            raise click.UsageError(ctx.text("cli.onbekend_niet_samen"))
        given |= {KEEP: YES}
    command = TakeIn(paths, dossier=dossier, owner=eigenaar, answers=given)

    choice = choice_of(mappen, zonder_map, van, tot, van_persoon)
    if choice is not None:
        if key or uitsluiten is not None:  # those are about chats and backups, this about mailboxes
            raise click.UsageError(ctx.text("cli.postvak.niet_samen"))
        suggest_links(ctx, take_in_part(ctx, command, choice, _show))
        return

    def told(secured: Sequence[SourceResult]) -> None:
        for source in secured:
            _show(ctx, source)

    if key:
        from archiver.services.exclusion import read_rules
        from archiver.services.opening import take_in_opened

        rules = read_rules(uitsluiten) if uitsluiten is not None else ()
        result = take_in_opened(ctx.open(), command, rules, Line(), told)
    elif uitsluiten is None:
        result = take_in(ctx.open(), command, Line(), told, whereabouts(ctx))
    else:
        from archiver.services.exclusion import read_rules, take_in_without

        result = take_in_without(ctx.open(), command, read_rules(uitsluiten), Line(), told)
    suggest_links(ctx, result.changes.ids)


def _show(ctx: Context, source: SourceResult) -> None:
    """Tell what became of one source, as soon as that is durable."""
    if source.status.value == "geweigerd":
        ctx.attention = True
    ctx.out(
        {
            "path": source.path,
            "status": source.status.value,
            "sha256": source.sha256,
            "size": source.size,
            "source": source.source_id,
            "items": list(source.item_ids) if ctx.as_json else [],
            "ledger": inspection.ledger_json(source.ledger),
            "findings": [f.as_json() for f in source.findings],
            "item_findings": {f.code: times for f, times in source.noticed},
        },
        ctx.text(
            "cli.opgenomen." + source.status.value,
            bestand=Path(source.path).name,
            n=len(source.item_ids),
        ),
    )
    name = Path(source.path).name
    ctx.findings((f for f in source.findings if f.severity is Severity.FOUT), name)
    if not ctx.as_json:
        for found in source.findings:
            if found.severity is Severity.LET_OP:
                ctx.show(found, file=name)
        for found, times in source.noticed:
            if found.severity is not Severity.INFO:
                ctx.show(found, times, name)
