"""Texts: where they stand and what they say, as the networks tell it.

What a text means (a plate, a line, a clock) is never asked here.
"""
