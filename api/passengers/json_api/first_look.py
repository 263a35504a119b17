"""Before a draft: the kinds of violation in force, and the beginning of a report."""

from http import HTTPStatus

from fastapi import APIRouter, Request

from api.auth import runtime_of
from api.pages import policy_now
from api.passengers.json_api.bodies import CategoryBody, OpenedDraftBody, sights_body
from api.rates import Kind, count
from pipeline.receiving import drafts
from scheme.report import Channel

router = APIRouter()


@router.get("/categories")
def categories(request: Request) -> list[CategoryBody]:
    """The kinds of violation in force now."""
    return [
        CategoryBody(
            key=category.key,
            names=dict(category.names),
            describes=dict(category.describes),
            kinds=list(category.kinds),
            sights={kind: sights_body(needed) for kind, needed in category.sights.items()},
        )
        for category in policy_now(request).substance.categories.values()
    ]


@router.post("/drafts", status_code=HTTPStatus.CREATED)
def open_draft(request: Request) -> OpenedDraftBody:
    """Begin a report."""
    count(request, Kind.DRAFT)
    with runtime_of(request).write() as work:
        opened = drafts.open_draft(work, channel=Channel.API)
    return OpenedDraftBody(report_id=opened.report_id, draft_key=opened.draft_key)
