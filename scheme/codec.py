"""Frozen dataclasses to JSON text and back, by their own annotations.

The one form in which nouns are stored.

Knows dataclasses, tuples of one kind, mappings of texts, enums, datetimes and ``| None``; nothing
else is needed.
"""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from types import UnionType
from typing import Any, NewType, Union, get_args, get_origin, get_type_hints


def to_json(value: object) -> str:
    """Deterministic JSON text: the same value gives the same bytes."""
    return json.dumps(_plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def from_json(kind: Any, text: str) -> Any:  # noqa: ANN401 -- any annotation in, a value of it out
    """The inverse of ``to_json`` for a value of type ``kind``.

    Raises TypeError or ValueError if ``text`` is none.
    """
    return from_plain(kind, json.loads(text))


# Any annotation in, a value of it out
def from_plain(kind: Any, value: Any) -> Any:  # noqa: ANN401
    """The value of type ``kind`` that ``json.loads`` left as ``value``.

    Raises TypeError or ValueError if none is.
    """
    if value is None or isinstance(kind, NewType):
        return value
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{name: from_plain(hints[name], item) for name, item in value.items()})  # type: ignore[operator]  # a class, not an instance
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        return from_plain(
            next(option for option in get_args(kind) if option is not type(None)), value
        )
    if origin is tuple:
        return tuple(from_plain(get_args(kind)[0], item) for item in value)
    if origin is Mapping:
        return dict(value)
    return datetime.fromisoformat(value) if kind is datetime else kind(value)


def _plain(value: Any) -> Any:  # noqa: ANN401 -- any noun in, plain JSON out
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return value.isoformat() if isinstance(value, datetime) else value
