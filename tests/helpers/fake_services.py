"""A small stand-in for the services: everything in memory, the same answers every time."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from archiver.errors import RuleRefused
from archiver.findings import Finding, Severity
from archiver.model import Attachment, Changes, ChatMessage, Identification, Ledger
from archiver.progress import Progress, check_cancelled
from archiver.services.answers import Secret
from archiver.services.opening import Opened
from ui.models.row import Row
from ui.operations.chat_choices import Picked
from ui.operations.comparison_core import Comparing
from ui.operations.core import (
    Change,
    Check,
    Detail,
    Done,
    Event,
    Fact,
    Found,
    Looked,
    Node,
    Outcome,
    Package,
    Profile,
    Secured,
    State,
    Vault,
)
from ui.operations.mailbox_core import Mailboxes
from ui.operations.proof import Proof
from ui.words import t

KEEP: dict[str, Any] = {
    "rule": 4,
    "text_key": "voorstel.4.sleutel_b",
    "params": {
        "functie": "gemeentesecretaris",
        "naam": "Mira van Oosterhof",
        "lijst": "E-mail gemeenten 2024",
        "categorie": "MAIL-GEM-01",
    },
    "waardering": "B",
    "zekerheid": "hoog",
    "why": [
        [
            "waarom.functie",
            {
                "naam": "Mira van Oosterhof",
                "functie": "gemeentesecretaris",
                "van": "2023-03-01",
                "tot": "",
                "datum": "2026-11-17",
            },
        ],
    ],
}
UNKNOWN: dict[str, Any] = {
    "rule": 8,
    "text_key": "voorstel.8.onbekend",
    "params": {"wat_ontbreekt": "eigenaar"},
    "waardering": "N",
    "zekerheid": "laag",
    "why": [],
}


@dataclass(frozen=True, slots=True)
class FakeReading:
    """What the reader shows."""

    title: str
    sender: str | None
    text: str
    html: str | None = None
    to: tuple[str, ...] = ("Mira van Oosterhof",)
    cc: tuple[str, ...] = ()
    date: str | None = "2026-11-17T14:52:00+01:00"
    attachments: tuple[Attachment, ...] = ()
    chat: tuple[Any, ...] = ()
    chat_total: int = 0
    begun: bool = False
    chat_at: int | None = None
    said: tuple[Finding, ...] = ()


class NoMailboxes:
    """Nothing is a mailbox."""

    def could_be(self, path: Path) -> bool:
        return False


@dataclass
class FakeCore:
    """Files named ``kapot*`` are refused; ``onbekend*`` get no proposal; others one message each.

    ``veel-N.mbox`` holds N messages. Everything that was asked is noted in `calls`.
    """

    calls: list[tuple[str, object]] = field(default_factory=list)
    stored: dict[str, Row] = field(default_factory=dict)
    undone: list[dict[str, Row]] = field(default_factory=list)
    pause: float = 0.0
    threads: set[str] = field(default_factory=set)
    chat: list[list[ChatMessage]] = field(default_factory=list)
    comparisons: Any = None
    boxes: Any = field(default_factory=lambda: NoMailboxes())

    def open(self) -> Profile:
        return Profile("Gemeente Veldermeer", "Mira van Oosterhof", "medewerker", "nl")

    def close(self) -> None:
        self.calls.append(("close", None))

    def drop_folder(self) -> Path | None:
        return None

    def state(self) -> State:
        counts = {q: 0 for q in ("getagd", "te_beoordelen", "besloten", "verpakt")}
        for row in self.stored.values():
            counts[row.status] += 1
        label = "wijziging" if self.undone else None
        return State(counts, Vault("ok" if self.stored else "leeg"), label, ("Kadebrug",))

    def keys(self, queue: str | None, search: str) -> list[str]:
        return [
            str(r.key)
            for r in self.stored.values()
            if (queue is None or r.status == queue) and search.casefold() in r.title.casefold()
        ]

    def rows(self, ids: Sequence[str]) -> list[Row]:
        return [self.stored[i] for i in ids]

    def look(self, paths: Sequence[Path], progress: Progress) -> Iterator[Event]:
        self.calls.append(("look", tuple(paths)))
        for path in paths:
            check_cancelled(progress)
            yield Found(path, Identification("eml", "message/rfc822", None, None, "inlezen"))
            if path.name.startswith("kapot"):
                fault = Finding(
                    "onbekend_formaat", {"bestand": path.name}, str(path), Severity.FOUT
                )
                yield Done(path, 3, Ledger(refused=1), (fault,), False, True)
                continue
            count = int(path.stem.split("-")[1]) if path.name.startswith("veel-") else 1
            for number in range(count):
                time.sleep(self.pause)
                progress.step(number, count, path.name)
                yield Looked(row(path, number))
            yield Done(path, 100, Ledger(messages=count), (), False, False)

    def read(self, row: Row) -> FakeReading:
        return FakeReading(row.title, row.sender, f"Tekst van {row.title}")

    def detail(self, row: Row) -> Detail:
        dossier = row.dossier or t("lijst.geen_dossier")
        return Detail(row, (Fact("gegeven.dossier", dossier, t("bron.voorgesteld")),))

    def take_in(
        self, paths: Sequence[Path], changes: Mapping[tuple[str, int], Change], progress: Progress
    ) -> Secured:
        self.calls.append(("take_in", (tuple(paths), dict(changes))))
        outcomes = []
        for path in paths:
            count = int(path.stem.split("-")[1]) if path.name.startswith("veel-") else 1
            made = []
            for number in range(count):
                check_cancelled(progress)
                time.sleep(self.pause)
                progress.step(number, count, path.name)
                found = row(path, number)
                change = changes.get((str(path), number), Change())
                status = "te_beoordelen" if found.appraisal["waardering"] == "N" else "getagd"
                key = f"id-{len(self.stored)}"
                self.stored[key] = replace(
                    found,
                    key=key,
                    status=status,
                    title=change.title or found.title,
                    dossier=change.dossier or found.dossier,
                    preview=None,
                )
                made.append(key)
            outcomes.append(Outcome(str(path), "opgenomen", 100, count, count, tuple(made), ()))
        return Secured(tuple(outcomes), tuple(i for o in outcomes for i in o.item_ids))

    def take_in_picked(
        self,
        paths: Sequence[Path],
        changes: Mapping[tuple[str, int], Change],
        picked: Picked,
        progress: Progress,
    ) -> Secured:
        self.calls.append(("picked", picked))
        return self.take_in(paths, changes, progress)

    def messages(
        self, row: Row, answers: Mapping[str, str], progress: Progress
    ) -> Iterator[list[ChatMessage]]:
        yield from self.chat

    def look_again(
        self, path: Path, answers: Mapping[str, str], progress: Progress
    ) -> Iterator[Row]:
        yield from ()

    def unseal(self, path: Path, key: Secret, progress: Progress) -> Opened:
        return Opened(path, None)

    def unseal_stored(self, item_id: str, key: Secret, progress: Progress) -> Opened:
        return Opened(Path(item_id), None)

    def proofs(self, row: Row) -> tuple[Proof, ...]:
        return ()

    def attachment_copy(self, row: Row, attachment: Attachment) -> Path:
        self.calls.append(("attachment", (row.key, attachment.part)))
        return Path(attachment.name or "")

    def mailboxes(self) -> Mailboxes:
        return self.boxes

    def comparing(self) -> Comparing:
        return self.comparisons

    def edit(self, ids: Sequence[str], change: Change, progress: Progress) -> Changes:
        self.calls.append(("edit", (tuple(ids), change)))
        self._step()
        for i in ids:
            self.stored[i] = replace(
                self.stored[i],
                title=change.title or self.stored[i].title,
                dossier=change.dossier or self.stored[i].dossier,
            )
        return Changes("items", tuple(ids), "t")

    def accept(self, ids: Sequence[str], progress: Progress) -> Changes:
        self.calls.append(("accept", tuple(ids)))
        self._step()
        done = [i for i in ids if self.stored[i].appraisal["waardering"] in ("B", "V")]
        for i in done:
            self.stored[i] = replace(self.stored[i], status="besloten", decided=True)
        return Changes("items", tuple(done), "t")

    def decide(self, ids: Sequence[str], change: Change, progress: Progress) -> Changes:
        self.calls.append(("decide", (tuple(ids), change)))
        self._step()
        for i in ids:
            appraisal = {**self.stored[i].appraisal, "waardering": change.waardering}
            self.stored[i] = replace(
                self.stored[i], status="besloten", decided=True, appraisal=appraisal
            )
        return Changes("items", tuple(ids), "t")

    def undo(self) -> Changes:
        if not self.undone:
            raise RuleRefused("niets_ongedaan")
        self.stored = self.undone.pop()
        return Changes("items", tuple(self.stored))

    def package(self, ids: Iterable[str], target: Path, progress: Progress) -> Package:
        chosen = tuple(ids)
        self.calls.append(("package", (chosen, target)))
        for i in chosen:
            self.stored[i] = replace(self.stored[i], status="verpakt")
        leaf = Node("brief.eml", "E-mail", "mail", 1, "let_op", "brief.eml")
        return Package(
            name="Kadebrug",
            path=target / "pakket",
            profile="MDTO",
            receiver="Streekarchief Laagwater",
            counts=(("1", "dossier"), (str(len(chosen)), "berichten")),
            tree=(Node("Kadebrug", "Dossier", "dossier", 0, "", "", (leaf,)),),
            findings=(Finding("openbaarheid", {}, "brief.eml", Severity.LET_OP),),
            checks=(Check("controle.schema", 2, 2), Check("controle.getal", 4, 4)),
            pakbon=(("pakbon.nummer", "PB-1"), ("pakbon.gemaakt", "26-11-2026 10:12")),
            sha256="ab" * 32,
            released=True,
        )

    def verify(self, progress: Progress) -> tuple[Finding, ...]:
        return ()

    def _step(self) -> None:
        self.undone.append(dict(self.stored))


def row(path: Path, number: int = 0) -> Row:
    """Make the row of a message in a file."""
    unknown = path.name.startswith("onbekend")
    return Row(
        key=(str(path), number),
        kind="email",
        title=f"Onderwerp {path.stem} {number}",
        sender="Joris Blankert",
        date="2026-11-17T14:52:00+01:00",
        attachments=number % 2,
        dossier=None if unknown else "Kadebrug",
        appraisal=UNKNOWN if unknown else KEEP,
    )
