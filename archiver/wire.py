"""Records as plain JSON: how a worker process answers, how the register keeps them. Never pickle."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from enum import Enum
from functools import lru_cache
from typing import Any

from archiver import model
from archiver.findings import Finding

_KINDS: dict[str, type] = {
    "email": model.EmailMessage,
    "conversation": model.Conversation,
    "chat_message": model.ChatMessage,
    "unreadable": model.Unreadable,
}
_NAMES = {cls: name for name, cls in _KINDS.items()}


def to_wire(record: model.Record) -> dict[str, object]:
    """Give the JSON form of a record; fields at their default are left out."""
    return {"kind": _NAMES[type(record)], **_plain(record)}


def from_wire(data: Mapping[str, Any]) -> model.Record:
    """Build the record again. KeyError or TypeError when `data` is not a record: a bug, not input."""
    cls = _KINDS[data["kind"]]
    record = _build(cls, {k: v for k, v in data.items() if k != "kind"})
    return typing.cast("model.Record", record)


def _plain(value: Any) -> Any:
    if isinstance(value, Finding):
        return value.as_json()
    if dataclasses.is_dataclass(value):
        return {
            name: _plain(current)
            for name, default in _defaults(value.__class__)
            if (current := getattr(value, name)) is not default and current != default
        }
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    return value


@lru_cache(maxsize=64)
def _defaults(cls: Any) -> tuple[tuple[str, Any], ...]:
    return tuple(
        (
            f.name,
            f.default_factory() if f.default_factory is not dataclasses.MISSING else f.default,
        )
        for f in dataclasses.fields(cls)
    )


@lru_cache(maxsize=64)
def _hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls, vars(model))


def _build(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        options = [a for a in typing.get_args(hint) if a is not type(None)]
        return _build(options[0], value)
    if origin is tuple:
        args = typing.get_args(hint)
        if len(args) == 2 and args[1] is Ellipsis:
            return tuple(_build(args[0], v) for v in value)
        return tuple(_build(a, v) for a, v in zip(args, value, strict=True))
    if hint is Finding:
        return Finding.from_json(value)
    if dataclasses.is_dataclass(hint):
        assert isinstance(hint, type)
        hints = _hints(hint)
        return hint(**{k: _build(hints[k], v) for k, v in value.items()})
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(value)
    return value
