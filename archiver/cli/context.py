"""What every command gets: the work folder, the language, and how to answer; and the exit codes."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archiver import texts
from archiver.cli.speech import json_line, printable
from archiver.findings import Finding, Severity

if TYPE_CHECKING:
    from archiver.services.archive import Archive

OK, ATTENTION, WRONG_USE, REFUSED, DAMAGED = 0, 1, 2, 3, 4
BUG = 70  # EX_SOFTWARE of sysexits.h: far from the codes that say something of the work


@dataclass(slots=True)
class Context:
    """What every command gets: where, how to answer, and in which language."""

    werkmap: Path
    as_json: bool
    language: str
    attention: bool = False
    exit_code: int = OK
    answered: bool = False  # something was done and told on stdout
    actor: str | None = None
    archive: Archive | None = field(default=None)

    def open(self) -> Archive:
        """Open the work folder once."""
        if self.archive is None:
            self.archive = opened(self.werkmap, self.actor)
        return self.archive

    def out(self, data: dict[str, Any], line: str) -> None:
        """Write one result: JSON in UTF-8 for programs, a line for people."""
        self.answered = True
        click.echo(json_line(data) if self.as_json else printable(line))

    def summary(self, counts: dict[str, Any], line: str) -> None:
        """Write the outcome as a whole: with JSON one more object on stdout, also when all is well."""
        if self.as_json:
            self.out({"kind": "summary", **counts}, "")
        self.say(line)

    def say(self, message: str) -> None:
        """Write a message for people; never on stdout when that holds JSON."""
        click.echo(printable(message), err=self.as_json)

    def text(self, key: str, **params: object) -> str:
        """Look up a text in the language of this call."""
        return texts.text(key, self.language, params)

    def findings(self, found: Iterable[Finding], file: str = "") -> None:
        """Show findings in words and remember whether one needs attention."""
        for finding in found:
            if finding.severity is not Severity.INFO:
                self.attention = True
                self.show(finding, file=file)

    def show(self, finding: Finding, times: int = 1, file: str = "") -> None:
        """Show one finding in words on stderr; the exit code does not change.

        `file` is named too, when what was found lies inside it.
        """
        places = dict.fromkeys(p for p in (file, finding.place) if p)
        place = ", ".join(places) + ": " if places else ""
        again = f" ({times} x)" if times > 1 else ""
        words = finding_text(finding, self.language)
        click.echo(printable(f"  ! {place}{words}{again}"), err=True)


def opened(werkmap: Path, actor: str | None) -> Archive:
    """Open a work folder; the register is loaded here, so that `inspect` starts without it."""
    from archiver.bootstrap import open_archive

    return open_archive(werkmap, actor=actor, origin="cli")


class Line:
    """Progress on stderr for a person at a terminal; silent when stderr is not one."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()

    def step(self, done: int, total: int | None, what: str) -> None:
        """Overwrite one line."""
        if self._shown:
            of = f"/{total}" if total is not None else ""
            click.echo(f"\r\x1b[K{done}{of} {printable(what[:60])}", nl=False, err=True)

    def cancelled(self) -> bool:
        """Ctrl+C arrives as KeyboardInterrupt instead."""
        return False


def finding_text(finding: Finding, language: str) -> str:
    """Make the sentence for a finding; a finding from an error has its text under ``fout.``."""
    for prefix in ("bevinding.", "fout."):
        key = prefix + finding.code
        if key in texts.table():
            return texts.text(key, language, {"bestand": finding.place, **finding.params})
    return f"{finding.code} {dict(finding.params) or ''}".strip()
