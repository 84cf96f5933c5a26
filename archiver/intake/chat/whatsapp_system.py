"""What kind of thing a WhatsApp body is: words of a person, or a text that the app wrote itself.

The texts stand per app language in ``archiver/data/whatsapp/*.json``: a version, and entries with
kind, text and source. In a text ``{a}`` is an actor (without colon), ``{n}`` a name, ``{name}`` a
file, ``{*}`` anything. They are compared on a copy: marks, no-break spaces, case and the last full
stop do not count. What a person wrote is never taken for a text of the app: a text of the app needs
its mark U+200E, or no sender, or the whole sentence that nobody writes.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from archiver.intake.chat.whatsapp_lines import MARK

_INVISIBLE = dict.fromkeys([0x200E, 0x200F, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_FOLD = _INVISIBLE | {0xA0: " ", 0x202F: " ", 0x2009: " ", 0x2019: "'", 0x0D: None}
_SLOTS = {r"\{a\}": r"([^:]+?)", r"\{n\}": r"(.+?)", r"\{\*\}": r"(?:.*)", r"\{name\}": r"(.+?)"}
_PREFIX = 8  # bytes that decide whether a body without mark is looked at at all

# Structure instead of words, for app languages without a table.
_ANY_BRACKET = re.compile(r"<[^:<>]{1,30}: (\d{8}-[^<>]+)>")
_ANY_ATTACHED = re.compile(r"((?:IMG|VID|PTT|AUD|DOC|STK)-\d{8}-WA\d+\.\w*) \([^()\n]+\)")
_POLL = re.compile(r"\u200e?\w+:\r?\n[^\n]*(?:\r?\n\u200e?\w+: [^\n]+ \(\d+ [^()\n]+\))+\s*")
_MAP = re.compile(r"https?://(?:maps\.google\.\w+|www\.google\.\w+/maps|foursquare\.com)/\S*\s*$")
# What follows is never said by a person in exactly these words, so no mark is needed.
_WITHOUT_MARK = ("deleted", "left_out", "attached", "edited", "waiting", "location", "call", "null")


def visible(text: str) -> str:
    """Fold a copy for comparing: without invisible marks, with plain spaces."""
    return text.translate(_FOLD)


@dataclass(frozen=True, slots=True)
class Kind:
    """What a body is. `type` as in `ChatMessage`; `name` is the attachment that the text names."""

    type: str = "text"
    system: str | None = None
    deleted: bool = False
    edited: bool = False
    left_out: str | None = None
    name: str | None = None
    language: str | None = None


TEXT = Kind()


@dataclass(frozen=True, slots=True)
class Tables:
    """All string tables made ready: exact texts, templates, and prefixes that matter."""

    exact: dict[str, tuple[str, str]]
    templates: tuple[tuple[str, str, str, re.Pattern[str]], ...]
    edited: tuple[tuple[str, re.Pattern[str]], ...]
    attached: tuple[tuple[str, str, re.Pattern[str]], ...]
    prefixes: frozenset[bytes]
    versions: tuple[str, ...]


@lru_cache(maxsize=1)
def tables() -> Tables:
    """Read every table once."""
    exact: dict[str, tuple[str, str]] = {}
    templates: list[tuple[str, str, str, re.Pattern[str]]] = []
    edited: list[tuple[str, re.Pattern[str]]] = []
    attached: list[tuple[str, str, re.Pattern[str]]] = []
    prefixes: set[bytes] = set()
    versions: list[str] = []
    for entry in sorted(files("archiver.data").joinpath("whatsapp").iterdir(), key=str):
        if not entry.name.endswith(".json"):
            continue
        table = json.loads(entry.read_text(encoding="utf-8"))
        language = table["language"]
        versions.append(f"{language} {table['version']}")
        for row in table["entries"]:
            kind, text = row["kind"], visible(row["text"])
            # A literal piece that must be there is looked for first: it is far cheaper.
            literal = max(re.split(r"\{.{1,4}\}", text), key=len).casefold()
            pattern = re.escape(text)
            for slot, regex in _SLOTS.items():
                pattern = pattern.replace(slot, regex)
            if kind == "edited":
                edited.append((language, re.compile(rf"[\s\u200e]*{pattern}\s*$", re.I)))
            elif kind == "attached":
                attached.append((language, literal, re.compile(rf"\u200e*{pattern}", re.I)))
            elif "{" in text:
                compiled = re.compile(rf"{pattern}\.?", re.I | re.S)
                templates.append((language, kind, literal, compiled))
                if text.endswith("{*}") and text[-4:-3].isalpha() and text.count("{") == 1:
                    exact[text[:-3].casefold()] = (language, kind)
            else:
                exact[text.casefold().rstrip(".")] = (language, kind)
            if not text.startswith("{"):
                prefixes.add(row["text"].split("{")[0].encode()[:_PREFIX].lower())
    return Tables(
        exact,
        tuple(templates),
        tuple(edited),
        tuple(attached),
        frozenset(prefixes),
        tuple(versions),
    )


def plain(body: bytes, prefixes: frozenset[bytes]) -> bool:
    """Tell cheaply that a body with a sender can only be the words of a person."""
    return not (
        body[:3] == MARK
        or body[-1:] in b">) "
        or b"\n" in body
        or body[:_PREFIX].lower() in prefixes
        or body[:2] == b"\xef\xbb"
    )


def label_is_line(line: str) -> bool:
    """Tell whether a line with a colon is a text of the app after all (a subject with a colon)."""
    found = _app_text(visible(line).strip())
    return found is not None and found[1].startswith("system.")


def recognise(text: str, sender: bool) -> Kind:
    """Say what a body is; `sender` tells whether the line names one."""
    language, edited = None, False
    if text.rstrip()[-1:] == ">":
        for lang, pattern in tables().edited:
            if pattern.search(text):
                language, edited = lang, True
                text = pattern.sub("", text)
                break
    kind = _recognise(text, sender)
    if not edited:
        return kind
    return Kind(
        kind.type,
        kind.system,
        kind.deleted,
        True,
        kind.left_out,
        kind.name,
        kind.language or language,
    )


def without_edit_mark(text: str) -> str:
    """Give the text as it was before WhatsApp put its edit mark behind it."""
    for _, pattern in tables().edited:
        found = pattern.search(text)
        if found:
            return text[: found.start()]
    return text


def _recognise(text: str, sender: bool) -> Kind:
    bare = visible(text).strip()
    if not bare:
        return Kind("unknown") if sender else Kind("system")
    marked = text.startswith("\u200e") or not sender
    begins = text[:_PREFIX].encode()[:_PREFIX].lower()
    found = _app_text(bare) if marked or begins in tables().prefixes else None
    if found is not None:
        language, kind = found
        if kind.startswith("system."):
            if marked or kind == "system.e2e":
                return Kind("system", kind.removeprefix("system."), language=language)
        elif marked or (kind.startswith(_WITHOUT_MARK) and (kind != "call" or _exact(bare))):
            return _other(kind, language)
    name = _attachment(text)
    if name is not None:
        kind_of = "contact" if name[1].casefold().endswith(".vcf") else "media"
        return Kind(kind_of, name=name[1], language=name[0])
    if not sender:
        return Kind("system")
    if _POLL.fullmatch(text):
        return Kind("poll")
    if text.startswith("\u200e") and _MAP.search(bare):
        return Kind("location")
    return TEXT


def _other(kind: str, language: str) -> Kind:
    if kind == "deleted":
        return Kind(deleted=True, language=language)
    if kind.startswith("left_out"):
        what = kind.partition(".")[2] or "media"
        return Kind("contact" if what == "contact" else "media", left_out=what, language=language)
    if kind == "waiting":
        return Kind("unknown", "waiting", language=language)
    if kind == "null":
        return Kind("unknown", "null", language=language)
    return Kind(kind, language=language)


def _exact(bare: str) -> bool:
    return bare.casefold().rstrip(".") in tables().exact


@lru_cache(maxsize=4_096)
def _app_text(bare: str) -> tuple[str, str] | None:
    folded = bare.casefold()
    found = tables().exact.get(folded.rstrip("."))
    if found is not None:
        return found
    if len(bare) > 2_000:
        return None
    for language, kind, literal, pattern in tables().templates:
        if literal in folded and pattern.fullmatch(bare):
            return language, kind
    return None


def _attachment(text: str) -> tuple[str | None, str] | None:
    """Find the file a body names: Android on its first line, iOS at its end."""
    first = visible(text.split("\n", 1)[0]).strip()
    folded = first.casefold()
    for language, literal, pattern in tables().attached:
        found = pattern.fullmatch(first) if literal in folded else None
        if found and "<" not in found[1]:
            return language, found[1]
    tail = visible(text[-600:]).strip()
    cut = tail.rfind("<")
    if tail.endswith(">") and cut >= 0:
        folded = tail[cut:].casefold()
        for language, literal, pattern in tables().attached:
            found = pattern.fullmatch(tail[cut:]) if literal in folded else None
            if found:
                return language, found[1]
        found = _ANY_BRACKET.fullmatch(tail[cut:])
        if found:
            return None, found[1]
    found = _ANY_ATTACHED.fullmatch(first)
    return (None, found[1]) if found else None
