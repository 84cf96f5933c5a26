"""The proposal for one message or conversation: eight rules in a fixed order, with the reason.

Outside scope > freeze > hotspot > key function on the message date > process > overlap (B over V,
else the longest term) > rest category > unknown. A freeze blocks actions, the value beneath it is
still worked out. Unknown means keep. Rules and order: ``data/beslisregels.json``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from selectielijst.dates import add, parse_date, parse_duration
from selectielijst.holds import Hold
from selectielijst.hotspots import Hotspot
from selectielijst.lists import FUNCTIE, PROCES, Categorie, Selectielijst
from selectielijst.outcome import Alternative, Proposal, Reason
from selectielijst.register import Register, Sleutelfunctie, holder_on

__all__ = ["Alternative", "Facts", "Policy", "Proposal", "propose"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules look at.

    `kind` is email or chat; `date` the ISO moment of sending, for a conversation of its last
    message; `owner` the holder of the account it came from: of a group chat the owner counts, not
    every participant. `proces` is a category of a process list; `dossier_afgesloten` the date on
    which the dossier was closed. `outside_scope` is the reason when a person marked it private.
    """

    kind: str
    date: str | None
    owner: str | None
    title: str = ""
    participants: tuple[str, ...] = ()
    dossier: str | None = None
    proces: str | None = None
    dossier_afgesloten: str | None = None
    outside_scope: str | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of one organisation; of the lists the first that fits and holds is used.

    `regime` is archiefwet-1995 or archiefwet-2026.
    """

    lists: tuple[Selectielijst, ...]
    register: Register = ()
    hotspots: tuple[Hotspot, ...] = ()
    holds: tuple[Hold, ...] = ()
    regime: str = "archiefwet-1995"


def propose(facts: Facts, policy: Policy) -> Proposal:
    """Apply the rules. Never raises for what a message says; what is missing gives rule 8."""
    day = parse_date(facts.date)
    hold = next((h for h in policy.holds if h.matches(facts.title, facts.participants, day)), None)
    if facts.outside_scope:
        outside = Proposal(1, "voorstel.1.buiten", {"reden": facts.outside_scope}, zekerheid="hoog")
        # A freeze blocks taking out as well (rule 2), so it stays visible here.
        return replace(outside, frozen=hold.verzoek) if hold else outside
    if day is None:
        found = _unknown("datum")
    else:
        # Title and people only decide on hotspots and holds, so a day of mail shares one answer.
        rest = Facts(
            facts.kind,
            None,
            facts.owner,
            dossier=facts.dossier,
            proces=facts.proces,
            dossier_afgesloten=facts.dossier_afgesloten,
        )
        found = _value(rest, _Same(policy), day, _hotspot_of(facts, policy, day))
    return _freeze(found, hold) if hold else found


def _freeze(found: Proposal, hold: Hold) -> Proposal:
    return replace(
        found,
        rule=2,
        text_key="voorstel.2.bevroren",
        params={
            "verzoek": hold.verzoek,
            "datum_of_einde": hold.einde.isoformat() if hold.einde else "",
        },
        frozen=hold.verzoek,
        mag_vernietigen=False,
        why=((found.text_key, found.params), *found.why),
    )


class _Same:
    """A policy by identity: it never changes, and comparing it for every message is too much."""

    __slots__ = ("policy",)

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.policy is self.policy

    def __hash__(self) -> int:
        return id(self.policy)


def _hotspot_of(facts: Facts, policy: Policy, day: date) -> Hotspot | None:
    return next(
        (h for h in policy.hotspots if h.matches(facts.title, facts.participants, day)), None
    )


@lru_cache(maxsize=1_024)
def _value(facts: Facts, same: _Same, day: date, hotspot: Hotspot | None) -> Proposal:
    policy = same.policy
    lists = [lijst for lijst in policy.lists if lijst.valid_on(day)]
    held = holder_on(policy.register, facts.owner, day) if facts.owner else ()
    found = [
        *_hotspot(facts, hotspot, lists),
        *(c for entry in held for c in _key_function(facts, lists, entry, day)),
        *_process(facts, lists),
    ]
    known = [f for f in found if f.waardering != "N"]
    if known:
        return _combine(known, found)
    if found:
        return found[0]
    if held:
        # The register says key function, but no valid list knows its category: the rest category
        # would be too short.
        return _unknown("categorie")
    return _rest(facts, policy, lists, day)


def _hotspot(
    facts: Facts, hotspot: Hotspot | None, lists: list[Selectielijst]
) -> Iterable[Proposal]:
    if hotspot is None:
        return
    params = {
        "hotspot": hotspot.naam,
        "van": hotspot.van.isoformat() if hotspot.van else "",
        "tot": hotspot.tot.isoformat() if hotspot.tot else "",
    }
    base = Proposal(3, "voorstel.3.hotspot", params, "B", zekerheid="redelijk")
    for lijst in lists:
        for c in lijst.categories:
            general = c.functiegroep == "alle" and c.waardering == "B"
            if general and c.covers(facts.kind):
                yield _from(base, lijst, c)
                return
    yield base


def _key_function(
    facts: Facts, lists: list[Selectielijst], entry: Sleutelfunctie, day: date
) -> Iterable[Proposal]:
    for lijst in lists:
        for categorie in map(lijst.find, entry.categorieen):
            if categorie is None or not categorie.covers(facts.kind):
                continue
            who = entry.persoon or entry.account
            params = {"naam": who, "functie": entry.functie}
            key = {"B": "voorstel.4.sleutel_b_ander", "V": "voorstel.4.sleutel_v_ander"}
            base = Proposal(4, key.get(categorie.waardering or "", ""), params, zekerheid="hoog")
            reason = {
                **params,
                "van": entry.van.isoformat(),
                "tot": entry.tot.isoformat() if entry.tot else "",
                "datum": day.isoformat(),
            }
            yield _dated(_from(base, lijst, categorie, (("waarom.functie", reason),)), day)
            return


def _process(facts: Facts, lists: list[Selectielijst]) -> Iterable[Proposal]:
    if not facts.dossier or not facts.proces:
        return
    for lijst in lists:
        categorie = lijst.find(facts.proces) if lijst.methode == PROCES else None
        if categorie is None:
            continue
        params = {"dossier": facts.dossier, "proces": categorie.naam, "gebeurtenis": "afgehandeld"}
        closed = parse_date(facts.dossier_afgesloten)
        if categorie.waardering == "B":
            key = "voorstel.5.proces_b"
        else:
            key = "voorstel.5.proces_v" if closed else "voorstel.5.proces_geen_datum"
        base = Proposal(5, key, params, zekerheid="redelijk")
        yield _dated(_from(base, lijst, categorie), closed)
        return


def _rest(facts: Facts, policy: Policy, lists: list[Selectielijst], day: date) -> Proposal:
    if not facts.owner:
        return _unknown("eigenaar")
    if not policy.register:
        # "No key function" can only be said by a register; an empty one says nothing.
        return _unknown("register")
    for lijst in lists:
        for categorie in lijst.categories:
            if (
                lijst.methode == FUNCTIE
                and categorie.functiegroep == "overig"
                and categorie.covers(facts.kind)
            ):
                key = "voorstel.7.rest_ander"
                if categorie.trigger == "zodra_niet_meer_nodig":
                    key = "voorstel.7.nihil"
                base = Proposal(7, key, {"naam": facts.owner}, zekerheid="redelijk")
                return _dated(_from(base, lijst, categorie), day)
    return _unknown("lijst")


def _combine(known: list[Proposal], found: list[Proposal]) -> Proposal:
    """Take the first rule that is not outweighed; when a later one outweighs it, that is rule 6."""
    first = known[0]
    heaviest = max(known, key=_weight)
    winner = first if _weight(first) >= _weight(heaviest) else heaviest
    others = tuple(f for f in found if f is not winner)
    if winner is not first:
        key = "voorstel.6.samenloop_b" if winner.waardering == "B" else "voorstel.6.samenloop_v"
        own = (winner.text_key, winner.params)
        params = {**winner.params, "n": str(len(known))}
        winner = replace(winner, rule=6, text_key=key, params=params, why=(own, *winner.why))
    return replace(
        winner,
        also=tuple(_alternative(o) for o in others),
        why=winner.why + tuple(_also(o) for o in others),
        # Every ground that applies must have ended, and an unknown value has no end.
        mag_vernietigen=winner.mag_vernietigen and all(_ended(o, winner) for o in others),
    )


def _ended(other: Proposal, winner: Proposal) -> bool:
    return (
        other.mag_vernietigen
        and other.einddatum is not None
        and winner.einddatum is not None
        and other.einddatum <= winner.einddatum
    )


def _weight(found: Proposal) -> tuple[int, float, str]:
    if found.waardering == "B":
        return (1, 0.0, "")
    length = parse_duration(found.termijn).length if found.termijn else 0.0
    return (0, length, found.einddatum or "")


def _alternative(found: Proposal) -> Alternative:
    name = found.params.get("functie") or found.params.get("dossier") or found.params.get("hotspot")
    return Alternative(
        found.rule,
        name or "",
        found.waardering,
        found.lijst,
        found.categorie,
        found.termijn,
        found.einddatum,
    )


def _also(found: Proposal) -> Reason:
    other = _alternative(found)
    return (
        "waarom.ook",
        {
            "regel": f"{other.rule} {other.naam}".strip(),
            "waarde": other.termijn or other.waardering,
        },
    )


def _from(
    base: Proposal, lijst: Selectielijst, c: Categorie, why: tuple[Reason, ...] = ()
) -> Proposal:
    """Fill in what the category says; without B or V, or V without a term, it is unknown."""
    value = c.waardering if c.waardering in ("B", "V") else "N"
    if value == "V" and c.termijn is None:
        value = "N"
    about = (
        "waarom.lijst",
        {
            "lijst": lijst.naam,
            "versie": lijst.versie,
            "van": lijst.geldig_van.isoformat() if lijst.geldig_van else "",
            "tot": lijst.geldig_tot.isoformat() if lijst.geldig_tot else "",
        },
    )
    notes: tuple[Reason, ...] = (*why, about)
    if not lijst.adopted:
        notes = (*notes, ("voorstel.lijst_niet_vast", {"lijst": lijst.naam}))
    filled = replace(
        base,
        params={**base.params, "lijst": lijst.naam, "categorie": c.id, "termijn": c.termijn or ""},
        waardering=value,
        categorie=c.id,
        categorie_naam=c.naam,
        lijst=lijst.id,
        lijst_naam=lijst.naam,
        lijst_versie=lijst.versie,
        termijn=c.termijn if value == "V" else None,
        trigger=c.trigger,
        mag_vernietigen=value == "V" and lijst.adopted,
        why=notes,
    )
    if value != "N":
        return filled
    missing = "termijn" if c.waardering == "V" else "waardering"
    params = {**filled.params, "wat_ontbreekt": missing}
    return replace(filled, rule=8, text_key="voorstel.8.onbekend", params=params, zekerheid="laag")


def _dated(found: Proposal, start: date | None) -> Proposal:
    """Fill in start and end of a V; without a start, or a term past the calendar, it has no end."""
    if found.waardering != "V" or found.termijn is None:
        return found
    if found.trigger == "zodra_niet_meer_nodig":
        return found
    if start is None:
        return replace(found, mag_vernietigen=False)
    term = parse_duration(found.termijn)
    if start.year + term.years + term.months // 12 + term.length / 365 > 9990:
        return replace(found, startdatum=start.isoformat(), mag_vernietigen=False)
    end = add(start, term).isoformat()
    return replace(
        found,
        startdatum=start.isoformat(),
        einddatum=end,
        params={**found.params, "datum": end},
    )


def _unknown(missing: str) -> Proposal:
    return Proposal(8, "voorstel.8.onbekend", {"wat_ontbreekt": missing})
