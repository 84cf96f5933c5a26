"""Unit tests of the WhatsApp reader on invented exports."""

from __future__ import annotations

import hashlib
import json
import zipfile
from importlib.resources import files
from pathlib import Path

import pytest

from archiver.errors import InputRefused
from archiver.intake.chat import whatsapp
from archiver.intake.chat.whatsapp_system import recognise, visible
from archiver.intake.protocol import Head, Limits, ParseContext
from archiver.model import ChatMessage, Conversation, Unreadable
from archiver.texts import text as text_for

NOTICE = "Berichten en oproepen worden end-to-end versleuteld. Niemand buiten deze chat leest mee."
CHAT = (
    f"17-11-2026 09:00 - {NOTICE}\n"
    "17-11-2026 09:00 - \u200eSanne Bakker heeft u toegevoegd\n"
    "17-11-2026 09:01 - Sanne Bakker: Concept staat klaar\nmet twee bijlagen\n"
    "17-11-2026 09:02 - Ömer Yılmaz: \u200eIMG-20261117-WA0001.jpg (bestand bijgevoegd)\nde kade\n"
    "17-11-2026 09:03 - Sanne Bakker: Dit bericht is verwijderd\n"
    "17-11-2026 09:04 - Sanne Bakker: tien uur \u200e<Dit bericht is bewerkt>\n"
    "17-11-2026 09:05 - Sanne Bakker: <Media weggelaten>\n"
    "17-11-2026 09:06 - Er gebeurde iets dat niemand kent\n"
)


def read(path: Path, **answers: str) -> tuple[Conversation, list[ChatMessage]]:
    records = list(whatsapp.parse(path, ParseContext(answers=answers)))
    conversation = records[0]
    assert isinstance(conversation, Conversation), conversation
    messages = [m for m in records[1:] if isinstance(m, ChatMessage)]
    assert whatsapp.unaccounted(conversation, messages) == ()
    return conversation, messages


def chat_in(folder: Path, text: str = CHAT, name: str = "WhatsApp-chat met Kade.txt") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="")
    return path


def codes(conversation: Conversation) -> set[str]:
    return {f.code for f in conversation.findings}


def test_a_dutch_android_chat_is_read_whole(tmp_path: Path) -> None:
    conversation, messages = read(chat_in(tmp_path))
    assert conversation.title == "Kade"
    assert (conversation.date_order, conversation.date_order_basis) == ("dmy", "day_above_12")
    assert (conversation.first, conversation.last) == ("2026-11-17T09:00:00", "2026-11-17T09:06:00")
    assert [p.id for p in conversation.participants] == ["Sanne Bakker", "Ömer Yılmaz"]
    assert [m.type for m in messages] == [
        "system",
        "system",
        "text",
        "media",
        "text",
        "text",
        "media",
        "system",
    ]
    assert [m.system for m in messages[:2]] == ["e2e", "member_added"]
    assert messages[7].system is None
    assert messages[2].text == "Concept staat klaar\nmet twee bijlagen"
    assert messages[2].precision == "minute"
    assert messages[4].deleted
    assert messages[5].edited
    assert (messages[5].text or "").rstrip() == "tien uur"
    assert messages[6].attachments[0].absent_because == "left_out"
    assert codes(conversation) >= {"chat.media_ontbreekt", "chat.systeemregel_onbekend"}
    assert "chat.export_afgekapt_begin" not in codes(conversation)


def test_media_lie_beside_the_text_and_come_back(tmp_path: Path) -> None:
    chat = chat_in(tmp_path)
    picture = b"\xff\xd8 picture"
    (tmp_path / "IMG-20261117-WA0001.jpg").write_bytes(picture)
    conversation, messages = read(chat)
    medium = messages[3].attachments[0]
    assert (medium.present, medium.match) == (True, "exact")
    assert medium.sha256 == hashlib.sha256(picture).hexdigest()
    assert medium.path is not None
    assert b"".join(whatsapp.member_bytes(chat, medium.path)) == picture
    assert "chat.media_ontbreekt" not in codes(conversation)


def test_media_beside_the_text_belong_to_it(tmp_path: Path) -> None:
    text = (
        CHAT + "17-11-2026 09:07 - Sanne Bakker: \u200eDOC-20261117-WA0002. (bestand bijgevoegd)\n"
    )
    chat = chat_in(tmp_path, text)
    for name in ("IMG-20261117-WA0001.jpg", "DOC-20261117-WA0002.pdf", "ander.jpg"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "notitie.txt").write_text("geen chat (IMG-20261117-WA0001.jpg)", encoding="utf-8")
    names = {p.name for p in whatsapp.companions(chat)}
    assert names == {"IMG-20261117-WA0001.jpg", "DOC-20261117-WA0002.pdf"}
    assert not list(whatsapp.companions(tmp_path / "notitie.txt"))


