"""A random search through what officers may do, which goes on until it came by what it must."""

from collections.abc import Set as AbstractSet

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

ROUNDS = 4
"""Of the search at most: one meets nearly always all of it."""


def searched(
    machine: type[RuleBasedStateMachine],
    met: AbstractSet[str],
    must_be_met: AbstractSet[str],
    max_examples: int,
) -> None:
    """Run ``machine``, which adds to ``met`` what it comes by; without some it proves little.

    Raises AssertionError for a broken invariant, and where a situation was never met.
    """
    for _ in range(ROUNDS):
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=max_examples,
                stateful_step_count=20,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
        if met >= must_be_met:
            break
    assert met >= must_be_met
