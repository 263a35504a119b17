"""Signs and numbers: line names, lit boards that can't be read, numbers on people and vehicles.

Texts in view go in, what they can be comes out. No list of known lines or badges is ever asked.
"""
