"""The key of a sealed backup on the page Nieuw: which card is shown, and where its answers go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archiver.findings import Finding
from ui.models.row import Row
from ui.operations.desk import Desk
from ui.operations.sealed_chats import SealedChats
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
        self.card.given.connect(self._given)
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
        asked: Finding | None = self.sealed.asks(row)
        path = str(row.key[0]) if row is not None else ""
        more = row is not None and row.preview is not None and bool(row.preview.questions)
        said, busy = self.sealed.said(path), self.sealed.busy(path)
        self.card.show_for(asked, path, said, busy=busy, more=more)

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
        self._page.ask(self._page.list.current())

    def _given(self, key: object) -> None:
        from archiver.services.answers import Secret  # loaded when somebody answers

        row = self._page.list.current()
        if row is not None and isinstance(key, Secret):
            self.sealed.give(row, key)
            self._again()

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
