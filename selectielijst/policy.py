"""Read the policy of an organisation from the folder ``selectie`` of a work folder.

``sleutelfuncties.csv``, ``hotspots.json``, ``bevriezingen.json``, ``lijsten/*.json|*.csv`` and
``beleid.json`` (``{"lijsten": [ids in order of precedence], "regime": ...}``), each optional.
Without ``beleid.json`` the organisation's own lists come first, then the working lists for e-mail
Rijk and chat.
"""

from __future__ import annotations

import json
from pathlib import Path

from selectielijst.errors import ListError
from selectielijst.holds import read_holds
from selectielijst.hotspots import read_hotspots
from selectielijst.lists import Selectielijst, bundled, load
from selectielijst.proposal import Policy
from selectielijst.register import read_register

REGIMES = ("archiefwet-1995", "archiefwet-2026")
DEFAULT_LISTS = ("model-email-rijk", "model-chat-rijk-reconstructie")


def read_policy(folder: Path) -> Policy:
    """Read the folder; an absent file gives nothing of its kind. Raises `ListError`."""
    own = tuple(load(path) for path in _list_files(folder / "lijsten"))
    chosen, regime = _beleid(folder / "beleid.json")
    return Policy(
        lists=_choose(own, chosen),
        register=read_register(data, "sleutelfuncties.csv")
        if (data := _bytes(folder / "sleutelfuncties.csv"))
        else (),
        hotspots=read_hotspots(data, "hotspots.json")
        if (data := _bytes(folder / "hotspots.json"))
        else (),
        holds=read_holds(data, "bevriezingen.json")
        if (data := _bytes(folder / "bevriezingen.json"))
        else (),
        regime=regime,
    )


def _choose(
    own: tuple[Selectielijst, ...], chosen: tuple[str, ...] | None
) -> tuple[Selectielijst, ...]:
    everything = (*own, *bundled())
    ids = chosen if chosen is not None else (*dict.fromkeys(x.id for x in own), *DEFAULT_LISTS)
    for wanted in ids:
        if not any(x.id == wanted for x in everything):
            raise ListError("lijst_onbekend", {"lijst": wanted}, "beleid.json")
    return tuple(x for wanted in ids for x in everything if x.id == wanted)


def _beleid(path: Path) -> tuple[tuple[str, ...] | None, str]:
    data = _bytes(path)
    if not data:
        return None, REGIMES[0]
    try:
        beleid = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ListError("lijst_geen_json", {}, path.name) from error
    if not isinstance(beleid, dict):
        raise ListError("lijst_geen_json", {}, path.name)
    lijsten, regime = beleid.get("lijsten"), beleid.get("regime", REGIMES[0])
    if regime not in REGIMES:
        raise ListError("waarde_onbekend", {"veld": "regime", "waarde": str(regime)}, path.name)
    if lijsten is None:
        return None, regime
    if not isinstance(lijsten, list):
        raise ListError("waarde_onbekend", {"veld": "lijsten", "waarde": ""}, path.name)
    return tuple(map(str, lijsten)), regime


def _list_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(p for p in folder.iterdir() if p.suffix in (".json", ".csv"))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise ListError("lijst_onleesbaar", {"oorzaak": type(error).__name__}, path.name) from error
