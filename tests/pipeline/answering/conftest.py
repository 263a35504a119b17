"""What the tests of this room share."""

import pytest

from pipeline.runtime import Runtime
from pipeline.staff import accounts
from scheme.staff import Role
from tests.pipeline.answering.office import Office


@pytest.fixture
def office(runtime: Runtime) -> Office:
    """With one officer, and nothing reported yet."""
    with runtime.write() as work:
        officer = accounts.create_account(work, "li", "李警官", Role.OPERATIONS, "correct horse")
    return Office(runtime, officer)
