"""What ISO 19005-2 (PDF/A-2) level A asks of a file, as far as pikepdf and the font tables can show.

Ours, because the verdict of the program that made the PDF proves nothing. `violations` names the clause and
what is wrong. Not checked: glyph outlines, hyphenation, the reading order and whether an Alt text is right.
"""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterator
from typing import Any

import pikepdf
from lxml import etree
from pdfminer.cmapdb import CMapParser, FileUnicodeMap

_OPERATORS = (
    "b B b* B* BDC BI BMC BT BX c cm CS cs d d0 d1 Do DP EI EMC ET EX f F f* G g gs h i ID j J K k l m "
    "M MP n q Q re RG rg ri s S SC sc SCN scn sh T* Tc Td TD Tf Tj TJ TL Tm Tr Ts Tw Tz v w W W* y ' \""
)
_SHOWN = "b B b* B* f F f* s S sh Do Tj TJ ' \" INLINE"
_FILTERS = (
    "/ASCIIHexDecode /ASCII85Decode /FlateDecode /RunLengthDecode /CCITTFaxDecode /JBIG2Decode "
    "/DCTDecode /JPXDecode"
)
_BLENDS = (
    "/Normal /Compatible /Multiply /Screen /Overlay /Darken /Lighten /ColorDodge /ColorBurn /HardLight "
    "/SoftLight /Difference /Exclusion /Hue /Saturation /Color /Luminosity"
)
_ACTIONS = "/GoTo /Named /URI /GoToR /Thread /SubmitForm"
_STRUCTURE = (
    "/Document /Part /Art /Sect /Div /BlockQuote /Caption /TOC /TOCI /Index /NonStruct /Private /P /H /H1 "
    "/H2 /H3 /H4 /H5 /H6 /L /LI /Lbl /LBody /Table /TR /TH /TD /THead /TBody /TFoot /Span /Quote /Note "
    "/Reference /BibEntry /Code /Link /Annot /Ruby /RB /RT /RP /Warichu /WT /WP /Figure /Formula /Form"
)
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_NS = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "pdf": "http://ns.adobe.com/pdf/1.3/",
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
    "schema": "http://www.aiim.org/pdfa/ns/schema#",
    "property": "http://www.aiim.org/pdfa/ns/property#",
}
_PREDEFINED = (  # XMP Specification of September 2005, and those of ISO 19005 itself
    *(_NS[name] for name in ("dc", "xmp", "pdf", "pdfaid")),
    "http://ns.adobe.com/xap/1.0/mm/",
    "http://ns.adobe.com/xap/1.0/rights/",
    "http://ns.adobe.com/xap/1.0/bj/",
    "http://ns.adobe.com/xap/1.0/t/pg/",
    "http://www.aiim.org/pdfa/ns/extension/",
)


def _among(name: object, words: str) -> bool:
    return str(name) in words.split()


def violations(made: bytes) -> list[str]:
    """Give every clause that the file breaks; empty when none was found."""
    found = list(_file(made))
    with pikepdf.open(io.BytesIO(made)) as document:
        found += _trailer(document)
        found += _catalog(document)
        found += _intents(document)
        found += _metadata(document)
        found += _structure(document)
        for one in _objects(document):
            found += _object(one)
        for page in document.pages:
            found += _page(page)
        found += [f"6.1.9 {problem}" for problem in document.check_pdf_syntax()]
    return found


def _file(made: bytes) -> Iterator[str]:
    if not re.match(rb"%PDF-1\.[0-7]\r?\n%[\x80-\xff]{4}", made):
        yield "6.1.2 header"
    if not re.search(rb"%%EOF\r?\n?\Z", made):
        yield "6.1.3 bytes after the end of the file"


def _trailer(document: pikepdf.Pdf) -> Iterator[str]:
    trailer = document.trailer
    if len(trailer.get("/ID", [])) != 2 or not all(bytes(part) for part in trailer.ID):
        yield "6.1.3 no ID"
    if "/Encrypt" in trailer or document.is_encrypted:
        yield "6.1.3 encrypted"


