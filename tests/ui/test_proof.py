"""Who signed, what checking gave and which root it rests on; and the characters of an old message."""

from __future__ import annotations

import zipfile
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs7

from tests.archiver.intake import test_authenticity_smime as smime
from tests.helpers import outlook
from tests.helpers.messages import mail
from tests.ui.conftest import Driver


def shown(driver: Driver, path: Path, raw: bytes) -> str:
    path.write_bytes(raw)
    driver.window.add([path])
    driver.until(lambda: driver.titles())
    driver.idle()
    proofs = driver.window.list_page.inspector.proofs
    driver.until(lambda: not proofs.isHidden())
    return "\n".join(proofs.sentences())


def test_a_signature_is_said_with_its_signer_and_root(
    real: Driver, tmp_path: Path, werkmap: Path
) -> None:
    dated = b"Date: Tue, 17 Nov 2026 14:52:00 +0100\r\n"
    raw = dated + smime.detached_mail(smime.cms_of(smime.TEXT))
    said = shown(real, tmp_path / "a.eml", raw)
    assert "De handtekening (S/MIME) van" in said
    assert "klopt" in said
    assert "Ondertekend door:" in said
    assert "Vertrouwd via: niemand" in said
    folder = werkmap / "vertrouwd"
    folder.mkdir()
    pem = smime.ROOT.public_bytes(serialization.Encoding.PEM)
    (folder / "uitgever.pem").write_bytes(pem)
    real.press("Ctrl+Return")
    real.until(lambda: not real.desk.rows)
    real.idle()
    real.press("Ctrl+2" if real.desk.state.counts["getagd"] else "Ctrl+3")
    real.until(lambda: real.titles())
    real.idle()
    proofs = real.window.list_page.inspector.proofs
    real.until(lambda: "Veldermeer hoofd" in "\n".join(proofs.sentences()))
    said = "\n".join(proofs.sentences())
    assert "niemand" not in said
    assert "uitgever die jullie vertrouwen" in said


def test_what_cannot_be_read_says_what_is_needed(real: Driver, tmp_path: Path) -> None:
    builder = pkcs7.PKCS7EnvelopeBuilder().set_data(smime.TEXT).add_recipient(smime.OWN)
    sealed = builder.encrypt(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])
    said = shown(real, tmp_path / "a.eml", smime.opaque_mail(sealed, b"enveloped-data"))
    assert "versleuteld en nu niet te lezen" in said
    assert "Nodig om te lezen: de geheime sleutel bij certificaat" in said


def test_a_plain_message_says_that_nobody_signed(real: Driver, tmp_path: Path) -> None:
    assert "niet ondertekend" in shown(real, tmp_path / "a.eml", mail())


def test_a_key_that_cannot_be_read_is_said_and_the_message_stays_readable(
    real: Driver, tmp_path: Path, werkmap: Path
) -> None:
    (werkmap / "vertrouwd").mkdir()
    (werkmap / "vertrouwd" / "stuk.pem").write_bytes(b"geen sleutel")
    assert "stuk.pem" in shown(real, tmp_path / "a.eml", mail())
    assert real.window.list_page.inspector.reader.title.text() == "Vraag over de brug"


def test_the_characters_of_an_old_message_are_asked_and_chosen(
    real: Driver, tmp_path: Path
) -> None:
    path = tmp_path / "oud.msg"
    text = "Сообщение о мосте через реку и о сроках работ"
    path.write_bytes(outlook.msg({0x001A: "IPM.Note", 0x0037: text, 0x1000: text}, codec="cp1251"))
    real.window.add([path])
    real.until(lambda: real.titles())
    real.idle()
    card = real.window.list_page.codepage
    assert card.isVisible()
    card.page.setFocus()
    card.page.setCurrentIndex(card.page.findData("cp1253"))
    real.press("Tab")
    assert card.button.hasFocus()
    real.press("Space")
    real.until(lambda: "Dank je" in real.window.task_bar.said)
    real.idle()
    assert real.titles() != [text], "read as Greek"
    assert card.isVisible(), "a choice can be changed"
    assert card.page.currentData() == "cp1253"
    card.page.setCurrentIndex(card.page.findData("cp1251"))
    card.button.click()
    real.until(lambda: real.titles() == [text])
    real.idle()
    assert text in real.window.list_page.inspector.reader.browser.toPlainText()
    real.window.list_page.list.focus()
    real.press("Ctrl+Return")
    real.until(lambda: not real.desk.rows)
    real.idle()
    real.press("Ctrl+2" if real.desk.state.counts["getagd"] else "Ctrl+3")
    real.until(lambda: real.titles() == [text])
    assert not card.isVisible()


def test_characters_are_chosen_for_one_message_of_a_zip_and_after_it_is_secured(
    real: Driver, tmp_path: Path
) -> None:
    # Cyrillic that says to be Western: every byte fits, so only a reader sees that it is wrong.
    text = {0x001A: "IPM.Note", 0x0037: "Привет", 0x1000: "Добрый день", 0x3FDE: 1252}
    with zipfile.ZipFile(tmp_path / "oud.zip", "w") as archive:
        archive.writestr("een.msg", outlook.msg(text, codec="cp1251"))
        archive.writestr("twee.msg", outlook.msg({**text, 0x0037: "Мир"}, codec="cp1251"))
    page = real.window.list_page
    real.window.add([tmp_path / "oud.zip"])
    real.until(lambda: len(real.desk.rows) == 2 or real.window.mailbox_page.active)
    real.window.mailbox_page.side.settled()
    real.until(lambda: real.window.mailbox_page.mailbox.whole)
    real.press("Ctrl+Return")
    real.until(lambda: sum(real.desk.state.counts.values()) == 2)
    real.idle()
    real.press("Ctrl+2" if real.desk.state.counts["getagd"] else "Ctrl+3")
    real.until(lambda: sorted(real.titles()) == ["Ìèð", "Ïðèâåò"])
    page.list.go_to(real.titles().index("Ïðèâåò"))
    real.idle()
    assert not page.codepage.isVisible()
    real.press("Ctrl+Shift+T")
    assert page.codepage.page.hasFocus()
    page.codepage.page.setCurrentIndex(page.codepage.page.findData("cp1251"))
    real.press("Tab", "Space")
    real.until(lambda: "Привет" in real.titles())
    real.idle()
    assert sorted(real.titles()) == ["Ìèð", "Привет"]
    page.list.go_to(real.titles().index("Привет"))
    real.idle()
    real.until(lambda: "Добрый день" in page.inspector.reader.browser.toPlainText())
    real.press("Ctrl+Z")
    real.until(lambda: sorted(real.titles()) == ["Ìèð", "Ïðèâåò"])
