"""The process that sets the PDF: a document as JSON on standard input, the PDF on standard output.

Bounded in memory and CPU time where the system can; it opens no file but the template, the fonts and
the pictures in the one folder it is given, and says nothing on standard error, because that could hold
words of a message. A picture that cannot be shown is left out; its name stays.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import typst

from archiver.export import lettertypen

_MEMORY = 3 * 1024 * 1024 * 1024
_SECONDS = 100
_TRIAL = b"""#set document(title: "x", date: datetime(year: 2026, month: 1, day: 1))
#set text(lang: "nl", font: "Noto Sans")
#image("/" + sys.inputs.name, alt: "x", width: 1cm)"""


def main() -> int:
    """Set one document; exit code 1 when it could not be set."""
    out = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    _bound()
    document = json.loads(sys.stdin.buffer.read().decode("ascii"))
    template = (files("archiver.data") / "leeskopie" / "gesprek.typ").read_bytes()
    folder = Path(sys.argv[1])
    for block in document["blocks"]:
        for one in block.get("files", ()):
            if "image" in one and not _can_be_shown(folder, one["image"]):
                del one["image"]
    made = _made(template, folder, {"data": json.dumps(document)})
    if made is None:
        return 1
    with os.fdopen(out, "wb") as stream:
        stream.write(made)
    return 0


@lru_cache(maxsize=4_096)
def _can_be_shown(folder: Path, name: str) -> bool:
    """Try the picture by itself: one that is damaged must not cost all others their place."""
    return _made(_TRIAL, folder, {"name": name}) is not None


def _made(template: bytes, folder: Path, inputs: dict[str, str]) -> bytes | None:
    compiler: Any = typst  # its stub wants root and input of one type
    try:
        made: bytes = compiler.compile(
            template,
            root=folder,
            font_paths=_fonts(),
            format="pdf",
            sys_inputs=inputs,
            pdf_standards=["a-2a", "ua-1"],
        )
    except RuntimeError:
        return None
    return made


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    return typst.Fonts(False, False, [lettertypen.folder()])


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
