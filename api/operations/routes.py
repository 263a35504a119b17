"""All routes of operations' room."""

from fastapi import APIRouter

from api.operations import (
    actions,
    calendar,
    calls,
    case,
    counter,
    letters,
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
    letters,
    calls,
    persons,
    calendar,
):
    router.include_router(part.router)
