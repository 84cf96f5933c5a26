"""One conversation out of its exports as a list: each message once, with the exports that have it.

Rows are kept as they came; a filter is a list of places. So 100,000 of them are there at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from archiver.model import ChatMessage
from ui.models.chat_messages import mentions
from ui.models.comparison_rows import said
from ui.models.differences import Differences
from ui.models.proposal import viewer
from ui.words import moment, n, t, tip

if TYPE_CHECKING:
    from archiver.services.conversation_view import Entry
    from ui.operations.conversation_core import ShownExport, WholeConversation

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
MOST_NAMED = 6  # exports that are named one by one


class Presence(StrEnum):
    """How an export stands to a message. BEYOND: it begins later or had ended."""

    HAS = "has"
    OTHER = "other"
    GONE = "gone"
    BEYOND = "beyond"


@dataclass(frozen=True, slots=True)
class Other:
    """What some exports say in other words, in words of ours why, and the text."""

    letters: str
    words: str
    text: str


class ConversationRows(QAbstractListModel):
    """`whole` is what is shown; a row is a message, all of them or those that differ.

    `marked` are the folded words that are looked for; empty for none.
    """

    def __init__(self) -> None:
        super().__init__()
        self.whole: WholeConversation | None = None
        self.marked = ""
        self._differences = Differences()

    # --- filling ---------------------------------------------------------------------------------

    def show(self, whole: WholeConversation | None) -> None:
        """Show a conversation, or none."""
        self.beginResetModel()
        self.whole = whole
        self._differences = (
            Differences(len(whole.view.entries), whole.different) if whole else Differences()
        )
        self.endResetModel()

    def show_only_differences(self, only: bool) -> None:
        """Filter; nothing is looked at again."""
        if only != self._differences.only:
            self.beginResetModel()
            self._differences.only = only
            self.endResetModel()

    @property
    def only_differences(self) -> bool:
        """Tell whether the filter is on."""
        return self._differences.only

    @property
    def total(self) -> int:
        """Count all messages."""
        return self._differences.total

    @property
    def differences(self) -> int:
        """Count the messages about which the exports do not agree."""
        return len(self._differences.places)

    # --- what a view asks ------------------------------------------------------------------------

    def rowCount(self, parent: Index | None = None) -> int:
        """Count the rows that are shown."""
        return 0 if parent is not None and parent.isValid() else self._differences.rows

    def data(self, index: Index, role: int = Role.DisplayRole) -> object:
        """Give the words for a screen reader and the tooltip; the delegate reads the entry itself."""
        if not index.isValid() or not 0 <= index.row() < self.rowCount():
            return None
        if role in (Role.DisplayRole, Role.AccessibleTextRole):
            return self.spoken(index.row())
        if role == Role.ToolTipRole:
            return tip("\n".join(self.sources(index.row())))
        return None

    def spoken(self, row: int) -> str:
        """Give a message as one sentence for a screen reader, with the exports that have it."""
        message = self.entry(row).message
        parts = (
            message.sender or t("vergelijk.app"),
            moment(message.sent) if message.sent else "",
            said(message),
            *(f"{other.words}: {other.text}" for other in self.others(row)),
            *self.sources(row),
        )
        return ", ".join(part for part in parts if part)

    # --- what is in a row ------------------------------------------------------------------------

    def entry(self, row: int) -> Entry:
        """Give the message that is shown in a row."""
        assert self.whole is not None
        return self.whole.view.entries[self._differences.place(row)]

    @property
    def exports(self) -> tuple[ShownExport, ...]:
        """Give the exports, the earliest first."""
        return self.whole.exports if self.whole is not None else ()

    def presence(self, row: int) -> tuple[Presence, ...]:
        """Give how every export stands to a message, in the order of the exports."""
        from archiver.services.conversation_view import BEYOND

        entry = self.entry(row)
        found = [Presence.BEYOND] * len(self.exports)
        for witness in entry.witnesses:
            found[witness.export] = Presence.OTHER if witness.differs else Presence.HAS
        for gone in entry.missing:
            if gone.reason not in BEYOND:
                found[gone.export] = Presence.GONE
        return tuple(found)

    def message_in(self, row: int, export: int) -> ChatMessage | None:
        """Give a message as an export has it; None when it does not."""
        assert self.whole is not None
        for witness in self.entry(row).witnesses:
            if witness.export == export:
                return self.whole.view.exports[export].messages[witness.place]
        return None

    def mentions(self, row: int, folded: str) -> bool:
        """Tell whether a message, as one of the exports has it, or its sender has these words."""
        assert self.whole is not None
        exports = self.whole.view.exports
        return any(
            mentions(exports[witness.export].messages[witness.place], folded)
            for witness in self.entry(row).witnesses
        )

    def others(self, row: int) -> tuple[Other, ...]:
        """Give what some exports say in other words; the same words of two exports once."""
        entry = self.entry(row)
        grouped: dict[tuple[str, str], list[int]] = {}
        for witness in entry.witnesses:
            if witness.differs:
                text = said(self.message_in(row, witness.export))
                grouped.setdefault((witness.differs, text), []).append(witness.export)
        first = self.exports[entry.witnesses[0].export].letter
        return tuple(
            Other(
                self._letters(exports),
                t(f"gesprek.anders.{reason}", eerste=first, dit=self._letters(exports)),
                text,
            )
            for (reason, text), exports in grouped.items()
        )

    def absences(self, row: int) -> tuple[str, ...]:
        """Say which exports do not have a message that they could have had, and why."""
        from archiver.services.conversation_view import BEYOND

        return tuple(
            t(f"gesprek.mist.{reason}", dit=self._letters(exports))
            for reason, exports in self._missing(row).items()
            if reason not in BEYOND
        )

    def sources(self, row: int) -> tuple[str, ...]:
        """Say of every export by name whether it has the message, in other words, or why not."""
        entry = self.entry(row)
        why = {m.export: t(f"gesprek.mist_kort.{m.reason}") for m in entry.missing}
        for witness in entry.witnesses:
            why[witness.export] = t("gesprek.staat_anders" if witness.differs else "gesprek.staat")
        exports = list(enumerate(self.exports))
        if len(exports) > MOST_NAMED:
            have = {witness.export for witness in entry.witnesses}
            exports = [pair for pair in exports if pair[0] in have][:MOST_NAMED]
        return tuple(
            t(
                "gesprek.bron",
                letter=export.letter,
                wie=whose(export),
                bestand=export.state.file,
                stand=why[number],
            )
            for number, export in exports
        )

    def passage(self, row: int) -> str:
        """Say which exports begin at a message, or had ended before it; empty when none."""
        if self.whole is None:
            return ""
        place = self._differences.place(row)
        found = None if self.only_differences else self.whole.passages.get(place)
        if found is None:
            return ""
        parts = [
            n(key, len(exports), dit=self._letters(exports))
            for key, exports in (
                ("gesprek.eindigt", found.ended),
                ("gesprek.begint", found.begins),
            )
            if exports
        ]
        return "  ".join(parts)

    def new_day(self, row: int) -> bool:
        """Tell whether a message is the first of its day among what is shown."""
        sent = self.entry(row).message.sent
        before = self.entry(row - 1).message.sent if row else None
        return bool(sent) and (before or "")[:10] != (sent or "")[:10]

    def own(self, row: int) -> bool:
        """Tell whether the user wrote it."""
        me = viewer().casefold()
        return bool(me) and (self.entry(row).message.sender or "").casefold() == me

    def _missing(self, row: int) -> dict[str, list[int]]:
        grouped: dict[str, list[int]] = {}
        for gone in self.entry(row).missing:
            grouped.setdefault(gone.reason, []).append(gone.export)
        return grouped

    def _letters(self, exports: list[int] | tuple[int, ...]) -> str:
        return ", ".join(self.exports[number].letter for number in exports)

    # --- moving about ----------------------------------------------------------------------------

    def next_difference(self, row: int, step: int) -> int | None:
        """Give the row of the next (1) or previous (-1) difference; None at the end."""
        return self._differences.next(row, step)

    def number_of(self, row: int) -> int:
        """Give the number of the difference in a row, from 1; 0 when it is none."""
        return self._differences.number_of(row)

    def place(self, row: int) -> int:
        """Give the place of a row among all messages."""
        return self._differences.place(row)

    def row_of(self, place: int) -> int | None:
        """Give the row of a place, the nearest after it when it is filtered out."""
        return self._differences.row(place)


def whose(export: ShownExport) -> str:
    """Say whose export it is."""
    return t("vergelijk.van", wie=export.state.owner or t("vergelijk.eigenaar_onbekend"))
