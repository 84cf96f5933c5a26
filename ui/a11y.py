"""Names for screen readers, and announcements of what happened (EN 301 549 11.5.2)."""

from __future__ import annotations

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QLabel, QWidget


def name(widget: QWidget, text: str, description: str = "") -> None:
    """Give a control the name (and description) that a screen reader speaks."""
    widget.setAccessibleName(text)
    if description:
        widget.setAccessibleDescription(description)


def buddy(label: QLabel, field: QWidget, text: str = "") -> None:
    """Tie a label to its field, so that label and field are spoken as one."""
    label.setBuddy(field)
    field.setAccessibleName(text or label.text().replace("&", ""))


def announce(widget: QWidget, text: str, *, urgent: bool = False) -> None:
    """Let a screen reader say `text` now; nothing moves and no dialog opens."""
    event = QAccessibleAnnouncementEvent(widget, text)
    event.setPoliteness(
        QAccessible.AnnouncementPoliteness.Assertive
        if urgent
        else QAccessible.AnnouncementPoliteness.Polite
    )
    QAccessible.updateAccessibility(event)
