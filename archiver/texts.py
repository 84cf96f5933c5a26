"""Texts for people, Dutch (B1) first and English, from ``archiver/data/woorden/*.csv``.

Only the edges use this module: `archiver.cli` and `ui`. Each CSV has the columns key, nl, en,
where; ``{name}`` is a placeholder. A key stands in one file only.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

LANGUAGES = ("nl", "en")


@lru_cache(maxsize=1)
def table() -> Mapping[str, Mapping[str, str]]:
    """Read every word list once: key -> {"nl": ..., "en": ...}. ValueError on a key given twice."""
    found: dict[str, dict[str, str]] = {}
    for entry in sorted(files("archiver.data").joinpath("woorden").iterdir(), key=lambda e: e.name):
        if not entry.name.endswith(".csv"):
            continue
        for row in csv.DictReader(entry.read_text(encoding="utf-8").splitlines()):
            if row["key"] in found:
                raise ValueError(f"text key given twice: {row['key']} in {entry.name}")
            found[row["key"]] = {"nl": row["nl"], "en": row["en"]}
    return found


class _Fallback(dict[str, object]):
    """Leave a placeholder visible when its value is missing: a visible gap beats a crash."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def text(key: str, language: str = "nl", params: Mapping[str, object] | None = None) -> str:
    """Make the text for `key` in `language`; an unknown key comes back as the key itself."""
    row = table().get(key)
    if row is None:
        return key
    return row[language].format_map(_Fallback(params or {}))
