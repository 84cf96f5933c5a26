"""The messages of one conversation, and which of them go out: a list model that is fast for 100,000.

Positions (`ChatMessage.index`) name the messages in `out`; rows are places in the list.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from archiver.folding import fold
from archiver.model import ChatMessage
from ui.models.proposal import viewer
from ui.operations.chat_choices import REASONS
from ui.words import moment, t

if TYPE_CHECKING:
    from archiver.services.suggestions import Suggestion

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
_MOST_SEARCHED = 200_000  # characters of one message: more would hold the window up
_SHORT = {
    "prive": "prive.reden.prive",
    "partijpolitiek": "prive.reden.partij",
    "bijzondere persoonsgegevens": "prive.reden.bijzonder",
}


def reason_word(reason: str) -> str:
    """Give the word of a reason: Privé."""
    return t(_SHORT[reason])


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for: all that is given must hold.

    `since` and `until` are ISO days, included; `words` are folded.
    """

    sender: str = ""
    since: str = ""
    until: str = ""
    words: str = ""

    def holds(self, message: ChatMessage) -> bool:
        """Tell whether the message is one of these."""
        day = (message.sent or "")[:10]
        return (
            (not self.sender or message.sender == self.sender)
            and (not self.since or day >= self.since)
            and (not self.until or "" < day <= self.until)
            and (not self.words or self.words in fold(said(message)))
        )

    @property
    def empty(self) -> bool:
        """Tell whether nothing is asked."""
        return not (self.sender or self.since or self.until or self.words)


@dataclass(frozen=True, slots=True)
class Gap:
    """Messages that stand beside each other and go out."""

    count: int
    reasons: tuple[str, ...]