@pytest.mark.parametrize("name", ["../geheim.txt", "/etc/passwd", "map/../../x", "a\0b", ""])
def test_no_name_reaches_outside_the_folder(tmp_path: Path, name: str) -> None:
    inside = tmp_path / "in"
    inside.mkdir()
    (tmp_path / "geheim.txt").write_text("nee", encoding="utf-8")
    chat = chat_in(inside)
    with pytest.raises(InputRefused, match=r"chat\.media_niet_gevonden"):
        list(whatsapp.member_bytes(chat, name))


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_a_zip_with_media_and_a_bad_path(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "WhatsApp-chat met Kade.zip",
        {
            "WhatsApp-chat met Kade.txt": CHAT.encode(),
            "IMG-20261117-WA0001.jpg": b"1",
            "../../buiten.sh": b"kwaad",
        },
    )
    head = Head(path.read_bytes()[:65_536], path.stat().st_size, path.name)
    assert whatsapp.score_path(path, head) == 95
    conversation, messages = read(path)
    assert messages[3].attachments[0].present
    assert "chat.zip_pad_geweigerd" in codes(conversation)
    assert {m.path for m in conversation.media} == {"IMG-20261117-WA0001.jpg"}


def test_a_bomb_a_broken_zip_and_a_zip_without_chat_are_refused(tmp_path: Path) -> None:
    bomb = zipped(tmp_path / "bom.zip", {"_chat.txt": CHAT.encode(), "x.jpg": b"\0" * 9_000_000})
    broken = tmp_path / "stuk.zip"
    broken.write_bytes(bomb.read_bytes()[:200])
    other = zipped(tmp_path / "anders.zip", {"notulen.txt": b"alleen tekst"})
    for path, code in (
        (bomb, "chat.zip_te_groot"),
        (broken, "chat.zip_beschadigd"),
        (other, "chat.geen_chattekst"),
    ):
        context = ParseContext(limits=Limits(zip_ratio=50))
        (record,) = whatsapp.parse(path, context)
        assert isinstance(record, Unreadable)
        assert [f.code for f in record.findings] == [code]


@pytest.mark.parametrize("packed", [False, True])
def test_messages_come_again_without_the_first_pass(tmp_path: Path, packed: bool) -> None:
    path = chat_in(tmp_path)
    (tmp_path / "IMG-20261117-WA0001.jpg").write_bytes(b"1")
    if packed:
        members = {"IMG-20261117-WA0001.jpg": b"1", "WhatsApp-chat met Kade.txt": CHAT.encode()}
        path = zipped(tmp_path / "k.zip", members)
    conversation, said = read(path)
    assert list(whatsapp.messages(path, conversation, ParseContext())) == said


def test_texts_that_are_no_chat_score_nothing() -> None:
    for text in (
        b"",
        b"Van: iemand\n\nHallo 12-11-2026 09:00 - dat was het",
        b"key,nl,en\n1,2,3\n",
        b'{"date": "17-11-2026 09:00 - x"}',
        bytes(range(256)) * 20,
    ):
        assert whatsapp.score(Head(text, len(text), "WhatsApp-chat met X.txt")) < 60
    assert whatsapp.score(Head(CHAT.encode(), len(CHAT), "zonder-naam.bin")) == 95


def test_a_pasted_header_is_flagged_and_time_running_back_is_said(tmp_path: Path) -> None:
    text = (
        f"[17-11-2026 09:00:00] Kade: \u200e{NOTICE}\n"
        "[17-11-2026 09:01:00] Sanne: zie\n16-11-2026 08:00 - Ömer: gisteren gezegd\n"
        "[17-11-2026 08:00:00] Ömer: laat binnen\n"
    )
    conversation, messages = read(chat_in(tmp_path, text, "_chat.txt"))
    assert len(messages) == 3
    assert messages[1].text == "zie\n16-11-2026 08:00 - Ömer: gisteren gezegd"
    assert codes(conversation) >= {"chat.kopregel_in_bericht", "chat.tijd_terug"}


def lines_of(days: list[str]) -> str:
    return "".join(f"{d}, 09:00 - Sanne: dag\n" for d in days)


@pytest.mark.parametrize(
    ("days", "order", "basis"),
    [
        (["5/2/22", "6/2/22"], None, None),
        (["5/2/22", "13/2/22"], "dmy", "day_above_12"),
        (["5/2/22", "2/13/22"], "mdy", "day_above_12"),
        (["2022-05-02"], "ymd", "four_digit_year"),
        (["24-03-15", "24-03-16"], None, None),  # 24 March 2015 or 15 March 2024
        (["31-03-15", "24-03-16"], "dmy", "day_above_12"),  # no year 31
        (["03-03-2022", "04-04-2022"], "dmy", "same_either_way"),
        (["24-03-05", "24-03-16"], "ymd", "day_above_12"),  # no WhatsApp in 2005
        (["13/2/22", "2/13/22"], None, None),  # contradiction
    ],
)
def test_the_order_of_day_and_month_comes_from_evidence(
    tmp_path: Path, days: list[str], order: str | None, basis: str | None
) -> None:
    conversation, messages = read(chat_in(tmp_path, lines_of(days)))
    assert (conversation.date_order, conversation.date_order_basis) == (order, basis)
    asked = [f for f in conversation.findings if f.code == "chat.datumvolgorde_vragen"]
    if order is not None:
        assert not asked
        return
    assert all(m.sent is None for m in messages)
    assert conversation.first is None
    said = text_for(f"bevinding.{asked[0].code}", "nl", asked[0].params)
    assert "{" not in said
    assert conversation.last is None


