"""Check a sidecar against our own schema of MDTO 1.0.1."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files

from lxml import etree

from metadata.xml import MdtoError, parse


@dataclass(frozen=True, slots=True)
class Violation:
    """What is wrong: a code (text under ``bevinding.<code>``), parameters and an element path.

    `advice` marks a rule that the norm gives as advice: a warning, not an error.
    """

    code: str
    place: str = ""
    params: dict[str, str | int] = field(default_factory=dict)
    advice: bool = False


@lru_cache(maxsize=1)
def schema() -> etree.XMLSchema:
    """Load the schema once per process."""
    data = files("metadata.data").joinpath("mdto-1.0.1.xsd").read_bytes()
    return etree.XMLSchema(etree.fromstring(data))


def validate(data: bytes) -> tuple[Violation, ...]:
    """Give every breach of the schema; broken or hostile XML is one violation."""
    try:
        root = parse(data)
    except MdtoError as error:
        return (Violation(error.code, error.place, dict(error.params)),)
    rules = schema()
    if rules.validate(root):
        return ()
    return tuple(
        Violation("mdto.schema", entry.path or "/", {"melding": entry.message[:300]})
        for entry in rules.error_log
    )
