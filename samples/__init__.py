"""Drawn evidence: buses, plates, clips and badges that never were, and what is in each.

Feeds tests, demo, benchmarks and docs. All plates, people and companies are invented; lettering is
Noto Sans CJK (SIL Open Font License 1.1, see ``samples.fonts``), so the pictures may be shown
anywhere.
"""
