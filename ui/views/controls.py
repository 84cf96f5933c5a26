"""Small controls of the window: buttons, chips, key caps, labels, lines; colours from `theme`."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QShowEvent,
)
from PySide6.QtWidgets import QFrame, QLabel, QLayout, QPushButton, QSizePolicy, QSplitter, QWidget

from ui import icons
from ui.theme import BODY, META, font, px, theme
from ui.words import tip


class Button(QPushButton):
    """A push button in one of three looks: "main" (filled), "frame" or "quiet" (text only)."""

    def __init__(
        self, text: str, look: str = "frame", icon: str = "", *, height: int = 32, name: str = ""
    ) -> None:
        super().__init__(text)
        self._look, self._icon, self._height = look, icon, height
        self.setAccessibleName(name or text)
        self.setFont(font(BODY, 600 if look == "main" else 500))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAutoDefault(False)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def setText(self, text: str) -> None:
        """Change the text and the name together."""
        super().setText(text)
        self.setAccessibleName(text or self.accessibleName())
        self.updateGeometry()

    def set_icon(self, icon: str) -> None:
        """Show another icon; empty is none."""
        self._icon = icon
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Fit text, icon and padding; never under the smallest target of 24."""
        metrics = QFontMetricsF(self.font())
        text = self.text().replace("&", "")
        width = metrics.horizontalAdvance(text)
        if self._icon:
            width += px(16) + (px(6) if text else 0)
        width += px(16) if self._look == "quiet" else px(28)
        return QSize(max(px(24), round(width)), px(self._height))

    def minimumSizeHint(self) -> QSize:
        """Text is never cut."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint frame, icon, text and the focus ring."""
        now = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        ink, fill, frame = self._colours()
        if fill or frame:
            painter.setPen(QPen(QColor(frame), 1) if frame else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(fill) if fill else Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), px(6), px(6))
        self._paint_content(painter, ink)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(now.base if self._look == "main" else now.accent), 2))
            inset = 3 if self._look == "main" else 0
            painter.drawRoundedRect(box.adjusted(inset, inset, -inset, -inset), px(6), px(6))
        painter.end()

    def _colours(self) -> tuple[str, str, str]:
        now = theme()
        hover = self.underMouse() and self.isEnabled()
        if not self.isEnabled():
            return now.placeholder, "" if self._look == "quiet" else now.neutral_fill, ""
        if self._look == "main":
            fill = QColor(now.accent_fill).darker(112).name() if self.isDown() else now.accent_fill
            return now.on_accent, fill, now.accent_frame
        if self._look == "quiet":
            return now.accent, now.soft if self.isDown() else (now.hover if hover else ""), ""
        fill = now.soft if self.isDown() else (now.hover if hover else now.button)
        return now.text, fill, now.frame

    def _paint_content(self, painter: QPainter, ink: str) -> None:
        painter.setFont(self.font())
        text = self.text().replace("&", "")
        metrics = QFontMetricsF(self.font())
        size = px(16)
        width = metrics.horizontalAdvance(text)
        total = width + ((size + (px(6) if text else 0)) if self._icon else 0)
        left = (self.width() - total) / 2
        if self._icon:
            box = QRectF(left, (self.height() - size) / 2, size, size)
            icons.paint(painter, self._icon, ink, box)
            left += size + px(6)
        painter.setPen(QColor(ink))
        painter.drawText(
            QRectF(left, 0, width + 2, self.height()), Qt.AlignmentFlag.AlignVCenter, text
        )


class Text(QLabel):
    """A label whose ink is a token of the theme and follows a change of theme."""

    def __init__(
        self,
        text: str = "",
        *,
        ratio: float = BODY,
        weight: int = 400,
        ink: str = "text",
        wrap: bool = False,
    ) -> None:
        super().__init__(text)
        self._ink = ink
        self.setFont(font(ratio, weight))
        self.setWordWrap(wrap)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._colour()

    def set_ink(self, ink: str) -> None:
        """Choose another token."""
        self._ink = ink
        self._colour()

    def changeEvent(self, event: QEvent) -> None:
        """Follow a new palette."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.ApplicationPaletteChange, QEvent.Type.ParentChange):
            self._colour()

    def showEvent(self, event: QShowEvent) -> None:
        """The style sheet style brings an older palette back when a widget changes its parent."""
        super().showEvent(event)
        self._colour()

    def _colour(self) -> None:
        own = QPalette(self.palette())
        own.setColor(self.foregroundRole(), QColor(getattr(theme(), self._ink)))
        self.setPalette(own)


class ElidedText(Text):
    """One line that ends in … when it does not fit; the whole text is the tooltip and the name."""

    def setText(self, text: str) -> None:
        """Keep the whole text within reach."""
        super().setText(text)
        self.setToolTip(tip(text))
        self.setAccessibleName(text)

    def minimumSizeHint(self) -> QSize:
        """May shrink."""
        return QSize(px(40), super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what fits."""
        painter = QPainter(self)
        painter.setFont(self.font())
        painter.setPen(self.palette().color(self.foregroundRole()))
        fits = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), self.alignment() | Qt.AlignmentFlag.AlignVCenter, fits)
        painter.end()


