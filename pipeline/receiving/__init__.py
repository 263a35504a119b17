"""From the first file to the receipt: drafts, files, claims, reporters, letters. Judges nothing.

What may be claimed and what is received are rules of the scheme (``scheme.claim``,
``scheme.submission``): the stage gathers, asks, commits.
"""
