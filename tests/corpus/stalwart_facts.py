"""Facts of stalwart's mail parser: its expected files hold every header, part and byte."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from archiver.intake.mime import part_bytes
from archiver.intake.parts import structure
from tests.corpus.forms import Line, Pairs, attachments, bare, mailbox_of, row, sha256, text_like

_TEXTS = (("text", "plain"), ("text", "html"))


def stalwart(expected: Mapping[str, Any], raw: bytes, line: Line) -> Pairs:
    parts = expected["parts"]
    top = {h["name"]: h["value"] for h in parts[0]["headers"] if isinstance(h["name"], str)}
    if "Text" in top.get("subject", {}):
        yield "onderwerp", top["subject"]["Text"], line.get("subject")
    if senders := _mailboxes(top.get("from", {})):
        yield "afzender", senders[0], mailbox_of(line.get("from") or {})
    for field in ("to", "cc", "bcc"):
        if listed := _mailboxes(top.get(field, {})):
            yield field, listed, [mailbox_of(a) for a in line.get(field, ())]
    if "DateTime" in top.get("date", {}):
        yield "datum", _moment(top["date"]["DateTime"]), line.get("date")
    if "Text" in top.get("message_id", {}):
        yield "bericht-id", top["message_id"]["Text"], bare(line.get("message_id"))
    # A text without name is text for us, however damaged; they call it an attachment then.
    damaged = {n for n in expected["attachments"] if _is_nameless_text(parts[n])}
    files = [n for n in expected["attachments"] if n not in damaged]
    shown = sorted({*expected["text_body"], *damaged} - {*files})
    texts = [parts[n]["body"] for n in shown if not _is_html(parts[n])]
    html = any(_is_html(p) for n, p in enumerate(parts) if n not in files)
    yield "HTML", html, line["body"]["has_html"] if "body" in line else None
    if texts and all("Text" in body for body in texts):
        whole = sha256("".join(body["Text"] for body in texts))
        yield "tekst", whole, text_like(whole, raw, line)
    unix = raw.replace(b"\r\n", b"\n")
    if parts[0]["offset_end"] == len(unix) < len(raw):
        raw = unix
    theirs = [_stalwart_part(parts[n], raw) for n in files]
    # Files hidden in a text by uuencode are no parts for them.
    own = [row(a, _as_theirs(raw, a)) for a in line.get("attachments", ()) if "!" not in a["part"]]
    yield from attachments(theirs, own)


def _as_theirs(raw: bytes, attachment: Mapping[str, Any]) -> bytes:
    """Give the decoded bytes; for uuencode the encoded ones, because they do not decode it."""
    for leaf in structure(raw).leaves:
        if leaf.address == attachment["part"] and leaf.encoding.startswith("x-uu"):
            return raw[leaf.start : leaf.end]
    return part_bytes(raw, attachment["part"])


def _is_html(part: Mapping[str, Any]) -> bool:
    return "Html" in part["body"] or _header(part, "content_type") == ("text", "html")


def _header(part: Mapping[str, Any], name: str) -> tuple[str, str | None] | None:
    for header in part["headers"]:
        if header["name"] == name:
            kind = header["value"].get("ContentType") if isinstance(header["value"], dict) else None
            return (kind["c_type"], kind["c_subtype"]) if kind else ("", None)
    return None


def _is_nameless_text(part: Mapping[str, Any]) -> bool:
    kind = _header(part, "content_type")
    is_text = kind is None or kind in _TEXTS
    return bool(
        part["is_encoding_problem"] and is_text and _header(part, "content_disposition") is None
    )


def _stalwart_part(part: Mapping[str, Any], raw: bytes) -> dict[str, object]:
    named: dict[str, str] = {}
    found: dict[str, object] = {}
    for header in part["headers"]:
        value = header["value"].get("ContentType") if isinstance(header["value"], dict) else None
        if value is None:
            continue
        wanted = {"content_disposition": "filename", "content_type": "name"}.get(header["name"])
        for attribute in value["attributes"] or ():
            if attribute["name"] == wanted:
                named[attribute["name"]] = attribute["value"]
        if header["name"] == "content_type" and value["c_subtype"]:
            found["type"] = f"{value['c_type']}/{value['c_subtype']}".casefold()
    found["naam"] = named.get("filename") or named.get("name") or ""
    ((kind, body),) = part["body"].items()
    if kind in ("Binary", "InlineBinary"):
        data = bytes(body)
        found |= {"grootte": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    elif kind == "Message" and "content_transfer_encoding" not in [
        h["name"] for h in part["headers"]
    ]:
        data = raw[part["offset_body"] : part["offset_end"]]
        found |= {"grootte": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    return found


def _mailboxes(value: Mapping[str, Any]) -> list[list[str]]:
    found = value.get("Address") or {}
    listed = found.get("List") or [a for g in found.get("Group") or () for a in g["addresses"]]
    return [mailbox_of(a) for a in listed]


def _moment(parts: Mapping[str, Any]) -> str:
    sign = "-" if parts["tz_before_gmt"] else "+"
    return (
        f"{parts['year']:04}-{parts['month']:02}-{parts['day']:02}T{parts['hour']:02}"
        f":{parts['minute']:02}:{parts['second']:02}"
        f"{sign}{parts['tz_hour']:02}:{parts['tz_minute']:02}"
    )
