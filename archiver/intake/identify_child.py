"""Identify the bytes of attachments in a process of its own, so that a hostile one cannot hurt ours.

Parent and child speak JSON lines over pipes: the path of a temporary file and its name go in, the
`Identification` comes out. A child that dies or does not answer is replaced; that one file stays
unidentified. Started as a program (spawned), because pygfried hangs after a fork.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import queue
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Self

from archiver.findings import Finding
from archiver.identity import new_id
from archiver.model import Identification

SECONDS = 60
_KNOWN = 1_000  # answers that are remembered
# The library of PRONOM is Go: it lets its memory double before it clears up, and files pass through it.
_TIDY = {"GOGC": "30"}


class Identifier:
    """Ask a child what bytes are; the same bytes are asked once. `folder` is for temporary files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._child: subprocess.Popen[str] | None = None
        self._answers: queue.Queue[str] = queue.Queue()
        self._known: dict[str, Identification | None] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def identify(self, data: bytes, name: str | None) -> Identification | None:
        """Identify `data`; None when nobody could tell within a minute."""
        key = hashlib.sha256(data + b"\0" + (name or "").encode("utf-8", "replace")).hexdigest()
        if key not in self._known:
            self._folder.mkdir(exist_ok=True)
            place = self._folder / f"deel-{new_id()}"
            place.write_bytes(data)
            if len(self._known) >= _KNOWN:
                del self._known[next(iter(self._known))]
            try:
                self._known[key] = self._ask(place, name)
            finally:
                place.unlink(missing_ok=True)
        return self._known[key]

    def _ask(self, place: Path, name: str | None) -> Identification | None:
        child = self._running()
        assert child.stdin is not None
        try:
            child.stdin.write(json.dumps({"path": str(place), "name": name}) + "\n")
            child.stdin.flush()
            line = self._answers.get(timeout=SECONDS)
        except (OSError, queue.Empty):
            line = ""
        if not line:
            self._stop()
            return None
        answer = json.loads(line)
        findings = tuple(Finding.from_json(f) for f in answer.pop("findings"))
        return Identification(**answer, findings=findings)

    def _running(self) -> subprocess.Popen[str]:
        if self._child is None:
            answers: queue.Queue[str] = queue.Queue()
            self._answers = answers
            self._child = child = subprocess.Popen(
                [sys.executable, "-m", "archiver.intake.identify_child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # what a library says of a file is not for a log
                encoding="utf-8",
                env=os.environ | _TIDY,
            )

            def listen() -> None:
                assert child.stdout is not None
                with child.stdout as lines:
                    for line in lines:
                        answers.put(line)
                answers.put("")

            threading.Thread(target=listen, daemon=True).start()
        return self._child

    def _stop(self) -> None:
        if self._child is not None:
            assert self._child.stdin is not None
            with contextlib.suppress(OSError):
                self._child.stdin.close()
            self._child.kill()
            self._child.wait()
            self._child = None


def main() -> None:
    """Answer questions until the parent closes the pipe."""
    from archiver.intake.identify import identify_bytes

    for line in sys.stdin:
        question = json.loads(line)
        found = identify_bytes(Path(question["path"]).read_bytes(), question["name"])
        answer = {**asdict(found), "findings": [f.as_json() for f in found.findings]}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
