"""The reading copy of a conversation as one calm HTML page; made again from the original at any time.

HTML 5 in UTF-8, no script, nothing from outside: media are the files of this package, by relative
path. Day marks are headings and every message an article with its sender and time in text, so that a
screen reader can walk through it. What is missing is said where it is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape

from archiver.export import gesprek_regels as words
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
    title = escape(words.title(record))
    about = "".join(f"<p>{escape(row)}</p>\n" for row in words.about(record))
    yield _bytes(
        f'<!DOCTYPE html>\n<html lang="nl">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n{about}"
    )
    ids: dict[str, int] = {}
    for row in words.rows(record, messages):
        if row.message is not None:
            yield _bytes(_message(row.message, files, ids))
            if row.message.id is not None:
                ids[row.message.id] = row.message.index
        elif row.day is not None:
            name = escape(words.day_name(row.day))
            time = f'<time datetime="{escape(row.day)}">{name}</time>' if row.day else name
            yield _bytes(f"<h2>{time}</h2>\n")
        else:
            yield _bytes(f'<p class="weg">{words.withheld(row.withheld)}</p>\n')
    yield b"</main>\n</body>\n</html>\n"


def _message(message: ChatMessage, files: Mapping[str, str], ids: Mapping[str, int]) -> str:
    when = escape(words.time_of(message))
    text = escape(message.text or "")
    if message.type == "system":
        return f'<p class="app" id="b{message.index}">{text} <span class="laat">{when}</span></p>\n'
    who = escape(words.line(message.sender or words.UNKNOWN_SENDER))
    parts = [
        f'<article id="b{message.index}">\n<p><span class="wie" dir="auto">'
        f'{who}</span> <span class="laat">{when}{words.marks(message)}'
        "</span></p>\n"
    ]
    if message.reply_to is not None and message.reply_to in ids:
        parts.append(
            f'<p class="laat"><a href="#b{ids[message.reply_to]}">{words.ANSWER}</a></p>\n'
        )
    elif message.reply_to is not None:
        parts.append(f'<p class="laat">{words.ANSWER_ELSEWHERE}</p>\n')
    if text:
        parts.append(f'<p dir="auto">{text}</p>\n')
    parts += [_medium(a, files) for a in message.attachments]
    if message.reactions:
        parts.append(f'<p class="laat">{escape(words.reactions(message.reactions))}</p>\n')
    return "".join([*parts, "</article>\n"])


def _medium(attachment: ChatAttachment, files: Mapping[str, str]) -> str:
    name = escape(words.line(attachment.name))
    path = files.get(attachment.path or "")
    if path is None:
        return f'<p class="laat">{name} ({words.absent(attachment)})</p>\n'
    href = escape(path, quote=True)
    if attachment.media_type in _IMAGES:
        return f'<p><a href="{href}"><img src="{href}" alt="{escape(attachment.name, quote=True)}"></a></p>\n'
    return f'<p><a href="{href}">{name}</a></p>\n'


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
