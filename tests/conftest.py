"""What all tests share.

In CI a service that is missing is a failure, not a skip. What tests write lies in memory where
there is room: each commit waits for the disk, and each test has an installation of its own.
"""

import os
from collections.abc import Generator

import pytest
from hypothesis import settings

from tests.disks import quick_folder

pytest_plugins = [
    "tests.compiled",
    "tests.drawings",
    "tests.fixtures",
    "tests.postgresql",
    "tests.staffed",
    "tests.statements",
]

WHERE_TESTS_WRITE = "PYTEST_DEBUG_TEMPROOT"
"""pytest's own name for it; ``--basetemp`` goes before it."""


settings.register_profile("any machine", deadline=None)
"""How long one example takes says how busy the machine is, and nothing about the product."""

settings.load_profile("any machine")


def pytest_configure() -> None:
    """Before anybody asks for a temporary folder, and for the pytest that a test starts too."""
    folder = quick_folder()
    if folder is not None:
        os.environ.setdefault(WHERE_TESTS_WRITE, str(folder))


LONGEST_FIRST = ("tests/test_tour.py", "tests/anomalies/", "tests/browser/")
"""Where one test, or what its module sets up, takes many seconds.

A process that has done its half takes over the end of the other's: short tests, and no module whose
set-up would be done twice.
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with LONGEST_FIRST; all else stays in its order."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST_FIRST))


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
