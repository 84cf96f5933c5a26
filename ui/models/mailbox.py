"""What is chosen of the mailboxes that are open: folders, period, senders, and the counts of it.

A message with labels of Gmail is in several folders and counts once. As long as all was chosen, a folder
that is left out leaves out all that is in it; as soon as nothing was chosen, a folder that is chosen takes
along all that is in it. For messages in one folder both are the same.

Counting goes in slices from the event loop: half a million messages do not hold the window up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from ui.operations.mailbox_core import Batch, Folder, Group, Mail
from ui.words import finding_text, t

if TYPE_CHECKING:
    from archiver.services.selection import Choice

_SLICE = 3_000
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
        self.groups: dict[Group, list[Mail]] = {}  # messages that are in the same folders
        self.fates: dict[tuple[str, int], str] = {}
        self.had: set[tuple[str, int]] = set()
        self.whole = False  # all messages are read: the counts are exact
        self.since = self.until = ""
        self.senders: tuple[str, ...] = ()
        self._outline: dict[Group, int] = {}
        self._names: set[Folder] = set()
        self._off: set[Folder] = set()
        self._only: set[str] = (
            set()
        )  # mailboxes of which nothing was chosen: what is ticked goes along
        self._again()

    # --- what comes --------------------------------------------------------------------------------

    def open(self, box: str) -> None:
        """Begin a mailbox, or begin it again; messages of all mailboxes will come anew."""
        if box not in self.boxes:
            self.boxes.append(box)
        self._outline = {g: n for g, n in self._outline.items() if g[0] != box}
        self.forget_mails()
        self.boxes_changed.emit()

    def forget_mails(self) -> None:
        """Messages will be read again."""
        self.mails, self.groups, self.whole = [], {}, False
        self.had, self.fates = set(), {}
        self._name_again()
        self._again()

    def counted(self, counts: Iterable[tuple[str, tuple[str, ...], int]]) -> None:
        """Take the number so far of messages that are in the same folders."""
        fresh: list[Group] = []
        for box, folders, number in counts:
            if (box, folders) not in self._outline:
                fresh.append((box, folders))
            self._outline[box, folders] = number
        self._meet(fresh)
        self.changed.emit()

    def _meet(self, fresh: list[Group]) -> None:
        """Take groups that are new; where nothing was chosen a new folder is not chosen either."""
        found = {(box, name) for box, names in fresh for name in names} - self._names
        if found:
            self._off |= {folder for folder in found if folder[0] in self._only}
            self._names |= found
            self.boxes_changed.emit()

    def _name_again(self) -> None:
        self._names = {(box, name) for box, names in self.all_groups() for name in names}

    def add(self, batch: Batch) -> None:
        """Take messages."""
        fresh: list[Group] = []
        for mail in batch.mails:
            if mail.group not in self.groups:
                self.groups[mail.group] = []
                if mail.group not in self._outline:
                    fresh.append(mail.group)
            self.groups[mail.group].append(mail)
        self.mails += batch.mails
        if batch.had:
            self.had |= batch.had
            self._again()
        self._meet(fresh)
        self._timer.start()
        self.grew.emit()

    def all_read(self) -> None:
        """All messages are there; folders that turned out to hold none go."""
        self.whole = True
        self._outline = {}
        self._name_again()
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
        for box in self.boxes:
            ticks = {folder not in self._off for folder in self.folders() if folder[0] == box}
            if ticks == {False}:
                self._only.add(box)
            elif ticks == {True}:
                self._only.discard(box)
        self.changed.emit()

    def set_filter(self, since: str, until: str, senders: tuple[str, ...]) -> None:
        """Choose a period (ISO days, both included) and parts of names or addresses."""
        if (since, until, senders) != (self.since, self.until, self.senders):
            self.since, self.until, self.senders = since, until, senders
            self._again()

    def choice(
        self, folders: frozenset[str] | None = None, without: frozenset[str] = frozenset()
    ) -> Choice:
        """Give the choice for one mailbox as the service takes it."""
        from archiver.services.selection import Choice

        return Choice(folders, without, self.since or None, self.until or None, self.senders)

    def choices(self) -> dict[Path, Choice]:
        """Give per mailbox what is chosen; one of which nothing is chosen is left out."""
        made: dict[Path, Choice] = {}
        for box in self.boxes:
            mine = [f for f in self.folders() if f[0] == box]
            on = frozenset(name for _, name in mine if self.ticked((box, name)))
            off = frozenset(name for _, name in mine) - on
            if on:
                chosen = self.choice(on) if box in self._only else self.choice(without=off)
                made[Path(box)] = chosen
        return made

    # --- counting ----------------------------------------------------------------------------------

    def folders(self) -> list[Folder]:
        """Give every folder, the mailboxes in the order in which they were opened."""
        order = {box: place for place, box in enumerate(self.boxes)}
        return sorted(self._names, key=lambda f: (order.get(f[0], 0), f[1].casefold(), f[1]))

    def all_groups(self) -> set[Group]:
        """Give every set of folders that messages are in together."""
        return {*self._outline, *self.groups}

    @property
    def labelled(self) -> bool:
        """Tell whether a message is in more than one folder: these are labels of Gmail."""
        return any(len(names) > 1 for _, names in self.all_groups())

    @property
    def filtered(self) -> bool:
        """Tell whether a period or sender is asked."""
        return bool(self.since or self.until or self.senders)

    @property
    def counting(self) -> bool:
        """Tell whether the counts are not those of the choice yet."""
        return self._at < len(self.mails)

    def total(self, group: Group) -> int:
        """Count the messages that are in these folders together, as far as is known."""
        return max(self._outline.get(group, 0), len(self.groups.get(group, ())))

    def chosen(self, group: Group) -> int:
        """Count those that go along."""
        if not self.goes(group):
            return 0
        if self.filtered or self.whole:
            return self._fits[group]
        return self.total(group) - self._had_n[group] - self._bad[group]

    def goes(self, group: Group) -> bool:
        """Tell whether messages in these folders are chosen by their folders."""
        box, names = group
        ticks = ((box, name) not in self._off for name in names)
        return any(ticks) if box in self._only else all(ticks)

    def numbers(self) -> tuple[int, int, int, int]:
        """Give how many go along, stay behind, are secured already, and there are in total."""
        every = self.all_groups()
        chosen = sum(self.chosen(group) for group in every)
        had = sum(self._had_n.values())
        total = sum(self.total(group) for group in every)
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
                fate = "mee" if self.goes(mail.group) and self._holds(mail) else "achter"
        return (*_STATES[fate], t(f"postvak.uitkomst.{fate}"))

    def why(self, mail: Mail) -> str:
        """Say why a message stays behind, or goes along though a label of it is not chosen; else empty."""
        if mail.trouble:
            return finding_text(mail.trouble[0])
        if (mail.path, mail.index) in self.had:
            return ""
        ticks = {name: self.ticked((mail.box, name)) for name in mail.folders}
        if not self.goes(mail.group):
            if len(ticks) == 1 or not any(ticks.values()):
                return t("postvak.waarom.map")
            return t("postvak.waarom.label", naam=next(n for n, on in ticks.items() if not on))
        if self._holds(mail):
            if all(ticks.values()):
                return ""
            return t("postvak.waarom.door_label", naam=next(n for n, on in ticks.items() if on))
        day = (mail.date or "")[:10]
        inside = (not self.since or day >= self.since) and (
            not self.until or "" < day <= self.until
        )
        return t("postvak.waarom.afzender" if inside else "postvak.waarom.periode")

    def _holds(self, mail: Mail) -> bool:
        return self._choice.holds(mail.folders, mail.date, mail.sender)

    @property
    def _choice(self) -> Choice:
        if self._made is None:
            self._made = self.choice()
        return self._made

    def _again(self) -> None:
        self._made = None
        self._at = 0
        self._fits: Counter[Group] = Counter()
        self._had_n: Counter[Group] = Counter()
        self._bad: Counter[Group] = Counter()
        self._timer.start()

    def _count_on(self) -> None:
        last = min(self._at + _SLICE, len(self.mails))
        filtered = self.filtered
        for mail in self.mails[self._at : last]:
            if mail.trouble:
                self._bad[mail.group] += 1
            elif (mail.path, mail.index) in self.had:
                self._had_n[mail.group] += 1
            elif not filtered or self._holds(mail):
                self._fits[mail.group] += 1
        self._at = last
        if last >= len(self.mails):
            self._timer.stop()
            self.changed.emit()
