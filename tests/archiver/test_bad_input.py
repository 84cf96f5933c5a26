"""Bad input (issue 2): each ends as a finding that names the file, the cause and what to do.

One drop holds everything at once, between two good mails: what is bad never stops the rest.
"""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from archiver.bootstrap import open_archive
from archiver.findings import Finding
from archiver.intake import pool
from archiver.intake.protocol import Limits
from archiver.model import SourceStatus
from archiver.progress import Silent
from archiver.services import inspect as inspect_service
from archiver.services import intake as intake_service
from archiver.services.intake import SourceResult, TakeIn, take_in
from archiver.texts import text
from tests.archiver.intake.messages import HEADER, multipart, part
from tests.helpers.shared import ROOT

MAIL = HEADER + b"\r\nTekst\r\n"
PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
SEPARATOR = b"From anja@x.example Tue Mar  3 09:15:00 2026\n"
GIB = 1024**3
# What is refused, with the code that says why.
REFUSED = {
    "leeg.eml": "bestand.leeg",
    "regels.eml": "bestand.onbekend_formaat",
    "ruis.bin": "bestand.onbekend_formaat",
    "nullen.eml": "bestand.onbekend_formaat",
    "pdf-als.eml": "bestand.onbekend_formaat",
    "op-slot.zip": "bestand.wachtwoord",
    "half.zip": "bestand.beschadigd",
    "dicht.eml": "bestand.geen_toegang",
    "dichte-map": "bestand.geen_toegang",
    "lus": "bestand.map_lus",
    "nergens.eml": "bestand.verdwenen",
    "buis": "bestand.geen_bestand",
    "te-groot.eml": "bestand.te_groot",
}
# What is read all the same, with what is noticed about it.
NOTICED = {
    "afgebroken.eml": "mail.grens_ontbreekt",
    "mail-als.pdf": "bestand.extensie_klopt_niet",
    "bel\x07\x1b[2J.eml": "bestand.naam_stuurtekens",
}
GOOD = ("a-goed.eml", "z-goed.eml", "caf\udce9.eml", "pad.eml", "..eml")


