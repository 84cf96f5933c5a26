"""What a file is, by its content: PRONOM id, media type, and who recognised it.

PRONOM (pygfried, DROID signatures) first; libmagic (from pylibmagic) for the media type; our own
parsers where both are blind: plain RFC 5322 mail, mbox and chat text. `Identification.basis` is
``pronom``, ``libmagic`` or ``inlezen`` (recognised by reading it). Never call this after a fork:
the Go runtime of pygfried hangs in a forked child. Spawned processes are fine.
"""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path, PurePath
from typing import Any

from archiver.findings import Finding, Severity
from archiver.intake.programs import is_program
from archiver.intake.protocol import Head
from archiver.intake.walk import display_name, refuse, safe_name
from archiver.model import Identification

HEAD_BYTES = 64 * 1024
# PRONOM's patterns look at both ends, but the library searches all of a file and maps all of it: 2 GB cost
# 20 seconds and 2 GB. Of a larger file it gets both ends, as DROID does; a container needs to be whole.
WHOLE_BYTES = 64 * 1024 * 1024
WHOLE_CONTAINER_BYTES = 512 * 1024 * 1024
_ENDS = 1024 * 1024
_CONTAINERS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
UNKNOWN = "onbekend"


@dataclass(frozen=True, slots=True)
class _Own:
    """What we say of a format of ours when PRONOM does not know the file.

    `puid` is None when PRONOM has no number for it that we can prove. `accepted` are the PUIDs with which
    PRONOM says the same thing, more precisely or not.
    """

    puid: str | None
    name: str
    media_type: str
    accepted: frozenset[str]
    extensions: frozenset[str]


