"""The media that go along with a chat export: members of its zip, or files beside its text.

Names from an export are only ever compared, never used as a path to write. A zip is read within
`Limits`; a member whose name is absolute or leaves the folder is not touched, a zip inside the zip
is a file like any other.
"""

from __future__ import annotations

import hashlib
import lzma
import mimetypes
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path, PurePosixPath

from archiver.errors import InputRefused
from archiver.findings import Finding, Severity
from archiver.intake.protocol import Limits
from archiver.model import ChatAttachment

CHUNK = 1 << 20
# What the standard library raises on a damaged or strange zip, all of it seen on mutated files.
_BROKEN = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    ValueError,
    RuntimeError,
    IndexError,
    OverflowError,
)
_RATIO_FREE = 1 << 20  # bytes; below this a high ratio harms nobody
_ENCRYPTED = 1


def open_zip(path: Path, limits: Limits) -> zipfile.ZipFile:
    """Open a zip after its directory was weighed. InputRefused when it is broken or too much."""
    try:
        archive = zipfile.ZipFile(path)
    except _BROKEN as e:
        raise InputRefused("chat.zip_beschadigd", {"naam": path.name}, path.name) from e
    members = archive.infolist()
    total = sum(m.file_size for m in members)
    if len(members) > limits.zip_members or total > limits.zip_bytes:
        archive.close()
        raise InputRefused("chat.zip_te_groot", {"leden": len(members), "bytes": total}, path.name)
    for member in members:
        if member.file_size > max(_RATIO_FREE, member.compress_size * limits.zip_ratio):
            archive.close()
            raise InputRefused(
                "chat.zip_te_groot", {"leden": len(members), "bytes": total}, path.name
            )
    return archive


def open_export(path: Path, limits: Limits) -> zipfile.ZipFile:
    """Open a zip to read it. As `open_zip`, and InputRefused when two files that differ have one name.

    A message names its file, and we name the text it stands in: nobody could say which of the two it is.
    """
    archive = open_zip(path, limits)
    seen: dict[str, tuple[int, int]] = {}
    for member in archive.infolist():
        content = (member.CRC, member.file_size)
        if usable(member) and seen.setdefault(member.filename, content) != content:
            archive.close()
            raise InputRefused("chat.zip_dubbele_naam", {"naam": path.name}, path.name)
    return archive


def safe_name(name: str) -> bool:
    """Tell whether a member name stays inside its zip: relative, without ``..``, drive or NUL."""
    parts = PurePosixPath(name.replace("\\", "/"))
    return not (parts.is_absolute() or ".." in parts.parts or ":" in name[:3] or "\0" in name)


def usable(member: zipfile.ZipInfo) -> bool:
    """Tell whether a member is a file of the export and not a folder or an extra of macOS."""
    name = PurePosixPath(member.filename)
    link = stat.S_ISLNK(member.external_attr >> 16)
    junk = "__MACOSX" in name.parts or name.name.startswith("._") or name.name == ".DS_Store"
    return not (is_folder(member) or link or junk) and safe_name(member.filename)


def is_folder(member: zipfile.ZipInfo) -> bool:
    """Tell whether a member is a folder, or has no name at all (which `ZipInfo.is_dir` fails on)."""
    return not member.filename or member.filename.endswith("/")