def locked_zip(path: Path) -> None:
    """Write a zip whose member says that it is encrypted; no library here can encrypt one."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("brief.txt", b"geheim")
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    path.write_bytes(data)


def sparse(path: Path, start: bytes, size: int) -> None:
    """Write a file that is large without taking room on the disk."""
    with path.open("wb") as stream:
        stream.write(start)
        stream.truncate(size)


def fill(folder: Path) -> None:
    """Make the drop."""
    large = multipart(part(b"Hallo"), part(b"QUJD" * 900, b"image/png", b"base64"))
    files = {
        "leeg.eml": b"",
        "regels.eml": b"\r\n\r\n \r\n",
        "ruis.bin": b"\x00\x01\x02\x03",
        "pdf-als.eml": PDF,
        "mail-als.pdf": MAIL,
        "half.zip": b"PK\x03\x04half",
        "dicht.eml": MAIL,
        "afgebroken.eml": (HEADER + large)[:-1_500],
        "bel\x07\x1b[2J.eml": MAIL,
        "pad.eml": HEADER
        + multipart(
            part(
                b"x",
                b"image/png",
                more=b'Content-Disposition: attachment; filename="../../uit.png"\r\n',
            )
        ),
        **dict.fromkeys(("a-goed.eml", "z-goed.eml", "caf\udce9.eml", "..eml"), MAIL),
    }
    for number, (name, data) in enumerate(files.items()):
        (folder / name).write_bytes(data.replace(b"Dorpsstraat", b"Dorpsstraat %d" % number))
    locked_zip(folder / "op-slot.zip")
    sparse(folder / "nullen.eml", b"", 70_000)
    sparse(folder / "te-groot.eml", MAIL, Limits().message_bytes + 1)
    (folder / "dicht.eml").chmod(0)
    (folder / "dichte-map").mkdir()
    (folder / "dichte-map" / "brief.eml").write_bytes(MAIL)
    (folder / "dichte-map").chmod(0)
    (folder / "lus").symlink_to(folder, target_is_directory=True)
    (folder / "nergens.eml").symlink_to(folder / "bestaat-niet.eml")
    os.mkfifo(folder / "buis")


@pytest.fixture(scope="module")
def drop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("sleep")
    fill(folder)
    yield folder
    (folder / "dichte-map").chmod(0o700)


@pytest.fixture(scope="module", autouse=True)
def _no_superuser() -> Iterator[None]:
    """Let the tests and their readers have no more rights than an ordinary user has."""
    if os.geteuid() != 0:
        yield
        return
    if shutil.which("setpriv") is None:
        pytest.skip(
            "*** NO PERMISSION WAS NOT CHECKED: run as an ordinary user or with setpriv ***"
        )
    less = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")
    command = (*less, sys.executable, "-m", "archiver.intake.worker")
    limited = functools.partial(pool.read_sources, command=command)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inspect_service, "read_sources", limited)
        patch.setattr(intake_service, "read_sources", limited)
        # The walk itself runs here, where root sees every folder.
        listed = Path.iterdir

        def iterdir(path: Path) -> Iterator[Path]:
            if path.stat().st_mode & 0o400 == 0:
                raise PermissionError(13, "dicht")
            return listed(path)

        patch.setattr(Path, "iterdir", iterdir)
        yield


Lines = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def inspected(drop: Path) -> Lines:
    found: Lines = {}
    for line in inspect_service.inspect((drop,), Silent()):
        found.setdefault(Path(line["path"]).name, []).append(line)
    return found


@pytest.fixture(scope="module")
def taken(drop: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, SourceResult]:
    archive = open_archive(tmp_path_factory.mktemp("werkmap"), actor="toets", origin="test")
    try:
        result = take_in(archive, TakeIn((drop,)), Silent())
    finally:
        archive.close()
    return {Path(source.path).name: source for source in result.sources}


def said(findings: Sequence[Finding]) -> set[str]:
    return {finding.code for finding in findings}


def test_nothing_is_left_out(inspected: Lines, taken: dict[str, SourceResult]) -> None:
    assert set(inspected) == {*REFUSED, *NOTICED, *GOOD}
    assert set(taken) == set(inspected)


@pytest.mark.parametrize("name", REFUSED)
def test_inspect_says_why_it_cannot_be_read(inspected: Lines, name: str) -> None:
    (line,) = inspected[name]
    assert line["kind"] == "unreadable"
    assert REFUSED[name] in {finding["code"] for finding in line["findings"]}


@pytest.mark.parametrize("name", REFUSED)
def test_taking_in_refuses_it_with_the_same_reason(
    taken: dict[str, SourceResult], name: str
) -> None:
    source = taken[name]
    assert source.status is SourceStatus.GEWEIGERD
    assert source.item_ids == ()
    assert REFUSED[name] in said(source.findings)


@pytest.mark.parametrize("name", [*NOTICED, *GOOD])
def test_the_rest_of_the_drop_goes_on(
    inspected: Lines, taken: dict[str, SourceResult], name: str
) -> None:
    (line,) = inspected[name]
    assert line["kind"] == "email"
    assert taken[name].status is SourceStatus.OPGENOMEN
    assert len(taken[name].item_ids) == 1


@pytest.mark.parametrize("name", NOTICED)
def test_what_is_noticed_is_said(
    inspected: Lines, taken: dict[str, SourceResult], name: str
) -> None:
    of_message = {finding["code"] for finding in inspected[name][0]["findings"]}
    assert NOTICED[name] in of_message | said(taken[name].findings)


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("name", [*REFUSED, "mail-als.pdf", "bel\x07\x1b[2J.eml"])
def test_the_text_names_the_file_the_cause_and_what_to_do(
    taken: dict[str, SourceResult], name: str, language: str
) -> None:
    code = {**REFUSED, **NOTICED}[name]
    (finding,) = [f for f in taken[name].findings if f.code == code]
    key = f"bevinding.{code}"
    told = text(key, language, finding.params)
    assert told != key
    shown = "".join(c if c.isprintable() else "\ufffd" for c in name)
    assert shown in told
    assert "{" not in told
    assert len(re.findall(r"[.?!](?:\s|$)", told)) >= 2, "a cause and what to do"


def test_names_and_paths_reach_nothing_outside(drop: Path, inspected: Lines) -> None:
    (line,) = inspected["pad.eml"]
    assert [a["name"] for a in line["attachments"]] == ["../../uit.png"]
    assert not list(drop.parent.rglob("uit.png"))


def test_control_characters_reach_no_screen(taken: dict[str, SourceResult]) -> None:
    for finding in taken["bel\x07\x1b[2J.eml"].findings:
        shown = f"{finding.place}{''.join(map(str, finding.params.values()))}"
        assert shown.isprintable() or "\ufffd" in shown
        assert "\x1b" not in shown


_MEASURED = """
import json, resource, sys
from pathlib import Path
from archiver.progress import Silent
from archiver.services.inspect import inspect
lines = [
    (Path(line["path"]).name, line["kind"], [f["code"] for f in line["findings"]])
    for line in inspect((Path(sys.argv[1]),), Silent())
]
used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
memory = [each.ru_maxrss for each in used]
status = Path("/proc/self/status")
if status.exists():  # where a process begins with the peak of the one that started it, here pytest
    memory[0] = int(status.read_text().partition("VmHWM:")[2].split()[0])
