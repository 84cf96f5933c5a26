"""The one error of this package; its text for people is looked up elsewhere by code."""

from __future__ import annotations

from collections.abc import Mapping


class ListError(ValueError):
    """A list, register or term that cannot be used.

    `code` names the cause, `params` are raw values, `place` says where (file, row or category).
    """

    def __init__(self, code: str, params: Mapping[str, str] | None = None, place: str = "") -> None:
        super().__init__(code, dict(params or {}), place)
        self.code = code
        self.params = dict(params or {})
        self.place = place
