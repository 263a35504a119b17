"""What all benchmarks measure with.

Processor seconds, memory, intervals, and rivals that take turns.

Progress goes to stderr; the result is one JSON object on the last line of stdout.
"""

import json
import math
import resource
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

_Z = 1.959964
_UNIT = 1 if sys.platform == "darwin" else 1024  # ru_maxrss counts bytes there, KiB elsewhere
_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Cost:
    """``cpu_s``: user + system time of this process and its ended children; ``wall_s``.

    Time that passed.
    """

    cpu_s: float
    wall_s: float


def cost_of(work: Callable[[], object]) -> Cost:
    """Run ``work`` once and tell what it cost. Children count when they have been waited for."""
    cpu, wall = cpu_seconds(), time.perf_counter()
    work()
    return Cost(cpu_seconds() - cpu, time.perf_counter() - wall)


def cpu_seconds() -> float:
    """User + system seconds so far, of this process and of its children that have ended."""
    used = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def peak_rss_mib(*, children: bool = False) -> float:
    """Largest resident size so far in MiB.

    Of this process, or of the largest child that has ended.
    """
    who = resource.RUSAGE_CHILDREN if children else resource.RUSAGE_SELF
    return round(resource.getrusage(who).ru_maxrss * _UNIT / _MIB, 1)


def take_turns(
    rivals: Mapping[str, Callable[[], object]], rounds: int, warm_up: int = 1
) -> dict[str, list[Cost]]:
    """Run the rivals in turn, ``rounds`` times, so that a busy moment meets all of them alike."""
    costs: dict[str, list[Cost]] = {name: [] for name in rivals}
    for number in range(warm_up + rounds):
        for name, work in rivals.items():
            cost = cost_of(work)
            if number >= warm_up:
                costs[name].append(cost)
    return costs


def median_cpu(costs: Sequence[Cost]) -> float:
    """Median processor seconds."""
    return statistics.median(cost.cpu_s for cost in costs)


def share(right: int, total: int) -> float | None:
    """``right / total`` to four digits; ``None`` of nothing."""
    return round(right / total, 4) if total else None


def wilson(right: int, total: int) -> tuple[float, float] | None:
    """The 95 % interval of a share (Wilson 1927); ``None`` of nothing."""
    if not total:
        return None
    rate, spread = right / total, _Z * _Z / total
    middle = rate + spread / 2
    half = _Z * math.sqrt(rate * (1 - rate) / total + spread / (4 * total))
    return round(max(0.0, (middle - half) / (1 + spread)), 4), round(
        min(1.0, (middle + half) / (1 + spread)), 4
    )


def with_interval(key: str, right: int, total: int) -> dict[str, object]:
    """``{key: share, key_ci: interval}``, ready to stand in a result."""
    return {key: share(right, total), f"{key}_ci": wilson(right, total)}


def quantile(values: Sequence[float], at: float) -> float | None:
    """The value below which the share ``at`` of ``values`` lies (nearest rank).

    ``None`` of nothing.
    """
    ordered = sorted(values)
    return (
        ordered[min(len(ordered) - 1, max(0, math.ceil(at * len(ordered)) - 1))]
        if ordered
        else None
    )


def progress(text: str) -> None:
    """Tell a person how far it is, on stderr."""
    print(text, file=sys.stderr, flush=True)


def result(figures: Mapping[str, object]) -> None:
    """Print the result: one JSON object on one line of stdout. Call it last."""
    print(json.dumps(figures, ensure_ascii=False), flush=True)
