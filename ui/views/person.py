"""Organisation, person and role at the right end of the menu bar."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.operations.core import Profile
from ui.theme import META, px
from ui.views.controls import Text
from ui.words import t


class Person(QWidget):
    """Who works here."""

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, px(16), 0)
        row.setSpacing(px(6))
        self._organisation = Text("", ratio=META, ink="secondary")
        self._dot = Text("·", ratio=META, ink="secondary")
        self._actor = Text("", ratio=META, weight=600)
        self._role = Text("", ratio=META, ink="secondary")
        for part in (self._organisation, self._dot, self._actor, self._role):
            row.addWidget(part)
        self._compact = False
        self._dot.hide()

    def show_profile(self, profile: Profile) -> None:
        """Show it."""
        self._organisation.setText(profile.organisation)
        self._actor.setText(profile.actor)
        self._role.setText(t(f"rol.{profile.role}"))
        self.set_compact(self._compact)

    def set_compact(self, compact: bool) -> None:
        """Leave the organisation out when there is little room."""
        self._compact = compact
        shown = bool(self._organisation.text()) and not compact
        self._organisation.setVisible(shown)
        self._dot.setVisible(shown)
