"""The claim page: what happened, with what the files say of it one press away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api.auth import DRAFT, runtime_of
from api.claim_form import TYPED, read_claim, typed_of
from api.errors import REFUSED
from api.forms import PostedForm
from api.pages import render, see_other, texts_of
from api.passengers.evidence import evidence_page
from api.passengers.own_drafts import SHOWN, OwnDraft, category_of, still_missing
from api.passengers.wording import badge_asked
from api.problems import Problem, problem_of, problems_of
from api.texts import ZONE, Texts
from pipeline.receiving import claims, drafts
from pipeline.receiving.drafts import Draft
from pipeline.verifying import coaching
from scheme.coaching import CoachLine
from scheme.finding import Sight

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something that a file says by itself, offered for the form.

    ``field=value`` and how it reads.
    """

    field: str
    value: str
    label: str
    shown: str


@router.get("/r/{report_id}/claim")
def claim(request: Request, draft: OwnDraft) -> HTMLResponse:
    """What happened: when, which bus, where."""
    return _claim_page(request, draft, typed_of(draft.claim))


@router.post("/r/{report_id}/claim")
def save_claim(request: Request, draft: OwnDraft, form: PostedForm) -> Response:
    """Keep the claim and go on, when something can be said about when and which bus.

    Else show what is missing. A suggestion that was pressed is filled in, and nothing more.
    """
    typed = _typed(form.raw())
    used = form.line("use", 200)
    if used:
        typed |= _used(used)
    problems = _save(request, draft, typed, form.line(SHOWN, 40))
    if used or problems:
        return _claim_page(request, draft, typed, [] if used else problems)
    return what_is_missing(request, draft, typed) or see_other(f"/r/{draft.report_id}/contact")


@router.post("/r/{report_id}/use")
def use(request: Request, draft: OwnDraft, form: PostedForm) -> Response:
    """Keep what the coach asked about and the passenger confirmed beside the files."""
    typed = typed_of(draft.claim) | _used(form.line("use", 200))
    _save(request, draft, typed, "")
    return see_other(f"/r/{draft.report_id}/evidence#coach-title")


@router.get("/r/{report_id}/suggestions")
def suggestions(request: Request, draft: OwnDraft) -> HTMLResponse:
    """What the files say themselves, alone, for the script."""
    return _suggestions_fragment(request, draft, ())


@router.post("/r/{report_id}/suggestions")
def suggestions_again(request: Request, draft: OwnDraft, form: PostedForm) -> HTMLResponse:
    """The same after the form changed: what can be read of it is kept in the draft."""
    problems = _save(request, draft, _typed(form.raw()), form.line(SHOWN, 40))
    changed = any(problem.code == "DRAFT_CHANGED" for problem in problems)
    return _suggestions_fragment(request, draft, problems, saved=not changed)


def what_is_missing(
    request: Request, draft: Draft, typed: Mapping[str, str]
) -> HTMLResponse | None:
    """The page on which the first thing that is still missing can be given; None where all is."""
    missing = still_missing(request)
    of_files = [problem for problem in missing if problem.field == "file"]
    if of_files:
        return evidence_page(request, draft, of_files)
    return _claim_page(request, draft, typed, missing) if missing else None


def _claim_page(
    request: Request, draft: Draft, typed: Mapping[str, str], problems: Sequence[Problem] = ()
) -> HTMLResponse:
    with runtime_of(request).read() as work:
        draft = drafts.draft_of(work, request.cookies[DRAFT])
        category = category_of(work, draft)
        lines, _ = coaching.coach(work, report_id=draft.report_id)
        today = work.now.astimezone(ZONE).date().isoformat()
    changed = any(problem.code == "DRAFT_CHANGED" for problem in problems)
    return render(
        request,
        "passengers/claim.html",
        problems=problems,
        report_id=draft.report_id,
        category=category,
        badge_asked=badge_asked(category),
        reading=not all(draft.read.values()),
        suggestions=_suggestions(texts_of(request), lines, typed),
        claim_problems=(),
        typed=typed,
        shown=draft.claim_mark,
        kept=_kept(texts_of(request), draft, typed) if changed else (),
        today=today,
        expires_at=draft.expires_at,
    )


def _suggestions_fragment(
    request: Request, draft: Draft, problems: Sequence[Problem], *, saved: bool = False
) -> HTMLResponse:
    runtime, texts = runtime_of(request), texts_of(request)
    with runtime.read() as work:
        draft = drafts.draft_of(work, request.cookies[DRAFT])
        lines, _ = coaching.coach(work, report_id=draft.report_id)
    return render(
        request,
        "passengers/suggestions.html",
        reading=not all(draft.read.values()),
        suggestions=_suggestions(texts, lines, typed_of(draft.claim)),
        claim_problems=[problem.text(texts) for problem in problems],
        shown=draft.claim_mark if saved else "",
    )


def _typed(raw: Mapping[str, str]) -> dict[str, str]:
    return {name: raw.get(name, "") for name in TYPED}


def _kept(texts: Texts, draft: Draft, typed: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Where the form says something else than the draft: the field's name, and what is kept."""
    kept = typed_of(draft.claim)
    differing = [name for name in TYPED if kept[name] != typed.get(name, "").strip()]
    return tuple((texts.t(f"claim.{name}"), kept[name]) for name in differing)


def _save(
    request: Request, draft: Draft, typed: Mapping[str, str], shown: str
) -> tuple[Problem, ...]:
    """Keep what can be read of the form in the draft; what can't be is returned."""
    category = draft.claim.category if draft.claim else ""
    read = read_claim(category, typed)
    slips = tuple(problem_of(slip) for slip in read.slips)
    try:
        with runtime_of(request).write() as work:
            claims.save_claim(
                work, report_id=draft.report_id, claim=read.claim, shown=shown or None
            )
    except REFUSED as refusal:
        return *problems_of(refusal), *slips
    return slips


def _suggestions(
    texts: Texts, lines: Sequence[CoachLine], typed: Mapping[str, str]
) -> tuple[Suggestion, ...]:
    """What the files say themselves and the form does not (yet) say."""
    found: dict[str, Suggestion] = {}
    for line in lines:
        read, moment = line.details.get("read", ""), line.details.get("stated", "")
        if line.sight is Sight.TIME and moment:
            at = datetime.fromisoformat(moment).astimezone(ZONE)
            if (
                at.strftime("%Y-%m-%d") != typed["day"]
                or at.strftime("%H:%M") != typed["clock"][:5]
            ):
                value = at.strftime("%Y-%m-%dT%H:%M")
                found["time"] = Suggestion(
                    "time", value, texts.t("claim.violated_at"), texts.when(at)
                )
        if line.code.endswith("_UNSURE"):
            continue  # what can't be read for sure is asked beside its sight, or offered to nobody
        name = {Sight.PLATE: "plate", Sight.ROUTE: "route", Sight.BADGE: "badge"}.get(line.sight)
        if name and read and read != typed[name]:
            found[name] = Suggestion(name, read, texts.t(f"claim.{name}"), read)
    return tuple(found.values())


def _used(use: str) -> dict[str, str]:
    """A suggestion taken over without a script: ``plate=沪A12345`` or ``time=2012-11-01T08:41``."""
    name, _, value = use.partition("=")
    if name == "time":
        day, _, clock = value.partition("T")
        return {"day": day, "clock": clock}
    return {name: value} if name in ("plate", "route", "badge") else {}
