"""A proposal or decision as people read it: one sentence with the outcome first, then the proof."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archiver.texts import text
from selectielijst import words as rule_words
from ui.words import date, language, t, term

_viewer = ""
_REMARKS = ("waarom.niet", "voorstel.lijst_niet_vast")


def set_viewer(name: str) -> None:
    """Say who looks, so that a sentence about this person says "je"."""
    global _viewer
    _viewer = name


def viewer() -> str:
    """Tell who looks."""
    return _viewer


def sentence(appraisal: Mapping[str, Any]) -> tuple[str, str]:
    """Give the outcome (bold) and the rest of the sentence."""
    if appraisal.get("besluit"):
        return _decision(appraisal)
    shown = {**appraisal, "params": _short_params(appraisal.get("params") or {})}
    whole = rule_words.sentence(shown, language(), text, _viewer)
    for dash in (" – ", " - "):
        if dash in whole:
            bold, rest = whole.split(dash, 1)
            return bold, f"– {rest}"
    if whole:
        return whole, ""
    return outcome(appraisal), ""


def _short_params(params: Mapping[str, Any]) -> Mapping[str, Any]:
    """Leave "Selectielijst" out of the name of a list: the sentence says "lijst" already."""
    name = str(params.get("lijst") or "")
    return {**params, "lijst": name.removeprefix("Selectielijst ")} if name else params


def outcome(appraisal: Mapping[str, Any]) -> str:
    """Give the outcome in words."""
    value = appraisal.get("waardering")
    if value == "B":
        return t("actie.bewaren")
    if value == "V":
        found = term(appraisal.get("termijn"))
        return t("actie.vernietigen_na", termijn=found) if found else t("chip.vernietigen")
    return t("voorstel.onbekend")


def _decision(appraisal: Mapping[str, Any]) -> tuple[str, str]:
    until = date(appraisal.get("einddatum"))
    bold = outcome(appraisal)
    if until and appraisal.get("waardering") == "V":
        bold += f", {t('chip.tot', datum=until)}"
    reason = str(appraisal.get("reden") or "").rstrip(".")
    if not appraisal.get("actor"):
        rest = t("besluit.zin_los")
    else:
        rest = t("besluit.zin", naam=appraisal["actor"], datum=date(appraisal.get("at")))
    if reason:
        rest += " " + t("geschiedenis.reden", reden=reason)
    return bold, rest


def reasons(appraisal: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Give the lines of Waarom: mark (goed, ook, niet), bold start and text."""
    made: list[tuple[str, str, str]] = []
    proof = [(str(key), _short_params(params)) for key, params in appraisal.get("why") or ()]
    lines = rule_words.reasons({"why": proof}, language(), text)
    keys = [key for key, _ in proof]
    for key, line in zip(keys, lines, strict=True):
        if line:
            start, rest = _parted(line)
            made.append(("niet" if key in _REMARKS else "goed", start, rest))
    return made


def _parted(line: str) -> tuple[str, str]:
    for mark in (": ", ". "):
        if 0 < line.find(mark) < 48:
            start, rest = line.split(mark, 1)
            return start + mark.strip(), rest
    return "", line
