"""Private messages out before securing: nothing of them stays, everything else is proved."""

from __future__ import annotations

import dataclasses
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

from archiver import cli
from archiver.errors import InputRefused, RuleRefused
from archiver.findings import Finding, Severity
from archiver.intake.pool import Event, Finished, Parsed
from archiver.model import Conversation
from archiver.progress import Silent
from archiver.services import exclusion, overview
from archiver.services.archive import Archive
from archiver.services.exclusion import Rule, read_rules, take_in_without
from archiver.services.intake import TakeIn, TakeInResult
from archiver.services.packaging_run import MakePackage, make_package
from archiver.services.verify import verify
from archiver.store import audit
from tests.archiver.intake.chat.test_screenshot import png
from tests.helpers.messages import OWNER, mail, work_folder

ROOT = Path(__file__).resolve().parents[3]
SECRETS = ("Huwelijkscrisis", "testuitslag", "Zwager Ewout", "prive-foto", "KATJANOESJKA")
PHOTO = b"\xff\xd8\xff\xe0" + b"KATJANOESJKA" * 20
CHAT = (
    "[17-11-2026 09:12:01] Mira van Oosterhof: De brug gaat dicht op 1 december\n"
    "[17-11-2026 09:13:44] Joris Blankert: Akkoord, ik regel de borden\n"
    "[17-11-2026 12:30:00] Mira van Oosterhof: Huwelijkscrisis thuis, bel je straks?\n"
    "[17-11-2026 12:31:10] Zwager Ewout: Sterkte met de testuitslag\n"
    "[17-11-2026 12:32:10] Mira van Oosterhof: ‎<bijgevoegd: 00000005-prive-foto.jpg>\n"
    "[18-11-2026 08:00:10] Joris Blankert: ‎<bijgevoegd: 00000006-PHOTO-brug.jpg>\n"
    "[18-11-2026 08:01:00] Mira van Oosterhof: Mooi, dank\n"
)
RULES = (
    Rule("prive", zoek="huwelijkscrisis"),
    Rule("bijzondere persoonsgegevens", afzender="Zwager Ewout"),
    Rule("prive", berichten=frozenset({4})),
)


@pytest.fixture
def phone(tmp_path: Path) -> Path:
    folder = tmp_path / "telefoon"
    folder.mkdir()
    with ZipFile(folder / "WhatsApp-chat met Team Brug.zip", "w") as export:
        export.writestr("_chat.txt", CHAT)
        export.writestr("00000005-prive-foto.jpg", PHOTO)
        export.writestr("00000006-PHOTO-brug.jpg", b"\xff\xd8\xff\xe0" + b"brug" * 20)
    return folder


def secure(archive: Archive, folder: Path, rules: tuple[Rule, ...] = RULES) -> TakeInResult:
    return take_in_without(archive, TakeIn((folder,), owner=OWNER), rules, Silent())


def packaged(archive: Archive, target: Path) -> Path:
    made = make_package(archive, MakePackage(target), Silent())
    assert made.released
    return made.path


def everything(folder: Path) -> bytes:
    return b"\n".join(p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file())


