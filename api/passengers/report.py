"""Pages from the first look to the receipt: one thing a page, each form posts to its own address.

The draft's key lies in a cookie that is sent to this draft's pages only; the report id in the
address opens nothing by itself. Several drafts in one browser do not disturb each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.concurrency import run_in_threadpool

from api.auth import DRAFT, REPORTER, runtime_of, set_cookie
from api.claim_form import TYPED, read_claim, typed_of
from api.errors import REFUSED, BadField, NotHere, Problem, problem_of, problems_of
from api.forms import PostedForm
from api.limits import MOST_FILES, PHOTO_MAX_BYTES, VIDEO_MAX_BYTES, VIDEO_MAX_MINUTES, text_is_safe
from api.media import poster
from api.pages import render, see_other, texts_of
from api.passengers.advice import advice
from api.rates import Kind, count
from api.texts import ZONE, Texts
from api.uploads import ArrivingFile, take_files
from pipeline.answering.reaching import Way
from pipeline.receiving import claims, drafts, incoming, reporters, submitting
from pipeline.receiving.drafts import Draft, ReporterInput
from pipeline.receiving.file_inputs import accepted_endings
from pipeline.receiving.receipt_again import receipt_again
from pipeline.receiving.submitting import Receipt
from pipeline.runtime import Work
from pipeline.staff import accounts
from pipeline.verifying import verification
from scheme.claim import UnknownCategory
from scheme.draft import AlreadySubmitted
from scheme.finding import Sight
from scheme.naming import InvalidName, canonical_plate, canonical_route
from scheme.policy import Category, Policy, SightsNeeded
from scheme.reading import MediaKind
from scheme.report import Channel, Claim, Evidence
from scheme.reporter import NameRequired, PhoneRequired
from scheme.submission import ClaimIncomplete, ConsentRequired, MissingIdentifier, NoEvidence

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


def own_draft(request: Request, report_id: str) -> Draft:
    """A dependency: the draft in the address, when this browser has its key.

    Raises NotHere, AlreadySubmitted.
    """
    key = request.cookies.get(DRAFT)
    if not key:
        raise NotHere
    with runtime_of(request).read() as work:
        draft = drafts.draft_of(work, key)
    if draft.report_id != report_id:
        raise NotHere
    return draft


OwnDraft = Annotated[Draft, Depends(own_draft)]


# -- before a draft --------------------------------------------------------------------------------


@router.get("/")
def home(request: Request, line: str = "", plate: str = "") -> HTMLResponse:
    """What counts, what is paid, what will be asked.

    A QR code in the bus may prefill line and plate as a claim.
    """
    policy = policy_now(request)
    prefill = {name: value for name, value in _prefill(line, plate).items() if value}
    return render(
        request,
        "passengers/home.html",
        line=prefill.get("line", ""),
        plate=prefill.get("plate", ""),
        prefill=urlencode(prefill),
        days=policy.substance.window_working_days,
        answer_days=policy.procedure.answer_working_days,
        amount=amount_text(policy),
        categories=policy.substance.categories.values(),
        counter=policy.procedure.counter,
    )


@router.get("/privacy")
def privacy(request: Request) -> HTMLResponse:
    """What is kept of a reporter, who sees it, and the version that is agreed to."""
    procedure = policy_now(request).procedure
    return render(
        request,
        "passengers/privacy.html",
        consent_version=procedure.consent_version,
        counter=procedure.counter,
    )


@router.get("/r")
def kinds(request: Request, line: str = "", plate: str = "") -> HTMLResponse:
    """The kinds of violation, each with what its evidence must show."""
    return _kinds_page(request, _prefill(line, plate))


@router.post("/r")
def begin(request: Request, form: PostedForm) -> Response:
    """Open a draft for the kind that was chosen."""
    policy, runtime = policy_now(request), runtime_of(request)
    prefill = _prefill(form.line("line"), form.line("plate"))
    category = form.line("category", 60)
    if category not in policy.substance.categories:
        problem = problem_of(BadField("CATEGORY_UNKNOWN", "category"))
        return _kinds_page(request, prefill, [problem], HTTPStatus.UNPROCESSABLE_ENTITY)
    claim = Claim(
        category=category,
        route=prefill["line"] or None,
        plate=canonical_plate(prefill["plate"]) if prefill["plate"] else None,
    )
    count(request, Kind.DRAFT)
    with runtime.write() as work:
        opened = drafts.open_draft(work, channel=Channel.WEB)
        claims.save_claim(work, report_id=opened.report_id, claim=claim)
    response = see_other(f"/r/{opened.report_id}/evidence")
    response.set_cookie(
        DRAFT,
        opened.draft_key,
        path=f"/r/{opened.report_id}",
        max_age=policy.procedure.draft_days * 86400,
        httponly=True,
        secure=runtime.settings.secure_cookies,
        samesite="lax",
    )
    return response


# -- evidence and claim ----------------------------------------------------------------------------


@router.get("/r/{report_id}/evidence")
def evidence(request: Request, draft: OwnDraft) -> HTMLResponse:
    """Files, what is seen in them, and the claim."""
    return _evidence_page(request, draft, typed_of(draft.claim))


@router.post("/r/{report_id}/evidence")
def save_evidence(request: Request, draft: OwnDraft, form: PostedForm) -> Response:
    """Keep the claim and go on, when something can be said about who, where and when.

    Else show what is missing.
    """
    typed = _typed(form.raw())
    used = form.line("use", 200)
    if used:
        typed |= _used(used)
    problems = _save_claim(request, draft, typed)
    if used or problems:
        return _evidence_page(request, draft, typed, [] if used else problems)
    missing = _missing(request)
    if missing:
        return _evidence_page(request, draft, typed, missing)
    return see_other(f"/r/{draft.report_id}/contact")


@router.post("/r/{report_id}/files")
async def upload(request: Request, draft: OwnDraft) -> Response:
    """Take files into the draft, each in one pass.

    The script is answered with JSON, a plain form with the page.
    """
    runtime = runtime_of(request)

    def store(file: ArrivingFile) -> Evidence:
        return incoming.store_file(
            runtime, report_id=draft.report_id, file_name=file.file_name, stream=file.stream
        )

    try:
        stored = await take_files(request, store)
    except REFUSED as refusal:
        if sent_by_script(request):
            return told_to_script(request, refusal)
        return await _page_in_thread(request, draft, problems_of(refusal))
    if sent_by_script(request):
        return JSONResponse({"files": [file.sha256 for file in stored]}, HTTPStatus.CREATED)
    if not stored:
        return await _page_in_thread(
            request, draft, [problem_of(BadField("NO_FILE_CHOSEN", "file"))]
        )
    return see_other(f"/r/{draft.report_id}/evidence#upload-title")


@router.get("/r/{report_id}/files")
def files(request: Request, draft: OwnDraft) -> HTMLResponse:
    """The list of files alone, for the script."""
    return render(
        request,
        "passengers/files.html",
        report_id=draft.report_id,
        evidence=draft.evidence,
        read=draft.read,
    )


@router.post("/r/{report_id}/files/{sha256}/remove")
# Checks its token
def remove(request: Request, draft: OwnDraft, sha256: str, form: PostedForm) -> Response:  # noqa: ARG001
    """Take one file out of the draft."""
    with runtime_of(request).write() as work:
        incoming.remove_file(work, report_id=draft.report_id, sha256=sha256)
    return see_other(f"/r/{draft.report_id}/evidence#upload-title")


@router.get("/r/{report_id}/files/{sha256}/poster")
def draft_poster(request: Request, draft: OwnDraft, sha256: str) -> Response:
    """A small picture of one's own file."""
    file = next((file for file in draft.evidence if file.sha256 == sha256), None)
    if file is None:
        raise NotHere
    return poster(runtime_of(request), file, side=320, drawn_for=draft.report_id)


