"""All routes of the passengers' room."""

from fastapi import APIRouter

from api.passengers import json_api, lines, report, tracking

router = APIRouter()
for part in (report, lines, tracking, json_api):
    router.include_router(part.router)
