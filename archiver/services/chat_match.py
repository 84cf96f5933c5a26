"""Lay two exports of one conversation side by side: what is the same, what differs, and why.

Pure: two sequences of messages in, a `Comparison` out; nothing is merged, sorted or changed. The time
it takes grows with the number of messages, not with its square.

How: the clocks are laid on each other, labels are linked to persons, and messages are paired in four
rounds, from certain to careful: same person, content and minute in order; the same out of order; same
person and content at another time; same person and moment with another content (deleted, edited).
What stays over is on one side only, with the likely reason.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from archiver.model import ChatMessage
from archiver.services.chat_align import Block, gaps, pairs_anywhere, pairs_in_order, rising
from archiver.services.chat_keys import (
    LONG,
    Link,
    Side,
    caption,
    folded,
    link_people,
    minute,
    shift_to,
    telling,
)

_LATE = 12 * 3600  # seconds a phone may be out of reach and still bring the same message
_SOON = 300  # seconds; a short text or a deletion farther apart is another one
_SAME = 60  # seconds; closer is the same moment, for many exports know no seconds
_TRIES = 20  # messages of one person and moment that are tried for other words
_ALIKE = 0.6  # part of the runs of three characters that two wordings share
_HEAD = 2_000  # characters of a text that are looked at for that
_COMES = frozenset({"joined", "member_added"})
_GOES = frozenset({"left", "removed"})
_ONCE = frozenset({"e2e", "group_created"})  # a conversation has one, its time may differ by phone


# What must be equal in a round: of the message at a place, said in a minute; None takes no part.
_Key = Callable[[Side, int, int | None], Hashable | None]


class Kind(StrEnum):
    """How a row stands in the comparison."""

    MATCH = "match"
    DIFFERS = "differs"
    ONLY_LEFT = "only_left"
    ONLY_RIGHT = "only_right"


@dataclass(frozen=True, slots=True)
class Row:
    """One message with its witnesses: places in `left` and `right`, None where it is not.

    `reason` of a match: same, shifted (same after the constant shift of the clocks), other_time,
    media (by hash), system, system_words (a line of the app in other words), deleted (on both).
    Of differs: deleted_left, deleted_right, edited, wording, caption, media_left_out, system_other.
    Of one side only: earlier, later (beyond the other export), joined_later, left_earlier,
    system_here_only, missing_there (deleted on that phone alone, or never received), withheld (the
    other is an extract, and something was taken out there before securing).
    `seconds` is how much later the right one is, after the shift. `moved`: the order differs.
    """

    kind: Kind
    left: int | None
    right: int | None
    reason: str
    seconds: int | None = None
    moved: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """The rows in one order that keeps the order of each side where both agree.

    `shifts` counts the pairs per shift of the clocks in seconds. `people` says who was taken for whom.
    """

    rows: tuple[Row, ...]
    people: tuple[Link, ...]
    shifts: Mapping[int, int]

    def counts(self) -> dict[str, int]:
        """Count the rows per ``kind.reason``."""
        return dict(sorted(Counter(f"{r.kind.value}.{r.reason}" for r in self.rows).items()))

    def only(self, kind: Kind, reason: str) -> tuple[int, ...]:
        """Give the places of the messages on one side only, for a reason."""
        found = (r for r in self.rows if r.kind is kind and r.reason == reason)
        return tuple(
            p for r in found if (p := r.left if r.left is not None else r.right) is not None
        )

    def new_right(self) -> tuple[int, ...]:
        """Give what the right export adds after the end of the left one: its continuation."""
        return self.only(Kind.ONLY_RIGHT, "later")

    def continues(self) -> bool:
        """Tell whether the right export goes on where the left one stops, and not the other way."""
        return bool(self.new_right()) and not self.only(Kind.ONLY_LEFT, "later")


@dataclass(frozen=True, slots=True)
class Overlap:
    """How much two exports share: telling contents in both, of the smaller number of the two."""

    shared: int
    of: int

    @property
    def same(self) -> bool:
        """Tell whether this is one conversation: a tenth of what says enough by itself is shared.

        One or two in common are not enough when there are more: everyone writes "Goedemorgen".
        """
        return self.shared >= max(1, min(3, self.of)) and 10 * self.shared >= self.of


def overlap(left: Sequence[ChatMessage], right: Sequence[ChatMessage]) -> Overlap:
    """Measure how much two exports share, by hash; texts shorter than ten characters do not count."""
    a = {c for c in Side(left).content if telling(c)}
    b = {c for c in Side(right).content if telling(c)}
    return Overlap(len(a & b), min(len(a), len(b)))


def compare(
    left: Sequence[ChatMessage],
    right: Sequence[ChatMessage],
    people: Sequence[tuple[str, str]] = (),
    totals: tuple[int | None, int | None] = (None, None),
) -> Comparison:
    """Lay two exports side by side. `people` are labels (left and right) that a person linked.

    `totals` are, of an extract, the messages that its source had: positions that are missing were taken
    out. None for an export that is whole.
    """
    match = _Match(Side(left), Side(right), people, totals)
    match.run()
    return match.result()


class _Match:
    """The pairs found so far; `pair` holds for every left place (right place, moved, reason)."""

    def __init__(
        self,
        left: Side,
        right: Side,
        people: Sequence[tuple[str, str]],
        totals: tuple[int | None, int | None],
    ) -> None:
        self.left, self.right, self.totals = left, right, totals
        if _half_timeless(left) or _half_timeless(right):
            left.time, right.time = [None] * len(left.time), [None] * len(right.time)
        self.shift = shift_to(left, right)
        self.people = link_people(left, right, self.shift, people)
        self.pair: dict[int, tuple[int, str | None]] = {}
        self.taken: set[int] = set()
        self.backbone: list[tuple[int, int]] = []

    def run(self) -> None:
        """Pair in rounds, from certain to careful."""
        left, right = self.left, self.right
        nothing = [0] * len(right.messages)
        a, b = _keys(left, self.shift), _keys(right, nothing)
        self._take(pairs_in_order(a, b))
        self._take(pairs_anywhere(a, b, self._free_left(), self._free_right()))
        self._in_gaps(lambda side, i, _: (side.person[i], side.content[i]))
        self._in_gaps(lambda side, i, at: (kind, at) if (kind := _app_line(side, i)) else None)
        self._in_gaps(lambda side, i, _: _app_line(side, i))
        late_a = [_late(left, i) if i not in self.pair else None for i in range(len(a))]
        late_b = [_late(right, j) if j not in self.taken else None for j in range(len(b))]
        late = pairs_anywhere(late_a, late_b, self._free_left(), self._free_right())
        self._take([p for p in late if self._near(*p, _LATE)])
        for block in gaps(self.backbone, len(a), len(b)):
            self._other_content(block)

    def _take(self, pairs: Sequence[tuple[int, int]], reason: str | None = None) -> None:
        for i, j in pairs:
            self.pair[i] = (j, reason)
            self.taken.add(j)
        self.backbone = rising([(i, j) for i, (j, _) in self.pair.items()])

    def _free_left(self) -> list[int]:
        return [i for i in range(len(self.left.messages)) if i not in self.pair]

    def _free_right(self) -> list[int]:
        return [j for j in range(len(self.right.messages)) if j not in self.taken]

    def _apart(self, i: int, j: int) -> int | None:
        """Give how many seconds later the right one is, after the shift; None without times."""
        here, there = self.left.time[i], self.right.time[j]
        return None if here is None or there is None else there - here - self.shift[i]

    def _near(self, i: int, j: int, limit: int) -> bool:
        apart = self._apart(i, j)
        return apart is None or abs(apart) <= limit

    def _in_gaps(self, key: _Key) -> None:
        """Pair what stands between the same neighbours, whatever its time if it says enough."""
        a: list[Hashable | None] = [None] * len(self.left.time)
        b: list[Hashable | None] = [None] * len(self.right.time)
        for i in self._free_left():
            a[i] = key(self.left, i, minute(self.left.time[i], self.shift[i]))
        for j in self._free_right():
            b[j] = key(self.right, j, minute(self.right.time[j], 0))
        found: list[tuple[int, int]] = []
        for s, e, t, f in gaps(self.backbone, len(a), len(b)):
            for i, j in pairs_in_order(a[s:e], b[t:f]):
                if self._near(s + i, t + j, _reach(self.left, s + i)):
                    found.append((s + i, t + j))
        self._take(found)

    def _other_content(self, block: Block) -> None:
        """Pair what the same person did at the same moment, when it is clear what changed."""
        s, e, t, f = block
        waiting: defaultdict[Hashable, list[int]] = defaultdict(list)
        for j in reversed(range(t, f)):
            if j not in self.taken:
                waiting[self.right.person[j], minute(self.right.time[j], 0)].append(j)
        for i in range(s, e):
            if i not in self.pair and (found := self._altered(i, waiting)):
                self.pair[i] = found
                self.taken.add(found[0])

    def _altered(self, i: int, waiting: dict[Hashable, list[int]]) -> tuple[int, str] | None:
        """Find what the message at `i` became, among the next few of its person and moment."""
        here = minute(self.left.time[i], self.shift[i])
        for moment in (None,) if here is None else (here, here + 1, here - 1):
            places = waiting.get((self.left.person[i], moment), [])
            for back in range(1, min(_TRIES, len(places)) + 1):
                j = places[-back]
                reason = _changed(self.left.messages[i], self.right.messages[j])
                if reason and self._near(i, j, _SAME):
                    del places[-back]
                    return j, reason
        return None

    # --- the answer ------------------------------------------------------------------------------

    def result(self) -> Comparison:
        """Put pairs and what is left over in one order, and count the shifts."""
        shifts = Counter(self.shift[i] for i in self.pair if self.left.time[i] is not None)
        return Comparison(tuple(self._rows()), self.people, dict(sorted(shifts.items())))

    def _rows(self) -> Iterator[Row]:
        straight = set(rising([(i, j) for i, (j, _) in self.pair.items()]))
        spine = sorted(straight)
        size = (len(self.left.messages), len(self.right.messages))
        there = Presence(self.right.messages, self.totals[1])
        here = Presence(self.left.messages, self.totals[0])
        next_left = next_right = 0
        for i, j in [*spine, size]:
            lefts = [
                self._pair_row(k, moved=True)
                if k in self.pair
                else Row(
                    Kind.ONLY_LEFT, k, None, there.reason(next_right, j, self.left.messages[k])
                )
                for k in range(next_left, i)
            ]
            rights = [
                Row(Kind.ONLY_RIGHT, None, k, here.reason(next_left, i, self.right.messages[k]))
                for k in range(next_right, j)
                if k not in self.taken
            ]
            yield from self._in_time(lefts, rights)
            if i < size[0] and j < size[1]:
                yield self._pair_row(i, moved=False)
            next_left, next_right = i + 1, j + 1

    def _in_time(self, lefts: Sequence[Row], rights: Sequence[Row]) -> Iterator[Row]:
        """Put what stands between the same two pairs in one order: by time, each side as it was."""
        at = 0
        for row in lefts:
            assert row.left is not None
            here = self.left.time[row.left]
            while at < len(rights) and self._earlier(rights[at], here, self.shift[row.left]):
                yield rights[at]
                at += 1
            yield row
        yield from rights[at:]

    def _earlier(self, row: Row, here: int | None, shift: int) -> bool:
        assert row.right is not None
        there = self.right.time[row.right]
        return here is not None and there is not None and there < here + shift

    def _pair_row(self, i: int, *, moved: bool) -> Row:
        j, reason = self.pair[i]
        left, right, apart = self.left.messages[i], self.right.messages[j], self._apart(i, j)
        kind = Kind.DIFFERS if reason else Kind.MATCH
        if reason is None:
            kind, reason = self._why(i, j, left, right, apart)
        return Row(kind, i, j, reason, apart, moved)

    def _why(
        self, i: int, j: int, left: ChatMessage, right: ChatMessage, apart: int | None
    ) -> tuple[Kind, str]:
        if left.type == "system":
            if self.left.content[i] != self.right.content[j]:
                return Kind.MATCH, "system_words"
        elif self.left.content[i] != ("deleted",) and bool(left.edited) != bool(right.edited):
            return Kind.DIFFERS, "edited"
        if any(a.sha256 for a in left.attachments):
            a, b = caption(left), caption(right)
            alike = a == b or (a and b and (a in b or b in a))
            return (Kind.MATCH, "media") if alike else (Kind.DIFFERS, "caption")
        if apart is not None and not self._same_moment(i, j, apart):
            return Kind.MATCH, "other_time"
        if left.deleted:
            return Kind.MATCH, "deleted"
        if left.type == "system":
            return Kind.MATCH, "system"
        return Kind.MATCH, "shifted" if self.shift[i] else "same"

    def _same_moment(self, i: int, j: int, apart: int) -> bool:
        same = minute(self.left.time[i], self.shift[i]) == minute(self.right.time[j], 0)
        return same or abs(apart) < _SAME


class Presence:
    """Where the owner of an export was in the conversation, from its own lines.

    `total` is, of an extract, the messages that its source had; None for an export that is whole.
    """

    def __init__(self, messages: Sequence[ChatMessage], total: int | None) -> None:
        self._messages, self._total = messages, total
        spoken = (n for n, m in enumerate(messages) if m.type != "system")
        self._first = next(spoken, len(messages))

    def reason(self, start: int, end: int, message: ChatMessage) -> str:
        """Say why `message` of the other export is not here, between `start` and `end` of this one."""
        before = self._messages[start - 1] if start > 0 else None
        after = self._messages[end] if end < len(self._messages) else None
        if self._total is not None:
            first = before.index if before is not None else -1
            last = after.index if after is not None else self._total
            if last - first - 1 > end - start:
                return "withheld"
        gone = before is not None and before.system in _GOES
        if gone and (after is None or after.system in _COMES):
            return "left_earlier"
        if after is None:
            return "later"
        if after.system in _COMES and start <= self._first >= end:
            return "joined_later"
        if before is None:
            return "earlier"
        return "system_here_only" if message.type == "system" else "missing_there"


# --- keys and rules ------------------------------------------------------------------------------


def _keys(side: Side, shift: Sequence[int]) -> list[Hashable | None]:
    return [
        (side.person[i], what, minute(side.time[i], shift[i]))
        for i, what in enumerate(side.content)
    ]


def _app_line(side: Side, i: int) -> str | None:
    message = side.messages[i]
    return message.system if message.type == "system" else None


def _late(side: Side, i: int) -> Hashable | None:
    return (side.person[i], side.content[i]) if telling(side.content[i]) else None


def _reach(side: Side, i: int) -> int:
    """Give how many seconds apart the same content may be between the same neighbours."""
    message = side.messages[i]
    if message.system in _ONCE:
        return 10 * 366 * 86_400
    return _LATE if telling(side.content[i]) else _SOON


def _changed(left: ChatMessage, right: ChatMessage) -> str | None:
    """Say how two messages of one person and moment can be the same message; None when they cannot."""
    if "system" in (left.type, right.type):
        both = left.system in _COMES and right.system in _COMES
        return "system_other" if both else None
    if left.deleted or right.deleted:
        return "deleted_left" if left.deleted else "deleted_right"
    here, there = (any(a.sha256 for a in m.attachments) for m in (left, right))
    if left.attachments and right.attachments:
        return "media_left_out" if not (here and there) else None
    if left.attachments or right.attachments:
        return None
    if left.edited or right.edited:
        return "edited"
    return "wording" if _alike(folded(left.text or ""), folded(right.text or "")) else None


def _alike(a: str, b: str) -> bool:
    """Tell whether two texts share most of their runs of three characters."""
    if min(len(a), len(b)) < LONG:
        return False
    here, there = (Counter(zip(x, x[1:], x[2:], strict=False)) for x in (a[:_HEAD], b[:_HEAD]))
    return 2 * (here & there).total() >= _ALIKE * (here.total() + there.total())


def _half_timeless(side: Side) -> bool:
    return 2 * sum(t is None for t in side.time) > len(side.time)
