"""The command samenhang: what belongs to a message."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archiver.cli.context import Context

if TYPE_CHECKING:
    from archiver.services.pieces import Joined, Pieces
    from archiver.services.related import Related, Relative


@click.command()
@click.argument("item_id", metavar="ID")
@click.option(
    "--naar",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="Schrijf een bericht dat in stukken kwam als één nieuw .eml-bestand.",
)
@click.pass_obj
def samenhang(ctx: Context, item_id: str, naar: Path | None) -> None:
    """Toon de reeks, de kopieën en de stukken van een bericht."""
    from archiver.errors import RuleRefused
    from archiver.services import overview
    from archiver.services.pieces import pieces_of
    from archiver.services.related import related

    archive = ctx.open()
    found = related(archive, item_id)
    if found is None:
        raise RuleRefused("geen_e_mail", {"id": item_id})
    pieces = pieces_of(archive, overview.item(archive, item_id))
    if naar is not None:
        joined = pieces[1] if pieces else None
        if joined is None:
            raise RuleRefused("niet_heel", {"id": item_id})
        try:
            with naar.open("xb") as stream:
                stream.write(joined.raw)
        except FileExistsError as error:
            raise RuleRefused("doel_bezet", {"pad": str(naar)}) from error
    ctx.out(_as_json(found, pieces), "\n".join(_lines(ctx, found, pieces)))


def _as_json(found: Related, pieces: tuple[Pieces, Joined | None] | None) -> dict[str, Any]:
    data: dict[str, Any] = asdict(found)
    data["item"] = data.pop("self_")
    data["pieces"] = None
    if pieces is not None:
        said, joined = pieces
        data["pieces"] = {
            **asdict(said),
            "items": [one.id for one in found.pieces],
            "joined": {"sha256": joined.record.sha256, "size": joined.record.size}
            if joined
            else None,
        }
    return data


def _lines(ctx: Context, found: Related, pieces: tuple[Pieces, Joined | None] | None) -> list[str]:
    lines = []
    for key, others in (
        ("reeks", found.thread),
        ("kopie", found.copies),
        ("dubbel", found.duplicates),
    ):
        if others:
            lines.append(ctx.text(f"cli.samenhang.{key}", n=len(others)))
            lines += map(_line, others)
    if found.more:
        lines.append(ctx.text("cli.samenhang.meer"))
    if found.gaps:
        lines.append(ctx.text("cli.samenhang.ontbreekt", n=len(found.gaps)))
    if pieces is not None:
        said, _ = pieces
        here, of = len(said.present), said.total if said.total is not None else "?"
        lines.append(
            ctx.text(f"cli.samenhang.{said.state}", nummer=said.number, er=here, totaal=of)
        )
    return lines or [ctx.text("cli.samenhang.niets")]


def _line(one: Relative) -> str:
    place = one.owner or one.container
    return (
        f"    {one.id}  {(one.date or '')[:16]:16}  {(one.sender or '')[:24]:24}  {one.title}"
        f"  [{place}: {one.container}]"
    )
