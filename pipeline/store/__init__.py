"""The only room that speaks SQL: tables, migrations, and one module of functions for each kind of row."""
