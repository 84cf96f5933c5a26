"""Mailboxes on the command line: which folders there are, and taking in a part of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archiver.cli.context import Context, Line
from archiver.errors import InputRefused

if TYPE_CHECKING:
    from archiver.services.container_intake import ContainerNews
    from archiver.services.intake import SourceResult, TakeIn
    from archiver.services.selection import Choice

_DAY = click.DateTime(["%Y-%m-%d"])


def which_messages(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that choose messages of a mailbox."""
    for option, more in (
        (
            "--van-persoon",
            {"multiple": True, "help": "Uit een postvak: deel van de afzender. Mag vaker."},
        ),
        ("--tot", {"type": _DAY, "help": "Uit een postvak: laatste dag, 2026-12-31."}),
        ("--van", {"type": _DAY, "help": "Uit een postvak: eerste dag, 2026-01-01."}),
        (
            "--zonder-map",
            {
                "multiple": True,
                "help": "Uit een postvak: niets uit deze map of dit label. Mag vaker.",
            },
        ),
        (
            "--map",
            {
                "multiple": True,
                "help": "Uit een postvak: alleen deze map of dit label van Gmail, met wat eronder hangt. "
                "Mag vaker.",
            },
        ),
    ):
        name = {"--map": ("mappen",)}.get(option, ())
        command = click.option(option, *name, **more)(command)  # type: ignore[arg-type]
    return command


def choice_of(
    mappen: Sequence[str],
    zonder_map: Sequence[str],
    van: datetime | None,
    tot: datetime | None,
    van_persoon: Sequence[str],
) -> Choice | None:
    """Give the choice of this call; None when everything is meant."""
    if not (mappen or zonder_map or van or tot or van_persoon):
        return None
    from archiver.services.selection import Choice

    return Choice(
        _with_below(mappen) or None,
        _with_below(zonder_map),
        van.date().isoformat() if van else None,
        tot.date().isoformat() if tot else None,
        tuple(van_persoon),
    )


def _with_below(names: Sequence[str]) -> frozenset[str]:
    return frozenset(part for name in names for part in (name.strip("/"), f"{name.strip('/')}/"))


def whereabouts(ctx: Context) -> Callable[[ContainerNews], None]:
    """Show how far a mailbox is before its first message, and say where a stopped one goes on."""
    line = Line()

    def heard(news: ContainerNews) -> None:
        name = news.path.name
        if news.stage.value == "verder":
            params = {"bestand": name, "n": news.done + 1, "eerder": news.total}
            ctx.say(ctx.text("cli.postvak.verder", **params))
        else:
            words = ctx.text(f"cli.postvak.{news.stage.value}", bestand=name)
            line.step(news.done // 1_000_000, news.total // 1_000_000, words)

    return heard


def take_in_part(
    ctx: Context, command: TakeIn, choice: Choice, show: Callable[[Context, SourceResult], None]
) -> Sequence[str]:
    """Take in what is chosen of every path of the command; gives the ids of the new items."""
    from archiver.services.mailbox_intake import TakeInChosen, take_in_chosen

    part = TakeInChosen(
        dict.fromkeys(command.paths, choice),
        dossier=command.dossier,
        owner=command.owner,
        answers=command.answers,
    )
    done = take_in_chosen(ctx.open(), part, Line(), whereabouts(ctx))
    for source in done.result.sources:
        show(ctx, source)
    counts = {fate: 0 for fate in ("opgenomen", "eerder", "niet_gekozen", "geweigerd")}
    for file in done.fates.values():
        for fate in file.values():
            counts[fate] += 1
    ctx.out({"kind": "keuze", **counts}, ctx.text("cli.postvak.keuze", **counts))
    return done.result.changes.ids


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.pass_obj
def mappen(ctx: Context, paths: tuple[Path, ...]) -> None:
    """Toon de mappen van een postvak met hun aantallen; sla niets op."""
    from archiver.services import selection

    for path in paths:
        kind, counts = None, dict[tuple[str, ...], int]()
        try:
            for event in selection.folders(path, Line()):
                if isinstance(event, selection.Kind):
                    kind = event.kind
                else:
                    counts[event.folders] = event.count
            if kind is None:
                raise InputRefused("postvak.geen_postvak", {"bestand": path.name})
        except InputRefused as refused:
            ctx.findings((refused.as_finding(),), path.name)
            continue
        per_folder: Counter[str] = Counter()
        for places, count in counts.items():
            per_folder.update(dict.fromkeys(places, count))
        for folder, count in sorted(per_folder.items()):
            line = {"kind": "map", "path": str(path), "map": folder, "berichten": count}
            ctx.out(line, f"{count:>8}  {folder or path.name}")
        total = sum(counts.values())  # a message with two labels is one message
        words = ctx.text("cli.postvak.totaal", n=total)
        ctx.out({"kind": "postvak", "path": str(path), "berichten": total}, f"{total:>8}  {words}")
