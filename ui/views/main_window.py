"""The window: menu bar, sidebar, the page of the moment, task bar. Takes drops anywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, QSettings, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QAction, QCloseEvent, QDesktopServices, QResizeEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QMenuBar,
    QMessageBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ui import a11y
from ui.models.row import Row
from ui.models.task_table import Task
from ui.operations.core import QUEUES, Package, Profile, State
from ui.operations.desk import Desk
from ui.theme import forget_font, px
from ui.views.chat_out import ChatOut
from ui.views.controls import Line, Pane
from ui.views.conversations import Conversations
from ui.views.difference_page import DifferencePage
from ui.views.drop_frame import DropWindow
from ui.views.empty_state import EmptyState, Nothing
from ui.views.help_view import HelpView
from ui.views.list_page import ListPage
from ui.views.mailbox_page import MailboxPage
from ui.views.menus import build_menus
from ui.views.package_view import PackageView
from ui.views.panes import go_round
from ui.views.person import Person
from ui.views.sidebar import Sidebar
from ui.views.stops import stops_of
from ui.views.task_bar import TaskBar
from ui.views.tasks_view import TasksView
from ui.words import n, t

if TYPE_CHECKING:
    from collections.abc import Mapping

COMPACT = 1200


class MainWindow(DropWindow):
    """One window; `ask_files`, `ask_folder` and `ask_close` may be replaced by tests.

    `practise` asks for a window to practise in; `closed` comes when this one is left.
    """

    practise = Signal()
    closed = Signal()

    def __init__(self, desk: Desk, *, on_theme: Callable[[str], None] | None = None) -> None:
        super().__init__()
        self.desk = desk
        self._on_theme = on_theme or (lambda choice: None)
        self._skipped = False
        self._compact: bool | None = None
        self._place = "nieuw"
        self.setWindowTitle("Archiefklaar")
        self.setMinimumSize(px(920), px(600))
        self.resize(px(1440), px(900))
        self.sidebar = Sidebar()
        self.pages = QStackedWidget()
        self.task_bar = TaskBar()
        self.empty = EmptyState("")
        self.list_page = ListPage(desk)
        self.package_page = PackageView()
        self.tasks_page = TasksView(desk.unread)
        self.help_page = HelpView()
        self.chat_page = ChatOut(desk)
        self.conversations = Conversations(desk)
        self.comparison_page = self.conversations.comparison
        self.conversation_page = self.conversations.whole
        self.mailbox_page = MailboxPage(desk)
        self.refused_page = Nothing()
        for page in (
            self.empty,
            self.list_page,
            self.package_page,
            self.tasks_page,
            self.help_page,
            self.chat_page,
            self.comparison_page,
            self.conversation_page,
            self.mailbox_page,
            self.refused_page,
        ):
            self.pages.addWidget(page)
        self._build()
        self.menu_bar = QMenuBar()
        a11y.name(self.menu_bar, t("menu.balk"))
        self.actions_by_name: Mapping[str, QAction] = build_menus(
            self,
            self.menu_bar,
            {"list": self.list_page.list.table, "tasks": self.tasks_page},
            self._handlers(),
        )
        self.person = Person()
        self.setMenuWidget(self._menu_row())
        self.show_drops_over(self.pages)
        self._connect()
        self._show_state(State())
        self.go("nieuw")

    def _menu_row(self) -> QWidget:
        """Menu bar and person; a corner widget of the bar would not grow with its text."""
        made = Pane("window")
        made.setFixedHeight(px(36))
        row = QHBoxLayout(made)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.menu_bar, 1, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.person)
        return made

    def _build(self) -> None:
        ground = Pane("window")
        column = QVBoxLayout(ground)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Line())
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.sidebar)
        row.addWidget(Line(vertical=True))
        row.addWidget(self.pages, 1)
        column.addLayout(row, 1)
        column.addWidget(self.task_bar)
        self.setCentralWidget(ground)

    def _connect(self) -> None:
        desk, page = self.desk, self.list_page
        self.sidebar.add.connect(self.add_files)
        self.sidebar.chosen.connect(self.go)
        self.unreadable.connect(self._not_taken)
        for source in (self.empty, page):
            source.add_files.connect(self.add_files)
        self.empty.add_folder.connect(self.add_folder)
        self.empty.practise.connect(self.practise)
        self.empty.skip.connect(self._skip)
        page.secure.connect(desk.secure)
        page.take_out.connect(self.take_out)
        self.pages.currentChanged.connect(lambda _: self._show_keys())
        self.chat_page.left.connect(lambda: self.go("nieuw"))
        self.mailbox_page.shown.connect(self.show_mailbox)
        self.mailbox_page.left.connect(lambda: self.go("nieuw"))
        self.mailbox_page.said.connect(self.task_bar.say)
        page.open_mailbox.connect(lambda path: desk.mailbox.open([path]))
        self.conversations.join(self)
        page.told.connect(self.task_bar.say)
        self.chat_page.said.connect(self.task_bar.say)
        page.package.connect(self.package)
        page.reopen.connect(self._reopen)
        self.tasks_page.stop.connect(self._stop)
        self.tasks_page.again.connect(lambda paths: desk.add([Path(p) for p in paths]))
        self.package_page.open_folder.connect(
            lambda path: QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
        )
        self.task_bar.open_tasks.connect(self.show_tasks)
        self.task_bar.stop.clicked.connect(self._stop)
        desk.opened.connect(self._opened)
        desk.refused.connect(self._refused)
        self.refused_page.act.connect(desk.open)
        desk.state_changed.connect(self._show_state)
        desk.rows_arrived.connect(self._rows_came)
        desk.task_changed.connect(self._task_changed)
        desk.said.connect(self.task_bar.say)
        desk.row_changed.connect(self._show_undo)
        desk.desk_cleared.connect(self._show_undo)
        desk.package_made.connect(self.show_package)
        desk.to_new.connect(lambda: self.go("nieuw"))
        desk.unread.changed.connect(self._rows_came)

    def _handlers(self) -> dict[str, Callable[[], object]]:
        page = self.list_page
        made: dict[str, Callable[[], object]] = {
            "add_files": self.add_files,
            "add_folder": self.add_folder,
            "verify": self.desk.verify,
            "quit": self.close,
            "undo": self._undo,
            "private": page.private,
            "compare": self.conversations.compare_here,
            "conversation": self.conversations.whole_here,
            "people": page.show_people,
            "mailbox": self._mailbox,
            "attachments": page.to_attachments,
            "codepage": page.ask_codepage,
            "paste": self.paste,
            "find": self._find,
            "next_hit": lambda: self._next_hit(1),
            "previous_hit": lambda: self._next_hit(-1),
            "edit": self._edit,
            "search_all": lambda: self.go("zoeken"),
            "tasks": self.show_tasks,
            "stop": self._stop,
            "next_pane": lambda: self._round(1),
            "previous_pane": lambda: self._round(-1),
            "theme_system": lambda: self._on_theme("systeem"),
            "theme_light": lambda: self._on_theme("licht"),
            "theme_dark": lambda: self._on_theme("donker"),
            "read": page.read,
            "why": page.inspector.toggle_why,
            "secure": self._secure,
            "remove": self._remove,
            "accept": page.accept,
            "keep": lambda: page.decide("B"),
            "destroy": lambda: page.decide("V"),
            "term": page.ask_term,
            "unsure": lambda: page.decide("N"),
            "package": self.package,
            "next_finding": lambda: self.package_page.next_finding(1),
            "previous_finding": lambda: self.package_page.next_finding(-1),
            "practise": self.practise.emit,
            "help": self.show_help,
        }
        for number, queue in enumerate(QUEUES, 1):
            made[f"queue_{number}"] = partial(self.go, queue)
        return made

    # --- places ----------------------------------------------------------------------------------

    def go(self, place: str) -> None:
        """Show a queue or search."""
        self._place = place
        self.sidebar.go(place)
        if place == "nieuw" and self._first_start():
            self.pages.setCurrentWidget(self.empty)
            return
        self.pages.setCurrentWidget(self.list_page)
        self.list_page.show_queue(place)

    def go_back(self) -> None:
        """Show the list that was shown before a mode."""
        self.go(self._place)

    def take_out(self, row: Row) -> None:
        """Show screen c for a conversation that is not stored yet."""
        self.pages.setCurrentWidget(self.chat_page)
        self.chat_page.begin(row)
        self._show_undo()

    def show_mailbox(self) -> None:
        """Show the mailboxes that are open as folders."""
        self.pages.setCurrentWidget(self.mailbox_page)
        self.mailbox_page.focus()

    def _mailbox(self) -> None:
        if self.mailbox_page.active:
            self.show_mailbox()
        else:
            self.list_page.mailbox_of_row()

    def _show_keys(self) -> None:
        here = self.pages.currentWidget()
        keys = {
            self.chat_page: "prive.toetsen",
            self.comparison_page: "vergelijk.toetsen",
            self.conversation_page: "gesprek.toetsen",
            self.mailbox_page: "postvak.toetsen",
        }
        self.task_bar.show_keys(keys.get(here, "") if here is not None else "")  # type: ignore[call-overload]

    def _undo(self) -> None:
        here = self.pages.currentWidget() is self.chat_page
        (self.chat_page.undo if here else self.desk.undo)()

    def _first_start(self) -> bool:
        stored = any(v for k, v in self.desk.state.counts.items() if k != "nieuw")
        return not (self.desk.rows or self.desk.unread.asked() or stored or self._skipped)

    def _skip(self) -> None:
        self._skipped = True
        self.go("nieuw")

    def _rows_came(self) -> None:
        if self.pages.currentWidget() is self.empty:
            self.go("nieuw")

    def show_tasks(self) -> None:
        """Show the tasks, or go back to the list (Ctrl+J)."""
        if self.pages.currentWidget() is self.tasks_page:
            self.go(self._place)
            return
        self.tasks_page.show_task(self.desk.task)
        self.pages.setCurrentWidget(self.tasks_page)
        self.tasks_page.table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_package(self, package: Package) -> None:
        """Show the result of packaging."""
        self._place = "verpakt"
        self.sidebar.go("verpakt")
        self.package_page.show_package(package)
        self.list_page.package_made = True
        self.pages.setCurrentWidget(self.package_page)
        self.package_page.tree.setFocus(Qt.FocusReason.OtherFocusReason)

    def _reopen(self) -> None:
        if self.package_page.package is not None:
            self.show_package(self.package_page.package)

    def show_help(self) -> None:
        """Show the keys and the words of the trade (F1)."""
        if self.pages.currentWidget() is self.help_page:
            self.go(self._place)
            return
        self.pages.setCurrentWidget(self.help_page)
        self.help_page.text.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _round(self, step: int) -> None:
        go_round(stops_of(self), step)

    # --- adding ----------------------------------------------------------------------------------

    def ask_files(self) -> Sequence[Path]:
        """Let the platform's own dialog choose files."""
        found, _ = QFileDialog.getOpenFileNames(self, t("actie.bestanden_kiezen"))
        return [Path(name) for name in found]

    def ask_folder(self, title: str) -> Path | None:
        """Let the platform's own dialog choose a folder."""
        found = QFileDialog.getExistingDirectory(self, title)
        return Path(found) if found else None

    def add_files(self) -> None:
        """Ctrl+O."""
        self.add(self.ask_files())

    def add_folder(self) -> None:
        """Ctrl+Shift+O."""
        found = self.ask_folder(t("actie.map_kiezen"))
        self.add([found] if found else [])

    def add(self, paths: Sequence[Path]) -> None:
        """Look at files and folders, however they came."""
        if paths:
            self.desk.mailbox.open(paths)

    def drop_folder(self) -> Path | None:
        """Virtual files lie in the work folder until they are secured; a next start empties it."""
        return self.desk.core.drop_folder()

    def _not_taken(self, reason: str) -> None:
        self.task_bar.say(t(reason), "mislukt", "error")

    # --- actions ---------------------------------------------------------------------------------

    def _secure(self) -> None:
        """Ctrl+Enter: the one main action of the place, except packaging, which has its own key."""
        if self.pages.currentWidget() is self.list_page and self._place != "besloten":
            self.list_page.act()
        elif self.pages.currentWidget() is self.chat_page:
            self.chat_page.act()
        elif self.pages.currentWidget() is self.comparison_page:
            self.comparison_page.act()
        elif self.pages.currentWidget() is self.mailbox_page:
            self.mailbox_page.act()

    def _remove(self) -> None:
        if self._place == "nieuw":
            self.desk.remove_sources(self.list_page.list.selected_keys())

    def _edit(self) -> None:
        if self.pages.currentWidget() is self.list_page:
            self.list_page.inspector.edit()

    def _find(self) -> None:
        here = self.pages.currentWidget()
        if isinstance(here, ChatOut | DifferencePage | MailboxPage):
            here.find_open()
            return
        if here is not self.list_page:
            self.go("zoeken")
        self.list_page.list.search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _next_hit(self, step: int) -> None:
        here = self.pages.currentWidget()
        if isinstance(here, ChatOut | DifferencePage):
            here.finder.next_hit(step)

    def package(self) -> None:
        """Package the selected or all decided items in a folder of choice (Ctrl+Shift+K)."""
        view = self.list_page
        if self._place != "besloten":
            self.go("besloten")
            self.task_bar.say(t("pakket.kies"), "pakket", "accent")
            return
        ids = view.selected_ids() if view.list.selected_count() > 1 else None
        chosen = ids or [k for k in view.list.model.keys if isinstance(k, str)]
        if not chosen:
            return
        target = self.ask_folder(t("pakket.kies_map"))
        if target is not None:
            self.desk.package(chosen, target)

    def _stop(self) -> None:
        self.desk.stop()

    # --- what the desk tells ---------------------------------------------------------------------

    def _refused(self, sentence: str) -> None:
        self.refused_page.show_for("mislukt", sentence, t("actie.opnieuw"))
        self.pages.setCurrentWidget(self.refused_page)
        self.refused_page.setFocus(Qt.FocusReason.OtherFocusReason)

    def _opened(self, profile: Profile) -> None:
        if self.pages.currentWidget() is self.refused_page:
            self.go("nieuw")
        self.person.show_profile(profile)
        self.empty.set_actor(profile.actor)

    def _show_state(self, state: State) -> None:
        self.sidebar.show_state(state)
        self._show_undo()
        if self._place == "nieuw" and self.pages.currentWidget() is self.empty:
            self.go("nieuw")

    def _task_changed(self, task: Task) -> None:
        if task.running:
            self.task_bar.work(task.name, task.done, task.total, task.where)
        else:
            self.task_bar.rest()
        if self.pages.currentWidget() is self.tasks_page:
            self.tasks_page.show_task(task)
        self._show_undo()

    def _show_undo(self) -> None:
        self.actions_by_name["undo"].setEnabled(
            self.desk.can_undo() or self.pages.currentWidget() is self.chat_page
        )

    def changeEvent(self, event: QEvent) -> None:
        """Follow another size of the system font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ApplicationFontChange:
            forget_font()

    # --- size and end ----------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Below 1200 wide: rail, and the compact page."""
        super().resizeEvent(event)
        compact = self.width() < px(COMPACT)
        if compact != self._compact:
            self._compact = compact
            self.sidebar.set_rail(compact)
            self.task_bar.set_compact(compact)
            self.person.set_compact(compact)
            QTimer.singleShot(0, lambda: self.list_page.set_compact(compact))

    def restore(self) -> None:
        """Stand where the window stood last time; without it the size of the design."""
        used = QSettings()
        place, right = used.value("venster/plaats"), used.value("venster/rechts")
        if isinstance(place, QByteArray):
            self.restoreGeometry(place)
        if str(right).isdigit():
            self.list_page.right = int(str(right))

    def ask_close(self) -> bool:
        """Ask whether to leave while messages are not secured."""
        if not self.desk.rows:
            return True
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Archiefklaar")
        box.setText(n("vraag.sluiten", len(self.desk.rows)))
        leave = box.addButton(t("menu.sluiten"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(t("sluiten.blijven"), QMessageBox.ButtonRole.RejectRole)
        box.exec()
        return box.clickedButton() is leave

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask, stop the work, wait, tidy up."""
        if not self.ask_close():
            event.ignore()
            return
        used = QSettings()
        used.setValue("venster/plaats", self.saveGeometry())
        used.setValue("venster/rechts", self.list_page.right)
        self.closed.emit()
        self.desk.close()
        self.forget_drops()
        event.accept()
