"""Pages and the JSON API do the same on PostgreSQL.

What is tried of them elsewhere on SQLite is tried here again, unchanged.
"""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI

from api.app import create_app
from pipeline.store import events
from tests.api import (
    test_case_actions,
    test_counter,
    test_finance,
    test_json_api,
    test_operations,
    test_report_pages,
)
from tests.api.staff import Browser
from tests.api.test_json_api import Caller
from tests.api.visitor import Visitor
from tests.pipeline.desk import Desk

TEN_IN_THE_MORNING = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)
"""The clock of the passengers' tests: what their forms say happened the day before."""

Open = Callable[[str], Browser]


@pytest.fixture
def desk(desk_on_postgresql: Desk) -> Desk:
    """Where the tests of the pages ask for their desk, and their browsers come from."""
    return desk_on_postgresql


@pytest.fixture
def app(desk: Desk) -> FastAPI:
    """The application over it, on the morning of the passengers' tests."""
    desk.clock.at = TEN_IN_THE_MORNING
    return create_app(desk.runtime)


STAFF: tuple[Callable[[Desk, Open], None], ...] = (
    test_case_actions.test_a_corrected_claim_stands_beside_the_reporters,
    test_case_actions.test_cases_are_merged_by_number_and_split_again,
    test_case_actions.test_an_answered_report_is_reopened_before_it_is_decided_anew,
    test_case_actions.test_an_open_question_is_answered_beside_both_reports,
    test_counter.test_a_walk_in_is_verified_and_paid_on_the_spot,
    test_counter.test_a_reward_is_collected_for_a_top_up,
    test_counter.test_a_lost_code_is_replaced_against_the_document,
    test_counter.test_a_forfeited_reward_is_reinstated_by_two_people,
    test_finance.test_a_batch_from_built_to_closed,
    test_finance.test_balances_tie_and_say_where_the_money_is,
    test_operations.test_the_front_page_counts_what_waits_and_what_is_overdue,
    test_operations.test_the_queue_is_filtered_by_its_address,
    test_operations.test_a_paid_reward_that_is_not_due_any_more_is_clawed_back_by_decision,
)

PASSENGERS: tuple[Callable[[Visitor], None], ...] = (
    test_report_pages.test_the_whole_way_without_a_script,
    test_report_pages.test_submitting_again_gives_the_same_receipt_with_a_new_code_in_place_of_the_first,
    test_report_pages.test_a_stale_tab_is_told_and_shown_both_and_loses_nothing,
    test_report_pages.test_joint_reporters_are_added_removed_and_checked,
)

PROGRAMS: tuple[Callable[[Caller], None], ...] = (
    test_json_api.test_the_whole_way,
    test_json_api.test_nobody_submits_what_another_program_has_changed_since,
    test_json_api.test_guessing_codes_meets_a_wait_alike_for_numbers_that_exist_and_not,
)


def called(way: Callable[..., None]) -> str:
    return way.__name__.removeprefix("test_")


@pytest.mark.parametrize("way", STAFF, ids=called)
def test_staff(desk: Desk, browser: Open, way: Callable[[Desk, Open], None]) -> None:
    way(desk, browser)
    desk.books_hold()
    with desk.runtime.read() as work:
        assert events.verify(work.connection) is None


@pytest.mark.parametrize("way", PASSENGERS, ids=called)
def test_passengers(app: FastAPI, way: Callable[[Visitor], None]) -> None:
    way(Visitor(app))


@pytest.mark.parametrize("way", PROGRAMS, ids=called)
def test_programs(app: FastAPI, way: Callable[[Caller], None]) -> None:
    way(Caller(app))
