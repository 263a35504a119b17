"""Plates: found, straightened, read under their grammar, sure only where measured.

Pixels and texts in, plates out. Which of them the passenger means is never asked here.
"""
