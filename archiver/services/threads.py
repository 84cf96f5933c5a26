"""Which messages belong together, across containers, from what they say themselves and nothing else.

The order of trust: In-Reply-To, References (RFC 5322 section 3.6.4), Thread-Index of Outlook. Messages of one
chat (Teams) say so themselves, and which one they answer. A subject is never a fact. Messages with the same
Message-ID are *copies* (the sender's and a receiver's, say): linked,
never dropped. A message that others name but nobody has is a gap with a place in the thread.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from archiver.links import ROOT_HEX, answered, bare, chat_of, known_as
from archiver.model import EmailMessage

_STEP_HEX = 10  # every answer adds 5 bytes
_CLIMB = 100  # absent messages in a row that are looked over for one that is here


@dataclass(frozen=True, slots=True)
class Entry:
    """What is needed of one message; `key` is the caller's own, such as an item id.

    Of one message of a chat `message_id` is what it is called in that chat, `answers` what it answers.
    """

    key: str
    sha256: str
    message_id: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    thread_index: str | None = None
    chat: str | None = None
    answers: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message stands: `parent` is the key of what it answers (None: first, or not here).

    `basis` says what told so: in_reply_to, references, thread_index, chat. `missing` is the id of the
    answered message when nobody has it; then `parent` is the nearest one above it that is here.
    """

    key: str
    parent: str | None = None
    basis: str | None = None
    missing: str | None = None


@dataclass(frozen=True, slots=True)
class Thread:
    """Messages that belong together, in the order they were given.

    `copies` are keys with the same Message-ID and other bytes; `duplicates` keys with the same bytes; `gaps`
    ids of messages that are named and absent; `loops` keys whose answer would close a circle.
    """

    places: tuple[Place, ...]
    copies: tuple[tuple[str, ...], ...] = ()
    duplicates: tuple[tuple[str, ...], ...] = ()
    gaps: tuple[str, ...] = ()
    loops: tuple[str, ...] = ()


def entry_of(key: str, message: EmailMessage) -> Entry:
    """Take what is needed out of a message."""
    chat, post = chat_of(message) or None, message.post
    answers = post.parent if post is not None and post.parent != post.id else None
    return Entry(
        key,
        message.sha256,
        known_as(message) or None,
        message.in_reply_to,
        message.references,
        message.thread_index,
        chat,
        f"{chat}/{answers}" if chat and answers else None,
    )


def threads_of(entries: Iterable[Entry]) -> list[Thread]:
    """Put messages together; the threads are in order of their first message.

    Costs no more than the number of messages and of the ids they name; hostile chains and circles end.
    """
    graph = _Graph(list(entries))
    return [graph.thread(members) for members in graph.groups()]


@dataclass(slots=True)
class _Graph:
    """Nodes are ids ("id:<...>"), messages without id ("key:...") and conversations ("index:...")."""

    entries: list[Entry]
    holders: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    parents: dict[str, tuple[str, str]] = field(default_factory=dict)
    joined: dict[str, str] = field(default_factory=dict)  # towards the thread
    trees: dict[str, str] = field(default_factory=dict)  # towards the top of accepted answers
    loops: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for entry in self.entries:
            self.holders[_node(entry)].append(entry)
        by_index = {e.thread_index: _node(e) for e in reversed(self.entries) if e.thread_index}
        for entry in self.entries:
            self._place(entry, by_index)

    def _place(self, entry: Entry, by_index: Mapping[str, str]) -> None:
        node = _node(entry)
        _find(self.joined, node)
        chain = [f"id:{bare(one)}" for one in entry.references if bare(one)]
        for earlier, later in pairwise(chain):
            # What a third message says of two others holds only for one that nobody has.
            if later not in self.holders:
                self._answer(later, earlier, "references", None)
            self._join(later, earlier)
        if above_it := answered(entry.in_reply_to):
            self._answer(node, f"id:{above_it}", "in_reply_to", entry)
        if chain:
            self._answer(node, chain[-1], "references", entry)
        if entry.chat:
            self._join(node, f"chat:{entry.chat}")
            if entry.answers and f"id:{entry.answers}" in self.holders:
                self._answer(node, f"id:{entry.answers}", "chat", entry)
            return
        index = entry.thread_index
        if index and len(index) >= ROOT_HEX:
            self._join(node, f"index:{index[:ROOT_HEX]}")
            if len(index) > ROOT_HEX and (above := by_index.get(index[:-_STEP_HEX])):
                self._answer(node, above, "thread_index", entry)

    def _answer(self, node: str, parent: str, basis: str, entry: Entry | None) -> None:
        self._join(node, parent)
        if node in self.parents:
            return
        # A node without parent is the top of its tree: only its own tree can close a circle.
        top, tree = _find(self.trees, parent), _find(self.trees, node)
        if top == tree:
            if entry is not None:
                self.loops.add(entry.key)
            return
        self.trees[tree] = top
        self.parents[node] = (parent, basis)

    def _join(self, one: str, other: str) -> None:
        first, second = _find(self.joined, one), _find(self.joined, other)
        if first != second:
            self.joined[second] = first

    def groups(self) -> Iterator[list[Entry]]:
        """Give the messages of each thread, in the order they were given."""
        found: dict[str, list[Entry]] = {}
        for entry in self.entries:
            found.setdefault(_find(self.joined, _node(entry)), []).append(entry)
        yield from found.values()

    def thread(self, members: list[Entry]) -> Thread:
        """Describe one thread."""
        places = tuple(self._placed(entry) for entry in members)
        by_bytes: dict[str, list[str]] = defaultdict(list)
        by_id: dict[str, dict[str, str]] = defaultdict(dict)
        for entry in members:
            by_bytes[entry.sha256].append(entry.key)
            if entry.message_id:
                by_id[bare(entry.message_id)].setdefault(entry.sha256, entry.key)
        gaps = dict.fromkeys(place.missing for place in places if place.missing is not None)
        return Thread(
            places,
            copies=tuple(tuple(c.values()) for c in by_id.values() if len(c) > 1),
            duplicates=tuple(tuple(keys) for keys in by_bytes.values() if len(keys) > 1),
            gaps=tuple(gaps),
            loops=tuple(entry.key for entry in members if entry.key in self.loops),
        )

    def _placed(self, entry: Entry) -> Place:
        found = self.parents.get(_node(entry))
        if found is None:
            return Place(entry.key)
        parent, basis = found
        missing = None
        for _ in range(_CLIMB):
            holders = self.holders.get(parent)
            if holders:
                return Place(entry.key, holders[0].key, basis, missing)
            missing = missing or parent.removeprefix("id:")
            if parent not in self.parents:
                break
            parent = self.parents[parent][0]
        return Place(entry.key, None, basis, missing)


def _find(above: dict[str, str], node: str) -> str:
    root = node
    while (higher := above.setdefault(root, root)) != root:
        root = higher
    while above[node] != root:
        above[node], node = root, above[node]
    return root


def _node(entry: Entry) -> str:
    return f"id:{bare(entry.message_id)}" if bare(entry.message_id) else f"key:{entry.key}"
