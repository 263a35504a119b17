"""Posted forms: read whole (they are small), their token checked before a field is used.

And a refused one, as its page shows it again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from types import MappingProxyType
from typing import Annotated, Final

from fastapi import Depends, Request
from python_multipart.multipart import parse_options_header
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from api.auth import TOKEN_FIELD, require_own_form
from api.limits import FORM_MAX_PARTS, text_is_safe
from api.problems import Problem, problems_of
from api.turned_away import BadField, MalformedBody

NEVER_SHOWN_AGAIN: Final = frozenset(
    (
        *(TOKEN_FIELD, "id_number", "card_number", "password", "second_password", "secret_code"),
        *("agreed", "seen"),
    )
)
"""Fields that no page fills in again: whoever typed them types them once more.

So does whoever said what they see: it counts of what stands there now.
"""

LONGEST_LINE = 200
LONGEST_TEXT = 2000


@dataclass(frozen=True, slots=True)
class Posted:
    """The fields of one posted form. Values are as typed, outer blanks stripped."""

    fields: Mapping[str, Sequence[str]]

    def line(self, name: str, longest: int = LONGEST_LINE) -> str:
        """One line of text; empty when absent.

        Raises BadField for a line that is too long or can't be kept.
        """
        return self._checked(name, longest)

    def text(self, name: str, longest: int = LONGEST_TEXT) -> str:
        """A longer text; every line end becomes a line feed."""
        return self._checked(name, longest).replace("\r\n", "\n").replace("\r", "\n")

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a field that may stand several times (check boxes, rows)."""
        return tuple(self.fields.get(name, ()))

    def ticked(self, name: str) -> bool:
        """Whether a check box was ticked."""
        return bool(self.fields.get(name))

    def number(self, name: str) -> int:
        """A whole number in digits. Raises BadField."""
        digits = self._checked(name, 10)
        if not (digits.isascii() and digits.isdigit()):
            raise BadField("FIELD_INVALID", name)
        return int(digits)

    def raw(self) -> Mapping[str, str]:
        """The first value of every field as typed, to fill a form that is shown again."""
        return {
            name: values[0]
            for name, values in self.fields.items()
            if values and name != TOKEN_FIELD
        }

    def _checked(self, name: str, longest: int) -> str:
        value = next(iter(self.fields.get(name, ())), "").strip()
        if len(value) > longest:
            raise BadField("TEXT_TOO_LONG", name)
        if not text_is_safe(value):
            raise BadField("TEXT_NOT_KEPT", name)
        return value


async def posted_form(request: Request) -> Posted:
    """A dependency of every form's POST.

    Fields parsed, the form's token checked (files are not taken here).
    """
    await _require_end(request)
    try:
        form = await request.form(max_files=0, max_fields=FORM_MAX_PARTS)
    except (HTTPException, ValueError) as problem:
        raise MalformedBody from problem
    fields = _grouped(
        (name, value) for name, value in form.multi_items() if not isinstance(value, UploadFile)
    )
    require_own_form(request, next(iter(fields.get(TOKEN_FIELD, ())), ""))
    return Posted(fields)


PostedForm = Annotated[Posted, Depends(posted_form)]


@dataclass(frozen=True, slots=True)
class Again:
    """A refused form as its page shows it again: what was typed, and what kept it from being done.

    ``form`` names it among several on one page; the problems then stand at ``form-field``.
    """

    problems: Sequence[Problem] = ()
    form: str = ""
    fields: Mapping[str, Sequence[str]] = dataclass_field(
        default_factory=lambda: MappingProxyType({})
    )
    refusal: Exception | None = None

    @classmethod
    def of(cls, refusal: Exception, posted: Posted, form: str = "") -> "Again":
        """That form, refused."""
        return cls(
            [_in_form(form, problem) for problem in problems_of(refusal)],
            form,
            {
                name: values
                for name, values in posted.fields.items()
                if name not in NEVER_SHOWN_AGAIN
            },
            refusal,
        )

    def is_of(self, form: str) -> bool:
        """Whether it is that form of the page which was refused."""
        return bool(self.problems) and self.form == form

    def typed(self, name: str, otherwise: str = "", form: str = "") -> str:
        """What was typed into a field of that form; ``otherwise`` where it was not that one."""
        return next(iter(self.fields.get(name, ())), "") if self.is_of(form) else otherwise

    def ticked(self, name: str, value: str, form: str = "") -> bool:
        """Whether that box of the refused form was ticked."""
        return self.is_of(form) and value in self.fields.get(name, ())


def _in_form(form: str, problem: Problem) -> Problem:
    if not (form and problem.field):
        return problem
    return replace(problem, field=f"{form}-{problem.field}")


async def _require_end(request: Request) -> None:
    """A multipart form has its closing boundary.

    The parser below would take what is there for all (TRUST.md E83).
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind == b"multipart/form-data":
        boundary = options.get(b"boundary", b"")
        if not boundary or b"--" + boundary + b"--" not in await request.body():
            raise MalformedBody


def _grouped(items: Iterable[tuple[str, str]]) -> Mapping[str, Sequence[str]]:
    fields: dict[str, list[str]] = {}
    for name, value in items:
        fields.setdefault(name, []).append(value)
    return fields
