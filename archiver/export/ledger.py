"""The loss ledger of a delivery, counted from what lies on disk and not from what we meant to write.

Messages, attachments and attached messages are counted from the classificatie in the sidecars and
the lines of the conversations; parts and undecodable characters from the header records, which hold
for the original as long as its checksum does.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from archiver.export import sidecar
from archiver.export.attachments import EMPTY
from archiver.export.delivery import Delivery, walk
from archiver.model import Ledger
from archiver.progress import Progress, check_cancelled
from metadata.mdto import Informatieobject
from metadata.xml import from_xml

_ATTACHMENT = {"E-mailbijlage", "Bijgevoegd bericht", "Chatbijlage"}
_CHAT = {
    "Chatgesprek",
    "Niet geduid bestand",
}  # both have a gesprek.json, the second with no messages


def delivered(delivery: Delivery, progress: Progress) -> Ledger:
    """Count a delivery that `archiver.export.check` found sound."""
    total = Ledger()
    for folder, left in walk(delivery):
        check_cancelled(progress)
        if left or folder.sidecar is None:
            continue
        obj = _described(delivery.base / folder.sidecar)
        kinds = {term.begripLabel for term in obj.classificatie}
        total += Ledger(
            attachments=bool(kinds & _ATTACHMENT),
            attached_messages="Bijgevoegd bericht" in kinds,
        )
        base = delivery.base / folder.place
        if kinds & _CHAT or "E-mailbericht" in kinds:
            total += _of_item(base, folder.name, bool(kinds & _CHAT))
    return total


def _described(path: Path) -> Informatieobject:
    if path.stat().st_size > sidecar.WIDE:
        wide = sidecar.read_wide(path, lambda some: None)
        if wide is not None:
            return wide.obj
    obj = from_xml(path.read_bytes())
    assert isinstance(obj, Informatieobject)
    return obj


def _of_item(folder: Path, key: str, chat: bool) -> Ledger:
    header: dict[str, Any] = json.loads((folder / f"{key}-kopregels.json").read_bytes())
    empty = [part for part in header["weggelaten"] if part["reden"] == EMPTY]
    messages = 1
    if chat:
        with (folder / f"{key}-gesprek.json").open("rb") as lines:
            messages = sum(line.startswith(b'{"kind"') for line in lines)
    return Ledger(
        messages=messages,
        parts=header["grootboek"]["parts"],
        attachments=len(empty),
        attached_messages=sum(part["soort"] == "message" for part in empty),
        undecodable_characters=header["grootboek"]["undecodable_characters"],
    )
