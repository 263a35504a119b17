"""Before a draft: what counts, what is paid, what evidence must show; then a report is begun."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api.auth import DRAFT, runtime_of
from api.forms import PostedForm
from api.limits import text_is_safe
from api.pages import policy_now, render, see_other, texts_of
from api.passengers.wording import amount_text
from api.problems import Problem, problem_of
from api.rates import Kind, count
from api.texts import Texts
from api.turned_away import BadField
from pipeline.receiving import claims, drafts
from scheme.finding import Sight
from scheme.naming import InvalidName, canonical_plate, canonical_route
from scheme.policy import SightsNeeded
from scheme.report import Channel, Claim

REMEMBERED_DAYS: Final = 30
"""So long after its end a browser still knows its draft, and hears that it has expired."""
DAY_S: Final = 86_400

router = APIRouter(include_in_schema=False)


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
        max_age=(policy.procedure.draft_days + REMEMBERED_DAYS) * DAY_S,
        httponly=True,
        secure=runtime.settings.secure_cookies,
        samesite="lax",
    )
    return response


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
        line=prefill["line"],
        plate=prefill["plate"],
    )
