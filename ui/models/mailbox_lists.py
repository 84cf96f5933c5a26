"""The folders of the open mailboxes as a tree, and the messages of one folder as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePath

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel

from ui.models.mailbox import Mailbox
from ui.operations.mailbox_core import Folder, Mail
from ui.words import moment, number, t, tip

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
FOLDER = Role.UserRole + 1  # (path, name) of a folder that holds messages, else None
MAIL = Role.UserRole + 2
_ROOT = QModelIndex()
_TREE = ("postvak.kolom.map", "postvak.kolom.berichten", "postvak.kolom.mee")
_TABLE = ("lijst.afzender", "postvak.kolom.onderwerp", "postvak.kolom.uitkomst")


class FolderTree(QStandardItemModel):
    """Mailbox, folders, folders in folders; a tick for each, and two numbers."""

    def __init__(self, mailbox: Mailbox) -> None:
        super().__init__()
        self._mailbox = mailbox
        self.setColumnCount(len(_TREE))
        self._nodes: dict[tuple[str, ...], QStandardItem] = {}
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
        self._nodes = {}
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
        for box in self._mailbox.boxes:
            self._node((box,))
        for box, name in self._mailbox.folders():
            item = self._node((box, *_parts(name)))
            item.setData((box, name), FOLDER)
        self.show_counts()

    def _node(self, path: tuple[str, ...]) -> QStandardItem:
        found = self._nodes.get(path)
        if found is not None:
            return found
        parent = self.invisibleRootItem() if len(path) == 1 else self._node(path[:-1])
        name = PurePath(path[0]).name if len(path) == 1 else path[-1]
        row = [QStandardItem(name), QStandardItem(), QStandardItem()]
        row[0].setCheckable(True)
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
        return [folder for one in _below(item) if (folder := one.data(FOLDER))] if item else []

    def toggle(self, index: QModelIndex) -> None:
        """Choose a folder with all below it, or not (space)."""
        folders = self.folders_at(index)
        on = not all(self._mailbox.ticked(folder) for folder in folders)
        self._mailbox.tick(folders, on)

    def show_counts(self) -> None:
        """Write the numbers again, each with what lies below it."""
        for place in range(self.rowCount()):
            self._show(self.item(place, 0))

    def _show(self, item: QStandardItem) -> tuple[int, int, int, int]:
        folder = item.data(FOLDER)
        total = chosen = on = off = 0
        if folder:
            total, chosen = self._mailbox.total(folder), self._mailbox.chosen(folder)
            on = int(self._mailbox.ticked(folder))
            off = 1 - on
        for row in range(item.rowCount()):
            more = self._show(item.child(row, 0))
            total, chosen = total + more[0], chosen + more[1]
            on, off = on + more[2], off + more[3]
        state = Qt.CheckState.PartiallyChecked if on and off else Qt.CheckState.Unchecked
        item.setCheckState(Qt.CheckState.Checked if on and not off else state)
        parent = item.parent() or self.invisibleRootItem()
        parent.child(item.row(), 1).setText(number(total))
        parent.child(item.row(), 2).setText(number(chosen))
        words = t(
            "postvak.map_gesproken", map=item.text(), n=total, mee=chosen, keuze=_tick_word(item)
        )
        item.setData(words, Role.AccessibleTextRole)
        return total, chosen, on, off


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
        self._taken: dict[Folder, int] = {}
        mailbox.grew.connect(self._grow)
        mailbox.changed.connect(self._changed)

    def show_folders(self, folders: Sequence[Folder]) -> None:
        """Show the messages of these folders."""
        self.beginResetModel()
        self.folders, self._mails, self._taken = tuple(folders), [], {}
        self._collect()
        self.endResetModel()

    def _collect(self) -> list[Mail]:
        fresh: list[Mail] = []
        for folder in self.folders:
            found = self._mailbox.of_folder.get(folder, [])
            start = self._taken.get(folder, 0)
            fresh += found[start:] if start else found
            self._taken[folder] = len(found)
        self._mails += fresh
        return fresh

    def _grow(self) -> None:
        first = len(self._mails)
        count = sum(
            len(self._mailbox.of_folder.get(f, ())) - self._taken.get(f, 0) for f in self.folders
        )
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
