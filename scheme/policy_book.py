"""Which policy judges what: substance by the violation's instant, procedure by the step's.

The texts of versions that are loaded no more come from whoever keeps them.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from scheme.policy import Policy, PolicyRef
from scheme.policy_reading import parse_policy
from scheme.policy_text import PolicyError


class PolicyBook:
    """The versions of the scheme, oldest first, and which of them judges what.

    A policy is in force until the next one begins. ``kept`` gives the text of a version that is
    among them no more.
    """

    def __init__(
        self,
        policies: Iterable[Policy],
        kept: Callable[[PolicyRef], str | None] = lambda _ref: None,
    ) -> None:
        """Raises PolicyError for none, for two from one instant, or for two in force at once."""
        self.policies = tuple(sorted(policies, key=lambda policy: policy.effective_from))
        self._kept = kept
        self._by_ref: dict[PolicyRef, Policy] = {}
        if not self.policies:
            raise PolicyError("policies", "there must be at least one")
        for earlier, later in zip(self.policies, self.policies[1:], strict=False):
            if earlier.effective_from == later.effective_from:
                raise PolicyError(
                    f"{later.ref}.effective_from", f"is the instant at which {earlier.ref} begins"
                )
            if earlier.effective_to is not None and earlier.effective_to > later.effective_from:
                raise PolicyError(
                    f"{earlier.ref}.effective_to", f"lies after {later.ref} begins; leave it out"
                )
        for policy in reversed(self.policies):
            self._by_ref[policy.former_ref] = policy
        self._by_ref.update({policy.ref: policy for policy in self.policies})

    def substance_at(self, violated_at: datetime) -> Policy:
        """The policy that judges a violation of that instant.

        Before the first one, the first (it refuses, R1).
        """
        return self._at(violated_at)

    def procedure_at(self, step_at: datetime) -> Policy:
        """The policy whose procedure rules a step taken at that instant."""
        return self._at(step_at)

    def ends(self, policy: Policy) -> datetime | None:
        """When ``policy``, one of ``policies``, ends: as it says, or as the next one begins.

        None while it is open.
        """
        if policy.effective_to is not None:
            return policy.effective_to
        later = self.policies[self.policies.index(policy) + 1 :]
        return later[0].effective_from if later else None

    def by_ref(self, ref: PolicyRef) -> Policy:
        """The very version that a row names, be its file changed or gone.

        Raises PolicyError for one never used.
        """
        if ref not in self._by_ref:
            text = self._kept(ref)
            if text is None:
                raise PolicyError(str(ref), "is neither among the policies loaded nor kept")
            self._by_ref[ref] = parse_policy(text)
        return self._by_ref[ref]

    def _at(self, at: datetime) -> Policy:
        begun = [policy for policy in self.policies if policy.effective_from <= at]
        return begun[-1] if begun else self.policies[0]
