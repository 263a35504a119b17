"""All routes of the JSON API."""

from fastapi import APIRouter

from api.passengers.json_api import contact, evidence, first_look, following, receipt
from api.passengers.json_api.access import REFUSALS

router = APIRouter(prefix="/api/v1", tags=["passengers"], responses=REFUSALS)
for part in (first_look, evidence, contact, receipt, following):
    router.include_router(part.router)
