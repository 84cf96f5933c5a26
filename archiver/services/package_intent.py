"""What is about to be released, kept until the register knows it: a crash in between loses nothing.

Before a package gets its name, a file in the work folder says which one it will be. After the register
has it the file goes away. What is found at the next start is settled: a package that stands at its
place with the very pakbon that was checked is the one, because it gets its name in one step and only
after it was whole, sound and on disk. What never got its name was not made.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from archiver.errors import StoreRefused
from archiver.export.pakbon import PAKBON
from archiver.findings import Finding, Severity
from archiver.model import ItemStatus
from archiver.services.archive import Archive
from archiver.store import audit, items, packages
from archiver.store.packages import PackageRow
from archiver.vault import disk

FOLDER = "onderweg"
_LARGEST = 64 << 20  # bytes of a pakbon that is looked at


def intend(archive: Archive, row: PackageRow, target: Path, pakbon: bytes) -> Path:
    """Say durably that this package is about to stand at `target`; gives the file that says so.

    Raises `DiskFull` or `StoreRefused` when the work folder cannot hold it.
    """
    said = {
        "row": asdict(row),
        "target": str(target),
        "pakbon": hashlib.sha256(pakbon).hexdigest(),
    }
    data = json.dumps(said).encode()
    path = archive.werkmap / FOLDER / f"{row.id}.json"
    try:
        path.parent.mkdir(exist_ok=True)
        descriptor = disk.create(path)
        try:
            disk.write_all(descriptor, data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        disk.flush_folder(path.parent)
    except OSError as error:
        raise disk.failure(error, len(data)) from error
    return path


def fulfil(path: Path) -> None:
    """Take the file away: the register knows the package.

    One that cannot be taken away is settled at the next start.
    """
    with suppress(OSError):
        path.unlink(missing_ok=True)


def record(
    archive: Archive,
    row: PackageRow,
    released: bool,
    findings: Sequence[Finding],
    *,
    settled: bool = False,
) -> None:
    """Put a package in register and audit trail, in one transaction; `settled` after a crash."""
    with archive.register.write() as tx:
        if released:
            packages.add(tx, row)
            for item_id in row.item_ids:
                items.update(tx, item_id, status=ItemStatus.VERPAKT)
        errors = [f.code for f in findings if f.severity is Severity.FOUT]
        after = {
            "hash": row.package_hash,
            "items": list(row.item_ids),
            "informatieobjecten": row.informatieobjecten,
            "bestanden": row.bestanden,
            "fouten": errors[:100],
        }
        after |= {"na_onderbreking": True} if settled else {}
        result = "gelukt" if released else "afgekeurd"
        audit.append(tx, archive.event("pakket", f"package:{row.id}", result, after=after))
        if released:
            for item_id in row.item_ids:
                audit.append(
                    tx, archive.event("verpakt", f"item:{item_id}", after={"package": row.id})
                )


def settle(archive: Archive) -> tuple[PackageRow, ...]:
    """Record the packages that were released before a crash; gives those.

    What cannot be told yet, because the disk of the target is not there, waits for the next start.
    """
    waiting = sorted((archive.werkmap / FOLDER).glob("*.json"))
    if not waiting:
        return ()
    with archive.register.read() as tx:
        known = {row.id for row in packages.all(tx)}
    recorded: list[PackageRow] = []
    for path in waiting:
        said = _read(path)
        if said is not None:
            row = PackageRow(**{**said["row"], "item_ids": tuple(said["row"]["item_ids"])})
            target = Path(said["target"])
            if row.id not in known:
                if not target.parent.is_dir():
                    continue
                if _stands(target, said["pakbon"]):
                    record(archive, row, True, (), settled=True)
                    recorded.append(row)
        fulfil(path)
    return tuple(recorded)


def _read(path: Path) -> dict[str, Any] | None:
    """Read what was said; None when it was cut off, so before the package could get its name."""
    try:
        said: dict[str, Any] = json.loads(path.read_bytes())
    except ValueError:
        return None
    except OSError as error:
        raise StoreRefused("kluis_niet_te_openen") from error
    return said


def _stands(target: Path, pakbon: str) -> bool:
    try:
        with (target / PAKBON).open("rb") as stream:
            return hashlib.sha256(stream.read(_LARGEST)).hexdigest() == pakbon
    except OSError:
        return False
