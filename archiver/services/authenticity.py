"""What proves where a secured message came from: its signatures judged again from the exact bytes.

What the organisation trusts lies in the work folder and is empty by default: ``vertrouwd/*.pem`` (issuers
of S/MIME certificates), ``vertrouwd/*.asc`` (PGP keys) and ``dkim/<selector>._domainkey.<domain>.txt``
(DKIM keys as the DNS gave them). No network is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from archiver.errors import StoreRefused
from archiver.intake import content
from archiver.intake.authenticity import certificates
from archiver.intake.authenticity.examine import authenticity
from archiver.intake.authenticity.facts import Keys, SignatureFact, findings_of
from archiver.model import Conversation, EmailMessage, Item
from archiver.services import reading
from archiver.services.archive import Archive

__all__ = ["Examiner", "SignatureFact", "facts_of", "findings_of", "keys_of"]

_LARGEST = 1_000_000  # bytes of a file with keys
_SIGNED_TYPES = ("multipart/signed", "application/pkcs7", "application/x-pkcs7")
_SIGNED_NAMES = (".p7m", ".p7s")


@dataclass(frozen=True, slots=True)
class Examiner:
    """Judges the messages of one package with the same keys, moment and official."""

    keys: Keys
    moment: str
    actor: str

    @classmethod
    def of(cls, archive: Archive, moment: str) -> Examiner:
        """Read the trusted keys once. Raises `StoreRefused` when one of them cannot be read."""
        return cls(keys_of(archive.werkmap), moment, archive.actor)

    def account(self, record: EmailMessage, raw: bytes) -> dict[str, object]:
        """Give what Archiefregeling art. 24 asks: moment, official, trusted issuers and the facts."""
        roots = certificates.read_roots(self.keys.roots)
        return {
            "gecontroleerd_op": self.moment,
            "gecontroleerd_door": self.actor,
            "vertrouwde_uitgevers": [certificates.name_of(root.subject) for root in roots],
            "feiten": [fact.as_json() for fact in facts_in(record, raw, self.keys)],
        }


def facts_of(archive: Archive, item: Item) -> tuple[SignatureFact, ...]:
    """Judge a secured e-mail; a conversation has no signatures.

    Raises `StoreDamaged` when the vault cannot give its bytes, `StoreRefused` when a trusted key cannot be
    read.
    """
    if isinstance(item.record, Conversation):
        return ()
    return facts_in(item.record, reading.message_bytes(archive, item), keys_of(archive.werkmap))


def facts_in(record: EmailMessage, raw: bytes, keys: Keys) -> tuple[SignatureFact, ...]:
    """Judge one message from its bytes; of an Outlook item its header and its signed parts."""
    derived = any(finding.code.endswith(".afgeleid") for finding in record.findings)
    attached = tuple(_attached(record, raw)) if content.is_no_mail(raw) else ()
    return authenticity(raw, record.date, keys, derived=derived, attached=attached)


def keys_of(werkmap: Path) -> Keys:
    """Read what the organisation trusts. Raises `StoreRefused` when a file cannot be read as a key."""
    roots = tuple(data for _, data in _files(werkmap / "vertrouwd", ".pem"))
    for path, data in _files(werkmap / "vertrouwd", ".pem"):
        try:
            certificates.read_roots((data,))
        except ValueError as error:
            raise StoreRefused("vertrouwd_onleesbaar", {"bestand": path.name}) from error
    return Keys(
        roots,
        tuple(data for _, data in _files(werkmap / "vertrouwd", ".asc")),
        {path.stem.lower(): _record(data) for path, data in _files(werkmap / "dkim", ".txt")},
    )


def _files(folder: Path, suffix: str) -> Iterator[tuple[Path, bytes]]:
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() != suffix or not path.is_file():
            continue
        try:
            if path.stat().st_size > _LARGEST:
                raise StoreRefused("vertrouwd_onleesbaar", {"bestand": path.name})
            yield path, path.read_bytes()
        except OSError as error:
            raise StoreRefused("vertrouwd_onleesbaar", {"bestand": path.name}) from error


def _record(data: bytes) -> str:
    """Read a TXT record: as it is, or in the quoted pieces in which DNS tools show a long one."""
    text = data.decode("utf-8", "replace")
    quoted = re.findall(r'"([^"]*)"', text)
    return "".join(quoted) if quoted else text.strip()


def _attached(record: EmailMessage, raw: bytes) -> Iterator[tuple[str, bytes]]:
    lines = "".join(
        f"{name}: {' '.join(value.split())}\r\n" for name, value in content.all_fields(raw)
    )
    yield "", lines.encode("utf-8", "replace")
    for attachment in record.attachments:
        signed = attachment.media_type.startswith(_SIGNED_TYPES)
        signed = signed or attachment.kind == "message"
        if signed or (attachment.name or "").lower().endswith(_SIGNED_NAMES):
            yield attachment.part, content.part_bytes(raw, attachment.part)
