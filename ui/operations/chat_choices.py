"""What the user chose about conversations that are not stored yet: what goes out, and open answers.

Lives in the window only: nothing of it reaches the disk before the conversation is secured.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ui.models.row import Row

REASONS = ("prive", "partijpolitiek", "bijzondere persoonsgegevens")
Key = tuple[str, int]  # path and index of a conversation, as in `Row.key`


@dataclass(frozen=True, slots=True)
class Picked:
    """What goes along when files are secured.

    `out` is per conversation {position of the message: reason}, `answers` per path, `stamps` the size
    and time of the file when its messages were shown: positions mean nothing in another file.
    `opened` has, by the path of a sealed backup, the path of what came out of it.
    """

    out: Mapping[Key, Mapping[int, str]] = field(default_factory=dict)
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    stamps: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    opened: Mapping[str, str] = field(default_factory=dict)

    def paths(self) -> set[str]:
        """Give the files about which something was chosen."""
        chosen = {path for path, _ in self.out} | set(self.answers)
        return chosen | set(self.opened) | set(self.opened.values())

    def not_kept(self) -> set[str]:
        """Give the sealed backups that may not be stored: what was taken out is still in them."""
        touched = {path for (path, _), out in self.out.items() if out}
        return {original for original, inside in self.opened.items() if inside in touched}


def answered_with(row: Row, rows: Iterable[Row], question: str, value: str) -> tuple[str, ...]:
    """Give the files that an answer holds for: the one that was asked about first.

    Whose phone it was and the zone are asked once a drop: they hold for every file in which the same
    is open and, for a person, in which that person takes part. All else is of one file.
    """
    same = [
        str(other.key[0])
        for other in rows
        if question in ("owner", "zone") and other.preview is not None
        for asked in other.preview.questions
        if asked.name == question and value in asked.options and not other.in_vault
    ]
    return tuple(dict.fromkeys([str(row.key[0]), *same]))


class ChatChoices:
    """All choices of the desk, by conversation."""

    def __init__(self) -> None:
        self._out: dict[Key, dict[int, str]] = {}
        self._answers: dict[str, dict[str, str]] = {}
        self._stamps: dict[str, tuple[int, int]] = {}
        self._opened: dict[str, str] = {}

    def out(self, key: Key) -> dict[int, str]:
        """Give a copy of what goes out of a conversation."""
        return dict(self._out.get(key, {}))

    def set_out(self, key: Key, out: Mapping[int, str]) -> None:
        """Keep what goes out; nothing forgets the conversation."""
        if out:
            self._out[key] = dict(out)
        else:
            self._out.pop(key, None)

    def stamp(self, path: str, stamp: tuple[int, int]) -> None:
        """Keep size and time of a file whose messages are shown."""
        if not any(key[0] == path for key in self._out):
            self._stamps[path] = stamp

    def answers(self, path: str) -> Mapping[str, str]:
        """Give the answers about a file."""
        return dict(self._answers.get(path, {}))

    def answer(self, path: str, question: str, value: str) -> None:
        """Keep an answer of the user."""
        self._answers.setdefault(path, {})[question] = value

    def open(self, original: str, inside: str) -> None:
        """Keep what came out of a sealed backup, and that a key was given; never the key."""
        self._opened[original] = inside
        self.answer(inside, "key_given", "ja")

    def opened(self, original: str) -> str | None:
        """Give the path of what came out of a sealed backup; None while it is sealed."""
        return self._opened.get(original)

    def whole(self, paths: Iterable[str]) -> set[str]:
        """Give the files, and what came out of those that were opened."""
        named = set(paths)
        return named | {self._opened[path] for path in named & set(self._opened)}

    def goes_along(self, path: str, only: str) -> bool:
        """Tell whether a file is secured when `only` is (empty: everything)."""
        if path in self.picked().not_kept():
            return False
        return only in ("", path, self._opened.get(path)) or self._opened.get(only) == path

    def done_with(self, done: set[str]) -> set[str]:
        """Give what leaves the desk: the files that are secured and the backups that may not be kept."""
        left = {path for path in self.picked().not_kept() if self._opened[path] in done}
        return done | left

    def looked(self, row: Row) -> Row:
        """Keep what another export of the same chat said: the messages are read with it too."""
        record = row.preview.record if row.preview is not None else None
        if getattr(record, "date_order_basis", None) == "other_export":
            self.answer(str(row.key[0]), "date_order", str(getattr(record, "date_order", "")))
            self.answer(str(row.key[0]), "date_order_basis", "other_export")
        return row

    def picked(self) -> Picked:
        """Give everything, as it is now."""
        return Picked(
            {key: dict(out) for key, out in self._out.items()},
            {path: dict(given) for path, given in self._answers.items()},
            dict(self._stamps),
            dict(self._opened),
        )

    def forget(self, paths: Iterable[str]) -> None:
        """Forget what is not on the desk any more."""
        gone = set(paths)
        self._out = {k: v for k, v in self._out.items() if k[0] not in gone}
        self._answers = {k: v for k, v in self._answers.items() if k not in gone}
        self._stamps = {k: v for k, v in self._stamps.items() if k not in gone}
        self._opened = {k: v for k, v in self._opened.items() if not gone & {k, v}}
