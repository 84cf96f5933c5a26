"""A message that was sent in pieces (message/partial), put together when all pieces are there.

Each piece is an item with its own bytes; the whole is derived from them and made again each time.
"""

from __future__ import annotations

from dataclasses import dataclass

from archiver.intake import partial
from archiver.intake.mime import read_message
from archiver.intake.protocol import Limits
from archiver.links import key, piece_of
from archiver.model import EmailMessage, Item, Span
from archiver.services.archive import Archive
from archiver.services.reading import message_bytes
from archiver.store import items, links

_MOST = 2_000  # items that carry one id; a message has no more pieces than that


@dataclass(frozen=True, slots=True)
class Pieces:
    """What is here of a message in pieces: `number` is which one the item is, `total` how many there are.

    `total` is None when no piece that is here says it. `missing` are the numbers that are not here,
    `conflicting` those that are here with different content: then nobody can say which is right.
    `too_large`: together they are more than a message may be, so their content was not looked at.
    `items` are the ids of the pieces that are here.
    """

    number: int
    total: int | None
    present: tuple[int, ...]
    missing: tuple[int, ...]
    conflicting: tuple[int, ...]
    too_large: bool = False
    items: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """True when the message can be put together."""
        return self.state == "heel"

    @property
    def state(self) -> str:
        """Heel, te_groot, tegenspraak or onvolledig: the last part of the key of its text."""
        if self.too_large:
            return "te_groot"
        if self.conflicting:
            return "tegenspraak"
        return "onvolledig" if self.missing or self.total is None else "heel"


@dataclass(frozen=True, slots=True)
class Joined:
    """The message that the pieces make: derived bytes and what is in them."""

    raw: bytes
    record: EmailMessage


def pieces_of(archive: Archive, item: Item) -> tuple[Pieces, Joined | None] | None:
    """Give what is here of the message this item is a piece of; None when it is a message of its own.

    Raises `StoreDamaged` when the vault does not give the bytes that were secured.
    """
    own = piece_of(item.record) if isinstance(item.record, EmailMessage) else None
    if own is None:
        return None
    limits = Limits()
    others = _others(archive, own[0])
    too_large = sum(other.record.size for other in others) > limits.message_bytes
    bodies: dict[int, dict[bytes, bytes]] = {}
    firsts: list[bytes] = []
    totals: set[int] = set()
    for other in others:
        found = piece_of(other.record) if isinstance(other.record, EmailMessage) else None
        if found is None:
            continue
        _, number, total = found
        totals |= {total} if total is not None else set()
        if too_large:
            bodies.setdefault(number, {})
            continue
        raw = message_bytes(archive, other)
        bodies.setdefault(number, {}).setdefault(partial.body_of(raw, limits), raw)
        if number == 1:
            firsts.append(raw)
    # Pieces that do not agree on how many there are: the largest number asks for the most.
    total = max(totals, default=None)
    wanted = range(1, (total or 0) + 1)
    pieces = Pieces(
        number=own[1],
        total=total,
        present=tuple(sorted(bodies)),
        missing=tuple(n for n in wanted if n not in bodies),
        conflicting=tuple(n for n, found in sorted(bodies.items()) if len(found) > 1),
        too_large=too_large,
        items=tuple(other.id for other in others),
    )
    if not pieces.whole:
        return pieces, None
    raw = partial.join(firsts[0], [next(iter(bodies[n])) for n in wanted], limits)
    span = Span(0, len(raw))
    return pieces, Joined(raw, read_message(raw, format="eml", index=0, span=span, limits=limits))


def _others(archive: Archive, name: str) -> list[Item]:
    with archive.register.read() as tx:
        ids = links.holding(tx, key(f"stuk:{name}"), _MOST)
        found = [items.get(tx, one) for one in ids]
    return sorted(found, key=lambda item: item.id)
