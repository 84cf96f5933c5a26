"""What a package is before it is written: objects, their files and who delivers them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import BinaryIO, Literal

from archiver.findings import Finding
from metadata.mdto import Informatieobject

Opener = Callable[[], BinaryIO]
Role = Literal["original", "leeskopie", "metagegevens", "bijlage"]


@dataclass(frozen=True, slots=True)
class PackageFile:
    """One file of a package. `size` (bytes) and `sha256` are what it must be.

    Both are None for a file that is made while packaging: then the written bytes decide. `kenmerk` is
    ``urn:uuid:...``; `basis` says who recognised the format: pronom, libmagic or inlezen.
    """

    name: str
    size: int | None
    sha256: str | None
    opener: Opener
    puid: str | None
    format_name: str | None
    media_type: str
    role: Role
    kenmerk: str
    basis: str


@dataclass(frozen=True, slots=True)
class PackageObject:
    """One informatieobject: `key` is the name of its folder and the stem of its sidecar.

    `informatieobject` comes without hierarchy and without references to files: the writer adds them.
    `children` may be made while they are gone through: once, and each with all below it before the next.
    """

    informatieobject: Informatieobject
    key: str
    files: tuple[PackageFile, ...] = ()
    children: Iterable[PackageObject] = ()


@dataclass(frozen=True, slots=True)
class Organisatie:
    """The archiefvormer that delivers; `identificatie` is its code in `register`, when known."""

    naam: str
    identificatie: str | None = None
    contact: str = "niet opgegeven"
    register: str = "Register van overheidsorganisaties"


@dataclass(frozen=True, slots=True)
class PackageOrder:
    """Everything that goes into one delivery; the same order gives the same bytes.

    `moment` is an ISO 8601 dateTime with offset; `bron` is the identificatieBron of our own ids.
    `files` is how many files there will be, `known_bytes` how large those are of which that is known.
    What the pakbon says of the whole (`bijzonderheden`) and what was noticed (`findings`) is asked after
    the last object was written.
    """

    root: PackageObject
    organisatie: Organisatie
    identificatie: str
    naam: str
    moment: str
    bron: str
    files: int
    known_bytes: int
    bijzonderheden: Callable[[], str]
    findings: Callable[[], tuple[Finding, ...]]
    locatie_doelsysteem: str = "af te spreken met de ontvanger"
