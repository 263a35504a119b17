"""All routes of operations' room."""

from fastapi import APIRouter

from api.operations import (
    actions,
    calendar,
    calls,
    case,
    counter,
    handing_out,
    letters,
    on_the_spot,
    persons,
    queue,
    rewards,
    second_looks,
)

PARTS = (
    queue,
    case,
    actions,
    rewards,
    second_looks,
    counter,
    on_the_spot,
    handing_out,
    letters,
    calls,
    persons,
    calendar,
)

# Taken over as they are: ``include_router`` would build each of them a second time.
router = APIRouter(routes=[route for part in PARTS for route in part.router.routes])
