"""How many drafts, files, wrong codes and wrong log-ins may be sent at a time.

By one client, and by all together.

Token buckets in the memory of one server process, bounded in number: a limit that wrote to the
database would take the very lock that it protects. Several processes each count for themselves.
Codes and log-ins that are right cost nothing, because many honest people share one address.
"""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from fastapi import Request

from api.callers import caller_of
from api.turned_away import TooMany

MOST_CLIENTS: Final = 20_000
"""Clients remembered; the one that was longest away is forgotten first, and its bucket has mostly
filled again.
"""
EVERYBODY: Final = ""


class Kind(StrEnum):
    """What is counted."""

    DRAFT = "draft"
    FILE = "file"
    CODE = "code"
    LOG_IN = "log_in"


class Rate(NamedTuple):
    """So many at once, and so many a second after that."""

    burst: float
    per_s: float


class Limit(NamedTuple):
    """For one client, and for all together."""

    one: Rate
    everybody: Rate


LIMITS: Final[Mapping[Kind, Limit]] = MappingProxyType(
    {
        Kind.DRAFT: Limit(Rate(600, 2), Rate(3000, 20)),
        Kind.FILE: Limit(Rate(1200, 4), Rate(6000, 40)),
        Kind.CODE: Limit(Rate(30, 0.1), Rate(300, 2)),
        Kind.LOG_IN: Limit(Rate(30, 0.1), Rate(120, 2)),
    }
)
"""Generous: a telephone company lets thousands of phones share one address."""


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float

    def fill(self, rate: Rate, now: float) -> None:
        self.left, self.at = min(rate.burst, self.left + (now - self.at) * rate.per_s), now


@dataclass(slots=True)
class Rates:
    """The buckets of one server process. ``factor`` multiplies every limit; 0: none."""

    factor: float = 1.0
    clock: Callable[[], float] = time.monotonic
    buckets: "OrderedDict[tuple[Kind, str], _Bucket]" = field(default_factory=OrderedDict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, kind: Kind, client: str) -> None:
        """Count one of ``kind`` by ``client``. Raises TooMany, and counts nothing then."""
        if not self.factor:
            return
        with self.lock:
            now = self.clock()
            pairs = [
                (self._bucket(kind, name, rate, now), rate)
                for name, rate in self._rates(kind, client)
            ]
            wait_s = max((1 - bucket.left) / rate.per_s for bucket, rate in pairs)
            if wait_s > 0:
                raise TooMany(kind, math.ceil(wait_s))
            for bucket, _ in pairs:
                bucket.left -= 1

    def give_back(self, kind: Kind, client: str) -> None:
        """It was none after all."""
        with self.lock:
            for name, _ in self._rates(kind, client):
                bucket = self.buckets.get((kind, name))
                if bucket is not None:
                    bucket.left += 1

    def _rates(self, kind: Kind, client: str) -> tuple[tuple[str, Rate], ...]:
        return tuple(
            (name, Rate(rate.burst * self.factor, rate.per_s * self.factor))
            for name, rate in ((client, LIMITS[kind].one), (EVERYBODY, LIMITS[kind].everybody))
        )

    def _bucket(self, kind: Kind, name: str, rate: Rate, now: float) -> _Bucket:
        bucket = self.buckets.get((kind, name))
        if bucket is None:
            bucket = self.buckets[kind, name] = _Bucket(rate.burst, now)
            if len(self.buckets) > MOST_CLIENTS:
                self.buckets.popitem(last=False)
        self.buckets.move_to_end((kind, name))
        bucket.fill(rate, now)
        return bucket


def count(request: Request, kind: Kind) -> None:
    """Count one draft or file of this client. Raises TooMany."""
    _rates_of(request).take(kind, _client(request))


@contextmanager
def guesses(request: Request, kind: Kind) -> Iterator[None]:
    """Count one code or log-in of this client, unless the block finds it right. Raises TooMany."""
    rates = _rates_of(request)
    client = _client(request)
    rates.take(kind, client)
    yield
    rates.give_back(kind, client)


def _client(request: Request) -> str:
    return caller_of(request).household or "nobody"


def _rates_of(request: Request) -> Rates:
    rates: Rates = request.app.state.rates
    return rates
