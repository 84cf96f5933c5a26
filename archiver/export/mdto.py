"""Write a delivery as an MDTO SIP: folders, files, sidecars and the pakbon.

"SIP-specificatie" of the Nationaal Archief: every folder is an informatieobject, every file has its
sidecar beside it, the pakbon lies beside the collection folder. The same order gives the same bytes.
Everything is written in a hidden folder beside the target (`archiver.export.hidden`), and flushed to
disk and named at the end by `release`; a delivery that fails its check is thrown away by `discard`.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from archiver.errors import DiskFull, InputRefused, KnownError, RuleRefused, StoreDamaged
from archiver.export import describe, hidden, sidecar
from archiver.export.model import PackageFile, PackageObject, PackageOrder
from archiver.export.package_hash import PackageHash
from archiver.export.pakbon import PAKBON, Counts, pakbon_xml
from archiver.export.scratch import Scratch
from archiver.findings import Finding
from archiver.progress import Progress, check_cancelled
from metadata import begrippen
from metadata.mdto import (
    BegripGegevens,
    Bestand,
    ChecksumGegevens,
    IdentificatieGegevens,
    VerwijzingGegevens,
)
from metadata.xml import to_xml

PIECE = 1 << 20
FLUSHERS = 8  # files made durable side by side
_FLUSHED = 256  # that wait their turn at once
_SCRATCH = "regels"
_NO_ROOM = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
# Why the place for a package cannot be written: the code of the text that says so.
_WHY = {
    errno.EACCES: "pakket_plek_dicht",
    errno.EPERM: "pakket_plek_dicht",
    errno.EROFS: "pakket_plek_dicht",
    errno.ENAMETOOLONG: "pakket_plek_lang",
    errno.ENOENT: "pakket_plek_weg",
    errno.ENOTDIR: "pakket_plek_weg",
    errno.EFBIG: "pakket_plek_klein",
}


@dataclass(frozen=True, slots=True)
class Written:
    """A delivery on disk that has not been released: `folder` is hidden, `target` its name to be.

    `findings` are what was noticed while it was composed.
    """

    place: hidden.Hidden
    target: Path
    counts: Counts
    findings: tuple[Finding, ...]

    @property
    def folder(self) -> Path:
        """Where the delivery lies until it is released."""
        return self.place.content


@dataclass(slots=True)
class _Tally:
    order: PackageOrder
    progress: Progress
    below: _Below
    hash: PackageHash
    objects: int = 0
    files: int = 0
    size: int = 0


def write(order: PackageOrder, target: Path, progress: Progress) -> Written:
    """Write the delivery beside `target` under a hidden name, object by object as they are made.

    Raises `RuleRefused` when something is at `target` already, `InputRefused` when nothing can be
    written there, `DiskFull`, `StoreDamaged` when an original is not what was secured, `Cancelled`.
    After any of them nothing is left.
    """
    refuse_taken(target)
    given, target = target, Path(os.path.realpath(target))  # a link that leads nowhere yet is fine
    try:
        place = hidden.take(target)
    except OSError as error:
        raise _failure(error, given) from error
    folder = place.content
    try:
        if (short := order.known_bytes - shutil.disk_usage(folder).free) > 0:
            raise DiskFull("schijf_vol", {"ruimte": f"{-(-short // 1_000_000)} MB"})
        with Scratch(place.base / _SCRATCH) as scratch:
            tally = _Tally(order, progress, _Below(scratch), PackageHash(scratch))
            _object(order.root, folder, "", None, tally)
            hashed = tally.hash.hexdigest()
        counts = Counts(tally.objects, tally.files, tally.size, hashed)
        _save(folder / PAKBON, (pakbon_xml(order, counts),))
        return Written(place, target, counts, order.findings())
    except OSError as error:
        hidden.give_back(place)
        raise _failure(error, given) from error
    except BaseException:
        hidden.give_back(place)
        raise


def refuse_taken(target: Path) -> None:
    """Raise `RuleRefused` when something is at `target` already, `InputRefused` when nobody can tell."""
    try:
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise RuleRefused("pakket_map_bezet", {"pad": str(target)})
    except OSError as error:
        raise _failure(error, target) from error


def release(written: Written) -> None:
    """Make a checked delivery durable and give it its name; after this it is on disk for good.

    Raises `RuleRefused` when something came to stand there meanwhile, `InputRefused` or `DiskFull`.
    """
    try:
        _flush(written.folder)
        if written.target.exists():
            written.target.rmdir()  # only when empty: somebody else's files are never replaced
        written.folder.rename(written.target)
        _flush_folder(written.target.parent)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            raise RuleRefused("pakket_map_bezet", {"pad": str(written.target)}) from error
        raise _failure(error, written.target) from error


def discard(written: Written) -> None:
    """Throw away a delivery that may not leave."""
    hidden.give_back(written.place)


def _failure(error: OSError, target: Path) -> KnownError:
    if error.errno in _NO_ROOM:
        return DiskFull("schijf_vol", {"ruimte": "1 GB"})
    return InputRefused(_WHY.get(error.errno or 0, "pakket_plek_stuk"), {"pad": str(target)})


class _Below:
    """Remembers what lies below the objects that are being written: a mailbox holds all its messages."""

    def __init__(self, scratch: Scratch) -> None:
        self._scratch = scratch
        scratch.run("CREATE TABLE below (depth INTEGER, naam TEXT, kenmerk TEXT, bron TEXT)")
        scratch.run("CREATE INDEX below_depth ON below (depth)")

    def add(self, depth: int, one: VerwijzingGegevens) -> None:
        kenmerk = one.verwijzingIdentificatie
        assert kenmerk is not None
        row = (depth, one.verwijzingNaam, kenmerk.identificatieKenmerk, kenmerk.identificatieBron)
        self._scratch.run("INSERT INTO below VALUES (?, ?, ?, ?)", row)

    def take(self, depth: int) -> Iterator[VerwijzingGegevens]:
        """Give what lies below the object at this depth, and forget it."""
        question = "SELECT naam, kenmerk, bron FROM below WHERE depth = ? ORDER BY rowid"
        for naam, kenmerk, bron in self._scratch.rows(question, (depth,)):
            yield VerwijzingGegevens(naam, IdentificatieGegevens(kenmerk, bron))
        self._scratch.run("DELETE FROM below WHERE depth = ?", (depth,))


def _object(
    obj: PackageObject,
    parent: Path,
    place: str,
    above: VerwijzingGegevens | None,
    tally: _Tally,
    depth: int = 0,
) -> VerwijzingGegevens:
    check_cancelled(tally.progress)
    own = describe.reference(obj.informatieobject)
    folder = parent / obj.key
    folder.mkdir()
    # The hash names every file by its path inside the collection folder.
    inside = f"{place}{obj.key}/" if above is not None else ""
    tally.objects += 1
    representations: list[VerwijzingGegevens] = []
    metadata: list[VerwijzingGegevens] = []
    for file in obj.files:
        check_cancelled(tally.progress)
        tally.progress.step(tally.files, tally.order.files, file.name)
        size, sha256 = _copy(file, folder / file.name, tally.progress)
        tally.files += 1
        tally.size += size
        tally.hash.add(sha256, inside + file.name)
        bestand = _bestand(file, size, sha256, own, tally.order)
        _sidecar(tally, folder, f"{file.name}.bestand.mdto.xml", inside, (to_xml(bestand),))
        reference = VerwijzingGegevens(file.name, bestand.identificatie[0])
        (metadata if file.role == "metagegevens" else representations).append(reference)
    for child in obj.children:
        below = _object(child, folder, inside, own, tally, depth + 1)
        tally.below.add(depth, below)
    whole = replace(
        obj.informatieobject,
        isOnderdeelVan=(above,) if above is not None else (),
        heeftRepresentatie=tuple(representations),
        aanvullendeMetagegevens=tuple(metadata),
    )
    pieces = sidecar.pieces(whole, tally.below.take(depth))
    _sidecar(tally, folder, f"{obj.key}.mdto.xml", inside, pieces)
    return own


def _bestand(
    file: PackageFile, size: int, sha256: str, own: VerwijzingGegevens, order: PackageOrder
) -> Bestand:
    return Bestand(
        identificatie=(IdentificatieGegevens(file.kenmerk, order.bron),),
        naam=file.name,
        omvang=size,
        bestandsformaat=_format(file),
        checksum=(ChecksumGegevens(begrippen.checksum_algoritme(), sha256, order.moment),),
        URLBestand=None,
        isRepresentatieVan=own,
    )


def _format(file: PackageFile) -> BegripGegevens:
    if file.puid is not None:
        return begrippen.pronom(file.puid, file.format_name or file.media_type)
    return begrippen.media_type(file.media_type)


def _copy(file: PackageFile, path: Path, progress: Progress) -> tuple[int, str]:
    """Copy and hash in one pass. Raises `StoreDamaged` when it is not what it must be."""
    digest = hashlib.sha256()
    size = 0
    with file.opener() as source, path.open("xb") as out:
        while piece := source.read(PIECE):
            check_cancelled(progress)
            digest.update(piece)
            size += len(piece)
            out.write(piece)
    sha256 = digest.hexdigest()
    if (file.sha256 or sha256) != sha256 or (file.size if file.size is not None else size) != size:
        raise StoreDamaged("pakket_origineel_anders", {"naam": file.name}, place=file.kenmerk)
    return size, sha256


def _sidecar(tally: _Tally, folder: Path, name: str, inside: str, pieces: Iterable[bytes]) -> None:
    tally.hash.add(_save(folder / name, pieces), inside + name)


def _save(path: Path, pieces: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    with path.open("xb") as out:
        for piece in pieces:
            digest.update(piece)
            out.write(piece)
    return digest.hexdigest()


def _flush(folder: Path) -> None:
    """Make every file and folder durable, side by side: a disk takes many in one go."""
    places = (Path(root) / name for root, _, names in os.walk(folder) for name in ("", *names))
    with ThreadPoolExecutor(FLUSHERS) as pool:
        while some := tuple(islice(places, _FLUSHED)):
            for _ in pool.map(_flush_one, some):
                pass


def _flush_one(path: Path) -> None:
    if path.is_dir():
        _flush_folder(path)
        return
    descriptor = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _flush_folder(folder: Path) -> None:
    if os.name != "posix":
        return  # Windows makes a folder entry durable with the file
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
