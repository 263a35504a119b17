"""When a file was taken: every statement in it becomes an interval, and the best one is the base.

Here statements are read, put right and weighed against each other. Nothing here knows the claim's
tolerance, and nothing is a finding: ``verifiers.checks.capture_time`` says what follows.
"""
