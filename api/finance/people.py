"""Who may use finance's pages."""

from typing import Annotated

from fastapi import Depends

from api.auth import require_role
from scheme.staff import Account, Role

Treasurer = Annotated[Account, Depends(require_role(Role.FINANCE))]
"""Somebody in finance. Which steps of a batch need different people is the pipeline's to say."""
