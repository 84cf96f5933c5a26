"""The key of a sealed backup beside its line: which card is shown, and where its answers go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.findings import Finding
from ui.models.row import Row
from ui.operations.desk import Desk
from ui.operations.sealed_chats import SealedChats, place_of
from ui.views.key_card import KeyCard

if TYPE_CHECKING:
    from ui.views.list_page import ListPage


class KeyQuestion:
    """Ties the card to the desk; the key passes through and is kept nowhere."""

    def __init__(self, desk: Desk, page: ListPage) -> None:
        self._desk, self._page = desk, page
        self.sealed = SealedChats(desk)
        self.card = KeyCard()
        self._inside = ""  # what came out of a backup, to be shown when it is read
        self._stored: Row | None = None  # the line that is shown, when it is in the register
        self.card.given.connect(self._given)
        self.card.stopped.connect(self._stop)
        self.card.without.connect(self._keep_sealed)
        self.card.others.connect(self._others)
        self.sealed.tried.connect(lambda _: self._again())
        self.sealed.opened.connect(self._opened)

    def comes_first(self, row: Row | None) -> bool:
        """Tell whether nothing else is asked: the key is, or what came out is on the desk already."""
        return self.sealed.asks(row) is not None or self.sealed.is_open(row)

    def show_for(self, row: Row | None, *, alone: bool) -> None:
        """Show the card for a line; `alone` when nothing else is open, so that it comes back."""
        if row is not None and alone:
            self.sealed.ask_again(row)
        self._stored = None
        self._show(row)

    def show_stored(self, row: Row) -> None:
        """Show the card for a line of the register: only its detail tells whether it is sealed."""
        if isinstance(row.key, str):
            self._stored = row
            self._show(row)

    def _show(self, row: Row | None) -> None:
        asked: Finding | None = self.sealed.asks(row)
        place = place_of(row) if row is not None else ""
        self.card.show_for(
            asked,
            place,
            self.sealed.said(place),
            busy=self.sealed.busy(place),
            more=row is not None and row.preview is not None and bool(row.preview.questions),
            in_vault=row is not None and (row.in_vault or row.preview is None),
            folded=self._stored is not None,
        )

    def show_inside(self) -> None:
        """Go to the first conversation of the backup that was opened, once it is read."""
        page = self._page
        places = [page.list.model.place(k) for k in self._desk.rows if k[0] == self._inside]
        found = [place for place in places if place is not None]
        if found and page.queue == "nieuw":
            self._inside = ""
            page.list.go_to(min(found))
            page.list.focus()

    def _again(self) -> None:
        stored, current = self._stored, self._page.list.current()
        if stored is not None and current is not None and stored.key == current.key:
            self._show(stored)
        else:
            self._page.ask(current)

    def _row(self) -> Row | None:
        """Give the line that the card is about, with what is known of it."""
        return self._stored or self._page.list.current()

    def _given(self, key: object) -> None:
        from archiver.services.answers import Secret  # loaded when somebody answers

        row = self._row()
        if row is not None and isinstance(key, Secret):
            self.sealed.give(row, key)
            self._again()

    def _stop(self) -> None:
        row = self._row()
        if row is not None:
            self.sealed.stop(row)

    def _keep_sealed(self) -> None:
        row = self._page.list.current()
        if row is not None:
            self._desk.secure(str(row.key[0]))

    def _others(self) -> None:
        row = self._page.list.current()
        if row is not None:
            self.sealed.later(row)
            self._again()
            self._page.focus_question()

    def _opened(self, path: str) -> None:
        self._inside = path
        self._again()