def chunks(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """Give the bytes of a member, exactly as many as it declares. InputRefused when it is broken."""
    if member.flag_bits & _ENCRYPTED:
        raise InputRefused("chat.zip_versleuteld", {"naam": member.filename}, member.filename)
    left = member.file_size
    try:
        with archive.open(member) as stream:
            while left > 0 and (chunk := stream.read(min(CHUNK, left))):
                left -= len(chunk)
                yield chunk
            stream.read(1)  # reaches the end, which checks the CRC
        if left:
            raise EOFError("there is less than the list of the zip says")
    except _BROKEN as e:
        raise InputRefused(
            "chat.zip_lid_beschadigd", {"naam": member.filename}, member.filename
        ) from e


@dataclass(slots=True)
class _Kept:
    """The zip that was asked last, with its media by name."""

    path: Path | None = None
    archive: zipfile.ZipFile | None = None
    members: dict[str, zipfile.ZipInfo] = field(default_factory=dict)

    def open(self, path: Path, limits: Limits) -> zipfile.ZipFile:
        """Give the zip at `path`; it is opened only when it is another than the last."""
        if self.archive is None or self.path != path:
            self.close()
            self.archive, self.path = open_zip(path, limits), path
            for member in self.archive.infolist():
                if usable(member):
                    self.members.setdefault(member.filename, member)
        return self.archive

    def close(self) -> None:
        """Let go of the file."""
        if self.archive is not None:
            self.archive.close()
        self.path, self.archive, self.members = None, None, {}


_KEPT: ContextVar[_Kept | None] = ContextVar("zip_kept_open", default=None)


@contextmanager
def kept_open() -> Iterator[None]:
    """Keep one zip open between calls of `member_bytes`, as long as this lasts.

    For who asks all media of an export that does not change meanwhile: opening a zip reads its whole
    directory, so that opening it for every medium is quadratic.
    """
    kept = _Kept()
    token = _KEPT.set(kept)
    try:
        yield
    finally:
        _KEPT.reset(token)
        kept.close()


def member_bytes(path: Path, name: str, limits: Limits) -> Iterator[bytes]:
    """Give the bytes of the medium `name` (as in `ChatAttachment.path`) of the export at `path`.

    InputRefused when there is no such medium or the limits forbid it.
    """
    outside = _KEPT.get()
    kept = outside or _Kept()
    if kept.path == path or zipfile.is_zipfile(path):
        try:
            archive = kept.open(path, limits)
            if (member := kept.members.get(name)) is not None:
                yield from chunks(archive, member)
                return
        finally:
            if outside is None:
                kept.close()
    else:
        beside = file_beside(path.parent, name)
        if beside is not None and beside.stat().st_size <= limits.zip_bytes:
            with beside.open("rb") as stream:
                yield from iter(lambda: stream.read(CHUNK), b"")
            return
    raise InputRefused("chat.media_niet_gevonden", {"naam": name}, path.name)


def file_beside(folder: Path, name: str) -> Path | None:
    """Give the file `name` in or below `folder`; None when it is none or lies elsewhere."""
    if not name or "\\" in name or not safe_name(name) or len(name.encode()) > 1_000:
        return None
    found = folder / name
    try:
        inside = "/" not in name or found.resolve().is_relative_to(folder.resolve())
        return found if inside and stat.S_ISREG(found.lstat().st_mode) else None
    except (OSError, ValueError, RuntimeError):
        return None


def _hashed(parts: Iterator[bytes]) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    for chunk in parts:
        digest.update(chunk)
        size += len(chunk)
    return size, digest.hexdigest()


def _present(name: str, path: str, size: int, sha256: str) -> ChatAttachment:
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return ChatAttachment(name, True, "exact", path, media_type, size, sha256)


@dataclass(slots=True)
class Shelf:
    """The media at hand, by name; `find` matches a name in the text to one of them."""

    by_name: dict[str, ChatAttachment]
    alike: dict[str, list[str]] = field(default_factory=dict)
    folder: Path | None = None
    limits: Limits = field(default_factory=Limits)
    listed: bool = True
    findings: tuple[Finding, ...] = ()

    def find(self, name: str) -> ChatAttachment:
        """Give the medium for a name in the text, absent when there is none.

        Match "exact"; or "stem", for a name that ends in a bare dot or differs in case: real
        exports write ``DOC-20220502-WA0006.`` for ``DOC-20220502-WA0006.pdf``.
        """
        exact = self._exact(name)
        if exact is not None:
            return exact
        same = self._alike(name.casefold())
        if len({a.sha256 for a in same}) == 1:
            best = max(same, key=lambda a: ("." in a.name, a.name))
            return replace(best, name=name, match="stem")
        return ChatAttachment(name, False, absent_because="not_in_export")

    def _alike(self, folded: str) -> list[ChatAttachment]:
        if not self.listed and self.folder is not None:
            self.listed = True
            names = (entry.name for entry in self.folder.iterdir())
            for name in islice(names, self.limits.zip_members):
                for key in _keys(name):
                    self.alike.setdefault(key, []).append(name)
        found = (self._exact(name) for name in self.alike.get(folded, [])[:10])
        return [medium for medium in found if medium is not None]

    def _exact(self, name: str) -> ChatAttachment | None:
        found = self.by_name.get(name)
        if found is None and self.folder is not None:
            beside = file_beside(self.folder, name)
            if beside is not None and beside.stat().st_size <= self.limits.zip_bytes:
                with beside.open("rb") as stream:
                    size, sha = _hashed(iter(lambda: stream.read(CHUNK), b""))
                last = PurePosixPath(name).name
                found = self.by_name[name] = _present(last, name, size, sha)
        return found


def _keys(name: str) -> set[str]:
    """Under what a file can be found: its name in any case, and its stem with a bare dot."""
    folded = name.casefold()
    return {folded, folded.rpartition(".")[0] + ".", folded + "."} - {"."}


def _shelve(shelf: Shelf, name: str) -> None:
    for key in _keys(name):
        shelf.alike.setdefault(key, []).append(name)


def zip_shelf(
    archive: zipfile.ZipFile, texts: frozenset[str], limits: Limits, base: str | None = None
) -> Shelf:
    """Hash every medium of a zip. `texts` are the members that are chat texts, not media.

    Media are found by their last name or, with `base`, by their path from that folder of the zip.
    """
    shelf = Shelf({}, limits=limits)
    trouble: list[Finding] = []
    for member in archive.infolist():
        if member.filename in texts or is_folder(member):
            continue
        if not safe_name(member.filename):
            trouble.append(Finding("chat.zip_pad_geweigerd", {}, "", Severity.LET_OP))
        if not usable(member):
            continue
        try:
            size, sha = _hashed(chunks(archive, member))
        except InputRefused as refused:
            trouble.append(refused.as_finding())
            continue
        name = PurePosixPath(member.filename).name
        medium = _present(name, member.filename, size, sha)
        key = name if base is None else member.filename.removeprefix(f"{base}/" if base else "")
        shelf.by_name.setdefault(key, medium)
        _shelve(shelf, key)
    shelf.findings = tuple(trouble[:100])
    return shelf


def known_shelf(media: Iterable[ChatAttachment], limits: Limits) -> Shelf:
    """Make the shelf of media that were found before, to match names without looking again."""
    shelf = Shelf({}, limits=limits)
    for medium in media:
        if medium.present:
            shelf.by_name.setdefault(medium.name, medium)
            _shelve(shelf, medium.name)
    return shelf


def folder_shelf(path: Path, limits: Limits) -> Shelf:
    """Make the shelf of the folder around a text; a file is hashed only when it is named."""
    return Shelf({}, folder=path.parent, limits=limits, listed=False)


def named_beside(path: Path, limits: Limits) -> Iterator[Path]:
    """Give the files beside a chat text that its lines name as attachments, cheaply.

    Only lines that end in a bracket can name one: ``NAME (file attached)``, ``<attached: NAME>``.
    """
    names: dict[bytes, list[Path]] = {}
    for entry in islice(path.parent.iterdir(), limits.zip_members):
        for key in _keys(entry.name) if entry != path else ():
            names.setdefault(key.encode("utf-8", "replace"), []).append(entry)
    if not names:
        return
    found: set[Path] = set()
    with path.open("rb") as stream:
        for line in stream:
            line = line.rstrip()
            if line.endswith(b")"):
                name = line[: line.rfind(b" (")].rpartition(b": ")[2]
            elif line.endswith(b">"):
                name = line[:-1].rpartition(b": ")[2]
            else:
                continue
            plain = name.replace(b"\xe2\x80\x8e", b"").decode("utf-8", "replace").casefold()
            for entry in names.get(plain.encode("utf-8", "replace"), []):
                if entry not in found and file_beside(path.parent, entry.name):
                    found.add(entry)
                    yield entry
