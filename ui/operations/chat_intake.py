"""Conversations as the window asks them: their messages, an answer tried, and secured without some."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from archiver.errors import InputRefused
from archiver.findings import Severity
from archiver.model import ChatMessage, Conversation
from archiver.progress import Progress, check_cancelled
from ui.models.row import Row
from ui.operations.chat_choices import Picked

if TYPE_CHECKING:
    from archiver.services.archive import Archive
    from archiver.services.exclusion import Rule
    from archiver.services.intake import TakeIn, TakeInResult
    from archiver.services.preview import PreviewRow

_BATCH = 500


def stamp_of(path: Path) -> tuple[int, int]:
    """Give size and time of a file. Raises `InputRefused` when it is gone."""
    try:
        found = path.stat()
    except OSError as error:
        raise InputRefused("bestand.niet_te_openen", {"bestand": path.name}) from error
    return found.st_size, found.st_mtime_ns


def messages(
    archive: Archive, row: Row, answers: Mapping[str, str], progress: Progress
) -> Iterator[list[ChatMessage]]:
    """Read the messages of one conversation that is not stored, in batches, in source order.

    What its first bytes tell comes first; then all of them, these too, when the whole file is read.
    """
    from archiver.services import preview as service

    if row.preview is not None and (first := service.first_of(row.preview)):
        yield list(first)
    path, wanted = Path(str(row.key[0])), row.key[1]
    command = service.Look((path,), archive.actor, False, answers, messages=True)
    batch: list[ChatMessage] = []
    inside = False
    for event in service.preview(archive, command, progress):
        if isinstance(event, service.Previewed):
            if inside:
                break
            inside = event.row.key[1] == wanted
        elif isinstance(event, service.PreviewedMessage) and inside:
            batch.append(event.message)
            if len(batch) >= _BATCH:
                check_cancelled(progress)
                yield batch
                batch = []
        elif isinstance(event, service.SourceDone):
            for found in event.findings:
                if found.severity is Severity.FOUT:  # some of it was not read: nobody may choose
                    raise InputRefused(found.code, found.params, found.place)
    yield batch


def look_again(
    archive: Archive, path: Path, answers: Mapping[str, str], progress: Progress
) -> Iterator[PreviewRow]:
    """Read the lines of one file again with an answer of the user."""
    from archiver.services import preview as service

    command = service.Look((path,), archive.actor, False, answers)
    for event in service.preview(archive, command, progress):
        if isinstance(event, service.Previewed):
            yield event.row


def take_in(archive: Archive, command: TakeIn, picked: Picked, progress: Progress) -> TakeInResult:
    """Secure; a file about which something was chosen is a command of its own.

    An answer belongs to one file and a position to one conversation of it, so that neither can
    reach another. A backup of which something was taken out is not secured itself: it still holds that.
    Raises `InputRefused` when a file has changed since its messages were shown; then nothing of the
    command is secured.
    """
    from archiver.services import exclusion, intake

    not_kept = picked.not_kept()
    command = replace(command, paths=tuple(p for p in command.paths if str(p) not in not_kept))
    special = picked.paths() & {str(path) for path in command.paths}
    if not special:
        return intake.take_in(archive, command, progress)
    rules = {path: _rules(archive, path, picked, progress) for path in special}
    plain = tuple(path for path in command.paths if str(path) not in special)
    result: TakeInResult | None = None
    if plain:
        result = intake.take_in(archive, replace(command, paths=plain), progress)
    for path in (p for p in command.paths if str(p) in special):
        if result is not None and result.stopped:
            break
        one = replace(
            command, paths=(path,), answers={**command.answers, **picked.answers.get(str(path), {})}
        )
        if rules[str(path)]:
            more = exclusion.take_in_without(archive, one, rules[str(path)], progress)
        else:
            more = intake.take_in(archive, one, progress)
        result = more if result is None else _joined(result, more)
    assert result is not None
    return _opened(archive, result, picked)


def _opened(archive: Archive, result: TakeInResult, picked: Picked) -> TakeInResult:
    """Say which backups are not kept themselves; what came out of them needs no file here any more."""
    from archiver.services import opening

    inside = {derived: original for original, derived in picked.opened.items()}
    refused = {s.path for s in result.sources if str(s.status) == "geweigerd"}
    done = {s.path for s in result.sources} & set(inside) - refused
    not_kept = picked.not_kept()
    sources = tuple(
        replace(s, findings=(*s.findings, opening.not_kept(archive, Path(s.path))))
        if s.path in done and inside[s.path] in not_kept
        else s
        for s in result.sources
    )
    opening.tidy(archive, [Path(path) for path in done])
    return replace(result, sources=sources)


def _rules(archive: Archive, path: str, picked: Picked, progress: Progress) -> Sequence[Rule]:
    from archiver.services.exclusion import Rule

    mine = {index: out for (where, index), out in picked.out.items() if where == path and out}
    if not mine:
        return ()
    if stamp_of(Path(path)) != picked.stamps.get(path):
        raise InputRefused("bestand.veranderde_tijdens_lezen", {"bestand": Path(path).name})
    made: list[Rule] = []
    for row in look_again(archive, Path(path), picked.answers.get(path, {}), progress):
        out = mine.get(row.key[1], {})
        if out and isinstance(row.record, Conversation):
            for reason in sorted(set(out.values())):
                chosen = frozenset(place for place, why in out.items() if why == reason)
                made.append(Rule(reason, gesprek=row.record.id, berichten=chosen))
            del mine[row.key[1]]
    if mine:  # what must go out would be stored: better nothing than that
        raise InputRefused("bestand.veranderde_tijdens_lezen", {"bestand": Path(path).name})
    return made


def _joined(one: TakeInResult, more: TakeInResult) -> TakeInResult:
    changes = replace(one.changes, ids=(*one.changes.ids, *more.changes.ids))
    sources = (*one.sources, *more.sources)
    return replace(one, changes=changes, sources=sources, stopped=more.stopped)