@router.get("/r/{report_id}/coach")
def coach(request: Request, draft: OwnDraft) -> HTMLResponse:
    """What is seen so far, alone, for the script."""
    return _coach_fragment(request, draft, ())


@router.post("/r/{report_id}/coach")
def coach_again(request: Request, draft: OwnDraft, form: PostedForm) -> HTMLResponse:
    """The same after the form changed: what can be read of it is kept in the draft."""
    problems = _save_claim(request, draft, _typed(form.raw()))
    return _coach_fragment(request, draft, problems)


# -- who, check, receipt ---------------------------------------------------------------------------


@router.get("/r/{report_id}/contact")
def contact(request: Request, draft: OwnDraft) -> HTMLResponse:
    """Who reports."""
    return _contact_page(request, draft, list(draft.reporters) or [ReporterInput("", "")])


@router.post("/r/{report_id}/contact")
def save_contact(request: Request, draft: OwnDraft, form: PostedForm) -> Response:
    """Keep who reports; the same form adds and removes joint reporters without a script."""
    rows = _people(form.raw())
    removed = form.line("remove", 4)
    if removed.isascii() and removed.isdigit() and 0 < int(removed) < len(rows):
        del rows[int(removed)]
        return _contact_page(request, draft, rows)
    if form.ticked("add"):
        return _contact_page(request, draft, [*rows, ReporterInput("", "")])
    given = [rows[0], *(row for row in rows[1:] if row.name or row.phone)]
    try:
        with runtime_of(request).write() as work:
            reporters.save_reporters(work, report_id=draft.report_id, reporters=given)
    except REFUSED as refusal:
        return _contact_page(request, draft, given, _with_blanks(problems_of(refusal), given))
    return see_other(f"/r/{draft.report_id}/check")


