"""The bundled sample set has what the demo promises, counted with the standard library."""

from __future__ import annotations

import csv
import email
import email.policy
import re
import zipfile
from collections import Counter
from email.message import EmailMessage
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import pytest

from archiver.services.dossier_hints import read_hints, suggest
from selectielijst.policy import read_policy
from selectielijst.proposal import Facts, Proposal, propose

SAMPLES = Path(str(files("archiver.data").joinpath("voorbeelden")))
EMLS = sorted(SAMPLES.rglob("*.eml"))
MEDIA = {
    "pdf": b"%PDF-",
    "docx": b"PK\x03\x04",
    "odt": b"PK\x03\x04",
    "png": b"\x89PNG\r\n\x1a\n",
    "csv": b"post;",
    "txt": b"Vragen",
}


def read(path: Path) -> EmailMessage:
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)


def parts() -> list[EmailMessage]:
    return [part for path in EMLS for part in read(path).walk()]


def owners() -> dict[str, str]:
    with (SAMPLES / "selectie" / "eigenaren.csv").open(encoding="utf-8", newline="") as stream:
        return {row["map"]: row["eigenaar"] for row in csv.DictReader(stream)}


def test_there_are_enough_messages_and_each_folder_has_an_owner() -> None:
    assert len(EMLS) >= 14
    folders = {p.name for p in SAMPLES.iterdir() if p.is_dir()} - {"selectie"}
    assert set(owners()) == folders


@pytest.mark.parametrize("path", EMLS, ids=lambda p: p.stem)
def test_every_message_is_sound(path: Path) -> None:
    data = path.read_bytes()
    assert b"\r\n\r\n" in data
    assert data.count(b"\n") == data.count(b"\r\n") == data.count(b"\r")
    assert max(map(len, data.split(b"\r\n"))) <= 998
    assert data.partition(b"\r\n\r\n")[0].isascii()
    message = read(path)
    assert message["Message-ID"] is not None
    assert message["Subject"]
    assert not [d for part in message.walk() for d in part.defects]


def test_message_ids_are_unique_and_four_messages_make_a_thread() -> None:
    messages = [read(p) for p in EMLS]
    assert max(Counter(m["Message-ID"] for m in messages).values()) == 1
    thread = [m for m in messages if "lot2-" in m["Message-ID"]]
    by_id = {m["Message-ID"]: m for m in thread}
    answers = [m for m in thread if m["In-Reply-To"] is not None]
    assert (len(thread), len(answers)) == (4, 3)
    for m in answers:
        assert m["In-Reply-To"] in by_id
        assert m["References"].split()[-1] == m["In-Reply-To"]


def test_charsets_and_transfer_encodings() -> None:
    found = {
        (p.get_content_charset(), str(p["Content-Transfer-Encoding"]).lower())
        for p in parts()
        if p.get_content_maintype() == "text"
    }
    assert {
        ("utf-8", "quoted-printable"),
        ("utf-8", "base64"),
        ("windows-1252", "8bit"),
    } <= found


def test_names_with_accents_are_encoded_and_read_back() -> None:
    raw = b"".join(p.read_bytes() for p in EMLS)
    assert b"=?utf-8?" in raw
    assert b"=?windows-1252?Q?" in raw
    assert b"filename*0*=utf-8''" in raw
    assert b"filename*0*=windows-1252'nl'" in raw
    names = {p.get_filename() for p in parts()}
    assert "Raadsvoorstel Kadebrug – versie 3 (financiën).docx" in names
    assert "foto pijler 2 – zijde café.png" in names
    assert any("Zoë Çelik-Müller" in str(read(p)["Cc"]) for p in EMLS)


def test_attachments_are_real_files() -> None:
    found: dict[str, bytes] = {}
    for part in parts():
        name = part.get_filename()
        if name and part.get_content_maintype() != "message":
            data = part.get_payload(decode=True)
            assert isinstance(data, bytes)
            found[name] = data
    kinds = {name.rpartition(".")[2] for name in found}
    assert kinds == set(MEDIA)
    for name, data in found.items():
        assert data.startswith(MEDIA[name.rpartition(".")[2]]), name
        if data.startswith(b"PK"):
            assert zipfile.ZipFile(BytesIO(data)).testzip() is None
        if data.startswith(b"%PDF-"):
            at = int(data.rsplit(b"startxref\n", 1)[1].split()[0])
            assert data[at : at + 4] == b"xref"


def test_a_message_in_a_message_with_its_own_attachment() -> None:
    inner = [
        part.get_content()
        for part in read(SAMPLES / "mira-van-oosterhof/Juridisch advies aanbesteding.eml").walk()
        if part.get_content_type() == "message/rfc822"
    ]
    assert len(inner) == 1
    assert [a.get_filename() for a in inner[0].iter_attachments()] == ["Advies 2026-77.pdf"]


def test_an_inline_image_is_used_by_the_html() -> None:
    message = read(SAMPLES / "mira-van-oosterhof/Schets looproute bouwplaats Kadebrug.eml")
    images = [p for p in message.walk() if p.get_content_type() == "image/png"]
    html = message.get_body(("html",))
    assert html is not None
    assert "cid:" + str(images[0]["Content-ID"]).strip("<>") in html.get_content()
    assert images[0].get_content_disposition() == "inline"


