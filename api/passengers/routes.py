"""All routes of the passengers' room."""

from fastapi import APIRouter

from api.passengers import claim, contact, evidence, files, first_look, lines, receipt, tracking
from api.passengers.json_api import routes as json_api

PARTS = (first_look, evidence, claim, files, contact, receipt, tracking, lines, json_api)

# Taken over as they are: ``include_router`` would build each of them a second time.
router = APIRouter(routes=[route for part in PARTS for route in part.router.routes])
