"""What the vault asks of the disk: write all, make durable, never overwrite, know when full."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from pathlib import Path

from archiver.errors import DiskFull, KnownError, StoreRefused

if sys.platform == "darwin":
    import fcntl

_FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})
_NO_LINKS = frozenset({errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP, errno.EMLINK})
_BINARY = getattr(os, "O_BINARY", 0)
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)


def create(path: Path) -> int:
    """Open a new file for writing, for this user only. FileExistsError when the name is taken."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | _BINARY | _NO_FOLLOW
    return os.open(path, flags, 0o600)


def write_all(descriptor: int, data: bytes) -> None:
    """Write every byte: one write call may take fewer than it was given."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def flush_file(path: Path) -> None:
    """Make a file read-only and durable, its mode included."""
    descriptor = os.open(path, os.O_RDWR | _BINARY | _NO_FOLLOW)
    try:
        path.chmod(0o444)
        _flush(descriptor)
    finally:
        os.close(descriptor)


def flush_folder(folder: Path) -> None:
    """Make the names in a folder durable. Windows has no such call; NTFS journals its renames."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _flush(descriptor)
    finally:
        os.close(descriptor)


def _flush(descriptor: int) -> None:
    if sys.platform == "darwin":
        # fsync on macOS stops at the drive's cache.
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    else:
        os.fsync(descriptor)


def name_once(temporary: Path, final: Path) -> None:
    """Give a finished file its final name. FileExistsError when something stands there already."""
    if sys.platform == "win32":
        temporary.rename(final)  # refuses an existing name on Windows only
        return
    try:
        final.hardlink_to(temporary)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # A file system without hard links (exFAT): one writing process, so look and then rename.
        if os.path.lexists(final):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(final)) from error
        temporary.rename(final)
        return
    remove(temporary)


def remove(path: Path) -> None:
    """Remove a file of ours, read-only ones too; nothing when it is not there."""
    if sys.platform == "win32" and path.exists():
        path.chmod(0o600)
    path.unlink(missing_ok=True)


def need_room(folder: Path, size: int, margin: int) -> None:
    """Raise `DiskFull` unless `size` bytes fit and `margin` bytes stay free."""
    free = shutil.disk_usage(folder).free
    if free < size + margin:
        raise DiskFull("schijf_vol", {"ruimte": amount(size + margin - free)})


def failure(error: OSError, margin: int) -> KnownError:
    """Give our error for a write that the disk of the vault refused: full, too large, or broken."""
    if error.errno in _FULL:
        return DiskFull("schijf_vol", {"ruimte": amount(margin)})
    if error.errno == errno.EFBIG:
        return DiskFull("bestand_past_niet_op_schijf")
    return StoreRefused("kluis_schijffout")


def amount(size: int) -> str:
    """Write a number of bytes as whole megabytes, at least one: how much must be freed."""
    return f"{max(-(-size // 1_000_000), 1)} MB"
