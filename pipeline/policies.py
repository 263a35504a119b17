"""Policy files, shipped and the installation's, and what of them this version can't do.

The scheme reads every text that was ever in force. Whether the product can do what a text asks for
is looked at here, before it is taken: what can't be done is refused by name, never passed over.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from importlib.resources import files as package_files
from pathlib import Path
from typing import Final

from pipeline.languages import LANGUAGES
from rewards.known_channels import CHANNELS
from scheme.finding import Sight
from scheme.policy import Category, Policy, PolicyRef, SightsNeeded
from scheme.policy_book import PolicyBook
from scheme.policy_reading import parse_policy
from scheme.policy_text import PolicyError
from scheme.reading import MediaKind

ZONE: Final = "Asia/Shanghai"
"""The one zone that pages, lists and notices show times in."""

WITH_FLOOR: Final = frozenset({Sight.PLATE, Sight.ROUTE, Sight.BADGE})
"""Sights read with a confidence: a floor for another would be compared with nothing."""

KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,49}")
LONGEST_CONSENT_VERSION: Final = 40


def load_policies(
    folder: Path | None, kept: Callable[[PolicyRef], str | None] = lambda _ref: None
) -> PolicyBook:
    """The shipped policies and those in ``folder``.

    Raises PolicyError, also for what this version can't do.
    """
    shipped = [
        file
        for file in package_files("scheme").joinpath("policies").iterdir()
        if file.name.endswith(".toml")
    ]
    if folder and not folder.is_dir():
        raise PolicyError(str(folder), "is no folder; BUSREPORT_POLICIES names it")
    further = sorted(folder.glob("*.toml")) if folder else []
    files = [*shipped, *further]
    return PolicyBook((read_policy_file(file.read_bytes()) for file in files), kept)


def read_policy_file(content: bytes) -> Policy:
    """One policy out of its file. Raises PolicyError, also for what is no text."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise PolicyError("policy", f"is no text in UTF-8, from byte {problem.start} on") from None
    return read_policy(text)


def read_policy(text: str) -> Policy:
    """One policy that the product can do. Raises PolicyError."""
    policy = parse_policy(text)
    for problem in _undoable(policy):
        raise problem
    return policy


def _undoable(policy: Policy) -> Iterator[PolicyError]:
    for key, name in (("id", policy.policy_id), ("version", policy.version)):
        if not NAME.fullmatch(name):
            yield PolicyError(
                f"policy.{key}", f"{name!r} is no name: up to 50 letters, digits, '.', '_' and '-'"
            )
    if policy.zone.key != ZONE:
        yield PolicyError("policy.zone", f"must be {ZONE}: that is what pages and notices show")
    yield from _languages("policy.title", policy.title)
    for sight in policy.substance.confidence:
        if sight not in WITH_FLOOR:
            yield PolicyError(
                f"policy.substance.confidence.{sight}",
                "is read without a confidence: no floor applies",
            )
    for category in policy.substance.categories.values():
        yield from _category(category)
    yield from _procedure(policy)


def _category(category: Category) -> Iterator[PolicyError]:
    path = f"policy.substance.categories.{category.key}"
    if not KEY.fullmatch(category.key):
        yield PolicyError(path, "is no key: up to 40 small letters, digits and '_'")
    yield from _languages(f"{path}.names", category.names)
    yield from _languages(f"{path}.describes", category.describes)
    for kind, needed in category.sights.items():
        if _has_empty_list(needed):
            yield PolicyError(
                f"{path}.sights.{kind}", "holds an empty list: nobody could say whether it is met"
            )
        if kind is MediaKind.PHOTO and Sight.PROCESS in needed.sights():
            yield PolicyError(
                f"{path}.sights.{kind}",
                "asks a photo for the whole process, which only a video can show",
            )


def _has_empty_list(needed: SightsNeeded) -> bool:
    return not needed.parts or any(
        isinstance(part, SightsNeeded) and _has_empty_list(part) for part in needed.parts
    )


def _procedure(policy: Policy) -> Iterator[PolicyError]:
    procedure, counter = policy.procedure, policy.procedure.counter
    for key in ("draft_days", "hold_minutes"):
        if getattr(procedure, key) == 0:
            yield PolicyError(f"policy.procedure.{key}", "must be at least 1")
    if not 0 < len(procedure.consent_version) <= LONGEST_CONSENT_VERSION:
        yield PolicyError(
            "policy.procedure.consent_version", f"must have 1 to {LONGEST_CONSENT_VERSION} signs"
        )
    if counter.opens >= counter.closes:
        yield PolicyError("policy.procedure.counter.closes", "must be later in the day than opens")
    yield from _languages("policy.procedure.counter.address", counter.address)
    yield from _languages("policy.procedure.claim.documents", procedure.documents)
    for key in ("default_channel", "on_the_spot_channel"):
        if getattr(procedure, key) not in CHANNELS:
            known = ", ".join(sorted(CHANNELS))
            yield PolicyError(
                f"policy.procedure.payout.{key}",
                f"must be one of {known}, is {getattr(procedure, key)!r}",
            )
            return
    if not CHANNELS[procedure.on_the_spot_channel].paid_at_collection:
        yield PolicyError(
            "policy.procedure.payout.on_the_spot_channel",
            "must be one that pays as it is handed over",
        )


def _languages(path: str, names: Mapping[str, str]) -> Iterator[PolicyError]:
    for language in names:
        if language not in LANGUAGES:
            served = ", ".join(LANGUAGES)
            yield PolicyError(f"{path}.{language}", f"is read by nobody: served are {served}")
