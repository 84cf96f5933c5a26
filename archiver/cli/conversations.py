"""Commands over conversations that came in more than one export: koppel, gesprek."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from archiver.cli.context import Context, Line

if TYPE_CHECKING:
    from archiver.services.comparison import OtherExport
    from archiver.services.conversation_parts import PartState
    from archiver.services.conversation_view import ConversationView, Entry


@click.command()
@click.argument("gesprek")
@click.argument("ander", required=False)
@click.option("--reden", default="", help="Waarom ze wel of niet bij elkaar horen.")
@click.option("--los", is_flag=True, help="Maak een koppeling los.")
@click.option(
    "--zelfde", is_flag=True, help="Koppel alle pagina's met hetzelfde gesprek in het laadbestand."
)
@click.pass_obj
def koppel(
    ctx: Context, gesprek: str, ander: str | None, reden: str, los: bool, zelfde: bool
) -> None:
    """Koppel twee exports van één gesprek, met reden; zonder tweede id: toon wat erop lijkt."""
    from archiver.services.comparison import other_exports
    from archiver.services.conversation_parts import (
        LinkExports,
        UnlinkExports,
        link_exports,
        unlink_exports,
    )
    from archiver.services.teams_transcripts import (
        LinkTranscripts,
        link_transcripts,
        same_conversation,
    )

    archive = ctx.open()
    if zelfde:
        changes = link_transcripts(archive, LinkTranscripts(gesprek, reden), Line())
        ctx.out({"linked": list(changes.ids)}, ctx.text("koppel.klaar"))
    elif ander is None:
        same = same_conversation(archive, gesprek)
        for page in same:
            known = {"kind": "same_load_file", "of": gesprek, "id": page.id, "date": page.date}
            ctx.out(known, ctx.text("koppel.zelfde", id=page.id, titel=page.title))
        found = other_exports(archive, gesprek, Line())
        for other in found:
            ctx.out(_other_json(gesprek, other), f"{other.id}  {_why(ctx, other)}")
        if not found and not same:
            ctx.say(ctx.text("koppel.niets"))
    elif los:
        changes = unlink_exports(archive, UnlinkExports(gesprek, ander, reden), Line())
        ctx.out({"unlinked": list(changes.ids)}, ctx.text("koppel.los"))
    else:
        changes = link_exports(archive, LinkExports(gesprek, ander, reden), Line())
        ctx.out({"linked": list(changes.ids)}, ctx.text("koppel.klaar"))


@click.command()
@click.argument("id_")
@click.pass_obj
def gesprek(ctx: Context, id_: str) -> None:
    """Toon een gesprek uit al zijn gekoppelde exports: elk bericht één keer, met de bronnen."""
    from archiver.services.conversation_parts import parts_states
    from archiver.services.conversation_view import conversation_view, letter

    view = conversation_view(ctx.open(), id_, Line())
    states = parts_states(ctx.open(), id_)
    ctx.out(
        _view_json(view, states), ctx.text("gesprek.kop", n=len(view.entries), m=len(view.exports))
    )
    for share, state in zip(view.shares(), states, strict=True) if not ctx.as_json else ():
        ctx.say(f"{letter(share.export)} {_state_words(ctx, state)}")
        if share.continues is not None:
            ctx.say(
                f"    {ctx.text('gesprek.verder', eerder=letter(share.continues), n=share.new)}"
            )
    for entry in view.entries:
        where = "".join(letter(w.export) + ("*" if w.differs else "") for w in entry.witnesses)
        message = entry.message
        who = f"{message.sent or '-':19}  {message.sender or '*'}: {message.text or ''}"
        ctx.out(_entry_json(view, entry), f"{where:8}  {who}")


def suggest_links(ctx: Context, ids: Iterable[str]) -> None:
    """Say of what was taken in that it looks like another export of a conversation; link nothing."""
    from archiver.services.intake_events import conversations_among

    archive = ctx.open()
    came_in = conversations_among(archive, ids)
    if not came_in:
        return  # a drop of mail does not pay for what compares conversations
    from archiver.services.comparison import other_exports

    for item_id in came_in:
        for other in other_exports(archive, item_id, Line()):
            ctx.say(f"  {item_id}: {_why(ctx, other)}")


def _why(ctx: Context, other: OtherExport) -> str:
    seen = other.recognition
    key = "koppel.lijkt_later" if seen.overlap.shared == 0 else "koppel.lijkt"
    return ctx.text(
        key,
        titel=other.title,
        eigenaar=other.owner or ctx.text("koppel.onbekend"),
        gedeeld=seen.overlap.shared,
        van=seen.overlap.of,
        id=other.id,
    )


def _other_json(item_id: str, other: OtherExport) -> dict[str, Any]:
    seen = other.recognition
    return {
        "kind": "other_export",
        "of": item_id,
        "id": other.id,
        "title": other.title,
        "owner": other.owner,
        "basis": {
            "platform": seen.platform,
            "title": seen.title,
            "participants": list(seen.people),
            "messages": [seen.overlap.shared, seen.overlap.of],
            "follows": seen.follows,
        },
    }


def _view_json(view: ConversationView, states: Sequence[PartState]) -> dict[str, Any]:
    return {
        "kind": "conversation_view",
        "messages": len(view.entries),
        "exports": [
            {
                "id": view.exports[share.export].name,
                "messages": share.total,
                "in_earlier": share.earlier,
                "alone": share.alone,
                "continues": None
                if share.continues is None
                else view.exports[share.continues].name,
                "new": share.new,
                "file": state.file,
                "owner": state.owner,
                "dossier": state.dossier,
                "decision": state.waardering,
                "exception": state.exception,
            }
            for share, state in zip(view.shares(), states, strict=True)
        ],
    }


def _state_words(ctx: Context, state: PartState) -> str:
    words = ctx.text(
        "gesprek.deel",
        eigenaar=state.owner or ctx.text("koppel.onbekend"),
        van=(state.first or "?")[:10],
        tot=(state.last or "?")[:10],
        dossier=state.dossier or "-",
        waardering=state.waardering or "-",
    )
    return f"  {words} {ctx.text('gesprek.uitzondering')}" if state.exception else f"  {words}"


def _entry_json(view: ConversationView, entry: Entry) -> dict[str, Any]:
    message = entry.message
    return {
        "kind": "view_message",
        "sent": message.sent,
        "sender": message.sender,
        "text": message.text,
        "type": message.type,
        "sources": [
            {"export": view.exports[w.export].name, "index": w.place, "differs": w.differs}
            for w in entry.witnesses
        ],
        "missing": [
            {"export": view.exports[m.export].name, "reason": m.reason} for m in entry.missing
        ],
        "difference": entry.differs,
    }
