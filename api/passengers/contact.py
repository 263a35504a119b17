"""Who reports: one form for all who report jointly, with and without a script."""

from collections.abc import Mapping, Sequence

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api.auth import runtime_of
from api.errors import REFUSED
from api.forms import PostedForm
from api.limits import MOST_FILES
from api.pages import policy_now, render, see_other
from api.passengers.own_drafts import SHOWN, OwnDraft
from api.passengers.wording import amount_text
from api.problems import Problem, problem_of, problems_of
from pipeline.receiving import reporters
from pipeline.receiving.drafts import Draft, ReporterInput
from scheme.draft import DraftChanged
from scheme.reporter import NameRequired, PhoneRequired

router = APIRouter(include_in_schema=False)


@router.get("/r/{report_id}/contact")
def contact(request: Request, draft: OwnDraft) -> HTMLResponse:
    """Who reports."""
    return _contact_page(request, draft, list(draft.reporters) or [ReporterInput("", "")])


@router.post("/r/{report_id}/contact")
def save_contact(request: Request, draft: OwnDraft, form: PostedForm) -> Response:
    """Keep who reports; the same form adds and removes joint reporters without a script."""
    rows, shown = _people(form.raw()), form.line(SHOWN, 40)
    removed = form.line("remove", 4)
    if removed.isascii() and removed.isdigit() and 0 < int(removed) < len(rows):
        del rows[int(removed)]
        return _contact_page(request, draft, rows, shown=shown)
    if form.ticked("add"):
        return _contact_page(request, draft, [*rows, ReporterInput("", "")], shown=shown)
    given = [rows[0], *(row for row in rows[1:] if row.name or row.phone)]
    try:
        with runtime_of(request).write() as work:
            reporters.save_reporters(
                work, report_id=draft.report_id, reporters=given, shown=shown or None
            )
    except DraftChanged as refusal:
        return _contact_page(
            request, draft, given, problems_of(refusal), kept=_shown(draft.reporters)
        )
    except REFUSED as refusal:
        problems = _with_blanks(problems_of(refusal), given)
        return _contact_page(request, draft, given, problems, shown=shown)
    return see_other(f"/r/{draft.report_id}/check")


def _shown(people: Sequence[ReporterInput]) -> tuple[str, ...]:
    return tuple(f"{person.name} {person.phone} {person.email}".strip() for person in people)


def _contact_page(  # noqa: PLR0913 - what the form shows
    request: Request,
    draft: Draft,
    rows: Sequence[ReporterInput],
    problems: Sequence[Problem] = (),
    *,
    shown: str = "",
    kept: Sequence[str] = (),
) -> HTMLResponse:
    policy = policy_now(request)
    return render(
        request,
        "passengers/contact.html",
        problems=problems,
        report_id=draft.report_id,
        rows=rows,
        shown=shown or draft.reporters_mark,
        kept=[("", person) for person in kept],
        most=policy.substance.joint_max_people,
        amount=amount_text(policy),
    )


def _with_blanks(problems: Sequence[Problem], rows: Sequence[ReporterInput]) -> list[Problem]:
    """Besides the one that was refused, whatever was left empty.

    Named together, in the order of the form.
    """
    empty = [
        problem_of(refusal(position))
        for position, row in enumerate(rows)
        for refusal, typed in ((NameRequired, row.name), (PhoneRequired, row.phone))
        if not typed.strip()
    ]
    told = {problem.field: problem for problem in [*empty, *problems]}
    return sorted(told.values(), key=lambda problem: _place_in_form(problem.field))


def _place_in_form(field: str) -> tuple[int, int]:
    """Where ``reporters.2.phone`` stands; what belongs to no row comes first."""
    _, _, rest = field.partition(".")
    position, _, name = rest.partition(".")
    return (
        (int(position), ("name", "phone", "email").index(name)) if position.isdigit() else (-1, 0)
    )


def _people(raw: Mapping[str, str]) -> list[ReporterInput]:
    """The rows of the contact form, in order; at least one."""
    rows: list[ReporterInput] = []
    while (name := raw.get(f"reporters.{len(rows)}.name")) is not None and len(
        rows
    ) <= 2 * MOST_FILES:
        phone, email = (
            raw.get(f"reporters.{len(rows)}.{key}", "")[:200] for key in ("phone", "email")
        )
        rows.append(ReporterInput(name[:200], phone, email))
    return rows or [ReporterInput("", "")]
