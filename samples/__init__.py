"""Drawn evidence: buses, plates, clips and badges that never were, and what is in each.

Feeds tests, demo, benchmarks and docs. All plates, people and companies are invented; lettering is
Noto Sans CJK (SIL Open Font License 1.1, see ``samples.fonts``), so the pictures may be shown
anywhere.
"""

from samples.drawing import DrawnSample, UnknownSample, draw, draw_all, sample, write_manifest
from samples.manifest import SAMPLES, Expected, Sample
from samples.roster import roster_csv

manifest = SAMPLES

__all__ = [
    "SAMPLES",
    "DrawnSample",
    "Expected",
    "Sample",
    "UnknownSample",
    "draw",
    "draw_all",
    "manifest",
    "roster_csv",
    "sample",
    "write_manifest",
]
