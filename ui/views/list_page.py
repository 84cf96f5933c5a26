"""One queue: the list at the left, reader and inspector at the right."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout

from archiver.errors import ArchiverError
from archiver.model import Attachment, Changes
from ui.models.row import Key, Row
from ui.operations.attachments import Attachments
from ui.operations.core import QUEUES, Change
from ui.operations.desk import Desk
from ui.operations.proof import ProofReader
from ui.shortcuts import key_of
from ui.theme import px
from ui.views.codepage_card import CodepageCard
from ui.views.controls import Pane, side_by_side
from ui.views.inspector import Inspector
from ui.views.key_question import KeyQuestion
from ui.views.message_list import MessageList
from ui.views.people_dialog import PeopleDialog
from ui.views.question_card import QuestionCard
from ui.views.unread_card import UnreadCard
from ui.words import error_text, n, t

_ICONS = dict(zip(QUEUES, ("nieuw", "label", "beoordelen", "besloten", "pakket"), strict=True))


class ListPage(Pane):
    """The page of all queues and of search; `queue` is a queue or "zoeken"."""

    add_files = Signal()
    secure = Signal()
    accept_all = Signal()
    package = Signal()
    reopen = Signal()
    take_out = Signal(object)  # the row of a conversation
    open_mailbox = Signal(object)  # path of the mailbox that a message comes from
    told = Signal(str, str, str)

    def __init__(self, desk: Desk) -> None:
        super().__init__("base")
        self._desk = desk
        self.attachments = Attachments(desk)
        self._proof = ProofReader(desk)
        self.queue = "nieuw"
        self._search = ""
        self._compact = False
        self.right = px(488)
        self.package_made = False
        self._foot_timer = QTimer(self)
        self._foot_timer.setSingleShot(True)
        self._foot_timer.setInterval(200)
        self._foot_timer.timeout.connect(self._show_foot)
        self.list = MessageList()
        self.inspector = Inspector()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self.split = side_by_side(self.list, self.inspector)
        self.split.splitterMoved.connect(self._moved)
        outer.addWidget(self.split)
        self.list.opened.connect(self._open)
        self.list.selected.connect(self._show_foot)
        self.list.searched.connect(self._searched)
        self.list.main_action.connect(self.act)
        self.list.nothing.act.connect(self.add_files)
        self.list.model.wanted.connect(self._wanted)
        self._answering = False  # the next question, or the list, gets the focus
        self.question = QuestionCard()
        self.question.answered.connect(self._answered)
        self.codepage = CodepageCard()
        self.codepage.answered.connect(self._answered)
        self.key = KeyQuestion(desk, self)
        self.unread = UnreadCard(desk.unread)
        for card in (self.codepage, self.question, self.key.card, self.unread):
            self.inspector.layout().insertWidget(0, card)  # type: ignore[union-attr]
        self.inspector.changed.connect(self._changed)
        self.inspector.reader.attachments.wanted.connect(self._open_attachment)
        self.inspector.related.wanted.connect(self.go_to_message)
        self.inspector.editing_ended.connect(self.list.focus)
        desk.rows_arrived.connect(self._rows_arrived)
        desk.row_changed.connect(self._row_changed)
        desk.desk_cleared.connect(self._desk_cleared)
        desk.register_changed.connect(self._register_changed)
        desk.state_changed.connect(self._show_head)
        desk.looked.connect(self._sort)
        desk.looked.connect(self.key.show_inside)
        desk.unread.changed.connect(lambda: self.ask(self.list.current()))
        desk.unread.kept.connect(self._kept)

    def set_compact(self, compact: bool) -> None:
        """Arrange for a narrow window."""
        if compact == self._compact and self.split.sizes()[1] > 0:
            return
        self._compact = compact
        self.list.set_compact(compact)
        self.inspector.set_compact(compact)
        self._show_head()
        right = px(424) if compact else self.right
        self.split.setSizes([max(px(400), self.width() - right), right])

    def _moved(self) -> None:
        if not self._compact:
            self.right = self.split.sizes()[1]

    def show_queue(self, queue: str) -> None:
        """Go to a queue."""
        if queue != self.queue:
            self._search = ""
            self.list.search.blockSignals(True)
            self.list.search.clear()
            self.list.search.blockSignals(False)
        self.queue = queue
        self.reload()
        if queue == "zoeken":
            self.list.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            self.list.focus()

    def reload(self, keep: int = 0) -> None:
        """Ask the keys of this queue again."""
        self._show_head()
        if self.queue == "nieuw":
            needle = self._search.casefold()
            rows = [r for r in self._desk.rows.values() if not needle or _matches(r, needle)]
            rows.sort(key=lambda r: r.date or "", reverse=True)
            self.list.model.show_rows(rows)
            self._keys_came([r.key for r in rows], keep, fill=False)
            return
        queue, search = (None if self.queue == "zoeken" else self.queue), self._search
        if self.queue == "zoeken" and not search:
            self._keys_came([], 0)
            return
        asked = self.queue
        self._desk.ask_keys(
            queue,
            search,
            lambda keys: (
                self._keys_came(keys, keep)
                if (asked, search) == (self.queue, self._search)
                else None
            ),
        )

    def _keys_came(self, keys: Sequence[Key], keep: int, *, fill: bool = True) -> None:
        if fill:
            self.list.model.show_keys(keys)
        if keys:
            self.list.go_to(keep)
        else:
            self._show_nothing()
        self._show_foot()
        self._show_head()

    def _show_nothing(self) -> None:
        if self.queue == "zoeken" or self._search:
            key = "leeg.zoeken" if self._search else "zoeken.begin"
            self.list.nothing.show_for("zoeken", t(key, vraag=self._search))
        else:
            action = ""
            if self.queue == "nieuw":
                action = f"{t('actie.bestanden_kiezen')} ({key_of('add_files')})"
            self.list.nothing.show_for(_ICONS[self.queue], t(f"leeg.{self.queue}"), action)
        self.inspector.show_nothing()

    def _wanted(self, keys: list[str]) -> None:
        self._desk.ask_rows(keys, lambda rows: self.list.model.fill(keys, rows))

    def _searched(self, search: str) -> None:
        self._search = search
        self.reload()

    # --- the current line ------------------------------------------------------------------------

    def _open(self, row: Row | None) -> None:
        if row is None:
            if not self.list.model.rowCount():
                self.inspector.show_nothing()
                self.ask(None)
            return
        self.ask(row)
        if self._answering:
            self._answering = False
            self.focus_question()
        if self.inspector.editing:
            self.inspector.stop_editing()
        self.inspector.dossiers = self._desk.state.dossiers
        self.inspector.show_row(row)
        self._desk.ask_reading(row, self._read, lambda e: self._unreadable(row, e))

    def ask(self, row: Row | None) -> None:
        """Show what is open about a line: first the key, then one question at a time."""
        self.question.show_for(None if self.key.comes_first(row) else row)
        self.key.show_for(row, alone=not self.question.asked)
        self.codepage.show_for(row)
        asked = self.question.asked or self.key.card.asked
        self.unread.show_for(wanted=self.queue == "nieuw" and not asked)

    def _kept(self, path: str) -> None:
        """Go to the line of a file that is kept whole, and to its first question."""
        place = self.list.model.place((path, 0))
        if self.queue == "nieuw" and place is not None:
            self._answering = True
            self.list.go_to(place)

    def focus_question(self) -> None:
        """Go to the question that is asked, else to the list."""
        question = self.question.focus if self.question.asked else self.list.focus
        (self.key.card.focus if self.key.card.asked else question)()

    def _read(self, answer: object) -> None:
        if not isinstance(answer, tuple):
            return
        detail, reading = answer
        current = self.list.current()
        if current is None or detail.row.key != current.key:
            return
        self.inspector.show_detail(detail)
        self.key.show_stored(detail.row)
        self.codepage.show_for(detail.row)
        self.inspector.show_reading(reading)
        if detail.row.kind == "email":
            self._proof.ask(detail.row, self.inspector.proofs.show_proofs)

    def _unreadable(self, row: Row, error: ArchiverError) -> None:
        current = self.list.current()
        if current is not None and current.key == row.key:
            self.inspector.reader.clear(error_text(error))

    def go_to_message(self, item_id: str) -> None:
        """Go to a message of the register when it is in this list, else say where it is."""
        place = self.list.model.place(item_id)
        if place is not None:
            self.list.go_to(place)
            self.list.focus()
            return

        def say(rows: list[Row]) -> None:
            for row in rows:
                if row.status == self.queue:
                    words = t("samenhang.buiten_zoeken")
                else:
                    number = 1 + QUEUES.index(row.status)
                    where = t(f"wachtrij.{row.status}")
                    words = t("samenhang.staat_in", lijst=where, toets=key_of(f"queue_{number}"))
                self.told.emit(words, "waarom", "secondary")

        self._desk.ask_rows([item_id], say)

    def read(self) -> None:
        """Put the focus in the text (Enter)."""
        self.inspector.reader.browser.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _changed(self, row: Row, change: Change) -> None:
        if change == Change(reason=change.reason, alone=change.alone):
            return
        if isinstance(row.key, tuple):
            rows = [self._desk.rows[k] for k in self.list.selected_keys() if k in self._desk.rows]
            many = change.title is None and len(rows) > 1 and row in rows
            self._desk.change_rows(rows if many else [row], change)
            return
        ids = self.selected_ids() if change.title is None else [row.key]
        ids = ids if row.key in ids else [row.key]
        if change.waardering and change.title is None and change.dossier is None:
            self._desk.decide(ids, change)
        else:
            self._desk.edit(ids, change)

    def private(self) -> None:
        """Take private messages out of the conversation that is current (Ctrl+Shift+P)."""
        row = self.list.current()
        if row is None or row.kind == "email":
            self.told.emit(t("prive.alleen_gesprek"), "waarom", "secondary")
        elif row.preview is None or row.in_vault:
            self.told.emit(t("prive.in_kluis"), "waarom", "secondary")
        else:
            self.take_out.emit(row)

    def to_attachments(self) -> None:
        """Go to the attachments of the message that is read (Ctrl+Shift+B)."""
        if not self.inspector.reader.attachments.take_focus():
            self.told.emit(t("bijlage.geen"), "waarom", "secondary")

    def ask_codepage(self) -> None:
        """Ask with which characters old Outlook text is read, also when nobody doubts (Ctrl+Shift+T)."""
        row = self.list.current()
        if row is None or row.kind != "email" or not self.codepage.ask(row):
            self.told.emit(t("vraag.tekenset.niet_hier"), "waarom", "secondary")

    def _open_attachment(self, attachment: Attachment) -> None:
        row = self.list.current()
        if row is not None:
            self.attachments.open(row, attachment)

    def mailbox_of_row(self) -> None:
        """Open the mailbox that the current message comes from as folders (Ctrl+Shift+M)."""
        row = self.list.current()
        record = row.preview.record if row is not None and row.preview is not None else None
        if getattr(record, "place", None) or getattr(record, "format", "") == "mbox":
            self.open_mailbox.emit(Path(str(row.key[0])))  # type: ignore[union-attr]
        else:
            self.told.emit(t("postvak.geen_open"), "waarom", "secondary")

    def show_people(self) -> None:
        """Say who is who in the conversation that is current (Ctrl+Shift+D)."""
        row = self.list.current()
        if row is None or row.kind == "email" or not isinstance(row.key, str):
            self.told.emit(t("persoon.alleen_vastgelegd"), "waarom", "secondary")
            return
        dialog = PeopleDialog(self._desk.comparisons, [row.key], self)
        dialog.changed.connect(lambda _: self._desk.refresh())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _answered(self, question: str, value: str) -> None:
        row = self.list.current()
        if row is None:
            return
        self._answering = True
        if isinstance(row.key, str):
            self._desk.edit([row.key], Change(codepage=value))
        else:
            single = f"{question}:{row.key[1]}" if question == "codepage" else question
            self._desk.answer(row, single, value)

    # --- decisions -------------------------------------------------------------------------------

    def selected_ids(self) -> list[str]:
        """Give the ids of the selected lines that are in the register."""
        return [key for key in self.list.selected_keys() if isinstance(key, str)]

    def decide(self, waardering: str) -> None:
        """Take a decision by key: at once when it is the proposal, else the reason is asked."""
        row = self.list.current()
        if row is None or self.queue not in ("te_beoordelen", "getagd", "besloten"):
            return
        proposed = row.appraisal.get("waardering")
        whole = waardering != "V" or row.appraisal.get("termijn")
        if proposed == waardering and whole and not row.decided and self.list.selected_count() == 1:
            self._desk.decide(
                [str(row.key)],
                Change(
                    waardering=waardering,
                    termijn=row.appraisal.get("termijn") if waardering == "V" else None,
                ),
            )
            return
        self.inspector.edit(waardering)

    def ask_term(self) -> None:
        """Ask another term (key T)."""
        if self.list.current() is not None and self.queue != "nieuw":
            self.inspector.edit("V")
            self.inspector.editor.ask_term()

    def accept(self) -> None:
        """Decide as proposed for the selection (key A)."""
        ids = self.selected_ids()
        if ids and self.queue in ("getagd", "te_beoordelen"):
            self._desk.accept(ids)

    def act(self) -> None:
        """Do the one main action of this queue: secure, accept or package."""
        if self.queue == "nieuw":
            self.secure.emit()
        elif self.queue in ("getagd", "te_beoordelen"):
            keys = (
                self.list.selected_keys()
                if self.list.selected_count() > 1
                else list(self.list.model.keys)
            )
            self._desk.accept([k for k in keys if isinstance(k, str)])
        elif self.queue == "besloten":
            self.package.emit()
        elif self.queue == "verpakt":
            self.reopen.emit()

    # --- what the desk tells ---------------------------------------------------------------------

    def _rows_arrived(self, rows: list[Row]) -> None:
        if self.queue != "nieuw":
            return
        if self._search:
            self.reload()
            return
        first = self.list.model.rowCount() == 0
        self.list.model.add_rows(rows)
        if first:
            self.list.go_to(0)
            self._show_foot()
        elif not self._foot_timer.isActive():  # it counts all lines: not at every batch
            self._foot_timer.start()

    def _sort(self) -> None:
        """All is read: newest first, as in the register; the line that is read stays current."""
        if self.queue != "nieuw" or self.inspector.editing:
            return
        current, place = self.list.current(), self.list.table.currentIndex().row()
        self.reload()
        again = self.list.model.place(current.key) if current is not None and place > 0 else None
        if again:
            self.list.go_to(again)

    def _row_changed(self, row: Row) -> None:
        if self.queue == "nieuw":
            self.list.model.replace(row)
            self.list._rest.start()
            self._show_foot()

    def _desk_cleared(self) -> None:
        if self.queue == "nieuw":
            self.reload()

    def _register_changed(self, changes: Changes) -> None:
        if self.queue != "nieuw":
            self.reload(max(0, self.list.table.currentIndex().row()))

    # --- words -----------------------------------------------------------------------------------

    def _show_head(self) -> None:
        word = t("actie.zoeken") if self.queue == "zoeken" else t(f"wachtrij.{self.queue}")
        self.list.title.setText(word)
        count = self.list.model.rowCount()
        key = "kop.nieuw_leeg" if self.queue == "nieuw" and not count else f"kop.{self.queue}"
        if key == "kop.nieuw" and self._compact:
            key = "kop.nieuw_kort"
        self.list.subtitle.setText(n(key, count, tijd=self._desk.added_at))

    def _show_foot(self) -> None:
        count = self.list.model.rowCount()
        picked = self.list.selected_count() if count else 0
        many = picked > 1
        if self.queue == "nieuw" and count:
            rows = list(self._desk.rows.values())
            known = sum(r.appraisal.get("waardering") in ("B", "V") for r in rows)
            review = len(rows) - known
            text = (
                t("actie.vastleggen_alles", n=len(rows))
                if len(rows) > 1
                else t("actie.vastleggen_een")
            )
            remark = n("voet.naar_recordmanager", review) if review else t("voet.alles_bekend")
            if many:
                remark = n("voet.gekozen", picked)
            self.list.show_action(
                text,
                "kluis",
                key_of("secure"),
                t("voet.met_voorstel", n=known, totaal=len(rows)),
                remark,
            )
        elif self.queue == "getagd" and count:
            chosen = picked if many else count
            self.list.show_action(
                n("voet.akkoord", chosen),
                "besloten",
                key_of("secure"),
                n("voet.klaar", count),
                n("voet.gekozen", picked) if many else t("voet.getagd"),
            )
        elif self.queue == "te_beoordelen" and count:
            self.list.show_action(
                n("voet.akkoord", picked if many else count),
                "besloten",
                key_of("secure"),
                n("voet.beoordelen", count),
                t("voet.toetsen"),
            )
        elif self.queue == "besloten" and count:
            self.list.show_action(
                n("actie.verpakken", picked if many else count),
                "pakket",
                key_of("package"),
                n("voet.besloten", count),
                n("voet.gekozen", picked) if many else t("voet.verpakken"),
            )
        elif self.queue == "verpakt" and count and self.package_made:
            self.list.show_action(
                t("actie.pakket_bekijken"), "pakket", "", n("voet.verpakt", count), t("voet.pakket")
            )
        else:
            self.list.show_action("", "", "", "", "")


def _matches(row: Row, needle: str) -> bool:
    return any(needle in (part or "").casefold() for part in (row.title, row.sender, row.dossier))
