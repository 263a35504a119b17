"""The rules and nouns of the scheme.

Pure: standard library only, no clock, no files, no logging.
"""
