"""Blur undone: a patch's smear is told from its spectrum, then inverted as far as noise allows.

A smear is a motion (a line of some length and angle) or a softness (a Gaussian). Of a bank of them
the likeliest are those whose transfer function explains the patch's power spectrum best (Whittle's
likelihood), given that pictures fall off as 1/f² in power and noise is white; the same ratio of
noise to picture then makes the Wiener filter. The zeros in the spectrum tell length and angle of a
motion, so that one or two smears need to be tried, not the bank.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
"""(height, width), brightness."""

_Floats = NDArray[np.float32]
_Doubles = NDArray[np.floating[Any]]

_ROWS, _COLUMNS = 96, 192
"""Size of the spectrum: of what is larger the middle is taken."""

_LENGTHS = (4.0, 6.0, 7.5, 9.0, 11.0, 13.0, 16.0)
"""Pixels of motion tried: less needs no mending, more can't be undone at 48 px of plate."""

_ANGLES = tuple(range(-90, 90, 10))
"""Degrees tried: 0 to the right, clockwise; refined by 5 afterwards."""

_SOFTNESSES = (0.8, 1.2, 1.6, 2.0, 2.5, 3.0)
"""Pixels (σ) of softness tried."""

_NEAR_STRETCHES, _NEAR_TURNS = (0.93, 1.0, 1.07), (-5.0, 0.0, 5.0)
"""Times the length and degrees around the likeliest motion that are tried next: half a step of the
bank each way.
"""

_NOISES = (1e-3, 1e-2, 0.1, 1.0, 10.0)
"""Power of noise over the picture's at one cycle a pixel: a step of ten each. All of the bank is
chosen with the motions of ``benchmarks.plates`` in mind (9 px: 42 of 82 read became 69).
"""

_CAUTION = 10.0
"""Noise is taken this many times the fit: a smear is never told exactly, and ringing ruins more
than softness. Measured on the smeared sets, see ``docs/reading.md``.
"""

_PAD = 16
"""Pixels mirrored around a patch, so that its borders do not ring into it: the longest smear."""

_LOWEST, _HIGHEST = 0.04, 0.45
"""Cycles a pixel that are compared: neither the window's own lobe nor the spectrum's corners."""


@dataclass(frozen=True, slots=True)
class Smear:
    """A motion of ``length`` px at ``angle`` degrees, or a ``softness`` (σ in px).

    0 degrees are to the right, more is clockwise.

    ``noise``: power of the noise over the picture's at one cycle a pixel, as fitted.
    """

    length: float
    angle: float
    softness: float
    noise: float = 0.0


def likely_smears(grey: Grey) -> tuple[Smear, Smear]:
    """The likeliest motion and the likeliest softness of a patch."""
    power = _power(grey.astype(np.float32))
    motion = _best(power, _motions(), _bank(_motions()))
    near = tuple(
        replace(motion, length=motion.length * stretch, angle=motion.angle + turn)
        for stretch in _NEAR_STRETCHES
        for turn in _NEAR_TURNS
    )
    return _best(power, near, _powers(near)), _best(power, _softs(), _bank(_softs()))


def restored(patches: Sequence[Grey], smears: Sequence[Smear]) -> Grey:
    """One patch without its smear.

    Of several patches that lie over each other, one restored from all (Wiener).

    What the smear of one patch has wiped out another one, smeared otherwise, still has.
    """
    height, width = patches[0].shape
    rows, columns = (cv2.getOptimalDFTSize(side + 2 * _PAD) for side in (height, width))
    across, down = np.fft.rfftfreq(columns)[None, :], np.fft.fftfreq(rows)[:, None]
    above = np.zeros((rows, columns // 2 + 1), np.complex128)
    below = np.full(above.shape, 1e-6)
    for patch, smear in zip(patches, smears, strict=True):
        borders = (_PAD, rows - height - _PAD, _PAD, columns - width - _PAD)
        padded = cv2.copyMakeBorder(patch, *borders, cv2.BORDER_REFLECT_101).astype(np.float32)
        transfer = _transfer(smear, across, down)
        above += np.fft.rfft2(padded) * transfer
        below += transfer**2
    noise = _CAUTION * float(np.mean([smear.noise for smear in smears]))
    sharp = np.fft.irfft2(above / (below + noise * (across**2 + down**2)), s=(rows, columns))
    return np.clip(sharp[_PAD : _PAD + height, _PAD : _PAD + width] + 0.5, 0, 255).astype(np.uint8)


def _transfer(smear: Smear, across: _Doubles, down: _Doubles) -> _Doubles:
    turn = np.deg2rad(smear.angle)
    motion = np.sinc(smear.length * (across * np.cos(turn) + down * np.sin(turn)))
    soft = np.exp(-2 * (np.pi * smear.softness) ** 2 * (across**2 + down**2))
    return np.asarray(motion * soft)


@cache
def _motions() -> tuple[Smear, ...]:
    return tuple(Smear(length, float(angle), 0.0) for length in _LENGTHS for angle in _ANGLES)


@cache
def _softs() -> tuple[Smear, ...]:
    return tuple(Smear(0.0, 0.0, softness) for softness in _SOFTNESSES)


@cache
def _frequencies() -> tuple[_Doubles, _Doubles, NDArray[np.bool_]]:
    across, down = np.fft.rfftfreq(_COLUMNS)[None, :], np.fft.fftfreq(_ROWS)[:, None]
    radius = np.hypot(across, down)
    used = (radius > _LOWEST) & (radius < _HIGHEST)
    return across, down, used


def _powers(smears: tuple[Smear, ...]) -> _Floats:
    """(smears, used frequencies).

    The power of a picture that falls off as 1/f² behind each smear.
    """
    across, down, used = _frequencies()
    falling = (1 / np.maximum(across**2 + down**2, 1e-9))[used]
    return np.stack(
        [
            (_transfer(smear, across, down)[used] ** 2 * falling).astype(np.float32)
            for smear in smears
        ]
    )


@cache
def _bank(smears: tuple[Smear, ...]) -> _Floats:
    """The same, kept: for the smears that every patch is compared with."""
    return _powers(smears)


def _power(grey: _Floats) -> _Floats:
    """Power of a patch at the used frequencies; it fades out towards its borders."""
    top, left = max(0, (grey.shape[0] - _ROWS) // 2), max(0, (grey.shape[1] - _COLUMNS) // 2)
    grey = grey[top : top + _ROWS, left : left + _COLUMNS]
    window = np.outer(*(np.hanning(side + 2)[1:-1] for side in grey.shape))
    faded = (grey - np.average(grey, weights=window)) * window
    spectrum = np.abs(np.fft.rfft2(faded, s=(_ROWS, _COLUMNS))) ** 2
    return spectrum[_frequencies()[2]].astype(np.float32)


def _best(power: _Floats, smears: tuple[Smear, ...], powers: _Floats) -> Smear:
    misfits = []
    for noise in _NOISES:
        model = powers + np.float32(noise)
        misfits.append(np.log((power / model).mean(axis=1) + 1e-12) + np.log(model).mean(axis=1))
    row, column = divmod(int(np.argmin(misfits)), len(smears))
    return replace(smears[column], noise=_NOISES[row])
