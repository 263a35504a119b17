"""What all tests share: in CI a service that is missing is a failure, not a skip."""

import os
from collections.abc import Generator

import pytest

pytest_plugins = ["tests.fixtures", "tests.postgresql", "tests.staffed", "tests.statements"]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
    call: pytest.CallInfo[None],
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip whose reason starts with "needs service" into a failure where CI is set.

    Such a skip says that ``make services`` did not do its work; a skip for absent real data stays a
    skip.
    """
    report = yield
    if os.environ.get("CI") and report.skipped and isinstance(report.longrepr, tuple):
        reason = report.longrepr[2].removeprefix("Skipped: ")
        if reason.startswith("needs service"):
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid}: in CI every service must be there: {reason}"
    return report