@router.get("/r/{report_id}/check")
def check(request: Request, draft: OwnDraft) -> Response:
    """Every answer once more, late and own repeats said plainly, then the declaration."""
    missing = _missing(request)
    if missing:
        return _evidence_page(request, draft, typed_of(draft.claim), missing)
    if not draft.reporters:
        return see_other(f"/r/{draft.report_id}/contact")
    return _check_page(request, draft)


@router.get("/r/{report_id}/done")
def done_again(request: Request, report_id: str) -> Response:
    """Who comes back is told the number, and may ask for the receipt with another code."""
    try:
        own_draft(request, report_id)
    except AlreadySubmitted as submitted:
        if submitted.report_id == report_id:
            return _already(request, submitted)
        raise NotHere from submitted
    return see_other(f"/r/{report_id}/check")


@router.post("/r/{report_id}/done")
def submit(request: Request, report_id: str, form: PostedForm) -> Response:
    """Receive the report and show number and code; the answer carries a session for its progress.

    Submitted again, because the answer was lost, it shows the same receipt with a new code in place
    of the first.
    """
    try:
        draft = own_draft(request, report_id)
    except AlreadySubmitted as submitted:
        return _receipt_again(request, report_id, submitted)
    undeclared = [] if form.ticked("truth") else [problem_of(BadField("TRUTH_REQUIRED", "truth"))]
    if undeclared:
        if not form.ticked("consent"):
            undeclared.append(problem_of(ConsentRequired()))
        return _check_page(request, draft, undeclared, form.raw())
    try:
        with runtime_of(request).write() as work:
            receipt = submitting.submit(
                work, report_id=draft.report_id, consent=form.ticked("consent")
            )
            session = accounts.reporter_session(work, receipt.report_id)
    except AlreadySubmitted as submitted:
        return _receipt_again(request, report_id, submitted)  # the other click of two was faster
    except REFUSED as refusal:
        return _check_page(request, draft, problems_of(refusal), form.raw())
    return _receipt_page(request, receipt, session)


def _receipt_again(request: Request, report_id: str, submitted: AlreadySubmitted) -> Response:
    if submitted.report_id != report_id:
        raise NotHere from submitted
    try:
        with runtime_of(request).write() as work:
            receipt = receipt_again(work, draft_key=request.cookies[DRAFT])
            session = accounts.reporter_session(work, receipt.report_id)
    except AlreadySubmitted as too_late:
        return _already(request, too_late)
    return _receipt_page(request, receipt, session, again=True)


def _receipt_page(
    request: Request, receipt: Receipt, session: str, *, again: bool = False
) -> Response:
    policy = policy_now(request)
    response = render(
        request,
        "passengers/done.html",
        status=HTTPStatus.CREATED,
        receipt=receipt,
        again=again,
        code=grouped_code(receipt.secret_code),
        days=policy.substance.window_working_days,
        answer_days=policy.procedure.answer_working_days,
    )
    set_cookie(response, REPORTER, session, secure=runtime_of(request).settings.secure_cookies)
    return response


# -- shared by these pages -------------------------------------------------------------------------


