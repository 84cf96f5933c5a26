"""Check a sidecar against our own schema of MDTO 1.0.1 or ToPX 2.3."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any

from lxml import etree

from metadata.binding import XmlError, parse

MDTO = "mdto-1.0.1"
TOPX = "topx-2.3.1"


@dataclass(frozen=True, slots=True)
class Violation:
    """What is wrong: a code (text under ``bevinding.<code>``), parameters and an element path.

    `advice` marks a rule that the norm gives as advice: a warning, not an error.
    """

    code: str
    place: str = ""
    params: dict[str, str | int] = field(default_factory=dict)
    advice: bool = False


@lru_cache(maxsize=2)
def schema(norm: str = MDTO) -> etree.XMLSchema:
    """Load our own schema of a norm once per process."""
    data = files("metadata.data").joinpath(f"{norm}.xsd").read_bytes()
    return etree.XMLSchema(etree.fromstring(data))


def validate(data: bytes, norm: str = MDTO) -> tuple[Violation, ...]:
    """Give every breach of the schema; broken or hostile XML is one violation."""
    try:
        root = parse(data)
    except XmlError as error:
        return (Violation(error.code, error.place, dict(error.params)),)
    rules = schema(norm)
    if rules.validate(root):
        return ()
    log: Any = rules.error_log
    return tuple(
        Violation("xml.schema", entry.path or "/", {"melding": entry.message[:300]})
        for entry in log
    )
