"""What the rules answer: the proposal, its reasons and the alternatives, also as plain JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

Params = Mapping[str, str]
Reason = tuple[str, Params]


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another rule that applies as well, with the value it would give."""

    rule: int
    naam: str
    waardering: str
    lijst: str | None = None
    categorie: str | None = None
    termijn: str | None = None
    einddatum: str | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed appraisal; never a decision.

    `rule` is 1 to 8 of the decision rules. `waardering` is B (blijvend), V (vernietigen) or N (nog
    te waarderen). `termijn` is an ISO 8601 duration, dates are ISO. `text_key` and `params` make
    the sentence (`selectielijst.words`); params hold raw values. `frozen` names the hold. `also`
    are the other grounds found; `why` the steps as text key and params. `mag_vernietigen` tells
    whether destruction may ever rest on this proposal; the end date and a second person still
    count.
    """

    rule: int
    text_key: str
    params: Params = field(default_factory=dict)
    waardering: str = "N"
    categorie: str | None = None
    categorie_naam: str | None = None
    lijst: str | None = None
    lijst_naam: str | None = None
    lijst_versie: str | None = None
    termijn: str | None = None
    startdatum: str | None = None
    einddatum: str | None = None
    trigger: str | None = None
    zekerheid: str = "laag"
    frozen: str | None = None
    mag_vernietigen: bool = False
    also: tuple[Alternative, ...] = ()
    why: tuple[Reason, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Give plain dicts and lists; `from_json` gives the same proposal back."""
        data: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields(self)}
        data["params"] = dict(self.params)
        data["also"] = [{f.name: getattr(a, f.name) for f in fields(a)} for a in self.also]
        data["why"] = [[key, dict(params)] for key, params in self.why]
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Proposal:
        """Build the proposal again from `to_json`, possibly through JSON text."""
        values = dict(data)
        values["params"] = dict(values.get("params", {}))
        values["also"] = tuple(Alternative(**a) for a in values.get("also", ()))
        values["why"] = tuple((str(key), dict(params)) for key, params in values.get("why", ()))
        return cls(**values)
