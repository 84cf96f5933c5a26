"""Exports that are not whole, one for each doubt that a user must hear about."""

from __future__ import annotations

from pathlib import Path

from tests.archiver.intake.chat.test_screenshot import png

NOTICE = "Berichten en oproepen worden end-to-end versleuteld. Niemand buiten deze chat leest mee."
HEAD = f"13-03-2026 08:00 - {NOTICE}\n"
TIMER = (
    "13-03-2026 09:00 - \u200eSanne heeft berichten met vervaldatum ingeschakeld. Nieuwe berichten "
    "verdwijnen na 7 dagen uit deze chat. Tik om dit te wijzigen.\n"
)


def _lines(count: int) -> str:
    return "".join(f"13-03-2026 09:{n * 60 // count:02d} - Sanne: {n}\n" for n in range(count - 1))


# What is the matter: the text of the export, the code that says it, and what it says of it.
DOUBTS: dict[str, tuple[str, str, dict[str, str | int]]] = {
    "Tienduizend": (
        HEAD + _lines(9_990),
        "chat.export_afgekapt_aantal",
        {"aantal": 9_990, "grens": 10_000},
    ),
    "Veertigduizend": (
        HEAD + _lines(40_020),
        "chat.export_afgekapt_aantal",
        {"aantal": 40_020, "grens": 40_000},
    ),
    "Begin": ("13-03-2026 09:00 - Sanne: Zoals gezegd\n", "chat.export_afgekapt_begin", {}),
    "Foto": (
        HEAD + "13-03-2026 09:05 - Sanne: IMG-20260313-WA0001.jpg (bestand bijgevoegd)\n",
        "chat.media_ontbreekt",
        {"aantal": 1},
    ),
    "Terug": (
        HEAD + "13-03-2026 09:05 - Sanne: Later\n13-03-2026 08:30 - Ali: Eerder\n",
        "chat.tijd_terug",
        {"aantal": 1},
    ),
    "Timer": (HEAD + TIMER, "chat.timer_aan", {"aantal": 1}),
    "Melding": (
        HEAD + "13-03-2026 09:00 - Er gebeurde iets dat niemand kent\n",
        "chat.systeemregel_onbekend",
        {"aantal": 1},
    ),
    "Stil": (
        HEAD + "13-04-2026 09:00 - Sanne: Daar ben ik weer\n",
        "chat.dagen_zonder_berichten",
        {"dagen": 30, "van": "2026-03-13", "tot": "2026-04-13"},
    ),
}
SCREENSHOT = "chat.schermafdruk"
WHOLE = HEAD + "13-03-2026 09:00 - Sanne: Alles is er\n14-03-2026 09:00 - Ali: Mooi\n"
CODES = frozenset(code for _, code, _ in DOUBTS.values()) | {SCREENSHOT}


def exports(folder: Path) -> dict[str, Path]:
    """Write an export for each doubt, a screenshot, and one export that is whole."""
    folder.mkdir()
    made = {}
    for name, (text, _, _) in {**DOUBTS, "Heel": (WHOLE, "", {})}.items():
        made[name] = folder / f"WhatsApp-chat met {name}.txt"
        made[name].write_text(text, encoding="utf-8")
    made["Plaatje"] = folder / "Schermafbeelding.png"
    made["Plaatje"].write_bytes(png())
    return made
