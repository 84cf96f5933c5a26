"""Contrast of every pair of colours that is painted, in light and dark."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from tests.ui.conftest import ROOT
from ui import theme
from ui.theme import DARK, LIGHT, PAIRS, Theme
from ui.views.finding_card import _LOOKS


def contrast(one: str, other: str) -> float:
    """WCAG 2.2 relative luminance."""

    def luminance(colour: str) -> float:
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        red, green, blue = (
            p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_of_black_on_white_is_21() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("used", [LIGHT, DARK], ids=["licht", "donker"])
@pytest.mark.parametrize(("ink", "ground", "least"), PAIRS)
def test_every_pair_can_be_read(used: Theme, ink: str, ground: str, least: float) -> None:
    assert contrast(getattr(used, ink), getattr(used, ground)) >= least


def test_every_ink_of_text_is_in_the_pairs() -> None:
    inks = {ink for ink, _, least in PAIRS if least >= 4.5}
    assert {"text", "secondary", "accent", "ok", "warn", "error", "neutral", "placeholder"} <= inks
    for _, ink, fill, _ in _LOOKS.values():
        assert any(pair[:2] == (ink, fill) for pair in PAIRS), (ink, fill)
    names = {f.name for f in fields(Theme)}
    assert {name for pair in PAIRS for name in pair[:2]} <= names


@pytest.mark.parametrize("used", [LIGHT, DARK], ids=["licht", "donker"])
def test_the_palette_itself_can_be_read(app: QApplication, used: Theme) -> None:
    made, role = theme.palette(used), QPalette.ColorRole
    for group in (QPalette.ColorGroup.Active, QPalette.ColorGroup.Inactive):
        for ink, ground in (
            (role.Text, role.Base),
            (role.WindowText, role.Window),
            (role.ButtonText, role.Button),
            (role.HighlightedText, role.Highlight),
            (role.PlaceholderText, role.Base),
            (role.Link, role.Base),
            (role.ToolTipText, role.ToolTipBase),
        ):
            pair = made.color(group, ink).name(), made.color(group, ground).name()
            assert contrast(*pair) >= 4.5, (group, ink, ground)


def test_a_palette_of_the_platform_gives_a_theme_of_its_own(app: QApplication) -> None:
    made = QPalette(theme.palette(LIGHT))
    made.setColor(QPalette.ColorRole.Base, QColor("#000000"))
    made.setColor(QPalette.ColorRole.Text, QColor("#ffff00"))
    found = theme.theme_of(made)
    assert (found.base, found.text, found.soft) == ("#000000", "#ffff00", "#000000")


def test_colours_stand_in_the_theme_and_nowhere_else() -> None:
    colour = re.compile(r"#[0-9a-fA-F]{6}\b|#[0-9a-fA-F]{3}\b(?=[\"';])")
    for path in sorted((ROOT / "ui").rglob("*.py")):
        if path.name != "theme.py":
            assert not colour.findall(path.read_text(encoding="utf-8")), path


def test_icons_take_the_colour_of_the_theme() -> None:
    folder = Path(ROOT, "ui", "resources", "iconen")
    for path in folder.glob("*.svg"):
        assert "currentColor" in path.read_text(encoding="utf-8"), path.name
