"""How the messages of one delivery stand to each other, in the relation types of MDTO.

An answer "Refereert aan" what it answers or names; without ids the Thread-Index of Outlook says it. One
message of a chat that answers none "Refereert aan" the first of its chat.
MDTO has no word for copies: of two with one Message-ID and other bytes the later "Is een versie van"
the earlier. Of a message in pieces the first "Heeft nodig" the others. A relation only leads to what
is in the same delivery, and never comes from an equal subject.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archiver.export import describe
from archiver.links import ROOT_HEX, answered, bare, chat_of, known_as, piece_of
from archiver.model import EmailMessage, Item
from metadata import begrippen
from metadata.mdto import GerelateerdInformatieobjectGegevens, Informatieobject

Relation = GerelateerdInformatieobjectGegevens
_Mail = tuple[Item, EmailMessage, Informatieobject]
_STEP_HEX = 10  # every answer in Outlook adds 5 bytes to the Thread-Index
_MOST_COPIES = 50  # that are looked at for the nearest


def relations(given: Sequence[tuple[Item, Informatieobject]]) -> list[tuple[Relation, ...]]:
    """Give the relations of each object, in the order given.

    A conversation that was read from an opened backup "Is een versie van" the sealed original.
    """
    mails = [(i, i.record, obj) for i, obj in given if isinstance(i.record, EmailMessage)]
    by_id: dict[str, list[_Mail]] = {}
    by_index: dict[str, list[_Mail]] = {}
    by_chat: dict[str, list[_Mail]] = {}
    pieces: dict[str, list[_Mail]] = {}
    for mail in mails:
        record = mail[1]
        if known := known_as(record):
            by_id.setdefault(known, []).append(mail)
        if chat := chat_of(record):
            by_chat.setdefault(chat, []).append(mail)
        if record.thread_index:
            by_index.setdefault(record.thread_index, []).append(mail)
        if piece := piece_of(record):
            pieces.setdefault(piece[0], []).append(mail)
    for group in pieces.values():
        group.sort(key=lambda mail: (piece_of(mail[1]) or ("", 0))[1])
    found: dict[str, tuple[Relation, ...]] = {}
    for mail in mails:
        piece = piece_of(mail[1])
        whole = (
            *_answers(mail, by_id, by_index, by_chat.get(chat_of(mail[1]), [])),
            *_versions(mail, by_id.get(known_as(mail[1]), [])),
            *_needs(mail, pieces[piece[0]] if piece else []),
        )
        found[mail[0].id] = tuple(dict.fromkeys(whole))
    found |= _opened(given)
    return [found.get(item.id, ()) for item, _ in given]


def _answers(
    mail: _Mail,
    by_id: dict[str, list[_Mail]],
    by_index: dict[str, list[_Mail]],
    chat: Sequence[_Mail],
) -> Iterator[Relation]:
    _, record, own = mail
    named = dict.fromkeys((*map(bare, record.references), answered(record.in_reply_to)))
    if chat and record.post is not None and record.post.parent:
        named[f"{chat_of(record)}/{record.post.parent}"] = None
    groups = [by_id[name] for name in named if name in by_id]
    index = record.thread_index or ""
    if chat:
        groups = groups or [list(chat[:1])]
    elif not groups and len(index) > ROOT_HEX:
        groups = [by_index.get(index[:-_STEP_HEX], [])]
    for group in groups:
        target = _nearest(mail, group)
        if target is not None and target is not own:
            yield _to(target, "Refereert aan")


def _nearest(mail: _Mail, group: Sequence[_Mail]) -> Informatieobject | None:
    """Of several copies the one from the same container, else from the same mailbox, else the first."""
    item, near = mail[0], group[:_MOST_COPIES]
    beside = [obj for other, _, obj in near if other.source_id == item.source_id]
    own = [obj for other, _, obj in near if item.owner and other.owner == item.owner]
    return next(iter((*beside, *own, *(obj for _, _, obj in near[:1]))), None)


def _versions(mail: _Mail, group: Sequence[_Mail]) -> Iterator[Relation]:
    first = group[0] if group else mail
    if mail is first:
        others = (other for other in group if other[1].sha256 != first[1].sha256)
        yield from (_to(other[2], "Heeft Versie") for other in others)
    elif mail[1].sha256 != first[1].sha256:
        yield _to(first[2], "Is een versie van")


def _needs(mail: _Mail, group: Sequence[_Mail]) -> Iterator[Relation]:
    if len(group) < 2:
        return
    if mail is group[0]:
        yield from (_to(other[2], "Heeft nodig") for other in group[1:])
    else:
        yield _to(group[0][2], "Is vereist door")


def _opened(given: Sequence[tuple[Item, Informatieobject]]) -> dict[str, tuple[Relation, ...]]:
    sealed = {i.source_sha256: (i.id, obj) for i, obj in given if i.record.format == "sealed"}
    found: dict[str, tuple[Relation, ...]] = {}
    for item, obj in given:
        for finding in item.record.findings:
            original = sealed.get(str(finding.params.get("sha256")))
            if finding.code == "chat.ontsleuteld" and original is not None:
                found[item.id] = (_to(original[1], "Is een versie van"),)
                there = found.get(original[0], ())
                found[original[0]] = (*there, _to(obj, "Heeft Versie"))
    return found


def _to(target: Informatieobject, label: str) -> Relation:
    return Relation(describe.reference(target), begrippen.relatie(label))
