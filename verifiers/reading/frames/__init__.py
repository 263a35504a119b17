"""Frames of a recording: which of them are worth a look, and how they look beside each other.

No plate, sign or clock is read here.
"""