def prove(*arguments: str | Path) -> tuple[int, str]:
    script = ROOT / "packaging" / "bewijs" / "controleer.py"
    done = subprocess.run(
        [sys.executable, str(script), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_nothing_that_was_taken_out_is_anywhere(tmp_path: Path, phone: Path) -> None:
    """Vault, register, WAL, trail, temporary files and package; as text, as hex, in names."""
    archive = work_folder(tmp_path / "werkmap")
    secure(archive, phone)
    package = packaged(archive, tmp_path / "levering")
    while_open = everything(archive.werkmap)
    archive.close()
    for stored in (while_open, everything(tmp_path / "werkmap"), everything(package)):
        for secret in SECRETS:
            assert secret.encode() not in stored, secret
            assert secret.encode().hex().encode() not in stored, secret
        assert b"De brug gaat dicht" in stored
    names = " ".join(str(p) for p in (*tmp_path.glob("werkmap/**/*"), *package.rglob("*")))
    assert not [s for s in SECRETS if s in names]


def test_counts_reasons_and_root_stand_in_trail_and_metadata(
    archive: Archive, phone: Path, tmp_path: Path
) -> None:
    [source] = secure(archive, phone).sources
    assert source.path.endswith("Team Brug.zip")
    item = overview.item(archive, source.item_ids[0])
    record = item.record
    assert isinstance(record, Conversation)
    assert record.extract is not None
    assert (record.extract.total, record.message_count) == (7, 4)
    assert record.extract.left_out == {"prive": 2, "bijzondere persoonsgegevens": 1}
    assert [p.name for p in record.participants] == ["Mira van Oosterhof", "Joris Blankert"]
    with archive.register.read() as tx:
        [event] = [e.event for e in audit.entries(tx) if e.event.action == "uitsluiting"]
    assert event.after is not None
    assert event.after["wortel"] == record.extract.root
    sidecars = "".join(
        p.read_text("utf-8") for p in packaged(archive, tmp_path / "levering").rglob("C-*.mdto.xml")
    )
    assert "4 van 7 berichten bewaard" in sidecars
    assert record.extract.root in sidecars


def test_what_is_kept_reads_as_before_with_its_photo(archive: Archive, phone: Path) -> None:
    [source] = secure(archive, phone).sources
    page = overview.reading(archive, source.item_ids[0])
    assert [m.index for m in page.chat] == [0, 1, 5, 6]
    assert page.chat[0].text == "De brug gaat dicht op 1 december"
    assert page.chat[2].attachments[0].present
    assert verify(archive, Silent()).sound


def test_what_may_be_missing_is_still_said_of_the_extract_but_no_day_and_no_name(
    archive: Archive, tmp_path: Path
) -> None:
    """Something taken out does not make a cut-off export look whole."""
    path = tmp_path / "WhatsApp-chat met Kade.txt"
    path.write_text(
        "13-03-2026 09:00 - Anna: De kade is klaar\n"
        "13-03-2026 09:05 - Anna: IMG-20260313-WA0001.jpg (bestand bijgevoegd)\n"
        "13-03-2026 08:00 - Anna: Eerder\n"
        "13-07-2026 08:00 - Bram: Huwelijkscrisis\n",
        encoding="utf-8",
    )
    [source] = secure(archive, path).sources
    expected = {"chat.export_afgekapt_begin", "chat.media_ontbreekt", "chat.tijd_terug"}
    record = overview.item(archive, source.item_ids[0]).record
    assert {f.code for f in record.findings} == expected
    assert {f.code for f, _ in source.noticed} == expected
    stored = archive.vault.read_verified(source.sha256 or "")
    assert b"2026-07" not in stored
    assert json.loads(stored)["bron"]["opmerkingen"][1]["aantallen"] == {"aantal": 1}


def test_without_anything_taken_out_the_export_itself_is_secured(
    archive: Archive, phone: Path
) -> None:
    [source] = secure(archive, phone, (Rule("prive", zoek="komt niet voor"),)).sources
    original = next(phone.iterdir()).read_bytes()
    assert archive.vault.read_verified(source.sha256 or "") == original
    assert not list((archive.werkmap / "tijdelijk").glob("uittreksel*"))


def test_a_whole_conversation_can_go_and_leaves_only_its_count(
    archive: Archive, phone: Path
) -> None:
    [source] = secure(archive, phone, (Rule("prive", gesprek="Team Brug"),)).sources
    record = overview.item(archive, source.item_ids[0]).record
    assert isinstance(record, Conversation)
    assert (record.message_count, record.participants, record.title) == (0, (), None)
    assert b"De brug gaat dicht" not in everything(archive.werkmap)


def test_an_export_that_was_secured_whole_before_is_said(archive: Archive, phone: Path) -> None:
    secure(archive, phone, (Rule("prive", zoek="komt niet voor"),))
    [source] = secure(archive, phone).sources
    assert "uittreksel.origineel_al_vastgelegd" in {f.code for f in source.findings}


def _edit(change: Callable[[dict[str, object]], None]) -> Callable[[Path], None]:
    def spoil(path: Path) -> None:
        document = json.loads(path.read_bytes())
        change(document)
        path.write_text(json.dumps(document))

    return spoil


def _swap(document: dict) -> None:  # type: ignore[type-arg]
    lines = document["berichten"]
    lines[0]["bericht"], lines[1]["bericht"] = lines[1]["bericht"], lines[0]["bericht"]


def _swap_whole(document: dict) -> None:  # type: ignore[type-arg]
    lines = document["berichten"]
    lines[0], lines[1] = lines[1], lines[0]


def _count(document: dict) -> None:  # type: ignore[type-arg]
    document["tellingen"]["weggelaten"]["prive"] = 1


def _drop(document: dict) -> None:  # type: ignore[type-arg]
    document["berichten"].pop(2)


def _reason(document: dict) -> None:  # type: ignore[type-arg]
    document["berichten"][2]["reden"] = "partijpolitiek"


def _byte(path: Path) -> None:
    data = path.read_bytes().replace(b"1 december", b"2 december")
    path.write_bytes(data)


SPOILS: dict[str, Callable[[Path], None]] = {
    "one changed byte": _byte,
    "two messages swapped": _edit(_swap),
    "two lines swapped": _edit(_swap_whole),
    "a wrong count": _edit(_count),
    "a message removed": _edit(_drop),
    "another reason": _edit(_reason),
}


def test_the_independent_script_accepts_the_package(
    archive: Archive, phone: Path, tmp_path: Path
) -> None:
    secure(archive, phone)
    package = packaged(archive, tmp_path / "levering")
    code, said = prove(package)
    assert code == 0, said
    assert "4 berichten ongewijzigd" in said
    assert "op plaats [2, 3, 4]" in said


@pytest.mark.parametrize("spoil", SPOILS)
def test_the_independent_script_refuses(
    archive: Archive, phone: Path, tmp_path: Path, spoil: str
) -> None:
    secure(archive, phone)
    package = packaged(archive, tmp_path / "levering")
    extract = next(p for p in package.rglob("C-0001.json"))
    SPOILS[spoil](extract)
    code, said = prove(package)
    assert code == 1, said
    assert "FOUT" in said


def test_a_whole_new_tree_is_refused_by_the_root_of_intake(
    archive: Archive, phone: Path, tmp_path: Path
) -> None:
    """Somebody recomputes everything: only what was recorded at intake gives it away."""
    secure(archive, phone)
    package = packaged(archive, tmp_path / "levering")
    other = work_folder(tmp_path / "andere")
    forged = tmp_path / "vervalst"
    forged.mkdir()
    with ZipFile(forged / "WhatsApp-chat met Team Brug.zip", "w") as export:
        export.writestr("_chat.txt", CHAT.replace("Akkoord", "Afgewezen"))
    secure(other, forged)
    forged_package = packaged(other, tmp_path / "levering 2")
    other.close()
    shutil.copy(next(forged_package.rglob("C-0001.json")), next(package.rglob("C-0001.json")))
    assert prove(package)[0] == 1


def test_the_script_says_when_there_is_nothing_to_prove(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"schema": "iets anders"}')
    assert prove(tmp_path)[0] == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[[uitsluiten]]\nreden = 'prive'",
        "[[uitsluiten]]\nreden = 'zomaar'\nzoek = 'x'",
        "[[uitsluiten]]\nreden = 'prive'\nonbekend = 1",
        "[[uitsluiten]]\nreden='prive'\nberichten='1'",
        # Compared as text these would take out everything, or nothing.
        "[[uitsluiten]]\nreden='prive'\nvan='17-11-2026'",
        "[[uitsluiten]]\nreden='prive'\ntot='17 november'",
        "[[uitsluiten]]\nreden='prive'\ntot='2026-13-40'",
        "[[uitsluiten]]\nreden='prive'\ntot='2026-11-17 12:00'",
        "[[uitsluiten]]\nreden='prive'\nvan=2026-11-17T12:00:00Z",
        "geen toml [",
    ],
)
def test_a_rule_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "regels.toml"
    path.write_text(text)
    with pytest.raises((InputRefused, RuleRefused)):
        read_rules(path)


