"""The process that sets the PDF: a document as JSON on standard input, the PDF on standard output.

Bounded in memory and CPU time where the system can; it opens no file but the template and the fonts,
and says nothing on standard error, because that could hold words of a message.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from importlib.resources import files

_MEMORY = 3 * 1024 * 1024 * 1024
_SECONDS = 100


def main() -> int:
    """Set one document; exit code 1 when it could not be set."""
    out = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    _bound()
    import typst

    from archiver.export.lettertypen import folder

    text = sys.stdin.buffer.read().decode("ascii")
    json.loads(text)
    template = (files("archiver.data") / "leeskopie" / "gesprek.typ").read_bytes()
    try:
        made = typst.compile(
            template,
            font_paths=typst.Fonts(False, False, [folder()]),
            format="pdf",
            sys_inputs={"data": text},
            pdf_standards=["a-2a", "ua-1"],
        )
    except RuntimeError:
        return 1
    with os.fdopen(out, "wb") as stream:
        stream.write(made)
    return 0


def _bound() -> None:
    if sys.platform == "win32":
        return
    import resource

    with contextlib.suppress(ValueError, OSError):
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, hard))
    with contextlib.suppress(ValueError, OSError):
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, hard))


if __name__ == "__main__":
    raise SystemExit(main())
