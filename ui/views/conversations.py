"""The two pages about exports of one conversation, and how they hang together with the window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ui.models.row import Row
from ui.operations.comparison_core import Candidate, file_id
from ui.operations.desk import Desk
from ui.views.alike_card import AlikeCard
from ui.views.comparison import ComparisonPage
from ui.views.conversation_page import ConversationPage
from ui.words import t

if TYPE_CHECKING:
    from ui.views.main_window import MainWindow


class Conversations:
    """Vergelijken and Heel gesprek, from the list and from each other."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.comparison = ComparisonPage(desk)
        self.whole = ConversationPage(desk)
        self.card = AlikeCard()

    def join(self, window: MainWindow) -> None:
        """Tie both pages to the window; called once, when all pages are there."""
        self._window = window
        for page in (self.comparison, self.whole):
            page.left.connect(window.go_back)
            page.said.connect(window.task_bar.say)
        self.whole.beside.connect(self.compare)
        self.comparison.whole.connect(self.show_whole)
        asks = self._desk.comparisons
        asks.alike_came.connect(self._looks_alike)
        asks.linked.connect(lambda *_: self._show_card())
        self.card.compare.connect(self.compare)
        inspector = window.list_page.inspector
        inspector.layout().insertWidget(0, self.card)  # type: ignore[union-attr]
        window.list_page.list.opened.connect(lambda _: self._show_card())

    def compare(self, item_id: str, other: str | None) -> None:
        """Show Vergelijken for a conversation."""
        self._window.pages.setCurrentWidget(self.comparison)
        self.comparison.begin(item_id, other)

    def show_whole(self, item_id: str) -> None:
        """Show Heel gesprek for a conversation that is secured."""
        self._window.pages.setCurrentWidget(self.whole)
        self.whole.begin(item_id)

    def compare_here(self) -> None:
        """Ctrl+Shift+G: what is shown as a whole, else the one or two that are chosen in the list."""
        if self._window.pages.currentWidget() is self.whole:
            self.whole.lay_beside()
            return
        page = self._window.list_page
        row = page.list.current()
        own = _id_of(row)
        if row is None or own is None:
            self._window.task_bar.say(t("vergelijk.alleen_vastgelegd"), "waarom", "secondary")
            return
        keys = page.list.selected_keys()
        places = [page.list.model.place(key) for key in keys] if len(keys) == 2 else []
        rows = [page.list.model.row_at(place) for place in places if place is not None]
        others = [one for one in map(_id_of, rows) if one not in (None, own)]
        self.compare(own, others[0] if others else None)

    def whole_here(self) -> None:
        """Ctrl+Shift+H: the conversation that is compared, else the one that is current in the list."""
        if self._window.pages.currentWidget() is self.comparison:
            self.comparison.show_whole()
            return
        row = self._window.list_page.list.current()
        if row is None or row.kind == "email" or not isinstance(row.key, str):
            self._window.task_bar.say(t("gesprek.alleen_vastgelegd"), "waarom", "secondary")
            return
        self.show_whole(row.key)

    def _looks_alike(self, item_id: str, found: Sequence[Candidate]) -> None:
        """Say what looks like another export, before and after securing; it is never linked by itself."""
        self._show_card()
        if found and self._window.pages.currentWidget() is not self.comparison:
            best = found[0]
            key = "vergelijk.lijkt_op" if best.shared else "vergelijk.lijkt_deel"
            words = t(key, titel=best.title, gedeeld=best.shared, van=best.of)
            self._window.task_bar.say(words, "chat", "accent")

    def _show_card(self) -> None:
        item_id = _id_of(self._window.list_page.list.current())
        found = self._desk.comparisons.alike.get(item_id, ()) if item_id is not None else ()
        self.card.show_for(item_id or "", found)


def _id_of(row: Row | None) -> str | None:
    """Give the id of a conversation, in the vault or on the desk; None for what cannot be compared."""
    if row is None or row.kind == "email" or row.in_vault or row.begun:
        return None
    return row.key if isinstance(row.key, str) else file_id(*row.key)
