"""The list: keys in memory, rows fetched by page and cached, so that a million stay light."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import IntEnum

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)

from ui.models.row import Key, Row
from ui.theme import px
from ui.words import moment, t, tip

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
PAGE = 128
_PAGES_KEPT = 64


class Column(IntEnum):
    """The columns of the design, left to right."""

    SENDER = 0
    SUBJECT = 1
    STATUS = 2
    KEEP = 3


HEADERS = ("lijst.afzender", "lijst.onderwerp", "lijst.status", "lijst.bewaren")
ROW = Qt.ItemDataRole.UserRole + 1


class MessageTable(QAbstractTableModel):
    """Rows by key. `wanted` asks for a page of keys; the answer comes by `fill`, later."""

    wanted = Signal(list)

    def __init__(self) -> None:
        super().__init__()
        self._keys: list[Key] = []
        self._places: dict[Key, int] | None = None
        self._held: dict[Key, Row] = {}
        self._pages: OrderedDict[int, Mapping[Key, Row]] = OrderedDict()
        self._asked: set[int] = set()

    def show_keys(self, keys: Sequence[Key]) -> None:
        """Show these keys; rows are asked for when a view looks at them."""
        self.beginResetModel()
        self._keys, self._places = list(keys), None
        self._held = {}
        self._forget()
        self.endResetModel()

    def show_rows(self, rows: Iterable[Row]) -> None:
        """Show rows that are all in memory (before they are stored)."""
        self.beginResetModel()
        self._held = {row.key: row for row in rows}
        self._keys, self._places = list(self._held), None
        self._forget()
        self.endResetModel()

    def add_rows(self, rows: Sequence[Row]) -> None:
        """Put rows at the end while they stream in; a key that is there already is replaced."""
        fresh = [row for row in rows if row.key not in self._held]
        for row in rows:
            if row.key in self._held:
                self.replace(row)
        if not fresh:
            return
        at = len(self._keys)
        self.beginInsertRows(_ROOT, at, at + len(fresh) - 1)
        for row in fresh:
            self._held[row.key] = row
            self._keys.append(row.key)
        self._places = None
        self.endInsertRows()

    def replace(self, row: Row) -> None:
        """Show new values of one row."""
        place = self.place(row.key)
        if place is None:
            return
        if row.key in self._held:
            self._held[row.key] = row
        else:
            page = dict(self._pages.get(place // PAGE, {}))
            page[row.key] = row
            self._pages[place // PAGE] = page
        self._changed(place, place)

    def fill(self, keys: Sequence[Key], rows: Iterable[Row]) -> None:
        """Take the answer to `wanted`."""
        found = {row.key: row for row in rows}
        place = self.place(keys[0]) if keys else None
        if place is None or self._keys[place : place + len(keys)] != list(keys):
            return  # the list has changed since it was asked
        self._pages[place // PAGE] = found
        self._asked.discard(place // PAGE)
        while len(self._pages) > _PAGES_KEPT:
            self._pages.popitem(last=False)
        self._changed(place, place + len(keys) - 1)

    def refresh(self, keys: Iterable[Key]) -> None:
        """Forget what is cached of these rows; they are fetched again when looked at."""
        for place in (self.place(key) for key in keys):
            if place is not None:
                self._pages.pop(place // PAGE, None)
                self._asked.discard(place // PAGE)
                self._changed(place, place)

    @property
    def keys(self) -> Sequence[Key]:
        """Every key, in the order of the list."""
        return self._keys

    def place(self, key: Key) -> int | None:
        """Tell where a key stands."""
        if self._places is None:
            self._places = {k: n for n, k in enumerate(self._keys)}
        return self._places.get(key)

    def row_at(self, place: int) -> Row | None:
        """Give a row when it is in memory; else ask for its page and give None."""
        if not 0 <= place < len(self._keys):
            return None
        key = self._keys[place]
        if key in self._held:
            return self._held[key]
        number = place // PAGE
        page = self._pages.get(number)
        if page is not None:
            self._pages.move_to_end(number)
            return page.get(key)
        if number not in self._asked:
            self._asked.add(number)
            self.wanted.emit(self._keys[number * PAGE : (number + 1) * PAGE])
        return None

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Give the number of messages."""
        return 0 if parent.isValid() else len(self._keys)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """Give four."""
        return 0 if parent.isValid() else len(Column)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Give texts for screen readers and tests; the delegate takes the row itself by `ROW`."""
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.SizeHintRole:
            return QSize(px(60), px(56))
        give = _GIVEN.get(role)
        if give is None:
            return None
        row = self.row_at(index.row())
        if row is None:
            return t("laden.lijst") if role == Qt.ItemDataRole.DisplayRole else None
        return give(row, index.column())

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """Give the words over the columns."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return t(HEADERS[section])
        return None

    def _forget(self) -> None:
        self._pages.clear()
        self._asked.clear()

    def _changed(self, first: int, last: int) -> None:
        self.dataChanged.emit(self.index(first, 0), self.index(last, len(Column) - 1))


def _display(row: Row, column: int) -> str:
    if column == Column.SENDER:
        return row.sender
    if column == Column.SUBJECT:
        return row.about or row.title
    if column == Column.STATUS:
        return row.state()[2]
    mark = row.chip()
    return f"{mark.word} {mark.ground}".strip()


def _spoken(row: Row, column: int) -> str:
    if column == Column.SENDER:
        return f"{t('lijst.afzender')}: {row.sender}, {moment(row.date, year=True)}. {row.spoken()}"
    second = f", {row.dossier or t('lijst.geen_dossier')}" if column == Column.SUBJECT else ""
    return f"{t(HEADERS[column])}: {_display(row, column)}{second}"


def _tip(row: Row, column: int) -> str:
    if column == Column.SUBJECT:
        return tip(f"{row.title}\n{row.dossier or t('lijst.geen_dossier')}\n{row.state()[2]}")
    return tip(_display(row, column))


_GIVEN: Mapping[int, Callable[[Row, int], object]] = {
    Qt.ItemDataRole.DisplayRole: _display,
    Qt.ItemDataRole.AccessibleTextRole: _spoken,
    Qt.ItemDataRole.ToolTipRole: _tip,
    ROW: lambda row, column: row,
}
