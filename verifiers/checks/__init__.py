"""The checks: what was read, claimed and rostered goes in, findings come out; one module each.

Every module here is a check. None knows another, by pattern: what they share stands in
``verifiers.dossiers``, their table in ``verifiers.judging``. No pixel, file or clock is met here.
"""