def _catalog(document: pikepdf.Pdf) -> Iterator[str]:
    root = document.Root
    names = root.get("/Names", {})
    forbidden = {
        "/AA": "6.5.2",
        "/OpenAction": "6.5.1",
        "/AcroForm": "6.4",
        "/OCProperties": "6.9",
        "/Requirements": "6.11",
        "/Perms": "6.1.12",
        "/NeedsRendering": "6.4.2",
        "/AF": "6.8",
    }
    for key, clause in forbidden.items():
        if key in root:
            yield f"{clause} {key} in the catalog"
    for key, clause in {
        "/EmbeddedFiles": "6.8",
        "/JavaScript": "6.5.1",
        "/AlternatePresentations": "6.10",
    }.items():
        if key in names:
            yield f"{clause} {key} in the names"
    if not re.fullmatch(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", str(root.get("/Lang", ""))):
        yield "6.7.4 no language"
    if not root.get("/MarkInfo", {}).get("/Marked", False):
        yield "6.7.2 not marked"
    if root.get("/MarkInfo", {}).get("/Suspects", False):
        yield "6.7.2 suspects"


def _intents(document: pikepdf.Pdf) -> Iterator[str]:
    mine = [i for i in document.Root.get("/OutputIntents", []) if i.S == "/GTS_PDFA1"]
    if len(mine) != 1 or "/DestOutputProfile" not in mine[0]:
        yield "6.2.3 no output intent"
        return
    yield from _profile(mine[0].DestOutputProfile, "6.2.3")
    if "/DestOutputProfileRef" in mine[0]:
        yield "6.2.3 profile outside the file"


def _profile(stream: Any, clause: str) -> Iterator[str]:
    data = stream.read_bytes()
    spaces = {b"GRAY": 1, b"RGB ": 3, b"Lab ": 3, b"CMYK": 4}
    if len(data) < 128 or data[36:40] != b"acsp" or data[8] > 4:
        yield f"{clause} ICC profile"
    elif spaces.get(data[16:20]) != int(stream.N):
        yield f"{clause} N is not that of the profile"
    elif data[12:16] not in (b"mntr", b"prtr", b"scnr", b"spac"):
        yield f"{clause} class of the profile"


def _metadata(document: pikepdf.Pdf) -> Iterator[str]:
    stream = document.Root.get("/Metadata")
    if stream is None or stream.get("/Subtype") != "/XML":
        yield "6.6.2.1 no metadata"
        return
    data = stream.read_bytes()
    if re.search(rb"<\?xpacket begin=[^?]*(bytes|encoding)=", data):
        yield "6.6.2.1 packet header"
    tree = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    properties: dict[tuple[str, str], str] = {}
    for about in tree.iter(f"{_RDF}Description"):
        for child in about:
            name = etree.QName(child)
            properties[name.namespace or "", name.localname] = "".join(child.itertext()).strip()
        for key, value in about.attrib.items():
            name = etree.QName(key)
            properties.setdefault((name.namespace or "", name.localname), str(value))
    said = (properties.get((_NS["pdfaid"], key)) for key in ("part", "conformance"))
    if tuple(said) != ("2", "A"):
        yield "6.6.4 part and conformance"
    described = {
        (schema.findtext("schema:namespaceURI", "", _NS), found.text)
        for schema in tree.iter(f"{_RDF}li")
        for found in schema.findall(".//property:name", _NS)
    }
    for namespace, name in properties:
        own = namespace in (*_PREDEFINED, _RDF[1:-1])
        if not own and (namespace, name) not in described:
            yield f"6.6.2.3 {name} is in no schema"
    yield from _same_as_info(document, properties)


def _same_as_info(document: pikepdf.Pdf, xmp: dict[tuple[str, str], str]) -> Iterator[str]:
    info = document.trailer.get("/Info", {})
    for key, where in {
        "/Title": ("dc", "title"),
        "/Author": ("dc", "creator"),
        "/Subject": ("dc", "description"),
        "/Keywords": ("pdf", "Keywords"),
        "/Creator": ("xmp", "CreatorTool"),
        "/Producer": ("pdf", "Producer"),
    }.items():
        if key in info and str(info[key]) != xmp.get((_NS[where[0]], where[1])):
            yield f"6.6.3 {key} is not that of the metadata"
    for key, name in {"/CreationDate": "CreateDate", "/ModDate": "ModifyDate"}.items():
        if key in info:
            digits = re.sub(r"\D", "", xmp.get((_NS["xmp"], name), ""))
            if re.sub(r"\D", "", str(info[key])) != digits:
                yield f"6.6.3 {key} is not that of the metadata"


def _structure(document: pikepdf.Pdf) -> Iterator[str]:
    root = document.Root.get("/StructTreeRoot")
    if root is None:
        yield "6.7.3 no structure"
        return
    roles = {str(k): str(v) for k, v in root.get("/RoleMap", {}).items()}
    waiting, seen = [root.get("/K")], 0
    while waiting:
        node = waiting.pop()
        if isinstance(node, pikepdf.Array):
            waiting += list(node)
        elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
            seen += 1
            kind = str(node.S)
            for _ in range(len(roles) + 1):
                kind = kind if _among(kind, _STRUCTURE) else roles.get(kind, kind)
            if not _among(kind, _STRUCTURE):
                yield f"6.7.3.4 {kind} is no standard type"
            if kind == "/Figure" and not (str(node.get("/Alt", "")) or "/ActualText" in node):
                yield "6.7.5 figure without words"
            waiting.append(node.get("/K"))
    if not seen:
        yield "6.7.3 no structure"


def _objects(document: pikepdf.Pdf) -> Iterator[Any]:
    """Give every dictionary and stream, those within others too."""
    waiting: list[Any] = [*document.objects, document.trailer]
    while waiting:
        one = waiting.pop()
        if isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
            yield one
            waiting += [value for _, value in one.items() if not _indirect(value)]
        elif isinstance(one, pikepdf.Array):
            waiting += [value for value in one if not _indirect(value)]


def _indirect(value: Any) -> bool:
    return bool(getattr(value, "is_indirect", False))


def _object(one: Any) -> Iterator[str]:
    for key, value in one.items():
        if len(str(key).encode()) > 128:
            yield "6.1.13 long name"
        if isinstance(value, pikepdf.String) and len(bytes(value)) > 32_767:
            yield "6.1.13 long string"
        if isinstance(value, int) and not -(2**31) <= value < 2**31:
            yield "6.1.13 large number"
    if isinstance(one, pikepdf.Stream):
        filters = one.get("/Filter", pikepdf.Array())
        for name in filters if isinstance(filters, pikepdf.Array) else [filters]:
            if not _among(name, _FILTERS):
                yield f"6.1.7.2 filter {name}"
        if {"/F", "/FFilter", "/FDecodeParms"} & set(one.keys()):
            yield "6.1.7.1 content outside the file"
    kind, sub = one.get("/Type"), one.get("/Subtype")
    acts = kind == "/Action" or (kind is None and {"/JS", "/URI", "/Win"} & set(one.keys()))
    if acts and "/S" in one:
        allowed = _among(one.S, _ACTIONS)
        yield f"our own: action {one.S}" if allowed else f"6.5.1 action {one.S}"
    if "/JS" in one:
        yield "6.5.1 JavaScript"
    if "/EF" in one or kind in ("/EmbeddedFile", "/Filespec"):
        yield "6.8 embedded file"
    if kind == "/Annot" or (
        sub in ("/Link", "/Text", "/Widget", "/FileAttachment") and "/Rect" in one
    ):
        yield "6.3 annotation, of which there is none here"
    if sub == "/Image":
        yield from _image(one)
    if sub == "/Form" and {"/OPI", "/PS", "/Subtype2", "/Ref"} & set(one.keys()):
        yield "6.2.9 form"
    if sub == "/PS":
        yield "6.2.9 PostScript"
    if kind == "/ExtGState":
        yield from _graphics(one)
    if kind == "/Font":
        yield from _font(one)


def _image(image: Any) -> Iterator[str]:
    if {"/Alternates", "/OPI"} & set(image.keys()) or image.get("/Interpolate", False):
        yield "6.2.8 image"
    if "/ImageMask" not in image and int(image.get("/BitsPerComponent", 8)) not in (1, 2, 4, 8, 16):
        yield "6.2.8 bits per component"
    space = image.get("/ColorSpace")
    if isinstance(space, pikepdf.Array) and space[0] == "/ICCBased":
        yield from _profile(space[1], "6.2.4.2")
        return
    base = space[1] if isinstance(space, pikepdf.Array) and space[0] == "/Indexed" else space
    if base == "/DeviceCMYK":
        yield "6.2.4.3 CMYK without its profile"


def _graphics(state: Any) -> Iterator[str]:
    if "/TR" in state or state.get("/TR2", "/Default") != "/Default" or "/HTP" in state:
        yield "6.2.5 graphics state"
    blends = state.get("/BM", "/Normal")
    for name in blends if isinstance(blends, pikepdf.Array) else [blends]:
        if not _among(name, _BLENDS):
            yield f"6.2.10 blend mode {name}"


def _font(font: Any) -> Iterator[str]:
    name = str(font.get("/BaseFont", ""))
    if font.Subtype == "/Type0":
        if font.get("/Encoding") not in ("/Identity-H", "/Identity-V"):
            yield f"6.2.11.3.3 CMap of {name}"
        if "/ToUnicode" not in font:
            yield f"6.2.11.7.2 no ToUnicode for {name}"
            return
        for code, text in to_unicode(font).items():
            if not text or any(c in "\x00\ufeff\ufffe" for c in text):
                yield f"6.2.11.7.2 code {code} of {name} is no character"
        return
    if font.Subtype == "/CIDFontType2" and font.get("/CIDToGIDMap") is None:
        yield f"6.2.11.3.2 CIDToGIDMap of {name}"
    if font.Subtype not in ("/CIDFontType2", "/CIDFontType0"):
        yield f"our own: only composite fonts, {name} is {font.Subtype}"
    about = font.get("/FontDescriptor", {})
    program = about.get("/FontFile2", about.get("/FontFile3"))
    if program is None:
        yield f"6.2.11.4.1 {name} is not embedded"
    elif "/FontFile2" in about:
        yield from _true_type(font, about, program.read_bytes())


def _true_type(font: Any, about: Any, data: bytes) -> Iterator[str]:
    """Hold the widths and the CIDSet against the font program."""
    name = str(font.BaseFont)
    tables = {
        data[at : at + 4]: struct.unpack(">II", data[at + 8 : at + 16])
        for at in range(12, 12 + 16 * struct.unpack(">H", data[4:6])[0], 16)
    }
    place = {key: start for key, (start, _) in tables.items()}
    glyphs = struct.unpack(">H", data[place[b"maxp"] + 4 :][:2])[0]
    units = struct.unpack(">H", data[place[b"head"] + 18 :][:2])[0]
    metrics = struct.unpack(">H", data[place[b"hhea"] + 34 :][:2])[0]
    wide = [
        struct.unpack(">H", data[place[b"hmtx"] + 4 * min(n, metrics - 1) :][:2])[0] * 1000 / units
        for n in range(glyphs)
    ]
    said = widths(font)
    if any(
        abs(said.get(n, float(font.get("/DW", 1000))) - wide[n]) > 1 for n in said if n < glyphs
    ):
        yield f"6.2.11.5 widths of {name}"
    if "/CIDSet" in about:
        bits = about.CIDSet.read_bytes()
        if not all(n // 8 < len(bits) and bits[n // 8] >> (7 - n % 8) & 1 for n in range(glyphs)):
            yield f"6.2.11.4.2 CIDSet of {name}"


def widths(font: Any) -> dict[int, float]:
    """Read /W of a CID font."""
    found: dict[int, float] = {}
    rest = list(font.get("/W", []))
    while rest:
        if isinstance(rest[1], pikepdf.Array):
            found |= {int(rest[0]) + n: float(w) for n, w in enumerate(rest[1])}
            rest = rest[2:]
        else:
            found |= {n: float(rest[2]) for n in range(int(rest[0]), int(rest[1]) + 1)}
            rest = rest[3:]
    return found


def to_unicode(font: Any) -> dict[int, str]:
    """Give what each code of a font means; nothing when it does not say so."""
    cmap = FileUnicodeMap()
    if "/ToUnicode" in font:
        CMapParser(cmap, io.BytesIO(font.ToUnicode.read_bytes())).run()
    return dict(cmap.cid2unichr)


def _page(page: pikepdf.Page) -> Iterator[str]:
    if "/AA" in page.obj or "/PresSteps" in page.obj or "/Annots" in page.obj:
        yield "6.5.2 more than a page"
    low, high = sorted(float(n) for n in page.mediabox[2:])
    if low < 3 or high > 14_400:
        yield "6.1.13 size of the page"
    yield from _content(page, page.obj.Resources)


def _content(content: Any, resources: Any) -> Iterator[str]:
    """Follow the operators: known ones, everything tagged, every character with a meaning."""
    depth, marks, font = 0, list[bool](), None
    meanings: dict[str, dict[int, str]] = {}
    for found in pikepdf.parse_content_stream(content):
        name = (
            "INLINE" if isinstance(found, pikepdf.ContentStreamInlineImage) else str(found.operator)
        )
        operands = list(found.operands)
        if not _among(name, f"{_OPERATORS} INLINE"):
            yield f"6.2.2 operator {name}"
        if name in ("k", "K") or (name in ("cs", "CS") and operands[0] == "/DeviceCMYK"):
            yield "6.2.4.3 CMYK without its profile"
        depth += (name == "q") - (name == "Q")
        if depth > 28:
            yield "6.1.13 depth"
        if name in ("BMC", "BDC"):
            inside = operands[1] if name == "BDC" else {}
            if isinstance(inside, pikepdf.Name):
                inside = resources.Properties[inside]
            marks.append(operands[0] == "/Artifact" or "/MCID" in inside)
        elif name == "EMC":
            marks.pop()
        elif name == "Tf":
            font = str(operands[0])
            if font not in meanings:
                meanings[font] = to_unicode(resources.Font[font])
        elif _among(name, _SHOWN) and not any(marks):
            yield f"6.7.3 {name} is neither tagged nor an artifact"
        if name in ("Tj", "TJ", "'", '"'):
            assert font is not None
            parts = operands[-1] if isinstance(operands[-1], pikepdf.Array) else operands[-1:]
            for part in (bytes(p) for p in parts if isinstance(p, pikepdf.String)):
                for (code,) in struct.iter_unpack(">H", part):
                    if code == 0:
                        yield "6.2.11.8 .notdef"
                    elif code not in meanings[font]:
                        yield f"6.2.11.7.2 code {code} of {font} means nothing"
