"""Open sealed chat backups with a key that is asked, used once and kept nowhere.

The encrypted file stays the original and is secured as it is. What comes out of it is a derivative: a
zip that names its original, made in the temporary folder and secured beside it as a source of its own,
so that every later reading needs no key. With messages taken out the encrypted file is not kept, because
those messages are still in it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from archiver.errors import InputRefused
from archiver.findings import Finding, Severity
from archiver.intake import registry
from archiver.intake.chat import opening
from archiver.intake.pool import environment
from archiver.intake.protocol import Limits, Secret
from archiver.intake.walk import files_of
from archiver.intake.worker import hash_file
from archiver.model import SourceStatus, Unreadable
from archiver.progress import Progress, check_cancelled
from archiver.services.answers import KEY
from archiver.services.archive import Archive
from archiver.services.exclusion import Rule, take_in_without
from archiver.services.inspect import inspect, unreadable_line
from archiver.services.intake import SourceResult, TakeIn, TakeInResult, take_in
from archiver.services.preview import Look, PreviewEvent, PreviewRefused, preview

_ANSWERED = ("chat.sleutel_vragen", "chat.niet_geduid")  # of a file that was opened
_FOLDER = "ontsleuteld-"
_CHILD = (sys.executable, "-m", "archiver.intake.opening_child")


@dataclass(frozen=True, slots=True)
class Opened:
    """One sealed file and what came out of it; `derived` is None when it stayed sealed."""

    original: Path
    derived: Path | None
    finding: Finding | None = None


@dataclass(frozen=True, slots=True)
class Unsealed:
    """A drop after opening: `paths` are the dropped ones and the derived files, `answers` without key."""

    paths: tuple[Path, ...]
    opened: tuple[Opened, ...]
    answers: Mapping[str, str]


@contextlib.contextmanager
def unsealed(
    folder: Path,
    paths: Sequence[Path],
    answers: Mapping[str, str],
    progress: Progress,
    *,
    keep: bool = False,
) -> Iterator[Unsealed]:
    """Open every sealed file of the drop with the answer ``key`` (a `Secret`), as long as this lasts.

    The derived files lie below `folder` and are gone afterwards, unless `keep`. Without a key nothing is
    opened. Raises `Cancelled`.
    """
    others = {name: value for name, value in answers.items() if name != KEY}
    key = answers.get(KEY)
    if not key:
        yield Unsealed(tuple(paths), (), others)
        return
    secret = key if isinstance(key, Secret) else Secret(key)
    made: list[Opened] = []
    try:
        for found in files_of(paths, registry.companions):
            check_cancelled(progress)
            try:
                sealed = found.refusal is None and opening.can_open(found.path) is not None
            except OSError:
                sealed = False  # the reader says why it cannot be opened
            if sealed:
                progress.step(len(made), None, found.path.name)
                made.append(_open(folder, found.path, secret))
        derived = tuple(one.derived for one in made if one.derived is not None)
        yield Unsealed((*paths, *derived), tuple(made), others)
    finally:
        for one in made:
            if one.derived is not None and not keep:
                shutil.rmtree(one.derived.parent, ignore_errors=True)


def preview_opened(archive: Archive, command: Look, progress: Progress) -> Iterator[PreviewEvent]:
    """Read and propose a drop whose sealed files are opened with the answer ``key``.

    Rows of what came out have the path of the derived file, which stays in the temporary folder until
    that is emptied, so that they can be read; the same drop opened again gives the same paths. Why a
    file stayed sealed comes as `PreviewRefused`. Raises `Cancelled`.
    """
    folder = archive.werkmap / "tijdelijk"
    with unsealed(folder, command.paths, command.answers, progress, keep=True) as drop:
        for one in drop.opened:
            if one.finding is not None:
                yield PreviewRefused(one.original, Unreadable((one.finding,)))
        yield from preview(
            archive, replace(command, paths=drop.paths, answers=drop.answers), progress
        )


def open_sealed(archive: Archive, path: Path, key: Secret, progress: Progress) -> Opened:
    """Open one file for somebody who looks at it; nothing of it is stored.

    What came out lies in the temporary folder until it is secured or `tidy` comes; to read or secure
    it no key is needed any more. Raises `InputRefused` when the file is gone, and `Cancelled`.
    """
    check_cancelled(progress)
    try:
        path.stat()
    except OSError as error:
        raise InputRefused("bestand.niet_te_openen", {"bestand": path.name}) from error
    return _open(archive.werkmap / "tijdelijk", path, key)


def tidy(archive: Archive, only: Sequence[Path] | None = None) -> None:
    """Take away what came out of sealed files, or the `only` ones that are named."""
    made = {p.parent for p in only} if only is not None else None
    for folder in (archive.werkmap / "tijdelijk").glob(f"{_FOLDER}*"):
        if made is None or folder in made:
            shutil.rmtree(folder, ignore_errors=True)


def not_kept(original: Path) -> Finding:
    """Say that a backup is not kept itself, because messages of it were taken out."""
    return Finding("chat.verzegeld_niet_bewaard", {"naam": original.name}, original.name)


def inspect_opened(
    paths: tuple[Path, ...],
    progress: Progress,
    *,
    messages: bool = False,
    answers: Mapping[str, str] | None = None,
) -> Iterator[dict[str, Any]]:
    """Do what `inspect` does, with the sealed files opened; nothing is stored and nothing stays."""
    with (
        tempfile.TemporaryDirectory(prefix="archiefklaar-") as folder,
        unsealed(Path(folder), paths, answers or {}, progress) as drop,
    ):
        for one in drop.opened:
            if one.finding is not None:
                yield unreadable_line(one.original, 0, (one.finding,))
        yield from inspect(drop.paths, progress, messages=messages, answers=drop.answers)


def take_in_opened(
    archive: Archive,
    command: TakeIn,
    rules: Sequence[Rule],
    progress: Progress,
    told: Callable[[Sequence[SourceResult]], None] | None = None,
) -> TakeInResult:
    """Take in a drop whose sealed files are opened with the answer ``key``; see `unsealed`.

    `told` is called once, with all sources. Raises what `take_in` and `take_in_without` raise.
    """
    result = _take_in(archive, command, rules, progress)
    if told is not None:
        told(result.sources)
    return result


def _take_in(
    archive: Archive, command: TakeIn, rules: Sequence[Rule], progress: Progress
) -> TakeInResult:
    folder = archive.werkmap / "tijdelijk"
    with unsealed(folder, command.paths, command.answers, progress) as drop:
        plain = replace(command, paths=drop.paths, answers=drop.answers)
        if not rules:
            return _told(take_in(archive, plain, progress), drop)
        sealed = {one.original for one in drop.opened if one.derived is not None}
        without = take_in_without(
            archive, replace(plain, paths=tuple(_all_but(drop.paths, sealed))), rules, progress
        )
        kept, left = _whole(without, drop)
        also = take_in(archive, replace(plain, paths=kept), progress) if kept else None
        sources = (*without.sources, *(also.sources if also else ()))
        ids = tuple(i for source in sources for i in source.item_ids)
        changes = replace(without.changes, ids=ids)
        stopped = without.stopped or (also is not None and also.stopped)
        return _told(TakeInResult(changes, sources, stopped), drop, left)


def _all_but(paths: Sequence[Path], sealed: set[Path]) -> Iterator[Path]:
    """Give the files of a drop one by one, without those that were opened."""
    for found in files_of(paths, registry.companions):
        if found.path not in sealed:
            yield found.path


def _whole(result: TakeInResult, drop: Unsealed) -> tuple[tuple[Path, ...], frozenset[Path]]:
    """Tell which originals may be kept, because nothing was taken out of them, and which not."""
    secured = {s.sha256 for s in result.sources if s.status is not SourceStatus.GEWEIGERD}
    made = [o for o in drop.opened if o.derived is not None]
    kept = [o for o in made if o.derived is not None and hash_file(o.derived)[0] in secured]
    return (
        tuple(o.original for o in kept),
        frozenset(o.original for o in made if o not in kept),
    )


def _told(
    result: TakeInResult, drop: Unsealed, left: frozenset[Path] = frozenset()
) -> TakeInResult:
    """Say with each source what opening gave: why it stayed sealed, or that the original is not kept."""
    said: dict[str, list[Finding]] = {}
    for one in drop.opened:
        if one.finding is not None:
            said.setdefault(str(one.original), []).append(one.finding)
        if one.original in left:
            said.setdefault(str(one.derived), []).append(not_kept(one.original))
    done = {str(one.original) for one in drop.opened if one.derived is not None}
    sources = tuple(
        replace(
            s,
            findings=(*s.findings, *said.get(s.path, ())),
            noticed=tuple(n for n in s.noticed if s.path not in done or n[0].code not in _ANSWERED),
        )
        for s in result.sources
    )
    return replace(result, sources=sources)


def _open(folder: Path, path: Path, key: Secret) -> Opened:
    """Open one file in a child process; a wrong key or a damaged file is a finding."""
    name = hashlib.sha256(str(path).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    place = folder / f"{_FOLDER}{name}"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    target = place / f"{path.name}.ontsleuteld.zip"
    finding = _ask(path, key, target)
    if finding is None:
        return Opened(path, target)
    shutil.rmtree(place, ignore_errors=True)
    return Opened(path, None, finding)


def _ask(path: Path, key: Secret, target: Path) -> Finding | None:
    limits = Limits()
    request = {
        "path": str(path.absolute()),
        "key": key.reveal(),
        "target": str(target),
        "limits": dataclasses.asdict(limits),
    }
    stopped = Finding("chat.openen_gestopt", {"naam": path.name}, path.name, Severity.FOUT)
    try:
        done = subprocess.run(
            _CHILD,
            input=json.dumps(request).encode("ascii") + b"\n",
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_patience(path, limits),
            env=environment(),
            check=False,
        )
    except subprocess.TimeoutExpired:
        return stopped
    if done.returncode != 0 or not done.stdout:
        return stopped
    answer = json.loads(done.stdout)
    return Finding.from_json(answer["finding"]) if "finding" in answer else None


def _patience(path: Path, limits: Limits) -> float:
    """Give the seconds that opening may take: a large backup takes longer."""
    return limits.seconds + path.stat().st_size / 2_000_000
