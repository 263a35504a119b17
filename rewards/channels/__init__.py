"""The ways to pay: one file each, that defines ``CHANNEL`` and knows no other.

Nothing else knows a channel by its name; ``known_channels`` finds whatever stands here.
"""
