"""All routes of finance's room."""

from fastapi import APIRouter

from api.finance import balances, batches, results, statement

PARTS = (balances, batches, results, statement)

# Taken over as they are: ``include_router`` would build each of them a second time.
router = APIRouter(routes=[route for part in PARTS for route in part.router.routes])
