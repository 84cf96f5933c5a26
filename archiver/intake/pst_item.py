"""One item of a .pst or .ost as a derived .eml: header, texts, attachments, attached messages.

[MS-PST] section 2.4 and the property names of [MS-OXPROPS]. A store keeps no original message; what it keeps
of the header as it travelled goes into the derived message as it stands.
"""

from __future__ import annotations

import binascii
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from archiver.errors import InputRefused
from archiver.findings import Finding, Severity
from archiver.intake import derived_mail as mail
from archiver.intake import pst_values as v
from archiver.intake import teams_items
from archiver.intake.protocol import Limits
from archiver.intake.pst_fields import fields_of, names_of, post_fields, value_of
from archiver.intake.pst_heap import Properties, table_rows
from archiver.intake.pst_store import ATTACHMENT, Damaged, Node, Store
from archiver.intake.rtf import Rich, convert, decompress
from archiver.model import Address, ChatPost

_RECIPIENTS = 0x692
_OF_A_PERSON = (v.RECIPIENT_TYPE, v.DISPLAY_NAME, v.EMAIL_ADDRESS, v.SMTP_ADDRESS)
_SIGNED_CLASS = "smime.multipartsigned"
_REPORT_TEXT = 0x1001
_MAX_RTF = 4 * 1024 * 1024  # bytes of unpacked RTF that are turned to text


