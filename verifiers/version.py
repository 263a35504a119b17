"""The reader's version: stands on every stored reading.

A new one makes old files worth reading again.
"""

READER_VERSION = "2026.11.6"
