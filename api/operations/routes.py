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

router = APIRouter()
for part in (
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
):
    router.include_router(part.router)
