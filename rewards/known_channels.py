"""The channels that there are: whatever stands in ``rewards/channels`` with its ``CHANNEL``."""

import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType

from rewards import channels
from rewards.payout import PayoutChannel


class UnknownChannel(Exception):
    """No channel of that key: a policy or a share names one that this version does not have."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def _channels() -> Mapping[str, PayoutChannel]:
    modules = (
        importlib.import_module(f"{channels.__name__}.{module.name}")
        for module in pkgutil.iter_modules(channels.__path__)
    )
    known: list[PayoutChannel] = [module.CHANNEL for module in modules]
    return MappingProxyType({channel.key: channel for channel in known})


CHANNELS = _channels()


def channel_named(key: str) -> PayoutChannel:
    """The channel of that key. Raises UnknownChannel."""
    try:
        return CHANNELS[key]
    except KeyError as problem:
        raise UnknownChannel(key) from problem