class ChatMessages(QAbstractListModel):
    """`out_changed` tells that something was taken out or put back."""

    out_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[ChatMessage] = []
        self.out: dict[int, str] = {}
        self.owner = ""  # whose phone it was, as answered or as the export shows
        self._before: list[dict[int, str]] = []
        self._hints: dict[int, Suggestion | None] = {}

    # --- filling ---------------------------------------------------------------------------------

    def clear(self, out: dict[int, str]) -> None:
        """Begin a conversation, with what was chosen in it before."""
        self.beginResetModel()
        self.messages, self.out = [], dict(out)
        self._before, self._hints = [], {}
        self.endResetModel()
        self.out_changed.emit()

    def add(self, messages: Sequence[ChatMessage]) -> None:
        """Add messages at the end; do they begin anew, then what was there gives way."""
        there = len(self.messages)
        if there and messages and messages[0].index <= self.messages[0].index:
            there = min(there, len(messages))
            if there < len(self.messages):
                self.beginRemoveRows(QModelIndex(), there, len(self.messages) - 1)
                del self.messages[there:]
                self.endRemoveRows()
            self.messages[:], self._hints = messages[:there], {}
            self.dataChanged.emit(self.index(0), self.index(there - 1))
            messages = messages[there:]
        if messages:
            self.beginInsertRows(QModelIndex(), there, there + len(messages) - 1)
            self.messages += messages
            self.endInsertRows()
        self.out_changed.emit()

    # --- what a view asks ------------------------------------------------------------------------

    def rowCount(self, parent: Index | None = None) -> int:
        """Count the messages."""
        return 0 if parent is not None and parent.isValid() else len(self.messages)

    def data(self, index: Index, role: int = Role.DisplayRole) -> object:
        """Give the words for a screen reader and the tick; the delegate reads the message itself."""
        if not index.isValid() or not index.row() < len(self.messages):
            return None
        if role in (Role.DisplayRole, Role.AccessibleTextRole):
            return self.spoken(index.row())
        if role == Role.CheckStateRole:
            gone = self.messages[index.row()].index in self.out
            return Qt.CheckState.Checked if gone else Qt.CheckState.Unchecked
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Every message can be chosen."""
        flag = Qt.ItemFlag
        return flag.ItemIsEnabled | flag.ItemIsSelectable | flag.ItemIsUserCheckable

    def spoken(self, row: int) -> str:
        """Give a message as one sentence for a screen reader."""
        message = self.messages[row]
        reason = self.out.get(message.index)
        parts = (
            message.sender or "",
            moment(message.sent) if message.sent else "",
            said(message),
            t("prive.eruit", reden=reason_word(reason)) if reason else "",
        )
        return ", ".join(part for part in parts if part)

    def new_day(self, row: int) -> bool:
        """Tell whether a message is the first of its day."""
        sent = self.messages[row].sent
        before = self.messages[row - 1].sent if row else None
        return bool(sent) and (before or "")[:10] != (sent or "")[:10]

    def own(self, row: int) -> bool:
        """Tell whether the user wrote it."""
        me = (self.owner or viewer()).casefold()
        return bool(me) and (self.messages[row].sender or "").casefold() == me

    # --- taking out and putting back --------------------------------------------------------------

    def take_out(self, rows: Iterable[int], reason: str) -> None:
        """Take messages out, for this reason; those that are out get it too."""
        assert reason in REASONS
        self._change({**self.out, **{self.messages[row].index: reason for row in rows}})

    def put_back(self, rows: Iterable[int]) -> None:
        """Put messages back."""
        back = {self.messages[row].index for row in rows}
        self._change({k: v for k, v in self.out.items() if k not in back})

    def set_out(self, out: dict[int, str]) -> None:
        """Choose anew what goes out."""
        self._change(dict(out))

    def undo(self) -> bool:
        """Undo the last choice; gives whether there was one."""
        if not self._before:
            return False
        self._show(self._before.pop())
        return True

    def _change(self, out: dict[int, str]) -> None:
        if out != self.out:
            self._before.append(self.out)
            self._show(out)

    def _show(self, out: dict[int, str]) -> None:
        self.out = out
        if self.messages:
            last = self.index(len(self.messages) - 1)
            self.dataChanged.emit(self.index(0), last, [Role.CheckStateRole])
        self.out_changed.emit()

    # --- finding ---------------------------------------------------------------------------------

    def senders(self) -> list[str]:
        """Give who writes here, most messages first."""
        counts = Counter(m.sender for m in self.messages if m.sender)
        return [name for name, _ in counts.most_common()]

    def hint(self, row: int) -> Suggestion | None:
        """Say whether a message may be private; nothing is done with it."""
        from archiver.services.suggestions import suggest  # loaded when this screen is opened

        if row not in self._hints:
            self._hints[row] = suggest(self.messages[row].text)
        return self._hints[row]

    def next_hint(self, row: int) -> int | None:
        """Give the next message that may be private and does not go out, round the end."""
        count = len(self.messages)
        for step in range(1, count + 1):
            place = (row + step) % count
            if self.messages[place].index not in self.out and self.hint(place) is not None:
                return place
        return None

    # --- what stays ------------------------------------------------------------------------------

    def remains(self, first: int, last: int) -> list[int | Gap]:
        """Give the rows that stay between two rows, with a gap for each group that goes out."""
        made: list[int | Gap] = []
        group: list[str] = []
        for row in range(max(0, first), min(last + 1, len(self.messages))):
            reason = self.out.get(self.messages[row].index)
            if reason is not None:
                group.append(reason)
                continue
            if group:
                made.append(_gap(group))
                group = []
            made.append(row)
        if group:
            made.append(_gap(group))
        return made

    def bars(self, most: int) -> list[tuple[int, int]]:
        """Give (messages, of which out) per bar: one a message, else one a day, else parts alike."""
        out = [message.index in self.out for message in self.messages]
        if len(out) <= most:
            return [(1, int(gone)) for gone in out]
        days: dict[str, tuple[int, int]] = {}
        for message, gone in zip(self.messages, out, strict=True):
            day = (message.sent or "")[:10]
            count, left = days.get(day, (0, 0))
            days[day] = (count + 1, left + gone)
        if len(days) <= most:
            return list(days.values())
        edges = [len(out) * n // most for n in range(most + 1)]
        return [(b - a, sum(out[a:b])) for a, b in itertools.pairwise(edges)]


def _gap(reasons: Sequence[str]) -> Gap:
    return Gap(len(reasons), tuple(r for r in REASONS if r in reasons))


def said(message: ChatMessage) -> str:
    """Give the words of a message with the names of its files."""
    names = " ".join(a.name for a in message.attachments)
    return f"{message.text or ''} {names}".strip()


def mentions(message: ChatMessage, folded: str) -> bool:
    """Tell whether a message, or the name of who wrote it, has these folded words."""
    return folded in fold(message.sender, said(message)[:_MOST_SEARCHED])
