"""Put items together into one delivery: Archief > Dossier > Archiefstuk > attachments.

Ids of dossiers, parts and files are derived from the ids of the register, so a second delivery of the
same item carries the same ids. Objects are made one by one, when the writer comes to them: what must be
known of all items beforehand stands in the plan.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.resources import files as resources

from archiver.export import describe, gesprek_delen, gesprek_pdf
from archiver.export.attachments import EMPTY, parts_of
from archiver.export.describe import Context, Retention
from archiver.export.gesprek_delen import ConversationAccount, told
from archiver.export.itemfiles import item_files
from archiver.export.model import (
    Opener,
    Organisatie,
    PackageFile,
    PackageObject,
    PackageOrder,
)
from archiver.export.naming import clean, derived_urn, extension, safe, urn
from archiver.export.plan import Plan
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
    bytes of the item were derived from it; `siblings` is how many items came from that file. `account`
    tells what is known of a conversation beyond its own export.
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
    account: Callable[[], ConversationAccount] = ConversationAccount


def context_of(organisatie: Organisatie, moment: str) -> Context:
    """Make what all objects of one delivery share; `moment` is a dateTime with offset."""
    bron = f"Archiefklaar, {clean(organisatie.naam) or describe.NO_NAME}"
    return Context(organisatie, bron, moment)


def compose(
    plan: Plan,
    give: Callable[[int], PackageItem],
    delivery_id: str,
    naam: str,
    *,
    locatie_doelsysteem: str = "af te spreken met de ontvanger",
) -> PackageOrder:
    """Make the order for one delivery of all items of a settled plan; `give` is asked for each in turn.

    `delivery_id` is a UUID, `naam` the title of the delivery.
    """
    context = plan.context
    composer = _Composer(plan, give, context, delivery_id)
    return PackageOrder(
        root=composer.root(naam),
        organisatie=context.organisatie,
        identificatie=urn(delivery_id),
        naam=clean(naam) or describe.NO_NAME,
        moment=context.moment,
        bron=context.bron,
        files=plan.totals.files + len(_documents(delivery_id)),
        known_bytes=plan.totals.bytes,
        bijzonderheden=composer.remarks,
        findings=composer.findings,
        locatie_doelsysteem=clean(locatie_doelsysteem) or describe.NO_NAME,
    )


@dataclass(slots=True)
class _Composer:
    """Makes the objects of one delivery in the order in which they lie in it, parents first."""

    plan: Plan
    give: Callable[[int], PackageItem]
    context: Context
    delivery_id: str
    noticed: list[tuple[int, Finding]] = field(default_factory=list)
    left_out: int = 0  # parts without a file

    def root(self, naam: str) -> PackageObject:
        held = self._held(0, self.plan.shared())
        about = describe.level(urn(self.delivery_id), naam, "Archief", self.context, held)
        obj = PackageObject(about, safe(naam, "levering"), (), self._below())
        return self.plan.unique(obj)

    def findings(self) -> tuple[Finding, ...]:
        """Give what was noticed, in the order of the items; after all of them were composed."""
        self.noticed.sort(key=lambda one: one[0])
        return (*(finding for _, finding in self.noticed), *self._left_behind())

    def remarks(self) -> str:
        """Give what the pakbon says in words; after all items were composed."""
        total = self.plan.totals
        return (
            f"{total.mails} e-mailberichten en {total.chats} chatgesprekken; "
            f"{total.undecided} zonder besluit (waardering N); "
            f"{self.left_out} onderdelen zonder bestand, zie de kopregels van het bericht."
        )

    def _held(self, first: int, shared: bool) -> Retention:
        """Give what holds for a level: that of its first item when all share it."""
        return (
            describe.retention(self.give(first).item, self.context)
            if shared
            else describe.undecided()
        )

    def _below(self) -> Iterator[PackageObject]:
        for number, (dossier_id, first, shared) in enumerate(self.plan.dossiers(), start=1):
            dossier = self.give(first).item.dossier
            name = dossier.naam if dossier else "Zonder dossier"
            kenmerk = (
                urn(dossier_id)
                if dossier_id
                else derived_urn(self.context.moment, self.context.bron)
            )
            held = self._held(first, shared)
            yield self.plan.unique(
                PackageObject(
                    describe.dossier_object(kenmerk, dossier, self.context, held),
                    f"D-{number:04d}-{safe(name, 'dossier', 30)}",
                    (),
                    self._in_dossier(dossier_id, number),
                )
            )
        yield self.plan.unique(_documentation(self.context, self.delivery_id))

    def _in_dossier(self, dossier: str, number: int) -> Iterator[PackageObject]:
        """Give what came out of one file under that file, when all of it is in this dossier.

        A file of which only a part is delivered stays behind: the rest of it was not chosen.
        """
        yield from self._loose(dossier, number)
        for place, (source, first) in enumerate(self.plan.sources(dossier, True), start=1):
            yield self.plan.unique(
                self._container(dossier, source, first, f"P-{number:04d}-{place:02d}")
            )

    def _loose(self, dossier: str, number: int) -> Iterator[PackageObject]:
        """Put exports of one conversation under one level; what stands alone stays where it was.

        Under a level stand only exports that are kept equally long and are equally public.
        """
        linked = {m.id: m for m in self.plan.loose(dossier) if self.plan.is_linked(m)}
        families = gesprek_delen.families([(m.id, m.linked) for m in linked.values()])
        placed: set[str] = set()
        made = 0
        for member in self.plan.loose(dossier):
            if member.id in placed:
                continue
            family = families.get(member.id, [])
            beside = [linked[one] for one in family if linked[one].held == member.held]
            placed.update(one.id for one in beside)
            if len(beside) < 2:
                yield self._item(member.seq)
                continue
            made += 1
            yield self.plan.unique(
                gesprek_delen.level(
                    self.give(member.seq).item,
                    self.plan.naam(member.seq),
                    len(beside),
                    len(family),
                    (self._item(one.seq) for one in beside),
                    self.context,
                    f"G-{number:04d}-{made:02d}",
                )
            )

    def _container(self, dossier: str, source_id: str, first: int, key: str) -> PackageObject:
        given = self.give(first)
        source = given.source
        assert given.container is not None
        held = self._held(first, self.plan.share(dossier, source_id))
        naam = source.path.replace("\\", "/").rsplit("/", 1)[-1]
        file = PackageFile(
            f"{key}.{extension(source.path, source.identification.format)}",
            source.size,
            source.sha256,
            given.container,
            source.identification.puid,
            source.identification.format_name,
            source.identification.media_type,
            "original",
            derived_urn(source.id, "bestand:postbus"),
            source.identification.basis,
        )
        kind = "Postbus" if isinstance(given.item.record, EmailMessage) else "Chatexport"
        return PackageObject(
            describe.level(urn(source.id), naam, "Archiefstuk", self.context, held, kind),
            key,
            (file,),
            (self._item(member.seq) for member in self.plan.members(dossier, source_id)),
        )

    def _item(self, seq: int) -> PackageObject:
        given, key = self.give(seq), self.plan.key(seq)
        item = given.item
        parts = parts_of(given, key, self.context)
        obj = describe.item_object(
            item, given.source, self.context, [p.naam for p in parts.left_out]
        )
        obj = replace(
            told(obj, item, given.account()),
            gerelateerdInformatieobject=self.plan.related(seq, item),
        )
        for part in parts.left_out:
            # An attachment without bytes is a fact of the message; a medium may still be found.
            severity = Severity.INFO if part.reden == EMPTY else Severity.LET_OP
            self._note(seq, f"pakket.onderdeel_{part.reden}", {"naam": part.naam}, severity)
        self.left_out += len(parts.left_out)
        if isinstance(item.record, Conversation) and not gesprek_pdf.parts(item.record):
            params = {"n": item.record.message_count, "grens": gesprek_pdf.MOST}
            self._note(seq, "pakket.zonder_pdf", params, Severity.INFO)
        files = item_files(given, key, parts)
        return self.plan.unique(PackageObject(obj, key, files, parts.children))

    def _note(
        self, seq: int, code: str, params: Mapping[str, str | int], severity: Severity
    ) -> None:
        self.noticed.append((seq, Finding(code, params, self.plan.key(seq), severity)))

    def _left_behind(self) -> Iterator[Finding]:
        """Say of which files only a part is delivered, when the part has no exact bytes of its own."""
        for seq in self.plan.left_behind():
            params = {"bestand": self.give(seq).source.path}
            yield Finding("pakket.origineel_blijft", params, self.plan.key(seq))


def _documentation(context: Context, delivery_id: str) -> PackageObject:
    """Deliver the definition of our own formats and our own term list, as the SIP text asks."""
    obj = describe.level(
        derived_urn(delivery_id, "documentatie"),
        "Documentatie van eigen formaten en begrippen",
        "Archiefstuk",
        context,
        describe.undecided(),
        "Documentatie",
        "Uitleg bij de kopregels en gesprekken in JSON, en de begrippenlijst voor berichten.",
    )
    return PackageObject(obj, "documentatie", _documents(delivery_id))


def _documents(delivery_id: str) -> tuple[PackageFile, ...]:
    text = resources("archiver.data").joinpath(_DOCUMENTATION).read_bytes()
    return (
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
