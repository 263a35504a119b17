"""The way of reports and of their money through the store is the same on PostgreSQL.

What is tried of the stages elsewhere on SQLite is tried here again, unchanged.
"""

from collections.abc import Callable
from contextlib import suppress

import pytest

from pipeline.paying import audit
from pipeline.store import events
from tests import guards
from tests.pipeline.deciding import test_correcting, test_deciding
from tests.pipeline.desk import Desk
from tests.pipeline.paying import (
    test_audit,
    test_collecting,
    test_coverage,
    test_forfeiture,
    test_lines,
    test_never_twice,
    test_paying,
    test_presenting,
    test_returned_lists,
)
from tests.pipeline.store import test_events_rule_nothing


@pytest.fixture
def desk(desk_on_postgresql: Desk) -> Desk:
    """Where the tests of the stages ask for their desk."""
    return desk_on_postgresql


WAYS: tuple[Callable[[Desk], None], ...] = (
    test_deciding.test_three_joint_reporters_share_fifty_yuan_and_the_first_named_collects,
    test_deciding.test_undoing_takes_the_reward_and_the_answers_back,
    test_deciding.test_an_answered_report_is_only_decided_again_after_reopening,
    test_deciding.test_splitting_takes_the_reward_along_and_both_cases_are_settled,
    test_deciding.test_merging_two_rewarded_cases_leaves_the_first_reports_reward,
    test_deciding.test_the_queue_is_sorted_by_due_time_and_found_by_plate,
    test_correcting.test_a_walk_in_is_registered_like_any_report_and_the_clerk_is_on_record,
    test_correcting.test_different_stays_different,
    test_correcting.test_a_correction_stands_beside_what_the_reporter_said,
    test_correcting.test_another_category_is_another_incident,
    test_never_twice.test_a_merge_that_is_split_again_pays_nobody_a_second_time,
    test_never_twice.test_undoing_a_superseding_decision_leaves_the_answer_that_was_given,
    test_forfeiture.test_forfeited_is_reinstated_by_two_people_and_then_collected,
    test_presenting.test_without_the_name_on_the_screen_nothing_is_confirmed,
    test_presenting.test_a_document_of_which_nothing_was_said_is_forgotten,
    test_coverage.test_a_reward_moves_through_what_is_asked_of_the_fund,
    test_collecting.test_on_the_spot_waits_for_earlier_reports_that_may_be_the_same,
    test_collecting.test_what_was_paid_wrongly_is_clawed_back_before_another_is_paid,
    test_paying.test_a_batch_from_collection_to_paid,
    test_paying.test_a_list_without_some_of_its_lines_leaves_them_open,
    test_returned_lists.test_what_was_confirmed_is_offered_for_the_next_list_of_the_channel,
    test_returned_lists.test_two_people_with_two_lists_answer_each_line_once,
    test_returned_lists.test_a_list_is_kept_for_an_hour_and_for_one_session,
    test_lines.test_all_shares_of_a_reward_and_of_a_card_are_one_line_with_the_shares_under_it,
    test_lines.test_a_line_that_is_refused_gives_all_its_shares_back_with_the_reason,
    test_lines.test_a_share_keeps_the_account_it_was_collected_with,
    test_lines.test_a_batch_holds_the_shares_of_one_channel_and_the_page_offers_each,
)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__.removeprefix("test_"))
def test_it_is_the_same(desk: Desk, way: Callable[[Desk], None]) -> None:
    way(desk)
    desk.books_hold()
    with desk.runtime.read() as work:
        assert events.verify(work.connection) is None


def test_no_stage_needs_the_log(desk: Desk) -> None:
    busy = test_events_rule_nothing.Busy(desk)
    test_events_rule_nothing.test_without_its_log_every_stage_shows_and_does_the_same(busy)


class PutBack(Exception):
    """Nothing of the tampering stays, so that the next one finds sound books."""


def test_tampering_is_found(desk: Desk) -> None:
    books = test_audit.filled(desk)
    with books.runtime.read() as work:
        kept = audit.verify(work).head
    money = [tamper for tamper, _ in test_audit.MONEY.values()]
    for tamper in (*money, *(tamper for tamper, _ in test_audit.CHAIN_ALONE.values())):
        with suppress(PutBack), books.runtime.write() as work:
            guards.take_away(work.connection)
            tamper(work.connection)
            assert not audit.verify(work, kept).sound
            raise PutBack
    with books.runtime.read() as work:
        assert audit.verify(work, kept).sound
