"""The files of one item: the original, its header record, its reading copy and, of a chat, the JSON."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

from archiver.export import gesprek_html, gesprek_pdf, leeskopie
from archiver.export.attachments import Parts
from archiver.export.kopregels import gesprek, kopregels
from archiver.export.model import Opener, PackageFile, Role
from archiver.export.naming import derived_urn, extension
from archiver.export.streams import pieces, whole
from archiver.model import Conversation, EmailMessage

if TYPE_CHECKING:
    from archiver.export.compose import PackageItem

JSON = ("fmt/817", "JSON Data Interchange Format", "application/json")
_MAIL = {"eml", "mbox", "pst", "ost", "olm", "emlx", "maildir"}  # their messages are RFC 5322 bytes
HTML = ("fmt/471", "Hypertext Markup Language", "text/html")
TEXT = ("x-fmt/111", "Plain Text File", "text/plain")


def has_original(record: EmailMessage | Conversation, siblings: int) -> bool:
    """Tell whether the original lies with the item itself.

    Of an export with more conversations the file lies at the level above, or stays behind.
    """
    return isinstance(record, EmailMessage) or siblings == 1


def made_count(record: EmailMessage | Conversation) -> int:
    """Give how many files are made for an item, beside its original and its parts."""
    return 2 if isinstance(record, EmailMessage) else 4 + gesprek_pdf.parts(record)


def item_files(given: PackageItem, key: str, parts: Parts) -> tuple[PackageFile, ...]:
    """Give the files that lie in the folder of the item itself, the original first."""
    item, record = given.item, given.item.record

    def made(
        name: str, opener: Opener, kind: tuple[str, str, str], role: Role, what: str
    ) -> PackageFile:
        kenmerk = derived_urn(item.id, f"bestand:{what}")
        return PackageFile(name, None, None, opener, *kind, role, kenmerk, "inlezen")

    left_out = [asdict(part) for part in parts.left_out]
    header = whole(
        lambda: kopregels(
            item, given.source, given.headers(), left_out, parts.keys, given.authenticity()
        )
    )
    files = []
    if has_original(record, given.siblings):
        files.append(_original(given, key))
    files.append(made(f"{key}-kopregels.json", header, JSON, "metagegevens", "kopregels"))
    if isinstance(record, Conversation):
        neutral = pieces(lambda: gesprek(record, given.messages()))
        copy = pieces(lambda: leeskopie.chat(record, given.messages()))
        web = pieces(lambda: gesprek_html.page(record, given.messages(), parts.paths))
        files.append(made(f"{key}-leeskopie.html", web, HTML, "leeskopie", "leeskopie-html"))
        paper = gesprek_pdf.Copy(
            record, given.messages, parts.paths, item.secured_at, lambda p: given.part((p,))()
        )
        total = gesprek_pdf.parts(record)
        for number in range(total):
            name = f"leeskopie-{number + 1:02d}" if total > 1 else "leeskopie"
            opener = whole(partial(paper.part, number))
            what = f"{name}-pdf"
            files.append(made(f"{key}-{name}.pdf", opener, gesprek_pdf.PUID, "leeskopie", what))
        files.append(made(f"{key}-gesprek.json", neutral, JSON, "leeskopie", "gesprek"))
    else:
        copy = whole(lambda: leeskopie.email(record, given.text()))
    files.append(made(f"{key}-leeskopie.txt", copy, TEXT, "leeskopie", "leeskopie"))
    return tuple(files)


def _original(given: PackageItem, key: str) -> PackageFile:
    """Give the exact bytes; a message out of a mailbox is a mail file of its own."""
    item, found, record = given.item, given.source.identification, given.item.record
    puid, name, media_type, basis = found.puid, found.format_name, found.media_type, found.basis
    suffix = extension(given.source.path, "txt" if isinstance(record, Conversation) else "eml")
    if item.sha256 != given.source.sha256:
        inner = given.identify(()) if record.format not in _MAIL else None
        puid, name, media_type, basis = (
            (inner.puid, inner.format_name, inner.media_type, inner.basis)
            if inner is not None
            else ("fmt/278", "Internet e-mail message format", "message/rfc822", "inlezen")
        )
        suffix = "eml" if record.format in _MAIL else record.format
    return PackageFile(
        f"{key}.{suffix}",
        given.original_size,
        item.sha256,
        given.original,
        puid,
        name,
        media_type,
        "original",
        derived_urn(item.id, "bestand:origineel"),
        basis,
    )
