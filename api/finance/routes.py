"""All routes of finance's room."""

from fastapi import APIRouter

from api.finance import balances, batches

router = APIRouter()
for part in (balances, batches):
    router.include_router(part.router)