def test_an_answer_about_dates_that_read_the_same_contradicts_nothing(tmp_path: Path) -> None:
    conversation, messages = read(chat_in(tmp_path, lines_of(["03-03-2022"])), date_order="mdy")
    assert (conversation.date_order, conversation.date_order_basis) == ("mdy", "user")
    assert "chat.datumvolgorde_tegenspraak" not in codes(conversation)
    assert messages[0].sent == "2022-03-03T09:00:00"


def test_media_names_and_other_evidence_decide_the_order(tmp_path: Path) -> None:
    text = "5/2/22, 09:00 - Sanne: IMG-20220502-WA0001.jpg (file attached)\n"
    conversation, _ = read(chat_in(tmp_path, text))
    assert (conversation.date_order, conversation.date_order_basis) == ("mdy", "media_name")


def test_the_day_of_the_zip_decides_when_one_reading_lies_after_it(tmp_path: Path) -> None:
    path = tmp_path / "WhatsApp Chat - Kade.zip"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("_chat.txt", (2022, 5, 3, 10, 0, 0))
        archive.writestr(info, "[5/2/22, 09:00:00] Sanne: dag\n[1/12/22, 09:00:00] Sanne: dag\n")
    conversation, _ = read(path)
    assert (conversation.date_order, conversation.date_order_basis) == ("mdy", "zip_date")


def test_an_answer_against_the_evidence_is_said(tmp_path: Path) -> None:
    conversation, _ = read(chat_in(tmp_path, lines_of(["5/2/22", "13/2/22"])), date_order="mdy")
    assert conversation.date_order == "dmy"
    assert "chat.datumvolgorde_tegenspraak" in codes(conversation)


def test_completeness_is_doubted_aloud(tmp_path: Path) -> None:
    text = "".join(f"17-11-2026 09:{n % 60:02d} - Sanne: {n}\n" for n in range(9_990))
    conversation, _ = read(chat_in(tmp_path, text))
    assert codes(conversation) >= {"chat.export_afgekapt_begin", "chat.export_afgekapt_aantal"}
    quiet = f"17-10-2026 09:00 - {NOTICE}\n17-11-2026 09:00 - Sanne: terug\n"
    conversation, _ = read(chat_in(tmp_path, quiet))
    (gap,) = [f for f in conversation.findings if f.code == "chat.dagen_zonder_berichten"]
    assert gap.params == {"dagen": 30, "van": "2026-10-17", "tot": "2026-11-17"}
    timer = (
        f"17-11-2026 09:00 - {NOTICE}\n17-11-2026 09:00 - \u200eSanne heeft berichten met "
        "vervaldatum ingeschakeld. Nieuwe berichten verdwijnen na 7 dagen uit deze chat. "
        "Tik om dit te wijzigen.\n"
    )
    conversation, messages = read(chat_in(tmp_path, timer))
    assert messages[1].system == "timer_on"
    assert "chat.timer_aan" in codes(conversation)


def _entries() -> list[tuple[str, str, str]]:
    found = []
    for table in files("archiver.data").joinpath("whatsapp").iterdir():
        if table.name.endswith(".json"):
            data = json.loads(table.read_text(encoding="utf-8"))
            assert data["version"]
            for row in data["entries"]:
                assert row["source"] in data["sources"], row
                found.append((data["language"], row["kind"], row["text"]))
    return found


@pytest.mark.parametrize(("language", "kind", "text"), _entries())
def test_every_entry_of_the_tables_is_recognised(language: str, kind: str, text: str) -> None:
    filled = text
    for slot, value in {"{a}": "Sanne", "{n}": "Ömer", "{*}": " x", "{name}": "a b.pdf"}.items():
        filled = filled.replace(slot, value)
    if kind == "edited":
        assert recognise(f"hallo \u200e{filled}", True).edited
        return
    system = kind.startswith("system.")
    found = recognise(filled if system else f"\u200e{filled}", not system)
    if system:
        assert (found.type, found.system) == ("system", kind.removeprefix("system."))
    elif kind == "attached":
        assert found.name == "a b.pdf"
    elif kind == "deleted":
        assert found.deleted
    elif kind.startswith("left_out"):
        assert found.left_out
    else:
        assert kind in (found.type, found.system), found


def test_words_of_a_person_are_not_taken_for_the_app() -> None:
    for text in (
        "Sanne heeft de groep verlaten",
        "X heeft Y toegevoegd aan de lijst",
        "afbeelding weggelaten in de nota, waarom?",
        "> citaat",
        "a < b en b > c",
    ):
        assert recognise(text, True).type == "text", text
    assert visible("\u200e\u202fa\u00a0b") == " a b"
