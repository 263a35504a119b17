"""The evidence page: the claim beside the files, and what is seen in them so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api.auth import DRAFT, runtime_of
from api.claim_form import TYPED, read_claim, typed_of
from api.errors import REFUSED
from api.forms import PostedForm
from api.limits import MOST_FILES, PHOTO_MAX_BYTES, VIDEO_MAX_BYTES, VIDEO_MAX_MINUTES
from api.pages import render, see_other, texts_of
from api.passengers.advice import advice
from api.passengers.own_drafts import SHOWN, OwnDraft, category_of, still_missing
from api.passengers.wording import accepted_names, badge_asked
from api.problems import Problem, problems_of
from api.texts import ZONE, Texts
from pipeline.receiving import claims, drafts
from pipeline.receiving.drafts import Draft
from pipeline.verifying import coaching
from scheme.finding import Sight
from scheme.policy import Category
from scheme.reading import MediaKind

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Slot:
    """One named place for files on the evidence page. ``accept`` is the file input's attribute."""

    key: str
    accept: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something that a file says by itself, offered for the form.

    ``field=value`` and how it reads.
    """

    field: str
    value: str
    label: str
    shown: str


@router.get("/r/{report_id}/evidence")
def evidence(request: Request, draft: OwnDraft) -> HTMLResponse:
    """Files, what is seen in them, and the claim."""
    return evidence_page(request, draft, typed_of(draft.claim))


@router.post("/r/{report_id}/evidence")
def save_evidence(request: Request, draft: OwnDraft, form: PostedForm) -> Response:
    """Keep the claim and go on, when something can be said about who, where and when.

    Else show what is missing.
    """
    typed = _typed(form.raw())
    used = form.line("use", 200)
    if used:
        typed |= _used(used)
    problems = _save_claim(request, draft, typed, form.line(SHOWN, 40))
    if used or problems:
        return evidence_page(request, draft, typed, [] if used else problems)
    missing = still_missing(request)
    if missing:
        return evidence_page(request, draft, typed, missing)
    return see_other(f"/r/{draft.report_id}/contact")


@router.get("/r/{report_id}/coach")
def coach(request: Request, draft: OwnDraft) -> HTMLResponse:
    """What is seen so far, alone, for the script."""
    return _coach_fragment(request, draft, ())


@router.post("/r/{report_id}/coach")
def coach_again(request: Request, draft: OwnDraft, form: PostedForm) -> HTMLResponse:
    """The same after the form changed: what can be read of it is kept in the draft."""
    problems = _save_claim(request, draft, _typed(form.raw()), form.line(SHOWN, 40))
    changed = any(problem.code == "DRAFT_CHANGED" for problem in problems)
    return _coach_fragment(request, draft, problems, saved=not changed)


def evidence_page(
    request: Request, draft: Draft, typed: Mapping[str, str], problems: Sequence[Problem] = ()
) -> HTMLResponse:
    """The page as it is shown: with what was typed, what is seen, and what is wrong."""
    with runtime_of(request).read() as work:
        draft = drafts.draft_of(work, request.cookies[DRAFT])
        category = category_of(work, draft)
        lines, notes = coaching.coach(work, report_id=draft.report_id)
        now = work.now
    changed = any(problem.code == "DRAFT_CHANGED" for problem in problems)
    return render(
        request,
        "passengers/evidence.html",
        status=problems[0].status if problems else HTTPStatus.OK,
        problems=problems,
        report_id=draft.report_id,
        category=category,
        badge_asked=badge_asked(category),
        slots=_slots(category),
        evidence=draft.evidence,
        read=draft.read,
        lines=lines if draft.evidence else (),
        notes=notes,
        reading=not all(draft.read.values()),
        suggestions=_suggestions(texts_of(request), lines, typed),
        asking=True,
        coach_problems=(),
        advice=partial(advice, texts_of(request)),
        typed=typed,
        shown=draft.claim_mark,
        kept=_kept(texts_of(request), draft, typed) if changed else (),
        today=now.astimezone(ZONE).date().isoformat(),
        expires_at=draft.expires_at,
        photo_max=PHOTO_MAX_BYTES,
        video_max=VIDEO_MAX_BYTES,
        video_minutes=VIDEO_MAX_MINUTES,
        files_max=MOST_FILES,
    )


def _coach_fragment(
    request: Request, draft: Draft, problems: Sequence[Problem], *, saved: bool = False
) -> HTMLResponse:
    runtime, texts = runtime_of(request), texts_of(request)
    with runtime.read() as work:
        draft = drafts.draft_of(work, request.cookies[DRAFT])
        lines, notes = coaching.coach(work, report_id=draft.report_id)
    return render(
        request,
        "passengers/coach.html",
        lines=lines if draft.evidence else (),
        notes=notes,
        reading=not all(draft.read.values()),
        suggestions=_suggestions(texts, lines, typed_of(draft.claim)),
        asking=True,
        coach_problems=[problem.text(texts) for problem in problems],
        shown=draft.claim_mark if saved else "",
        advice=partial(advice, texts),
    )


def _slots(category: Category) -> tuple[Slot, ...]:
    accept = accepted_names(category)
    main = "violation" if category.admits(MediaKind.PHOTO) else "process"
    return Slot(main, accept), Slot("closeup", accept)


def _typed(raw: Mapping[str, str]) -> dict[str, str]:
    return {name: raw.get(name, "") for name in TYPED}


def _kept(texts: Texts, draft: Draft, typed: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Where the form says something else than the draft: the field's name, and what is kept."""
    kept = typed_of(draft.claim)
    differing = [name for name in TYPED if kept[name] != typed.get(name, "").strip()]
    return tuple((texts.t(f"claim.{name}"), kept[name]) for name in differing)


def _save_claim(
    request: Request, draft: Draft, typed: Mapping[str, str], shown: str
) -> tuple[Problem, ...]:
    """Keep what can be read of the form in the draft; what can't be is returned."""
    category = draft.claim.category if draft.claim else ""
    read = read_claim(category, typed)
    try:
        with runtime_of(request).write() as work:
            claims.save_claim(
                work, report_id=draft.report_id, claim=read.claim, shown=shown or None
            )
    except REFUSED as refusal:
        return *problems_of(refusal), *read.problems
    return read.problems


def _suggestions(
    texts: Texts, lines: Sequence[coaching.CoachLine], typed: Mapping[str, str]
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
