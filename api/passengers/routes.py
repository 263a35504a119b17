"""All routes of the passengers' room."""

from fastapi import APIRouter

from api.passengers import claim, contact, evidence, files, first_look, lines, receipt, tracking
from api.passengers.json_api import routes as json_api

router = APIRouter()
for part in (first_look, evidence, claim, files, contact, receipt, tracking, lines, json_api):
    router.include_router(part.router)
