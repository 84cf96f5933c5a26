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
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from archiver.errors import InputRefused, StoreDamaged
from archiver.findings import Finding, Severity
from archiver.intake import registry
from archiver.intake.chat import opening
from archiver.intake.chat.derived_zip import origin_of
from archiver.intake.child import environment
from archiver.intake.protocol import Limits, Secret
from archiver.intake.walk import files_of, safe_name
from archiver.intake.worker import hash_file
from archiver.model import Conversation, SourceStatus, Unreadable
from archiver.progress import Progress, check_cancelled
from archiver.services import overview
from archiver.services.answers import KEY, YES
from archiver.services.archive import Archive
from archiver.services.exclusion import Rule, take_in_without
from archiver.services.inspect import inspect, unreadable_line
from archiver.services.intake import SourceResult, TakeIn, TakeInResult, take_in
from archiver.services.preview import Look, PreviewEvent, PreviewRefused, preview
from archiver.services.questions import KEY_GIVEN
from archiver.store import sources

_ANSWERED = ("chat.sleutel_vragen", "chat.niet_geduid")  # of a file that was opened
_FOLDER = "ontsleuteld-"
_DERIVED = ".ontsleuteld.zip"
_TICK = 0.1  # seconds between looks at the stop button and the clock
_PIECE = 1 << 20
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
    done = False
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
                made.append(_open(folder, found.path, secret, progress))
        derived = tuple(one.derived for one in made if one.derived is not None)
        if derived:
            others |= {KEY_GIVEN: YES}  # that a key was given; never which
        yield Unsealed((*paths, *derived), tuple(made), others)
        done = True
    finally:
        for one in made:
            if one.derived is not None and not (keep and done):
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
    return _open(archive.werkmap / "tijdelijk", path, key, progress)


def open_stored(archive: Archive, item_id: str, key: Secret, progress: Progress) -> Opened:
    """Open a sealed original that is in the vault, as `open_sealed` does one that is not.

    A copy of its bytes lies in the temporary folder while it is opened. Raises `InputRefused` when it is
    no backup that a key can open, `StoreDamaged` when the vault cannot give it, and `Cancelled`.
    """
    item = overview.item(archive, item_id)
    with archive.register.read() as tx:
        name = safe_name(sources.get(tx, item.source_id).path)
    folder = archive.werkmap / "tijdelijk"
    copy = folder / f"{_FOLDER}kopie-{item.id}"
    try:
        copy.mkdir(parents=True, exist_ok=True)
        _copy(archive, item.source_sha256, copy / name, progress)
        record = item.record
        beside = record.media if isinstance(record, Conversation) else ()
        for part in beside:
            if part.present and part.sha256:
                _copy(archive, part.sha256, copy / safe_name(part.name), progress)
        if opening.can_open(copy / name) is None:
            raise InputRefused("chat.verzegeld_onbekend", {"naam": name}, name)
        return _open(folder, copy / name, key, progress)
    finally:
        shutil.rmtree(copy, ignore_errors=True)


def _copy(archive: Archive, sha256: str, target: Path, progress: Progress) -> None:
    digest = hashlib.sha256()
    with archive.vault.path(sha256).open("rb") as source, target.open("wb") as out:
        while piece := source.read(_PIECE):
            check_cancelled(progress)
            digest.update(piece)
            out.write(piece)
    if digest.hexdigest() != sha256:
        raise StoreDamaged("kluis", {"n": 1}, place=sha256)


def tidy(archive: Archive, only: Sequence[Path] | None = None) -> None:
    """Take away what came out of sealed files, or the `only` ones that are named."""
    made = {p.parent for p in only} if only is not None else None
    for folder in (archive.werkmap / "tijdelijk").glob(f"{_FOLDER}*"):
        if made is None or folder in made:
            shutil.rmtree(folder, ignore_errors=True)


