from __future__ import annotations

from pathlib import Path

import pytest

from archiver.intake import maildir, registry
from archiver.intake.identify import head_of
from archiver.intake.mail_folders import (
    apple_folder,
    gmail_labels,
    imap_name,
    in_folder,
    maildir_folder,
    mbox_folder,
    sort_out,
)
from archiver.intake.mime import read_message
from archiver.intake.protocol import Limits, ParseContext
from archiver.intake.walk import files_of
from archiver.model import EmailMessage, Span

MAIL = b"From: a@b.nl\nTo: c@d.nl\nSubject: s\nDate: Mon, 1 Jan 2024 10:00:00 +0100\n\nhoi\n"


def box(folder: Path) -> Path:
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True)
    return folder


def test_each_file_is_a_message_with_folder_and_flags(tmp_path: Path) -> None:
    path = box(tmp_path / "Maildir" / ".Verzonden.2020") / "cur" / "1234.M5P6.host:2,FRS"
    path.write_bytes(MAIL)
    choice = registry.choose(path, head_of(path))
    assert choice is not None
    assert choice.format == "maildir"
    (mail,) = choice.parser.parse(path, ParseContext())
    assert isinstance(mail, EmailMessage)
    assert (mail.folder, mail.format, mail.size) == ("Verzonden/2020", "maildir", len(MAIL))
    (finding,) = [f for f in mail.findings if f.code == "mail.vlaggen"]
    assert finding.params["vlaggen"] == "\\Flagged \\Answered \\Seen"


@pytest.mark.parametrize("name", ["1:2,S", "1;2,S", "1!2,S", "1-2,S"])
def test_flags_survive_a_file_system_without_colons(tmp_path: Path, name: str) -> None:
    path = box(tmp_path / "x") / "new" / name
    path.write_bytes(MAIL)
    (mail,) = maildir.parse(path, ParseContext())
    assert "mail.vlaggen" in [f.code for f in mail.findings]  # type: ignore[union-attr]


def test_unfinished_delivery_is_said(tmp_path: Path) -> None:
    path = box(tmp_path / "x") / "tmp" / "1"
    path.write_bytes(MAIL)
    (mail,) = maildir.parse(path, ParseContext())
    assert "maildir.tijdelijk" in [f.code for f in mail.findings]  # type: ignore[union-attr]


def test_a_folder_called_cur_alone_is_no_maildir(tmp_path: Path) -> None:
    (tmp_path / "cur").mkdir()
    path = tmp_path / "cur" / "1"
    path.write_bytes(MAIL)
    assert maildir.score_path(path, head_of(path)) == 0


def test_names_of_folders(tmp_path: Path) -> None:
    for name, wanted in {
        "Maildir": "INBOX",
        ".Concepten": "Concepten",
        ".&AMk-t&AOk-": "Été",
        "archief": "archief",
    }.items():
        assert maildir_folder(box(tmp_path / name) / "cur" / "1") == wanted
    assert maildir_folder(tmp_path / "los") is None


def test_imap_names_that_are_wrong_stay_as_they_are() -> None:
    assert imap_name("A &- B") == "A & B"
    assert imap_name("&AGEA-x") == "&AGEA-x"
    assert imap_name("&" * 50) == "&" * 50


def test_thunderbird_and_apple_folders(tmp_path: Path) -> None:
    inbox = tmp_path / "Inbox"
    sub = tmp_path / "Inbox.sbd" / "Zaken.sbd" / "2020"
    assert mbox_folder(inbox) is None
    Path(f"{inbox}.msf").write_text("x")
    assert mbox_folder(inbox) == "Inbox"
    assert mbox_folder(sub) == "Inbox/Zaken/2020"
    assert mbox_folder(tmp_path / "Archief.mbox" / "Sub.mbox" / "mbox") == "Archief/Sub"
    assert mbox_folder(tmp_path / "Losse.mbox") is None
    assert apple_folder(tmp_path / "x" / "1.emlx") is None


def test_labels_of_gmail_are_decoded() -> None:
    raw = b"From: a@b.nl\r\nX-Gmail-Labels: =?UTF-8?Q?Caf=C3=A9?=,Inbox,\r\n Werk/2024\r\n\r\nx"
    assert gmail_labels(raw) == ("Café", "Inbox", "Werk/2024")
    assert gmail_labels(b"Subject: X-Gmail-Labels\r\n\r\n") is None
    assert gmail_labels(b"X-Gmail-Labels:\r\n\r\n") == ()


