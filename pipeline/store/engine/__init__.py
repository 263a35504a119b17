"""What the store needs of a database, and how each engine gives it.

One module an engine, side by side; nothing outside this folder speaks an engine's own words,
migrations apart. ``opening`` picks one by the URL. Never a table, never a row.
"""
