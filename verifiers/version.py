"""The reader's version: stands on every stored reading, and a new one makes old files worth reading again."""

READER_VERSION = "2026.11.3"
