"""The things the core talks about, as frozen dataclasses without behaviour of storage or screens.

Source -> Record (EmailMessage | Conversation + ChatMessage | Unreadable) -> Item in the register
-> PackageObject. Times are ISO 8601 strings as found (with offset when the source has one), never a
guess: an absent value is None. Sizes are bytes, hashes lower-case hex SHA-256.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from archiver.findings import Finding


@dataclass(frozen=True, slots=True)
class Span:
    """A byte range [start, end) in the original."""

    start: int
    end: int


# --- what a parser gives -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Address:
    """A name and address as the header gives them; either may be absent."""

    name: str | None
    address: str | None


@dataclass(frozen=True, slots=True)
class Attachment:
    """One part of a message that is not its text; size and sha256 are of the decoded bytes.

    `part` is the address of the part inside the message ("2", "2.1"): with it the bytes come back.
    `kind` is file, message, signature, calendar, tnef or report. `message` is what is inside, read
    further: an attached message, the content of a TNEF file or of a signed wrapper; its spans count
    from the start of the attached bytes.
    """

    name: str | None
    media_type: str
    size: int
    sha256: str
    part: str
    inline: bool = False
    kind: str = "file"
    content_id: str | None = None
    message: EmailMessage | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """What is known of the text without keeping it: hash and length (characters) of the plain text."""

    text_sha256: str | None
    text_length: int
    has_html: bool


@dataclass(frozen=True, slots=True)
class ChatPost:
    """What a mail item that is one message of a chat (Teams, in Exchange) says of its conversation.

    `thread` names the conversation, `parent` the `id` of the message that is answered. `basis` is stated, or
    thread_index when only the conversation index of Outlook joins it to others: inferred. Values as found.
    """

    thread: str | None = None
    basis: str | None = None
    kind: str | None = None  # chat, meeting, space, topic
    title: str | None = None  # of the chat or the channel
    team: str | None = None
    id: str | None = None
    parent: str | None = None
    type: str | None = None
    created: str | None = None
    sender_id: str | None = None


@dataclass(frozen=True, slots=True)
class EmailMessage:
    """One e-mail as read; `span` is where it stands in its container (the whole file for .eml).

    `place` is set when the bytes are no slice of the container: "pst:0x200024", "zip:map/brief.eml".
    Then `span` is the whole container, `size` and `sha256` are of the message itself, and
    `archiver.intake.containers.message_bytes` gives its bytes.
    """

    format: str
    index: int
    span: Span
    size: int
    sha256: str
    message_id: str | None = None
    subject: str | None = None
    sender: Address | None = None
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    date: str | None = None
    date_raw: str | None = None
    received: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    body: Body = Body(None, 0, False)
    signed: str | None = None
    encrypted: str | None = None
    language: str | None = None
    folder: str | None = None
    place: str | None = None
    parts: int = 1
    undecodable: int = 0
    item_class: str | None = None  # of Outlook: IPM.Note, IPM.Appointment, REPORT.IPM.Note.NDR
    thread_index: str | None = None  # Thread-Index or conversation index, as hex
    authentication: str | None = None  # what the receiving server claims of DKIM and SPF, unchecked
    labels: tuple[str, ...] = ()  # of Gmail: the message is under each of them
    post: ChatPost | None = None  # set when the item is one message of a chat
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class ChatAttachment:
    """A medium of a chat; `path` is the member of the zip or the file beside the text, if present."""

    name: str
    present: bool
    match: str | None = None  # exact, stem, hash
    path: str | None = None
    media_type: str | None = None
    size: int | None = None
    sha256: str | None = None
    absent_because: str | None = None


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One event of a conversation in source order; `span` is its byte range in the export text.

    `sent` is local wall-clock time without offset when the source has no zone. `type` is text,
    media, system, call, poll, location, contact or unknown. `system` names a recognised system line.
    `sender_id` is the `Participant.id` where the source keeps names and identities apart. `place` is
    where the message stands when bytes alone do not say it: ``member#/json/pointer``, ``table:row``.
    """

    conversation: str
    index: int
    span: Span
    id: str | None = None
    sender: str | None = None
    sent: str | None = None
    sent_raw: str | None = None
    precision: str | None = None  # second, minute
    text: str | None = None
    type: str = "text"
    system: str | None = None
    attachments: tuple[ChatAttachment, ...] = ()
    reply_to: str | None = None
    edited: bool | None = None
    deleted: bool | None = None
    reactions: tuple[Mapping[str, str], ...] = ()
    sender_id: str | None = None
    place: str | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Participant:
    """Someone seen in a conversation; `id` is the label exactly as the source writes it."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Extract:
    """What an extract proves: the source it is of, the root over all messages, how many are gone.

    `left_out` counts per reason (prive, partijpolitiek, bijzondere persoonsgegevens).
    """

    source_sha256: str
    source_size: int
    root: str
    total: int
    left_out: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered to an open question about a conversation: owner, zone or date_order.

    `basis` is gevraagd (somebody answered it), onthouden (answered about an earlier export) or export
    (the export itself shows it); `actor` is who worked here, `at` when.
    """

    question: str
    value: str
    actor: str
    at: str
    basis: str = "gevraagd"


