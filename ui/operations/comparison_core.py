"""Comparing as the window asks it, answered by the services; every method runs in a worker thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from archiver.model import Changes, Conversation, ItemKind
from archiver.progress import Progress
from ui.operations.conversation_core import WholeConversation, whole_conversation

if TYPE_CHECKING:
    from archiver.model import Item
    from archiver.services.archive import Archive
    from archiver.services.comparison import Compared, FileConversation, OtherExport, Subject
    from archiver.services.people import Label, Person, Seen

MOST = 200  # conversations to choose from


@dataclass(frozen=True, slots=True)
class Candidate:
    """A conversation to compare with. `how` it stands to the one that is asked about:

    gekoppeld, via (linked through another), lijkt (looks like it), ander, or bestand: not secured, its
    id is that of `file_id`. `shared` of `of` messages that say enough are the same; both 0 when that was
    not looked at.
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

    def candidates(
        self, subject: Subject, desk: Sequence[FileConversation] = ()
    ) -> tuple[Candidate, ...]:
        """Give this conversation, then those to compare it with: linked, same title, others.

        `desk` are those that are not secured.
        """

    def alike(self, subject: Subject, progress: Progress) -> tuple[Candidate, ...]:
        """Give what looks like another export of it; reads messages, links nothing."""

    def compare(self, left: Subject, right: Subject, progress: Progress) -> Compared:
        """Lay two conversations side by side."""

    def whole(self, item_id: str, progress: Progress) -> WholeConversation:
        """Give the conversation out of all its exports, each message once."""

    def link(self, left: str, right: str, reason: str, progress: Progress) -> Changes:
        """Record that they are exports of one conversation."""

    def unlink(self, left: str, right: str, reason: str, progress: Progress) -> Changes:
        """Record that they are not."""

    def link_secured(
        self, ids: Sequence[str], one: FileConversation, other: str, reason: str, progress: Progress
    ) -> Changes | None:
        """Link what became of a conversation of a file; None when it is not among these items."""

    def who(self, ids: Sequence[str]) -> tuple[tuple[WhoRow, ...], tuple[Person, ...]]:
        """Give the participants of these conversations, and every person that is known."""

    def link_persons(self, namings: Sequence[Naming], reason: str) -> Changes:
        """Record whose labels these are, or that they are nobody's."""


class ArchiveComparing:
    """Comparing in one opened work folder."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def candidates(
        self, subject: Subject, desk: Sequence[FileConversation] = ()
    ) -> tuple[Candidate, ...]:
        """Give this conversation, then those to compare it with: linked, same title, others."""
        from archiver.services import conversation_parts as parts

        known: set[str] = set()
        via: tuple[str, ...] = ()
        if isinstance(subject, str):
            item, others = parts.conversations_beside(self._archive, subject)
            known, via = set(parts.linked(item)), parts.parts_ids(self._archive, subject)
            own, platform = _candidate(item), parts.conversation_of(item).platform
        else:
            own, platform = _of_file(subject), subject.record.platform
            others = parts.conversations_of(self._archive, platform)
        found = [
            _candidate(
                other,
                "gekoppeld" if other.id in known else "via" if other.id in via else "ander",
            )
            for other in others
        ]
        found += [_of_file(one) for one in desk if one.record.platform == platform]
        found = [one for one in found if one.id != own.id]
        title = own.title.casefold()
        order = {"gekoppeld": 0, "via": 1}
        found.sort(key=lambda c: (order.get(c.how, 2), c.title.casefold() != title))
        return (own, *found[:MOST])

    def alike(self, subject: Subject, progress: Progress) -> tuple[Candidate, ...]:
        """Give what looks like another export of it; of a mail nothing does."""
        from archiver.services import overview
        from archiver.services.comparison import other_exports

        stored = overview.item(self._archive, subject) if isinstance(subject, str) else None
        if stored is not None and stored.kind is not ItemKind.CONVERSATION:
            return ()
        found = other_exports(self._archive, subject, progress)
        return tuple(_alike(self._archive, other) for other in found)

    def compare(self, left: Subject, right: Subject, progress: Progress) -> Compared:
        """Lay two conversations side by side."""
        from archiver.services.comparison import CompareExports, compare_exports

        (found,) = compare_exports(lambda: self._archive, CompareExports(left, right), progress)
        return found

    def whole(self, item_id: str, progress: Progress) -> WholeConversation:
        """Give the conversation out of all its exports, each message once."""
        return whole_conversation(self._archive, item_id, progress)

    def link(self, left: str, right: str, reason: str, progress: Progress) -> Changes:
        """Record that they are exports of one conversation."""
        from archiver.services.conversation_parts import LinkExports, link_exports

        return link_exports(self._archive, LinkExports(left, right, reason), progress)

    def unlink(self, left: str, right: str, reason: str, progress: Progress) -> Changes:
        """Record that they are not."""
        from archiver.services.conversation_parts import UnlinkExports, unlink_exports

        return unlink_exports(self._archive, UnlinkExports(left, right, reason), progress)

    def link_secured(
        self, ids: Sequence[str], one: FileConversation, other: str, reason: str, progress: Progress
    ) -> Changes | None:
        """Link what became of a conversation of a file; None when it is not among these items."""
        from archiver.services import overview

        for item_id in ids:
            item = overview.item(self._archive, item_id)
            if item.kind is ItemKind.CONVERSATION and item.index == one.record.index:
                return self.link(item_id, other, reason, progress)
        return None

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


def file_id(path: object, index: int) -> str:
    """Name a conversation of a file that is not secured; no item has such an id."""
    return f"bestand:{index}:{path}"


def _of_file(one: FileConversation) -> Candidate:
    from archiver.services import questions
    from archiver.services.appraise import title_of

    record = one.record
    return Candidate(
        file_id(one.path, record.index),
        title_of(record),
        questions.owner_of(record, None),
        record.first,
        record.last,
        record.message_count,
        "bestand",
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
