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

from api.acting import act
from api.auth import runtime_of, staff_token
from api.finance.batches import batch_page
from api.finance.people import Treasurer
from api.forms import Again, Posted, PostedForm
from api.pages import NOTHING_REFUSED, render, see_other
from api.turned_away import BadField
from api.uploads import take_files
from pipeline.paying import returned_lists
from pipeline.paying.returned_lists import (
    MEANINGS,
    OUTCOMES,
    UNITS,
    ListGone,
    Said,
    Session,
    ShownList,
)
from pipeline.runtime import Work
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
    lists = await take_files(
        request,
        # One byte more than is taken, so that what is too large is seen to be.
        lambda file: file.stream.read(returned_lists.LIMITS.file_bytes + 1),
        kind=None,
    )
    return await run_in_threadpool(_load, request, account, batch_id, lists)


def _load(request: Request, account: Account, batch_id: str, lists: Sequence[bytes]) -> Response:
    def change(work: Work) -> str | None:
        if not lists:
            raise BadField("NO_RESULT_CHOSEN", "file")
        session = Session(account, staff_token(request))
        return returned_lists.load_list(work, batch_id, session, lists[0])

    def then(list_id: str | None) -> Response:
        if list_id:
            return see_other(f"/fin/batches/{batch_id}/lists/{list_id}")
        return _applied(batch_id)

    return act(
        request,
        Posted({}),
        change,
        then=then,
        again=lambda again: batch_page(request, account, batch_id, again),
    )


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

    def change(work: Work) -> None:
        session, fingerprint = Session(account, staff_token(request)), form.line("shown", 64)
        returned_lists.confirm(work, batch_id, list_id, session, said=said, fingerprint=fingerprint)

    def again(again: Again) -> Response:
        if isinstance(again.refusal, ListGone):
            return batch_page(request, account, batch_id, again)
        return _page(request, account, batch_id, list_id, said, again)

    return act(request, form, change, then=lambda _: _applied(batch_id), again=again)


def _applied(batch_id: str) -> Response:
    return see_other(f"/fin/batches/{batch_id}", did="list_applied")


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
    again: Again = NOTHING_REFUSED,
) -> HTMLResponse:
    try:
        with runtime_of(request).read() as work:
            session = Session(account, staff_token(request))
            shown = returned_lists.look(work, batch_id, list_id, session, said)
    except ListGone as refusal:
        return batch_page(request, account, batch_id, Again.of(refusal, Posted({})))
    return render(
        request,
        "finance/list.html",
        again=again,
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
