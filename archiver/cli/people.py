"""Commands over persons: personen lijst, voorstellen, koppel, los."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from archiver.cli.context import Context
from archiver.errors import RuleRefused

if TYPE_CHECKING:
    from archiver.services.people import Label

REDEN = click.option("--reden", default="", help="Waarom; komt in het spoor.")


@click.group()
def personen() -> None:
    """Wie schuilt er achter een naam, nummer of account? Eén keer vastleggen, met reden."""


@personen.command()
@click.argument("gesprek", required=False)
@click.pass_obj
def lijst(ctx: Context, gesprek: str | None) -> None:
    """Toon alle personen, of de deelnemers van een gesprek met wie het zijn."""
    from archiver.services import people

    if gesprek is not None:
        for seen in people.seen_in(ctx.open(), gesprek):
            name = seen.person.naam if seen.person else None
            ctx.out(
                {
                    "kind": "participant",
                    "name": seen.participant.name,
                    **_label(seen.label),
                    "person": name,
                },
                f"{seen.participant.name}  {name or ctx.text('persoon.onbekend')}",
            )
        return
    for person in people.people(ctx.open()):
        rows = [
            {**_label(r.label), "by": r.actor, "at": r.at, "reason": r.reason}
            for r in person.labels
        ]
        known = ", ".join(r.label.label for r in person.labels)
        ctx.out(
            {"kind": "person", "id": person.id, "name": person.naam, "labels": rows},
            f"{person.id}  {person.naam}: {known}",
        )


@personen.command()
@click.pass_obj
def voorstellen(ctx: Context) -> None:
    """Toon wat dezelfde persoon kan zijn, en waarom; er wordt niets gekoppeld."""
    from archiver.services import people

    for found in people.suggestions(ctx.open()):
        known = ", ".join(label.label for label in found.labels)
        ctx.out(
            {
                "kind": "same_person",
                "basis": found.basis,
                "value": found.value,
                "labels": [_label(label) for label in found.labels],
            },
            f"{ctx.text(f'persoon.zelfde.{found.basis}', waarde=found.value)} {known}",
        )


@personen.command()
@click.argument("gesprek")
@click.argument("namen", nargs=-1, required=True)
@click.option("--naam", default="", help="Hoe de persoon heet.")
@click.option("--persoon", default=None, help="Id van een persoon die er al is.")
@REDEN
@click.pass_obj
def koppel(
    ctx: Context,
    gesprek: str,
    namen: tuple[str, ...],
    naam: str,
    persoon: str | None,
    reden: str,
) -> None:
    """Leg vast dat deelnemers van een gesprek deze persoon zijn."""
    from archiver.services.people import LinkPerson, link_person

    labels = _wanted(ctx, gesprek, namen)
    changes = link_person(ctx.open(), LinkPerson(labels, naam, reden, persoon))
    ctx.out({"person": changes.ids[0]}, ctx.text("persoon.gekoppeld", n=len(labels)))


@personen.command()
@click.argument("gesprek")
@click.argument("namen", nargs=-1, required=True)
@REDEN
@click.pass_obj
def los(ctx: Context, gesprek: str, namen: tuple[str, ...], reden: str) -> None:
    """Maak deelnemers van een gesprek los van hun persoon."""
    from archiver.services.people import UnlinkPerson, unlink_person

    labels = _wanted(ctx, gesprek, namen)
    changes = unlink_person(ctx.open(), UnlinkPerson(labels, reden))
    ctx.out({"person": changes.ids[0]}, ctx.text("persoon.los", n=len(labels)))


def _wanted(ctx: Context, item_id: str, names: tuple[str, ...]) -> tuple[Label, ...]:
    from archiver.services import people

    known = {seen.participant.name: seen.label for seen in people.seen_in(ctx.open(), item_id)}
    for name in names:
        if name not in known:
            raise RuleRefused("persoon_geen_deelnemer", {"naam": name}, place=item_id)
    return tuple(known[name] for name in names)


def _label(label: Label) -> dict[str, str]:
    return {"type": label.kind, "label": label.label, "scope": label.scope}
