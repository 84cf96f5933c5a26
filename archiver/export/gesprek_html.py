"""The reading copy of a conversation as one calm HTML page; made again from the original at any time.

HTML 5 in UTF-8, no script, nothing from outside: media are the files of this package, by relative
path. Day marks are headings and every message an article with its sender and time in text, so that a
screen reader can walk through it. What is missing is said where it is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from html import escape

from archiver.model import ChatAttachment, ChatMessage, Conversation

_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;"
    "background:#fff}h1{font-size:1.4rem}h2{font-size:1rem;text-align:center;color:#4a4a4a;"
    "margin:2rem 0 1rem}article{margin:0 0 .8rem}article p{margin:0;white-space:pre-wrap;"
    "overflow-wrap:anywhere}.wie{font-weight:600}.laat,.app{color:#4a4a4a}.app,.weg{text-align:center}"
    ".weg{border:1px dashed #7a5200;color:#7a5200;padding:.2rem;margin:0 0 .8rem}"
    "img{max-width:100%;max-height:24rem;display:block;margin:.3rem 0}"
    "@media print{body{margin:0;max-width:none}}"
)
_IMAGES = {"image/jpeg", "image/png", "image/gif", "image/webp"}


def page(
    record: Conversation, messages: Iterable[ChatMessage], files: Mapping[str, str]
) -> Iterator[bytes]:
    """Make the page; `files` maps `ChatAttachment.path` to the path of the file in the package."""
    title = escape(_line(record.title or record.platform))
    yield _bytes(
        f'<!DOCTYPE html>\n<html lang="nl">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n{_about(record)}"
    )
    day: str | None = None
    expected = 0
    ids: dict[str, int] = {}
    for message in messages:
        if record.extract is not None and message.index > expected:
            yield _withheld(message.index - expected)
        expected = message.index + 1
        found = (message.sent or "")[:10]
        if found != day:
            day = found
            shown = (
                f'<time datetime="{escape(found)}">{_day(found)}</time>'
                if found
                else "Datum onbekend"
            )
            yield _bytes(f"<h2>{shown}</h2>\n")
        yield _bytes(_message(message, files, ids))
        if message.id is not None:
            ids[message.id] = message.index
    if record.extract is not None and record.extract.total > expected:
        yield _withheld(record.extract.total - expected)
    yield b"</main>\n</body>\n</html>\n"


def _about(record: Conversation) -> str:
    names = ", ".join(escape(_line(p.name)) for p in record.participants)
    lines = [f"<p>{record.message_count} berichten via {escape(record.platform)}.</p>\n"]
    if names:
        lines.append(f"<p>Deelnemers: {names}.</p>\n")
    if record.extract is not None and record.extract.left_out:
        counts = ", ".join(f"{escape(r)}: {n}" for r, n in record.extract.left_out.items())
        lines.append(f"<p>Weggelaten vóór het vastleggen: {counts}.</p>\n")
    return "".join(lines)


def _withheld(count: int) -> bytes:
    words = "1 bericht weggelaten" if count == 1 else f"{count} berichten weggelaten"
    return _bytes(f'<p class="weg">{words}</p>\n')


def _message(message: ChatMessage, files: Mapping[str, str], ids: Mapping[str, int]) -> str:
    when = escape((message.sent or "")[11:] or message.sent_raw or "")
    text = escape(message.text or "")
    if message.type == "system":
        return f'<p class="app" id="b{message.index}">{text} <span class="laat">{when}</span></p>\n'
    parts = [
        f'<article id="b{message.index}">\n<p><span class="wie" dir="auto">'
        f'{escape(_line(message.sender or "Onbekend"))}</span> <span class="laat">{when}{_marks(message)}'
        "</span></p>\n"
    ]
    if message.reply_to is not None and message.reply_to in ids:
        parts.append(
            f'<p class="laat"><a href="#b{ids[message.reply_to]}">Antwoord op een eerder bericht</a></p>\n'
        )
    elif message.reply_to is not None:
        parts.append('<p class="laat">Antwoord op een bericht dat hier niet staat</p>\n')
    if text:
        parts.append(f'<p dir="auto">{text}</p>\n')
    parts += [_medium(a, files) for a in message.attachments]
    if message.reactions:
        given = ", ".join(escape(" ".join(str(v) for v in r.values())) for r in message.reactions)
        parts.append(f'<p class="laat">Reacties: {given}</p>\n')
    return "".join([*parts, "</article>\n"])


def _marks(message: ChatMessage) -> str:
    return (", bewerkt" if message.edited else "") + (", verwijderd" if message.deleted else "")


def _medium(attachment: ChatAttachment, files: Mapping[str, str]) -> str:
    name = escape(_line(attachment.name))
    path = files.get(attachment.path or "")
    if path is None:
        reason = "leeg bestand" if attachment.present else "ontbreekt in de export"
        return f'<p class="laat">{name} ({reason})</p>\n'
    href = escape(path, quote=True)
    if attachment.media_type in _IMAGES:
        return f'<p><a href="{href}"><img src="{href}" alt="{escape(attachment.name, quote=True)}"></a></p>\n'
    return f'<p><a href="{href}">{name}</a></p>\n'


def _day(day: str) -> str:
    months = [
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ]
    try:
        found = date.fromisoformat(day)
    except ValueError:
        return escape(day)
    return f"{found.day} {months[found.month - 1]} {found.year}"


def _line(text: str) -> str:
    return " ".join(text.split())


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
