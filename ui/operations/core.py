"""What the window needs of the core, as one protocol; every call runs in a worker thread.

`ui.operations.archive` answers it with the services; the tests have a small stand-in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from archiver.findings import Finding
from archiver.model import Attachment, AuditEntry, Changes, ChatMessage, Identification, Ledger
from archiver.progress import Progress
from ui.models.row import Row
from ui.operations.chat_choices import Picked
from ui.operations.comparison_core import Comparing
from ui.operations.mailbox_core import Mailboxes
from ui.operations.proof import Proof

if TYPE_CHECKING:
    from archiver.services.answers import Secret
    from archiver.services.opening import Opened
    from archiver.services.pieces import Pieces
    from archiver.services.reading import Reading
    from archiver.services.related import Related

QUEUES = ("nieuw", "getagd", "te_beoordelen", "besloten", "verpakt")


@dataclass(frozen=True, slots=True)
class Profile:
    """Who works here, for the right end of the menu bar."""

    organisation: str
    actor: str
    role: str
    language: str


@dataclass(frozen=True, slots=True)
class Found:
    """A file was recognised; its messages follow."""

    path: Path
    identification: Identification


@dataclass(frozen=True, slots=True)
class Looked:
    """A message or conversation that is not stored yet."""

    row: Row


@dataclass(frozen=True, slots=True)
class Done:
    """All of a file was read. `refused` when nothing of it could be read."""

    path: Path
    size: int
    ledger: Ledger
    findings: tuple[Finding, ...]
    in_vault: bool
    refused: bool


Event = Found | Looked | Done


@dataclass(frozen=True, slots=True)
class Change:
    """What the user changed of one line before or after it was stored; None is untouched."""

    title: str | None = None
    dossier: str | None = None
    waardering: str | None = None
    termijn: str | None = None
    reason: str = ""
    alone: bool = False  # of a conversation in several exports: for this export only
    codepage: str | None = None  # with which old Outlook text is read


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one source. `status` is opgenomen, dubbel, geweigerd or niet_gekozen.

    Of its messages `stored` are new items, `earlier` were items already and `not_chosen` stay behind.
    """

    path: str
    status: str
    size: int
    messages: int
    stored: int
    item_ids: Sequence[str]
    findings: tuple[Finding, ...]
    earlier: int = 0
    not_chosen: int = 0


@dataclass(frozen=True, slots=True)
class Secured:
    """What became of a whole drop."""

    outcomes: tuple[Outcome, ...]
    item_ids: Sequence[str]
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of Gegevens: a key of the word list, the value and its source mark."""

    label: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Detail:
    """Everything the inspector shows of one line."""

    row: Row
    facts: tuple[Fact, ...]
    history: tuple[AuditEntry, ...] = ()
    related: Related | None = None
    pieces: Pieces | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """One line of the tree of a package."""

    name: str
    kind: str
    icon: str
    findings: int
    worst: str
    place: str
    children: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """A check of the package that passed: key or code, and n of n."""

    code: str
    passed: int
    total: int


@dataclass(frozen=True, slots=True)
class Package:
    """The result of packaging, for screen f."""

    name: str
    path: Path
    profile: str
    receiver: str
    counts: tuple[tuple[str, str], ...]
    tree: tuple[Node, ...]
    findings: tuple[Finding, ...]
    checks: tuple[Check, ...]
    pakbon: tuple[tuple[str, str], ...]
    sha256: str | None
    released: bool
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Vault:
    """What the foot of the sidebar says. `state` is leeg, ok, fout or dicht (not opened)."""

    state: str
    checked: str | None = None


@dataclass(frozen=True, slots=True)
class State:
    """What the sidebar and the menus show."""

    counts: Mapping[str, int] = field(default_factory=dict)
    vault: Vault = Vault("leeg")
    undo_label: str | None = None
    dossiers: tuple[str, ...] = ()


class Core(Protocol):
    """Everything the window asks."""

    def open(self) -> Profile:
        """Open the work folder. Raises `StoreRefused` or `StoreDamaged`."""

    def close(self) -> None:
        """Close it."""

    def drop_folder(self) -> Path | None:
        """Give a folder for dropped bytes that a next start empties; called in the GUI thread."""

    def state(self) -> State:
        """Give counts, vault and the label of undo."""

    def keys(self, queue: str | None, search: str) -> list[str]:
        """Give the ids of a queue."""

    def rows(self, ids: Sequence[str]) -> list[Row]:
        """Give rows for the list."""

    def look(self, paths: Sequence[Path], progress: Progress) -> Iterator[Event]:
        """Parse without storing."""

    def read(self, row: Row) -> Reading:
        """Open a line in the reader."""

    def detail(self, row: Row) -> Detail:
        """Give everything for the inspector."""

    def take_in(
        self,
        paths: Sequence[Path],
        changes: Mapping[tuple[str, int], Change],
        progress: Progress,
    ) -> Secured:
        """Secure."""

    def take_in_picked(
        self,
        paths: Sequence[Path],
        changes: Mapping[tuple[str, int], Change],
        picked: Picked,
        progress: Progress,
    ) -> Secured:
        """Secure without the messages that go out, and with the answers that were given."""

    def messages(
        self, row: Row, answers: Mapping[str, str], progress: Progress
    ) -> Iterator[list[ChatMessage]]:
        """Read the messages of a conversation that is not stored, in batches."""

    def look_again(
        self, path: Path, answers: Mapping[str, str], progress: Progress
    ) -> Iterator[Row]:
        """Read the lines of one file again, with answers."""

    def unseal(self, path: Path, key: Secret, progress: Progress) -> Opened:
        """Open a sealed backup with its key, which is used for this once and kept nowhere."""

    def unseal_stored(self, item_id: str, key: Secret, progress: Progress) -> Opened:
        """Open a sealed backup that is in the vault; the key is used for this once too."""

    def proofs(self, row: Row) -> tuple[Proof, ...]:
        """Judge the signatures of a message."""

    def attachment_copy(self, row: Row, attachment: Attachment) -> Path:
        """Make a copy of an attachment that can be opened; closing takes it away."""

    def mailboxes(self) -> Mailboxes:
        """Give everything about choosing from a mailbox; may be asked before the folder is open."""

    def comparing(self) -> Comparing:
        """Give everything about exports of one conversation."""

    def edit(self, ids: Sequence[str], change: Change, progress: Progress) -> Changes:
        """Change title and dossier of stored items, and decide when a waardering is given."""

    def accept(self, ids: Sequence[str], progress: Progress) -> Changes:
        """Decide as proposed."""

    def decide(self, ids: Sequence[str], change: Change, progress: Progress) -> Changes:
        """Decide by hand."""

    def undo(self) -> Changes:
        """Undo the last change."""

    def package(self, ids: Iterable[str], target: Path, progress: Progress) -> Package:
        """Make and check a package."""

    def verify(self, progress: Progress) -> tuple[Finding, ...]:
        """Check vault, register and audit trail; empty when all is well."""