def test_a_time_may_be_written_as_toml_does(tmp_path: Path) -> None:
    path = tmp_path / "regels.toml"
    path.write_text("[[uitsluiten]]\nreden='prive'\nvan=2026-11-17T12:00:00\ntot=2026-11-17\n")
    [rule] = read_rules(path)
    assert (rule.van, rule.tot) == ("2026-11-17T12:00:00", "2026-11-17")


def test_a_rule_that_takes_nothing_out_is_said(
    tmp_path: Path, phone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A name with a slip of the pen would let everything in without a word."""
    rules = tmp_path / "regels.toml"
    rules.write_text(
        "[[uitsluiten]]\nreden='prive'\nzoek='huwelijkscrisis'\n"
        "[[uitsluiten]]\nreden='prive'\nafzender='Zwager Ewoud'\n"
    )
    given = ["neem-op", str(phone), "--uitsluiten", str(rules)]
    assert cli.run(["--werkmap", str(tmp_path / "werkmap"), *given]) == cli.OK
    said = capsys.readouterr().err
    assert "Regel 2 heeft niets weggelaten" in said
    assert "Regel 1 " not in said


def test_on_the_command_line(
    tmp_path: Path, phone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = tmp_path / "regels.toml"
    rules.write_text(
        "[[uitsluiten]]\nreden = 'prive'\nvan = '2026-11-17T12:00:00'\ntot = '2026-11-17'\n"
    )
    werkmap = str(tmp_path / "werkmap")
    code = cli.run(["--werkmap", werkmap, "neem-op", str(phone), "--uitsluiten", str(rules)])
    assert code == cli.OK, capsys.readouterr()
    assert cli.run(["--werkmap", werkmap, "verifieer"]) == cli.OK
    stored = everything(tmp_path / "werkmap")
    assert not [s for s in SECRETS if s.encode() in stored]


_DAYS = tuple(
    zip(
        (3, 4, 5, 5),
        (4, 5, 6, 7),
        (
            "Is de nota over de kade klaar?",
            "De aannemer begint volgende week",
            "Akkoord met de tekst zo",
            "Huwelijkscrisis thuis, bel je straks?",
        ),
        strict=True,
    )
)
UNDECIDED = "".join(f"{m}/{d}/26, 09:00 - Anna: {words}\n" for m, d, words in _DAYS)
DECIDED = "".join(f"0{d}-0{m}-2026 09:00 - Anna: {words}\n" for m, d, words in _DAYS[:3])
IN_MAY = (Rule("prive", van="2026-05-07", tot="2026-05-12"),)


def exports(folder: Path) -> tuple[Path, Path]:
    """An export of which the order of days is open, and another of the same chat that shows it."""
    made = []
    for name, text in (("a", UNDECIDED), ("b", DECIDED + "13-05-2026 10:00 - Bram: Dag\n")):
        (folder / name).mkdir()
        made.append(folder / name / "WhatsApp-chat met Kade.txt")
        made[-1].write_text(text, encoding="utf-8")
    return made[0], made[1]


@pytest.mark.parametrize("way", ["before", "first", "last", "by command"])
def test_another_export_decides_the_days_that_a_rule_asks_about(
    tmp_path: Path, way: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """On the command line as in the window; the other one was secured before or is dropped with it."""
    mine, other = exports(tmp_path)
    werkmap = tmp_path / "werkmap"
    archive = work_folder(werkmap)
    if way == "before":
        secure(archive, other, ())
        dropped: tuple[Path, ...] = (mine,)
    else:
        dropped = (mine, other) if way == "first" else (other, mine)
    if way == "by command":
        archive.close()
        rules = tmp_path / "regels.toml"
        rules.write_text("[[uitsluiten]]\nreden='prive'\nvan='2026-05-07'\ntot='2026-05-12'\n")
        given = ["neem-op", *map(str, dropped), "--uitsluiten", str(rules)]
        assert cli.run(["--werkmap", str(werkmap), *given]) == cli.OK, capsys.readouterr()
        archive = work_folder(werkmap)
    else:
        result = take_in_without(archive, TakeIn(dropped), IN_MAY, Silent())
        said = {f.code for s in result.sources if s.path == str(mine) for f in s.findings}
        assert "chat.datumvolgorde_andere_export" in said
    records = [overview.item(archive, i).record for i in overview.item_ids(archive)]
    [record] = [r for r in records if isinstance(r, Conversation) and r.message_count == 3]
    assert record.extract is not None
    assert record.extract.left_out == {"prive": 1}
    assert (record.date_order, record.date_order_basis) == ("mdy", "other_export")
    assert (record.first, record.last) == ("2026-03-04T09:00:00", "2026-05-06T09:00:00")
    archive.close()
    assert b"Huwelijkscrisis" not in everything(werkmap)
    assert not list(werkmap.glob("tijdelijk/*"))


def test_a_rule_about_the_time_never_lets_pass_what_has_no_time(
    archive: Archive, tmp_path: Path
) -> None:
    """Nobody knows the days: then nothing of the file is secured, and it is said why."""
    mine, _ = exports(tmp_path)
    [source] = take_in_without(archive, TakeIn((mine,)), IN_MAY, Silent()).sources
    assert source.status.value == "geweigerd"
    [said] = [f for f in source.findings if f.code == "uitsluiten_tijd_onbekend"]
    assert said.params == {"n": 4}
    assert b"aannemer" not in everything(archive.werkmap)
    rules = (Rule("prive", zoek="huwelijkscrisis"),)
    [source] = take_in_without(archive, TakeIn((mine,)), rules, Silent()).sources
    record = overview.item(archive, source.item_ids[0]).record
    assert isinstance(record, Conversation)
    assert (record.message_count, record.date_order) == (3, None)


def test_an_original_that_nobody_reads_is_not_let_in_past_a_rule(
    archive: Archive, tmp_path: Path
) -> None:
    """What had to go out may be in it; a rule about another conversation does not touch it."""
    picture = tmp_path / "Schermafbeelding.png"
    picture.write_bytes(png())
    rules = (Rule("prive", zoek="huwelijkscrisis"),)
    [source] = take_in_without(archive, TakeIn((picture,)), rules, Silent()).sources
    assert source.status.value == "geweigerd"
    assert "uitsluiten_verzegeld" in {f.code for f in source.findings}
    assert not list((archive.werkmap / "kluis").rglob("*.*"))
    other = (Rule("prive", gesprek="Team Brug"),)
    [source] = take_in_without(archive, TakeIn((picture,)), other, Silent()).sources
    assert source.status.value == "opgenomen"


def test_a_file_without_private_messages_keeps_what_its_extracted_sibling_says(
    archive: Archive, tmp_path: Path
) -> None:
    mine, other = exports(tmp_path)
    rules = (Rule("prive", zoek="dag"),)
    result = take_in_without(archive, TakeIn((mine, other)), rules, Silent())
    records = [overview.item(archive, i).record for s in result.sources for i in s.item_ids]
    whole, extract = sorted(records, key=lambda r: r.format == "uittreksel")
    assert isinstance(whole, Conversation)
    assert (whole.format, whole.date_order, whole.date_order_basis) == (
        "whatsapp",
        "mdy",
        "other_export",
    )
    assert isinstance(extract, Conversation)
    assert extract.extract is not None


@pytest.mark.parametrize("seen", [1, 6])
def test_an_export_that_was_not_read_whole_is_not_secured_at_all(
    archive: Archive, phone: Path, monkeypatch: pytest.MonkeyPatch, seen: int
) -> None:
    """A reader that stops before the private message must not let the whole export in (rule 7)."""
    stopped = Finding("bestand.lezer_gestopt", {"soort": "tijd"}, "chat", Severity.FOUT)

    def cut(*given: object) -> Iterator[Event]:
        left = seen
        for event in really(*given):  # type: ignore[arg-type]
            if isinstance(event, Finished):
                yield dataclasses.replace(event, findings=(*event.findings, stopped))
            elif not isinstance(event, Parsed) or left > 0:
                left -= isinstance(event, Parsed)
                yield event

    really = exclusion.read_sources
    monkeypatch.setattr(exclusion, "read_sources", cut)
    (phone / "los.eml").write_bytes(mail("Los"))
    told: list[str] = []
    result = take_in_without(
        archive,
        TakeIn((phone,), owner=OWNER),
        RULES,
        Silent(),
        lambda sources: told.extend(s.status.value for s in sources),
    )
    assert {s.status.value for s in result.sources} == {"geweigerd"}
    assert told == ["geweigerd", "geweigerd"]
    assert all(stopped in s.findings for s in result.sources)
    stored = everything(archive.werkmap)
    assert not [s for s in (*SECRETS, "De brug gaat dicht") if s.encode() in stored]
    with archive.register.read() as tx:
        assert [e.event.result for e in audit.entries(tx)] == ["geweigerd", "geweigerd"]


def test_a_medium_that_cannot_be_read_stops_its_export_only(
    archive: Archive, phone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> Iterator[bytes]:
        raise InputRefused("chat.media_niet_gevonden", {"naam": "foto"})

    monkeypatch.setattr(exclusion, "medium_of_file", gone)
    (phone / "los.eml").write_bytes(mail("Los"))
    result = secure(archive, phone)
    assert sorted(s.status.value for s in result.sources) == ["geweigerd", "opgenomen"]
    assert not [s for s in SECRETS if s.encode() in everything(archive.werkmap)]