def sent_by_script(request: Request) -> bool:
    """Whether our own script sent the files and shows the answer itself."""
    return "application/json" in request.headers.get("accept", "")


def told_to_script(request: Request, refusal: Exception) -> JSONResponse:
    """Why a file was refused, in the words that the page would use."""
    problem = problem_of(refusal)
    told = {"code": problem.code, "message": problem.text(texts_of(request))}
    return JSONResponse(told, problem.status, headers=dict(problem.headers))


def policy_now(request: Request) -> Policy:
    """The policy in force at this instant."""
    runtime = runtime_of(request)
    return runtime.policies.procedure_at(runtime.now())


def amount_text(policy: Policy) -> str:
    """The reward in yuan, without fen where there are none."""
    fen = policy.substance.amount_fen
    return str(fen // 100) if fen % 100 == 0 else f"{fen // 100}.{fen % 100:02d}"


def grouped_code(code: str) -> str:
    """Sixteen digits in groups of four, to be read and copied by people."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def sights_text(texts: Texts, needed: SightsNeeded) -> str:
    """``route, plate, badge or plate, time`` in words."""
    words = []
    for part in needed.parts:
        if isinstance(part, Sight):
            words.append(texts.t(f"sight.{part}"))
        else:
            words.append(
                texts.t("list.or").join(texts.t(f"sight.{sight}") for sight in part.sights())
            )
    return texts.t("list.separator").join(words)


def told_by_text(texts: Texts, ways: Sequence[Way]) -> str:
    """How somebody will be told, in one sentence.

    Nobody is promised a message that nothing sends.
    """
    return texts.t(f"told_by.{'_'.join(ways)}")


def _prefill(line: str, plate: str) -> dict[str, str]:
    """What a QR code claims, in canonical form; what is no name is dropped without a word."""
    prefill = {"line": "", "plate": ""}
    for name, text, canonical in (
        ("line", line, canonical_route),
        ("plate", plate, canonical_plate),
    ):
        try:
            prefill[name] = canonical(text) if text and text_is_safe(text) else ""
        except InvalidName:
            continue
    return prefill


def _kinds_page(
    request: Request,
    prefill: Mapping[str, str],
    problems: Sequence[Problem] = (),
    status: int = HTTPStatus.OK,
) -> HTMLResponse:
    policy, texts = policy_now(request), texts_of(request)
    return render(
        request,
        "passengers/kinds.html",
        status=status,
        problems=problems,
        categories=policy.substance.categories.values(),
        sights_text=lambda category, medium: sights_text(texts, category.sights[medium]),
        phone=policy.procedure.counter.phone,
        **prefill,
    )


async def _page_in_thread(request: Request, draft: Draft, problems: Sequence[Problem]) -> Response:
    """Show the evidence page again from an asynchronous endpoint, without blocking the others."""
    return await run_in_threadpool(_evidence_page, request, draft, typed_of(draft.claim), problems)


def _evidence_page(
    request: Request, draft: Draft, typed: Mapping[str, str], problems: Sequence[Problem] = ()
) -> HTMLResponse:
    with runtime_of(request).read() as work:
        category = _category(work, draft)
        lines, notes = verification.coach(work, report_id=draft.report_id)
        now = work.now
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
        today=now.astimezone(ZONE).date().isoformat(),
        expires_at=draft.expires_at,
        photo_max=PHOTO_MAX_BYTES,
        video_max=VIDEO_MAX_BYTES,
        video_minutes=VIDEO_MAX_MINUTES,
        files_max=MOST_FILES,
    )


def _coach_fragment(request: Request, draft: Draft, problems: Sequence[Problem]) -> HTMLResponse:
    runtime, texts = runtime_of(request), texts_of(request)
    with runtime.read() as work:
        draft = drafts.draft_of(work, request.cookies[DRAFT])
        lines, notes = verification.coach(work, report_id=draft.report_id)
    return render(
        request,
        "passengers/coach.html",
        lines=lines if draft.evidence else (),
        notes=notes,
        reading=not all(draft.read.values()),
        suggestions=_suggestions(texts, lines, typed_of(draft.claim)),
        asking=True,
        coach_problems=[problem.text(texts) for problem in problems],
        advice=partial(advice, texts),
    )


def _contact_page(
    request: Request, draft: Draft, rows: Sequence[ReporterInput], problems: Sequence[Problem] = ()
) -> HTMLResponse:
    policy = policy_now(request)
    return render(
        request,
        "passengers/contact.html",
        status=problems[0].status if problems else HTTPStatus.OK,
        problems=problems,
        report_id=draft.report_id,
        rows=rows,
        most=policy.substance.joint_max_people,
        amount=amount_text(policy),
    )


def _check_page(
    request: Request,
    draft: Draft,
    problems: Sequence[Problem] = (),
    ticked: Mapping[str, str] | None = None,
) -> HTMLResponse:
    with runtime_of(request).read() as work:
        category = _category(work, draft)
        late = claims.late_already(work, report_id=draft.report_id)
        repeats = reporters.own_repeats(work, report_id=draft.report_id)
        lines, notes = verification.coach(work, report_id=draft.report_id)
    policy = policy_now(request)
    return render(
        request,
        "passengers/check.html",
        status=problems[0].status if problems else HTTPStatus.OK,
        problems=problems,
        report_id=draft.report_id,
        category=category,
        badge_asked=badge_asked(category),
        claim=draft.claim,
        evidence=draft.evidence,
        reporters=draft.reporters,
        told_by_text=partial(told_by_text, texts_of(request)),
        told_by=draft.told_by,
        late=late,
        own_repeats=repeats,
        lines=lines,
        notes=notes,
        reading=not all(draft.read.values()),
        suggestions=(),
        asking=False,
        coach_problems=(),
        advice=partial(advice, texts_of(request)),
        days=policy.substance.window_working_days,
        consent_version=policy.procedure.consent_version,
        ticked=ticked or {},
    )


def _already(request: Request, submitted: AlreadySubmitted) -> HTMLResponse:
    return render(
        request, "passengers/already.html", status=HTTPStatus.CONFLICT, submitted=submitted
    )


def _category(work: Work, draft: Draft) -> Category:
    claim = draft.claim
    if claim is None:
        raise NotHere
    policy = work.policies.substance_at(claim.violated_at or work.now)
    category = policy.substance.categories.get(claim.category)
    if category is None:
        raise UnknownCategory(claim.category)
    return category


def badge_asked(category: Category) -> bool:
    """Whether the driver's badge can serve in this category."""
    return any(Sight.BADGE in needed.sights() for needed in category.sights.values())


def accepted_names(category: Category) -> str:
    """The name endings that a file input for this category offers."""
    return accepted_endings(kind for kind in MediaKind if category.admits(kind))


def _slots(category: Category) -> tuple[Slot, ...]:
    accept = accepted_names(category)
    main = "violation" if category.admits(MediaKind.PHOTO) else "process"
    return Slot(main, accept), Slot("closeup", accept)


def _typed(raw: Mapping[str, str]) -> dict[str, str]:
    return {name: raw.get(name, "") for name in TYPED}


def _save_claim(request: Request, draft: Draft, typed: Mapping[str, str]) -> tuple[Problem, ...]:
    """Keep what can be read of the form in the draft; what can't be is returned."""
    category = draft.claim.category if draft.claim else ""
    read = read_claim(category, typed)
    try:
        with runtime_of(request).write() as work:
            claims.save_claim(work, report_id=draft.report_id, claim=read.claim)
    except REFUSED as refusal:
        return *problems_of(refusal), *read.problems
    return read.problems


def _missing(request: Request) -> tuple[Problem, ...]:
    """What must be there before contact details are asked for.

    A file, a time, a line, plate or badge.
    """
    with runtime_of(request).read() as work:
        fresh = drafts.draft_of(work, request.cookies[DRAFT])
        category = _category(work, fresh)
    claim = fresh.claim
    if claim is None:
        raise NotHere
    refusals: list[Exception] = []
    if not fresh.evidence:
        refusals.append(NoEvidence())
    absent = tuple(name for name in ("violated_at", "route") if getattr(claim, name) is None)
    if absent:
        refusals.append(ClaimIncomplete(absent))
    if claim.plate is None and not (badge_asked(category) and claim.badge):
        refusals.append(MissingIdentifier(()))
    return tuple(problem for refusal in refusals for problem in problems_of(refusal))


def _suggestions(
    texts: Texts, lines: Sequence[verification.CoachLine], typed: Mapping[str, str]
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
