"""The command line against hostile input: terminals, names that are no text, places without room."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from archiver import cli
from archiver.cli.speech import json_line, printable
from archiver.errors import DiskFull
from archiver.export import mdto
from archiver.services import intake
from archiver.services.demo import samples
from archiver.vault.batch import Batch
from tests.helpers.messages import WHATSAPP, mail, mbox

CUT = mail("Half", number=8, attachments=[("a.csv", "text/csv", b"a;b\n" * 500)])[:-1_200]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def call(*arguments: object, werkmap: Path | str = tmp_path / "werkmap") -> Any:
        code = cli.run(["--werkmap", str(werkmap), *map(str, arguments)])
        return code, *capsys.readouterr()

    return call


def test_what_a_message_wrote_cannot_steer_a_terminal(run: Any, tmp_path: Path) -> None:
    (tmp_path / "bel\x07\x1b]0;x.eml").write_bytes(mail("=?utf-8?B?G1sySuKArmdlaGVpbQ==?="))
    (tmp_path / "leeg\x1b[2J.eml").write_bytes(b"")
    for command in ("inspect", "neem-op"):
        _, out, err = run(command, tmp_path)
        assert "\x1b" not in out + err
        assert "\x07" not in out + err
        assert "\u202e" not in out + err
    assert "\x1b" not in "".join(run("beoordeel")[1:])
    assert printable("é\t👩\u200d🚀\n") == "é\t👩\u200d🚀\n"


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names are text there")
def test_a_name_that_is_no_text_gives_json_that_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "caf\udce9.eml"
    path.write_bytes(mail("Goed"))
    # A strict terminal is the hard case: Python's own choice depends on the locale.
    done = subprocess.run(
        [sys.executable, "-m", "archiver.cli", "--json", "inspect", os.fspath(tmp_path)],
        capture_output=True,
        check=True,
        env=os.environ | {"PYTHONIOENCODING": "ascii:strict"},
    )
    assert json.loads(done.stdout.decode("utf-8"))["path"] == str(path)
    assert json.loads(json_line({"naam": "é \udce9"})) == {"naam": "é \udce9"}


def test_people_read_sentences_and_not_codes(run: Any, tmp_path: Path) -> None:
    (tmp_path / "drop").mkdir()
    (tmp_path / "drop" / "half.eml").write_bytes(CUT)
    (tmp_path / "drop" / "leeg.eml").write_bytes(b"")
    for command in ("inspect", "neem-op"):
        code, out, err = run(command, tmp_path / "drop")
        assert code == cli.ATTENTION
        assert "half.eml" in out + err
        assert "leeg.eml" in err
        assert len([line for line in err.splitlines() if line.startswith("  ! ")]) >= 2
        assert "bestand.leeg" not in out + err


def test_a_program_gets_the_count_of_what_was_noticed(run: Any, tmp_path: Path) -> None:
    (tmp_path / "half.mbox").write_bytes(mbox([CUT, mail("Heel", number=9), CUT]))
    _, out, _ = run("--json", "neem-op", tmp_path / "half.mbox")
    line = json.loads(out)
    assert (line["status"], len(line["items"])) == ("opgenomen", 3)
    assert line["item_findings"]["mail.grens_ontbreekt"] == 2


def test_what_was_secured_before_the_disk_was_full_is_told(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    for number in range(5):
        (drop / f"{number}.eml").write_bytes(mail(f"Bericht {number}", number=number))
    monkeypatch.setattr(intake, "GROUP_SOURCES", 2)
    really, done = Batch.commit, 0

    def commit(batch: Batch) -> None:
        nonlocal done
        done += 1
        if done > 2:
            raise DiskFull("schijf_vol", {"ruimte": "1 MB"})
        really(batch)

    monkeypatch.setattr(Batch, "commit", commit)
    code, out, err = run("--json", "neem-op", drop)
    assert code == cli.ATTENTION
    assert [json.loads(line)["status"] for line in out.splitlines()] == ["opgenomen"] * 4
    assert "De schijf is vol" in err


def test_extracts_are_told_under_the_name_of_the_drop(run: Any, tmp_path: Path) -> None:
    (tmp_path / "_chat.txt").write_text(WHATSAPP, encoding="utf-8")
    (tmp_path / "regels.toml").write_text('[[uitsluiten]]\nreden = "prive"\nberichten = [0]\n')
    rules = ("--uitsluiten", tmp_path / "regels.toml")
    code, out, _ = run("--json", "neem-op", tmp_path / "_chat.txt", *rules)
    assert (code, json.loads(out)["path"]) == (cli.OK, str(tmp_path / "_chat.txt"))


def test_a_place_that_cannot_be_written_is_said(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "een.eml").write_bytes(mail("Een"))
    (tmp_path / "bestand").write_text("x")
    run("neem-op", tmp_path / "een.eml")

    def package(to: Path) -> tuple[int, str]:
        code, _, err = run("verpak", "--naar", to)
        assert not [p for p in tmp_path.iterdir() if p.name.endswith(".bezig")]
        return code, err

    assert package(tmp_path / "bestand")[0] == cli.REFUSED
    code, said = package(tmp_path / "werkmap" / "kluis" / "pakket")
    assert (code, "ligt in de werkmap" in said) == (cli.REFUSED, True)
    assert not (tmp_path / "werkmap" / "kluis" / "pakket").exists()
    code, said = package(tmp_path / "bestand" / "pakket")
    assert (code, "is er niet of is weggevallen" in said) == (cli.REFUSED, True)
    code, said = package(tmp_path / ("x" * 252))
    assert (code, "te lang" in said) == (cli.REFUSED, True)
    for number, words in (
        (errno.EROFS, "We mogen niet schrijven"),
        (errno.EIO, "gaf een fout"),
        (errno.ENOSPC, "De schijf is vol"),
        (errno.ESTALE, "gaf een fout"),
    ):

        def refuse(*_: object, number: int = number) -> None:
            raise OSError(number, "nee")

        for step in ("_save", "_flush_folder"):
            with monkeypatch.context() as patch:
                patch.setattr(mdto, step, refuse)
                code, said = package(tmp_path / "pakket")
            assert (code, words in said) == (cli.REFUSED, True)
            assert not (tmp_path / "pakket").exists()
    (tmp_path / "wijzer").symlink_to(tmp_path / "elders")
    assert package(tmp_path / "wijzer")[0] == cli.ATTENTION  # undecided goes out with a warning
    assert (tmp_path / "elders" / "pakbon.xml").is_file()


def test_a_disk_that_is_too_small_is_noticed_before_writing(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "een.eml").write_bytes(mail("Een"))
    run("neem-op", tmp_path / "een.eml")
    room = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(mdto.shutil, "disk_usage", lambda _: room._replace(free=10))
    monkeypatch.setattr(mdto, "_object", None)
    code, _, err = run("verpak", "--naar", tmp_path / "pakket")
    assert (code, "Maak 1 MB vrij" in err) == (cli.REFUSED, True)
    assert not [p for p in tmp_path.iterdir() if "pakket" in p.name]


def test_somebody_who_is_quicker_keeps_the_place(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "een.eml").write_bytes(mail("Een"))
    run("neem-op", tmp_path / "een.eml")
    really = mdto.release

    def late(written: mdto.Written) -> None:
        written.target.mkdir()
        (written.target / "van-een-ander").write_text("x")
        really(written)

    monkeypatch.setattr(mdto, "release", late)
    assert run("verpak", "--naar", tmp_path / "pakket")[0] == cli.REFUSED
    assert [p.name for p in (tmp_path / "pakket").iterdir()] == ["van-een-ander"]


def test_a_work_folder_that_cannot_be_is_said(run: Any, tmp_path: Path) -> None:
    (tmp_path / "bestand").write_text("x")
    for command in (("zoek",), ("neem-op", tmp_path / "bestand"), ("verifieer",)):
        code, _, err = run(*command, werkmap=tmp_path / "bestand" / "werk")
        assert code == cli.REFUSED
        assert "kunnen hem niet maken" in err
    assert run("demo", "--naar", tmp_path / "bestand")[0] == cli.REFUSED
    assert run("zoek", werkmap="")[0] == cli.WRONG_USE


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("nietes",), "De opdracht nietes bestaat niet."),
        (("zoek", "--nietes"), "De optie --nietes bestaat niet."),
        (("zoek", "--van", "x"), "Schrijf een datum als 2026-11-26."),
        (("zoek", "a", "b"), "Hier staat te veel: b."),
        (("verpak",), "--naar ontbreekt."),
        (("verpak", "--naar", "x", "--profiel", "zip"), "Kies uit: mdto"),
        (("verpak", "--naar", "x", "--moment", "2026-01-01T10:00"), "een datum met tijd en zone"),
        (("neem-op", "x", "--uitsluiten", "nergens"), "is er niet of is van een ander soort"),
        (("besluit",), "Noem een of meer ids"),
    ],
)
def test_wrong_use_is_said_in_dutch(run: Any, given: tuple[str, ...], said: str) -> None:
    code, out, err = run(*given)
    assert (code, out) == (cli.WRONG_USE, "")
    assert said in err
    assert "--help hoe het moet" in err


def test_something_strange_in_the_vault_asks_for_a_look(run: Any, tmp_path: Path) -> None:
    (tmp_path / "een.eml").write_bytes(mail("Een"))
    run("neem-op", tmp_path / "een.eml")
    (tmp_path / "werkmap" / "kluis" / "sha256" / "vreemd.txt").write_text("x")
    code, out, _ = run("--json", "verifieer")
    finding, summary = map(json.loads, out.splitlines())
    assert (code, finding["code"]) == (cli.ATTENTION, "kluis.te_veel")
    assert (summary["kind"], summary["errors"], summary["sound"]) == ("summary", 0, True)


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes that break like this")
def test_a_reader_that_stops_early_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "vak.mbox").write_bytes(mbox([mail(f"{n}", number=n) for n in range(2_000)]))
    command = [sys.executable, "-m", "archiver.cli", "--json", "inspect", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()
    assert process.returncode == cli.ATTENTION


def test_a_drop_around_the_work_folder_leaves_that_alone(run: Any, tmp_path: Path) -> None:
    """Somebody drops her whole Documents folder, with the vault in it."""
    (tmp_path / "een.eml").write_bytes(mail("Een"))
    run("neem-op", tmp_path / "een.eml")
    code, out, err = run("--json", "neem-op", tmp_path)
    lines = [json.loads(line) for line in out.splitlines()]
    assert code == cli.ATTENTION
    assert [(Path(line["path"]).name, line["status"]) for line in lines] == [
        ("werkmap", "geweigerd"),
        ("een.eml", "dubbel"),
    ]
    assert "is een werkmap van Archiefklaar" in err


def test_a_term_that_is_none_is_refused_in_words(run: Any, tmp_path: Path) -> None:
    """A term of nothing would mean: destroy at once. Without a date the term is read all the same."""
    (tmp_path / "een.eml").write_bytes(mail("Een"))
    (tmp_path / "zonder.eml").write_bytes(mail("Zonder datum", number=2, date=None))
    run("neem-op", tmp_path / "een.eml", tmp_path / "zonder.eml")
    for term in ("10jaar", "P0D", "PT5H", "P-1Y", "P999999Y", "P"):
        code, out, err = run(
            "--json", "besluit", "--alle", "--waardering", "V", "--termijn", term, "--reden", "x"
        )
        assert (code, out) == (cli.REFUSED, ""), term
        assert "termijn" in err or "jaar" in err or "datum" in err
    _, out, _ = run("--json", "beoordeel")
    assert [json.loads(line)["decision"] for line in out.splitlines()] == [None, None]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("dossiers.csv", b"naam,proces\n\xff\xfe,x\n"),
        ("dossiers.csv", b"naam,proces\n" + b"x" * 200_000 + b",y\n"),
        ("beleid.json", b"{"),
        ("sleutelfuncties.csv", b"\xff"),
    ],
)
def test_a_rule_that_cannot_be_read_stops_the_start(
    run: Any, tmp_path: Path, name: str, data: bytes
) -> None:
    folder = tmp_path / "werkmap" / "selectie"
    shutil.copytree(samples() / "selectie", folder)
    assert (folder / name).exists()
    (folder / name).write_bytes(data)
    code, out, err = run("zoek")
    assert (code, out) == (cli.REFUSED, "")
    assert name in err
    assert "Traceback" not in err


def test_a_mistake_of_ours_has_its_own_exit_code(tmp_path: Path) -> None:
    script = tmp_path / "fout.py"
    script.write_text(
        "import sys\n"
        "from archiver import cli\n"
        "cli.zoek.callback = lambda **_: 1 / 0\n"
        "cli.main(sys.argv[1:])\n",
        encoding="utf-8",
    )
    for language, words in (("nl", "Stuur de regels hierboven"), ("en", "Send the lines above")):
        command = [sys.executable, script, "--werkmap", tmp_path / "werk", "--taal", language]
        done = subprocess.run([*command, "zoek"], capture_output=True, text=True, timeout=120)
        assert (done.returncode, done.stdout) == (70, "")
        assert "ZeroDivisionError" in done.stderr
        assert words in done.stderr.splitlines()[-1]


def test_when_nothing_can_be_done_it_is_said_what_can(run: Any) -> None:
    code, _, err = run("maak-ongedaan")
    assert code == cli.REFUSED
    assert "neem een nieuw besluit" in err
    code, _, err = run("verpak", "--naar", "nergens")
    assert code == cli.REFUSED
    assert "neem eerst berichten op" in err
