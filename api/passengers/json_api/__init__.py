"""The JSON API for passengers: the same steps as the pages, cut the same way, for an app of somebody's own.

Every refusal is one ``ProblemBody``; nothing sent is echoed.
"""
