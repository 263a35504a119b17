"""Faults of the reader itself.

Where one arose, never what it says, since an error's text may hold what was read.
"""

import traceback

_MOST_STEPS = 8
"""Steps of a trace that are told: enough to name the place. Chosen, not measured."""


def place_of(fault: BaseException) -> str:
    """The way to ``fault`` as ``module:line function``, its own place first.

    Of a long way the nearest steps.
    """
    steps = traceback.extract_tb(fault.__traceback__)[-_MOST_STEPS:]
    return " < ".join(
        f"{_module(step.filename)}:{step.lineno} {step.name}" for step in reversed(steps)
    )


def _module(filename: str) -> str:
    """The last two parts of a path.

    Enough to find the file, nothing of where the product is installed.
    """
    return "/".join(filename.replace("\\", "/").split("/")[-2:])
