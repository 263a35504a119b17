"""What is stored as JSON comes back as it was, and the same noun is always the same bytes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import NewType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheme.codec import from_json, to_json

Digest = NewType("Digest", str)


class Colour(StrEnum):
    """Of a bus."""

    RED = "red"
    GREEN = "green"


@dataclass(frozen=True)
class Wheel:
    """One of several."""

    radius_m: float
    seen_at: datetime | None = None


@dataclass(frozen=True)
class Bus:
    """One of each kind of field that nouns have."""

    digest: Digest
    colour: Colour | None
    number: int
    certain: bool
    wheels: tuple[Wheel, ...]
    spare: Wheel | None
    names: Mapping[str, str]


instants = st.datetimes(
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=8))]),
    min_value=datetime(1970, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
)
wheels = st.builds(Wheel, radius_m=st.floats(0, 9, allow_nan=False), seen_at=st.none() | instants)
buses = st.builds(
    Bus,
    digest=st.text(max_size=9).map(Digest),
    colour=st.none() | st.sampled_from(Colour),
    number=st.integers(),
    certain=st.booleans(),
    wheels=st.lists(wheels, max_size=3).map(tuple),
    spare=st.none() | wheels,
    names=st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3),
)


@given(buses)
def test_a_noun_comes_back_as_it_was(bus: Bus) -> None:
    assert from_json(Bus, to_json(bus)) == bus


@given(st.lists(buses, max_size=3).map(tuple))
def test_several_nouns_come_back_in_their_order(several: tuple[Bus, ...]) -> None:
    assert from_json(tuple[Bus, ...], to_json(several)) == several


@given(buses)
def test_the_order_of_a_mapping_does_not_change_the_bytes(bus: Bus) -> None:
    turned = Bus(**{**vars(bus), "names": dict(reversed(list(bus.names.items())))})
    assert to_json(turned) == to_json(bus)


def test_texts_stand_as_they_are_read() -> None:
    assert "沪A12345" in to_json(Bus(Digest("沪A12345"), None, 1, True, (), None, {}))  # noqa: FBT003 - a field


def test_a_value_that_is_none_of_the_kind_is_refused() -> None:
    stored = json.loads(to_json(Bus(Digest("a"), Colour.RED, 1, True, (), None, {})))  # noqa: FBT003 - a field
    for damaged in ({**stored, "colour": "blue"}, {**stored, "doors": 2}, {"digest": "a"}):
        with pytest.raises((TypeError, ValueError, KeyError)):
            from_json(Bus, json.dumps(damaged))