@dataclass(frozen=True, slots=True)
class Conversation:
    """One chat conversation; its messages follow it in the stream of records.

    `skipped` are the named byte ranges of the export text that belong to no message (a BOM, say):
    spans of all messages plus `skipped` are the whole text; of a text with several conversations it
    is all of them together. `text_member` is the member of a zip.
    """

    id: str
    format: str
    platform: str
    index: int
    size: int
    sha256: str
    title: str | None = None
    participants: tuple[Participant, ...] = ()
    message_count: int = 0
    first: str | None = None
    last: str | None = None
    media: tuple[ChatAttachment, ...] = ()
    text_member: str | None = None
    text_sha256: str | None = None
    text_size: int = 0
    encoding: str = "utf-8"
    date_order: str | None = None  # dmy, mdy, ymd; None: must be asked
    # four_digit_year, day_above_12, media_name, zip_date, same_either_way (03-03: nothing to ask),
    # other_export, user
    date_order_basis: str | None = None
    zone_basis: str = "unknown"  # stated, offset, assumed, unknown; user: see `answers`
    skipped: tuple[tuple[str, Span], ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    language: str | None = None
    extract: Extract | None = None
    answers: tuple[Answer, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A source, or a place in a container, that could not be read; `findings` say why."""

    findings: tuple[Finding, ...]
    index: int = 0
    span: Span | None = None


Record = EmailMessage | Conversation | ChatMessage | Unreadable


@dataclass(frozen=True, slots=True)
class Identification:
    """What a file is, by content. `basis` says who recognised it: pronom, libmagic or inlezen.

    `format` is our own word (eml, mbox, whatsapp, zip, ...; "onbekend" when no parser takes it).
    """

    format: str
    media_type: str
    puid: str | None
    format_name: str | None
    basis: str
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Ledger:
    """The loss ledger: what one source holds. in = out is checked at intake, register and package.

    Of a mailbox of which a part was chosen the first five are about what became items; `not_chosen`
    counts the messages that were left in the container and `earlier` those that an earlier drop of the
    same bytes secured.
    """

    messages: int = 0
    parts: int = 0
    attachments: int = 0
    attached_messages: int = 0
    undecodable_characters: int = 0
    refused: int = 0
    not_chosen: int = 0
    earlier: int = 0

    def __add__(self, other: Ledger) -> Ledger:
        """Add two ledgers field by field."""
        return Ledger(
            self.messages + other.messages,
            self.parts + other.parts,
            self.attachments + other.attachments,
            self.attached_messages + other.attached_messages,
            self.undecodable_characters + other.undecodable_characters,
            self.refused + other.refused,
            self.not_chosen + other.not_chosen,
            self.earlier + other.earlier,
        )

    def without(self, other: Ledger) -> Ledger:
        """Take another ledger off, field by field."""
        return Ledger(*(getattr(self, f.name) - getattr(other, f.name) for f in fields(self)))

    def difference(self, other: Ledger) -> dict[str, tuple[int, int]]:
        """Give the fields that differ: name -> (here, there). Empty means in = out."""
        return {
            f.name: (getattr(self, f.name), getattr(other, f.name))
            for f in fields(self)
            if getattr(self, f.name) != getattr(other, f.name)
        }


# --- what the register keeps ---------------------------------------------------------------------


class SourceStatus(StrEnum):
    """What became of one dropped source."""

    OPGENOMEN = "opgenomen"
    DUBBEL = "dubbel"
    GEWEIGERD = "geweigerd"


class ItemKind(StrEnum):
    """What an item is."""

    EMAIL = "email"
    CONVERSATION = "conversation"


class ItemStatus(StrEnum):
    """Where a secured item stands; the queues of the window follow it (DESIGN section 8)."""

    GETAGD = "getagd"
    TE_BEOORDELEN = "te_beoordelen"
    BESLOTEN = "besloten"
    VERPAKT = "verpakt"


@dataclass(frozen=True, slots=True)
class Dossier:
    """A case or project file that items belong to. `proces` is a category of a process list."""

    id: str
    naam: str
    proces: str | None = None
    afgesloten: str | None = None  # date


@dataclass(frozen=True, slots=True)
class Source:
    """One occurrence of a dropped file: the same bytes dropped twice give two sources, one blob."""

    id: str
    batch: str
    path: str
    sha256: str
    size: int
    identification: Identification
    status: SourceStatus
    taken_in_at: str
    actor: str
    owner: str | None
    ledger: Ledger
    findings: tuple[Finding, ...] = ()
    duplicate_of: str | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """One metadata value with where it came from (DESIGN section 2, Describe).

    `source` is bericht, dossier, sjabloon, voorgesteld, lijst or medewerker.
    """

    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Decision:
    """An appraisal that a person made: who, when, on which list version, and why.

    `alleen`: of a conversation in several exports it is an exception for this export alone; a later
    decision about the conversation leaves it as it is.
    """

    waardering: str  # B, V, N
    actor: str
    at: str
    reason: str
    lijst: str | None = None
    lijst_versie: str | None = None
    categorie: str | None = None
    categorie_naam: str | None = None
    termijn: str | None = None  # ISO 8601 duration
    startdatum: str | None = None
    einddatum: str | None = None
    trigger: str | None = None
    alleen: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One message or conversation in the register.

    `span` lies inside the blob `sha256_source`; `record` is what the parser gave. `proposal` is the
    JSON form of `selectielijst.Proposal`. `values` are the metadata fields a person can see and
    change (naam, omschrijving, openbaarheid, taal, ...), each with its source.
    """

    id: str
    kind: ItemKind
    source_id: str
    source_sha256: str
    index: int
    span: Span
    sha256: str
    title: str
    sender: str | None
    date: str | None
    status: ItemStatus
    record: EmailMessage | Conversation
    values: Mapping[str, Value] = field(default_factory=dict)
    proposal: Mapping[str, object] = field(default_factory=dict)
    dossier: Dossier | None = None
    decision: Decision | None = None
    owner: str | None = None
    secured_at: str = ""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """What is written to the audit trail: the BIO2 fields plus before, after and reason.

    `object` is a kind and id ("item:0190...", "batch:...", "package:..."); before and after are
    small JSON values without message content.
    """

    action: str
    object: str
    result: str
    actor: str
    origin: str  # the program and machine role: cli, ui
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the trail as stored: `hash` is SHA-256 over the canonical JSON incl. `previous`."""

    seq: int
    time: str
    event: AuditEvent
    previous: str
    hash: str


# --- what a service answers ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Changes:
    """What a service changed, so that the window refreshes that and nothing else."""

    kind: str
    ids: Sequence[str] = ()
    undo_token: str | None = None
    findings: tuple[Finding, ...] = ()
