"""The rows of a comparison as a table of three columns: left, what it is, right.

Rows are kept as they came; a filter is a list of places. So 100,000 of them are there at once.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from archiver.model import ChatMessage
from ui.models.chat_messages import mentions
from ui.models.differences import Differences
from ui.words import moment, t

if TYPE_CHECKING:
    from archiver.services.chat_match import Row
    from archiver.services.comparison import Compared

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
KINDS = ("match", "differs", "only_left", "only_right")


class Column(IntEnum):
    """The columns."""

    LEFT = 0
    WHY = 1
    RIGHT = 2


class ComparisonRows(QAbstractTableModel):
    """`names` are the words over left and right, `marked` the folded words that are looked for."""

    def __init__(self) -> None:
        super().__init__()
        self.compared: Compared | None = None
        self.names = ("", "")
        self.marked = ""
        self.counts = dict.fromkeys(KINDS, 0)
        self._rows: tuple[Row, ...] = ()
        self._differences = Differences()

    # --- filling ---------------------------------------------------------------------------------

    def show(self, compared: Compared | None, names: tuple[str, str]) -> None:
        """Show a comparison, or none."""
        self.beginResetModel()
        self.compared, self.names = compared, names
        self._rows = compared.comparison.rows if compared is not None else ()
        different = [place for place, row in enumerate(self._rows) if row.kind != "match"]
        self._differences = Differences(len(self._rows), different, self._differences.only)
        self.counts = dict.fromkeys(KINDS, 0)
        for place in different:
            self.counts[str(self._rows[place].kind)] += 1
        self.counts["match"] = len(self._rows) - len(different)
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

    # --- what a view asks ------------------------------------------------------------------------

    def rowCount(self, parent: Index | None = None) -> int:
        """Count the rows that are shown."""
        if parent is not None and parent.isValid():
            return 0
        return self._differences.rows

    def columnCount(self, parent: Index | None = None) -> int:
        """Left, what it is, right."""
        return 0 if parent is not None and parent.isValid() else len(Column)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole
    ) -> object:
        """Whose export it is."""
        if role == Role.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return (self.names[0], t("vergelijk.kolom"), self.names[1])[section]
        return None

    def data(self, index: Index, role: int = Role.DisplayRole) -> object:
        """Give the words of a cell; a screen reader gets the whole row with the first cell."""
        if not index.isValid() or role not in (Role.DisplayRole, Role.AccessibleTextRole):
            return None
        place, column = index.row(), index.column()
        if role == Role.AccessibleTextRole and column == Column.LEFT:
            return self.spoken(place)
        if column == Column.WHY:
            return reason_words(self.row(place))
        return said(self.message(place, column))

    # --- what is in a row --------------------------------------------------------------------------

    def row(self, place: int) -> Row:
        """Give the row that is shown at a place."""
        return self._rows[self._differences.place(place)]

    def message(self, place: int, column: int) -> ChatMessage | None:
        """Give the message at the left or the right, if that side has it."""
        row = self.row(place)
        at = row.left if column == Column.LEFT else row.right
        if at is None or self.compared is None:
            return None
        side = self.compared.left if column == Column.LEFT else self.compared.right
        return side.messages[at]

    def mentions(self, place: int, folded: str) -> bool:
        """Tell whether the message at the left or the right, or its sender, has these words."""
        sides = (self.message(place, Column.LEFT), self.message(place, Column.RIGHT))
        return any(message is not None and mentions(message, folded) for message in sides)

    def spoken(self, place: int) -> str:
        """Give a row as one sentence for a screen reader."""
        row = self.row(place)
        left, right = self.message(place, Column.LEFT), self.message(place, Column.RIGHT)
        parts = [kind_word(row), reason_words(row)]
        if left is not None:
            parts += [self.names[0], *_person(left), said(left)]
        if right is not None and (left is None or row.kind == "differs"):
            parts += [self.names[1], *_person(right), said(right)]
        return ", ".join(part for part in parts if part)

    # --- moving about ------------------------------------------------------------------------------

    def next_difference(self, place: int, step: int) -> int | None:
        """Give the place of the next (1) or previous (-1) difference; None at the end."""
        return self._differences.next(place, step)

    def number_of(self, place: int) -> int:
        """Give the number of the difference at a place, from 1; 0 when the row is no difference."""
        return self._differences.number_of(place)

    def place_of(self, row: Row) -> int | None:
        """Give where a row is shown now, the nearest after it when it is filtered out."""
        whole = self._rows.index(row) if row in self._rows else None
        return None if whole is None else self._differences.row(whole)

    @property
    def differences(self) -> int:
        """Count the differences."""
        return len(self._differences.places)


def kind_word(row: Row) -> str:
    """Give the word of a row: Gelijk, Anders, Alleen links, Alleen rechts."""
    return t(f"vergelijk.soort.{row.kind}")


def reason_words(row: Row) -> str:
    """Say in words why a row is what it is."""
    words = t(f"vergelijk.reden.{row.reason}")
    if row.reason == "other_time" and row.seconds is not None:
        words = t("vergelijk.tijd", reden=words, verschil=_apart(abs(row.seconds)))
    if row.moved:
        words = t("vergelijk.verplaatst", reden=words)
    return words[:1].upper() + words[1:]


def _apart(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"


def _person(message: ChatMessage) -> tuple[str, str]:
    return message.sender or "", moment(message.sent) if message.sent else ""


def said(message: ChatMessage | None) -> str:
    """Give the words of a message, or the names of its files when it has no words."""
    if message is None:
        return ""
    return message.text or " ".join(a.name for a in message.attachments)
