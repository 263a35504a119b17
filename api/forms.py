"""Posted forms: read whole (they are small), their token checked before a field is used."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from python_multipart.multipart import parse_options_header
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from api.auth import TOKEN_FIELD, require_own_form
from api.limits import FORM_MAX_PARTS, text_is_safe
from api.turned_away import BadField, MalformedBody

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
