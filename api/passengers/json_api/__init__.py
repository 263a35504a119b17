"""The JSON API for passengers: the steps of the pages, cut the same way, for somebody's own app.

Every refusal is one ``ProblemBody``; nothing sent is echoed.
"""
