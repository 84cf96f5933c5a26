"""Take private messages out before anything is secured (DESIGN section 6).

The export as a whole then is not stored: per conversation an extract takes its place, with what is
kept and the proof of how much was taken out where. What is taken out is read only, and never reaches
the vault, the register, a file of ours that stays or a log. (The text of a zip is unpacked in a file
without a name, which the system takes away when the reader closes it.)
"""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO

from archiver.errors import Cancelled, InputRefused, RuleRefused, StoreDamaged
from archiver.findings import Finding, Severity
from archiver.identity import new_id
from archiver.intake.chat import extract
from archiver.intake.pool import Finished, Parsed, Started, read_sources
from archiver.intake.protocol import ParseContext
from archiver.model import Changes, ChatMessage, Conversation, Ledger, Record, SourceStatus
from archiver.progress import Progress
from archiver.services import date_evidence, questions
from archiver.services.archive import Archive
from archiver.services.intake import SourceResult, TakeIn, TakeInResult, Told, take_in
from archiver.services.intake_events import not_secured
from archiver.services.reading import medium_of_file
from archiver.store import audit, items, sources
from archiver.store.transaction import Tx

REASONS = extract.REASONS
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?)?")
_KEYS = {"reden", "gesprek", "afzender", "van", "tot", "zoek", "berichten"}


@dataclass(frozen=True, slots=True)
class Rule:
    """Which messages go out, and why: all that is given must hold.

    `gesprek` is the title or id of a conversation, `afzender` a name or id, `van` and `tot` ISO dates or
    times (both included, in the time of the source), `zoek` a piece of text in any case, `berichten` the
    positions in the conversation from 0.
    """

    reden: str
    gesprek: str | None = None
    afzender: str | None = None
    van: str | None = None
    tot: str | None = None
    zoek: str | None = None
    berichten: frozenset[int] | None = None

    def __post_init__(self) -> None:
        if self.reden not in REASONS:
            raise RuleRefused("uitsluiten_reden", {"reden": self.reden[:80]})
        if all(getattr(self, name) is None for name in _KEYS - {"reden"}):
            raise RuleRefused("uitsluiten_leeg")
        for moment in (self.van, self.tot):
            if moment is not None and not _is_moment(moment):
                raise RuleRefused("uitsluiten_moment", {"moment": moment[:80]})

    def holds(self, conversation: Conversation, message: ChatMessage) -> bool:
        """Tell whether this rule takes the message out."""
        sent = message.sent or ""
        return (
            (self.van is None or (sent != "" and sent >= self.van))
            and (self.tot is None or (sent != "" and sent[: len(self.tot)] <= self.tot))
            and self._holds_apart_from_time(conversation, message)
        )

    def undecided(self, conversation: Conversation, message: ChatMessage) -> bool:
        """Tell whether nobody can say if this rule takes the message out: its time is not known."""
        timed = self.van is not None or self.tot is not None
        return timed and not message.sent and self._holds_apart_from_time(conversation, message)

    def _holds_apart_from_time(self, conversation: Conversation, message: ChatMessage) -> bool:
        return (
            (self.gesprek is None or self.gesprek in (conversation.title, conversation.id))
            and (self.afzender is None or self.afzender in (message.sender, message.sender_id))
            and (self.zoek is None or self.zoek.casefold() in _said(message))
            and (self.berichten is None or message.index in self.berichten)
        )


