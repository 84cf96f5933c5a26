"""Records as plain JSON: how a worker process answers, how the register keeps them. Never pickle.

What has to be done per class is worked out once from its type hints; a mailbox has a hundred thousand
records, and each goes over the wire at least twice.
"""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from archiver import model
from archiver.findings import Finding

_Change = Callable[[Any], Any]

_KINDS: dict[str, type] = {
    "email": model.EmailMessage,
    "conversation": model.Conversation,
    "chat_message": model.ChatMessage,
    "unreadable": model.Unreadable,
}
_JSON = json.JSONEncoder(separators=(",", ":"))
_NAMES = {cls: name for name, cls in _KINDS.items()}


def to_wire(record: model.Record) -> dict[str, object]:
    """Give the JSON form of a record; fields at their default are left out."""
    cls: Any = type(record)
    return {"kind": _NAMES[cls], **_writer(cls)(record)}


def from_wire(data: Mapping[str, Any]) -> model.Record:
    """Build the record again. KeyError or TypeError when `data` is not a record: a bug, not input."""
    values = dict(data)
    return typing.cast("model.Record", _reader(_KINDS[values.pop("kind")])(values))


def dump(record: model.Record) -> bytes:
    """Write a record as one line of ASCII JSON, without the line end."""
    return _JSON.encode(to_wire(record)).encode("ascii")


def load(line: bytes) -> model.Record:
    """Read what `dump` wrote. ValueError, KeyError or TypeError for anything else: a bug, not input."""
    return from_wire(json.loads(line))


@lru_cache(maxsize=64)
def _writer(cls: Any) -> _Change:
    """Give the function that makes plain JSON of a dataclass."""
    steps = [
        (
            f.name,
            f.default_factory() if f.default_factory is not dataclasses.MISSING else f.default,
            _change(hint, writing=True),
        )
        for f, hint in _typed(cls)
    ]

    def write(value: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, default, change in steps:
            current = getattr(value, name)
            if current is default or current == default:
                continue
            found[name] = current if change is None or current is None else change(current)
        return found

    return write


@lru_cache(maxsize=64)
def _reader(cls: Any) -> _Change:
    """Give the function that builds a dataclass."""
    changes = [(f.name, _change(hint, writing=False)) for f, hint in _typed(cls)]
    steps = [(name, change) for name, change in changes if change is not None]
    if not steps:
        return lambda values: cls(**values)

    def read(data: dict[str, Any]) -> Any:
        values = dict(data)
        for name, change in steps:
            current = values.get(name)
            if current is not None:
                values[name] = change(current)
        return cls(**values)

    return read


def _typed(cls: Any) -> list[tuple[dataclasses.Field[Any], Any]]:
    hints = typing.get_type_hints(cls, vars(model))
    return [(f, hints[f.name]) for f in dataclasses.fields(cls)]


def _change(hint: Any, *, writing: bool) -> _Change | None:
    """Give what turns a value of this type into plain JSON or back; None when nothing needs to."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    make: type = list if writing else tuple
    of_class: Callable[[Any], _Change] = _writer if writing else _reader
    if origin in (types.UnionType, typing.Union):
        (some,) = (a for a in args if a is not type(None))
        return _change(some, writing=writing)
    if origin is tuple and args[-1] is Ellipsis:
        return _each(make, _change(args[0], writing=writing))
    if origin is tuple:
        return _fixed(make, [_change(a, writing=writing) for a in args])
    if hint is Finding:
        return Finding.as_json if writing else Finding.from_json
    if hint in _NAMES:
        # A message holds attachments that hold messages: look it up when it is there.
        return lambda value: of_class(hint)(value)
    if dataclasses.is_dataclass(hint):
        return of_class(hint)
    return dict if writing and origin is Mapping else None


def _each(make: type, change: _Change | None) -> _Change:
    if change is None:
        return make
    return lambda values: make([change(v) for v in values])


def _fixed(make: type, changes: list[_Change | None]) -> _Change:
    return lambda values: make(
        [v if c is None or v is None else c(v) for c, v in zip(changes, values, strict=True)]
    )
