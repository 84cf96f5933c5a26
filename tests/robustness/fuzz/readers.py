"""The table of what is fuzzed: a reader, the function that checks it, what it starts from."""

from __future__ import annotations

import hashlib
import io
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from archiver.intake import registry
from archiver.intake.chat import extract
from archiver.model import ChatMessage, Conversation, Span
from tests.archiver.intake import mutations, test_authenticity_dkim, test_msg
from tests.archiver.intake import test_authenticity_pgp as of_pgp
from tests.archiver.intake import test_authenticity_smime as of_smime
from tests.archiver.intake.chat import test_damaged
from tests.helpers import pst_stores, sealed
from tests.helpers.pst_maker import FORMS, Mail
from tests.robustness.fuzz import checks, seeds

MEMBERS = b"\n=-=LID=-=\n"  # between the members of a zip that is made from plain bytes
SMALL = 40_000  # bytes of a seed; larger ones only where there are no others
Check = Callable[[bytes], None]


@dataclass(frozen=True)
class Reader:
    """One reader: `check` fails when a promise is broken, `own` gives seeds made here."""

    check: Callable[[bytes, Path], None]
    own: Callable[[], Sequence[bytes]] = tuple
    name: str = "bron.bin"  # a few readers look at the name of the file too


def parser(
    module: str, name: str = "bron.bin", own: Callable[[], Sequence[bytes]] = tuple
) -> Reader:
    """Give the entry of a parser module: the bytes are a file that it must read."""

    def check(data: bytes, path: Path) -> None:
        path.write_bytes(data)
        found = registry.load(f"archiver.intake.{module}")
        assert found is not None
        checks.file(found, path)

    return Reader(check, own, name)


def zipped(module: str, own: Callable[[], Sequence[bytes]] = tuple) -> Reader:
    """Give the entry of a reader of zips: what is no zip becomes one, with right checksums."""

    def check(data: bytes, path: Path) -> None:
        if not data.startswith(b"PK"):
            data = packed(data)
        found = registry.load(f"archiver.intake.{module}")
        assert found is not None
        path.write_bytes(data)
        checks.file(found, path)

    return Reader(check, own, "bron.zip")


def packed(data: bytes) -> bytes:
    """Make a zip of ``name, line end, content`` between `MEMBERS`."""
    out, names = io.BytesIO(), set()
    with zipfile.ZipFile(out, "w") as archive:
        for piece in data.split(MEMBERS)[:50]:
            name, _, content = piece.partition(b"\n")
            word = name[:200].decode("utf-8", "replace")
            if word not in names:
                archive.writestr(zipfile.ZipInfo(word), content)
            names.add(word)
    return out.getvalue()


