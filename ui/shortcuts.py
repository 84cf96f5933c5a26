"""Every key of the window in one table: action, key, text, menu."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shortcut:
    """One command. `text` is a key of the word list; `menu` is empty for keys that have no menu.

    `where` is "window" (works everywhere), "list" (only with focus in the list, WCAG 2.1.4) or
    "tasks" (only in the page with tasks).
    """

    action: str
    keys: tuple[str, ...]
    text: str
    menu: str
    where: str = "window"
    icon: str = ""


TABLE: tuple[Shortcut, ...] = (
    Shortcut("add_files", ("Ctrl+O",), "menu.bestanden", "bestand", icon="toevoegen"),
    Shortcut("add_folder", ("Ctrl+Shift+O",), "menu.map", "bestand", icon="dossier"),
    Shortcut("verify", (), "menu.controleren", "bestand", icon="kluis"),
    Shortcut("quit", ("Ctrl+Q",), "menu.sluiten", "bestand"),
    Shortcut("undo", ("Ctrl+Z",), "actie.ongedaan", "bewerken", icon="ongedaan"),
    Shortcut("paste", ("Ctrl+V",), "menu.plakken", "bewerken"),
    Shortcut("find", ("Ctrl+F",), "menu.zoeken", "bewerken", icon="zoeken"),
    Shortcut("next_hit", ("F3",), "menu.volgende_treffer", "bewerken"),
    Shortcut("previous_hit", ("Shift+F3",), "menu.vorige_treffer", "bewerken"),
    Shortcut("edit", ("F2",), "menu.gegevens", "bewerken"),
    *(
        Shortcut(f"queue_{n}", (f"Ctrl+{n}",), f"wachtrij.{queue}", "beeld")
        for n, queue in enumerate(("nieuw", "getagd", "te_beoordelen", "besloten", "verpakt"), 1)
    ),
    Shortcut("search_all", ("Ctrl+6", "Ctrl+K"), "menu.zoek_alles", "beeld", icon="zoeken"),
    Shortcut("tasks", ("Ctrl+J",), "menu.taken", "beeld"),
    Shortcut("stop", ("Esc",), "menu.stoppen", "beeld", "tasks", icon="overslaan"),
    Shortcut("next_pane", ("F6",), "menu.volgend_deel", "beeld"),
    Shortcut("previous_pane", ("Shift+F6",), "menu.vorig_deel", "beeld"),
    Shortcut("theme_system", (), "menu.thema_systeem", "beeld"),
    Shortcut("theme_light", (), "menu.thema_licht", "beeld"),
    Shortcut("theme_dark", (), "menu.thema_donker", "beeld"),
    Shortcut("read", ("Return", "Enter"), "menu.lezen", "bericht", "list"),
    Shortcut("why", ("W",), "actie.waarom", "bericht", "list", icon="waarom"),
    Shortcut("private", ("Ctrl+Shift+P",), "menu.prive", "bericht", icon="prive"),
    Shortcut("attachments", ("Ctrl+Shift+B",), "menu.bijlage", "bericht", icon="bijlage"),
    Shortcut("codepage", ("Ctrl+Shift+T",), "menu.tekenset", "bericht", icon="waarom"),
    Shortcut("mailbox", ("Ctrl+Shift+M",), "menu.postvak", "bericht", icon="mail"),
    Shortcut("people", ("Ctrl+Shift+D",), "menu.personen", "bericht", icon="persoon"),
    Shortcut("compare", ("Ctrl+Shift+G",), "menu.vergelijken", "bericht", icon="chat"),
    Shortcut("conversation", ("Ctrl+Shift+H",), "menu.gesprek", "bericht", icon="chat"),
    Shortcut("secure", ("Ctrl+Return", "Ctrl+Enter"), "menu.vastleggen", "bericht", icon="kluis"),
    Shortcut("remove", ("Delete",), "menu.uit_lijst", "bericht", "list"),
    Shortcut("accept", ("A",), "menu.akkoord", "beslissen", "list", icon="besloten"),
    Shortcut("keep", ("B",), "actie.bewaren", "beslissen", "list", icon="blijvend"),
    Shortcut("destroy", ("V",), "menu.vernietigen", "beslissen", "list", icon="vernietigen"),
    Shortcut("term", ("T",), "actie.andere_termijn", "beslissen", "list", icon="termijn"),
    Shortcut("unsure", ("O",), "actie.onzeker", "beslissen", "list", icon="onbekend"),
    Shortcut("package", ("Ctrl+Shift+K",), "menu.verpakken", "pakket", icon="pakket"),
    Shortcut("next_finding", ("F8",), "menu.volgende_bevinding", "pakket"),
    Shortcut("previous_finding", ("Shift+F8",), "menu.vorige_bevinding", "pakket"),
    Shortcut("practise", (), "actie.oefenen", "help"),
    Shortcut("help", ("F1",), "menu.uitleg", "help", icon="waarom"),
)
MENUS = ("bestand", "bewerken", "beeld", "bericht", "beslissen", "pakket", "help")


def key_of(action: str) -> str:
    """Give the first key of an action, for a tooltip or a key cap; empty when it has none."""
    for shortcut in TABLE:
        if shortcut.action == action:
            return shortcut.keys[0].replace("Return", "Enter") if shortcut.keys else ""
    raise KeyError(action)
