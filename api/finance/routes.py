"""All routes of finance's room."""

from fastapi import APIRouter

from api.finance import balances, batches, statement

router = APIRouter()
for part in (balances, batches, statement):
    router.include_router(part.router)
