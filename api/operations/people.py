"""Who may use which of these pages: one name a role, for the signature of every route."""

from typing import Annotated

from fastapi import Depends

from api.auth import require_role
from scheme.staff import Account, Role

Officer = Annotated[Account, Depends(require_role(Role.OPERATIONS))]
"""Reviews and decides; never sees a card number."""

Clerk = Annotated[Account, Depends(require_role(Role.COUNTER))]
"""Stands at the counter; sees the counter's pages only."""

OfficerOrClerk = Annotated[Account, Depends(require_role(Role.OPERATIONS, Role.COUNTER))]
"""Either: rewards that wait to be collected."""

OfficerOrAdmin = Annotated[Account, Depends(require_role(Role.OPERATIONS, Role.ADMIN))]
"""Either: the calendar. What waits for it is shown to officers only."""
