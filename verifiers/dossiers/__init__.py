"""What every check may ask of a dossier: which files were read, how well, which vehicle is meant.

Answers only. No finding is made here, and no check is known.
"""