io = Path("/proc/self/io")  # of this process and of its children that ended
read = int(io.read_text().split()[1]) if io.exists() else 0
print(json.dumps({
    "lines": lines,
    "memory": max(memory),
    "seconds": sum(each.ru_utime + each.ru_stime for each in used),
    "read": read,
}))
"""


def test_two_gigabytes_cost_seconds_and_no_memory(tmp_path: Path) -> None:
    """Seconds of the processor, not of a clock; and each of the two is read about once."""
    sparse(tmp_path / "bericht.eml", MAIL, 2 * GIB)
    sparse(tmp_path / "postvak.mbox", SEPARATOR + MAIL, 2 * GIB)
    with (tmp_path / "postvak.mbox").open("ab") as stream:
        stream.write(b"\n\n" + SEPARATOR + MAIL)
    # In a process of its own: the memory of children is known as their largest ever only.
    answer = subprocess.run(
        [sys.executable, "-c", _MEASURED, str(tmp_path)], check=True, capture_output=True, cwd=ROOT
    )
    found = json.loads(answer.stdout)
    assert [(name, kind) for name, kind, _ in found["lines"]] == [
        ("bericht.eml", "unreadable"),
        ("postvak.mbox", "unreadable"),
        ("postvak.mbox", "email"),
    ]
    assert "bestand.te_groot" in found["lines"][0][2]
    assert "mail.te_groot" in found["lines"][1][2]
    assert found["memory"] < 200 * 1024
    assert found["seconds"] < 40
    assert found["read"] < 2 * 2 * GIB + 64 * 1024 * 1024  # 0 where the system does not count it


class _PullsThePlug(Silent):
    """The share goes away as soon as the first file was read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def step(self, done: int, total: int | None, what: str) -> None:
        if done == 1 and self._folder.exists():
            self._folder.rename(self._folder.with_name("weg"))


def test_a_share_that_vanishes_during_the_run(tmp_path: Path) -> None:
    share = tmp_path / "share"
    share.mkdir()
    for number in range(120):
        (share / f"{number:03}.eml").write_bytes(MAIL)
    (tmp_path / "z-goed.eml").write_bytes(MAIL)
    lines = list(inspect_service.inspect((share, tmp_path / "z-goed.eml"), _PullsThePlug(share)))
    assert len(lines) == 121
    gone = [line for line in lines if line["kind"] == "unreadable"]
    assert 10 < len(gone) < 120
    assert {f["code"] for line in gone for f in line["findings"]} == {"bestand.verdwenen"}
    assert lines[-1]["kind"] == "email"


def test_a_share_that_was_never_there(tmp_path: Path) -> None:
    (line,) = inspect_service.inspect((tmp_path / "nooit" / "geweest",), Silent())
    assert line["kind"] == "unreadable"
    assert [f["code"] for f in line["findings"]] == ["bestand.verdwenen"]


def test_the_drop_itself_is_not_changed(drop: Path, taken: dict[str, SourceResult]) -> None:
    assert taken
    assert (drop / "a-goed.eml").read_bytes().startswith(HEADER[:40])
    assert sorted(entry.name for entry in drop.iterdir()) == sorted({*REFUSED, *NOTICED, *GOOD})
