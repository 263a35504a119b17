"""The channels as the counter and finance meet them: which one is promised now, its name."""

from collections.abc import Mapping

from pipeline.runtime import Work
from rewards.known_channels import UnknownChannel, channel_named
from rewards.payout import PayoutChannel


def by_batch(work: Work) -> PayoutChannel | None:
    """The channel by which a batch pays what is collected now.

    None where the policy pays by what is handed over only.
    """
    procedure = work.policies.procedure_at(work.now).procedure
    channel = channel_named(procedure.default_channel)
    return None if channel.paid_at_collection else channel


def fields_of(channel: PayoutChannel | None) -> tuple[str, ...]:
    """The fields that the counter asks for; none where no account is needed."""
    if channel is None or channel.account is None:
        return ()
    return tuple(part.field for part in channel.account.parts)


def known(key: str) -> PayoutChannel | None:
    """The channel of that key; None where its file is gone."""
    try:
        return channel_named(key)
    except UnknownChannel:
        return None


def names_of(key: str) -> Mapping[str, str]:
    """What people call a channel, by language; its key where its file is gone."""
    channel = known(key)
    return channel.names if channel is not None else {"en": key}
