"""A contained child whose decoder fails: it eats memory, does not answer, or dies by a signal.

``python -m tests.pipeline.containment.failing_child WORD``: the product's own child, in its cell.
It opens any ordinary file, hands out the first frame asked for, and then does what WORD says. So
the guards are tried without a file that would do the same to other people's programs.
"""

import signal
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from verifiers.media import child

PIECE_BYTES = 16 << 20


def eat() -> None:
    """Take memory until the kernel refuses."""
    pieces = []
    while True:
        pieces.append(bytearray(PIECE_BYTES))


def sleep() -> None:
    """Answer nothing, and end with whoever waits no longer."""
    time.sleep(600)


def die() -> None:
    """End as a decoder does that wrote where it may not."""
    signal.raise_signal(signal.SIGSEGV)


FAILURES: Mapping[str, Callable[[], None]] = {"eats": eat, "sleeps": sleep, "dies": die}


class FailingAnswers(child._Answers):
    """Answers whose second frame never comes."""

    def next_frame(self, question: dict[str, Any]) -> None:
        if question["ask"] == "next":
            FAILURES[sys.argv[1]]()
        super().next_frame(question)


if __name__ == "__main__":
    child.main(FailingAnswers)
