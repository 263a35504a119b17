"""How far a stage walks: the rooms that one call enters, and how often it comes back to its own.

Watched with ``sys.setprofile`` while the call runs for real. Only the product's own rooms count.

- A *room* is a module of the pipeline. What the stages stand on is one room each, however many
  modules it has: the store, the scheme, the rewards, the verifiers, and the pipeline's floor
  (runtime, calendar, policies, settings). Whoever asks one of them does not walk on in it.
- A *stay* is a maximal stretch of the walk in one room that begins with a call into it from another
  room: "rooms entered". The stage's own room, in which it begins, is the first. Going on in a room
  after a call out of it was answered is no new stay.
- A *return* is coming back to the stage's own room after having left it, by an answer or by a call.

Making a value is no stay: the constructor that a dataclass generates for itself is not counted,
nor is ``pipeline.by_name``, which does nothing but call it.
Library code has no room: what it calls back is reached from where the library was called.

Before the stages were made *gather - rule - commit* (commit 0089226), a report of one person by
this same tool: ``submit`` 33 stays and 26 returns, ``decide`` 52 and 15. What holds now stands in
``tests/pipeline/test_walks.py``.
"""

import sys
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from types import FrameType
from typing import Final

HOUSE: Final = ("pipeline", "rewards", "scheme", "verifiers")
FLOOR: Final = ("calendar", "clock", "policies", "runtime", "settings", "whole_files")
"""Modules of the pipeline on which every stage stands."""

MAKES_VALUES: Final = "pipeline.by_name"

GENERATED: Final = "<string>"
"""The file name of code that ``dataclasses`` writes."""


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a call went: ``way`` names each room in the order of the walk, its own first."""

    own: str
    stays: int
    returns: int
    way: tuple[str, ...]


def room_of(module: str) -> str | None:
    """The room that a module belongs to; None outside the house."""
    house, _, inside = module.partition(".")
    if house not in HOUSE or module == MAKES_VALUES:
        return None
    if house != "pipeline":
        return house
    first = inside.partition(".")[0]
    if first in FLOOR:
        return "pipeline (floor)"
    return "pipeline.store" if first == "store" else module


def module_of(module: str) -> str | None:
    """The strictest reading: every module of the house is a room of its own."""
    if module.partition(".")[0] not in HOUSE or module == MAKES_VALUES:
        return None
    return module


def walk(
    stage: Callable[[], object],
    room: Callable[[str], str | None] = room_of,
    apart: Collection[str] = (),
) -> Walk:
    """Call ``stage`` once and tell its walk. What it raises passes on, unmeasured.

    ``apart``: stages of their own that are measured by themselves. To enter one is one stay; where
    it walks from there is not followed.
    """
    watched: list[tuple[str, bool]] = []
    inside: list[FrameType] = []

    def watch(frame: FrameType, event: str, _arg: object) -> None:
        here = _room_at(frame, room)
        if here is None:
            return
        if inside:
            if event != "return" or frame is not inside[-1]:
                return
            inside.pop()
        elif event == "call" and here in apart:
            inside.append(frame)
        if event == "call":
            watched.append((here, True))
        elif event == "return" and (caller := _room_above(frame, room)) is not None:
            watched.append((caller, False))

    sys.setprofile(watch)
    try:
        stage()
    finally:
        sys.setprofile(None)
    return _told(watched)


def _room_at(frame: FrameType, room: Callable[[str], str | None]) -> str | None:
    if frame.f_code.co_filename == GENERATED:
        return None
    return room(frame.f_globals.get("__name__", ""))


def _room_above(frame: FrameType, room: Callable[[str], str | None]) -> str | None:
    above = frame.f_back
    while above is not None:
        here = _room_at(above, room)
        if here is not None:
            return here
        above = above.f_back
    return None


def _told(watched: Iterable[tuple[str, bool]]) -> Walk:
    way: list[str] = []
    stays = 0
    for here, by_call in watched:
        if way and way[-1] == here:
            continue
        way.append(here)
        stays += by_call
    if not way:
        return Walk("", 0, 0, ())
    return Walk(way[0], stays, way.count(way[0]) - 1, tuple(way))
