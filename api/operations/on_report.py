"""What is done to one report, by a form of its case page.

The officer, the version that was looked at, the act and its record in one transaction; then the
case page that says so, the form again at its field, or what somebody else did meanwhile (409).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, TypeVar

from fastapi import Depends, Request, Response

from api.acting import act
from api.auth import TOKEN_FIELD, runtime_of
from api.forms import Again, Posted, PostedForm
from api.operations import case_page
from api.operations.case import case_response, report_in
from api.operations.people import Officer
from api.operations.queue import case_path
from api.pages import render, see_other
from api.problems import problem_of
from pipeline.deciding import looking
from pipeline.runtime import Work
from scheme.case import StaleVersion
from scheme.staff import Account

Result = TypeVar("Result")

VERSION: Final = "row_version"
LOOKED_AT: Final = "looked_at"
NEXT: Final = "next"
"""Fields that belong to the moment of looking: they are not kept for another try."""


@dataclass(frozen=True, slots=True)
class FormOnReport:
    """A form about one report, posted by an officer."""

    request: Request
    officer: Account
    report_id: str
    posted: Posted

    @property
    def reason(self) -> str:
        """Why it is done. Raises BadField."""
        return self.posted.text("reason")

    @property
    def row_version(self) -> int:
        """The version that was looked at. Raises BadField."""
        return self.posted.number(VERSION)

    def do(self, name: str, change: Callable[[Work], object]) -> Response:
        """Act; then the case page, which says that ``name`` was done."""
        return self.go_on(name, change, lambda _: self.case_page(did=name))

    def go_on(
        self,
        name: str,
        change: Callable[[Work], Result],
        then: Callable[[Result], Response],
    ) -> Response:
        """Act, and go on with ``then``. ``name`` is the form's, on the page and in its address."""

        def as_looked_at(work: Work) -> Result:
            if VERSION in self.posted.fields:
                looking.require_version(work, self.report_id, self.row_version)
            return change(work)

        return act(self.request, self.posted, as_looked_at, then=then, again=self._again, form=name)

    def case_page(self, *, done: bool = False, did: str = "") -> Response:
        """To the case page; ``done`` offers to undo what was decided just now."""
        return see_other(
            case_path(self._case_id(), self.report_id, self.report_id if done else ""), did
        )

    def _again(self, again: Again) -> Response:
        if isinstance(again.refusal, StaleVersion):
            return self._changed_meanwhile(again.refusal, again.form)
        return case_response(self.request, self.officer, self._case_id(), self.report_id, again)

    def _changed_meanwhile(self, stale: StaleVersion, form: str) -> Response:
        """What happened since, and the same form with the version that is now."""
        with runtime_of(self.request).read() as work:
            case = looking.case_around(work, self.report_id)
            policy = work.policies.procedure_at(work.now)
        kept = [
            (key, value)
            for key, values in self.posted.fields.items()
            for value in values
            if key not in (TOKEN_FIELD, VERSION, LOOKED_AT, NEXT)
        ]
        since = _instant(self.posted.line(LOOKED_AT, 40))
        return render(
            self.request,
            "operations/stale.html",
            status=problem_of(stale).status,
            case=case,
            report=report_in(case, self.report_id),
            changes=case.latest(since),
            numbers=case_page.numbers_by_subject(case),
            kept=kept,
            form_name=form,
            policy=policy,
        )

    def _case_id(self) -> str:
        with runtime_of(self.request).read() as work:
            return looking.case_of(work, self.report_id)


def form_on_report(
    request: Request, officer: Officer, report_id: str, posted: PostedForm
) -> FormOnReport:
    """A dependency of every such form's POST: an officer, and our own form."""
    return FormOnReport(request, officer, report_id, posted)


OnReport = Annotated[FormOnReport, Depends(form_on_report)]


def _instant(text: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant if instant.tzinfo else None
