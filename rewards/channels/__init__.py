"""The ways to pay.

A new one is one file here that defines ``CHANNEL``; nothing else knows it by name.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType

from rewards.payout import PayoutChannel


class UnknownChannel(Exception):
    """No channel of that key: a policy names one that this version does not have."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def _found() -> Mapping[str, PayoutChannel]:
    modules = (
        importlib.import_module(f"{__name__}.{found.name}")
        for found in pkgutil.iter_modules(__path__)
    )
    channels: list[PayoutChannel] = [module.CHANNEL for module in modules]
    return MappingProxyType({channel.key: channel for channel in channels})


CHANNELS = _found()


def channel_named(key: str) -> PayoutChannel:
    """The channel of that key. Raises UnknownChannel."""
    try:
        return CHANNELS[key]
    except KeyError as problem:
        raise UnknownChannel(key) from problem
