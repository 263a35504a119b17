"""All checks together: judging a report, coaching its draft, telling what its files show.

What a single check weighs is never decided here.
"""
