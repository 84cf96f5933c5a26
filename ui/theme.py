"""Colours and type of the window: design tokens as a `QPalette`, the rest in one `Theme`.

Light and dark follow the platform; with a high-contrast scheme the platform's own palette stays and
the tokens without a role are derived from it. Every pair that carries text is listed in `PAIRS` and
tested for contrast (4.5, frames and icons 3.0; EN 301 549 11.1.4.3 and 11.1.4.11).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette

Role = QPalette.ColorRole


@dataclass(frozen=True, slots=True)
class Theme:
    """The colour tokens of the design sheet, section 4, as ``#rrggbb``."""

    window: str
    base: str
    alt: str
    text: str
    secondary: str
    placeholder: str
    accent_fill: str
    on_accent: str
    accent: str
    accent_frame: str
    soft: str
    soft2: str
    line: str
    frame: str
    button: str
    hover: str
    ok: str
    warn: str
    warn_fill: str
    error: str
    error_fill: str
    neutral: str
    neutral_fill: str


LIGHT = Theme(
    window="#f4f6f8",
    base="#ffffff",
    alt="#f8f9fb",
    text="#1a1f25",
    secondary="#545c66",
    placeholder="#5f6368",
    accent_fill="#0b5cad",
    on_accent="#ffffff",
    accent="#0b5cad",
    accent_frame="#0b5cad",
    soft="#e3eefa",
    soft2="#f1f6fc",
    line="#e1e5ea",
    frame="#858d98",
    button="#ffffff",
    hover="#eef1f4",
    ok="#1b6b3a",
    warn="#7d4b00",
    warn_fill="#fdf1dc",
    error="#ab1f1a",
    error_fill="#fcebe9",
    neutral="#4a525c",
    neutral_fill="#edf0f3",
)
DARK = Theme(
    window="#17191d",
    base="#1f2227",
    alt="#24282e",
    text="#e8eaed",
    secondary="#a7b0ba",
    placeholder="#9aa3ad",
    accent_fill="#0b5cad",
    on_accent="#ffffff",
    accent="#86baf2",
    accent_frame="#4d8fd6",
    soft="#193553",
    soft2="#1f2b38",
    line="#343a42",
    frame="#7a838e",
    button="#2a2f36",
    hover="#2c3138",
    ok="#7fd19b",
    warn="#f0bd6a",
    warn_fill="#3a2d16",
    error="#ff9c92",
    error_fill="#431f1d",
    neutral="#b9c1ca",
    neutral_fill="#2d333a",
)

# (ink, ground, least contrast): what is really painted somewhere in the window.
PAIRS: tuple[tuple[str, str, float], ...] = (
    *(("text", g, 4.5) for g in ("window", "base", "alt", "soft", "soft2", "button", "hover")),
    *(("secondary", g, 4.5) for g in ("window", "base", "alt", "soft", "soft2", "hover")),
    *(("accent", g, 4.5) for g in ("window", "base", "soft", "soft2")),
    *(("text", g, 4.5) for g in ("warn_fill", "error_fill", "neutral_fill")),
    ("secondary", "warn_fill", 4.5),
    ("placeholder", "base", 4.5),
    ("placeholder", "neutral_fill", 4.5),
    ("on_accent", "accent_fill", 4.5),
    ("ok", "base", 4.5),
    ("ok", "window", 4.5),
    ("ok", "soft", 4.5),
    ("ok", "soft2", 4.5),
    ("warn", "warn_fill", 4.5),
    ("warn", "base", 4.5),
    ("warn", "soft", 4.5),
    ("error", "error_fill", 4.5),
    ("error", "base", 4.5),
    ("error", "window", 4.5),
    ("neutral", "neutral_fill", 4.5),
    ("frame", "base", 3.0),
    ("frame", "window", 3.0),
    ("accent_frame", "window", 3.0),
    ("accent_frame", "base", 3.0),
)

_themes: dict[int, Theme] = {}
_ROLES = {
    Role.Window: "window",
    Role.WindowText: "text",
    Role.Base: "base",
    Role.AlternateBase: "alt",
    Role.Text: "text",
    Role.Button: "button",
    Role.ButtonText: "text",
    Role.BrightText: "on_accent",
    Role.PlaceholderText: "placeholder",
    Role.Highlight: "accent_fill",
    Role.HighlightedText: "on_accent",
    Role.Accent: "accent_fill",
    Role.Link: "accent",
    Role.LinkVisited: "accent",
    Role.Light: "base",
    Role.Midlight: "line",
    Role.Mid: "frame",
    Role.Dark: "frame",
    Role.Shadow: "frame",
    Role.ToolTipBase: "base",
    Role.ToolTipText: "text",
}


