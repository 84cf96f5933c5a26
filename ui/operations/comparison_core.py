"""Comparing as the window asks it, answered by the services; every method runs in a worker thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from archiver.model import Changes, Conversation, ItemKind
from archiver.progress import Progress

if TYPE_CHECKING:
    from archiver.model import Item
    from archiver.services.archive import Archive
    from archiver.services.comparison import Compared, OtherExport
    from archiver.services.people import Label, Person, Seen

MOST = 200  # conversations to choose from


@dataclass(frozen=True, slots=True)
class Candidate:
    """A secured conversation to compare with. `how` is gekoppeld, lijkt (on it) or ander.

    `shared` of `of` messages that say enough are the same; both 0 when that was not looked at.
    """

    id: str
    title: str
    owner: str | None
    first: str | None
    last: str | None
    count: int
    how: str = "ander"
    shared: int = 0
    of: int = 0


@dataclass(frozen=True, slots=True)
class WhoRow:
    """A participant to link to a person; of two exports that are laid side by side one row for both.

    `kind` is naam, nummer, e-mail or account; `hint` another label that has the same number or address.
    """

    labels: tuple[Label, ...]
    words: str
    kind: str
    scope: str
    naam: str = ""
    decided_by: str = ""
    decided_at: str = ""
    hint: str = ""


Naming = tuple[tuple["Label", ...], str, str | None]  # labels, name (empty: nobody), id of a person


class Comparing(Protocol):
    """Everything that comparing asks of the core."""

    def candidates(self, item_id: str) -> tuple[Candidate, ...]:
        """Give this conversation, then those to compare it with: linked, same title, others."""

    def alike(self, item_id: str, progress: Progress) -> tuple[Candidate, ...]:
        """Give what looks like another export of it; reads messages, links nothing."""

    def compare(self, left: str, right: str, progress: Progress) -> Compared:
        """Lay two secured conversations side by side."""

    def link(self, left: str, right: str, reason: str, progress: Progress) -> Changes:
        """Record that they are exports of one conversation."""

    def unlink(self, left: str, right: str, reason: str, progress: Progress) -> Changes:
        """Record that they are not."""

    def who(self, ids: Sequence[str]) -> tuple[tuple[WhoRow, ...], tuple[Person, ...]]:
        """Give the participants of these conversations, and every person that is known."""

    def link_persons(self, namings: Sequence[Naming], reason: str) -> Changes:
        """Record whose labels these are, or that they are nobody's."""


class ArchiveComparing:
    """Comparing in one opened work folder."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def candidates(self, item_id: str) -> tuple[Candidate, ...]:
        """Give this conversation, then those to compare it with: linked, same title, others."""
        from archiver.services import conversation_parts as parts

        own, others = parts.conversations_beside(self._archive, item_id)
        known = set(parts.linked(own))
        title = own.title.casefold()
        found = [
            _candidate(other, "gekoppeld" if other.id in known else "ander") for other in others
        ]
        found.sort(key=lambda c: (c.how != "gekoppeld", c.title.casefold() != title))
        return (_candidate(own), *found[:MOST])

    def alike(self, item_id: str, progress: Progress) -> tuple[Candidate, ...]:
        """Give what looks like another export of it; of a mail nothing does."""
        from archiver.services import overview
        from archiver.services.comparison import other_exports

        if overview.item(self._archive, item_id).kind is not ItemKind.CONVERSATION:
            return ()
        found = other_exports(self._archive, item_id, progress)
        return tuple(_alike(self._archive, other) for other in found)

    def compare(self, left: str, right: str, progress: Progress) -> Compared:
        """Lay two secured conversations side by side."""
        from archiver.services.comparison import CompareExports, compare_exports

        (found,) = compare_exports(lambda: self._archive, CompareExports(left, right), progress)
        return found

    def link(self, left: str, right: str, reason: str, progress: Progress) -> Changes:
        """Record that they are exports of one conversation."""
        from archiver.services.conversation_parts import LinkExports, link_exports

        return link_exports(self._archive, LinkExports(left, right, reason), progress)

    def unlink(self, left: str, right: str, reason: str, progress: Progress) -> Changes:
        """Record that they are not."""
        from archiver.services.conversation_parts import UnlinkExports, unlink_exports

        return unlink_exports(self._archive, UnlinkExports(left, right, reason), progress)

    def who(self, ids: Sequence[str]) -> tuple[tuple[WhoRow, ...], tuple[Person, ...]]:
        """Give the participants of these conversations, and every person that is known."""
        from archiver.services import people

        hints: dict[str, str] = {}
        for same in people.suggestions(self._archive):
            for label in same.labels:
                other = next(x for x in same.labels if x.key != label.key)
                hints[label.key] = other.label
        rows: dict[str, WhoRow] = {}
        for item_id in ids:
            for seen in people.seen_in(self._archive, item_id):
                rows.setdefault(seen.label.key, _who(seen, hints.get(seen.label.key, "")))
        return tuple(rows.values()), people.people(self._archive)

    def link_persons(self, namings: Sequence[Naming], reason: str) -> Changes:
        """Record whose labels these are, or that they are nobody's."""
        from archiver.services import people

        changed: list[str] = []
        made: dict[str, str] = {}
        for labels, name, person in namings:
            if name:
                command = people.LinkPerson(labels, name, reason, person or made.get(name))
                changes = people.link_person(self._archive, command)
                made[name] = changes.ids[0]
            else:
                changes = people.unlink_person(self._archive, people.UnlinkPerson(labels, reason))
            changed += changes.ids
        return Changes("persons", tuple(changed))


def _who(seen: Seen, hint: str) -> WhoRow:
    decided = seen.decided
    return WhoRow(
        (seen.label,),
        seen.participant.name or seen.participant.id,
        seen.label.kind,
        "" if seen.label.scope.startswith("#") else seen.label.scope,
        seen.person.naam if seen.person else "",
        decided.actor if decided else "",
        decided.at if decided else "",
        hint,
    )


def _candidate(item: Item, how: str = "", seen: Sequence[int] = (0, 0)) -> Candidate:
    record = item.record
    assert isinstance(record, Conversation)
    return Candidate(
        item.id,
        item.title,
        item.owner,
        record.first,
        record.last,
        record.message_count,
        how,
        seen[0],
        seen[1],
    )


def _alike(archive: Archive, other: OtherExport) -> Candidate:
    from archiver.services import overview

    seen = other.recognition.overlap
    return _candidate(overview.item(archive, other.id), "lijkt", (seen.shared, seen.of))
