"""Posted forms, and a refused one as its page shows it again."""

import pytest

from api.forms import NEVER_SHOWN_AGAIN, Again, Posted
from api.turned_away import BadField, BadForm
from scheme.plain_text import ReasonRequired

POSTED = Posted({"reason": ["why"], "sights": ["plate", "time"], "csrf": ["token"]})


def test_what_was_typed_is_shown_in_the_form_that_was_refused_and_in_no_other() -> None:
    again = Again.of(ReasonRequired(), POSTED, "ask")
    assert again.is_of("ask")
    assert not again.is_of("explain")
    assert again.typed("reason", "saved", "ask") == "why"
    assert again.typed("reason", "saved", "explain") == "saved"
    assert [again.ticked("sights", sight, "ask") for sight in ("plate", "route")] == [True, False]
    assert not again.ticked("sights", "plate", "explain")


def test_its_problems_stand_at_its_own_fields() -> None:
    slips = BadForm((BadField("DAY_INVALID", "day"), BadField("CLOCK_INVALID", "clock")))
    problems = Again.of(slips, POSTED, "correct").problems
    assert [problem.field for problem in problems] == ["correct-day", "correct-clock"]
    assert [problem.field for problem in Again.of(slips, POSTED).problems] == ["day", "clock"]
    (whole,) = Again.of(BadField("FIELD_INVALID", ""), POSTED, "correct").problems
    assert whole.field == ""


@pytest.mark.parametrize("secret", sorted(NEVER_SHOWN_AGAIN))
def test_no_secret_and_no_document_is_filled_in_again(secret: str) -> None:
    again = Again.of(ReasonRequired(), Posted({secret: ["310101199001011234"]}))
    assert again.typed(secret) == ""


def test_a_form_that_nobody_refused_shows_what_is_saved() -> None:
    assert Again().typed("reason", "saved") == "saved"
    assert not Again().is_of("")