def unpacked(data: bytes) -> bytes:
    """Give what `packed` makes this zip of."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [m for m in archive.infolist() if not m.is_dir()]
        return MEMBERS.join(m.filename.encode() + b"\n" + archive.read(m) for m in members)


def _stores() -> list[bytes]:
    found = []
    with tempfile.TemporaryDirectory(prefix="archiefklaar-") as folder:
        for form in FORMS:
            place = Path(folder) / form
            place.mkdir()
            made = pst_stores.store(place, form, a=Mail("een"), b=Mail("twee", plain="x" * 300))
            found.append(made.read_bytes())
    return found


def _signed() -> list[bytes]:
    detached = of_smime.cms_of(of_smime.TEXT, options=of_smime.DETACHED)
    whole = of_smime.cms_of(of_smime.TEXT, options=())
    return [
        of_smime.detached_mail(detached),
        of_smime.opaque_mail(whole),
        *(whole, detached, test_msg.SIGNED, test_msg.ENVELOPED),
        *_harvest(of_pgp),
        *_harvest(test_authenticity_dkim),
    ]


def _harvest(module: object) -> list[bytes]:
    """Give the messages that a test module has at hand as constants."""
    return [v for v in vars(module).values() if isinstance(v, bytes) and b":" in v]


def _pages() -> list[bytes]:
    return [
        b"<p onclick=x>a<b>c</b><a href=http://x.example>d</a><script>e</script></p>",
        b"<style>a{background:url(x)}</style><table><tr><td colspan=2>a<td>b</table>",
        b"<!--[if mso]><v:rect><![endif]--><form action=x><input name=y></form><svg><a xlink:href=x>",
        b"<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=x&gt;'>",
        b"<a href=' java\tscript:x'>&lt;b&gt; &amp;#60; &#x3c;</a><base href=x><meta http-equiv=refresh>",
    ]


def _rich() -> list[bytes]:
    html = rb"{\rtf1\ansi\fromhtml1{\*\htmltag <b>}\htmlrtf x\htmlrtf0 \u8364?{\*\htmltag </b>}}"
    return [test_msg.RICH, test_msg.packed(test_msg.RICH), html, test_msg.packed(html)]


def _threema(data: bytes, path: Path) -> None:
    path.write_bytes(data)
    checks.unsealed(path, sealed.PASSWORD)


def _crypt(data: bytes, path: Path) -> None:
    path.write_bytes(data)
    checks.unsealed(path, sealed.WHATSAPP_KEY)


def _backup(data: bytes, path: Path) -> None:
    path.write_bytes(data)
    checks.unsealed(path, sealed.PASSPHRASE)


def _database() -> bytes:
    with tempfile.TemporaryDirectory(prefix="archiefklaar-") as folder:
        return sealed.whatsapp_database(Path(folder) / "msgstore.db")


def _mbox(data: bytes, path: Path) -> None:
    checks.mailbox(data)
    found = registry.load("archiver.intake.mbox")
    assert found is not None
    path.write_bytes(data)
    checks.file(found, path)


def _mails() -> list[bytes]:
    return mutations.own_seeds()


def _mailboxes() -> list[bytes]:
    separator = b"From anja@x.example Tue Mar  3 09:15:00 2026\n"
    return [b"\n".join(separator + raw + b"\n" for raw in mutations.own_seeds())]


def _extract() -> list[bytes]:
    out = io.BytesIO()
    writer = extract.Writer(out)
    for index, text in enumerate(("om tien uur", "prive", "akkoord")):
        said = ChatMessage("kade", index, Span(0, 0), sender="Sanne", text=text)
        if text == "prive":
            writer.leave_out(said, extract.REASONS[0])
        else:
            writer.keep(replace(said, sent="2026-03-03T09:15:00"))
    writer.finish(
        Conversation("kade", "whatsapp", "whatsapp", 0, 9, "0" * 64, title="Kade", message_count=3)
    )
    return [out.getvalue()]


def _chat(name: str) -> Callable[[], Sequence[bytes]]:
    def own() -> Sequence[bytes]:
        if name == "extract":
            return _extract()
        found = [test_damaged.SAMPLES[name]()] if name in test_damaged.SAMPLES else []
        return found + ([test_damaged.ZIPS[name]] if name in test_damaged.ZIPS else [])

    return own


_CHATS = tuple(
    name.rpartition(".")[2] for name in registry.PARSERS if name.startswith("archiver.intake.chat.")
)
_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, EOFError),
    *(RuntimeError, NotImplementedError, ValueError),
)
_ZIPS = frozenset({"whatsapp", "telegram", "signal", "slack", "rsmf", "web_archive", "threema"})

READERS: dict[str, Reader] = {
    "pst": parser("pst", own=_stores),
    "msg": parser("msg", own=lambda: [test_msg.BASE]),
    "tnef": parser("tnef"),
    "eml": parser("eml", own=_mails),
    "mbox": Reader(_mbox, _mailboxes),
    "ics": parser("ics"),
    "emlx": parser("emlx", "1.emlx"),
    "olm": zipped("olm"),
    "authenticity": Reader(lambda data, _: checks.signatures(of_smime.TRUSTING, data), _signed),
    "html": Reader(lambda data, _: checks.html(data), _pages),
    "rtf": Reader(lambda data, _: checks.rich_text(data), _rich),
    "zip_of_mail": zipped("zip_of_mail"),
    "maildir": parser("maildir", "1.host:2,S", own=_mails),
    **{
        name: (zipped if name in _ZIPS else parser)(f"chat.{name}", own=_chat(name))
        for name in _CHATS
    },
    "open_threema": Reader(_threema, lambda: [sealed.threema()]),
    "open_whatsapp": Reader(_crypt, lambda: [sealed.crypt15(_database())]),
    "open_signal_android": Reader(_backup, lambda: [sealed.signal_backup()]),
}


def checked(name: str, folder: Path) -> Check:
    """Give the check of a reader as a function of bytes alone; files are made below `folder`."""
    reader = READERS[name]
    path = folder / reader.name
    return lambda data: reader.check(data, path)


def starting_points(name: str, found: dict[str, list[bytes]]) -> list[bytes]:
    """Give the known of a reader; zips also as plain bytes, so that their content is reached."""
    known = [*READERS[name].own(), *found.get(name, ())]
    if name == "authenticity":
        known += [s for s in found.get("eml", ()) if b"sign" in s.lower() or b"PGP" in s]
    if name == "html":
        known += [s[s.find(b"<html") :] for s in found.get("eml", ()) if b"<html" in s]
    if name == "maildir":
        known += found.get("eml", ())
    plain = []
    for seed in known:
        if seed.startswith(b"PK\x03\x04"):
            try:
                plain.append(unpacked(seed))
            except _DAMAGED:
                continue  # a damaged or locked zip is a seed as it is
    known = sorted({*known, *plain}, key=len)
    return [s for s in known if len(s) <= SMALL] or known[:5]


def main(folder: Path) -> None:
    """Write the seeds of every reader to `folder`, once: a run that finds them there starts at once."""
    found = seeds.by_reader()
    for name in READERS:
        (folder / name / "start").mkdir(parents=True, exist_ok=True)
        for seed in starting_points(name, found):
            word = hashlib.sha256(seed).hexdigest()[:20]
            (folder / name / "start" / word).write_bytes(seed)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
