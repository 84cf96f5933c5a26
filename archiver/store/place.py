"""Where a register may stand: on a local disk, not synchronised, with one program in it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import BinaryIO

from archiver.errors import StoreRefused

if sys.platform != "win32":
    import fcntl
else:
    import msvcrt

_NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "9p", "afs", "davfs", "ceph"}
    | {"glusterfs", "fuse.sshfs", "fuse.rclone", "fuse.davfs2", "fuse.glusterfs"}
    | {"fuse.gvfsd-fuse", "fuse.google-drive-ocamlfuse"}
)
_SYNC = (
    "onedrive",
    "dropbox",
    "google drive",
    "googledrive",
    "mijn drive",
    "icloud",
    "com~apple~clouddocs",
    "nextcloud",
    "owncloud",
)


def refuse_unsafe(folder: Path, mounts: Path = Path("/proc/self/mounts")) -> None:
    """Raise `StoreRefused` for a folder on a network or a synchronised one: WAL breaks there."""
    resolved = folder.resolve()
    names = [part.casefold() for part in resolved.parts]
    synced = any(name.startswith(sync) for name in names for sync in _SYNC)
    remote = str(resolved).startswith("\\\\") or mount_type(resolved, mounts) in _NETWORK
    if synced or remote:
        raise StoreRefused("werkmap_netwerk")


def mount_type(folder: Path, mounts: Path) -> str | None:
    """Give the type of the file system that holds `folder`; None where there is no mount table."""
    try:
        table = mounts.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    best: tuple[int, str] | None = None
    for line in table.splitlines():
        entry = line.split(" ")
        if len(entry) < 3:
            continue
        point = _unescaped(entry[1])
        inside = str(folder) == point or str(folder).startswith(point.rstrip("/") + "/")
        if inside and (best is None or len(point) >= best[0]):
            best = (len(point), entry[2])
    return best[1] if best else None


def _unescaped(point: str) -> str:
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        point = point.replace(code, character)
    return point


def take_lock(path: Path) -> BinaryIO:
    """Hold an operating-system lock; it goes away with the process, also after kill -9.

    Raises `StoreRefused`: in_gebruik when another program holds it, else register_niet_te_openen.
    """
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    try:
        stream = os.fdopen(os.open(path, flags, 0o600), "r+b", buffering=0)
    except OSError as error:
        raise StoreRefused("register_niet_te_openen") from error
    try:
        if sys.platform != "win32":
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
    except OSError as error:
        stream.close()
        raise StoreRefused("in_gebruik") from error
    return stream
