"""All routes of operations' room."""

from fastapi import APIRouter

from api.operations import actions, case, counter, letters, queue, rewards

router = APIRouter()
for part in (queue, case, actions, rewards, counter, letters):
    router.include_router(part.router)
