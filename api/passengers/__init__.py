"""Pages and JSON API for passengers: report a violation, follow the report, collect.

No accounts.
"""
