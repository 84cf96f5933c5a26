"""Where F6 stops: the parts of the page that is shown, between sidebar and task bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.views.panes import Stop

if TYPE_CHECKING:
    from ui.views.main_window import MainWindow


def stops_of(window: MainWindow) -> list[Stop]:
    """Give the parts of the window and how each takes the focus, in the order of F6."""
    page = window.pages.currentWidget()
    stops: list[Stop] = [(window.sidebar, window.sidebar.focus)]
    if page is window.list_page:
        view, alike = window.list_page, window.conversations.card
        stops += [
            (view.list, view.list.focus),
            *([(view.key.card, view.key.card.focus)] if view.key.card.asked else []),
            *([(view.question, view.question.focus)] if view.question.asked else []),
            *([(view.unread, view.unread.focus)] if view.unread.file else []),
            *([(alike, alike.focus)] if alike.asked else []),
            (view.inspector.reader, view.inspector.reader.browser.setFocus),
            (view.inspector, view.inspector.focus),
        ]
    elif page is window.tasks_page:
        stops.append((window.tasks_page, window.tasks_page.table.setFocus))
    elif page is window.package_page:
        stops.append((window.package_page, window.package_page.tree.setFocus))
    elif page is window.empty:
        stops.append((window.empty, window.empty.target.files.setFocus))
    elif page is window.chat_page:
        side = window.chat_page.side
        stops += [
            (window.chat_page.view, window.chat_page.focus),
            (side, side.reason.setFocus),
            (side.preview, side.preview.setFocus),
        ]
    elif page is window.comparison_page:
        compared = window.comparison_page
        stops += [
            (compared.view, compared.focus),
            (compared.side.both, compared.side.both.setFocus),
            (compared.side, compared.side.why.setFocus),
        ]
    elif page is window.conversation_page:
        whole = window.conversation_page
        stops += [
            (whole.view, whole.focus),
            (whole.side.legend, whole.side.legend.setFocus),
            (whole.side.each, whole.side.each.setFocus),
        ]
    elif page is window.mailbox_page:
        box = window.mailbox_page
        stops += [
            (box.tree, box.focus),
            (box.table, box.table.setFocus),
            (box.side, box.side.since.setFocus),
        ]
    elif page is window.refused_page:
        stops.append((window.refused_page, window.refused_page.setFocus))
    else:
        stops.append((window.help_page, window.help_page.text.setFocus))
    stops.append((window.task_bar, window.task_bar.focus))
    return stops