class Mark(QWidget):
    """An icon beside text; `name` is what a screen reader says, empty for decoration."""

    def __init__(self, icon: str, ink: str = "secondary", size: int = 16, name: str = "") -> None:
        super().__init__()
        self._icon, self._ink, self._size = icon, ink, size
        self.setFixedSize(px(size), px(size))
        self.setAccessibleName(name)

    def change(self, icon: str, ink: str) -> None:
        """Show another icon."""
        self._icon, self._ink = icon, ink
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        icons.paint(painter, self._icon, getattr(theme(), self._ink), QRectF(self.rect()))
        painter.end()


class Chip(QWidget):
    """A small filled block with an icon and a word."""

    def __init__(
        self, icon: str, text: str, ink: str = "neutral", fill: str = "neutral_fill"
    ) -> None:
        super().__init__()
        self._icon, self._text, self._ink, self._fill = icon, text, ink, fill
        self.setFont(font(META, 500))
        self.setAccessibleName(text)
        self.setToolTip(tip(text))
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def change(self, icon: str, text: str, ink: str, fill: str) -> None:
        """Show something else."""
        self._icon, self._text, self._ink, self._fill = icon, text, ink, fill
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Fit icon, word and padding."""
        width = QFontMetricsF(self.font()).horizontalAdvance(self._text)
        mark = px(16) + px(5) if self._icon else 0
        return QSize(round(width) + mark + px(8) * 2 + 2, px(24))

    def minimumSizeHint(self) -> QSize:
        """May be cut to an ellipsis when there is little room."""
        return QSize(px(60), px(24))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        paint_chip(painter, QRectF(self.rect()), self._icon, self._text, self._ink, self._fill)
        painter.end()


def paint_chip(painter: QPainter, box: QRectF, icon: str, text: str, ink: str, fill: str) -> float:
    """Draw a chip from the left of `box`; gives its width. Tokens by name, or a colour."""
    now = theme()
    colour = getattr(now, ink, ink)
    used = font(META, 500)
    metrics = QFontMetricsF(used)
    size = px(16) if icon else 0
    gap = px(5) if icon else 0
    most = max(0.0, box.width() - px(8) * 2 - size - gap)
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, most)
    width = min(box.width(), px(8) * 2 + size + gap + metrics.horizontalAdvance(shown) + 1)
    area = QRectF(box.left(), box.top(), width, px(24))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(getattr(now, fill, fill)))
    painter.drawRoundedRect(area, px(5), px(5))
    left = area.left() + px(8)
    if icon:
        mark = QRectF(left, area.top() + (px(24) - size) / 2, size, size)
        icons.paint(painter, icon, colour, mark)
        left += size + gap
    painter.setPen(QColor(colour))
    painter.setFont(used)
    painter.drawText(
        QRectF(left, area.top(), area.right() - left, px(24)),
        Qt.AlignmentFlag.AlignVCenter,
        shown,
    )
    return width


def side_by_side(main: QWidget, side: QWidget) -> QSplitter:
    """Put the pane with details beside the main one, which takes the room when the window grows."""
    split = QSplitter(Qt.Orientation.Horizontal)
    split.setHandleWidth(1)
    split.setChildrenCollapsible(False)
    split.addWidget(main)
    split.addWidget(side)
    split.setStretchFactor(0, 1)
    return split


def clear(layout: QLayout) -> None:
    """Take everything out of a layout.

    Hidden first: a layout shows what is added later, and a widget without parent is then a window.
    """
    while layout.count():
        item = layout.takeAt(0)
        widget = item.widget() if item else None
        if widget is not None:
            widget.hide()
            widget.setParent(None)
            widget.deleteLater()


class KeyCap(QLabel):
    """A key, drawn as on a keyboard; the action it belongs to already speaks its key."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setFont(font(META, 500))
        self.setAccessibleName(text)
        self.setContentsMargins(px(6), 0, px(6), 0)
        self.setFixedHeight(px(20))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Frame first, then the word."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme().frame), 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), px(4), px(4))
        painter.end()
        super().paintEvent(event)


class Line(QFrame):
    """A 1-px line between panes; decoration only."""

    def __init__(self, *, vertical: bool = False) -> None:
        super().__init__()
        if vertical:
            self.setFixedWidth(1)
        else:
            self.setFixedHeight(1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """One colour."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme().line))
        painter.end()


class Card(QWidget):
    """A rounded frame round something you act on as a whole."""

    def __init__(self, fill: str = "base", frame: str = "line") -> None:
        super().__init__()
        self._fill, self._frame = fill, frame

    def change(self, fill: str, frame: str) -> None:
        """Choose other tokens."""
        self._fill, self._frame = fill, frame
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Fill and frame."""
        now = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(getattr(now, self._frame)), 1))
        painter.setBrush(QColor(getattr(now, self._fill)))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), px(8), px(8))
        painter.end()


class Pane(QWidget):
    """A plain ground in one token: "window" or "base"."""

    def __init__(self, ground: str = "base") -> None:
        super().__init__()
        self._ground = ground

    def paintEvent(self, event: QPaintEvent) -> None:
        """One colour."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(getattr(theme(), self._ground)))
        painter.end()
