"""The header record beside every item: JSON of our own schema, documented in formaat-kopregels.md.

UTF-8, keys in fixed order, one document per item. It holds what MDTO has no field for: all headers,
what the parser noticed, the loss ledger and what was left out of the package and why.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict

from archiver.ledger import count
from archiver.model import (
    Address,
    Attachment,
    ChatMessage,
    Conversation,
    EmailMessage,
    Item,
    Source,
)
from archiver.wire import to_wire

SCHEMA = "archiefklaar-kopregels/1"
CHAT_SCHEMA = "archiefklaar-gesprek/1"


def kopregels(
    item: Item,
    source: Source,
    headers: Sequence[tuple[str, str]],
    left_out: Sequence[Mapping[str, str]],
    keys: Mapping[str, str],
    authenticity: Mapping[str, object] | None = None,
) -> bytes:
    """Make the record of one item.

    `left_out` names what is not in the package (naam, plaats, reden); `keys` maps the place of an
    attachment ("2", "2/1") to its folder; `authenticity` is what was found of signatures and who looked.
    """
    record = item.record
    facts = _email(record) if isinstance(record, EmailMessage) else _conversation(record)
    document = {
        "schema": SCHEMA,
        "identificatie": item.id,
        "bron": {
            "identificatie": source.id,
            "sha256": source.sha256,
            "omvang": source.size,
            "formaat": source.identification.format,
            "puid": source.identification.puid,
            "herkend_door": source.identification.basis,
            "begin": item.span.start,
            "einde": item.span.end,
            "volgnummer": item.index,
        },
        "sha256": item.sha256,
        "grootboek": asdict(count(record)),
        "weggelaten": [dict(entry) for entry in left_out],
        "onderdelen": dict(keys),
        "bevindingen": [f.as_json() for f in (*record.findings, *item.findings)],
        **facts,
        **({"echtheid": dict(authenticity)} if authenticity is not None else {}),
        "koppen": [[name, value] for name, value in headers],
    }
    return _json(document, indent=1) + b"\n"


def gesprek(record: Conversation, messages: Iterable[ChatMessage]) -> Iterator[bytes]:
    """Make the neutral JSON of a conversation: one document, one message per line."""
    head = {
        "schema": CHAT_SCHEMA,
        "platform": record.platform,
        "titel": record.title,
        "deelnemers": [asdict(p) for p in record.participants],
        "berichten_aantal": record.message_count,
        "eerste": record.first,
        "laatste": record.last,
        "zone_basis": record.zone_basis,
        "datumvolgorde": record.date_order,
        "antwoorden": [asdict(a) for a in record.answers],
        "uittreksel": asdict(record.extract) if record.extract else None,
    }
    yield _json(head)[:-1] + b', "berichten": [\n'
    separator = b""
    for message in messages:
        yield separator + _json(to_wire(message))
        separator = b",\n"
    yield b"\n]}\n"


def _email(record: EmailMessage) -> dict[str, object]:
    return {
        "soort": "e-mailbericht",
        "message_id": record.message_id,
        "in_reply_to": record.in_reply_to,
        "references": list(record.references),
        "onderwerp": record.subject,
        "afzender": _address(record.sender) if record.sender else None,
        "ontvangers": [_address(a) for a in record.to],
        "ontvangers_cc": [_address(a) for a in record.cc],
        "ontvangers_bcc": [_address(a) for a in record.bcc],
        "datum": record.date,
        "datum_bron": record.date_raw,
        "ontvangen": record.received,
        "map": record.folder,
        "labels": list(record.labels),
        "ondertekend": record.signed,
        "versleuteld": record.encrypted,
        "bijlagen": [_attachment(a) for a in record.attachments],
    }


def _attachment(attachment: Attachment) -> dict[str, object]:
    inner = attachment.message
    return {
        "naam": attachment.name,
        "plaats": attachment.part,
        "mediatype": attachment.media_type,
        "omvang": attachment.size,
        "sha256": attachment.sha256,
        "soort": attachment.kind,
        "in_tekst": attachment.inline,
        "bericht": _email(inner) if inner is not None else None,
    }


def _conversation(record: Conversation) -> dict[str, object]:
    return {
        "soort": "chatgesprek",
        "platform": record.platform,
        "formaat": record.format,
        "titel": record.title,
        "berichten": record.message_count,
        "eerste": record.first,
        "laatste": record.last,
        "tekst_sha256": record.text_sha256,
        "tekst_omvang": record.text_size,
        "tekst_naam": record.text_member,
        "tekencodering": record.encoding,
        "datumvolgorde": record.date_order,
        "datumvolgorde_basis": record.date_order_basis,
        "zone_basis": record.zone_basis,
        "antwoorden": [asdict(a) for a in record.answers],
        "tellingen": dict(record.counts),
        "deelnemers": [asdict(p) for p in record.participants],
        "media": [asdict(m) for m in record.media],
        "uittreksel": asdict(record.extract) if record.extract else None,
    }


def _address(address: Address) -> dict[str, str | None]:
    return {"naam": address.name, "adres": address.address}


def _json(value: object, indent: int | None = None) -> bytes:
    # A lone surrogate is escaped, so the file is valid UTF-8 and nothing is lost.
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(value, ensure_ascii=True, indent=indent).encode("ascii")
