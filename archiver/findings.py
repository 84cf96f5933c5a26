"""What the program noticed about an input, an object or a package: a code, parameters, a place.

A finding never holds text for people. Texts are looked up in `archiver.texts` at the edge (command
line and window) under the key ``bevinding.<code>``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

Params = Mapping[str, str | int]
_NO_PARAMS: Params = MappingProxyType({})


class Severity(StrEnum):
    """How much a finding matters: `FOUT` stops, `LET_OP` asks for a look, `INFO` is for the record."""

    FOUT = "fout"
    LET_OP = "let_op"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was noticed.

    `code` is stable and lower-case with dots (``mail.datum_ontbreekt``); `params` fill the text;
    `place` says where: a file name, a part number, an object id, an XPath.
    """

    code: str
    params: Params = field(default_factory=lambda: _NO_PARAMS)
    place: str = ""
    severity: Severity = Severity.LET_OP

    def as_json(self) -> dict[str, object]:
        """Give the plain form for `--json` and for storage."""
        return {
            "code": self.code,
            "params": dict(self.params),
            "place": self.place,
            "severity": self.severity.value,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> Finding:
        """Read back what `as_json` gave."""
        params = data.get("params") or {}
        assert isinstance(params, Mapping)
        return cls(
            code=str(data["code"]),
            params={str(k): v if isinstance(v, int) else str(v) for k, v in params.items()},
            place=str(data.get("place", "")),
            severity=Severity(str(data.get("severity", Severity.LET_OP.value))),
        )
