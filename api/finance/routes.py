"""All routes of finance's room."""

from fastapi import APIRouter

from api.finance import balances, batches, results, statement

router = APIRouter()
for part in (balances, batches, results, statement):
    router.include_router(part.router)
