"""The counter: HTTP only.

Pages for passengers, operations and finance, and a JSON API for passengers.

Every effect is a call into ``pipeline``; every text stands in the message catalogue under
``api/locale``.
"""
