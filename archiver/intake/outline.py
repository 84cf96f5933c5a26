"""The folders of a mailbox with their counts, at once: no message is read. Runs in a child process.

``python -m archiver.intake.outline``: a path on standard input, JSON lines on standard output: the
``{"kind"}`` of the mailbox (null when it is none), ``{"folders", "count"}`` as often as a count grows, and
``{"done": true}``. A folder has the name that the messages in it get (`EmailMessage.folder`, "" for none).
With labels of Gmail a message is in several: each set of labels has a count, so that none counts twice.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from archiver.errors import InputRefused
from archiver.intake import mail_folders
from archiver.intake.protocol import Limits
from archiver.intake.zip_members import MAGIC as ZIP
from archiver.progress import Progress, check_cancelled

COMMAND: tuple[str, ...] = (sys.executable, "-m", "archiver.intake.outline")
_STORE, _LINE = b"!BDN", b"From "
_TOLD_SECONDS = 0.2
_TICK = 0.1
_HEAD = 65_536


@dataclass(frozen=True, slots=True)
class Kind:
    """What sort of mailbox it is (pst, mbox, olm, zip, map); None when it is none."""

    kind: str | None


@dataclass(frozen=True, slots=True)
class FolderCount:
    """How many messages were counted so far that are in this folder, or in all these (labels)."""

    folders: tuple[str, ...]
    count: int


def could_be_mailbox(path: Path) -> bool:
    """Tell by name of a folder or first bytes of a file whether it is worth asking; never raises."""
    try:
        if path.is_dir():
            return _is_folder_of_mail(path)
        with path.open("rb") as stream:
            head = stream.read(8)
    except (OSError, ValueError):
        return False
    return head.startswith((_STORE, *ZIP)) or head.lstrip(b"\r\n").startswith(_LINE)


def outline(
    path: Path, limits: Limits, progress: Progress, command: Sequence[str] = COMMAND
) -> Iterator[Kind | FolderCount]:
    """Ask a child for the folders. Raises `Cancelled`, and `InputRefused` when the child stopped."""
    child = subprocess.Popen(
        list(command),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ
        | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p), "PYTHONUTF8": "1"},
    )
    assert child.stdin is not None
    assert child.stdout is not None
    answers: queue.Queue[bytes] = queue.Queue(1_000)
    stopped = threading.Event()
    lines = child.stdout

    def listen() -> None:
        for line in lines:
            while not stopped.is_set():
                try:
                    answers.put(line, timeout=_TICK)
                except queue.Full:
                    continue
                break
        if not stopped.is_set():
            answers.put(b"")

    listener = threading.Thread(target=listen, daemon=True)
    try:
        child.stdin.write(json.dumps(os.fspath(path.absolute())).encode() + b"\n")
        child.stdin.close()
        listener.start()
        heard = time.monotonic()
        while True:
            check_cancelled(progress)
            try:
                line = answers.get(timeout=_TICK)
            except queue.Empty:
                if time.monotonic() - heard > limits.seconds:
                    raise _stopped(path, "tijd") from None
                continue
            heard = time.monotonic()
            answer = json.loads(line) if line.endswith(b"\n") else None
            if answer is None:
                raise _stopped(path, "afgebroken")
            if "kind" in answer:
                yield Kind(answer["kind"])
            elif "folders" in answer:
                yield FolderCount(tuple(answer["folders"]), answer["count"])
            elif "refused" in answer:
                raise InputRefused(answer["refused"], {**answer["params"], "bestand": path.name})
            else:
                return
    except OSError as error:
        raise _stopped(path, "afgebroken") from error
    finally:
        stopped.set()
        child.kill()
        if listener.is_alive():
            listener.join(5)
        lines.close()
        child.wait()


def _stopped(path: Path, why: str) -> InputRefused:
    return InputRefused("bestand.lezer_gestopt", {"bestand": path.name, "soort": why})


# --- in the child ------------------------------------------------------------------------------------


def kind_of(path: Path) -> str | None:
    """Say what sort of mailbox it is, by content. Raises OSError."""
    if path.is_dir():
        return "map" if _is_folder_of_mail(path) else None
    from archiver.intake import mbox
    from archiver.intake.protocol import Head

    with path.open("rb") as stream:
        head = Head(stream.read(_HEAD), path.stat().st_size, path.name)
    if head.data.startswith(_STORE):
        return "pst"
    if head.data.startswith(ZIP):
        from archiver.intake import olm, zip_of_mail
        from archiver.intake.chat import whatsapp

        if olm.score_path(path, head):
            return "olm"
        mail = zip_of_mail.score_path(path, head)
        chat = getattr(whatsapp, "score_path", None)
        return "zip" if mail and not (chat and chat(path, head) > mail) else None
    return "mbox" if mbox.score(head) >= 80 else None


def folders(path: Path, kind: str, limits: Limits) -> Iterator[tuple[str, ...]]:
    """Give where each message is. Raises `InputRefused` and OSError."""
    if kind == "pst":
        from archiver.intake import pst

        for name in pst.folders(path):
            yield (name,)
    elif kind == "olm":
        from archiver.intake import olm

        for name in olm.folders(path, limits):
            yield (name,)
    elif kind == "zip":
        from archiver.intake import zip_of_mail

        yield from zip_of_mail.folders(path, limits)
    elif kind == "mbox":
        from archiver.intake import mbox

        yield from mbox.folders(path)
    else:
        yield from _below(path)


def _below(folder: Path) -> Iterator[tuple[str, ...]]:
    from archiver.intake import mbox
    from archiver.intake.walk import files_of

    known: dict[Path, str] = {}
    for found in files_of([folder]):
        path = found.path
        if found.refusal is not None:
            continue
        if path.parent.name in mail_folders.MAILDIR:
            if path.parent not in known:
                known[path.parent] = mail_folders.maildir_folder(path) or ""
            yield (known[path.parent],)
        elif path.suffix.lower() == ".emlx":
            yield (mail_folders.apple_folder(path) or "",)
        else:
            with path.open("rb") as stream:
                is_mbox = stream.read(8).lstrip(b"\r\n").startswith(_LINE)
            yield from mbox.folders(path) if is_mbox else (("",),)


def _is_folder_of_mail(folder: Path) -> bool:
    if folder.suffix.lower() in (".mbox", ".sbd"):
        return True
    names = {entry.name for entry in folder.iterdir()}
    if names >= {"cur", "new"} or any(name.lower().endswith(".msf") for name in names):
        return True
    return any(
        (folder / name / "cur").is_dir() and (folder / name / "new").is_dir() for name in names
    )


def main() -> int:
    """Answer one request."""
    out = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)  # no library may write what it read to a log
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)

    def tell(answer: dict[str, object]) -> None:
        out.write(json.dumps(answer).encode() + b"\n")
        out.flush()

    from archiver.intake.worker import Bounds

    limits = Limits()
    bounds = Bounds(limits)
    path = Path(json.loads(sys.stdin.buffer.readline()))
    counts: Counter[tuple[str, ...]] = Counter()
    fresh: set[tuple[str, ...]] = set()
    said = 0.0
    try:
        kind = kind_of(path)
        tell({"kind": kind})
        for places in folders(path, kind, limits) if kind else ():
            counts[places] += 1
            fresh.add(places)
            now = time.monotonic()
            if now - said > _TOLD_SECONDS:
                bounds.renew()
                for one in fresh:
                    tell({"folders": one, "count": counts[one]})
                fresh, said = set(), now
    except InputRefused as refused:
        tell({"refused": refused.code, "params": dict(refused.params)})
        return 0
    except OSError:
        tell({"refused": "bestand.niet_te_openen", "params": {}})
        return 0
    for one in fresh:
        tell({"folders": one, "count": counts[one]})
    tell({"done": True})
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
