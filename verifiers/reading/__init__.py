"""Pixels become ``Readings``: texts, plates, line signs, badges, clocks, motion, fingerprints.

No rule lives here.
"""
