"""Who works here: the people behind the desk and what their role lets them do."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody may do; one role an account."""

    OPERATIONS = "operations"
    COUNTER = "counter"
    FINANCE = "finance"
    AUDITOR = "auditor"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who works here, as stages know them."""

    account_id: str
    login: str
    display_name: str
    role: Role
    demo: bool = False
