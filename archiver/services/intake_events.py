"""What is said of taking in: secured, refused, left out before; and which conversations came in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from archiver.findings import Finding
from archiver.intake.chat.uninterpreted import FAILED, asked
from archiver.intake.protocol import Resume
from archiver.model import AuditEvent, Extract, ItemKind, Source
from archiver.services.archive import Archive
from archiver.store import audit, items

_BACK = 500  # entries of the audit trail in which a reader that failed is looked for


def secured(archive: Archive, source: Source, items: int) -> AuditEvent:
    """Say that a source is in vault and register, or was there already."""
    after = {
        "batch": source.batch,
        "sha256": source.sha256,
        "size": source.size,
        "items": items,
        "duplicate_of": source.duplicate_of,
    }
    return archive.event("opname", f"source:{source.id}", source.status.value, after=after)


def not_secured(
    archive: Archive,
    batch_id: str,
    findings: Sequence[Finding],
    size: int,
    sha256: str | None = None,
) -> AuditEvent:
    """Say that a file was refused, and why; its name may be personal and is left out.

    `sha256` is said of a file whose reader failed: kept whole later, no reader starts on it again.
    """
    after: dict[str, object] = {"codes": [f.code for f in findings], "size": size}
    if sha256 is not None and FAILED.intersection(f.code for f in findings):
        after["sha256"] = sha256
    return archive.event("opname", f"batch:{batch_id}", "geweigerd", after=after)


def failed_before(archive: Archive, answers: Mapping[str, str]) -> list[Resume]:
    """Give the files whose reader failed not long ago, for who asks to keep such a file whole."""
    if not asked(answers):
        return []
    with archive.register.read() as tx:
        recent = [entry.event.after or {} for entry in islice(audit.newest(tx), _BACK)]
    return [
        Resume(said["sha256"], said["size"], failed=code)
        for said in recent
        for code in FAILED.intersection(said.get("codes", ()))
        if "sha256" in said
    ]


def left_out(archive: Archive, item_id: str, extract: Extract) -> AuditEvent:
    """Say at intake what later proof is held against: the source, the root and the counts."""
    return archive.event(
        "uitsluiting",
        f"item:{item_id}",
        after={
            "bron_sha256": extract.source_sha256,
            "wortel": extract.root,
            "totaal": extract.total,
            "weggelaten": dict(extract.left_out),
        },
    )


def conversations_among(archive: Archive, ids: Iterable[str]) -> tuple[str, ...]:
    """Give the conversations among these items, in that order; costs one question to the register."""
    with archive.register.read() as tx:
        conversations = set(items.ids(tx, kind=ItemKind.CONVERSATION))
    return tuple(i for i in ids if i in conversations)
