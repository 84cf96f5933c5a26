"""The only door to extract-msg: the details of contacts, tasks and meetings, for a person who reads one.

extract-msg knows hundreds of named properties and turns a recurrence into a sentence; it is also slow to
load and was not made for hostile files. So it is loaded late and runs in a process of its own, stopped after
some seconds. Intake never waits for it.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from typing import Any

SECONDS = 5.0
MEMORY = 1_500 * 1024 * 1024  # bytes, where the system can bound it


def details(raw: bytes, codec: str, seconds: float = SECONDS) -> tuple[tuple[str, str], ...]:
    """Give names and values of an Outlook item, in the order and the words of extract-msg.

    `codec` is that of a file whose text is no Unicode, else empty. Nothing when it fails or takes too
    long: subject, people and text are read without it.
    """
    command = (sys.executable, "-m", "archiver.intake.outlook_msg", codec)
    try:
        answer = subprocess.run(
            command, input=raw, capture_output=True, timeout=seconds, check=False
        ).stdout
        return tuple((str(name), str(value)) for name, value in json.loads(answer))
    except (subprocess.TimeoutExpired, OSError, ValueError, TypeError):
        return ()


def read_details(raw: bytes, codec: str) -> list[tuple[str, str]]:
    """Ask extract-msg; raises whatever it raises, so call this in a process of its own."""
    import extract_msg
    from extract_msg.enums import ErrorBehavior

    item: Any = extract_msg.openMsg(
        raw,
        delayAttachments=True,
        errorBehavior=ErrorBehavior.SUPPRESS_ALL,
        overrideEncoding=codec or None,
    )
    try:
        groups = getattr(item, "headerFormatProperties", None) or {}
    except ValueError:
        # It knows not every monthly and yearly recurrence; tell the rest without the recurrence.
        item.__dict__["appointmentRecur"] = None
        groups = item.headerFormatProperties or {}
    found = []
    for group in groups.values():
        for name, value in group.items():
            if value and isinstance(value, str | int | float):
                found.append((name, " ".join(str(value).split())))
    return found


def main() -> int:
    """Answer with the details of the item on standard input, as JSON on standard output."""
    out = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)  # a library that prints must not break the answer
    os.dup2(nowhere, 2)
    if sys.platform != "win32":
        import resource

        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    out.write(json.dumps(read_details(sys.stdin.buffer.read(), sys.argv[1])).encode())
    out.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
