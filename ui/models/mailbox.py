"""What is chosen of the mailboxes that are open: folders, period, senders, and the counts of it.

Counting goes in slices from the event loop: half a million messages do not hold the window up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from ui.operations.mailbox_core import Batch, Folder, Mail
from ui.words import finding_text, t

if TYPE_CHECKING:
    from archiver.services.selection import Choice

_SLICE = 3_000
_SORTED = 50_000  # a folder with more stays in the order of the mailbox: sorting would be felt
_STATES = {
    "mee": ("besloten", "ok"),
    "achter": ("overslaan", "secondary"),
    "eerder": ("kluis", "secondary"),
    "opgenomen": ("kluis", "ok"),
    "niet_gekozen": ("overslaan", "secondary"),
    "geweigerd": ("mislukt", "error"),
}


class Mailbox(QObject):
    """`changed` tells that counts are different, `grew` that messages came, `boxes_changed` the rest."""

    changed = Signal()
    grew = Signal()
    boxes_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._count_on)
        self._made: Choice | None = None
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self.boxes: list[str] = []
        self.mails: list[Mail] = []
        self.of_folder: dict[Folder, list[Mail]] = {}
        self.fates: dict[tuple[str, int], str] = {}
        self.had: set[tuple[str, int]] = set()
        self.whole = False  # all messages are read: the counts are exact
        self.since = self.until = ""
        self.senders: tuple[str, ...] = ()
        self._outline: dict[Folder, int] = {}
        self._off: set[Folder] = set()
        self._again()

    # --- what comes --------------------------------------------------------------------------------

    def open(self, box: str) -> None:
        """Begin a mailbox, or begin it again; messages of all mailboxes will come anew."""
        if box not in self.boxes:
            self.boxes.append(box)
        self._outline = {f: n for f, n in self._outline.items() if f[0] != box}
        self.forget_mails()
        self.boxes_changed.emit()

    def forget_mails(self) -> None:
        """Messages will be read again."""
        self.mails, self.of_folder, self.whole = [], {}, False
        self.had, self.fates = set(), {}
        self._again()

    def counted(self, counts: Iterable[tuple[str, str, int]]) -> None:
        """Take folders with the number so far."""
        fresh = False
        for box, folder, number in counts:
            fresh = fresh or (box, folder) not in self._outline
            self._outline[box, folder] = number
        if fresh:
            self.boxes_changed.emit()
        self.changed.emit()

    def add(self, batch: Batch) -> None:
        """Take messages."""
        fresh = False
        for mail in batch.mails:
            if mail.place not in self.of_folder:
                self.of_folder[mail.place] = []
                fresh = fresh or mail.place not in self._outline
            self.of_folder[mail.place].append(mail)
        self.mails += batch.mails
        if batch.had:
            self.had |= batch.had
            self._again()
        if fresh:
            self.boxes_changed.emit()
        self._timer.start()
        self.grew.emit()

    def all_read(self) -> None:
        """All messages are there, newest first now; folders that turned out to hold none go."""
        self.whole = True
        for mails in self.of_folder.values():
            if len(mails) <= _SORTED:
                mails.sort(key=lambda mail: mail.date or "", reverse=True)
        self._outline = {}
        self.boxes_changed.emit()
        self._timer.start()

    def settle(self, fates: Mapping[tuple[str, int], str]) -> None:
        """Take over what became of each message."""
        self.fates.update(fates)
        self.had |= {key for key, fate in fates.items() if fate in ("opgenomen", "eerder")}
        self._again()

    # --- choosing ----------------------------------------------------------------------------------

    def ticked(self, folder: Folder) -> bool:
        """Tell whether a folder is chosen."""
        return folder not in self._off

    def tick(self, folders: Iterable[Folder], on: bool) -> None:
        """Choose folders, or not."""
        if on:
            self._off.difference_update(folders)
        else:
            self._off.update(folders)
        self.changed.emit()

    def set_filter(self, since: str, until: str, senders: tuple[str, ...]) -> None:
        """Choose a period (ISO days, both included) and parts of names or addresses."""
        if (since, until, senders) != (self.since, self.until, self.senders):
            self.since, self.until, self.senders = since, until, senders
            self._again()

    def choice(self, folders: frozenset[str] | None = None) -> Choice:
        """Give the choice for one mailbox as the service takes it."""
        from archiver.services.selection import Choice

        return Choice(folders, self.since or None, self.until or None, self.senders)

    def choices(self) -> dict[Path, Choice]:
        """Give per mailbox what is chosen; one of which nothing is chosen is left out."""
        made: dict[Path, Choice] = {}
        for box in self.boxes:
            mine = [f for f in self.folders() if f[0] == box]
            on = frozenset(name for _, name in mine if self.ticked((box, name)))
            if on:
                made[Path(box)] = self.choice(None if len(on) == len(mine) else on)
        return made

    # --- counting ----------------------------------------------------------------------------------

    def folders(self) -> list[Folder]:
        """Give every folder, the mailboxes in the order in which they were opened."""
        found = {*self._outline, *self.of_folder}
        order = {box: place for place, box in enumerate(self.boxes)}
        return sorted(found, key=lambda f: (order.get(f[0], 0), f[1].casefold(), f[1]))

    @property
    def filtered(self) -> bool:
        """Tell whether a period or sender is asked."""
        return bool(self.since or self.until or self.senders)

    @property
    def counting(self) -> bool:
        """Tell whether the counts are not those of the choice yet."""
        return self._at < len(self.mails)

    def total(self, folder: Folder) -> int:
        """Count the messages of a folder, as far as is known."""
        return max(self._outline.get(folder, 0), len(self.of_folder.get(folder, ())))

    def already(self, folder: Folder) -> int:
        """Count those that are secured."""
        return self._had_n[folder]

    def chosen(self, folder: Folder) -> int:
        """Count those that go along."""
        if not self.ticked(folder):
            return 0
        if self.filtered or self.whole:
            return self._fits[folder]
        return self.total(folder) - self._had_n[folder] - self._bad[folder]

    def numbers(self) -> tuple[int, int, int, int]:
        """Give how many go along, stay behind, are secured already, and there are in total."""
        every = self.folders()
        chosen = sum(self.chosen(folder) for folder in every)
        had = sum(self._had_n.values())
        total = sum(self.total(folder) for folder in every)
        return chosen, total - chosen - had, had, total

    def state(self, mail: Mail) -> tuple[str, str, str]:
        """Give icon, ink and word of what will be, or became, of a message."""
        key = (mail.path, mail.index)
        fate = self.fates.get(key)
        if fate is None:
            if mail.trouble:
                fate = "geweigerd"
            elif key in self.had:
                fate = "eerder"
            else:
                fate = "mee" if self.ticked(mail.place) and self._holds(mail) else "achter"
        return (*_STATES[fate], t(f"postvak.uitkomst.{fate}"))

    def why(self, mail: Mail) -> str:
        """Say why a message stays behind; empty when it does not."""
        if mail.trouble:
            return finding_text(mail.trouble[0])
        if (mail.path, mail.index) in self.had:
            return ""
        if not self.ticked(mail.place):
            return t("postvak.waarom.map")
        if self._holds(mail):
            return ""
        day = (mail.date or "")[:10]
        inside = (not self.since or day >= self.since) and (
            not self.until or "" < day <= self.until
        )
        return t("postvak.waarom.afzender" if inside else "postvak.waarom.periode")

    def _holds(self, mail: Mail) -> bool:
        return self._choice.holds(mail.folder, mail.date, mail.sender)

    @property
    def _choice(self) -> Choice:
        if self._made is None:
            self._made = self.choice()
        return self._made

    def _again(self) -> None:
        self._made = None
        self._at = 0
        self._fits: Counter[Folder] = Counter()
        self._had_n: Counter[Folder] = Counter()
        self._bad: Counter[Folder] = Counter()
        self._timer.start()

    def _count_on(self) -> None:
        last = min(self._at + _SLICE, len(self.mails))
        filtered = self.filtered
        for mail in self.mails[self._at : last]:
            if mail.trouble:
                self._bad[mail.place] += 1
            elif (mail.path, mail.index) in self.had:
                self._had_n[mail.place] += 1
            elif not filtered or self._holds(mail):
                self._fits[mail.place] += 1
        self._at = last
        if last >= len(self.mails):
            self._timer.stop()
            self.changed.emit()
