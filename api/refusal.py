"""The shape of a row in the table of refusals (``api.errors``)."""

from dataclasses import dataclass
from http import HTTPStatus


@dataclass(frozen=True, slots=True)
class Refusal:
    """How one class of exception is answered.

    ``shown``: its attributes that the text may show; never sent values.
    """

    status: HTTPStatus
    code: str
    field: str = ""
    """Which field of the form it belongs to; ``{position}`` is the exception's attribute."""
    shown: tuple[str, ...] = ()
    variant: str = ""
    """An attribute whose value picks a text of its own: ``error.JOINT_INVALID.same_phone``."""
