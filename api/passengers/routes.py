"""All routes of the passengers' room."""

from fastapi import APIRouter

from api.passengers import json_api, report, tracking

router = APIRouter()
for part in (report, tracking, json_api):
    router.include_router(part.router)
