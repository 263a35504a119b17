"""The eyes: ``read`` looks at one file once, ``judge`` answers the checks over what was read.

Importing this package costs nothing: the decoders, models and checks behind the two functions are
loaded when they are first called, so the web process may import it freely.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scheme.dossier import Dossier
    from scheme.finding import Finding
    from scheme.policy import Policy
    from scheme.reading import Readings
    from verifiers.media.protocol import Media


def read(media: Media) -> Readings:
    """Everything the eyes see in one opened file; slow, once per file and reader version.

    Never raises for bad media: what could not be read stands in ``Readings.failures``, the rest is
    kept.
    """
    # Loads cv2 and onnxruntime
    from verifiers.reading.read import read as read_media  # noqa: PLC0415

    return read_media(media)


def judge(dossier: Dossier, policy: Policy) -> tuple[Finding, ...]:
    """The findings of every check over one report's readings; pure, in milliseconds."""
    # The web process may never judge
    from verifiers.judging.judge import judge as judge_dossier  # noqa: PLC0415

    return judge_dossier(dossier, policy)
