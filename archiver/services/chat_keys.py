"""What of a chat message can be compared across exports: content, moment and person.

Everything is made on a copy: marks that nobody sees, no-break spaces and runs of white space do not
count. The messages themselves stay as they are.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median_low

from archiver.model import ChatMessage

LONG = 10  # characters; from here on a text says enough by itself (as the ministry's own tool does)
_QUARTER = 900  # seconds; zones differ by whole quarters of an hour
_SLACK = 180  # seconds that two phones may differ on the same message
_WINDOW = 4  # anchors on each side that vote on the shift of a place
_EPOCH = datetime(1970, 1, 1)
_INVISIBLE = dict.fromkeys(
    [0x200B, 0x200E, 0x200F, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)


@dataclass(frozen=True, slots=True)
class Link:
    """Two labels that are one person: how many of the shared messages say so, of how many.

    `basis` is ``person`` (someone decided it), ``messages`` (the shared messages say it) or
    ``label`` (no shared message, the same label).
    """

    left: str
    right: str
    basis: str
    shared: int = 0
    of: int = 0


def folded(text: str) -> str:
    """Fold a text for comparing: visible characters, single spaces, composed accents."""
    if text.isascii():
        return " ".join(text.split())
    return " ".join(unicodedata.normalize("NFC", text.translate(_INVISIBLE)).split())


def caption(message: ChatMessage) -> str:
    """Give the words beside a medium, without the line or the brackets that name the file."""
    text = message.text or ""
    for medium in message.attachments:
        if medium.name and medium.name in (line := text.split("\n", 1)[0]):
            cut = line.find("<")
            text = text[:cut] if cut >= 0 else text[len(line) :]
    return folded(text)


def content(message: ChatMessage) -> Hashable:
    """Give what the message says: hashes of its media, else its text; a deletion says nothing."""
    if message.deleted:
        return ("deleted",)
    if hashes := tuple(a.sha256 for a in message.attachments if a.sha256):
        return ("media", *hashes)
    return ("system" if message.type == "system" else "text", folded(message.text or ""))


def telling(what: Hashable) -> bool:
    """Tell whether content is rare enough to recognise a message by it alone."""
    assert isinstance(what, tuple)
    return what[0] == "media" or (what[0] == "text" and len(what[1]) >= LONG)


def label(message: ChatMessage) -> str | None:
    """Give who says it, folded; a line of the app itself is of nobody."""
    if message.type == "system" or message.sender is None:
        return None
    return folded(message.sender)


def seconds(sent: str | None) -> int | None:
    """Give seconds since 1970: of the wall clock without an offset, of UTC with one."""
    if not sent:
        return None
    try:
        moment = datetime.fromisoformat(sent)
    except ValueError:
        return None
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    since = moment - _EPOCH
    return since.days * 86_400 + since.seconds


class Side:
    """One export ready for comparing; lists run along with its messages."""

    def __init__(self, messages: Sequence[ChatMessage]) -> None:
        self.messages = messages
        self.content = [content(m) for m in messages]
        self.label = [label(m) for m in messages]
        self.time = [seconds(m.sent) for m in messages]
        self.person: list[str | None] = list(self.label)

    def once(self) -> dict[Hashable, int]:
        """Give the telling content that stands here once, with its place."""
        often = Counter(self.content)
        return {c: i for i, c in enumerate(self.content) if often[c] == 1 and telling(c)}


def shift_to(left: Side, right: Side) -> list[int]:
    """Give per message of `left` the seconds to add to come to the clock of `right`.

    The shift is a whole number of quarters and may change along the way (summer time, a phone that
    moved); the anchors around a place decide together, so one late message changes nothing.
    """
    there = right.once()
    anchors: list[tuple[int, int]] = []
    for content_, i in left.once().items():
        j = there.get(content_)
        here, other = left.time[i], right.time[j] if j is not None else None
        if here is not None and other is not None:
            quarter = round((other - here) / _QUARTER) * _QUARTER
            if abs(other - here - quarter) <= _SLACK:
                anchors.append((i, quarter))
    if not anchors:
        return [0] * len(left.messages)
    anchors.sort()
    votes = [quarter for _, quarter in anchors]
    shift: list[int] = []
    for number, (place, _) in enumerate(anchors):
        low = max(0, number - _WINDOW)
        window = votes[low : number + _WINDOW + 1]
        shift += [median_low(window)] * (place + 1 - len(shift))
    return shift + [shift[-1]] * (len(left.messages) - len(shift))


def link_people(
    left: Side, right: Side, shift: Sequence[int], decided: Sequence[tuple[str, str]]
) -> tuple[Link, ...]:
    """Link the labels of both sides to persons and write these into ``Side.person``.

    A shared message is one whose content stands once in the same minute on both sides. Two labels
    are one person when half of what either of them shared is with the other; so a changed number
    (two labels here, one there) is found too. What a person decided goes before.
    """
    votes = _votes(left, right, shift, decided)
    of_left, of_right = Counter[str](), Counter[str]()
    for (a, b), n in votes.items():
        of_left[a] += n
        of_right[b] += n
    links = [Link(folded(a), folded(b), "person") for a, b in decided]
    links += [
        Link(a, b, "messages", n, max(of_left[a], of_right[b]))
        for (a, b), n in sorted(votes.items())
        if 2 * n > min(of_left[a], of_right[b])
    ]
    known_left, known_right = {k.left for k in links}, {k.right for k in links}
    same = {x for x in left.label if x} & {x for x in right.label if x}
    links += [
        Link(x, x, "label") for x in sorted(same) if x not in known_left and x not in known_right
    ]
    group = _groups(links)
    left.person = [group.get(("left", x), f"<{x}") if x else None for x in left.label]
    right.person = [group.get(("right", x), f">{x}") if x else None for x in right.label]
    return tuple(links)


def _votes(
    left: Side, right: Side, shift: Sequence[int], decided: Sequence[tuple[str, str]]
) -> Counter[tuple[str, str]]:
    taken_left = {folded(a) for a, _ in decided}
    taken_right = {folded(b) for _, b in decided}
    there = _by_minute(right, [0] * len(right.messages))
    votes: Counter[tuple[str, str]] = Counter()
    for key, places in _by_minute(left, shift).items():
        others = there.get(key, ())
        if len(places) != 1 or len(others) != 1:
            continue
        a, b = left.label[places[0]], right.label[others[0]]
        if a and b and a not in taken_left and b not in taken_right:
            votes[a, b] += 1
    return votes


def _by_minute(side: Side, shift: Sequence[int]) -> dict[Hashable, list[int]]:
    found: defaultdict[Hashable, list[int]] = defaultdict(list)
    for i, what in enumerate(side.content):
        if side.label[i] and what not in (("deleted",), ("text", "")):
            found[what, minute(side.time[i], shift[i])].append(i)
    return found


def minute(time: int | None, shift: int) -> int | None:
    """Give the minute in which something was said, on the shifted clock."""
    return None if time is None else (time + shift) // 60


def _groups(links: Sequence[Link]) -> dict[tuple[str, str], str]:
    """Give every linked label the name of its group (union of the links)."""
    parent: dict[tuple[str, str], tuple[str, str]] = {}

    def root(node: tuple[str, str]) -> tuple[str, str]:
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for link in links:
        parent[root(("left", link.left))] = root(("right", link.right))
    return {node: "=" + root(node)[1] for node in list(parent)}
