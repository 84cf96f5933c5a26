"""The process that opens a sealed backup: one request as JSON on standard input, one answer back.

A request is ``{"path", "key", "target", "limits"}``. The answer is ``{"done": true}`` or
``{"finding"}``. The key comes over standard input only: arguments and environment of a process can be
seen by others. Nothing is said on standard error.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path

from archiver.errors import InputRefused
from archiver.findings import Finding, Severity
from archiver.intake.protocol import Limits


def main() -> int:
    """Answer one request."""
    out = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    request = json.loads(sys.stdin.buffer.readline())
    limits = Limits(**request["limits"])
    _bound(limits)
    path, target = Path(request["path"]), Path(request["target"])
    answer: dict[str, object] = {"done": True}
    from archiver.intake.chat.opening import unseal

    try:
        unseal(path, request["key"], target, limits)
    except InputRefused as refused:
        answer = {"finding": refused.as_finding().as_json()}
    except OSError as error:
        kind = type(error).__name__
        found = Finding("chat.niet_te_lezen", {"fout": kind}, path.name, Severity.FOUT)
        answer = {"finding": found.as_json()}
    with os.fdopen(out, "wb") as stream:
        stream.write(json.dumps(answer).encode("ascii") + b"\n")
    return 0


def _bound(limits: Limits) -> None:
    if sys.platform == "win32":
        return
    import resource

    with contextlib.suppress(ValueError, OSError):
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (limits.memory_bytes, hard))


if __name__ == "__main__":
    raise SystemExit(main())