@dataclass(frozen=True, slots=True)
class DerivedItem:
    """The derived mail of an item and what is to be said about it; `delivered` is in UTC.

    `post` is set when the item is one message of a chat.
    """

    mail: mail.Derived
    item_class: str
    thread_index: str | None
    post: ChatPost | None
    delivered: datetime | None
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class _Budget:
    """What one message may cost, the messages attached to it included."""

    limits: Limits
    parts: int = 0
    size: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def most(self) -> int:
        """Bytes in all: an item takes three times its files while the mail derived from it is read."""
        return min(self.limits.message_bytes, self.limits.memory_bytes // 4)

    def spend(self, size: int) -> None:
        self.parts += 1
        self.size += size
        if self.parts > self.limits.parts or self.size > self.most:
            grens = f"{self.most // 1_000_000} MB"
            raise InputRefused("pst.deel_te_groot", {"grens": grens})

    def say(self, code: str, severity: Severity = Severity.LET_OP, **params: str | int) -> None:
        self.findings.append(Finding(code, params, severity=severity))


def derive(store: Store, node: Node, limits: Limits) -> DerivedItem:
    """Write the .eml of one item. Raises `InputRefused` when its properties cannot be read at all."""
    budget = _Budget(limits)
    item = Properties.of(store, node)
    source = f"item {node.nid:#x}"
    written = _message(store, item, budget, 0, source)
    item_class = item.text(v.MESSAGE_CLASS) or ""
    raw = item.raw(v.CONVERSATION_INDEX, 4096)
    index = raw.hex() if raw else None
    posts = post_fields(names_of(store))
    return DerivedItem(
        written,
        item_class,
        index,
        teams_items.post_of(posts, partial(value_of, item), item_class, index),
        item.time(v.DELIVERY_TIME),
        tuple(budget.findings),
    )


def _message(
    store: Store, item: Properties, budget: _Budget, depth: int, source: str
) -> mail.Derived:
    kept = item.text(v.TRANSPORT_HEADERS) or ""
    recipients = list(_recipients(store, item, budget))
    plain, html = _texts(item, budget)
    budget.spend(len(plain or "") + (len(html[0]) if html else 0))
    pieces = list(_pieces(store, item, budget, depth, html[0] if html else b"", source))
    draft = mail.Draft(
        fields=list(_fields(item, recipients, source)),
        kept=kept,
        plain=plain,
        html=html,
        pieces=pieces,
        entity=_signed_entity(item, pieces),
    )
    strangers = sum(address.address is None for _, address in recipients)
    if strangers:
        budget.say("pst.adres_zonder_smtp", Severity.INFO, n=strangers)
    if item.broken:
        numbers = " ".join(f"{n:04x}" for n in sorted(item.broken)[:20])
        budget.say("pst.eigenschap_stuk", n=len(item.broken), nummers=numbers)
    written = mail.compose(draft)
    budget.size += len(written.raw) if depth else 0
    return written


def _fields(
    item: Properties, recipients: list[tuple[int, Address]], source: str
) -> Iterator[tuple[str, str]]:
    item_class = item.text(v.MESSAGE_CLASS) or ""
    sent = item.time(v.CLIENT_SUBMIT_TIME) or item.time(v.DELIVERY_TIME)
    if sent is not None:
        yield "Date", mail.date_field(sent)
    sender, author = _person(item, v.SENDER), _person(item, v.REPRESENTING)
    if author or sender:
        yield "From", mail.address_field([one for one in (author or sender,) if one])
    if author and sender and author.address != sender.address:
        yield "Sender", mail.address_field([sender])
    for kind, name, shown in (
        (1, "To", v.DISPLAY_TO),
        (2, "Cc", v.DISPLAY_CC),
        (3, "Bcc", v.DISPLAY_BCC),
    ):
        people = [address for number, address in recipients if number & 0xF == kind]
        if not people and (names := item.text(shown)):
            people = [Address(one.strip(), None) for one in names.split(";") if one.strip()]
        if people:
            yield name, mail.address_field(people)
    yield "Subject", mail.text_field(_subject(item))
    for name, number in (
        ("Message-ID", v.INTERNET_MESSAGE_ID),
        ("In-Reply-To", v.IN_REPLY_TO),
        ("References", v.REFERENCES),
        ("Thread-Topic", v.CONVERSATION_TOPIC),
    ):
        if value := item.text(number):
            yield name, mail.text_field(value)
    if index := item.raw(v.CONVERSATION_INDEX, 4096):
        yield "Thread-Index", binascii.b2a_base64(index, newline=False).decode()
    yield "X-Outlook-Item-Class", mail.text_field(item_class)
    if not item_class.upper().startswith(("IPM.NOTE", "REPORT.")):
        for name, value in fields_of(item, names_of(item.heap.store)):
            yield name, mail.text_field(value)
    yield "X-Derived-From", f"Outlook store, {source}"


def _subject(item: Properties) -> str:
    subject = item.text(v.SUBJECT) or item.text(v.NORMALIZED_SUBJECT) or ""
    # A first character 1 says that the second is the length of the prefix ("Re: "), not text.
    return subject[2:] if subject.startswith("\x01") else subject


def _person(item: Properties, numbers: tuple[int, int, int]) -> Address | None:
    name, address, smtp = (item.text(number) for number in numbers)
    return _address(name, address, smtp)


def _address(name: str | None, address: str | None, smtp: str | None) -> Address | None:
    """An Exchange path (/o=...) is no e-mail address: then the name is all there is."""
    known = smtp if smtp and "@" in smtp else None
    if known is None and address and "@" in address and not address.startswith("/"):
        known = address
    shown = (name or "").strip().strip("'\"")
    if shown == known:
        shown = ""
    if not shown and known is None and address:
        shown = address
    return Address(shown or None, known) if shown or known else None


def _recipients(store: Store, item: Properties, budget: _Budget) -> Iterator[tuple[int, Address]]:
    broken = False
    try:
        node = item.heap.subnodes.get(_RECIPIENTS)
        if node is None:
            return
        for row in table_rows(store, node, _OF_A_PERSON, item.charset):
            address = _address(
                row.text(v.DISPLAY_NAME), row.text(v.EMAIL_ADDRESS), row.text(v.SMTP_ADDRESS)
            )
            broken = broken or bool(row.broken)
            if address is not None:
                yield row.integer(v.RECIPIENT_TYPE) or 0, address
    except Damaged:
        broken = True
    if broken:
        budget.say("pst.geadresseerden_stuk")


def _texts(item: Properties, budget: _Budget) -> tuple[str | None, tuple[bytes, str] | None]:
    plain = item.text(v.BODY)
    html: tuple[bytes, str] | None = None
    if v.HTML in item:
        text = item.text(v.HTML)
        data = text.encode("utf-8", "replace") if text is not None else item.raw(v.HTML) or b""
        charset = "utf-8" if text is not None else v.charset_of(item.integer(v.INTERNET_CODE_PAGE))
        html = (data.rstrip(b"\0"), charset or "utf-8") if data else None
    if not plain and html is None:
        plain = item.text(_REPORT_TEXT) or plain
        if not plain and (rich := _rich(item, budget)) is not None:
            if rich.html:
                return None, (rich.html.encode("utf-8", "replace"), "utf-8")
            plain = rich.text
    return plain, html


def _rich(item: Properties, budget: _Budget) -> Rich | None:
    """The body that exists as RTF only. Bounded by size, not by time: the same item, the same bytes."""
    packed = item.raw(v.RTF)
    if not packed:
        return None
    rtf = decompress(packed, _MAX_RTF)
    if not rtf:
        budget.say("pst.rtf_stuk")
        return None
    budget.say("pst.rtf_tekst", Severity.INFO)
    return convert(rtf, seconds=float("inf"))


def _pieces(
    store: Store, item: Properties, budget: _Budget, depth: int, html: bytes, source: str
) -> Iterator[mail.Piece]:
    try:
        nodes = [n for nid, n in sorted(item.heap.subnodes.items()) if nid & 0x1F == ATTACHMENT]
    except Damaged:
        budget.say("pst.bijlagen_stuk")
        return
    for number, node in enumerate(nodes, 1):
        try:
            attachment = Properties.of(store, node, item.charset)
            yield _piece(store, attachment, budget, depth, html, f"{source}, attachment {number}")
        except Damaged:
            # The place stays: an attachment that cannot be read is said to be so, never left out.
            budget.spend(0)
            budget.say("pst.bijlage_stuk", nummer=number, naam="")
            yield mail.Piece(b"", f"bijlage {number}")


def _piece(
    store: Store, attachment: Properties, budget: _Budget, depth: int, html: bytes, source: str
) -> mail.Piece:
    method = attachment.integer(v.ATTACH_METHOD) or 0
    name = (
        attachment.text(v.ATTACH_LONG_FILENAME)
        or attachment.text(v.ATTACH_FILENAME)
        or attachment.text(v.DISPLAY_NAME)
    )
    inner = attachment.object_node(v.ATTACH_DATA)
    if method == v.EMBEDDED and inner is not None:
        if depth + 1 >= budget.limits.depth:
            budget.say("mail.te_diep", grens=budget.limits.depth)
            return mail.Piece(b"", name)
        message = Properties.of(store, inner)
        raw = _message(store, message, budget, depth + 1, source).raw
        budget.spend(0)
        return mail.Piece(raw, name, "message/rfc822", is_message=True)
    if inner is not None:
        data: bytes | None = store.data(inner.data, budget.most)
    else:
        data = attachment.raw(v.ATTACH_DATA, budget.most)
    if data is None:
        where = attachment.text(v.ATTACH_LONG_PATHNAME) or attachment.text(v.ATTACH_PATHNAME)
        if method in (*v.BY_REFERENCES, v.BY_WEB) and where:
            budget.say("pst.bijlage_verwijzing", naam=name or "", plaats=where[:500])
        elif attachment.broken or method:
            budget.say("pst.bijlage_stuk", nummer=0, naam=name or "")
        data = b""
    budget.spend(len(data))
    content_id = attachment.text(v.ATTACH_CONTENT_ID) or None
    used = (
        bool(content_id) and content_id.encode("utf-8", "replace") in html if content_id else False
    )
    return mail.Piece(
        data,
        name,
        mail.media_type_of(name, attachment.text(v.ATTACH_MIME_TAG), data),
        content_id,
        inline=used or bool(attachment.integer(v.ATTACH_HIDDEN)),
    )


def _signed_entity(item: Properties, pieces: list[mail.Piece]) -> bytes | None:
    """A clear-signed message keeps its signed MIME body whole, as its only attachment."""
    if not (item.text(v.MESSAGE_CLASS) or "").lower().endswith(_SIGNED_CLASS) or len(pieces) != 1:
        return None
    data = pieces[0].data
    return data if data[:200].lower().lstrip().startswith(b"content-type:") else None
