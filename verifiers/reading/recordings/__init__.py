"""Recordings: what is read and followed over time, and how the recording itself runs.

One picture at a time is read in the rooms below; how to decode is never known here.
"""
