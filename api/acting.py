"""One action, whichever form asks for it: one transaction, then on, or the form again.

Where it leads says in words what was done: ``see_other(path, did=…)``.
"""

from collections.abc import Callable
from typing import TypeVar

from fastapi import Request, Response

from api.auth import runtime_of
from api.errors import REFUSED
from api.forms import Again, Posted
from pipeline.runtime import Work

Result = TypeVar("Result")


def act(  # noqa: PLR0913 - a form's whole way
    request: Request,
    posted: Posted,
    change: Callable[[Work], Result],
    *,
    then: Callable[[Result], Response],
    again: Callable[[Again], Response],
    form: str = "",
) -> Response:
    """Do it in one transaction and go on with ``then``, or with ``again``, as ``attempt`` says."""

    def written() -> Result:
        with runtime_of(request).write() as work:
            return change(work)

    return attempt(posted, written, then=then, again=again, form=form)


def attempt(
    posted: Posted,
    change: Callable[[], Result],
    *,
    then: Callable[[Result], Response],
    again: Callable[[Again], Response],
    form: str = "",
) -> Response:
    """The same for what opens its transactions itself.

    A refusal leads to ``again``, with all that was typed; ``form`` names the form where a page has
    several. ``change`` reads the fields too, so that one that can't be taken is refused in the same
    way.
    """
    try:
        result = change()
    except REFUSED as refusal:
        return again(Again.of(refusal, posted, form))
    return then(result)
