"""Pixels become ``Readings``: texts, plates, line signs, badges, clocks, motion, fingerprints.

No rule lives here. ``read`` is the door, ``gathered`` what has been read so far; what all rooms
share (``pictures``, ``models``, ``legibility`` and the like) stands beside them.
"""
