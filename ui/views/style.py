"""The style sheet: shapes, and colours only as `palette(...)`, so that every scheme works."""

from __future__ import annotations

from ui.theme import px


def style_sheet() -> str:
    """Give the sheet for the whole application."""
    return f"""
QMenuBar {{ background: palette(window); padding: {px(3)}px {px(10)}px; }}
QMenuBar::item {{
  padding: {px(6)}px {px(13)}px {px(7)}px; background: transparent; border-radius: {px(4)}px;
}}
QMenuBar::item:selected, QMenuBar::item:pressed {{
  background: palette(midlight); color: palette(text);
}}
QLineEdit {{
  border: 1px solid palette(mid); border-radius: {px(6)}px; padding: 0 {px(9)}px;
  background: palette(base); color: palette(text);
  selection-background-color: palette(highlight); selection-color: palette(highlighted-text);
}}
QLineEdit:focus {{ border: 2px solid palette(link); padding: 0 {px(8)}px; }}
QComboBox QLineEdit, QComboBox QLineEdit:focus {{
  border: 0; padding: 0; background: transparent;
}}
QTableView, QTreeView, QTextBrowser, QScrollArea {{ background: palette(base); border: 0; }}
QSplitter::handle {{ background: palette(midlight); }}
QScrollBar:vertical {{ background: transparent; width: {px(11)}px; margin: 0; }}
QScrollBar::handle:vertical {{
  background: palette(mid); border-radius: {px(3)}px; min-height: {px(32)}px; margin: 2px 3px;
}}
QScrollBar::add-line:vertical, QScrollBar::sub-line:vertical {{ height: 0; }}
QScrollBar::add-page:vertical, QScrollBar::sub-page:vertical {{ background: transparent; }}
"""
