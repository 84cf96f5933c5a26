"""What day a WhatsApp header means: the order of day and month from evidence, never from a guess.

Evidence in order of weight: a year of four digits that stands first; numbers that can only be a day
(above 12, or no year that WhatsApp has lived); names of media that carry the day
(``IMG-20220502-WA0003.jpg``, ``00000014-PHOTO-2022-05-02-…``); the date of the text inside its zip,
which no message can be later than; the answer of the user. When every date is the same day in each
order that is left (03-03), any of them will do. When evidence disagrees or is absent the order is
None and the caller asks. Times are wall clock of the exporting phone, ISO 8601 without
offset.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

ORDERS = ("dmy", "mdy")
ALL = (*ORDERS, "ymd")
PAIRS = (("dmy", "mdy"), ("dmy", "ymd"), ("mdy", "ymd"))
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
]  # three numbers and their shape: "ymd" (four digits first), or the digits of the last number


@lru_cache(maxsize=20_000)
def fields(raw: bytes) -> Fields | None:
    """Split a date into its numbers. None when the digits cannot be a date in any order."""
    parts = _NUMBERS.findall(raw)
    if len(parts) != 3:
        return None
    a, b, c = (int(p) for p in parts)
    if len(parts[0]) == 4 and len(parts[2]) <= 2:
        return a, b, c, "ymd"
    if len(parts[0]) == 2 and len(parts[2]) == 1:
        return a, b, 2000 + c, "1"  # one digit is never a year, so the year stands first
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
    if order == "ymd" or shape == "1":
        return _iso(2000 + a, b, c - 2000) if shape != "4" and order == "ymd" else None
    if order == "dmy":
        return _iso(c, b, a)
    if order == "mdy":
        return _iso(c, a, b)
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
    year_may_lead: bool = True
    year_may_end: bool = True
    votes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ALL, 0))
    latest: dict[str, str] = field(default_factory=lambda: dict.fromkeys(ALL, ""))
    examples: dict[tuple[str, str], tuple[Fields, str]] = field(default_factory=dict)
    seen: set[bytes] = field(default_factory=set)
    differ: set[tuple[str, str]] = field(default_factory=set)  # orders that give another day

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
        self.year_may_lead = self.year_may_lead and _year_may_lead(raw, found)
        self.year_may_end = self.year_may_end and (
            shape == "4" or (shape == "2" and _is_year(c - 2000))
        )
        for order in ALL:
            self.latest[order] = max(self.latest[order], day(found, order) or "")
        if len(self.differ) < len(PAIRS):
            days = {order: day(found, order) for order in ALL}
            self.differ.update(pair for pair in PAIRS if days[pair[0]] != days[pair[1]])
        if len(self.examples) < len(PAIRS):
            self._keep_example(found, raw)

    def _keep_example(self, found: Fields, raw: bytes) -> None:
        for one, other in PAIRS:
            days = day(found, one), day(found, other)
            if None not in days and days[0] != days[1]:
                self.examples.setdefault((one, other), (found, raw.decode("ascii", "ignore")))

    def name(self, raw: bytes, name: str) -> None:
        """Take the name of a medium that stands in a message of this date."""
        found, meant = fields(raw), media_day(name)
        if found is None or meant is None:
            return
        days = {order: day(found, order) for order in ALL}
        if len(set(days.values()) - {None}) < 2 and found[0] == found[1]:
            return  # all readings are the same day
        for order in ALL:
            self.votes[order] += days[order] == f"{meant[0]:04d}-{meant[1]:02d}-{meant[2]:02d}"

    def decide(self, zip_day: str | None, answer: str | None) -> Decision:
        """Weigh the evidence. `zip_day` is the ISO day after which no message can lie."""
        if not self.undecided:
            return Decision("ymd", "four_digit_year")
        answer = answer if answer in ALL else None
        possible, conflict = self._possible()
        order, basis = self._evidence(possible, zip_day) if not conflict else (None, None)
        if order is None:
            if answer is not None:
                return Decision(answer, "user", conflict=conflict or answer not in possible)
            return Decision(None, None, conflict, possible)
        if answer is None or answer == order:
            return Decision(order, basis)
        if basis == "day_above_12":
            return Decision(order, basis, conflict=True)
        agrees = basis == "same_either_way" and answer in possible
        return Decision(answer, "user", conflict=not agrees)

    def _possible(self) -> tuple[tuple[str, ...], bool]:
        """Give the orders that the numbers allow, and whether the numbers contradict each other."""
        if self.first_over and self.second_over:
            return ORDERS, True
        possible = []
        if self.year_may_end or not self.year_may_lead:
            possible += ["dmy"] if not self.second_over else []
            possible += ["mdy"] if not self.first_over else []
        if self.year_may_lead and not self.second_over:
            possible.append("ymd")
        named = [order for order in ALL if self.votes[order]]
        if named and not set(named) & set(possible):
            return tuple(order for order in ALL if order in {*possible, *named}), True
        return tuple(possible), False

    def _evidence(
        self, possible: tuple[str, ...], zip_day: str | None
    ) -> tuple[str | None, str | None]:
        if len(possible) == 1:
            return possible[0], "day_above_12"
        if possible and not any(set(pair) <= set(possible) for pair in self.differ):
            return possible[0], "same_either_way"  # 03-03: there is nothing to ask
        named = [order for order in possible if self.votes[order]]
        if len(named) == 1:
            return named[0], "media_name"
        in_time = [o for o in possible if zip_day and (self.latest[o] or "9") <= zip_day]
        if not named and len(in_time) == 1:
            return in_time[0], "zip_date"
        return None, None


def _is_year(number: int) -> bool:
    """Tell whether two digits can be the year of a message: WhatsApp exists since 2009."""
    now = (date.today() + timedelta(days=1)).year
    return FIRST_YEAR - 2000 <= number <= now - 2000


def _year_may_lead(raw: bytes, found: Fields) -> bool:
    """Tell whether a date can begin with two digits of its year, as some phones write it.

    CLDR knows yy-MM-dd, the Korean "yy. M. d." and the Basque and Nepali yy/M/d without zeros.
    """
    a, b, c, shape = found
    if shape == "4" or not _is_year(a) or _iso(2000 + a, b, c - 2000) is None:
        return False
    bare = all(len(part) == 1 or part[:1] != b"0" for part in _NUMBERS.findall(raw)[1:])
    return b"-" in raw or (b". " in raw) or (b"/" in raw and bare)
