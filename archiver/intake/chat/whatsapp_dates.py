"""What day a WhatsApp header means: the order of day and month from evidence, never from a guess.

Evidence in order of weight: a year of four digits that stands first; a day above 12; names of media
that carry the day (``IMG-20220502-WA0003.jpg``, ``00000014-PHOTO-2022-05-02-…``); the date of the
text inside its zip, which no message can be later than; the answer of the user. When evidence
disagrees or is absent the order is None and the caller asks. Times are wall clock of the exporting
phone, ISO 8601 without offset.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

ORDERS = ("dmy", "mdy")
FIRST_YEAR = 2009  # WhatsApp began in 2009; two-digit years are of this century

_NUMBERS = re.compile(rb"\d+")
_CLOCK = re.compile(rb"(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?")
_MEDIA_DAY = re.compile(
    r"(?:[A-Z]{3}-(\d{4})(\d{2})(\d{2})-WA\d|-[A-Z_]+-(\d{4})-(\d{2})-(\d{2})-)"
)
_AFTERNOON = tuple(w.encode() for w in ("م", "午後", "下午", "오후"))
_MORNING = tuple(w.encode() for w in ("ص", "午前", "上午", "오전"))

Fields = tuple[
    int, int, int, str
]  # three numbers and their shape: "ymd", "2" or "4" digits of year


@lru_cache(maxsize=20_000)
def fields(raw: bytes) -> Fields | None:
    """Split a date into its numbers. None when the digits cannot be a date in any order."""
    parts = _NUMBERS.findall(raw)
    if len(parts) != 3:
        return None
    a, b, c = (int(p) for p in parts)
    if len(parts[0]) == 4 and len(parts[2]) <= 2:
        return a, b, c, "ymd"
    if len(parts[0]) <= 2 and len(parts[2]) in (2, 4):
        year = c if len(parts[2]) == 4 else 2000 + c
        return a, b, year, "4" if len(parts[2]) == 4 else "2"
    return None


def day(found: Fields, order: str | None) -> str | None:
    """Give the ISO date under an order, None when undecided or impossible.

    A date that is the same under both orders (5-5-2022) needs no decision.
    """
    a, b, c, shape = found
    if shape == "ymd":
        return _iso(a, b, c)
    if order == "dmy":
        return _iso(c, b, a)
    if order == "mdy":
        return _iso(c, a, b)
    if order == "ymd":
        return _iso(2000 + a, b, c - 2000) if shape == "2" else None
    return _iso(c, a, b) if a == b else None


def _iso(year: int, month: int, day_of_month: int) -> str | None:
    try:
        return date(year, month, day_of_month).isoformat()
    except ValueError:
        return None


@lru_cache(maxsize=90_000)
def clock(raw: bytes) -> tuple[str, str] | None:
    """Give the ISO time and its precision (second, minute). None when it is no time of day.

    A time to the minute is written with ``:00``; the precision tells that the seconds are unknown.
    """
    found = _CLOCK.search(raw)
    if found is None:
        return None
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    half = (raw[: found.start()] + raw[found.end() :]).lower()
    if b"p" in half or any(w in half for w in _AFTERNOON):
        hour += 12 if hour < 12 else 0
    elif (b"a" in half or any(w in half for w in _MORNING)) and hour == 12:
        hour = 0
    if hour > 23 or minute > 59 or second > 59:
        return None
    return f"T{hour:02d}:{minute:02d}:{second:02d}", "second" if found[3] else "minute"


def media_day(name: str) -> tuple[int, int, int] | None:
    """Give year, month, day that a media name carries."""
    found = _MEDIA_DAY.search(name)
    if found is None:
        return None
    year, month, dom = (int(g) for g in found.groups() if g)
    return (year, month, dom) if _iso(year, month, dom) else None


@dataclass(frozen=True, slots=True)
class Decision:
    """The order and why; `conflict` says that the evidence disagreed with itself or the answer.

    `candidates` are the orders that remain to be asked when `order` is None.
    """

    order: str | None
    basis: str | None
    conflict: bool = False
    candidates: tuple[str, ...] = ORDERS


@dataclass(slots=True)
class Evidence:
    """What the dates of one file say together; `see` takes every header, `name` every medium."""

    year_first: int = 0
    undecided: int = 0
    first_over: int = 0
    second_over: int = 0
    dash_pairs: bool = True
    firsts: set[int] = field(default_factory=set)
    lasts: set[int] = field(default_factory=set)
    votes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ORDERS, 0))
    latest: dict[str, str] = field(default_factory=lambda: dict.fromkeys(ORDERS, ""))
    example: Fields | None = None
    example_raw: str = ""
    seen: set[bytes] = field(default_factory=set)

    def see(self, raw: bytes) -> None:
        """Take one date. Dates seen before cost nothing; the memory of them is bounded."""
        if raw in self.seen:
            return
        if len(self.seen) > 20_000:
            self.seen.clear()
        self.seen.add(raw)
        found = fields(raw)
        if found is None:
            return
        a, b, c, shape = found
        if shape == "ymd":
            self.year_first += 1
            return
        self.undecided += 1
        self.first_over += 12 < a <= 31
        self.second_over += 12 < b <= 31
        self.dash_pairs = (
            self.dash_pairs and shape == "2" and b"-" in raw and a >= FIRST_YEAR - 2000
        ) and _iso(2000 + a, b, c - 2000) is not None
        self.firsts.add(a)
        self.lasts.add(c)
        for order in ORDERS:
            self.latest[order] = max(self.latest[order], day(found, order) or "")
        if a != b and self.example is None and day(found, "dmy") and day(found, "mdy"):
            self.example, self.example_raw = found, raw.decode("ascii", "ignore")

    def name(self, raw: bytes, name: str) -> None:
        """Take the name of a medium that stands in a message of this date."""
        found, meant = fields(raw), media_day(name)
        if found is None or meant is None or found[0] == found[1]:
            return
        for order in ORDERS:
            self.votes[order] += (
                day(found, order) == f"{meant[0]:04d}-{meant[1]:02d}-{meant[2]:02d}"
            )

    def decide(self, zip_day: str | None, answer: str | None) -> Decision:
        """Weigh the evidence. `zip_day` is the ISO day after which no message can lie."""
        if not self.undecided:
            return Decision("ymd", "four_digit_year")
        answer = answer if answer in (*ORDERS, "ymd") else None
        strong = self._day_above_12()
        named = [order for order in ORDERS if self.votes[order]]
        late = [o for o in ORDERS if zip_day and self.latest[o] and self.latest[o] > zip_day]
        said: list[tuple[str, str]] = []
        said += [(order, "day_above_12") for order in strong]
        said += [(order, "media_name") for order in named]
        if len(late) == 1 and not said:
            said.append((ORDERS[1 - ORDERS.index(late[0])], "zip_date"))
        orders = {order for order, _ in said}
        if len(orders) == 1:
            order, basis = said[0]
            if answer is None or answer == order:
                return Decision(order, basis)
            if basis == "day_above_12":
                return Decision(order, basis, conflict=True)
            return Decision(answer, "user", conflict=True)
        if answer is not None:
            return Decision(answer, "user", conflict=bool(orders))
        asked = tuple(sorted(orders)) if len(orders) > 1 else ORDERS
        return Decision(None, None, len(orders) > 1 and asked == ORDERS, asked)

    def _day_above_12(self) -> list[str]:
        found = ["dmy"] if self.first_over else []
        if self.second_over:
            found.append("mdy")
        if found == ["dmy"] and self.dash_pairs:
            # 24-03-15 can be 24 March 2015 or 15 March 2024: the year changes least.
            if len(self.firsts) < len(self.lasts):
                return ["ymd"]
            if len(self.firsts) == len(self.lasts):
                return ["dmy", "ymd"] if not self.votes["dmy"] else ["dmy"]
        return found
