"""The words that a contained child and its parent exchange.

Lengths, JSON and plain pixels: nothing is unpickled.

A message is two big-endian lengths, a JSON object, and raw bytes. Both sides refuse what is longer
than allowed.
"""

import json
import struct
from collections.abc import Mapping
from typing import Any, Protocol

from scheme.reading import MediaFacts, Readings, Span
from verifiers.media.protocol import Timeline

LENGTHS = struct.Struct(">II")
MOST_JSON = 16 * 1024 * 1024
MOST_BYTES = 256 * 1024 * 1024
"""Bytes of a message's text and of the pixels behind it: a picture of the most pixels that are
decoded fits. Chosen, not measured.
"""


class Channel(Protocol):
    """What both ends of a socket can do."""

    def sendall(self, data: bytes | memoryview, /) -> None:
        """Send all of ``data`` or raise ``OSError``."""
        ...

    def recv_into(self, buffer: memoryview, /) -> int:
        """Fill the beginning of ``buffer``; 0 when the other side has gone."""
        ...


class ChannelBroken(Exception):
    """The other side went away or does not speak as agreed."""


def send(
    channel: Channel, message: Mapping[str, object], payload: bytes | memoryview = b""
) -> None:
    """Send one message."""
    text = json.dumps(message, ensure_ascii=True, separators=(",", ":")).encode()
    channel.sendall(LENGTHS.pack(len(text), len(payload)) + text)
    if len(payload):
        channel.sendall(payload)


def receive(channel: Channel) -> tuple[dict[str, Any], bytearray]:
    """Wait for one message.

    Raises ``ChannelBroken``, and whatever the channel raises when it times out.
    """
    text_length, payload_length = LENGTHS.unpack(_exactly(channel, LENGTHS.size))
    if text_length > MOST_JSON or payload_length > MOST_BYTES:
        raise ChannelBroken("a message longer than agreed")
    try:
        message = json.loads(_exactly(channel, text_length))
    except ValueError as error:
        raise ChannelBroken("a message that is no JSON") from error
    if not isinstance(message, dict):
        raise ChannelBroken("a message that is no object")
    return message, _exactly(channel, payload_length)


def _exactly(channel: Channel, length: int) -> bytearray:
    data = bytearray(length)
    view, got = memoryview(data), 0
    while got < length:
        count = channel.recv_into(view[got:])
        if count == 0:
            raise ChannelBroken("the other side has gone")
        got += count
    return data


def facts_to_json(facts: MediaFacts) -> str:
    """Facts as text, in the pinned schema of readings."""
    return Readings(reader_version="", facts=facts).to_json()


def facts_from_json(text: str) -> MediaFacts:
    """The inverse of ``facts_to_json``. Raises ``ChannelBroken`` for anything else."""
    try:
        facts = Readings.from_json(text).facts
    except (ValueError, TypeError, KeyError, AttributeError, StopIteration) as error:
        raise ChannelBroken("no facts") from error
    if facts is None:
        raise ChannelBroken("no facts")
    return facts


def timeline_to_json(line: Timeline) -> dict[str, object]:
    """A timeline as a JSON object."""
    return {
        "frames_ms": line.frames_ms,
        "keyframes_ms": line.keyframes_ms,
        "gaps": [(gap.from_ms, gap.to_ms) for gap in line.gaps],
        "edit_lists": line.edit_lists,
        "duration_ms": line.duration_ms,
        "sizes": line.sizes,
    }


def timeline_from_json(data: Mapping[str, Any]) -> Timeline:
    """The inverse of ``timeline_to_json``. Raises ``ChannelBroken`` for anything else."""
    try:
        return Timeline(
            frames_ms=tuple(int(ms) for ms in data["frames_ms"]),
            keyframes_ms=tuple(int(ms) for ms in data["keyframes_ms"]),
            gaps=tuple(Span(int(begin), int(end)) for begin, end in data["gaps"]),
            edit_lists=int(data["edit_lists"]),
            duration_ms=int(data["duration_ms"]),
            sizes=tuple(int(size) for size in data["sizes"]),
        )
    except (ValueError, TypeError, KeyError) as error:
        raise ChannelBroken("no timeline") from error
