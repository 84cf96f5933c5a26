"""The reading copy is held against ISO 19005-2 level A by a check of our own, which is shown to bite."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace

import pikepdf
import pytest
from PIL import Image

from archiver.export.gesprek_pdf import Copy
from archiver.model import ChatAttachment, ChatMessage, Conversation, Extract
from tests.archiver.export.test_describe import CHAT
from tests.archiver.export.test_gesprek_pdf import MOMENT, message
from tests.helpers.pdfa import violations

PICTURES = (
    ("rgb.png", "RGB", "PNG"),
    ("grijs.png", "L", "PNG"),
    ("palet.png", "P", "PNG"),
    ("doorzichtig.png", "RGBA", "PNG"),
    ("zwartwit.png", "1", "PNG"),
    ("diep.png", "I;16", "PNG"),
    ("foto.jpg", "RGB", "JPEG"),
    ("grijs.jpg", "L", "JPEG"),
    ("drukwerk.jpg", "CMYK", "JPEG"),
    ("beweegt.gif", "P", "GIF"),
    ("web.webp", "RGBA", "WEBP"),
)


def picture(mode: str, kind: str) -> bytes:
    out = io.BytesIO()
    Image.new(mode, (48, 32), 1 if mode in ("1", "P") else None).save(out, kind)
    return out.getvalue()


def made(messages: list[ChatMessage], record: Conversation = CHAT) -> bytes:
    content = {name: picture(mode, kind) for name, mode, kind in PICTURES}
    record = replace(record, message_count=len(messages))
    files = {name: f"C-0001-B01/{name}" for name in content}
    return Copy(
        record, lambda: messages, files, MOMENT, lambda name: io.BytesIO(content[name])
    ).part(0)


def with_file(index: int, name: str, kind: str) -> ChatMessage:
    size = len(picture(*next((mode, k) for n, mode, k in PICTURES if n == name)))
    kind = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif"}.get(kind, "image/webp")
    one = ChatAttachment(name, True, "exact", name, kind, size, "0" * 64)
    return message(index, text=None, attachments=(one,))


SAID = "Brug 😀👍🏽 👨‍👩‍👧 ☎ → ½ m² ① ﬁ שלום עולם مرحبا Привет Ἀθῆναι ἄ 中文 \x07 \ue000 \u200f\u200e\u00ad x"


@pytest.fixture(scope="module")
def plain() -> bytes:
    """A file in which the check finds nothing; the tests below damage copies of it."""
    return made([message(0, text=SAID), with_file(1, "foto.jpg", "JPEG")])


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [message(0, text=SAID, sender="~ Anna 😀", reactions=({"emoji": "❤️", "sender": "ש"},))],
        [message(n, text=f"{SAID} " * 30, sent=f"2026-11-{1 + n // 8:02}") for n in range(120)],
        [with_file(n, name, kind) for n, (name, _, kind) in enumerate(PICTURES)],
        [
            message(0, text="w" * 3_000),
            message(1, reply_to="0", edited=True),
            message(2, sender=None),
        ],
        [message(0, text="https://voorbeeld.invalid/pad?x=1 mailto:iemand@voorbeeld.invalid")],
    ],
    ids=["nothing", "scripts", "many pages", "pictures", "shapes", "links"],
)
def test_nothing_that_the_norm_asks_is_missing(messages: list[ChatMessage]) -> None:
    assert violations(made(messages)) == []


@pytest.mark.parametrize(("name", "kind"), [(n, k) for n, _, k in PICTURES])
def test_a_picture_is_in_it_in_colours_that_have_a_profile(name: str, kind: str) -> None:
    with pikepdf.open(io.BytesIO(made([with_file(0, name, kind)]))) as document:
        found = [o for o in document.objects if isinstance(o, pikepdf.Stream)]
        images = [o for o in found if o.get("/Subtype") == "/Image"]
    # Colours of print would need a profile of print: such a picture is named only.
    assert bool(images) == (name != "drukwerk.jpg")


def test_with_messages_taken_out_neither() -> None:
    record = replace(CHAT, extract=Extract("0" * 64, 1, "0" * 64, 3, {"prive": 2}))
    assert violations(made([message(1)], record)) == []


def _fonts(document: pikepdf.Pdf, kind: str) -> list[pikepdf.Dictionary]:
    found = [o for o in document.objects if isinstance(o, pikepdf.Dictionary)]
    return [o for o in found if o.get("/Type") == kind]


def _javascript(document: pikepdf.Pdf) -> None:
    document.Root.OpenAction = pikepdf.Dictionary(
        Type=pikepdf.Name.Action, S=pikepdf.Name.JavaScript, JS="app.alert(1)"
    )


def _web_link(document: pikepdf.Pdf) -> None:
    action = pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://voorbeeld.invalid")
    document.pages[0].obj.Annots = pikepdf.Array(
        [
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=action
            )
        ]
    )


def _attached(document: pikepdf.Pdf) -> None:
    document.attachments["x.txt"] = b"x"


def _untagged(document: pikepdf.Pdf) -> None:
    page = document.pages[0]
    found = pikepdf.parse_content_stream(page)
    kept = [one for one in found if str(one.operator) not in ("BDC", "BMC", "EMC")]
    page.obj.Contents = document.make_stream(pikepdf.unparse_content_stream(kept))


def _cmyk(document: pikepdf.Pdf) -> None:
    document.pages[0].contents_add(b"0 0 0 1 k", prepend=True)


def _outside(document: pikepdf.Pdf) -> None:
    stream = next(o for o in document.objects if isinstance(o, pikepdf.Stream))
    stream.F = pikepdf.String("buiten.bin")


def _figure(document: pikepdf.Pdf) -> None:
    for one in (o for o in document.objects if isinstance(o, pikepdf.Dictionary)):
        if one.get("/S") == "/Figure":
            del one["/Alt"]


def _width(document: pikepdf.Pdf) -> None:
    font = next(f for f in _fonts(document, "/Font") if "/W" in f)
    font.W = pikepdf.Array([1, 400, 77])


def _set_metadata(name: str, value: str) -> Callable[[pikepdf.Pdf], None]:
    def change(document: pikepdf.Pdf) -> None:
        with document.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as about:
            about[name] = value

    return change


def _without(*path: str) -> Callable[[pikepdf.Pdf], None]:
    def change(document: pikepdf.Pdf) -> None:
        node = document.Root
        for key in path[:-1]:
            node = node[key]
        del node[path[-1]]

    return change


def _of_font(kind: str, key: str) -> Callable[[pikepdf.Pdf], None]:
    def change(document: pikepdf.Pdf) -> None:
        for one in _fonts(document, kind):
            if key in one:
                del one[key]

    return change


DAMAGE: dict[str, tuple[str, Callable[[pikepdf.Pdf], None]]] = {
    "script": ("6.5.1", _javascript),
    "link": ("6.3", _web_link),
    "file within": ("6.8", _attached),
    "content outside": ("6.1.7.1", _outside),
    "no tags": ("6.7.3", _untagged),
    "colours of print": ("6.2.4.3", _cmyk),
    "figure without words": ("6.7.5", _figure),
    "wrong width": ("6.2.11.5", _width),
    "other part": ("6.6.4", _set_metadata("pdfaid:part", "3")),
    "other level": ("6.6.4", _set_metadata("pdfaid:conformance", "B")),
    "other title": ("6.6.3", _set_metadata("dc:title", "Anders")),
    "no metadata": ("6.6.2.1", _without("/Metadata")),
    "no intent": ("6.2.3", _without("/OutputIntents")),
    "no mark": ("6.7.2", _without("/MarkInfo")),
    "no structure": ("6.7.3", _without("/StructTreeRoot")),
    "no language": ("6.7.4", _without("/Lang")),
    "no meaning of characters": ("6.2.11.7.2", _of_font("/Font", "/ToUnicode")),
    "font outside": ("6.2.11.4.1", _of_font("/FontDescriptor", "/FontFile2")),
    "no glyph map": ("6.2.11.3.2", _of_font("/Font", "/CIDToGIDMap")),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_the_check_bites(plain: bytes, damage: str) -> None:
    assert violations(plain) == []
    clause, change = DAMAGE[damage]
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(plain)) as document:
        change(document)
        document.save(out, fix_metadata_version=False)
    assert clause in {said.split()[0] for said in violations(out.getvalue())}


def test_it_bites_on_the_file_itself(plain: bytes) -> None:
    assert "6.1.3 bytes after the end of the file" in violations(plain + b"\nmeer")
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(plain)) as document:
        document.save(out, encryption=pikepdf.Encryption(owner="x", R=6))
    assert "6.1.3 encrypted" in violations(out.getvalue())
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(plain)) as document:
        old = pikepdf.Stream(document, b"\x80\x0b\x60\x50\x22\x0c\x0c\x85\x01")
        old.Filter = pikepdf.Name.LZWDecode
        document.Root.Old = document.make_indirect(old)
        document.save(
            out, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none
        )
    assert "6.1.7.2 filter /LZWDecode" in violations(out.getvalue())
    without = re.sub(rb"/ID\[.*?\]>>", lambda found: b" " * (len(found[0]) - 2) + b">>", plain)
    assert "6.1.3 no ID" in violations(without)
    assert "6.1.2 header" in violations(plain.replace(b"%PDF-1.7", b"%PDF-2.0"))