def not_kept(archive: Archive, derived: Path) -> Finding:
    """Say of the backup that `derived` came out of: it is not kept, for messages were taken out.

    Was it secured before, then it is still there, with those messages in it: that is said instead.
    """
    name = derived.name.removesuffix(_DERIVED)
    origin = origin_of(derived)
    with archive.register.read() as tx:
        digest = str(origin["origineel"].get("sha256")) if origin is not None else ""
        before = sources.by_sha256(tx, digest) is not None
    code = "chat.verzegeld_al_bewaard" if before else "chat.verzegeld_niet_bewaard"
    return Finding(code, {"naam": name}, name)


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
            return _told(archive, take_in(archive, plain, progress), drop)
        sealed = {one.original for one in drop.opened if one.derived is not None}
        without = take_in_without(
            archive, replace(plain, paths=tuple(_all_but(drop.paths, sealed))), rules, progress
        )
        kept, left = _whole(without, drop)
        also = take_in(archive, replace(plain, paths=kept), progress) if kept else None
        every = (*without.sources, *(also.sources if also else ()))
        ids = tuple(i for source in every for i in source.item_ids)
        changes = replace(without.changes, ids=ids)
        stopped = without.stopped or (also is not None and also.stopped)
        return _told(archive, TakeInResult(changes, every, stopped), drop, left)


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
    archive: Archive, result: TakeInResult, drop: Unsealed, left: frozenset[Path] = frozenset()
) -> TakeInResult:
    """Say with each source what opening gave: why it stayed sealed, or that the original is not kept."""
    said: dict[str, list[Finding]] = {}
    for one in drop.opened:
        if one.finding is not None:
            said.setdefault(str(one.original), []).append(one.finding)
        if one.derived is not None and one.original in left:
            said.setdefault(str(one.derived), []).append(not_kept(archive, one.derived))
    done = {str(one.original) for one in drop.opened if one.derived is not None}
    told = tuple(
        replace(
            s,
            findings=(*s.findings, *said.get(s.path, ())),
            noticed=tuple(n for n in s.noticed if s.path not in done or n[0].code not in _ANSWERED),
        )
        for s in result.sources
    )
    return replace(result, sources=told)


def _open(folder: Path, path: Path, key: Secret, progress: Progress) -> Opened:
    """Open one file in a child process; a wrong key or a damaged file is a finding.

    Raises `Cancelled`; then, as after any failure, nothing of it is left.
    """
    name = hashlib.sha256(str(path).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    place = folder / f"{_FOLDER}{name}"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    target = place / f"{path.name}{_DERIVED}"
    opened = False
    try:
        finding = _ask(path, key, target, progress)
        opened = finding is None
    finally:
        if not opened:
            shutil.rmtree(place, ignore_errors=True)
    return Opened(path, target if opened else None, finding)


def _ask(path: Path, key: Secret, target: Path, progress: Progress) -> Finding | None:
    limits = Limits()
    request = {
        "path": str(path.absolute()),
        "key": key.reveal(),
        "target": str(target),
        "limits": dataclasses.asdict(limits),
    }
    # What a killed child leaves of its temporary files goes with the folder of the target.
    here = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(target.parent))
    said: bytes | None = json.dumps(request).encode("ascii") + b"\n"
    patience = time.monotonic() + _patience(path, limits)
    with subprocess.Popen(
        _CHILD,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment() | here,
    ) as child:
        answered = b""
        try:
            while True:
                check_cancelled(progress)
                try:
                    answered, _ = child.communicate(said, timeout=_TICK)
                    break
                except subprocess.TimeoutExpired:
                    said = None
                    if time.monotonic() > patience:
                        break
        finally:
            child.kill()
    if child.returncode != 0 or not answered:
        return Finding("chat.openen_gestopt", {"naam": path.name}, path.name, Severity.FOUT)
    answer = json.loads(answered)
    return Finding.from_json(answer["finding"]) if "finding" in answer else None


def _patience(path: Path, limits: Limits) -> float:
    """Give the seconds that opening may take: a large backup takes longer."""
    return limits.seconds + path.stat().st_size / 2_000_000
