"""One line of the list, the same for what is only looked at and for what is in the register."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from archiver.findings import Finding
from ui.words import date, n, t, term

if TYPE_CHECKING:  # the services are loaded beside the window, not before its first paint
    from archiver.services.preview import PreviewRow

Key = str | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Chip:
    """What the column Bewaren shows: shape and word, then colour tokens, then the ground."""

    icon: str
    word: str
    ink: str
    fill: str
    ground: str


@dataclass(frozen=True, slots=True)
class Row:
    """A message or conversation. `key` is an item id, or (path, index) before it is stored.

    `appraisal` is the decision when there is one, else the proposal, in the JSON form of that.
    """

    key: Key
    kind: str
    title: str
    sender: str
    date: str | None
    attachments: int
    dossier: str | None
    appraisal: Mapping[str, Any]
    decided: bool = False
    in_vault: bool = False
    findings: tuple[Finding, ...] = ()
    status: str = ""
    out: int = 0  # messages of a conversation that will not be stored
    exports: int = 1  # of a conversation: how many are linked, this one included
    about: str = ""  # what stands in the column Onderwerp when the title says nothing new
    begun: bool = False  # only the first messages of the conversation are read yet
    preview: PreviewRow | None = field(default=None, compare=False, repr=False)

    @property
    def complete(self) -> bool:
        """Tell whether a dossier and an appraisal are known."""
        return bool(self.dossier) and self.appraisal.get("waardering") in ("B", "V")

    def state(self) -> tuple[str, str, str]:
        """Give icon, ink token and word of the column Status."""
        if self.begun:
            return "wacht", "secondary", t("status.leest")
        if self.in_vault:
            return "overslaan", "secondary", t("status.dubbel")
        if self.appraisal.get("frozen"):
            return "bevroren", "accent", t("chip.bevroren")
        if self.out:
            return "prive", "warn", n("status.eruit", self.out)
        if not self.complete:
            return "uitzondering", "warn", t("status.onvolledig")
        return "besloten", "ok", t("status.compleet")

    def chip(self) -> Chip:
        """Give the chip of the column Bewaren."""
        return chip(self.appraisal)

    def spoken(self) -> str:
        """Give the whole line as one sentence for a screen reader."""
        mark = self.chip()
        parts = (self.sender, self.title, self.dossier or t("lijst.geen_dossier"))
        return ", ".join((*parts, self.state()[2], mark.word, mark.ground))


def chip(appraisal: Mapping[str, Any]) -> Chip:
    """Make the chip for a proposal or a decision."""
    if appraisal.get("frozen"):
        ground = str(appraisal["frozen"])
        return Chip("bevroren", t("chip.bevroren"), "accent", "soft", ground)
    value = appraisal.get("waardering")
    if value == "B":
        return Chip("blijvend", t("chip.blijvend"), "accent", "soft", _ground(appraisal))
    if value == "V":
        until = appraisal.get("einddatum")
        ground = t("chip.tot", datum=date(str(until))) if until else t("chip.geen_einde")
        word = term(appraisal.get("termijn")) or t("chip.vernietigen")
        return Chip("termijn", word, "neutral", "neutral_fill", ground)
    return Chip("onbekend", t("chip.onbekend"), "warn", "warn_fill", t("chip.onbekend_grond"))


def _ground(appraisal: Mapping[str, Any]) -> str:
    if appraisal.get("besluit"):
        return t("grond.besluit")
    rule = appraisal.get("rule")
    return t(f"grond.{rule}") if rule else ""