def test_labels_of_gmail_are_csv_as_takeout_writes_it() -> None:
    # One encoded word over several labels, broken inside one; quotes around a comma, and as letters.
    raw = (
        b"X-GM-THRID: 1\nX-Gmail-Labels: =?UTF-8?Q?Messages_archiv=C3=A9s,Cat=C3=A9gorie=C2=A0:_E-mails_?=\n"
        b' =?UTF-8?Q?personnels,"Culture,_associations",Kategorie:_=22Neu=22,Inbox,Inbox?=\n\nx'
    )
    assert gmail_labels(raw) == (
        "Messages archivés",
        "Catégorie\u00a0: E-mails personnels",
        "Culture, associations",
        'Kategorie: "Neu"',
        "Inbox",
    )


def test_labels_that_a_message_quotes_are_not_its_own() -> None:
    assert gmail_labels(b"Subject: x\n\n> see:\nX-Gmail-Labels: Prive\n\n") is None
    assert gmail_labels(b'X-Gmail-Labels: "open,Werk\n\n') == ("open,Werk",)
    assert gmail_labels(b"X-Gmail-Labels: =?utf-8?Q?a=0D=0Ab=00,c?=\n\n") == ("a b", "c")


def test_more_labels_than_anybody_has_are_cut_and_said() -> None:
    line = ",".join(f"l{n}" for n in range(700))
    raw = b"X-Gmail-Labels: " + line.encode() + b"\nFrom: a@b.nl\n\nx"
    read = read_message(raw, format="mbox", index=0, span=Span(0, len(raw)), limits=Limits())
    found = in_folder(read, None, raw)
    assert len(found.labels) == 500
    assert found.findings[-1].code == "mbox.veel_labels"


def test_helper_files_are_noted_and_an_index_alone_is_refused(tmp_path: Path) -> None:
    (tmp_path / "Inbox").write_bytes(b"From x Mon Jan  1 10:00:00 2024\n" + MAIL)
    for name in ("Inbox.msf", "OpServer.msf", ".DS_Store"):
        (tmp_path / name).write_text("x")
    found = {f.path.name: f for f in files_of([tmp_path])}
    assert set(found) == {"Inbox", "OpServer.msf"}
    assert sorted(n.params["bestand"] for n in found["Inbox"].notes) == [".DS_Store", "Inbox.msf"]
    refusal = found["OpServer.msf"].refusal
    assert refusal is not None
    assert refusal.code == "postvak.alleen_index"


def test_files_of_the_server_in_a_maildir_are_noted_with_the_first_message(tmp_path: Path) -> None:
    folder = box(tmp_path / "Maildir")
    for name in ("dovecot-uidlist", "dovecot.index.log", "maildirfolder", "subscriptions"):
        (folder / name).write_text("x")
    (folder / "cur" / "1:2,").write_bytes(MAIL)
    (folder / "cur" / "2:2,").write_bytes(MAIL)
    first, second = files_of([folder])
    assert len(first.notes) == 4
    assert second.notes == ()


def test_a_file_called_subscriptions_elsewhere_is_read(tmp_path: Path) -> None:
    (tmp_path / "subscriptions").write_text("x")
    assert [f.path.name for f in files_of([tmp_path])] == ["subscriptions"]


def test_attachments_of_a_partial_message_go_with_it(tmp_path: Path) -> None:
    (tmp_path / "Messages").mkdir()
    (tmp_path / "Messages" / "12.partial.emlx").write_bytes(MAIL)
    for number in ("12", "13"):
        (tmp_path / "Attachments" / number).mkdir(parents=True)
        (tmp_path / "Attachments" / number / "a.pdf").write_bytes(b"x")
    names = [str(f.path.relative_to(tmp_path)) for f in files_of([tmp_path])]
    assert names == ["Attachments/13/a.pdf", "Messages/12.partial.emlx"]


def test_nothing_is_left_out_unsaid(tmp_path: Path) -> None:
    names = ["a.eml", "a.eml.msf", "b.msf", "Thumbs.db", "desktop.ini"]
    entries = [tmp_path / name for name in names]
    found = sort_out(tmp_path, entries)
    named = {f.params["bestand"] for notes in found.notes.values() for f in notes}
    refused = {path.name for path, _ in found.refused}
    assert {p.name for p in found.read} | named | refused == set(names)
    only_noise = sort_out(tmp_path, [tmp_path / "Thumbs.db"])
    assert [p.name for p, _ in only_noise.refused] == ["Thumbs.db"]
