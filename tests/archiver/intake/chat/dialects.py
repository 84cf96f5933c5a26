"""Writes WhatsApp exports in any supported dialect, so that reading them back can be compared."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files

from hypothesis import strategies as st

from archiver.intake.chat.whatsapp_lines import LAYOUTS

HALVES = (
    ("AM", "PM"),
    ("am", "pm"),
    ("a.m.", "p.m."),
    ("a. m.", "p. m."),
    ("a\u00a0m.", "p\u00a0m."),
    ("ص", "م"),
    ("午前", "午後"),
    ("上午", "下午"),
    ("오전", "오후"),
)
FIRST = ("午前", "上午", "오전")  # these stand before the clock
MARKS = ("", "", "\u200e", "\u200f", "\u202a")  # what some phones put before a header
SPACES = (" ", "\u202f", "\u00a0")


@dataclass(frozen=True)
class Dialect:
    """How one phone writes its headers."""

    layout: str
    order: str
    separator: str
    year_digits: int
    padded: bool
    comma: bool
    seconds: bool
    half: tuple[str, str] | None
    space: str
    newline: str
    bom: bool
    encoding: str
    colon: str = ":"
    dash: str = "-"
    mark: str = ""

    def stamp(self, at: datetime) -> str:
        """Give date and time as this phone writes them."""
        wide = "02d" if self.padded else "d"
        year = f"{at.year:04d}"[-self.year_digits :]
        parts = {"d": format(at.day, wide), "m": format(at.month, wide), "y": year}
        day = self.separator.join(parts[p] for p in self.order)
        hour = at.hour if self.half is None else (at.hour % 12 or 12)
        clock = f"{hour:{'02d' if self.half is None else wide}}{self.colon}{at.minute:02d}"
        if self.seconds:
            clock += f"{self.colon}{at.second:02d}"
        if self.half is not None:
            half = self.half[at.hour >= 12]
            clock = half + clock if self.half[0] in FIRST else clock + self.space + half
        return f"{day}{',' if self.comma else ''} {clock}"

    def header(self, at: datetime) -> str:
        """Give the whole start of a line."""
        stamp = self.stamp(at)
        return self.mark + (f"[{stamp}] " if self.layout == "ios" else f"{stamp} {self.dash} ")

    def sent(self, at: datetime) -> str:
        """Give the time that the reader must find."""
        return at.replace(second=at.second if self.seconds else 0).isoformat()

    @property
    def exists(self) -> bool:
        """Tell whether phones write such dates: a year of two digits leads in few places only."""
        if self.order != "ymd" or self.year_digits == 4:
            return True
        return self.separator in ("-", ". ") or (self.separator == "/" and not self.padded)


@dataclass(frozen=True)
class Event:
    """What somebody said, or with `system` a line of the app of that kind."""

    at: datetime
    sender: str | None
    text: str
    system: str | None = None


def write(dialect: Dialect, events: list[Event], last_newline: bool = True) -> bytes:
    """Write an export as the phone does."""
    lines = []
    for event in events:
        body = event.text.replace("\n", dialect.newline)
        who = f"{event.sender}: " if event.sender is not None else ""
        if event.system is not None and dialect.layout == "ios":
            who = "Kade: \u200e"  # an iPhone names the group as the sender of its own lines
        lines.append(dialect.header(event.at) + who + body)
    text = dialect.newline.join(lines) + (dialect.newline if last_newline else "")
    if dialect.encoding != "utf-8":
        mark = b"\xff\xfe" if dialect.encoding == "utf-16-le" else b"\xfe\xff"
        return mark + text.encode(dialect.encoding)
    return (b"\xef\xbb\xbf" if dialect.bom else b"") + text.encode()


dialects = st.builds(
    Dialect,
    layout=st.sampled_from(("ios", "android")),
    order=st.sampled_from(("dmy", "mdy", "ymd")),
    separator=st.sampled_from(("-", "/", ".", ". ")),
    year_digits=st.sampled_from((2, 4)),
    padded=st.booleans(),
    comma=st.booleans(),
    seconds=st.booleans(),
    half=st.sampled_from((None, *HALVES)),
    space=st.sampled_from(SPACES),
    newline=st.sampled_from(("\n", "\r\n")),
    bom=st.booleans(),
    encoding=st.sampled_from(("utf-8", "utf-8", "utf-8", "utf-16-le", "utf-16-be")),
    colon=st.sampled_from((":", ":", ".")),
    dash=st.sampled_from(("-", "-", "–")),
    mark=st.sampled_from(MARKS),
).filter(lambda dialect: dialect.exists)

_letters = st.characters(codec="utf-8", exclude_characters="\n\r:")
labels = st.one_of(
    st.sampled_from(
        ("Sanne Bakker", "Ömer Yılmaz", "~\u202fJan", "\u202a+31\u00a06\u00a012345678\u202c")
    ),
    st.text(_letters, min_size=1, max_size=40).filter(lambda s: s.strip(" \u200e\u200f") == s),
)
texts = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=200),
    st.sampled_from(
        (
            "akkoord",
            "punt één: ja\npunt twee: nee",
            "½ m² ①\n\n  en nog iets ",
            "zie 14:30 - dat is later",
            "\n",
            "Naam: iets",
            "https://voorbeeld.example/a:b",
        )
    ),
)
moments = st.datetimes(datetime(2012, 1, 1), datetime(2025, 12, 31)).map(
    lambda at: at.replace(microsecond=0)
)
events = st.builds(Event, moments, labels, texts)


def system_texts() -> list[tuple[str, str]]:
    """Give every line of the app in every language of our tables, with its kind."""
    filling = {"{a}": "Sanne", "{n}": "Ömer", "{*}": " x", "{name}": "a b.pdf"}
    found = []
    for table in sorted(files("archiver.data").joinpath("whatsapp").iterdir(), key=str):
        if not table.name.endswith(".json"):
            continue
        for row in json.loads(table.read_text(encoding="utf-8"))["entries"]:
            text = row["text"]
            for slot, value in filling.items():
                text = text.replace(slot, value)
            if row["kind"].startswith("system."):
                found.append((text, row["kind"].removeprefix("system.")))
    return found


systems = st.builds(
    lambda at, line: Event(at, None, *line), moments, st.sampled_from(system_texts())
)


def looks_like_header(text: str, layout: str) -> bool:
    """Tell whether a later line of a text is a header: no reader can tell that apart."""
    return any(LAYOUTS[layout].match(line.encode()) for line in text.split("\n")[1:])
