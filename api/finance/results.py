"""The bank's list comes back: loaded, shown as it was understood, and applied when confirmed.

Our own list with every row in order is applied at once. Of any other each column, word and row is
shown with what it would do; nothing is applied before somebody has seen that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool

from api.auth import runtime_of, staff_token
from api.errors import REFUSED
from api.finance.batches import batch_page
from api.finance.people import Treasurer
from api.forms import Posted, PostedForm
from api.limits import LIST_MAX_BYTES
from api.pages import render, see_other
from api.problems import Problem, problem_of, problems_of
from api.turned_away import BadField
from api.uploads import ArrivingFile, take_files
from pipeline.paying import returned_lists
from pipeline.paying.returned_lists import MEANINGS, OUTCOMES, UNITS, Said, Session, ShownList
from scheme.staff import Account

router = APIRouter(include_in_schema=False)

SAMPLE_ROWS: Final = 3
MOST_SHOWN: Final = 100
"""So many refused rows, and so many others, stand on the page; the counts are of all."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the list, to be chosen: its letter, its heading, its first cells."""

    place: int
    letter: str
    heading: str
    sample: str


@router.post("/fin/batches/{batch_id}/result")
async def load(request: Request, account: Treasurer, batch_id: str) -> Response:
    """Load the bank's list: applied where it asks nothing, else shown first."""
    session = Session(account, staff_token(request))

    def take(file: ArrivingFile) -> str | None:
        content = file.stream.read(LIST_MAX_BYTES)
        with runtime_of(request).write() as work:
            return returned_lists.load_list(work, batch_id, session, content)

    try:
        loaded = await take_files(request, take, kind=None)
    except REFUSED as refusal:
        return await run_in_threadpool(batch_page, request, account, batch_id, problems_of(refusal))
    if not loaded:
        problem = problem_of(BadField("NO_RESULT_CHOSEN", "file"))
        return await run_in_threadpool(batch_page, request, account, batch_id, [problem])
    (list_id,) = loaded[:1]
    return see_other(f"/fin/batches/{batch_id}" + (f"/lists/{list_id}" if list_id else ""))


@router.get("/fin/batches/{batch_id}/lists/{list_id}")
def show(request: Request, account: Treasurer, batch_id: str, list_id: str) -> HTMLResponse:
    """The list as it was understood."""
    return _page(request, account, batch_id, list_id)


@router.post("/fin/batches/{batch_id}/lists/{list_id}")
def say(
    request: Request, account: Treasurer, batch_id: str, list_id: str, form: PostedForm
) -> Response:
    """Show the list by what the form says of it, or apply it as it was shown."""
    said = _said(form)
    if form.line("do", 10) != "apply":
        return _page(request, account, batch_id, list_id, said)
    session = Session(account, staff_token(request))
    try:
        with runtime_of(request).write() as work:
            returned_lists.confirm(
                work, batch_id, list_id, session, said=said, fingerprint=form.line("shown", 64)
            )
    except returned_lists.ListGone as refusal:
        return batch_page(request, account, batch_id, problems_of(refusal))
    except REFUSED as refusal:
        return _page(request, account, batch_id, list_id, said, problems_of(refusal))
    return see_other(f"/fin/batches/{batch_id}")


def _said(form: Posted) -> Said:
    """What the form says. Raises BadField for what no page of ours sends."""
    heading_row = form.number("heading_row")
    moved = form.line("heading_row_shown", 10) != str(heading_row)
    places = {meaning: form.line(f"column.{meaning}", 3) for meaning in MEANINGS}
    if any(place and not place.isdecimal() for place in places.values()):
        raise BadField("FIELD_INVALID", "column")
    return Said(
        heading_row=heading_row,
        # The places were those of another row's headings.
        columns={} if moved else {name: int(at) if at else None for name, at in places.items()},
        unit=_one_of(form.line("unit", 10), UNITS, "unit"),
        every_row=_one_of(form.line("every_row", 10), OUTCOMES, "every_row"),
        words=_words(form),
    )


def _words(form: Posted) -> Mapping[str, str]:
    words, outcomes = form.all("word"), form.all("word_means")
    if len(words) != len(outcomes):
        raise BadField("FIELD_INVALID", "word")
    return {
        word: _one_of(outcome, OUTCOMES, "word")
        for word, outcome in zip(words, outcomes, strict=True)
    }


def _one_of(value: str, known: Sequence[str], field: str) -> str:
    if value and value not in known:
        raise BadField("FIELD_INVALID", field)
    return value


def _page(  # noqa: PLR0913, PLR0917 - which list, whose, and what was said of it
    request: Request,
    account: Account,
    batch_id: str,
    list_id: str,
    said: Said | None = None,
    problems: Sequence[Problem] = (),
) -> HTMLResponse:
    try:
        with runtime_of(request).read() as work:
            session = Session(account, staff_token(request))
            shown = returned_lists.look(work, batch_id, list_id, session, said)
    except returned_lists.ListGone as refusal:
        return batch_page(request, account, batch_id, problems_of(refusal))
    return render(
        request,
        "finance/list.html",
        problems=problems,
        batch_id=batch_id,
        list_id=list_id,
        shown=shown,
        columns=_columns(shown),
        chosen={str(meaning): place for meaning, place in shown.mapping.columns.items()},
        meanings=MEANINGS,
        outcomes=OUTCOMES,
        units=UNITS,
        refused=shown.plan.refused[:MOST_SHOWN],
        quiet=shown.plan.quiet[:MOST_SHOWN],
    )


def _columns(shown: ShownList) -> Sequence[Column]:
    below = shown.rows[shown.mapping.heading_row :][:SAMPLE_ROWS]
    width = max(len(row) for row in (shown.headings, *below))
    return [
        Column(
            place=place,
            letter=_letter(place),
            heading=_cell(shown.headings, place),
            sample=" · ".join(cell for row in below if (cell := _cell(row, place))),
        )
        for place in range(width)
    ]


def _cell(row: Sequence[str], place: int) -> str:
    return row[place].strip() if place < len(row) else ""


def _letter(place: int) -> str:
    """How spreadsheets name the column: 0 is A, 26 is AA."""
    ahead, last = divmod(place, len(ascii_uppercase))
    return (ascii_uppercase[ahead - 1] if ahead else "") + ascii_uppercase[last]
