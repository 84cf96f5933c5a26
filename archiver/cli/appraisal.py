"""Commands over what is secured: beoordeel, besluit, zoek, maak-ongedaan."""

from __future__ import annotations

from datetime import datetime

import click

from archiver import texts
from archiver.cli.context import Context, Line
from selectielijst.words import sentence


@click.command()
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


@click.command()
@click.argument("ids", nargs=-1)
@click.option("--alle", is_flag=True, help="Alle berichten met een voorstel B of V.")
@click.option("--waardering", type=click.Choice(["B", "V", "N"]), default=None)
@click.option("--termijn", default=None, help="ISO 8601, bijvoorbeeld P10Y.")
@click.option("--reden", default="")
@click.option("--alleen", is_flag=True, help="Van een gesprek in delen: alleen voor deze exports.")
@click.pass_obj
def besluit(
    ctx: Context,
    ids: tuple[str, ...],
    alle: bool,
    waardering: str | None,
    termijn: str | None,
    reden: str,
    alleen: bool,
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
        changes = decide(archive, Decide(ids, waardering, reden, termijn, alone=alleen), Line())
    ctx.out(
        {"decided": list(changes.ids)},
        ctx.text("cli.besloten", n=len(changes.ids), totaal=len(ids)),
    )


@click.command()
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


@click.command("maak-ongedaan")
@click.pass_obj
def maak_ongedaan(ctx: Context) -> None:
    """Maak de laatste wijziging of het laatste besluit ongedaan; het spoor blijft staan."""
    from archiver.services.undo import undo

    changes = undo(ctx.open())
    ctx.out({"undone": list(changes.ids)}, ctx.text("cli.ongedaan", n=len(changes.ids)))
