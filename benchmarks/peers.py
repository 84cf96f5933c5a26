"""The programs that we are measured beside, each in a throw-away environment and never a dependency of ours.

libratom and mailbagit come from PyPI; mu (Debian package maildir-utils) is used when it is here. What cannot
be installed, or ends with an error, is left out with the reason, and the reason stands in the README.
"""

from __future__ import annotations

import csv
import shutil
import sqlite3
import subprocess
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Mail:
    """The same messages in three forms; `folder` is of loose .eml files, a Maildir without its name."""

    count: int
    mbox: Path
    maildir: Path
    folder: Path


@dataclass(frozen=True, slots=True)
class Tool:
    """What is measured: the command, and how many messages it says it handled.

    With more than `most` messages it is left out: it would take an hour and tell nothing new.
    """

    name: str
    does: str
    command: Callable[[Mail, Path], list[str]]
    counted: Callable[[Path, Path], int]
    prepare: Callable[[Mail, Path], None] = lambda mail, place: None
    most: int = 10_000


def peers(kind: str, folder: Path) -> tuple[tuple[Tool, ...], tuple[str, ...]]:
    """Give the peers for "mbox" or "eml" that this machine can have, and what is left out and why."""
    found: tuple[Tool, ...] = ()
    out: list[str] = []
    for package, program, tools in (
        ("libratom", "ratom", _libratom),
        ("mailbagit", "mailbagit", _mailbagit),
    ):
        reason = _installed(folder / package, package)
        if reason is None:
            found += tools(folder / package / "bin" / program, kind)
        else:
            out.append(f"{package}: {reason}")
    if shutil.which("mu"):
        found += (MU,)
    else:
        out.append("mu: not here (Debian package maildir-utils)")
    return found, tuple(out)


def _installed(environment: Path, package: str) -> str | None:
    """Install in a place of its own, because both pin old dependencies; the reason when that fails."""
    if environment.exists():
        return None
    print(f"{package}: installing in a throw-away environment", flush=True)
    venv.create(environment, with_pip=True)
    pip = [str(environment / "bin" / "pip"), "install", "--quiet", package]
    done = subprocess.run(pip, capture_output=True, text=True)
    if done.returncode == 0:
        return None
    return (done.stderr.strip().splitlines() or ["pip gave no reason"])[-1]


def _source(mail: Mail, kind: str) -> str:
    return str(mail.mbox if kind == "mbox" else mail.folder)


def _libratom(program: Path, kind: str) -> tuple[Tool, ...]:
    def report(*options: str) -> Callable[[Mail, Path], list[str]]:
        return lambda mail, place: [
            *(str(program), "report", "-j", "1", *options),
            *("-o", f"{place}/report.sqlite3", _source(mail, kind)),
        ]

    return (
        Tool(
            "libratom report",
            "date, and name, type and encoded size of attachments into SQLite; MD5 and SHA-256 of the file",
            report(),
            _rows,
        ),
        Tool(
            "libratom report -m",
            "the same with all headers and the body of every message",
            report("-m"),
            _rows,
        ),
    )


def _mailbagit(program: Path, kind: str) -> tuple[Tool, ...]:
    """Without -d mailbagit 0.7.4 ends with a TypeError, so it gets its lightest derivative: text."""
    return (
        Tool(
            "mailbagit -d txt",
            "a bag: copy of the source, text and attachments as files, one line of CSV each, SHA-256 and"
            " SHA-512 of every file",
            lambda mail, place: [
                *(str(program), "--keep", "-m", f"{place}/bag", "-i", kind, "-d", "txt"),
                *("--", _source(mail, kind)),
            ],
            _bagged,
        ),
    )


def _rows(out: Path, place: Path) -> int:
    with sqlite3.connect(place / "report.sqlite3") as report:
        return int(report.execute("select count(*) from message").fetchone()[0])


def _bagged(out: Path, place: Path) -> int:
    with (place / "bag" / "mailbag.csv").open(encoding="utf-8", newline="") as table:
        return sum(1 for row in csv.reader(table) if row) - 1


def _mu_init(mail: Mail, place: Path) -> None:
    command = ["mu", "init", f"--muhome={place}/mu", f"--maildir={mail.maildir}", "--quiet"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _mu_counted(out: Path, place: Path) -> int:
    command = ["mu", "find", f"--muhome={place}/mu", "--fields=i", "--nocolor", ""]
    return len(subprocess.run(command, check=True, capture_output=True).stdout.splitlines())


MU = Tool(
    "mu index",
    "headers and text of a Maildir into a full-text index (C++); no hashes, no attachment bytes, no copy",
    lambda mail, place: ["mu", "index", f"--muhome={place}/mu", "--quiet"],
    _mu_counted,
    _mu_init,
)
