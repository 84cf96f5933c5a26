"""The folders of the open mailboxes as a tree, and the messages of one folder as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel

from ui.models.mailbox import Mailbox
from ui.operations.mailbox_core import Folder, Group, Mail
from ui.words import moment, number, t, tip

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
Spot = tuple[str, ...]  # a place in the tree: the mailbox, then the names
FOLDERS = Role.UserRole + 1  # of (path, name): the folders that hold messages at a place
MAIL = Role.UserRole + 2
SPOT = Role.UserRole + 3
_ROOT = QModelIndex()
_SORTED = 50_000  # more messages stay in the order of the mailbox: sorting would be felt
_TREE = ("postvak.kolom.map", "postvak.kolom.berichten", "postvak.kolom.mee")
_TABLE = ("lijst.afzender", "postvak.kolom.onderwerp", "postvak.kolom.uitkomst")


class FolderTree(QStandardItemModel):
    """Mailbox, folders, folders in folders; a tick for each, and two numbers."""

    def __init__(self, mailbox: Mailbox) -> None:
        super().__init__()
        self._mailbox = mailbox
        self.setColumnCount(len(_TREE))
        self._nodes: dict[Spot, QStandardItem] = {}
        self._paths: dict[Group, frozenset[Spot]] = {}  # the places that its messages count for
        mailbox.boxes_changed.connect(self._grow)
        mailbox.changed.connect(self.show_counts)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole
    ) -> object:
        """Give the words over the columns; numbers stand right."""
        if role == Role.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return t(_TREE[section])
        if role == Role.TextAlignmentRole and section:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def clear_all(self) -> None:
        """Take everything out."""
        self._nodes, self._paths = {}, {}
        self.removeRows(0, self.rowCount())

    def _grow(self) -> None:
        """Add what is new; the places of what is there stay."""
        known = {(box, *_parts(name)) for box, name in self._mailbox.folders()}
        gone = [
            path
            for path in self._nodes
            if path[0] not in self._mailbox.boxes
            or (self._mailbox.whole and not any(k[: len(path)] == path for k in known))
        ]
        for path in sorted(gone, key=len, reverse=True):
            item = self._nodes.pop(path)
            parent = item.parent() or self.invisibleRootItem()
            parent.removeRow(item.row())
        at: dict[Spot, list[Folder]] = {}
        for box in self._mailbox.boxes:
            self._node((box,))
        for box, name in self._mailbox.folders():
            at.setdefault((box, *_parts(name)), []).append((box, name))
        for path, folders in at.items():
            self._node(path).setData(tuple(folders), FOLDERS)
        self.show_counts()

    def _node(self, path: Spot) -> QStandardItem:
        found = self._nodes.get(path)
        if found is not None:
            return found
        parent = self.invisibleRootItem() if len(path) == 1 else self._node(path[:-1])
        name = PurePath(path[0]).name if len(path) == 1 else path[-1]
        row = [QStandardItem(name), QStandardItem(), QStandardItem()]
        row[0].setCheckable(True)
        row[0].setData(path, SPOT)
        for item in row:
            item.setEditable(False)
        place = parent.rowCount()
        while (
            place and len(path) > 1 and parent.child(place - 1).text().casefold() > name.casefold()
        ):
            place -= 1
        parent.insertRow(place, row)
        self._nodes[path] = row[0]
        return row[0]

    def folders_at(self, index: QModelIndex) -> list[Folder]:
        """Give the folders at and below a place."""
        item = self.itemFromIndex(index.siblingAtColumn(0))
        return (
            [folder for one in _below(item) for folder in one.data(FOLDERS) or ()] if item else []
        )

    def toggle(self, index: QModelIndex) -> None:
        """Choose a folder with all below it, or not (space)."""
        folders = self.folders_at(index)
        on = not all(self._mailbox.ticked(folder) for folder in folders)
        self._mailbox.tick(folders, on)

    def show_counts(self) -> None:
        """Write the numbers again, each with what lies below it and every message once."""
        totals: Counter[Spot] = Counter()
        chosen: Counter[Spot] = Counter()
        for group in self._mailbox.all_groups():
            total, along = self._mailbox.total(group), self._mailbox.chosen(group)
            for path in self._places(group):
                totals[path] += total
                chosen[path] += along
        for box in self._mailbox.boxes:
            self._show(self._nodes[box,], totals, chosen)

    def _places(self, group: Group) -> frozenset[Spot]:
        found = self._paths.get(group)
        if found is None:
            whole = ((group[0], *_parts(name)) for name in group[1])
            found = frozenset(path[:n] for path in whole for n in range(1, len(path) + 1))
            self._paths[group] = found
        return found

    def _show(
        self, item: QStandardItem, totals: Counter[Spot], chosen: Counter[Spot]
    ) -> tuple[int, int]:
        ticks = [self._mailbox.ticked(folder) for folder in item.data(FOLDERS) or ()]
        on = sum(ticks)
        off = len(ticks) - on
        for row in range(item.rowCount()):
            more = self._show(item.child(row, 0), totals, chosen)
            on, off = on + more[0], off + more[1]
        state = Qt.CheckState.PartiallyChecked if on and off else Qt.CheckState.Unchecked
        item.setCheckState(Qt.CheckState.Checked if on and not off else state)
        parent = item.parent() or self.invisibleRootItem()
        spot = item.data(SPOT)
        total, along = totals[spot], chosen[spot]
        parent.child(item.row(), 1).setText(number(total))
        parent.child(item.row(), 2).setText(number(along))
        words = t(
            "postvak.map_gesproken", map=item.text(), n=total, mee=along, keuze=_tick_word(item)
        )
        item.setData(words, Role.AccessibleTextRole)
        return on, off


def _tick_word(item: QStandardItem) -> str:
    return t(f"postvak.vink.{item.checkState().value}")


def _parts(folder: str) -> tuple[str, ...]:
    return tuple(part for part in folder.split("/") if part) or ((folder,) if folder else ())


def _below(item: QStandardItem) -> Iterator[QStandardItem]:
    yield item
    for row in range(item.rowCount()):
        yield from _below(item.child(row, 0))


class FolderMails(QAbstractTableModel):
    """The messages of the folders that are looked at, newest first when all are read."""

    def __init__(self, mailbox: Mailbox) -> None:
        super().__init__()
        self._mailbox = mailbox
        self.folders: tuple[Folder, ...] = ()
        self._mails: list[Mail] = []
        self._taken: dict[Group, int] = {}
        mailbox.grew.connect(self._grow)
        mailbox.changed.connect(self._changed)

    def show_folders(self, folders: Sequence[Folder]) -> None:
        """Show the messages of these folders."""
        self.beginResetModel()
        self.folders, self._mails, self._taken = tuple(folders), [], {}
        self._collect()
        if self._mailbox.whole and len(self._mails) <= _SORTED:
            self._mails.sort(key=lambda mail: mail.date or "", reverse=True)
        self.endResetModel()

    def _groups(self) -> Iterator[tuple[Group, list[Mail]]]:
        """Give the messages by group; one that is in two of the folders comes once."""
        wanted = set(self.folders)
        for group, mails in self._mailbox.groups.items():
            if any((group[0], name) in wanted for name in group[1]):
                yield group, mails

    def _collect(self) -> None:
        for group, found in self._groups():
            start = self._taken.get(group, 0)
            self._mails += found[start:] if start else found
            self._taken[group] = len(found)

    def _grow(self) -> None:
        first = len(self._mails)
        count = sum(len(mails) - self._taken.get(group, 0) for group, mails in self._groups())
        if count < 0:  # the messages are read again
            self.show_folders(self.folders)
        elif count:
            self.beginInsertRows(_ROOT, first, first + count - 1)
            self._collect()
            self.endInsertRows()

    def _changed(self) -> None:
        if self._mails:
            self.dataChanged.emit(self.index(0, 2), self.index(len(self._mails) - 1, 2))

    def mail(self, place: int) -> Mail | None:
        """Give one message."""
        return self._mails[place] if 0 <= place < len(self._mails) else None

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Count the messages."""
        return 0 if parent.isValid() else len(self._mails)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """Give three."""
        return 0 if parent.isValid() else len(_TABLE)

    def data(self, index: Index, role: int = Role.DisplayRole) -> object:
        """Give words; the delegate takes the message itself."""
        mail = self.mail(index.row()) if index.isValid() else None
        if mail is None:
            return None
        if role == MAIL:
            return mail, self._mailbox.state(mail), self._mailbox.why(mail)
        if role == Role.DisplayRole:
            return self._text(mail, index.column())
        if role == Role.AccessibleTextRole:
            return f"{t(_TABLE[index.column()])}: {self._text(mail, index.column())}"
        if role == Role.ToolTipRole:
            why = self._mailbox.why(mail)
            return tip(why if index.column() == 2 and why else self._text(mail, index.column()))
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole
    ) -> object:
        """Give the words over the columns."""
        if orientation == Qt.Orientation.Horizontal and role == Role.DisplayRole:
            return t(_TABLE[section])
        return None

    def _text(self, mail: Mail, column: int) -> str:
        if column == 0:
            return mail.author or t("lijst.geen_afzender")
        if column == 1:
            if mail.trouble:
                return t("postvak.niet_leesbaar")
            return f"{mail.title or t('lijst.geen_onderwerp')}, {moment(mail.date)}"
        return self._mailbox.state(mail)[2]
