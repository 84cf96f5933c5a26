"""Put items together into one delivery: Archief > Dossier > Archiefstuk > attachments.

Ids of dossiers, parts and files are derived from the ids of the register, so a second delivery of the
same item carries the same ids.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.resources import files as resources

from archiver.export import describe, gesprek_pdf
from archiver.export.attachments import EMPTY, parts_of
from archiver.export.describe import Context
from archiver.export.gesprek_delen import ConversationAccount, relations_between, together, told
from archiver.export.itemfiles import item_files
from archiver.export.model import (
    Opener,
    Organisatie,
    PackageFile,
    PackageObject,
    PackageOrder,
)
from archiver.export.naming import clean, derived_urn, extension, safe, urn
from archiver.export.relations import relations
from archiver.export.streams import whole
from archiver.findings import Finding, Severity
from archiver.model import (
    ChatMessage,
    Conversation,
    EmailMessage,
    Identification,
    Item,
    Source,
)
from metadata import begrippen
from metadata.mdto import IdentificatieGegevens

_DOCUMENTATION = "formaat-kopregels.md"
PartPath = tuple[str, ...]


def _no_part(path: PartPath) -> Opener:
    raise KeyError(path)


def _unknown(path: PartPath) -> Identification | None:
    return None


def _no_headers() -> Sequence[tuple[str, str]]:
    return ()


def _no_authenticity() -> Mapping[str, object] | None:
    return None


def _no_messages() -> Iterable[ChatMessage]:
    return ()


@dataclass(frozen=True, slots=True)
class PackageItem:
    """One item with everything that is needed to deliver it; all content comes when asked.

    `original` opens the exact bytes of the item: the slice of an mbox, the .eml or .msg, the chat export
    (txt or zip). `part` opens the decoded bytes of a part: ("2",) is part 2 of the message, ("2", "1")
    part 1 of the message attached as part 2; for a chat the one element is ``ChatAttachment.path``.
    `identify` tells what such a part is, or None. `headers` are all headers, decoded; `text` the plain
    text of an e-mail; `messages` the messages of a conversation, read again on every call; `authenticity`
    what was found of the signatures of an e-mail, in plain form.
    `container` opens the file the item came from when that holds more than this item, or when the
    bytes of the item were derived from it; `siblings` is how many items came from that file. `account` is
    what is known of a conversation beyond its own export.
    """

    item: Item
    source: Source
    original: Opener
    original_size: int
    part: Callable[[PartPath], Opener] = _no_part
    identify: Callable[[PartPath], Identification | None] = _unknown
    headers: Callable[[], Sequence[tuple[str, str]]] = _no_headers
    text: Callable[[], str] = str
    messages: Callable[[], Iterable[ChatMessage]] = _no_messages
    authenticity: Callable[[], Mapping[str, object] | None] = _no_authenticity
    container: Opener | None = None
    siblings: int = 1
    account: ConversationAccount = field(default_factory=ConversationAccount)


@dataclass(slots=True)
class _Built:
    """An item as package object, and where its thread relations must go."""

    given: PackageItem
    object: PackageObject
    findings: tuple[Finding, ...] = field(default=())
    left_out: int = 0  # parts without a file


def compose(
    items: Sequence[PackageItem],
    organisatie: Organisatie,
    moment: str,
    delivery_id: str,
    naam: str,
    *,
    addresses: bool = True,
    locatie_doelsysteem: str = "af te spreken met de ontvanger",
) -> PackageOrder:
    """Make the order for one delivery.

    `moment` is a dateTime with offset, `delivery_id` a UUID, `naam` the title of the delivery. With
    `addresses` False no e-mail address stands in the MDTO metadata; the header record keeps them all.
    """
    bron = f"Archiefklaar, {clean(organisatie.naam) or describe.NO_NAME}"
    context = Context(organisatie, bron, moment, addresses)
    numbers: dict[str, int] = {}
    built = [_build(given, context, numbers) for given in items]
    built = _related(built)
    children = [*_dossiers(built, context), _documentation(context, delivery_id)]
    held = describe.common([describe.retention(b.given.item, context) for b in built])
    root = PackageObject(
        describe.level(urn(delivery_id), naam, "Archief", context, held),
        safe(naam, "levering"),
        (),
        tuple(children),
    )
    return PackageOrder(
        root=_unique(root, {}),
        organisatie=organisatie,
        identificatie=urn(delivery_id),
        naam=clean(naam) or describe.NO_NAME,
        moment=moment,
        bron=bron,
        locatie_doelsysteem=clean(locatie_doelsysteem) or describe.NO_NAME,
        bijzonderheden=_remarks(built),
        findings=(*(f for b in built for f in b.findings), *_left_behind(built)),
    )


def _build(given: PackageItem, context: Context, numbers: dict[str, int]) -> _Built:
    item = given.item
    letter = "M" if isinstance(item.record, EmailMessage) else "C"
    numbers[letter] = numbers.get(letter, 0) + 1
    key = f"{letter}-{numbers[letter]:04d}"
    parts = parts_of(given, key, context)
    obj = describe.item_object(item, given.source, context, [p.naam for p in parts.left_out])
    obj = told(obj, item, given.account)
    package = PackageObject(obj, key, item_files(given, key, parts), parts.children)
    findings = tuple(
        Finding(
            f"pakket.onderdeel_{p.reden}",
            {"naam": p.naam},
            key,
            # An attachment without bytes is a fact of the message; a medium may still be found.
            Severity.INFO if p.reden == EMPTY else Severity.LET_OP,
        )
        for p in parts.left_out
    )
    if isinstance(item.record, Conversation) and not gesprek_pdf.parts(item.record):
        params = {"n": item.record.message_count, "grens": gesprek_pdf.MOST}
        findings += (Finding("pakket.zonder_pdf", params, key, Severity.INFO),)
    return _Built(given, package, findings, len(parts.left_out))


def _related(built: Sequence[_Built]) -> list[_Built]:
    """Add how the messages of the delivery stand to each other."""
    given = [(one.given.item, one.object.informatieobject) for one in built]
    exports = relations_between(given)
    result = []
    for one, own in zip(built, relations(given), strict=True):
        whole = (*own, *exports.get(one.given.item.id, ()))
        obj = replace(one.object.informatieobject, gerelateerdInformatieobject=whole)
        result.append(replace(one, object=replace(one.object, informatieobject=obj)))
    return result


def _dossiers(built: Sequence[_Built], context: Context) -> Iterator[PackageObject]:
    groups: dict[str, list[_Built]] = {}
    for one in built:
        dossier = one.given.item.dossier
        groups.setdefault(dossier.id if dossier else "", []).append(one)
    for number, (dossier_id, members) in enumerate(groups.items(), start=1):
        dossier = members[0].given.item.dossier
        name = dossier.naam if dossier else "Zonder dossier"
        kenmerk = urn(dossier_id) if dossier_id else derived_urn(context.moment, context.bron)
        held = describe.common([describe.retention(m.given.item, context) for m in members])
        yield PackageObject(
            describe.dossier_object(kenmerk, dossier, context, held),
            f"D-{number:04d}-{safe(name, 'dossier', 30)}",
            (),
            tuple(_containers(members, context, number)),
        )


def _containers(
    members: Sequence[_Built], context: Context, dossier: int
) -> Iterator[PackageObject]:
    """Put what came out of one file under that file, when all of it is in this dossier.

    A file of which only a part is delivered stays behind: the rest of it was not chosen.
    """
    per_source: dict[str, list[_Built]] = {}
    for one in members:
        per_source.setdefault(one.given.source.id, []).append(one)
    loose = [
        one
        for group in per_source.values()
        if group[0].given.container is None or len(group) != group[0].given.siblings
        for one in group
    ]
    yield from together([(one.given.item, one.object) for one in loose], context, dossier)
    number = 0
    for group in per_source.values():
        source, first = group[0].given.source, group[0].given
        if first.container is None or len(group) != first.siblings:
            continue
        number += 1
        key = f"P-{dossier:04d}-{number:02d}"
        held = describe.common([describe.retention(m.given.item, context) for m in group])
        naam = source.path.replace("\\", "/").rsplit("/", 1)[-1]
        file = PackageFile(
            f"{key}.{extension(source.path, source.identification.format)}",
            source.size,
            source.sha256,
            first.container,
            source.identification.puid,
            source.identification.format_name,
            source.identification.media_type,
            "original",
            derived_urn(source.id, "bestand:postbus"),
            source.identification.basis,
        )
        kind = "Postbus" if isinstance(first.item.record, EmailMessage) else "Chatexport"
        yield PackageObject(
            describe.level(urn(source.id), naam, "Archiefstuk", context, held, kind),
            key,
            (file,),
            tuple(one.object for one in group),
        )


def _left_behind(built: Sequence[_Built]) -> Iterator[Finding]:
    """Say of which files only a part is delivered, when the part has no exact bytes of its own."""

    def group(one: _Built) -> tuple[str, str]:
        dossier = one.given.item.dossier
        return (dossier.id if dossier else "", one.given.source.id)

    members = Counter(map(group, built))
    said: set[str] = set()
    for one in built:
        record, source = one.given.item.record, one.given.source
        exact = isinstance(record, EmailMessage) and record.place is None
        whole = one.given.container is None or members[group(one)] == one.given.siblings
        if not (exact or whole or source.id in said):
            said.add(source.id)
            yield Finding("pakket.origineel_blijft", {"bestand": source.path}, one.object.key)


def _documentation(context: Context, delivery_id: str) -> PackageObject:
    """Deliver the definition of our own formats and our own term list, as the SIP text asks."""
    text = resources("archiver.data").joinpath(_DOCUMENTATION).read_bytes()
    obj = describe.level(
        derived_urn(delivery_id, "documentatie"),
        "Documentatie van eigen formaten en begrippen",
        "Archiefstuk",
        context,
        describe.undecided(),
        "Documentatie",
        "Uitleg bij de kopregels en gesprekken in JSON, en de begrippenlijst voor berichten.",
    )
    files = (
        _made("formaat-kopregels.md", text, "fmt/1149", "Markdown", "text/markdown", delivery_id),
        _made(
            "begrippen-berichten.csv",
            _terms(),
            "x-fmt/18",
            "Comma Separated Values",
            "text/csv",
            delivery_id,
        ),
    )
    return PackageObject(obj, "documentatie", files)


def _made(
    name: str, content: bytes, puid: str, format_name: str, media_type: str, base: str
) -> PackageFile:
    return PackageFile(
        name,
        None,
        None,
        whole(lambda: content),
        puid,
        format_name,
        media_type,
        "original",
        derived_urn(base, f"bestand:{name}"),
        "inlezen",
    )


def _terms() -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("lijst", "code", "label", "definitie"))
    for term in begrippen.lists()[begrippen.BERICHTEN].values():
        writer.writerow((term.lijst, term.code, term.label, term.definitie))
    return out.getvalue().encode("utf-8")


def _unique(obj: PackageObject, seen: dict[tuple[str, str], int]) -> PackageObject:
    """Keep a kenmerk unique within its bron: a second copy of a message says that it is one."""
    pairs = []
    for pair in obj.informatieobject.identificatie:
        found = (pair.identificatieKenmerk, pair.identificatieBron)
        seen[found] = seen.get(found, 0) + 1
        if seen[found] > 1:
            pair = IdentificatieGegevens(
                pair.identificatieKenmerk, f"{pair.identificatieBron}, exemplaar {seen[found]}"
            )
        pairs.append(pair)
    return replace(
        obj,
        informatieobject=replace(obj.informatieobject, identificatie=tuple(pairs)),
        children=tuple(_unique(child, seen) for child in obj.children),
    )


def _remarks(built: Sequence[_Built]) -> str:
    chats = sum(isinstance(b.given.item.record, Conversation) for b in built)
    left_out = sum(b.left_out for b in built)
    undecided = sum(b.given.item.decision is None for b in built)
    return (
        f"{len(built) - chats} e-mailberichten en {chats} chatgesprekken; "
        f"{undecided} zonder besluit (waardering N); "
        f"{left_out} onderdelen zonder bestand, zie de kopregels van het bericht."
    )