def _is_moment(text: str) -> bool:
    """Tell whether a text is an ISO day or time as `ChatMessage.sent` has it; others compare as nothing."""
    if not _MOMENT.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def read_rules(path: Path) -> tuple[Rule, ...]:
    """Read a rule file: TOML with one ``[[uitsluiten]]`` table per rule.

    Raises `InputRefused` when it cannot be read and `RuleRefused` when a rule is not one.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("uitsluiten")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputRefused("uitsluiten_onleesbaar", {"bestand": path.name}) from error
    if not isinstance(tables, list) or not tables:
        raise InputRefused("uitsluiten_onleesbaar", {"bestand": path.name})
    return tuple(_rule(table) for table in tables)


def _rule(table: object) -> Rule:
    if not isinstance(table, Mapping) or not set(table) <= _KEYS or "reden" not in table:
        raise RuleRefused("uitsluiten_regel", {"sleutels": ", ".join(sorted(_KEYS))})
    given: dict[str, Any] = {
        k: v.isoformat() if isinstance(v, date) else str(v)
        for k, v in table.items()
        if k != "berichten"
    }
    numbers = table.get("berichten")
    if numbers is None:
        return Rule(**given)
    if not isinstance(numbers, list) or not all(isinstance(n, int) for n in numbers):
        raise RuleRefused("uitsluiten_regel", {"sleutels": "berichten"})
    return Rule(**given, berichten=frozenset(numbers))


def prove_extracts(archive: Archive) -> Iterator[Finding]:
    """Prove every secured extract: each commitment, the root, the counts, and the root at intake."""
    with archive.register.read() as tx:
        secured = [
            (source.sha256, source.path, _root_at_intake(tx, source.id))
            for source in sources.each(tx)
            if source.identification.format == extract.FORMAT
        ]
    for sha256, place, root in secured:
        try:
            proof, wrong = extract.prove(archive.vault.path(sha256))
        except (ValueError, KeyError, TypeError, StoreDamaged):
            continue  # the vault says that its bytes are not what they were
        for finding in wrong:
            yield replace(finding, place=place)
        if root is not None and root != proof.root:
            params = {"staat": root, "berekend": proof.root}
            yield Finding("uittreksel.wortel", params, place, Severity.FOUT)


def _root_at_intake(tx: Tx, source_id: str) -> str | None:
    for item_id in items.ids(tx, source_id=source_id):
        for entry in audit.entries(tx, object=f"item:{item_id}"):
            if entry.event.action == "uitsluiting":
                return str((entry.event.after or {})["wortel"])
    return None


@dataclass(frozen=True, slots=True)
class Prepared:
    """What must be secured in the place of one dropped file: itself, or its extracts.

    `original` is the dropped file; `conversations` are the indexes that the extracts stand for.
    `refused` says that it was not read whole, or not its times that a rule asks about: then nobody
    knows what a rule would take out, and nothing of it may be secured. `answers` are what another
    export of the same chat said about this one, `used` the places of the rules that took something out.
    """

    original: Path
    paths: tuple[Path, ...]
    conversations: tuple[int, ...] = ()
    findings: tuple[Finding, ...] = ()
    refused: Finished | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    used: frozenset[int] = frozenset()

    def discard(self) -> None:
        """Take away the extracts, and the folder in which those of one file lie."""
        for path in self.paths if self.conversations else ():
            shutil.rmtree(path.parent.parent, ignore_errors=True)


def take_in_without(
    archive: Archive,
    command: TakeIn,
    rules: Sequence[Rule],
    progress: Progress,
    told: Told | None = None,
) -> TakeInResult:
    """Take in the files of the command without the messages that the rules take out.

    A file in which nothing is taken out is secured as it is; a rule that took nothing out is said with
    the first file. Raises what `take_in` raises; a cancel while reading leaves nothing behind.
    """
    prepared: list[Prepared] = []
    try:
        for one in prepare(archive, command, rules, progress):
            prepared.append(one)
        if prepared:
            first = prepared[0]
            prepared[0] = replace(first, findings=(*first.findings, *_unused(rules, prepared)))
        stands_for = {str(p): one for one in prepared for p in one.paths}
        overrides = dict(command.overrides)
        for one in prepared:
            for path, index in zip(one.paths, one.conversations, strict=False):
                override = command.overrides.get((str(one.original), index))
                if override is not None:
                    overrides[str(path), 0] = override

        def dropped(secured: Sequence[SourceResult]) -> None:
            if told is not None:
                told([_as_dropped(s, stands_for) for s in secured])

        result = TakeInResult(Changes("items"), ())
        for answers, paths in _by_answers(prepared):
            given = {**command.answers, **answers}
            named = replace(command, paths=paths, overrides=overrides, answers=given)
            result = _joined(result, take_in(archive, named, progress, dropped))
            if result.stopped:
                break
        secured = tuple(_as_dropped(s, stands_for) for s in result.sources)
        refused = _refuse(archive, [one for one in prepared if one.refused is not None])
        if told is not None and refused:
            told(refused)
        return replace(result, sources=(*secured, *refused))
    except Cancelled:
        return TakeInResult(Changes("items"), (), stopped=True)
    finally:
        for one in prepared:
            one.discard()


def _unused(rules: Sequence[Rule], prepared: Sequence[Prepared]) -> Iterator[Finding]:
    """Say which rules took nothing out: a name with a slip of the pen lets everything in."""
    used = frozenset[int]().union(*(one.used for one in prepared))
    for number in range(len(rules)):
        if number not in used:
            yield Finding("uitsluiten_niets", {"n": number + 1})


def _by_answers(
    prepared: Sequence[Prepared],
) -> Iterator[tuple[Mapping[str, str], tuple[Path, ...]]]:
    """Give the files that are secured with the same answers: first those without."""
    together = tuple(path for one in prepared if not one.answers for path in one.paths)
    if together:
        yield {}, together
    for one in prepared:
        if one.answers and one.paths:
            yield one.answers, one.paths


def _joined(one: TakeInResult, more: TakeInResult) -> TakeInResult:
    ids = (*one.changes.ids, *more.changes.ids)
    sources = (*one.sources, *more.sources)
    return replace(more, changes=replace(more.changes, ids=ids), sources=sources)


def _as_dropped(source: SourceResult, stands_for: Mapping[str, Prepared]) -> SourceResult:
    one = stands_for.get(source.path)
    if one is None:
        return source
    found = (*source.findings, *one.findings)
    return replace(source, path=str(one.original), findings=found)


def _refuse(archive: Archive, unread: Sequence[Prepared]) -> tuple[SourceResult, ...]:
    results = []
    for one in unread:
        assert one.refused is not None
        ledger, findings = one.refused.ledger, (*one.refused.findings, *one.findings)
        status, size = SourceStatus.GEWEIGERD, one.refused.size
        results.append(
            SourceResult(
                str(one.original), status, None, size, None, (), ledger, Ledger(), findings
            )
        )
    if results:
        with archive.register.write() as tx:
            batch = new_id()
            audit.append_many(
                tx, [not_secured(archive, batch, r.findings, r.size) for r in results]
            )
    return tuple(results)


def prepare(
    archive: Archive, command: TakeIn, rules: Sequence[Rule], progress: Progress
) -> Iterator[Prepared]:
    """Read every file and write the extracts of those in which a rule takes something out.

    The extracts, with the media of what is kept, lie in folders of their own below ``tijdelijk``.
    A file whose order of day and month is open comes last: another export, of this drop or secured
    before, may decide it, and then it is read again. Raises `Cancelled`; then the extracts that were
    not given yet are gone.
    """
    seen: dict[Path, list[Conversation]] = {}
    open_: list[Prepared] = []
    try:
        for one in _read(archive, command, rules, progress, seen):
            if any(date_evidence.is_open(c) for c in seen.get(one.original, ())):
                open_.append(one)
            else:
                yield one
        drop = [(c, path) for path, conversations in seen.items() for c in conversations]
        while open_:
            one = open_[0]
            known = _settled(archive, seen[one.original], one.original, drop)
            if not known:
                yield open_.pop(0)
                continue
            answers = {
                date_evidence.ORDER: known[0].date_order or "",
                date_evidence.ORDER_BASIS: date_evidence.BASIS,
            }
            again = replace(command, paths=(one.original,), answers={**command.answers, **answers})
            said = tuple(date_evidence.said(c) for c in known)
            open_.pop(0).discard()
            for better in _read(archive, again, rules, progress, {}):
                yield replace(better, answers=answers, findings=(*better.findings, *said))
    finally:
        for one in open_:
            one.discard()


def _not_read(record: Conversation, rules: Sequence[Rule]) -> tuple[Finding, ...]:
    """Say of an original that nobody reads that a rule may be about what is in it."""
    about = any(r.gesprek is None or r.gesprek in (record.title, record.id) for r in rules)
    if not about or not questions.sealed(record):
        return ()
    return (Finding("uitsluiten_verzegeld", severity=Severity.FOUT),)


def _settled(
    archive: Archive,
    conversations: Sequence[Conversation],
    path: Path,
    drop: Sequence[date_evidence.Export],
) -> list[Conversation]:
    """Give the conversations of a file that another export decides; none when they do not agree."""
    undecided = [c for c in conversations if date_evidence.is_open(c)]
    found = [date_evidence.settled(archive, c, path, drop) for c in undecided]
    known = [c for c in found if c.date_order is not None]
    return known if len({c.date_order for c in known}) == 1 else []


def _read(
    archive: Archive,
    command: TakeIn,
    rules: Sequence[Rule],
    progress: Progress,
    seen: dict[Path, list[Conversation]],
) -> Iterator[Prepared]:
    """Read the files of the command; `seen` gets the conversations of each."""
    context = ParseContext(answers=command.answers, messages=True)
    current: _Source | None = None
    failed: tuple[Finding, ...] = ()
    try:
        for event in read_sources(command.paths, context, progress):
            if isinstance(event, Started):
                folder = archive.werkmap / "tijdelijk" / f"uittreksel-{new_id()}"
                current, failed = _Source(folder, event.path), ()
                continue
            made = None
            try:
                if isinstance(event, Parsed) and isinstance(event.record, Conversation):
                    seen.setdefault(event.path, []).append(event.record)
                    failed += _not_read(event.record, rules)
                if isinstance(event, Parsed) and current is not None:
                    current.take(event.record, rules)
                elif isinstance(event, Finished) and current is not None:
                    failed += current.undecided()
                    made = current.close()
            except InputRefused as error:  # a medium of a message that is kept
                failed = (error.as_finding(),)
            whole = not failed
            if isinstance(event, Finished):
                whole = whole and all(f.severity is not Severity.FOUT for f in event.findings)
            if not whole and current is not None:
                current.abandon()
                current = None
            if isinstance(event, Finished):
                current = None
                if not whole:
                    yield Prepared(event.path, (), findings=failed, refused=event)
                    failed = ()
                    continue
                if made is None:
                    yield Prepared(event.path, (event.path,))  # no rule took anything out
                elif _secured_before(archive, event.sha256):
                    yield replace(made, findings=(Finding("uittreksel.origineel_al_vastgelegd"),))
                else:
                    yield made
    finally:
        if current is not None:
            current.abandon()


def _secured_before(archive: Archive, sha256: str | None) -> bool:
    with archive.register.read() as tx:
        return sha256 is not None and sources.by_sha256(tx, sha256) is not None


class _Source:
    """The extracts of one file while its messages stream by."""

    def __init__(self, folder: Path, original: Path) -> None:
        self._folder = folder
        self._original = original
        self._made: list[tuple[int, Path]] = []
        self._left_out = 0
        self._open: tuple[Conversation, extract.Writer, BinaryIO] | None = None
        self._media: dict[str, str] = {}
        self._undecided = 0
        self._used: set[int] = set()

    def take(self, record: Record, rules: Sequence[Rule]) -> None:
        if isinstance(record, Conversation):
            self._finish()
            folder = self._folder / str(record.index)
            folder.mkdir(parents=True)
            path = folder / f"{self._original.stem}.uittreksel.json"
            out = path.open("wb")
            self._made.append((record.index, path))
            self._open = (record, extract.Writer(out), out)
            self._media = {}
        elif isinstance(record, ChatMessage) and self._open is not None:
            conversation, writer, _ = self._open
            held = [n for n, rule in enumerate(rules) if rule.holds(conversation, record)]
            reason = rules[held[0]].reden if held else None
            self._used.update(held)
            if reason is None and any(rule.undecided(conversation, record) for rule in rules):
                self._undecided += 1
            if reason is not None:
                writer.leave_out(record, reason)
                return
            writer.keep(record)
            for medium in record.attachments:
                if medium.present and medium.path and medium.sha256:
                    self._media[medium.sha256] = medium.path

    def close(self) -> Prepared | None:
        """Give the extracts; None when nothing was taken out, then the file itself is secured."""
        self._finish()
        if self._left_out == 0:
            shutil.rmtree(self._folder, ignore_errors=True)
            return None
        indexes, paths = zip(*self._made, strict=True)
        return Prepared(self._original, paths, indexes, used=frozenset(self._used))

    def undecided(self) -> tuple[Finding, ...]:
        """Say that a rule asks about a time that is not known."""
        if not self._undecided:
            return ()
        params = {"n": self._undecided}
        return (Finding("uitsluiten_tijd_onbekend", params, severity=Severity.FOUT),)

    def abandon(self) -> None:
        """Take away what was written so far."""
        if self._open is not None:
            self._open[2].close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _finish(self) -> None:
        if self._open is None:
            return
        conversation, writer, out = self._open
        writer.finish(conversation)
        out.close()
        self._open = None
        self._left_out += writer.left_out.total()
        for sha256, name in self._media.items():
            with (self._made[-1][1].parent / sha256).open("wb") as copy:
                for piece in medium_of_file(self._original, conversation.format, name):
                    copy.write(piece)


def _said(message: ChatMessage) -> str:
    names = " ".join(a.name for a in message.attachments)
    return f"{message.text or ''} {names}".casefold()
