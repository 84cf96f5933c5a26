"""Small real files for the sample messages, the same bytes at every run."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QColor, QImage

_MOMENT = (2026, 11, 1, 9, 0, 0)


def pdf(*lines: str) -> bytes:
    """Make a one-page PDF 1.4 with a correct cross-reference table."""
    text = b"BT /F1 12 Tf 72 760 Td 16 TL\n"
    for line in lines:
        escaped = line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
        text += b"(" + escaped.encode("cp1252") + b") Tj T*\n"
    text += b"ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    out, places = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % p for p in places)
    return out + b"trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start


def _zip(members: list[tuple[str, bytes, bool]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data, packed in members:
            info = zipfile.ZipInfo(name, _MOMENT)
            info.external_attr = 0o644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
            archive.writestr(info, data)
    return out.getvalue()


def zip_of(members: dict[str, bytes]) -> bytes:
    """Make a zip with these members in this order."""
    return _zip([(name, data, True) for name, data in members.items()])


def docx(*paragraphs: str) -> bytes:
    """Make a minimal Office Open XML text document."""
    xml = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    types = "http://schemas.openxmlformats.org/package/2006/content-types"
    rels = "http://schemas.openxmlformats.org/package/2006/relationships"
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = "".join(f"<w:p><w:r><w:t>{p}</w:t></w:r></w:p>" for p in paragraphs)
    return zip_of(
        {
            "[Content_Types].xml": (
                f'{xml}<Types xmlns="{types}"><Default Extension="rels" ContentType='
                '"application/vnd.openxmlformats-package.relationships+xml"/>'
                f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>'
            ).encode(),
            "_rels/.rels": (
                f'{xml}<Relationships xmlns="{rels}"><Relationship Id="rId1" Type="{kind}" '
                'Target="word/document.xml"/></Relationships>'
            ).encode(),
            "word/document.xml": (
                f'{xml}<w:document xmlns:w="{word}"><w:body>{body}</w:body></w:document>'
            ).encode(),
        }
    )


def odt(*paragraphs: str) -> bytes:
    """Make a minimal OpenDocument text; its media type comes first and unpacked, as ODF asks."""
    media = "application/vnd.oasis.opendocument.text"
    base = "urn:oasis:names:tc:opendocument:xmlns"
    body = "".join(f"<text:p>{p}</text:p>" for p in paragraphs)
    content = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<office:document-content xmlns:office="{base}:office:1.0" xmlns:text="{base}:text:1.0" '
        f'office:version="1.2"><office:body><office:text>{body}</office:text></office:body>'
        "</office:document-content>"
    )
    manifest = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<manifest:manifest xmlns:manifest="{base}:manifest:1.0" manifest:version="1.2">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{media}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
        "</manifest:manifest>"
    )
    return _zip(
        [
            ("mimetype", media.encode(), False),
            ("content.xml", content.encode(), True),
            ("META-INF/manifest.xml", manifest.encode(), True),
        ]
    )


def _pixel(x: int, y: int, width: int, height: int) -> tuple[int, int, int]:
    """Draw a bridge over water: an arch between two quays."""
    arch = height * 0.35 + ((x - width / 2) / (width / 2)) ** 2 * height * 0.35
    if y > height * 0.78:
        return (74, 122, 168 - (x // 6) % 3 * 8)
    if arch < y < arch + height * 0.08 or (height * 0.3 < y < height * 0.35):
        return (92, 84, 76)
    return (196, 214 + y * 20 // height, 232)


def png(width: int = 120, height: int = 80) -> bytes:
    """Make a small true-colour PNG."""
    rows = b"".join(
        b"\0" + bytes(v for x in range(width) for v in _pixel(x, y, width, height))
        for y in range(height)
    )

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = zlib.compress(rows, 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    )


def jpg(width: int = 160, height: int = 120) -> bytes:
    """Make a small JPEG (the encoder is Qt's; the committed file is what counts)."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    for y in range(height):
        for x in range(width):
            image.setPixelColor(x, y, QColor(*_pixel(x, y, width, height)))
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "JPEG", 80)
    return bytes(data.data())
