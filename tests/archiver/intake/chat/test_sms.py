"""The SMS reader on invented backups."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from archiver.errors import InputRefused
from archiver.intake.chat import sms
from archiver.intake.protocol import ParseContext
from archiver.model import Unreadable
from tests.archiver.intake.chat.reading import chats, codes

PICTURE = base64.b64encode(b"\xff\xd8 foto").decode()
BACKUP = f"""<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>
<!-- <sms address="nep" /> -->
<smses count="6" type="full">
  <sms address="+31612345678" date="1770105600000" type="1" subject="null"
    body="Kom je &gt; 10 uur? &#55357;&#56397;&#10;Groet" contact_name="Sanne" />
  <sms address="+31612345678" date="1770105660000" type="2" body="Ja" contact_name="Sanne" />
  <sms address="+31687654321" date="1770105000000" type="3" body="concept"
    contact_name="(Unknown)" />
  <mms date="1770105700000" msg_box="1" address="+31612345678~+31687654321" m_id="m1">
    <parts><part seq="0" ct="application/smil" name="s.smil" text="x" />
      <part seq="1" ct="image/jpeg" name="null" cl="foto.jpg" data="{PICTURE}" />
      <part seq="2" ct="text/plain" name="null" text="De kade" /></parts>
    <addrs><addr address="+31687654321" type="137" /><addr address="x" type="151" /></addrs>
  </mms>
  <mms date="null" msg_box="2" address="+31612345678" sub="Onderwerp">
    <parts><part ct="image/png" name="stuk.png" data="@@@" /></parts><addrs /></mms>
</smses>
"""


def write(folder: Path, text: str = BACKUP) -> Path:
    path = folder / "sms-20260203.xml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_number_is_a_conversation(tmp_path: Path) -> None:
    path = write(tmp_path)
    found = {c.title: (c, said) for c, said in chats(path, "sms")}
    sanne, said = found["Sanne"]
    assert said[0].text == "Kom je > 10 uur? 👍\nGroet"
    assert said[0].sent == "2026-02-03T08:00:00.000Z"
    assert [m.sender for m in said] == ["Sanne", "self", "self"]
    assert codes(sanne) >= {"chat.eigenaar_vragen", "chat.berichten_bijlage_kapot"}
    assert (said[2].sent, said[2].type) == (None, "media")
    draft = found["+31687654321"][1][0]
    assert draft.findings[0].params == {"map": "concept"}
    group, (picture,) = found["+31612345678~+31687654321"]
    assert picture.sender == "+31687654321"
    assert picture.text == "De kade"
    assert [p.name for p in group.participants] == ["Sanne", "+31687654321"]
    medium = picture.attachments[0]
    assert (medium.name, medium.media_type, medium.size) == ("foto.jpg", "image/jpeg", 7)
    assert b"".join(sms.member_bytes(path, medium.path or "")) == b"\xff\xd8 foto"


@pytest.mark.parametrize("name", ["", "0-10/0", "x/y", "0-99999999/99", "5-1/0"])
def test_an_unknown_part_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputRefused):
        list(sms.member_bytes(write(tmp_path), name))


def test_the_owner_can_be_named(tmp_path: Path) -> None:
    found = {c.title: said for c, said in chats(write(tmp_path), "sms", owner="Jan Smit")}
    assert found["Sanne"][1].sender == "Jan Smit"


def test_entities_are_not_expanded_and_a_cut_off_backup_is_said(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE s [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + BACKUP.split("?>", 1)[1]
    path = write(tmp_path, bomb.replace("Ja", "&b;").split("<addrs>")[0])
    found = chats(path, "sms")
    assert "chat.export_onvolledig" in codes(found[0][0])
    assert "aaaa" not in (found[0][1][1].text or "")


def test_an_empty_backup_says_so(tmp_path: Path) -> None:
    path = write(tmp_path, "<?xml version='1.0'?><smses count='0'>\n</smses>")
    (record,) = sms.parse(path, ParseContext())
    assert isinstance(record, Unreadable)