def test_an_invitation_a_message_without_date_and_an_advertisement() -> None:
    assert [p.get_content_type() for p in parts()].count("text/calendar") == 1
    assert [p.stem for p in EMLS if read(p)["Date"] is None] == ["Melding zonder datum"]
    spam = read(SAMPLES / "mira-van-oosterhof/Laatste kans.eml")
    assert spam.get_content_type() == "text/html"
    assert 'src="http://' in spam.get_content()


def test_dates_lie_in_october_and_november_2026() -> None:
    dates = [d for p in EMLS if (d := read(p)["Date"]) is not None]
    assert {(d.datetime.year, d.datetime.month) for d in dates} == {(2026, 10), (2026, 11)}


def test_the_mailbox_holds_six_messages_and_quotes_from_lines() -> None:
    data = (SAMPLES / "postbus-bouwen" / "postbus-bouwen.mbox").read_bytes()
    starts = re.findall(rb"(?m)^From \S+ \w{3} \w{3} \d\d \d\d:\d\d:\d\d 2026$", data)
    assert len(starts) == 6
    assert len(re.findall(rb"(?m)^From ", data)) == 6
    assert len(re.findall(rb"(?m)^>From ", data)) == 1
    assert len(re.findall(rb"(?m)^>>From ", data)) == 1


def test_the_android_group() -> None:
    path = SAMPLES / "mira-van-oosterhof" / "WhatsApp-chat met Team Kadebrug.zip"
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        text = archive.read("WhatsApp-chat met Team Kadebrug.txt").decode()
        media = {n: archive.read(n) for n in archive.namelist() if not n.endswith(".txt")}
    heads = re.findall(r"(?m)^(\d\d-\d\d-2026) \d\d:\d\d - (?:([^:\n]+): )?(.*)$", text)
    assert len(heads) == 46
    people = {who for _, who, _ in heads if who}
    assert people == {"Mira van Oosterhof", "Joris Blankert", "Teun Waardhof", "Samira Tolhuizen"}
    assert len({day for day, _, _ in heads}) == 6
    assert len([1 for _, who, _ in heads if not who]) == 7
    assert len(text.splitlines()) > len(heads)
    attached = set(re.findall(r"\u200e(\S+) \(bestand bijgevoegd\)", text))
    assert attached == set(media)
    for name, data in media.items():
        assert data.startswith(b"\xff\xd8\xff" if name.endswith("jpg") else b"%PDF-")
    assert text.count("<Media weggelaten>") == 1
    assert text.count("<Dit bericht is bewerkt>") == 1
    assert len(re.findall("it bericht (is )?verwijderd", text)) == 2


def test_the_ios_chat() -> None:
    data = (SAMPLES / "mira-van-oosterhof/WhatsApp Collegekamer/_chat.txt").read_bytes()
    heads = re.findall(r"(?m)^\u200e?\[\d\d-11-2026 \d\d:\d\d:\d\d\] ([^:]+): ", data.decode())
    assert len(heads) == 9
    assert data.count(b"\n") == data.count(b"\r\n") == 10


def proposals() -> dict[str, Proposal]:
    """Propose for each e-mail and both chats, with the dossier its title suggests."""
    policy = read_policy(SAMPLES / "selectie")
    hints = read_hints(SAMPLES / "selectie" / "dossiers.csv")
    found = {}
    facts = [
        (
            p.stem,
            "email",
            owners()[p.parent.name],
            str(m["Subject"]),
            m["Date"].datetime.isoformat() if m["Date"] is not None else None,
            (str(m["From"]), str(m["To"]), str(m["Cc"])),
        )
        for p in EMLS
        if (m := read(p))
    ]
    mira = "Mira van Oosterhof"
    facts.append(("groep", "chat", mira, "Team Kadebrug", "2026-11-16T13:15", ("Joris Blankert",)))
    facts.append(("kamer", "chat", mira, "Collegekamer", "2026-11-03T09:00:31", ()))
    facts.append(("postbus", "email", "Postbus Bouwen", "Steiger", "2026-11-10", ()))
    for key, kind, owner, title, date, people in facts:
        hint = suggest(hints, title, people)
        found[key] = propose(
            Facts(
                kind,
                date,
                owner,
                title,
                people,
                hint.naam if hint else None,
                hint.proces if hint else None,
            ),
            policy,
        )
    return found


def test_the_demo_shows_different_proposals() -> None:
    p = proposals()
    brief = {key: (x.rule, x.waardering, x.termijn) for key, x in p.items()}
    assert brief["Akkoord gunning Kadebrug, lot 2 (4)"] == (4, "B", None)
    assert [(a.naam, a.termijn) for a in p["Akkoord gunning Kadebrug, lot 2 (4)"].also] == [
        ("Vervanging Kadebrug", "P20Y")
    ]
    assert brief["Persvragen oktober op een rij"] == (7, "V", "P7Y")
    assert brief["Raadsvragen concept-antwoord geluid"] == (7, "V", "P7Y")
    assert brief["Wateroverlast Zuiderkade reacties"][:2] == (3, "B")
    assert brief["groep"] == (6, "V", "P20Y")
    assert brief["kamer"] == (4, "V", "P10Y")
    assert (p["kamer"].einddatum, p["kamer"].mag_vernietigen) == ("2036-11-03", False)
    assert brief["Melding zonder datum"] == (8, "N", None)
    assert brief["postbus"] == (8, "N", None)
    frozen = [key for key, x in p.items() if x.frozen]
    assert frozen == ["Terugkoppeling overleg bewoners"]
    assert (p[frozen[0]].frozen, p[frozen[0]].waardering) == ("Woo 2026-031", "B")
