"""Plates: found, straightened, read under the grammar of Chinese plates, and said to be sure where measured.

Pixels and texts in, plates out. Which of them the passenger means is never asked here.
"""
