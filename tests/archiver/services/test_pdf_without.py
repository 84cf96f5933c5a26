"""The PDF in a package, taken apart to its last stream, has nothing of what was taken out."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from zipfile import ZipFile

import pikepdf
import pytest
from PIL import Image, PngImagePlugin

from archiver.progress import Silent
from archiver.services.archive import Archive
from archiver.services.exclusion import Rule, take_in_without
from archiver.services.intake import TakeIn
from archiver.services.packaging_run import MakePackage, make_package
from tests.helpers.messages import OWNER, work_folder
from tests.helpers.pdf_reading import hidden_in
from tests.helpers.pdfa import violations

NOTE = "KATJANOESJKA"


def photo(colour: tuple[int, int, int]) -> bytes:
    """A picture of one colour, with words in it that no eye sees."""
    out = io.BytesIO()
    about = PngImagePlugin.PngInfo()
    about.add_text("Comment", NOTE)
    Image.new("RGB", (40, 30), colour).save(out, "PNG", pnginfo=about)
    return out.getvalue()


PRIVATE, KEPT = photo((201, 17, 93)), photo((12, 120, 60))
PIXELS = bytes((201, 17, 93)) * 40
SECRETS = (
    "Huwelijkscrisis",
    "bel je straks",
    "testuitslag",
    "Zwager Ewout",
    "00000005-prive-foto.png",
    "Scheidingsconvenant Ewout.pdf",
    "weduwe van Arjen",
    hashlib.sha256(PRIVATE).hexdigest(),
)
CHAT = (
    "[17-11-2026 09:12:01] Mira van Oosterhof: De brug gaat dicht op 1 december\n"
    "[17-11-2026 12:30:00] Mira van Oosterhof: Huwelijkscrisis thuis, bel je straks? 💔\n"
    "[17-11-2026 12:31:10] Zwager Ewout: Sterkte met de testuitslag\n"
    "[17-11-2026 12:32:10] Mira van Oosterhof: ‎<bijgevoegd: 00000005-prive-foto.png>\n"
    "[17-11-2026 12:33:10] Zwager Ewout: Scheidingsconvenant Ewout.pdf • ‎3 pagina's ‎<bijgevoegd: "
    "Scheidingsconvenant Ewout.pdf>\n"
    "[17-11-2026 12:34:10] Mira van Oosterhof: weduwe van Arjen\nen nog een regel\n"
    "[18-11-2026 08:00:10] Joris Blankert: ‎<bijgevoegd: 00000006-PHOTO-brug.png>\n"
    "[18-11-2026 08:01:00] Mira van Oosterhof: Mooi, dank\n"
)
RULES = (Rule("prive", van="2026-11-17T12:00:00", tot="2026-11-17"),)


@pytest.fixture
def phone(tmp_path: Path) -> Path:
    folder = tmp_path / "telefoon"
    folder.mkdir()
    with ZipFile(folder / "WhatsApp-chat met Team Brug.zip", "w") as export:
        export.writestr("_chat.txt", CHAT)
        export.writestr("00000005-prive-foto.png", PRIVATE)
        export.writestr("00000006-PHOTO-brug.png", KEPT)
    return folder


def copies(archive: Archive, folder: Path, target: Path, rules: tuple[Rule, ...]) -> list[bytes]:
    """Take in, package, and give every PDF of the package."""
    take_in_without(archive, TakeIn((folder,), owner=OWNER), rules, Silent())
    made = make_package(archive, MakePackage(target), Silent())
    assert made.released
    return [path.read_bytes() for path in sorted(made.path.rglob("*.pdf"))]


def test_nothing_of_what_was_taken_out_is_in_the_pdf(
    archive: Archive, phone: Path, tmp_path: Path
) -> None:
    [made] = copies(archive, phone, tmp_path / "levering", RULES)
    for secret in (*SECRETS, PIXELS, NOTE, PRIVATE, PRIVATE[60:]):
        assert hidden_in(made, secret) == [], secret
    for kept in ("De brug gaat dicht op 1 december", "00000006-PHOTO-brug.png", "Mooi, dank"):
        assert hidden_in(made, kept)
    assert hidden_in(made, bytes((12, 120, 60)) * 40), "the photo that stays is in it"
    assert hidden_in(made, "5 berichten weggelaten")
    # The fonts have the glyphs of what is kept and no other: not one character gives a hint.
    assert hidden_in(made, "💔") == []
    assert violations(made) == []


def test_the_search_finds_each_of_them_when_nothing_is_taken_out(
    phone: Path, tmp_path: Path
) -> None:
    """A search that cannot find is no proof."""
    archive = work_folder(tmp_path / "heel")
    [made] = copies(archive, phone, tmp_path / "levering", ())
    archive.close()
    for secret in (*SECRETS[:-1], PIXELS, "💔"):
        assert hidden_in(made, secret), secret


@pytest.mark.parametrize(
    "place", ["title", "bookmark", "alt", "actual text", "metadata", "attached", "name", "comment"]
)
def test_the_search_looks_in_every_corner(
    archive: Archive, phone: Path, tmp_path: Path, place: str
) -> None:
    [made] = copies(archive, phone, tmp_path / "levering", RULES)
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(made)) as document:
        page = document.pages[0]
        if place == "title":
            document.docinfo["/Subject"] = "Zwager Ewout"
        elif place == "bookmark":
            with document.open_outline() as outline:
                outline.root.append(pikepdf.OutlineItem("Zwager Ewout", 0))
        elif place == "alt":
            document.Root.StructTreeRoot.K[0].Alt = pikepdf.String("Zwager Ewout")
        elif place == "actual text":
            page.contents_add(b"/Span<</ActualText(Zwager Ewout)>>BDC EMC")
        elif place == "metadata":
            with document.open_metadata() as about:
                about["dc:description"] = "Zwager Ewout"
        elif place == "attached":
            document.attachments["a.bin"] = "Zwager Ewout".encode("utf-16-le")
        elif place == "name":
            page.obj["/Zwager Ewout"] = 1
        else:
            page.contents_add(document.make_stream(b"% Zwager Ewout\n"))
        document.save(out, compress_streams=True)
    assert hidden_in(out.getvalue(), "zwager ewout")
