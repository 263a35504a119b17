"""Clocks that a camera drew into the picture: in one text, and over the frames of a recording.

What a file's own data say of its time is read where files are opened, never here.
"""