_OWN = {
    "eml": _Own(
        "fmt/278",
        "Internet e-mail message format",
        "message/rfc822",
        frozenset({"fmt/278", "fmt/950"}),
        frozenset({"", ".eml", ".mail", ".email"}),
    ),
    "mbox": _Own(
        "fmt/720",
        "MBOX",
        "application/mbox",
        frozenset({"fmt/720"}),
        frozenset({"", ".mbox", ".mbx"}),
    ),
    "whatsapp": _Own(
        "x-fmt/111",
        "Plain Text File",
        "text/plain",
        frozenset({"x-fmt/111", "x-fmt/263"}),
        frozenset({".txt", ".zip"}),
    ),
}
# Every file of a Maildir is a mail file; without a name that says so PRONOM is blind.
_OWN["maildir"] = replace(_OWN["eml"], extensions=_OWN["eml"].extensions | {".txt"})
_OWN["emlx"] = _Own(
    "fmt/2055",
    "Apple Mail message",
    "message/x-emlx",
    frozenset({"fmt/2055"}),
    frozenset({"", ".emlx"}),
)
_OWN["pst"] = _Own(
    "x-fmt/249",
    "Microsoft Outlook Personal Folders",
    "application/vnd.ms-outlook-pst",
    frozenset({"x-fmt/248", "x-fmt/249"}),
    frozenset({"", ".pst", ".ost"}),
)
_OFFLINE = replace(_OWN["pst"], puid=None, name="Microsoft Outlook Offline Storage")
_ZIP = _Own("x-fmt/263", "ZIP Format", "application/zip", frozenset(), frozenset({".zip"}))
# Only an extension that promises another format is wrong; "2004" or "Postvak" promises nothing.
_PROMISES = frozenset(
    f".{extension}"
    for group in (
        ("eml", "mbox", "txt", "zip", "msg", "pst", "ost", "pdf", "rtf", "ics", "exe", "dll"),
        ("doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "ods", "odp"),
        ("html", "htm", "xml", "json", "csv"),
        ("jpg", "jpeg", "png", "gif", "tif", "tiff", "mp3", "mp4", "wav"),
    )
    for extension in group
)


def head_of(path: Path) -> Head:
    """Read the first 64 KiB. Raises OSError as the system gives it."""
    with path.open("rb") as stream:
        data = stream.read(HEAD_BYTES)
        size = stream.seek(0, 2)
    return Head(data, size, path.name)


def identify(path: Path, head: Head, format_word: str | None) -> Identification:
    """Identify a file; `format_word` is the word of the parser that takes it, None when none does.

    An unknown format and an extension that promises something else are findings.
    """
    match = _pronom_of_ends(path, head.size) if _is_large(head) else _pronom(path)
    own = _own(format_word, head)
    findings: list[Finding] = []
    if own is not None and _puid(match) not in own.accepted:
        found = Identification(
            format_word or UNKNOWN, own.media_type, own.puid, own.name, "inlezen"
        )
    else:
        found = _by_others(format_word or UNKNOWN, match, lambda: _media_type(head.data))
        if own is not None and own.media_type != "text/plain":
            found = _with_media_type(found, own.media_type)
    if format_word is None:
        findings.append(_why_unknown(path, head))
    # Of a damaged or locked zip the bytes say nothing about its name.
    judged = all(f.code in ("bestand.onbekend_formaat", "bestand.programma") for f in findings)
    if judged and _extension_differs(path, format_word, match):
        name = display_name(path)
        params = {"bestand": name, "formaat": found.format_name or found.media_type}
        findings.append(Finding("bestand.extensie_klopt_niet", params, place=name))
    return Identification(
        found.format, found.media_type, found.puid, found.format_name, found.basis, tuple(findings)
    )


def identify_bytes(data: bytes, name: str | None) -> Identification:
    """Identify the bytes of an attachment; `name` is what the message calls it.

    No finding for a format that we do not parse: an attachment is kept, not read. An extension that
    promises something else is a finding. Empty bytes: ``inode/x-empty`` without a PUID.
    """
    if not data:
        return Identification(UNKNOWN, "application/x-empty", None, None, "libmagic")
    clean = safe_name(name)
    media_type = _media_type(data[:HEAD_BYTES])
    suffix = PurePath(clean).suffix.lower()
    if media_type == "text/plain" and suffix in ("", ".txt"):
        # The commonest attachment; PRONOM knows it by its extension only, so do not ask.
        return Identification(UNKNOWN, media_type, "x-fmt/111", "Plain Text File", "libmagic")
    with tempfile.TemporaryDirectory(prefix="archiefklaar-") as folder:
        path = Path(folder, f"deel{suffix if suffix.isascii() else ''}")
        path.write_bytes(data)
        match = _pronom(path)
    found = _by_others(UNKNOWN, match, lambda: media_type)
    if found.puid is None and media_type == "message/rfc822":
        own = _OWN["eml"]
        found = Identification(UNKNOWN, media_type, own.puid, own.name, "libmagic")
    findings: tuple[Finding, ...] = ()
    if "extension mismatch" in match.get("warning", ""):
        params = {"bestand": clean, "formaat": found.format_name or found.media_type}
        findings = (Finding("bestand.extensie_klopt_niet", params, place=clean),)
    return Identification(
        UNKNOWN, found.media_type, found.puid, found.format_name, found.basis, findings
    )


def signature_version() -> str:
    """Say with which PRONOM signatures files are identified, for the record of the event."""
    import pygfried

    with tempfile.TemporaryDirectory(prefix="archiefklaar-") as folder:
        path = Path(folder, "leeg.txt")
        path.write_bytes(b"x")
        answer = pygfried.identify(str(path), detailed=True)
    return f"siegfried {answer['siegfried']}; {answer['identifiers'][0]['details']}"


def _own(format_word: str | None, head: Head) -> _Own | None:
    if format_word == "whatsapp" and head.data.startswith(b"PK"):
        return _ZIP if format_word else None
    if format_word == "pst" and head.data[8:10] == b"SO":
        return _OFFLINE
    return _OWN.get(format_word or "")


def _by_others(format_word: str, match: dict[str, str], look: Callable[[], str]) -> Identification:
    puid = _puid(match)
    only_name = bool(puid) and "byte match" not in match["basis"] and not _content(match)
    if puid and not only_name and (mime := match["mime"].split(",")[0].strip()):
        # PRONOM has seen it all; libmagic would cost as much as reading a mail.
        return Identification(format_word, mime, puid, match["format"] or None, "pronom")
    media_type = look()
    readable = media_type.startswith("text/") or media_type == "application/json"
    if puid and (not only_name or readable):
        mime = match["mime"].split(",")[0].strip() or media_type
        basis = "libmagic" if only_name else "pronom"
        return Identification(format_word, mime, puid, match["format"] or None, basis)
    return Identification(format_word, media_type, None, None, "libmagic")


def _content(match: dict[str, str]) -> bool:
    return any(word in match["basis"] for word in ("container", "text match", "xml match", "riff"))


def _with_media_type(found: Identification, media_type: str) -> Identification:
    return Identification(found.format, media_type, found.puid, found.format_name, found.basis)


def _why_unknown(path: Path, head: Head) -> Finding:
    if is_program(path.name, head.data):
        return refuse("bestand.programma", path)
    if head.data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        try:
            with zipfile.ZipFile(path) as archive:
                if any(member.flag_bits & 1 for member in archive.infolist()):
                    return refuse("bestand.wachtwoord", path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            return refuse("bestand.beschadigd", path)
    name = display_name(path)
    return Finding("bestand.onbekend_formaat", {"bestand": name}, name, Severity.FOUT)


def _extension_differs(path: Path, format_word: str | None, match: dict[str, str]) -> bool:
    suffix = path.suffix.lower()
    own = _OWN.get(format_word or "")
    if own is not None:
        return suffix in _PROMISES and suffix not in own.extensions
    if "extension mismatch" in match.get("warning", ""):
        return suffix in _PROMISES
    # Nobody knows the bytes, but the extension promised one of the formats PRONOM can tell.
    return suffix in _PROMISES - {".txt", ".csv", ".json"} and _puid(match) is None


def _puid(match: dict[str, str]) -> str | None:
    puid = match.get("id", "UNKNOWN")
    return None if puid == "UNKNOWN" else puid


def _is_large(head: Head) -> bool:
    bound = WHOLE_CONTAINER_BYTES if head.data.startswith(_CONTAINERS) else WHOLE_BYTES
    return head.size > bound


def _pronom_of_ends(path: Path, size: int) -> dict[str, str]:
    with tempfile.TemporaryDirectory(prefix="archiefklaar-") as folder:
        ends = Path(folder, "einden" + safe_name(path.suffix[1:], "bin").join((".", "")))
        with path.open("rb") as stream, ends.open("wb") as out:
            out.write(stream.read(_ENDS))
            stream.seek(size - _ENDS)
            out.write(stream.read(_ENDS))
        return _ask(ends)


def _pronom(path: Path) -> dict[str, str]:
    """Ask pygfried; a name that is no Unicode gets a clean one first (pygfried refuses it).

    So does one with control characters: pygfried answers with those as they are, which is no JSON.
    """
    if any(c < " " or "\ud800" <= c <= "\udfff" for c in str(path)):
        with tempfile.TemporaryDirectory(prefix="archiefklaar-") as folder:
            clean = Path(folder, f"bestand{safe_name(path.suffix[1:], 'bin').join(('.', ''))}")
            try:
                clean.symlink_to(path.absolute())
            except OSError:
                shutil.copyfile(path, clean)
            return _ask(clean)
    return _ask(path)


def _ask(path: Path) -> dict[str, str]:
    matches = _scanner().identify(str(path), detailed=True)["files"][0]["matches"]
    return {k: str(v) for k, v in matches[0].items()} if matches else {}


@lru_cache(maxsize=1)
def _scanner() -> Any:
    import pygfried

    return pygfried.Scanner()


def _media_type(data: bytes) -> str:
    return str(_magic().from_buffer(data))


@lru_cache(maxsize=1)
def _magic() -> Any:
    # pylibmagic points python-magic to the library and the database it carries: import it first.
    import pylibmagic  # noqa: F401  # isort: skip
    import magic

    return magic.Magic(mime=True)
