"""Values copied by name: a view out of a row, a row's noun out of its columns.

What has the same name on both sides is the same thing; whatever differs is said by the caller.
"""

from collections.abc import Collection
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")


def copied(noun: type[T], source: object, /, **own: object) -> T:
    """A ``noun`` with the values that ``source`` has under the same names, but for ``own``.

    Raises AttributeError where ``source`` lacks one that ``own`` does not give, TypeError where
    ``own`` gives what the noun does not have.
    """
    return noun(**own, **named(noun, source, but=own.keys()))


def named(
    noun: "type[DataclassInstance]", source: object, *, but: Collection[str] = ()
) -> dict[str, Any]:
    """The values of ``source`` under the names of the noun's fields, ``but`` for some."""
    names = (field.name for field in fields(noun))
    return {name: getattr(source, name) for name in names if name not in but}
