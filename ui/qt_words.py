"""Words that Qt's own Dutch translation lacks, for the dialogs of platforms without their own."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTranslator

from ui.words import language, t

_KEYS = {
    "Look in:": "qt.zoek_in",
    "Files of &type:": "qt.bestandstype",
    "Folder": "qt.map",
}


class QtWords(QTranslator):
    """Answers for a few words of Qt; for all others the next translator is asked."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)

    def isEmpty(self) -> bool:
        """Qt leaves an empty translator out."""
        return False

    def translate(
        self,
        context: str,
        source: str,
        disambiguation: str | None = None,
        count: int = -1,
    ) -> str | None:
        """Give the Dutch word; None leaves it to the next translator."""
        key = _KEYS.get(source) if language() == "nl" else None
        return t(key) if key else None
