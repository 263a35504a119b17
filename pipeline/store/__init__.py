"""The only room that speaks SQL.

Tables, migrations, and one module of functions for each kind of row.
"""
