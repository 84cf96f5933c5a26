"""What a package says of a conversation beyond its own export: who is who, and what it repeats."""

from __future__ import annotations

from archiver.export.gesprek_delen import ConversationAccount, PartAccount
from archiver.model import Item
from archiver.progress import Progress
from archiver.services import people
from archiver.services.archive import Archive
from archiver.services.conversation_parts import linked
from archiver.services.conversation_view import conversation_view


def account_of(archive: Archive, item: Item, progress: Progress) -> ConversationAccount:
    """Give who someone decided the participants are, and what an earlier export has too.

    Linked exports are read and laid over each other for that. Raises `RuleRefused` for a mail.
    """
    seen = people.seen_in(archive, item.id)
    persons = {s.participant.name: s.person.naam for s in seen if s.person is not None}
    if not linked(item):
        return ConversationAccount(persons)
    view = conversation_view(archive, item.id, progress)
    share = next(s for s in view.shares() if view.exports[s.export].name == item.id)
    part = PartAccount(share.export + 1, len(view.exports), share.total, share.earlier, share.alone)
    return ConversationAccount(persons, part)
