"""The command that exports one conversation for use elsewhere: exporteer."""

from __future__ import annotations

from pathlib import Path

import click

from archiver.cli.context import Context, Line
from archiver.cli.options import MOMENT


@click.command()
@click.argument("item_id", metavar="ID")
@click.option(
    "--formaat", type=click.Choice(["json", "html", "pdf", "rsmf", "vcon"]), required=True
)
@click.option("--naar", type=click.Path(path_type=Path), required=True, help="Een nieuwe map.")
@MOMENT
@click.pass_obj
def exporteer(ctx: Context, item_id: str, formaat: str, naar: Path, moment: str | None) -> None:
    """Maak een kopie van een gesprek voor gebruik elders; een aanlevering maak je met verpak."""
    from archiver.services.conversation_export import ExportConversation, export_conversation

    command = ExportConversation(item_id, formaat, naar, moment)
    result = export_conversation(ctx.open(), command, Line())
    ctx.findings(result.findings)
    ctx.out(
        {
            "id": item_id,
            "format": formaat,
            "files": [str(path) for path in result.files],
            "findings": [f.as_json() for f in result.findings],
        },
        ctx.text("cli.geexporteerd", n=len(result.files), pad=naar),
    )