def palette(theme: Theme) -> QPalette:
    """Give the palette that carries the tokens which have a role."""
    made = QPalette()
    for role, token in _ROLES.items():
        made.setColor(role, QColor(getattr(theme, token)))
    for role in (Role.Text, Role.WindowText, Role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.placeholder))
    made.setColor(QPalette.ColorGroup.Disabled, Role.Button, QColor(theme.neutral_fill))
    return made


def theme() -> Theme:
    """Give the theme that belongs to the palette in use now; asked for every cell that is painted."""
    used = QGuiApplication.palette()
    key = used.cacheKey()
    found = _themes.get(key)
    if found is None:
        _themes.clear()
        found = _themes[key] = theme_of(used)
    return found


def theme_of(used: QPalette) -> Theme:
    """Give our own theme for our own palette, else one derived from the platform's roles."""
    ground, ink = used.color(Role.Base), used.color(Role.Text)
    for own in (LIGHT, DARK):
        if ground == QColor(own.base) and ink == QColor(own.text):
            return own
    dark = ground.lightness() < 128
    start = DARK if dark else LIGHT
    values = {f.name: getattr(start, f.name) for f in fields(Theme)}
    for role, token in _ROLES.items():
        values[token] = used.color(role).name()
    values |= {
        "base": ground.name(),
        "text": ink.name(),
        "secondary": ink.name(),
        "neutral": ink.name(),
        "frame": ink.name(),
        "line": ink.name(),
        "soft": ground.name(),
        "soft2": ground.name(),
        "hover": ground.name(),
        "alt": ground.name(),
        "neutral_fill": ground.name(),
    }
    return Theme(**values)


def high_contrast() -> bool:
    """Tell whether the platform asks for more contrast (Qt 6.10 and later can say so)."""
    hints = QGuiApplication.styleHints()
    accessibility = getattr(hints, "accessibility", None)
    if accessibility is None:
        return False
    preference = getattr(accessibility(), "contrastPreference", None)
    return preference is not None and preference() == Qt.ContrastPreference.HighContrast


def wanted(choice: str = "systeem") -> Theme | None:
    """Choose the theme: licht, donker or what the platform says; None keeps the platform's."""
    if choice == "licht":
        return LIGHT
    if choice == "donker":
        return DARK
    if high_contrast():
        return None
    scheme = QGuiApplication.styleHints().colorScheme()
    return DARK if scheme == Qt.ColorScheme.Dark else LIGHT


@cache
def font(ratio: float = 1.0, weight: int = 400, *, tabular: bool = False) -> QFont:
    """Give the system font at `ratio` of its size; never below 12 px at 100 % on a 13 px system.

    The answer is shared: make a copy before changing it.
    """
    made = QFont(QGuiApplication.font())
    if made.pixelSize() > 0:
        made.setPixelSize(max(1, round(made.pixelSize() * ratio)))
    else:
        made.setPointSizeF(made.pointSizeF() * ratio)
    made.setWeight(QFont.Weight(weight))
    if tabular:
        made.setFeature(QFont.Tag("tnum"), 1)
    return made


@cache
def scale() -> float:
    """Tell how much larger the system font is than the 13 px of the design; sizes follow it."""
    used = QGuiApplication.font()
    pixels = used.pixelSize()
    if pixels <= 0:
        screen = QGuiApplication.primaryScreen()
        pixels = round(used.pointSizeF() * (screen.logicalDotsPerInch() if screen else 96) / 72)
    return max(1.0, pixels / 13)


def px(size: float) -> int:
    """Give a size of the design sheet in logical pixels at the system's font size."""
    return round(size * scale())


def forget_font() -> None:
    """Ask the system font again; to be called when it has changed."""
    font.cache_clear()
    scale.cache_clear()


BODY, META, SECTION, PANE, PAGE, WELCOME, TILE = 1.0, 0.92, 1.15, 1.38, 1.54, 2.0, 2.15
