"""A received report gets its receipt notice, once (R9)."""

from pipeline.answering import delivering
from tests.pipeline.desk import Desk


def test_the_receipt_names_number_and_times_but_never_the_code(desk: Desk) -> None:
    desk.submit()
    delivering.deliver_due(desk.runtime)
    (message,) = desk.in_the_sink("receipt")
    assert message["report_number"] in message["text"]
    assert "2026-03-10 10:00:00" in message["text"]
    assert "2026-03-13" in message["text"]  # three working days
    assert delivering.deliver_due(desk.runtime) == 0
